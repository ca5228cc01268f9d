"""Retrieval: from a query to ranked candidates, BM25 and vectors fused, and the reader's scores of the best."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from embeddings import PassageText
from embeddings.index.flat_index import Ids
from embeddings.model_spec import Vectors
from qa.library.indexes import Indexes
from qa.library.records import PassageRow, StoredPassage
from qa.library.snapshot import Snapshot
from qa.question.intents import asks_what_was_said, parse_intent
from qa.question.query import Query
from qa.question.source_mentions import Mention
from qa.search.reader.reader import Reader, ReaderScores
from qa.text.coverage import Coverage, measure_coverage
from qa.text.passages import join_sentences
from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms, terms
from qa.types.articles import Article, Passage, Scores, Sentence
from qa.types.settings import Settings
from qa.types.stopwatch import Stopwatch
from qa.types.weights import PASSAGE, ordered_weights

SOURCE_DEPTH = 3  # times as many candidates are retrieved for a question that names a source or a date
_MASTHEAD = ("above the title", "disclaimer")  # text that these rules set aside names the publisher of a page


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage, and how well it and each of its sentences match the query."""

    passage: StoredPassage
    score: float
    parts: Scores
    cosines: Vectors  # (sentences,)
    coverage: Coverage  # of this passage alone
    topic_score: float = 0.0  # the part of the score for matching the conversation's topic
    context_score: float = 0.0  # the part of the score for the topic and for the article last quoted
    reading: ReaderScores | None = None  # None where the reader did not read it


def retrieve(
    query: Query,
    n: int,
    indexes: Indexes,
    snapshot: Snapshot,
    settings: Settings,
    watch: Stopwatch,
    allowed: Ids | None = None,
) -> list[Candidate]:
    """Return the n best passages of both indexes, fused, best first.

    Args:
        watch: times the stages `words`, `vectors`, `read` and `score`.
        allowed: ascending ids of the passages to search; None searches all. The rarity of a term does not depend on them.
    """
    bm25 = dict(indexes.words.search(query.terms, settings.n_nearest, allowed))
    watch.lap("words")
    nearest = indexes.vectors.search(query.vector, settings.n_nearest, allowed)
    if query.topic is not None:
        nearest = [*nearest, *indexes.vectors.search(query.topic.vector, settings.n_nearest, allowed)]
        quoted = snapshot.passage_ids_of(query.topic.articles)
        quoted = quoted if allowed is None else np.intersect1d(quoted, allowed)
        nearest = [*nearest, *indexes.vectors.search(query.vector, settings.n_read, quoted)]
    watch.lap("vectors")
    rows = snapshot.rows(sorted({*bm25, *(passage_id for passage_id, _ in nearest)}))
    watch.lap("read")
    hits = _fuse(query, max(n, settings.n_read), rows, bm25, settings) if rows else []
    watch.lap("score")
    passages = snapshot.passages([hit.row.id for hit in hits])  # the articles of these alone are read
    watch.lap("read")
    candidates = _rank(query, passages, hits, settings)[:n]
    watch.lap("score")
    return candidates


class _Hit(NamedTuple):
    """A passage found in an index, with the parts of its fused score."""

    row: PassageRow
    words: float
    meaning: float
    sentence: float
    cosines: Vectors
    topic_score: float
    context_score: float


def _fuse(query: Query, n: int, rows: Sequence[PassageRow], bm25: Mapping[int, float], settings: Settings) -> list[_Hit]:
    """Return the n best passages by late fusion of the two indexes.

    The score is a weighted sum of the BM25 score as a share of the best one, the passage's cosine and the cosine of its best
    sentence. A follow-up adds the passage's cosine with the topic.

    Source: convex fusion, Bruch, Gai and Ingber, TOIS 2023, arXiv 2210.11934.
    """
    vectors = [row.vectors for row in rows]
    ends = np.cumsum(list(map(len, vectors)))
    starts = np.concatenate([[0], ends[:-1]])
    stacked = np.concatenate(vectors)
    cosines = stacked @ query.vector
    meaning = cosines[starts]
    cosines[starts] = -np.inf  # the first vector is the passage's own, which is no sentence's
    sentence = np.maximum.reduceat(cosines, starts)
    words = np.array([bm25.get(row.id, 0.0) for row in rows]) / max(bm25.values(), default=1.0)
    topic_scores, context_scores = np.zeros((2, len(rows)))
    if query.topic is not None:
        topic_scores += query.topic.weight * (stacked[starts] @ query.topic.vector)
        likely = np.array([query.topic.articles.get(row.article_id, 0.0) for row in rows])
        context_scores = topic_scores + settings.same_article * likely
    scores = settings.words * words + settings.meaning * meaning + settings.sentence * sentence + context_scores
    return [
        _Hit(
            rows[at],
            float(words[at]),
            float(meaning[at]),
            float(sentence[at]),
            cosines[starts[at] + 1 : ends[at]],
            float(topic_scores[at]),
            float(context_scores[at]),
        )
        for at in np.argsort(-scores, kind="stable")[:n].tolist()
    ]


def _rank(query: Query, passages: Sequence[StoredPassage], hits: Sequence[_Hit], settings: Settings) -> list[Candidate]:
    """Rank passages by the learned weights of all their features, best first."""
    if not passages:
        return []
    coverage = measure_coverage(query.weights, query.names, query.pairs, [passage.terms for passage in passages])
    firsts = list(coverage.starts[:-1])
    fused = [(hit.words, hit.meaning, hit.sentence) for hit in hits]
    best_sentence = [np.maximum.reduceat(column, firsts) for column in (coverage.sentence, coverage.pairs)]
    features = np.column_stack([fused, coverage.passage, *best_sentence])
    scores = features @ ordered_weights(settings.weights.passage, PASSAGE) + [hit.context_score for hit in hits]
    parts = [Scores(*row) for row in features.tolist()]
    return [
        Candidate(
            passages[at],
            float(scores[at]),
            parts[at],
            hits[at].cosines,
            coverage.of_passage(at),
            hits[at].topic_score,
            hits[at].context_score,
        )
        for at in np.argsort(-scores, kind="stable").tolist()
    ]


def _rescore(query: Query, candidates: Sequence[Candidate], settings: Settings) -> list[Candidate]:
    """Rank candidates anew for a query with fewer terms."""
    hits = [
        _Hit(
            candidate.passage,
            candidate.parts.words,
            candidate.parts.meaning,
            candidate.parts.sentence,
            candidate.cosines,
            candidate.topic_score,
            candidate.context_score,
        )
        for candidate in candidates
    ]
    return _rank(query, [candidate.passage for candidate in candidates], hits, settings)


def by_named_source(
    query: Query, candidates: Sequence[Candidate], n: int, settings: Settings
) -> Iterator[tuple[Query, Sequence[Candidate]]]:
    """Yield the n best candidates of the source and date that a question names, and last the n best of all.

    The first of them that give an answer count. The terms that name the source are dropped from the query for its own
    passages: they say where to look. They stay for all others, so that no other source answers in its place. A date alone
    may be that of an event, and only raises the scores of articles of that date.
    """
    sources = [mention for mention in query.mentions if mention.source]
    for required in (query.mentions, sources) if sources else ():
        matching = [
            candidate for candidate in candidates if all(_is_from(candidate.passage.article, mention) for mention in required)
        ]
        if matching:
            narrowed = _drop_terms({term for mention in required for term in mention.terms}, query, matching[0])
            yield narrowed, _rescore(narrowed, matching, settings)[:n]
    yield query, _prefer_dates(candidates, [mention for mention in query.mentions if mention.date], settings)[:n]


def _prefer_dates(candidates: Sequence[Candidate], dates: Sequence[Mention], settings: Settings) -> Sequence[Candidate]:
    """Raise the scores of articles of the dates, and sort."""
    if not dates:
        return candidates
    raised = [
        replace(
            candidate,
            score=candidate.score + settings.named_date * any(_is_from(candidate.passage.article, date) for date in dates),
        )
        for candidate in candidates
    ]
    return sorted(raised, key=lambda candidate: -candidate.score)


def _drop_terms(dropped: Collection[str], query: Query, best: Candidate) -> Query:
    """Drop the terms of a source from a query. Where none are left, it asks for the best candidate's article by its title.

    What a source says about something is any sentence on it.
    """
    weights = {term: weight for term, weight in query.weights.items() if term not in dropped}
    if weights:
        for_words = query.intent.for_words and not asks_what_was_said(query.text)
        return replace(query, weights=weights, intent=query.intent._replace(for_words=for_words))
    title = best.passage.article.title
    title_weights = dict.fromkeys(canonicalize(content_terms(title)), 1.0)
    return replace(query, text=title, weights=title_weights, names=frozenset(), intent=parse_intent(title), read_as=title)


def _is_from(article: Article, mention: Mention) -> bool:
    """Tell whether an article is from the source or of the date that a question names."""
    if mention.date is not None:
        return article.published is not None and mention.date.match(article.published) is not None
    masthead = " ".join(article.text[span.start : span.end] for span in article.set_aside if span.rule in _MASTHEAD)
    return mention.source <= _origin_terms(article.source, masthead)


@lru_cache(1_000)
def _origin_terms(source: str, masthead: str) -> frozenset[str]:
    place = " ".join(re.split(r"[/\\]", source)[-2:])  # the file and its folder, or the end of an address
    host = source.split("/")[2] if "://" in source else ""
    return frozenset(terms(f"{place.replace('_', ' ')} {host} {masthead}"))


def read(reader: Reader, query: Query, candidates: Sequence[Candidate], settings: Settings) -> Sequence[Candidate]:
    """Add the reader's scores to the best few candidates, and to the best of the articles quoted lately."""
    return read_many(reader, [(query, candidates)], settings)[0]


def read_many(
    reader: Reader, questions: Sequence[tuple[Query, Sequence[Candidate]]], settings: Settings
) -> list[Sequence[Candidate]]:
    """Add the reader's scores to the candidates of several queries, in batches across them.

    Copies of a passage are read once.
    """
    chosen = [(query.read_as, _to_read(query, candidates, settings)) for query, candidates in questions]
    pairs = [(text, passage) for text, passages in chosen for passage in passages]
    readings = dict(zip(pairs, reader.read_many(pairs), strict=True))
    return [
        [
            replace(candidate, reading=readings.get((query.read_as, join_sentences(candidate.passage.sentences))))
            for candidate in candidates
        ]
        for query, candidates in questions
    ]


def _to_read(query: Query, candidates: Sequence[Candidate], settings: Settings) -> list[PassageText]:
    """Choose the passages to read: the best few, and the best of the articles quoted lately."""
    texts = [join_sentences(candidate.passage.sentences) for candidate in candidates]
    best = list(dict.fromkeys(texts))[: settings.n_read_closely]
    if query.topic is not None:
        quoted = [
            text
            for candidate, text in zip(candidates, texts, strict=True)
            if candidate.passage.article_id in query.topic.articles
        ]
        best = list(dict.fromkeys([*best, *quoted[: settings.n_read_quoted]]))
    return best


def to_passages(candidates: Sequence[Candidate]) -> tuple[Passage, ...]:
    """Return candidates as the passages that an answer shows, each with the article's text from its first to last sentence."""
    return tuple(_to_passage(rank, candidate) for rank, candidate in enumerate(candidates, start=1))


def _to_passage(rank: int, candidate: Candidate) -> Passage:
    passage = candidate.passage
    start, end = passage.start, passage.end
    starts, ends = passage.spans.T.tolist()
    reading = candidate.reading
    answer_scores = [None] * len(starts) if reading is None else reading.words.tolist()
    sentences = tuple(map(Sentence, starts, ends, candidate.cosines.tolist(), answer_scores))
    text, part = passage.article.text[start:end], passage.article.part_at(start)
    read_by = passage.article.read_by_at(start, end)
    return Passage(rank, passage.reference, start, end, text, candidate.score, candidate.parts, sentences, part, read_by)
