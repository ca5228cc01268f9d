"""Whether two texts are one text, printed twice with little changed."""

from qa.library.records import comparable
from qa.types.articles import Article

_SHINGLE = 4  # words
_AROUND = 3_000  # characters on either side of a place that are compared

Shingles = frozenset[tuple[str, ...]]


def shingles_around(article: Article, start: int, end: int) -> Shingles:
    """The runs of four words in the text around a place, however long the article is."""
    words = comparable(article.text[max(0, start - _AROUND) : end + _AROUND]).split()
    return frozenset(zip(*(words[at:] for at in range(_SHINGLE)), strict=False)) or frozenset([tuple(words)])


def containment(one: Shingles, other: Shingles) -> float:
    """The share of the runs of the text with fewer that the other has too, 0 to 1; so a story that was cut is still the same.

    Source: Broder, On the resemblance and containment of documents, 1997.
    """
    return len(one & other) / min(len(one), len(other))
