"""Measures of rankings, by ir_measures under its names.

With G the relevant items of a question, g(i) the grade of the item at rank i (0 if it is not relevant), and items relevant
from grade 1 on:

- R@k: the share of G among the first k.
- Success@k: 1 if the first k hold one of G, else 0.
- RR@k: 1 / rank of the first of G among the first k, 0 if there is none.
- AP@k: the mean over G of the precision at the rank of each, 0 for those not among the first k.
- nDCG@k: DCG@k = sum over i ≤ k of g(i) / log2(i + 1), divided by the greatest DCG@k that an order of G could have.

A question with an empty ranking scores 0.

Source: trec_eval (by pytrec_eval) and, for RR, MS MARCO's script, both by ir_measures (MacAvaney, Macdonald and Ounis, ECIR
2022). nDCG is trec_eval's, with the grade itself as the gain: Järvelin and Kekäläinen, TOIS 2002.
"""

from collections.abc import Mapping, Sequence

NAMES = ("nDCG@10", "R@1", "R@5", "R@10", "R@100", "RR@10", "Success@1", "Success@5", "AP@100")
_BATCH = 2_000  # questions at once, because ir_measures holds what it compares in memory

Ranking = Sequence[str]
Gold = Mapping[str, int]


def question_scores(rankings: Mapping[str, Ranking], gold: Mapping[str, Gold]) -> dict[str, dict[str, float]]:
    """Compute each measure of each question, by measure and question.

    Args:
        rankings: item ids by question id, best first. A missing question scores 0.
        gold: grades of relevant items by question id. A question without an item of grade 1 or more is left out.
    """
    judged = [question for question, items in gold.items() if any(grade > 0 for grade in items.values())]
    scores: dict[str, dict[str, float]] = {name: {} for name in NAMES} if judged else {}
    for start in range(0, len(judged), _BATCH):
        batch = judged[start : start + _BATCH]
        for name, question, value in _measure({q: rankings.get(q, ()) for q in batch}, {q: gold[q] for q in batch}):
            scores[name][question] = value
    return scores


def _measure(rankings: Mapping[str, Ranking], gold: Mapping[str, Gold]) -> list[tuple[str, str, float]]:
    import ir_measures

    measures = {ir_measures.parse_measure(name): name for name in NAMES}
    run = {q: {item: -float(rank) for rank, item in enumerate(items)} for q, items in rankings.items()}
    qrels = {question: dict(items) for question, items in gold.items()}
    metrics = ir_measures.iter_calc(list(measures), qrels, run)
    return [(measures[metric.measure], metric.query_id, float(metric.value)) for metric in metrics]
