"""What was found, measured by ir_measures under the field's names.

With G the gold items of a question, g(i) the grade of the item at rank i (0 where it is not gold), and items counted as gold
from grade 1 on:

- R@k: the share of G among the first k.
- Success@k: 1 where the first k hold one of G, else 0.
- RR@k: 1 / rank of the first of G among the first k, 0 where there is none.
- AP@k: the mean over G of the precision at the rank of each, 0 for those not among the first k.
- nDCG@k: DCG@k = sum over i ≤ k of g(i) / log2(i + 1), as a share of the greatest that some order of G could have.

A question whose ranking is empty counts 0.

Source: trec_eval (by pytrec_eval) and for RR MS MARCO's script, both by ir_measures (MacAvaney, Macdonald and Ounis, ECIR
2022); nDCG as trec_eval has it, with the grade itself as the gain: Järvelin and Kekäläinen, TOIS 2002.
"""

from collections.abc import Mapping, Sequence

NAMES = ("nDCG@10", "R@1", "R@5", "R@10", "R@100", "RR@10", "Success@1", "Success@5", "AP@100")
_AT_ONCE = 2_000  # questions; what is compared is held in memory as text

Ranking = Sequence[str]
Gold = Mapping[str, int]


def question_scores(rankings: Mapping[str, Ranking], gold: Mapping[str, Gold]) -> dict[str, dict[str, float]]:
    """Each measure of each question, by measure and question.

    Args:
        rankings: question id to ids of what was found, best first; a question that is missing counts 0.
        gold: question id to ids of what should be found, with their grades; questions without any of grade 1 are left out.
    """
    judged = [question for question, items in gold.items() if any(grade > 0 for grade in items.values())]
    scores: dict[str, dict[str, float]] = {name: {} for name in NAMES} if judged else {}
    for start in range(0, len(judged), _AT_ONCE):
        some = judged[start : start + _AT_ONCE]
        for name, question, value in _measured({q: rankings.get(q, ()) for q in some}, {q: gold[q] for q in some}):
            scores[name][question] = value
    return scores


def _measured(rankings: Mapping[str, Ranking], gold: Mapping[str, Gold]) -> list[tuple[str, str, float]]:
    import ir_measures

    measures = {ir_measures.parse_measure(name): name for name in NAMES}
    run = {q: {item: -float(rank) for rank, item in enumerate(items)} for q, items in rankings.items()}
    qrels = {question: dict(items) for question, items in gold.items()}
    return [
        (measures[each.measure], each.query_id, float(each.value)) for each in ir_measures.iter_calc(list(measures), qrels, run)
    ]


def ranking_figures(rankings: Mapping[str, Ranking], gold: Mapping[str, Gold]) -> dict[str, float]:
    """The measures averaged over the questions that have any gold, by name; nothing where none has.

    Args:
        rankings: as for `question_scores`.
        gold: as for `question_scores`.
    """
    scores = question_scores(rankings, gold)
    return {name: sum(of.values()) / len(of) for name, of in scores.items()}
