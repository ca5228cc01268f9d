"""Hyphens at the end of lines: those that only break a word are dropped, those of the word itself stay."""

import re
from collections.abc import Iterable
from itertools import pairwise

from embeddings.vocabulary import default_vocabulary
from qa.sources.formats.pdf.lines import Line

_HYPHENATED = re.compile(r"([^\W\d_]+)[-‐]$")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_CONJUNCTION = re.compile(r"(?:und|oder|bzw|and|or|to|et|ou)\b")  # "pre- and post-war": the hyphen stands for a word
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")  # Chinese and Japanese
# Beginnings of English words that are words themselves
_PREFIXES = (
    *("ab", "ad", "anti", "be", "bi", "com", "con", "de", "dis", "em", "en", "ex", "for", "fore", "il", "im", "in", "inter"),
    *(
        "ir",
        "mis",
        "out",
        "over",
        "para",
        "per",
        "pre",
        "pro",
        "re",
        "sub",
        "super",
        "sur",
        "trans",
        "un",
        "under",
        "up",
        "with",
    ),
)
_MAX_RANK = 20_000  # of a word that may be half of a compound; rarer tokens are names and parts of words
_LEAST_ENGLISH = 0.6  # of a document's words, so that it is judged by English ones


class LineEnds:
    """Joins the lines of a document, whose own words tell first how a word is written."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: set[str] = set()
        broken = []
        for last, line in pairwise((*lines, Line("", 0, 0, 0, 0, 0))):
            self._words |= {word.lower() for word in _WORD.findall(_HYPHENATED.sub("", last.text))}
            head, tail = _HYPHENATED.search(last.text), _LETTERS.match(line.text)
            if head and tail:
                broken.append((head[1] + tail[0]).lower())
        tokens = default_vocabulary()
        self._is_english = sum(word in tokens for word in self._words) >= _LEAST_ENGLISH * len(self._words)
        self._breaks_words = any(self._is_known(word) for word in broken)

    def join(self, left: str, right: str) -> tuple[str, str]:
        """Return a line and what stands between it and the next."""
        if left.endswith("\u00ad"):
            return left[:-1], ""
        if re.search(r"\w[-‐]$", left):
            if _CONJUNCTION.match(right):
                return left, " "
            head, tail = _HYPHENATED.search(left), _LETTERS.match(right)
            is_word = head and tail and len(head[1]) > 1 and head[1][-1].islower() and tail[0].islower()
            if not head or not tail or not is_word or self._has_hyphen(head[1], tail[0].lower()):
                return left, ""
            return left[:-1], ""
        is_unspaced = left.endswith("—") or (_UNSPACED.match(left[-1]) and _UNSPACED.match(right))
        return left, "" if is_unspaced else " "

    def _has_hyphen(self, head: str, tail: str) -> bool:
        """Tell whether a word is written with a hyphen, by the document's words, or else by the vocabulary of English."""
        joined, hyphenated = f"{head}{tail}".lower(), f"{head}-{tail}".lower()
        if joined in self._words or hyphenated in self._words:
            return joined not in self._words
        if not self._is_english or self._is_known(joined) or head[0].isupper():
            return False
        tokens = default_vocabulary()
        first, second = (tokens.get(part, _MAX_RANK) for part in (head, tail))
        is_ending = tokens.get(f"##{tail}", _MAX_RANK) < second
        if max(first, second) >= _MAX_RANK:
            return False
        return not self._breaks_words or not (head in _PREFIXES or is_ending)

    def _is_known(self, word: str) -> bool:
        tokens = default_vocabulary()
        return word in self._words or word in tokens or word.removesuffix("s") in tokens
