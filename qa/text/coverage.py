"""Measure how many of a query's terms each sentence and passage holds, allowing for other forms of a word."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Shares = np.ndarray[Any, np.dtype[np.float64]]
Truths = np.ndarray[Any, np.dtype[np.bool_]]

# How many first letters two forms of a word must share, and how many more either may have: for names, then for other words.
_NAME_STEM, _NAME_ENDING = 4, 3
_WORD_STEM, _WORD_ENDING = 5, 1


class SentenceTerms:
    """The terms of a passage's sentences, with the prefixes that the forms of a word share.

    Plain lists, because most passages are scanned for one query only, and that takes less time than building a mapping.
    """

    def __init__(self, sentences: Sequence[Collection[str]]) -> None:
        self._n_sentences = len(sentences)
        self.terms = [term for terms in sentences for term in terms]
        self.beginnings = [term[:_NAME_STEM] for term in self.terms]
        self.sentences = [index for index, terms in enumerate(sentences) for _ in terms]  # index of the sentence of each term

    def __len__(self) -> int:
        return self._n_sentences


@dataclass(frozen=True, slots=True)
class Coverage:
    """The shares of a query's terms that sentences and passages hold, by weight, 0 to 1.

    Unlike BM25 scores they do not grow with the library, so one confidence model serves three articles and a million.
    """

    sentence: Shares  # (number of sentences of all passages,)
    with_previous: Shares  # likewise: the share that the sentence and the one before it in its passage hold together
    pairs: Shares  # likewise: the share of the query's bigrams that are bigrams of the sentence
    passage: Shares  # (number of passages,): the share that all sentences of a passage hold together
    missing: Truths  # (number of terms, number of passages): terms that no sentence of the passage holds
    starts: tuple[int, ...]  # index of the first sentence of each passage, and the number of sentences last

    def of_passage(self, at: int) -> "Coverage":
        """Return the coverage of one passage."""
        inside = slice(self.starts[at], self.starts[at + 1])
        whole, missing = self.passage[at : at + 1], self.missing[:, at : at + 1]
        n = inside.stop - inside.start
        return Coverage(self.sentence[inside], self.with_previous[inside], self.pairs[inside], whole, missing, (0, n))


def measure_coverage(
    weights: Mapping[str, float],
    names: Collection[str],
    pairs: Collection[tuple[str, str]],
    passages: Sequence[SentenceTerms],
) -> Coverage:
    """Measure the coverage of a query's terms by the sentences of passages.

    Args:
        weights: the weight of each term of the query.
        names: the terms that are names.
        pairs: the query's bigrams.
        passages: with at least one sentence each.
    """
    starts = (0, *np.cumsum([len(passage) for passage in passages]).tolist())
    held, paired = _found(weights, names, pairs, passages, starts)
    total = sum(weights.values())
    shares = np.array(list(weights.values())) / total if total else np.zeros(len(weights))
    together = held.copy()
    together[:, 1:] |= held[:, :-1]
    firsts = list(starts[:-1])
    together[:, firsts] = held[:, firsts]  # the first sentence of a passage has none before it
    by_passage = np.logical_or.reduceat(held, firsts, axis=1) if firsts else held
    return Coverage(shares @ held, shares @ together, paired / max(len(pairs), 1), shares @ by_passage, ~by_passage, starts)


def _found(
    weights: Mapping[str, float],
    names: Collection[str],
    pairs: Collection[tuple[str, str]],
    passages: Sequence[SentenceTerms],
    starts: Sequence[int],
) -> tuple[Truths, Shares]:
    """Return which terms each sentence holds, (terms, sentences), and its number of the query's bigrams, (sentences,)."""
    held = np.zeros((len(weights), starts[-1]), bool)
    paired: set[tuple[int, str, str]] = set()
    alike: dict[str, list[tuple[int, str]]] = {}
    for number, word in enumerate(weights):
        alike.setdefault(word[:_NAME_STEM], []).append((number, word))
    forms: dict[str, list[tuple[int, str]]] = {}  # by term of a passage: the query's terms that it is a form of
    for passage, start in zip(passages, starts[:-1], strict=True):
        before: tuple[int, list[tuple[int, str]]] = (-2, [])  # position of the last match, and its terms
        for at, beginning in enumerate(passage.beginnings):
            if beginning not in alike:
                continue
            term = passage.terms[at]
            if term not in forms:
                forms[term] = [each for each in alike[beginning] if _is_form(each[1], term, is_name=each[1] in names)]
            if not (words := forms[term]):
                continue
            sentence = passage.sentences[at]
            for number, _ in words:
                held[number, start + sentence] = True
            if before[0] == at - 1 and passage.sentences[at - 1] == sentence:
                paired.update((start + sentence, one, two) for _, one in before[1] for _, two in words if (one, two) in pairs)
            before = (at, words)
    counts = np.bincount([sentence for sentence, _, _ in paired], minlength=starts[-1]) if paired else np.zeros(starts[-1])
    return held, counts.astype(np.float64)


def _is_form(word: str, other: str, *, is_name: bool) -> bool:
    """Tell whether two terms are forms of one word despite different stems, such as "China" and "Chinese"."""
    if word == other:
        return True
    stem, ending = (_NAME_STEM, _NAME_ENDING) if is_name else (_WORD_STEM, _WORD_ENDING)
    shared = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    return shared >= stem and max(len(word), len(other)) - shared <= ending
