"""Simpler rankings of the same passages, to see what the fusion is worth."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from qa.assistant import Assistant
from qa.library.indexes import Indexes, read_in_step
from qa.library.snapshot import Snapshot
from qa.text.terms import terms

_RRF_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009
_DEPTH = 100


def rankings(assistant: Assistant, question: str, key: Callable[[str, int, int], str]) -> dict[str, list[str]]:
    """What BM25 alone, the passage vectors alone, and the two fused by reciprocal ranks would have found.

    Args:
        assistant: whose library and encoder are used.
        question: as it was searched for.
        key: from article id, start and end of a passage to what is ranked; repeats count once, at their best rank.
    """
    vector = assistant.encoder.encode_questions([question])[0]

    def read(snapshot: Snapshot, indexes: Indexes) -> dict[str, list[str]]:
        words = [passage_id for passage_id, _ in indexes.words.search(terms(question), _DEPTH)]
        dense = [passage_id for passage_id, _ in indexes.vectors.search(vector, _DEPTH)]
        ranked = {"BM25 alone": words, "dense alone": dense, "reciprocal rank fusion": reciprocal_rank_fusion(words, dense)}
        keyed = {}
        for name, ids in ranked.items():
            passages = snapshot.passages(ids)
            keyed[name] = list(dict.fromkeys(key(each.article.id, each.start, each.end) for each in passages))
        return keyed

    found: dict[str, list[str]] = read_in_step(assistant.library, assistant.indexes, lambda: len(vector), read)
    return found


def reciprocal_rank_fusion(*ranked: Sequence[int]) -> list[int]:
    """One ranking of several: each item's score is the sum of 1 / (60 + its rank) over the rankings that hold it.

    Source: Cormack, Clarke and Büttcher, SIGIR 2009.
    """
    scores: dict[int, float] = defaultdict(float)
    for ranking in ranked:
        for rank, item in enumerate(ranking, start=1):
            scores[item] += 1 / (_RRF_K + rank)
    return sorted(scores, key=lambda item: -scores[item])
