"""Simpler rankings of the same passages, to see what the fused ranking is worth."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan

import numpy as np

from qa.assistant import Assistant
from qa.evaluation.metrics.measures import ARTICLES, PASSAGES, Level, rank_scores
from qa.evaluation.metrics.outcomes import Outcome, passage_key
from qa.library.indexes import snapshot_with_indexes
from qa.library.snapshot import Snapshot
from qa.text.terms import terms

_RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009
_DEPTH = 100

QuestionScores = Mapping[str, tuple[float | None, ...]]  # by measure, one value per question


def rank_baselines(assistant: Assistant, question: str) -> dict[str, list[str]]:
    """Rank passages by BM25 alone, by passage vectors alone, and by reciprocal rank fusion of the two.

    Args:
        assistant: whose library and encoder are used.
        question: the question as searched for.

    Returns:
        By name, the ids of the passages, best first.
    """
    vector = assistant.encoder.encode_questions([question])[0]

    with snapshot_with_indexes(assistant.library, assistant.indexes, lambda: len(vector)) as (snapshot, indexes):
        bm25 = [passage_id for passage_id, _ in indexes.words.search(terms(question), _DEPTH)]
        dense = [passage_id for passage_id, _ in indexes.vectors.search(vector, _DEPTH)]
        rankings = {"BM25 alone": bm25, "dense alone": dense, "reciprocal rank fusion": reciprocal_rank_fusion(bm25, dense)}
        return {name: _passage_keys(snapshot, ids) for name, ids in rankings.items()}


def _passage_keys(snapshot: Snapshot, ids: Sequence[int]) -> list[str]:
    passages = snapshot.passages(ids)
    return list(dict.fromkeys(passage_key(passage.article.id, passage.start, passage.end) for passage in passages))


def reciprocal_rank_fusion(*rankings: Sequence[int]) -> list[int]:
    """Fuse rankings: each item scores the sum of 1 / (60 + rank) over the rankings that hold it.

    Source: Cormack, Clarke and Büttcher, SIGIR 2009.
    """
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] += 1 / (_RRF_K + rank)
    return sorted(scores, key=lambda item: -scores[item])


def score_baseline(rankings: Sequence[Sequence[str]], outcomes: Sequence[Outcome]) -> dict[str, tuple[float | None, ...]]:
    """Score another ranking of each question, by measure. Measures that no question has are left out."""
    reranked = [replace(outcome, passages=tuple(ranking)) for outcome, ranking in zip(outcomes, rankings, strict=True)]
    return {
        name: tuple(None if isnan(value) else value for value in column.tolist())
        for name, column in rank_scores(reranked).items()
        if np.isfinite(column).any()
    }


def mean_scores(scores: QuestionScores, level: Level) -> dict[str, float]:
    """Average the scores of a level over the questions that have them, under the names in `measures.PASSAGES`."""
    names = ARTICLES if level == "article" else PASSAGES
    known = {
        passage: [score for score in scores.get(name, ()) if score is not None]
        for name, passage in zip(names, PASSAGES, strict=True)
    }
    return {name: sum(values) / len(values) for name, values in known.items() if values}
