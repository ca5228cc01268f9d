"""From a question to ranked passages with scored sentences."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from embeddings.index.flat_index import Ids
from embeddings.model_spec import Vectors
from qa.library.indexes import Indexes
from qa.library.records import PassageRow, StoredPassage
from qa.library.snapshot import Snapshot
from qa.search.reader.reader import Reader, ReaderScores
from qa.text.answer_types import AnswerType, expected
from qa.text.coverage import Coverage, coverages
from qa.text.passages import joined
from qa.text.synonyms import canonical, every_form
from qa.text.terms import content_terms, terms
from qa.types.articles import Passage, Scores, Sentence
from qa.types.settings import Settings
from qa.types.stopwatch import Stopwatch
from qa.types.weights import PASSAGE, in_order

_CAPITALISED = re.compile(r"\b[A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation has been about, as passages that a follow-up is after are likely to be too."""

    vector: Vectors  # (dimension,)
    weight: float  # of a passage's cosine with it
    articles: frozenset[str]  # ids of those that the follow-up leans on


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, in both of the forms that an index understands."""

    text: str
    vector: Vectors  # (dimension,)
    words: tuple[str, ...]  # every term, in all of its forms
    weights: dict[str, float]  # of each content term, of each term where there is no other: its rarity, less if carried over
    names: frozenset[str]  # those of the terms that begin with a capital letter
    pairs: frozenset[tuple[str, str]]  # of content terms that stand side by side
    kind: AnswerType | None  # of words that would answer
    topic: Topic | None = None  # of the conversation that it goes on with


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage and how well it and each of its sentences fit the question."""

    passage: StoredPassage
    score: float
    parts: Scores
    cosines: Vectors  # (number of sentences,)
    coverage: Coverage  # of this passage alone
    on_topic: float = 0.0  # what of the score it has from fitting the conversation and not the question
    added: float = 0.0  # what it has from that and from the article that it stands in
    told: ReaderScores | None = None  # what the reader says of its sentences, where it read them


def understand(
    text: str,
    vector: Vectors,
    indexes: Indexes,
    settings: Settings,
    asked: str | None = None,
    topic: Vectors | None = None,
    near: frozenset[str] = frozenset(),
) -> Query:
    """Prepare a question for one generation's indexes.

    Args:
        asked: the question before it was made to stand alone; the words it did not have count less.
        topic: vector of what the conversation was about before.
        near: ids of articles that a follow-up is likely to be about.
    """
    words = tuple(dict.fromkeys(terms(text)))
    content = content_terms(text)
    about = dict.fromkeys(content) or dict.fromkeys(words)
    weights = {canonical((word,))[0]: indexes.words.rarity(word) for word in about}
    if asked is not None:
        weights = _weighed(weights, set(canonical(terms(asked))), settings.carried)
    kind = expected(asked or text) or expected(text)
    names = frozenset(term for name in _CAPITALISED.findall(text) for term in canonical(content_terms(name)))
    pairs = frozenset(pairwise(canonical(content)))
    about_it = None if topic is None else Topic(topic, _vagueness(asked or text, indexes, settings) * settings.topic, near)
    return Query(text, vector, every_form(words), weights, names, pairs, kind, about_it)


def _vagueness(asked: str, indexes: Indexes, settings: Settings) -> float:
    """How little a question says by itself, 0 to 1: 1 where its content terms are worth few words of one passage only."""
    own = sum(map(indexes.words.rarity, set(content_terms(asked))))
    return min(1.0, settings.vague * math.log1p(len(indexes.words)) / own) if own else 1.0


def _weighed(weights: dict[str, float], own: Collection[str], share: float) -> dict[str, float]:
    """Scale what is carried over so that all of it together counts a share of what the question's own words do."""
    of_own = sum(weight for word, weight in weights.items() if word in own)
    of_carried = sum(weights.values()) - of_own
    if not of_own or not of_carried:
        return weights
    scale = min(1.0, share * of_own / of_carried)
    return {word: weight * (1 if word in own else scale) for word, weight in weights.items()}


def retrieve(
    question: Query,
    n: int,
    indexes: Indexes,
    snapshot: Snapshot,
    settings: Settings,
    watch: Stopwatch,
    allowed: Ids | None = None,
) -> list[Candidate]:
    """The n best passages from both indexes in one order, best first.

    Args:
        watch: takes the stages `words`, `vectors`, `read` and `score`.
        allowed: ids of passages, ascending, of which alone any are looked for; how rare a word is does not depend on them.
    """
    by_words = dict(indexes.words.search(question.words, settings.n_nearest, allowed))
    watch.lap("words")
    by_meaning = indexes.vectors.search(question.vector, settings.n_nearest, allowed)
    if question.topic is not None:
        by_meaning = [*by_meaning, *indexes.vectors.search(question.topic.vector, settings.n_nearest, allowed)]
    watch.lap("vectors")
    rows = snapshot.rows(sorted({*by_words, *(passage_id for passage_id, _ in by_meaning)}))
    watch.lap("read")
    best = _nearest(question, max(n, settings.n_read), rows, by_words, settings) if rows else []
    watch.lap("score")
    passages = snapshot.passages([each.row.id for each in best])  # of these alone the articles are read
    watch.lap("read")
    candidates = _ranked(question, passages, best, settings)[:n]
    watch.lap("score")
    return candidates


class _Near(NamedTuple):
    """A passage that one of the indexes found."""

    row: PassageRow
    words: float
    meaning: float
    sentence: float
    cosines: Vectors
    on_topic: float  # added to its score for fitting the conversation
    added: float  # to its score, for that and for the article that it stands in


def _nearest(
    question: Query,
    n: int,
    rows: Sequence[PassageRow],
    by_words: Mapping[int, float],
    settings: Settings,
) -> list[_Near]:
    """The n best of the passages found, which are to be read.

    Chosen by a weighted sum of the BM25 score as a share of the best one, the passage's cosine and its best sentence's; for a
    follow-up also by the passage's cosine with what was talked about before.

    Source: convex fusion, Bruch, Gai and Ingber, TOIS 2023, arXiv 2210.11934.
    """
    vectors = [row.vectors for row in rows]
    ends = np.cumsum(list(map(len, vectors)))
    starts = np.concatenate([[0], ends[:-1]])
    every = np.concatenate(vectors)
    cosines = every @ question.vector
    meaning = cosines[starts]
    cosines[starts] = -np.inf  # the passages' own, which are not to count as their best sentence's
    sentence = np.maximum.reduceat(cosines, starts)
    words = np.array([by_words.get(row.id, 0.0) for row in rows]) / max(by_words.values(), default=1.0)
    on_topic, added = np.zeros((2, len(rows)))
    if question.topic is not None:
        on_topic += question.topic.weight * (every[starts] @ question.topic.vector)
        added = on_topic + settings.same_article * np.array([row.article_id in question.topic.articles for row in rows])
    scores = settings.words * words + settings.meaning * meaning + settings.sentence * sentence + added
    order: list[int] = np.argsort(-scores, kind="stable")[:n].tolist()
    parts = [(float(words[at]), float(meaning[at]), float(sentence[at])) for at in order]
    inside = [cosines[starts[at] + 1 : ends[at]] for at in order]
    more = [(float(on_topic[at]), float(added[at])) for at in order]
    return [_Near(rows[at], *part, own, *extra) for at, part, own, extra in zip(order, parts, inside, more, strict=True)]


def _ranked(question: Query, passages: Sequence[StoredPassage], near: Sequence[_Near], settings: Settings) -> list[Candidate]:
    """The passages that were read, best first by all that is known of them."""
    if not passages:
        return []
    coverage = coverages(question.weights, question.names, question.pairs, [passage.terms for passage in passages])
    firsts = list(coverage.starts[:-1])
    found = [(each.words, each.meaning, each.sentence) for each in near]
    best = [np.maximum.reduceat(column, firsts) for column in (coverage.sentence, coverage.pairs)]
    features = np.column_stack([found, coverage.passage, *best])
    scores = features @ in_order(settings.weights.passage, PASSAGE) + [each.added for each in near]
    parts = [Scores(*row) for row in features.tolist()]
    return [
        Candidate(
            passages[at],
            float(scores[at]),
            parts[at],
            near[at].cosines,
            coverage.of_passage(at),
            near[at].on_topic,
            near[at].added,
        )
        for at in np.argsort(-scores, kind="stable").tolist()
    ]


def rescore(question: Query, candidates: Sequence[Candidate], settings: Settings) -> list[Candidate]:
    """Candidates ranked anew for a question that has some of the words of that which they were found for."""
    near = [
        _Near(each.passage, each.parts.words, each.parts.meaning, each.parts.sentence, each.cosines, each.on_topic, each.added)
        for each in candidates
    ]
    return _ranked(question, [each.passage for each in candidates], near, settings)


def read(reader: Reader, question: Query, candidates: Sequence[Candidate], settings: Settings) -> Sequence[Candidate]:
    """The candidates, the best few with what the reader says of their sentences; copies of one passage are read once."""
    whole = [joined(each.passage.sentences) for each in candidates]
    best = list(dict.fromkeys(whole))[: settings.n_read_closely]
    told = dict(zip(best, reader.read(question.text, best), strict=True))
    return [replace(each, told=told.get(text)) for each, text in zip(candidates, whole, strict=True)]


def by_themselves(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Candidates with what they score for the question alone: the topic says where to read, not which sentence answers."""
    return [replace(each, score=each.score - each.on_topic) if each.on_topic else each for each in candidates]


def as_passages(candidates: Sequence[Candidate]) -> tuple[Passage, ...]:
    """Candidates as the reader sees them, with the article's text from their first sentence to their last."""
    return tuple(_as_passage(rank, candidate) for rank, candidate in enumerate(candidates, start=1))


def _as_passage(rank: int, candidate: Candidate) -> Passage:
    passage = candidate.passage
    start, end = passage.start, passage.end
    starts, ends = passage.spans.T.tolist()
    answers = [None] * len(starts) if candidate.told is None else candidate.told.words.tolist()
    sentences = tuple(map(Sentence, starts, ends, candidate.cosines.tolist(), answers))
    text, part = passage.article.text[start:end], passage.article.part_at(start)
    return Passage(rank, passage.reference, start, end, text, candidate.score, candidate.parts, sentences, part)
