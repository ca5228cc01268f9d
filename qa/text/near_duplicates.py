"""Compare texts by shingles, to find near duplicates."""

import re

from qa.types.articles import Article

_SHINGLE = 4  # words
_AROUND = 3_000  # characters compared on either side of a span
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WORDS_ONLY = bytes(byte if _WORD.match(chr(byte)) else ord(" ") for byte in range(128)).ljust(256)  # for bytes.translate

Shingles = frozenset[tuple[str, ...]]


def normalize_words(text: str) -> str:
    """Return a text's words in lower case, with a single space before, between and after them."""
    if text.isascii():  # translating bytes is many times faster than matching characters
        return f" {' '.join(text.lower().encode().translate(_WORDS_ONLY).decode().split())} "
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def shingles_around(article: Article, start: int, end: int) -> Shingles:
    """Return the shingles of four words around a span. The window is fixed, so that a long article costs no more."""
    return _shingles(normalize_words(article.text[max(0, start - _AROUND) : end + _AROUND]).split())


def shingles(text: str) -> Shingles:
    """Return the shingles of four words of a text, or of four characters in scripts without spaces."""
    return _shingles(normalize_words(_UNSPACED.sub(r" \g<0> ", text)).split())


def _shingles(words: list[str]) -> Shingles:
    return frozenset(zip(*(words[at:] for at in range(_SHINGLE)), strict=False)) or frozenset([tuple(words)])


def containment(one: Shingles, other: Shingles) -> float:
    """Return the share of the smaller set of shingles that the other contains, 0 to 1. It stays high for a shortened story.

    Source: Broder, On the resemblance and containment of documents, 1997.
    """
    return len(one & other) / min(len(one), len(other))
