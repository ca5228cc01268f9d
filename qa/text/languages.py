"""Languages: identify that of a text."""

from functools import cache
from typing import Any

_SAMPLE = 2_000  # characters; identifying their language takes a quarter of a millisecond
_MIN_LETTERS = 40  # fewer are a name or a heading, for which the guess is often wrong
_MIN_PROBABILITY = 0.8  # which 100 letters of English reach in 19 of 20 cases


def identify_language(text: str) -> str | None:
    """Return the language in ISO 639-1, or None if there is too little text or the choice is not clear."""
    sample = text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _MIN_LETTERS:
        return None
    language, probability = load_identifier().classify(sample)
    return language if probability >= _MIN_PROBABILITY and len(language) == 2 else None


@cache
def load_identifier() -> Any:
    """Load the model, once. It is unpacked into a temporary file, which a confined process may not write."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
