"""What is measured, and how each figure is reckoned."""

import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

RANKING_MEASURES = ("R@1", "R@5", "R@10", "RR@10")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one run; shares are 0 to 1, and None where nothing was there to measure.

    quote@k counts an answerable question as 1 when one of the first k quotes holds one of the gold answers, character for
    character, and as 0 otherwise, so also when it was wrongly refused.
    """

    n_questions: int
    n_answerable: int
    quote_at_1: float | None
    quote_at_3: float | None
    quote_at_5: float | None
    ranking: dict[str, float]  # by the field's names, over the answerable questions whose source is known
    n_ranked: int
    right_refusals: int  # of the unanswerable questions
    wrong_refusals: int  # of the answerable ones
    n_quotes: int
    n_broken_quotes: int  # quotes that are not the slice of the article that they say they are; 0, or Pullquote is broken
    median_seconds: float  # a question
    p95_seconds: float

    @property
    def n_unanswerable(self) -> int:
        """Questions that the articles do not answer."""
        return self.n_questions - self.n_answerable


def share(hits: Sequence[bool]) -> float | None:
    """The share that is true; None of nothing."""
    return sum(hits) / len(hits) if hits else None


def first_hit(texts: Sequence[str], answers: Sequence[str]) -> int | None:
    """The rank, from 1, of the first text that holds one of the answers."""
    return next((rank for rank, text in enumerate(texts, 1) if any(answer in text for answer in answers)), None)


def exact_match(found: str, answers: Sequence[str]) -> bool:
    """Whether some words are one of the answers, but for case, punctuation, articles and white space.

    Source: SQuAD's own evaluation, Rajpurkar et al., EMNLP 2016, arXiv 1606.05250.
    """
    return any(_told(found) == _told(answer) for answer in answers)


def token_f1(found: str, answers: Sequence[str]) -> float:
    """The words that some words share with the answer that they share most with: F1 of precision and recall, 0 to 1.

    Source: as for `exact_match`.
    """
    return max((_f1(_told(found), _told(answer)) for answer in answers), default=0.0)


def _f1(found: Sequence[str], answer: Sequence[str]) -> float:
    shared = sum((Counter(found) & Counter(answer)).values())
    return 2 * shared / (len(found) + len(answer)) if shared else float(not found and not answer)


def _told(text: str) -> list[str]:
    plain = "".join(character for character in text.lower() if character not in string.punctuation)
    return [word for word in plain.split() if word not in ("a", "an", "the")]


def percentile(values: Sequence[float], share_below: float) -> float:
    """The nearest-rank percentile: the smallest value that at least this share of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * share_below // 1) - 1))] if ordered else 0.0


def middle(values: Sequence[float]) -> float:
    """The median; 0 of nothing."""
    return median(values) if values else 0.0


def ranking_figures(rankings: dict[str, list[str]], relevant: dict[str, set[str]]) -> dict[str, float]:
    """Recall at 1, 5 and 10 and the reciprocal rank, averaged over the questions of `relevant`, by ir_measures.

    Args:
        rankings: question id to ids of what was found, best first; a question that is missing counts 0.
        relevant: question id to ids of what should be found.
    """
    if not relevant:
        return {}
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in RANKING_MEASURES]
    qrels = [ir_measures.Qrel(question, item, 1) for question, items in relevant.items() for item in items]
    run = [
        ir_measures.ScoredDoc(question, item, -float(rank))
        for question, items in rankings.items()
        for rank, item in enumerate(items)
    ]
    values = ir_measures.calc_aggregate(measures, qrels, run)
    return {name: float(values[measure]) for name, measure in zip(RANKING_MEASURES, measures, strict=True)}
