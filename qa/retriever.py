"""From a question to ranked passages with scored sentences."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.encoder import Vectors
from qa.articles import Passage, Scores, Sentence
from qa.expectations import Kind, expected
from qa.indexes import Indexes
from qa.rows import View
from qa.settings import Settings
from qa.stored import StoredPassage
from qa.words import content_terms, terms

_CAPITALISED = re.compile(r"\b[A-Z]\w+")
# Letters that two forms of a word share at least, and that either has more at most; of names, and of other words' stems.
_NAME_STEM, _NAME_ENDING = 4, 3
_WORD_STEM, _WORD_ENDING = 5, 1


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for, in both of the forms that an index understands."""

    text: str
    vector: Vectors  # (dimension,)
    words: tuple[str, ...]  # every term
    weights: dict[str, float]  # of each content term, of each term where there is no other: its rarity, less if carried over
    names: frozenset[str]  # those of the terms that begin with a capital letter
    kind: Kind | None  # of words that would answer
    n_passages: int  # in the library


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage and how well it and each of its sentences fit the question."""

    passage: StoredPassage
    score: float
    parts: Scores
    cosines: Vectors  # (number of sentences,)


def understand(text: str, vector: Vectors, indexes: Indexes, settings: Settings, asked: str | None = None) -> Question:
    """Prepare a question for one generation's indexes.

    Args:
        asked: the question before it was made to stand alone; the words it did not have count less.
    """
    words = tuple(dict.fromkeys(terms(text)))
    about = dict.fromkeys(content_terms(text)) or dict.fromkeys(words)
    weights = {word: indexes.words.rarity(word) for word in about}
    if asked is not None:
        weights = _weighed(weights, set(terms(asked)), settings.carried)
    kind = expected(asked or text) or expected(text)
    names = frozenset(term for name in _CAPITALISED.findall(text) for term in content_terms(name))
    return Question(text, vector, words, weights, names, kind, len(indexes.vectors))


def _weighed(weights: dict[str, float], own: Collection[str], share: float) -> dict[str, float]:
    """Scale what is carried over so that all of it together counts a share of what the question's own words do."""
    of_own = sum(weight for word, weight in weights.items() if word in own)
    of_carried = sum(weights.values()) - of_own
    if not of_own or not of_carried:
        return weights
    scale = min(1.0, share * of_own / of_carried)
    return {word: weight * (1 if word in own else scale) for word, weight in weights.items()}


def retrieve(
    question: Question, n: int, indexes: Indexes, view: View, settings: Settings, near: Collection[str] = ()
) -> list[Candidate]:
    """The n best passages from both indexes in one order, best first.

    The score is a weighted sum of the BM25 score as a share of the best one, the passage's cosine and its best sentence's.

    Args:
        near: ids of articles that a follow-up is likely to be about; their passages count a little more.

    Source: convex fusion, Bruch, Gai and Ingber, TOIS 2023, arXiv 2210.11934.
    """
    by_words = dict(indexes.words.search(question.words, settings.n_nearest))
    by_meaning = indexes.vectors.search(question.vector, settings.n_nearest)
    ids = sorted({*by_words, *(passage_id for passage_id, _ in by_meaning)})
    if not ids:
        return []
    passages = view.passages(ids)
    ends = np.cumsum([len(passage.vectors) for passage in passages])
    starts = np.concatenate([[0], ends[:-1]])
    cosines = np.concatenate([passage.vectors for passage in passages]) @ question.vector
    meaning = cosines[starts]
    cosines[starts] = -np.inf  # the passages' own, which are not to count as their best sentence's
    sentence = np.maximum.reduceat(cosines, starts)
    words = np.array([by_words.get(passage_id, 0.0) for passage_id in ids]) / max(by_words.values(), default=1.0)
    scores = settings.words * words + settings.meaning * meaning + settings.sentence * sentence
    if near:
        scores = scores + settings.same_article * np.array([passage.article.id in near for passage in passages])
    order: list[int] = np.argsort(-scores, kind="stable")[:n].tolist()
    return [
        Candidate(
            passages[row],
            float(scores[row]),
            Scores(float(words[row]), float(meaning[row]), float(sentence[row])),
            cosines[starts[row] + 1 : ends[row]],
        )
        for row in order
    ]


def as_passages(candidates: Sequence[Candidate]) -> tuple[Passage, ...]:
    """Candidates as the reader sees them, with the article's text from their first sentence to their last."""
    return tuple(_as_passage(rank, candidate) for rank, candidate in enumerate(candidates, start=1))


def _as_passage(rank: int, candidate: Candidate) -> Passage:
    passage = candidate.passage
    article, start, end = passage.article, passage.start, passage.end
    sentences = tuple(
        Sentence(place[0], place[1], score)
        for place, score in zip(passage.spans.tolist(), candidate.cosines.tolist(), strict=True)
    )
    text = article.text[start:end]
    return Passage(rank, article.reference, start, end, text, candidate.score, candidate.parts, sentences)


def coverages(question: Question, sentences: Sequence[Collection[str]]) -> list[float]:
    """The share of the question's terms that each sentence holds, every term by its weight, 0 to 1.

    Unlike BM25 it does not grow with the library, so one confidence model serves three articles and a million.

    Args:
        question: whose terms are looked for, in this form or another.
        sentences: the content terms of each.
    """
    total = sum(question.weights.values())
    if not total:
        return [0.0] * len(sentences)
    alike = defaultdict(list)
    for other in frozenset().union(*sentences):
        alike[other[:_NAME_STEM]].append(other)
    forms = [(_forms(word, question, alike[word[:_NAME_STEM]]), weight) for word, weight in question.weights.items()]
    return [sum(weight for words, weight in forms if not words.isdisjoint(held)) / total for held in sentences]


def _forms(word: str, question: Question, alike: Collection[str]) -> set[str]:
    """A term and those like it that stemming keeps apart: China and "Chinese", injuries and "injured".

    Args:
        word: a term of the question.
        question: which knows whether that is a name.
        alike: terms that begin with the same letters.
    """
    stem, ending = (_NAME_STEM, _NAME_ENDING) if word in question.names else (_WORD_STEM, _WORD_ENDING)
    forms = {word}
    for other in alike:
        shared = _shared(word, other)
        if shared >= stem and max(len(word), len(other)) - shared <= ending:
            forms.add(other)
    return forms


def _shared(word: str, other: str) -> int:
    """How many letters two words begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
