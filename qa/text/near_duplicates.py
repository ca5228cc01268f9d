"""Near duplicates: how much of one text another repeats."""

import re

from qa.types.articles import Article

_SHINGLE = 4  # words
_AROUND = 3_000  # characters on either side of a place that are compared
_WORD = re.compile(r"\w+")
_WORDS_ONLY = bytes(byte if _WORD.match(chr(byte)) else ord(" ") for byte in range(128)).ljust(256)  # a table of ASCII

Shingles = frozenset[tuple[str, ...]]


def normalize_words(text: str) -> str:
    """Return a text's words in lower case, with a single space before, between and after them."""
    if text.isascii():  # translating bytes is many times faster than matching characters
        return f" {' '.join(text.lower().encode().translate(_WORDS_ONLY).decode().split())} "
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def shingles_around(article: Article, start: int, end: int) -> Shingles:
    """Return the runs of four words in the text around a place, however long the article is."""
    words = normalize_words(article.text[max(0, start - _AROUND) : end + _AROUND]).split()
    return frozenset(zip(*(words[at:] for at in range(_SHINGLE)), strict=False)) or frozenset([tuple(words)])


def containment(one: Shingles, other: Shingles) -> float:
    """Return the share of the shorter text's runs that the other has too, 0 to 1. A shortened story still has most of them.

    Source: Broder, On the resemblance and containment of documents, 1997.
    """
    return len(one & other) / min(len(one), len(other))
