"""From a question to ranked passages with scored sentences."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embeddings.encoder import Vectors
from qa.articles import Passage, Reference, Scores, Sentence
from qa.indexes import Indexes
from qa.rows import StoredPassage, View
from qa.settings import Settings
from qa.words import content_terms, terms


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for, in both of the forms that an index understands."""

    text: str
    vector: Vectors  # (dimension,)
    words: tuple[str, ...]  # every term
    rarities: dict[str, float]  # of each content term, of each term where there is no other


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage and how well it and each of its sentences fit the question."""

    passage: StoredPassage
    score: float
    parts: Scores
    cosines: Vectors  # (number of sentences,)


def understand(text: str, vector: Vectors, indexes: Indexes) -> Question:
    """Prepare a question for one generation's indexes."""
    words = tuple(dict.fromkeys(terms(text)))
    about = dict.fromkeys(content_terms(text)) or dict.fromkeys(words)
    return Question(text, vector, words, {word: indexes.words.rarity(word) for word in about})


def retrieve(
    question: Question, indexes: Indexes, view: View, settings: Settings, near: Collection[str] = ()
) -> list[Candidate]:
    """Passages from both indexes in one order, best first.

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
    counts = np.array([len(passage.spans) for passage in passages])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    cosines = np.concatenate([passage.sentence_vectors for passage in passages]) @ question.vector
    meaning = np.stack([passage.vector for passage in passages]) @ question.vector
    sentence = np.maximum.reduceat(cosines, starts)
    words = np.array([by_words.get(passage_id, 0.0) for passage_id in ids]) / max(by_words.values(), default=1.0)
    scores = settings.words * words + settings.meaning * meaning + settings.sentence * sentence
    if near:
        scores = scores + settings.same_article * np.array([passage.article_id in near for passage in passages])
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return [
        Candidate(
            passages[row],
            float(scores[row]),
            Scores(float(words[row]), float(meaning[row]), float(sentence[row])),
            cosines[starts[row] : starts[row] + counts[row]],
        )
        for row in order
    ]


def as_passages(candidates: Sequence[Candidate], view: View) -> tuple[Passage, ...]:
    """Candidates as the reader sees them, with the article's text from their first sentence to their last."""
    return tuple(_as_passage(rank, candidate, view) for rank, candidate in enumerate(candidates, start=1))


def _as_passage(rank: int, candidate: Candidate, view: View) -> Passage:
    passage = candidate.passage
    reference, text = article_text(view, passage)
    sentences = tuple(
        Sentence(start, end, float(score))
        for (start, end), score in zip(passage.spans.tolist(), candidate.cosines, strict=True)
    )
    start, end = passage.start, passage.end
    return Passage(rank, reference, start, end, text[start:end], candidate.score, candidate.parts, sentences)


def article_text(view: View, passage: StoredPassage) -> tuple[Reference, str]:
    """The article a passage stands in; the view holds both or neither."""
    article = view.article(passage.article_id)
    assert article is not None
    return article.reference, article.text


def coverage(question: Question, present: Collection[Any]) -> float:
    """The share of the question's terms that a sentence holds, each by its rarity, 0 to 1.

    Unlike BM25 it does not grow with the library, so one confidence model serves three articles and a million.
    """
    total = sum(question.rarities.values())
    return sum(weight for word, weight in question.rarities.items() if word in present) / total if total else 0.0
