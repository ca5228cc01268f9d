"""Hints: why nothing is quoted, where the question itself tells it, and what to do."""

from collections.abc import Sequence

from embeddings import DEFAULT_MODEL
from qa.text.language import detect_language
from qa.types.articles import Passage

OTHER_LANGUAGE = (
    "The question is in another language than the articles that come nearest, and this library's encoder knows English alone: "
    "ask in the language of the articles, or run `pullquote reembed --model multilingual` to find answers across languages."
)
_SHARE_CHARACTERS = frozenset({"zh", "ja"})  # a question in Chinese characters alone may be in either


def find_hint(question: str, passages: Sequence[Passage], model: str) -> str | None:
    """Return what to tell a person whose question is in another language than all passages found, or None.

    Args:
        passages: the evidence, of which none answers.
        model: the name of the library's encoder. Only the default one is known to read English alone.
    """
    asked = detect_language(question)
    languages = {_language_of(passage) for passage in passages} - {None}
    if model != DEFAULT_MODEL or asked is None or not languages or asked in languages:
        return None
    return None if asked == "zh" and languages & _SHARE_CHARACTERS else OTHER_LANGUAGE


def _language_of(passage: Passage) -> str | None:
    """Return the language of a passage, or that of its article where the words do not tell."""
    return detect_language(passage.text) or passage.article.language
