"""Ranking: the score of each sentence of the candidates and the probability that it answers, and passages by their best."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qa.library.records import StoredPassage
from qa.question.query import Query, Topic
from qa.search.retrieval import Candidate
from qa.text.coverage import Shares
from qa.types.articles import Span
from qa.types.settings import Settings
from qa.types.weights import GROUPS, SENTENCE, Weights, ordered_weights

_LARGEST_LOGIT = 12.0  # beyond, logits say no more


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """A sentence that may become a quote, and how well it matches the query."""

    passage: StoredPassage
    index: int  # of the sentence in the passage
    cosine: float
    coverage: float  # share of the query's terms that it holds, by weight
    score: float
    confidence: float  # probability that it answers, 0 to 1
    answer: Span | None = None  # the reader's answer span in the article. None: not read
    quotable: bool = True  # False for a heading and for a question, unless the query asks for one

    @property
    def text(self) -> str:
        return self.passage.sentences[self.index]

    @property
    def span(self) -> Span:
        start, end = self.passage.spans[self.index].tolist()
        return Span(start, end)


def rank_sentences(query: Query, candidates: Sequence[Candidate], settings: Settings) -> list[RankedSentence]:
    """Rank the sentences of the best candidates, best first.

    A heading counts for its passage and for the sentence after it, but is not quotable unless the query asks for headings.
    Neither is a question, as in an interview. The sentence after it replies, and gets its score and confidence.
    """
    candidates = without_topic(candidates)[: settings.n_read]
    if not candidates:
        return []
    features, scores, confidences = score_sentences(query, candidates, settings.weights)
    if query.topic is not None:
        confidences = _with_prior(query.topic, candidates, confidences, settings.following)
    if not query.intent.for_question:
        replies = _replies(candidates)
        for values in (scores, confidences):
            values[replies] = np.maximum(values[replies], values[replies - 1])
    places = [(candidate, index) for candidate in candidates for index in range(len(candidate.cosines))]
    columns = np.column_stack([features[:, :2], scores, confidences]).tolist()
    ranked = []
    for row in np.argsort(-scores, kind="stable").tolist():
        candidate, index = places[row]
        cosine, coverage, score, confidence = columns[row]
        answer = _answer_span(candidate, index)
        passage, intent = candidate.passage, query.intent
        quotable = (intent.for_heading or not passage.headings[index]) and (intent.for_question or not passage.questions[index])
        ranked.append(RankedSentence(candidate.passage, index, cosine, coverage, score, confidence, answer, quotable))
    return ranked


def _replies(candidates: Sequence[Candidate]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the indices of the sentences that come after a question in their passage and are none, among all sentences."""
    replies, start = [], 0
    for candidate in candidates:
        questions = candidate.passage.questions
        replies.append(start + 1 + np.flatnonzero(questions[:-1] & ~questions[1:]))
        start += len(questions)
    return np.concatenate(replies)


def _with_prior(topic: Topic, candidates: Sequence[Candidate], confidences: Shares, following: float) -> Shares:
    """Raise the confidence in sentences of the articles quoted lately, which a follow-up names by few words or none.

    Args:
        confidences: of the sentences, (sentences,).
        following: added to the logit where an article is as likely as can be.
    """
    likely = [topic.articles.get(candidate.passage.article_id, 0.0) for candidate in candidates]
    odds = np.exp(following * np.repeat(likely, [len(candidate.cosines) for candidate in candidates]))
    raised: Shares = confidences * odds / (1 - confidences + confidences * odds)
    return raised


def rank_passages(query: Query, candidates: Sequence[Candidate], sentences: Sequence[RankedSentence]) -> Sequence[Candidate]:
    """Rank the candidates that the reader read by their best sentence, in the places that they have. All others keep theirs.

    In a conversation all do, since its topic counts for passages and not for sentences.

    Args:
        query: that was read for.
        candidates: best first.
        sentences: of the candidates, best first.
    """
    if query.topic is not None:
        return candidates
    best: dict[int, int] = {}
    for rank, sentence in enumerate(sentences):
        best.setdefault(sentence.passage.id, rank)
    read = [candidate for candidate in candidates if candidate.reading is not None]
    ranked = iter(sorted(read, key=lambda candidate: best.get(candidate.passage.id, len(sentences))))
    return [candidate if candidate.reading is None else next(ranked) for candidate in candidates]


def without_topic(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Take the topic out of the scores: it says where to read, not which sentence answers."""
    return [replace(each, score=each.score - each.topic_score) if each.topic_score else each for each in candidates]


def score_sentences(query: Query, candidates: Sequence[Candidate], weights: Weights) -> tuple[Shares, Shares, Shares]:
    """Return the features of all sentences, (sentences, features), their scores and their confidences, (sentences,)."""
    features = sentence_features(query, candidates)
    group, confidence_group = "sentence", "confidence"
    if any(candidate.reading is not None for candidate in candidates):
        features = np.column_stack([features, reader_features(candidates)])
        group, confidence_group = "sentence_read", "confidence_read"
    scores = features @ ordered_weights(getattr(weights, group), GROUPS[group])
    evidence = confidence_features(query, candidates, features, scores)
    confidences = probabilities(evidence, ordered_weights(getattr(weights, confidence_group), GROUPS[confidence_group]))
    if query.answer_type == "phone number":  # no sentence without a number can answer
        confidences = np.where(features[:, SENTENCE.index("has_answer_type")] > 0, confidences, 0.0)
    return features, scores, confidences


def _answer_span(candidate: Candidate, index: int) -> Span | None:
    if candidate.reading is None:
        return None
    start, words = int(candidate.passage.spans[index, 0]), candidate.reading.spans[index]
    return Span(start + words.start, start + words.end)


def reader_features(candidates: Sequence[Candidate]) -> Shares:
    """Return the reader's features of all sentences, (sentences, features), with the columns of `READ`."""
    rows = []
    for candidate in candidates:
        n, reading = len(candidate.cosines), candidate.reading
        if reading is None:
            rows.append(np.tile([0.0, 0.0, 1.0], (n, 1)))
        else:
            rows.append(np.column_stack([reading.words, reading.sentence, np.zeros(n)]).clip(-_LARGEST_LOGIT, _LARGEST_LOGIT))
    features: Shares = np.concatenate(rows).astype(np.float64)
    return features


def sentence_features(query: Query, candidates: Sequence[Candidate]) -> Shares:
    """Return the features of each sentence's score, (sentences, features), with the columns of `SENTENCE`."""
    passages = [candidate.passage for candidate in candidates]
    cosines = np.concatenate([candidate.cosines for candidate in candidates]).astype(np.float64)
    coverages = [candidate.coverage for candidate in candidates]
    passage_scores = np.repeat([candidate.score for candidate in candidates], [len(passage.spans) for passage in passages])
    has_type = np.zeros(len(cosines))
    if query.answer_type is not None:
        has_type += np.concatenate([passage.fits(query.answer_type, query.text) for passage in passages])
    columns = (
        cosines,
        np.concatenate([coverage.sentence for coverage in coverages]),
        np.concatenate([coverage.with_previous for coverage in coverages]),
        np.concatenate([coverage.pairs for coverage in coverages]),
        passage_scores,
        has_type,
        np.concatenate([passage.without_stop for passage in passages]),
    )
    features: Shares = np.column_stack(columns)
    return features


def confidence_features(query: Query, candidates: Sequence[Candidate], features: Shares, scores: Shares) -> Shares:
    """Return the features of each sentence's confidence, (sentences, features), with the columns of `CONFIDENCE`.

    With the reader's features the columns are those of `GROUPS["confidence_read"]`.

    Args:
        features: of the sentences' scores, (sentences, features).
        scores: of the sentences, (sentences,).
    """
    weights = np.array(list(query.weights.values()))
    names = np.array([word in query.names for word in query.weights], bool)
    missing = np.concatenate([candidate.coverage.missing for candidate in candidates], axis=1) * weights[:, None]
    passage_features = np.column_stack(
        [
            [candidate.parts.coverage for candidate in candidates],
            missing[names].sum(axis=0) / max(float(weights[names].sum()), 1e-9),
            [candidate.parts.words for candidate in candidates],
        ]
    )
    lengths = [len(candidate.cosines) for candidate in candidates]
    n = len(scores)
    columns = (
        features[:, :4],
        1 - features[:, SENTENCE.index("has_answer_type")] if query.answer_type is not None else np.zeros(n),
        np.repeat(passage_features, lengths, axis=0),
        scores - _best_elsewhere(scores, candidates),
        np.full(n, math.log(1 + len(weights))),
        np.ones(n),
    )
    evidence: Shares = np.column_stack(columns)
    if features.shape[1] == len(SENTENCE):
        return evidence
    numbers = np.array([any(map(str.isdigit, word)) for word in query.weights], bool)
    missing_numbers = missing[numbers].sum(axis=0) / max(float(weights[numbers].sum()), 1e-9)
    read = features[:, len(SENTENCE) :]
    return np.column_stack([evidence, read, compare_readings(read, np.repeat(missing_numbers, lengths), lengths)])


def compare_readings(read: Shares, missing_numbers: Shares, lengths: Sequence[int]) -> Shares:
    """Return the reader's features of the confidence alone, (sentences, features), with the columns of `COMPARED`.

    Args:
        read: the reader's features, (sentences, features), with the columns of `READ`.
        missing_numbers: share of the query's numbers that each sentence's passage does not hold, (sentences,).
        lengths: number of sentences of each passage.
    """
    span, sentence, unread = read.T
    margins = [values - _best_in_others(np.where(unread > 0, -np.inf, values), lengths) for values in (span, sentence)]
    columns = np.column_stack([*margins, 1 / (1 + np.exp(-span)), missing_numbers])
    compared: Shares = np.where(unread[:, None] > 0, 0.0, columns)
    return compared


def _best_in_others(values: Shares, lengths: Sequence[int]) -> Shares:
    """Return for each sentence the greatest value in any other passage, (sentences,), or 0 where no other has one."""
    ends = np.cumsum(lengths)
    best = np.array([values[end - length : end].max(initial=-np.inf) for end, length in zip(ends, lengths, strict=True)])
    others = [np.delete(best, at).max(initial=-np.inf) for at in range(len(best))]
    return np.repeat([value if np.isfinite(value) else 0.0 for value in others], lengths)


def probabilities(evidence: Shares, weights: Shares) -> Shares:
    """Return the probability that each sentence answers, (sentences,), by logistic regression on its features."""
    confidences: Shares = 1 / (1 + np.exp(-(evidence @ weights)))
    return confidences


def _best_elsewhere(scores: Shares, candidates: Sequence[Candidate]) -> Shares:
    """Return for each sentence the best score in any other passage, or its own where there is no other.

    Passages whose best sentences have the same words count as one: a story in two papers is no reason for doubt.
    """
    lengths = [len(candidate.cosines) for candidate in candidates]
    ends = np.cumsum(lengths)
    best: dict[str, float] = {}
    groups = []
    for candidate, start, end in zip(candidates, ends - lengths, ends, strict=True):
        at = int(scores[start:end].argmax())
        words, score = candidate.passage.words[at], float(scores[start + at])
        best[words] = max(score, best.get(words, score))
        groups.append(words)
    if len(best) < 2:
        return scores
    first, second = sorted(best, key=lambda words: -best[words])[:2]
    elsewhere = [best[second if words == first else first] for words in groups]
    return np.repeat(elsewhere, lengths)
