"""How much of a question's words sentences and passages hold, in this form or another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Shares = np.ndarray[Any, np.dtype[np.float64]]
Truths = np.ndarray[Any, np.dtype[np.bool_]]

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


@dataclass(frozen=True, slots=True)
class Coverage:
    """What some passages hold of a question's words, shares 0 to 1 of the words' weights.

    Unlike BM25 they do not grow with the library, so one confidence model serves three articles and a million.
    """

    sentence: Shares  # (number of sentences of all passages,)
    with_previous: Shares  # likewise: what the sentence and the one before it in its passage hold between them
    pairs: Shares  # likewise: share of the question's pairs of neighbouring words that are neighbours here
    passage: Shares  # (number of passages,): what all sentences of a passage hold between them
    missing: Truths  # (number of words, number of passages): words that no sentence of the passage holds
    starts: tuple[int, ...]  # the first sentence of each passage, and their number at the end

    def of_passage(self, at: int) -> "Coverage":
        """That of one passage alone."""
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
    """Find a question's words in the sentences of some passages.

    Args:
        weights: of the question's words, which are terms.
        names: those of them that are names.
        pairs: of words that stand side by side in the question.
        passages: at least one sentence in each.
    """
    starts = (0, *np.cumsum([len(passage) for passage in passages]).tolist())
    held, paired = _found(weights, names, pairs, passages, starts)
    total = sum(weights.values())
    shares = np.array(list(weights.values())) / total if total else np.zeros(len(weights))
    together = held.copy()
    together[:, 1:] |= held[:, :-1]
    firsts = list(starts[:-1])
    together[:, firsts] = held[:, firsts]  # nothing stands before the first sentence of a passage
    by_passage = np.logical_or.reduceat(held, firsts, axis=1) if firsts else held
    return Coverage(shares @ held, shares @ together, paired / max(len(pairs), 1), shares @ by_passage, ~by_passage, starts)


def _found(
    weights: Mapping[str, float],
    names: Collection[str],
    pairs: Collection[tuple[str, str]],
    passages: Sequence[SentenceTerms],
    starts: Sequence[int],
) -> tuple[Truths, Shares]:
    """Which word each sentence holds, (words, sentences), and how many of the pairs it has, (sentences,)."""
    held = np.zeros((len(weights), starts[-1]), bool)
    paired: set[tuple[int, str, str]] = set()
    alike: dict[str, list[tuple[int, str]]] = {}
    for number, word in enumerate(weights):
        alike.setdefault(word[:_NAME_STEM], []).append((number, word))
    forms: dict[str, list[tuple[int, str]]] = {}  # by term: the words that it is a form of
    for passage, start in zip(passages, starts[:-1], strict=True):
        before: tuple[int, list[tuple[int, str]]] = (-2, [])  # where a word was found last, and which
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
    """Whether two terms are one word that stemming keeps apart: China and "Chinese", injuries and "injured"."""
    if word == other:
        return True
    stem, ending = (_NAME_STEM, _NAME_ENDING) if is_name else (_WORD_STEM, _WORD_ENDING)
    shared = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    return shared >= stem and max(len(word), len(other)) - shared <= ending
