"""How much of a question's words a sentence holds, in this form or another."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

Shares = np.ndarray[Any, np.dtype[np.float64]]

# Letters that two forms of a word share at least, and that either has more at most; of names, and of other words' stems.
_NAME_STEM, _NAME_ENDING = 4, 3
_WORD_STEM, _WORD_ENDING = 5, 1


class SentenceTerms:
    """The terms of a passage's sentences, by what forms of one word share.

    Lists, since most passages are read for one question only: to make a mapping of them takes longer than to go through.
    """

    def __init__(self, sentences: Sequence[Collection[str]]) -> None:
        self._n_sentences = len(sentences)
        self.terms = [term for terms in sentences for term in terms]
        self.beginnings = [term[:_NAME_STEM] for term in self.terms]
        self.sentences = [index for index, terms in enumerate(sentences) for _ in terms]  # the one that each term stands in

    def __len__(self) -> int:
        return self._n_sentences


def coverages(weights: Mapping[str, float], names: Collection[str], passages: Sequence[SentenceTerms]) -> Shares:
    """The share of a question's terms that each sentence of some passages holds, every term by its weight, 0 to 1.

    Unlike BM25 it does not grow with the library, so one confidence model serves three articles and a million.

    Args:
        weights: of the question's terms.
        names: those of them that are names.
        passages: whose sentences are looked into, in this order.
    """
    covered = np.zeros(sum(map(len, passages)))
    total = sum(weights.values())
    if not total:
        return covered
    alike = _alike({word[:_NAME_STEM] for word in weights}, passages)
    for word, weight in weights.items():
        forms: dict[str, bool] = {}
        held = set()
        for term, sentence in alike[word[:_NAME_STEM]]:
            if term not in forms:
                forms[term] = _is_form(word, term, is_name=word in names)
            if forms[term]:
                held.add(sentence)
        covered[list(held)] += weight
    shares: Shares = covered / total
    return shares


def _alike(beginnings: Collection[str], passages: Sequence[SentenceTerms]) -> Mapping[str, Sequence[tuple[str, int]]]:
    """By how they begin: terms, each with the number of the sentence it stands in."""
    alike: dict[str, list[tuple[str, int]]] = {beginning: [] for beginning in beginnings}
    start = 0
    for passage in passages:
        for at, beginning in enumerate(passage.beginnings):
            if beginning in alike:
                alike[beginning].append((passage.terms[at], start + passage.sentences[at]))
        start += len(passage)
    return alike


def _is_form(word: str, other: str, *, is_name: bool) -> bool:
    """Whether two terms are one word that stemming keeps apart: China and "Chinese", injuries and "injured"."""
    if word == other:
        return True
    stem, ending = (_NAME_STEM, _NAME_ENDING) if is_name else (_WORD_STEM, _WORD_ENDING)
    shared = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    return shared >= stem and max(len(word), len(other)) - shared <= ending
