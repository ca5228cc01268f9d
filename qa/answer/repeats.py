"""What has been quoted already, so that nothing is quoted twice, in the same words or nearly."""

import re

_FEWEST = 5  # words of a sentence that can nearly repeat another
_CAPITALISED = re.compile(r"(?<=\s)[^\W\d_]\w*")
# Two sentences that differ in one of these do not say the same.
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "dozen", "dozens"),
    *("hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions"),
)
_TURNS = (
    *("no", "not", "never", "nobody", "none", "nothing", "without", "neither", "nor", "unlikely"),
    *("less", "more", "fewer", "before", "after", "all", "some", "most", "half"),
)
_DECIDE = frozenset((*_NUMBERS, *_TURNS))


class QuotedText:
    """The words of the quotes so far, as `comparable` makes them."""

    def __init__(self) -> None:
        self._quoted: list[str] = []
        self._all = ""
        self.sentences: list[frozenset[str]] = []  # the words of the sentence that each was made of

    def add(self, sentence: str, quoted: str) -> None:
        """Note a quote; it may hold more than the sentence it was made of, or a part of that."""
        self._quoted.append(f"{quoted}\n{sentence}")
        self._all = "\n".join(self._quoted)
        self.sentences.append(frozenset(sentence.split()))

    def at(self, sentence: str) -> int | None:
        """Which quote, counted from 0, has a sentence's very words; None if none has."""
        if sentence not in self._all:
            return None
        return next(number for number, text in enumerate(self._quoted) if sentence in text)


def nearly_repeats(sentence: str, words: str, said: QuotedText, share: float) -> int | None:
    """Which quote, counted from 0, a sentence nearly repeats: most words the same, and no number or name another.

    Args:
        sentence: as it stands in its article.
        words: of the sentence, as `comparable` makes them.
        share: of the words of both that they must have in common.
    """
    own = frozenset(words.split())
    if len(own) < _FEWEST:
        return None
    like = (number for number, other in enumerate(said.sentences) if len(own & other) >= share * len(own | other))
    return next((number for number in like if not _tells_apart(sentence, own, said.sentences[number])), None)


def _tells_apart(sentence: str, own: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the words that only one of two sentences has are such as change what it says."""
    differing = own ^ other
    if differing & _DECIDE or any(any(character.isdigit() for character in word) for word in differing):
        return True
    names = {word.casefold() for word in _CAPITALISED.findall(sentence) if word[0].isupper()}
    return bool(names & (own - other))
