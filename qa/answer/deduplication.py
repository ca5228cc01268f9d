"""Deduplication: each statement is quoted once, and its other places are listed beside the quote."""

import re
from dataclasses import replace

from qa.library.snapshot import Snapshot
from qa.search.ranking import RankedSentence
from qa.text.near_duplicates import containment, shingles_around
from qa.text.quotation import LONGEST_QUOTE
from qa.types.articles import Place, Quote
from qa.types.settings import Settings

_FEWEST_WORDS = 5  # of a near duplicate
_CAPITALIZED = re.compile(r"(?<=\s)[^\W\d_]\w*")
# Sentences that differ in one of these words do not say the same.
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "dozen", "dozens"),
    *("hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions"),
)
_QUALIFIERS = (
    *("no", "not", "never", "nobody", "none", "nothing", "without", "neither", "nor", "unlikely"),
    *("less", "more", "fewer", "before", "after", "all", "some", "most", "half"),
)
_DECISIVE = frozenset((*_NUMBERS, *_QUALIFIERS))


class QuotedText:
    """The words of the quotes so far, as `normalize_words` returns them."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._joined = ""
        self.word_sets: list[frozenset[str]] = []  # of the sentence that each quote was made from

    def add(self, sentence: str, quote: str) -> None:
        """Add a quote and the sentence it was made from. Either may be longer."""
        self._texts.append(f"{quote}\n{sentence}")
        self._joined = "\n".join(self._texts)
        self.word_sets.append(frozenset(sentence.split()))

    def find(self, sentence: str) -> int | None:
        """Return the index of the quote with a sentence's exact words, or None."""
        if sentence not in self._joined:
            return None
        return next(index for index, text in enumerate(self._texts) if sentence in text)


def find_near_duplicate(sentence: str, words: str, quoted: QuotedText, share: float) -> int | None:
    """Return the index of the quote that a sentence nearly repeats: most words in common, and the same numbers and names.

    Args:
        sentence: as written in its article.
        words: of the sentence, as `normalize_words` returns them.
        share: the least Jaccard similarity of the two sets of words.
    """
    own = frozenset(words.split())
    if len(own) < _FEWEST_WORDS:
        return None
    for index, other in enumerate(quoted.word_sets):
        if len(own & other) >= share * len(own | other) and not _differs_in_meaning(sentence, own, other):
            return index
    return None


def _differs_in_meaning(sentence: str, own: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether the words that only one of two sentences has include a number, a negation or a name."""
    difference = own ^ other
    if difference & _DECISIVE or any(any(character.isdigit() for character in word) for word in difference):
        return True
    names = {word.casefold() for word in _CAPITALIZED.findall(sentence) if word[0].isupper()}
    return bool(names & (own - other))


def is_same_story(quote: Quote, sentence: RankedSentence, snapshot: Snapshot, settings: Settings) -> bool:
    """Tell whether a quote and a near duplicate of it are from two prints of one text, such as an agency report."""
    article, span = snapshot.article(quote.article.id), sentence.span
    if article is None or article.id == sentence.passage.article_id:
        return False
    shingles = shingles_around(article, quote.start, quote.end)
    return containment(shingles, shingles_around(sentence.passage.article, span.start, span.end)) >= settings.same_text


def add_place(quote: Quote, duplicate: RankedSentence) -> Quote:
    """Add the place of a duplicate to a quote, unless the quote contains or lists it already."""
    start, end = duplicate.span.start, duplicate.span.end
    if end - start > LONGEST_QUOTE:  # only an excerpt of so long a sentence was quoted
        start = duplicate.passage.article.text.find(quote.text, start, end)
        end = start + len(quote.text)
        if start < 0:
            return quote
    place = Place(duplicate.passage.reference, start, end)
    is_inside = quote.article.id == place.article.id and start < quote.end and quote.start < end
    return quote if is_inside or place in quote.also_in else replace(quote, also_in=(*quote.also_in, place))
