"""Which sentence of the passages read fits the question best, and how likely it answers."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from qa.library.records import StoredPassage
from qa.search.retriever import Candidate, Query
from qa.text.coverage import Shares
from qa.types.articles import Span
from qa.types.settings import Settings
from qa.types.weights import GROUPS, SENTENCE, Weights, in_order

_SURE = 12.0  # logits; beyond, one is not surer than another


class RankedSentence(NamedTuple):
    """A sentence that may become a quote, and how well it fits the question."""

    passage: StoredPassage
    at: int  # which sentence of the passage
    cosine: float
    covered: float  # share of the question's words that it holds
    score: float
    confidence: float  # probability that it answers, 0 to 1
    answer: Span | None = None  # the words of it that answer best, in the article; None where the reader did not read it


def rank_sentences(question: Query, candidates: Sequence[Candidate], settings: Settings) -> Iterator[RankedSentence]:
    """All sentences of the candidates, best first, each made when it is asked for."""
    if not candidates:
        return
    features, scores, confidences = judged(question, candidates, settings.weights)
    places = [(each, index) for each in candidates for index in range(len(each.cosines))]
    columns = np.column_stack([features[:, :2], scores, confidences]).tolist()
    for row in np.argsort(-scores, kind="stable").tolist():
        candidate, at = places[row]
        cosine, covered, score, confidence = columns[row]
        yield RankedSentence(candidate.passage, at, cosine, covered, score, confidence, _answer(candidate, at))


def judged(question: Query, candidates: Sequence[Candidate], weights: Weights) -> tuple[Shares, Shares, Shares]:
    """The features of all sentences, (sentences, features), their scores and their confidences, (sentences,)."""
    features = sentence_features(question, candidates)
    group, group_of_confidence = "sentence", "confidence"
    if any(candidate.told is not None for candidate in candidates):
        features = np.column_stack([features, read_features(candidates)])
        group, group_of_confidence = "sentence_read", "confidence_read"
    scores = features @ in_order(getattr(weights, group), GROUPS[group])
    evidence = confidence_features(question, candidates, features, scores)
    likely = probabilities(evidence, in_order(getattr(weights, group_of_confidence), GROUPS[group_of_confidence]))
    if question.kind == "phone number":  # the one kind that no sentence without such words can tell
        likely = np.where(features[:, SENTENCE.index("kind")] > 0, likely, 0.0)
    return features, scores, likely


def _answer(candidate: Candidate, at: int) -> Span | None:
    if candidate.told is None:
        return None
    start, words = int(candidate.passage.spans[at, 0]), candidate.told.spans[at]
    return Span(start + words.start, start + words.end)


def read_features(candidates: Sequence[Candidate]) -> Shares:
    """What the reader adds to the score of each sentence, (sentences, features), the columns as `READ` names them."""
    rows = []
    for candidate in candidates:
        n, told = len(candidate.cosines), candidate.told
        if told is None:
            rows.append(np.tile([0.0, 0.0, 1.0], (n, 1)))
        else:
            rows.append(np.column_stack([told.words, told.sentence, np.zeros(n)]).clip(-_SURE, _SURE))
    features: Shares = np.concatenate(rows).astype(np.float64)
    return features


def sentence_features(question: Query, candidates: Sequence[Candidate]) -> Shares:
    """What the score of each sentence is made of, (sentences, features), the columns as `SENTENCE` names them."""
    passages = [candidate.passage for candidate in candidates]
    cosines = np.concatenate([candidate.cosines for candidate in candidates]).astype(np.float64)
    held = [candidate.coverage for candidate in candidates]
    of_passage = np.repeat([candidate.score for candidate in candidates], [len(passage.spans) for passage in passages])
    kind = np.zeros(len(cosines))
    if question.kind is not None:
        kind += np.concatenate([passage.fits(question.kind, question.text) for passage in passages])
    columns = (
        cosines,
        np.concatenate([each.sentence for each in held]),
        np.concatenate([each.with_previous for each in held]),
        np.concatenate([each.pairs for each in held]),
        of_passage,
        kind,
        np.concatenate([passage.headings for passage in passages]),
    )
    features: Shares = np.column_stack(columns)
    return features


def confidence_features(question: Query, candidates: Sequence[Candidate], features: Shares, scores: Shares) -> Shares:
    """What the confidence in each sentence is made of, (sentences, features), the columns as `CONFIDENCE` names them.

    Where the features have the reader's, so does this, the columns as `GROUPS["confidence_read"]` names them.

    Args:
        features: the sentences', as for their scores.
        scores: the sentences'.
    """
    weights = np.array(list(question.weights.values()))
    names = np.array([word in question.names for word in question.weights], bool)
    missing = np.concatenate([candidate.coverage.missing for candidate in candidates], axis=1) * weights[:, None]
    of_passages = np.column_stack(
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
        1 - features[:, SENTENCE.index("kind")] if question.kind is not None else np.zeros(n),
        np.repeat(of_passages, lengths, axis=0),
        scores - _best_elsewhere(scores, candidates),
        np.full(n, math.log(1 + len(weights))),
        np.ones(n),
        features[:, len(SENTENCE) :],
    )
    evidence: Shares = np.column_stack(columns)
    return evidence


def probabilities(evidence: Shares, weights: Shares) -> Shares:
    """How likely each sentence answers, (sentences,): a logistic model over what `confidence_features` gives."""
    likely: Shares = 1 / (1 + np.exp(-(evidence @ weights)))
    return likely


def _best_elsewhere(scores: Shares, candidates: Sequence[Candidate]) -> Shares:
    """For each sentence the best score in any other passage; its own where there is no other, which is no margin.

    Passages whose best sentences have the same words count as one: that a story stands in two papers is no reason for doubt.
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
