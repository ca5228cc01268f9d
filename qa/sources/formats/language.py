"""Which language a text is written in, guessed where its format does not say."""

from functools import cache
from typing import Any

_CHARACTERS = 2_000  # from the beginning that are looked at; a fourth of a millisecond
_LETTERS = 40  # fewer are a name or a heading, and a guess on them is often wrong
_PROBABILITY = 0.8  # below it nothing is said; 100 letters of English are 0.8 nineteen times in twenty


def guess(text: str) -> str | None:
    """The language in ISO 639-1, or None where there is too little text or too little to choose between languages."""
    beginning = text[:_CHARACTERS]
    if sum(map(str.isalpha, beginning)) < _LETTERS:
        return None
    language, probability = model().classify(beginning)
    return language if probability >= _PROBABILITY and len(language) == 2 else None


@cache
def model() -> Any:
    """What guesses, loaded once; it is unpacked into a temporary file, so this is done before files may not be written."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
