"""The figures of a run: every measure by its name, over the questions that have it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from qa.evaluation.metrics import retrieval
from qa.evaluation.metrics.confidence import Bin, CoveragePoint, area, auroc, bins, calibration_error, risk_coverage
from qa.evaluation.metrics.outcomes import Outcome
from qa.evaluation.metrics.quoting import quote_scores, refusal_scores
from qa.evaluation.metrics.speed import Speed, speed, stages

Level = Literal["passage", "article"]
Scores = np.ndarray[Any, np.dtype[np.float64]]

QUOTES = ("quote@1", "quote@3", "quote@5", "EM", "F1", "overlap")
REFUSALS = ("rightly refused", "wrongly refused")
PASSAGES = retrieval.NAMES
ARTICLES = tuple(f"article {name}" for name in retrieval.NAMES)
MEANS = (*QUOTES, *REFUSALS, *PASSAGES, *ARTICLES)  # means of a score that each question has by itself
CONFIDENCE = ("AUROC", "AURC", "ECE")
SECONDS = ("p50", "p95")
NAMES = (*MEANS, *CONFIDENCE, *SECONDS)
LESS_IS_BETTER = frozenset({"wrongly refused", "AURC", "ECE", *SECONDS})


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of some outcomes, by the names in `NAMES`. A measure that no question has is left out.

    Shares are 0 to 1, p50 and p95 are seconds. `metrics.quoting` defines the measures of quotes, `metrics.retrieval` those of
    rankings. Names that begin with "article" rank articles, the others passages. "rightly refused" is a share of the
    unanswerable questions, "wrongly refused" one of the answerable. AUROC tells how well the confidence separates answerable
    from unanswerable questions. AURC is the area under the risk–coverage curve, ECE the expected calibration error. For both
    a question is right if its first quote holds a gold answer.
    """

    n_questions: int
    n_answerable: int
    n_unanswerable: int
    values: dict[str, float]
    of: dict[str, int]  # how many questions each measure is over
    right_refusals: int  # of the unanswerable questions
    wrong_refusals: int  # of the answerable questions
    closest_right: int  # of the wrong refusals: how many show a closest sentence that holds a gold answer
    n_quotes: int  # with the sentences shown as the closest
    n_broken_quotes: int  # quotes that differ from their place in the article; more than 0 is a bug in Pullquote
    stages: dict[str, Speed]  # of an answer, in their order
    level: Level = "passage"  # of `ranking`
    follow_ups: "Figures | None" = None  # of the questions with a history, if there are others too

    @property
    def quote_at_1(self) -> float | None:
        """quote@1, None if no question is answerable."""
        return self.values.get("quote@1")

    @property
    def quote_at_3(self) -> float | None:
        """quote@3, None if no question is answerable."""
        return self.values.get("quote@3")

    @property
    def quote_at_5(self) -> float | None:
        """quote@5, None if no question is answerable."""
        return self.values.get("quote@5")

    @property
    def passages(self) -> dict[str, float]:
        """The measures of the ranking of passages."""
        return {name: self.values[name] for name in PASSAGES if name in self.values}

    @property
    def articles(self) -> dict[str, float]:
        """The measures of the ranking of articles, each at the rank of its best passage. The names are those of `passages`."""
        return {name: self.values[f"article {name}"] for name in PASSAGES if f"article {name}" in self.values}

    @property
    def ranking(self) -> dict[str, float]:
        """The measures of the ranking, at the run's level."""
        return self.articles if self.level == "article" else self.passages

    @property
    def median_seconds(self) -> float:
        """p50, 0 for no questions."""
        return self.values.get("p50", 0.0)

    @property
    def p95_seconds(self) -> float:
        """p95, 0 for no questions."""
        return self.values.get("p95", 0.0)


def scores(outcomes: Sequence[Outcome]) -> dict[str, Scores]:
    """Compute each question's score in every measure of `MEANS`: (questions,), NaN if a question has none."""
    table = {name: np.full(len(outcomes), np.nan) for name in MEANS}
    for row, outcome in enumerate(outcomes):
        for name, value in (quote_scores(outcome) | refusal_scores(outcome)).items():
            table[name][row] = value
    return table | rank_scores(outcomes)


def rank_scores(outcomes: Sequence[Outcome]) -> dict[str, Scores]:
    """Compute those of `scores` that measure rankings."""
    table = {name: np.full(len(outcomes), np.nan) for name in (*PASSAGES, *ARTICLES)}
    _add_rank_scores(table, PASSAGES, outcomes, lambda outcome: (outcome.passages, outcome.gold_passages))
    _add_rank_scores(table, ARTICLES, outcomes, lambda outcome: (outcome.articles, outcome.gold_articles))
    return table


def _add_rank_scores(
    table: dict[str, Scores],
    names: Sequence[str],
    outcomes: Sequence[Outcome],
    ranking_and_gold: Callable[[Outcome], tuple[Sequence[str], Mapping[str, int]]],
) -> None:
    pairs = {str(row): ranking_and_gold(outcome) for row, outcome in enumerate(outcomes)}
    rankings = {row: ranking for row, (ranking, _) in pairs.items()}
    measured = retrieval.question_scores(rankings, {row: gold for row, (_, gold) in pairs.items() if gold})
    for name, measure in zip(names, retrieval.NAMES, strict=True):
        for row, value in measured.get(measure, {}).items():
            table[name][int(row)] = value


def figures(outcomes: Sequence[Outcome], level: Level = "passage") -> Figures:
    """Compute the figures of some outcomes, all of a run or any part of it.

    Args:
        outcomes: may be empty.
        level: of `Figures.ranking`.
    """
    total = _figures(outcomes, level)
    follow_ups = [outcome for outcome in outcomes if outcome.question.history]
    if not follow_ups or len(follow_ups) == len(outcomes):
        return total
    return replace(total, follow_ups=_figures(follow_ups, level))


def _figures(outcomes: Sequence[Outcome], level: Level) -> Figures:
    table = scores(outcomes)
    counts = {name: int(np.isfinite(column).sum()) for name, column in table.items()}
    values = {name: float(np.nanmean(column)) for name, column in table.items() if counts[name]}
    judged = _judged(outcomes)
    of_confidence = {
        "AUROC": auroc([outcome.confidence for outcome in judged], [outcome.answerable for outcome in judged]),
        "AURC": area(risk_coverage_curve(judged)),
        "ECE": expected_calibration_error(judged),
    }
    values |= {name: value for name, value in of_confidence.items() if value is not None}
    counts |= {"AUROC": len(judged), "AURC": len(judged), "ECE": sum(outcome.found for outcome in judged)}
    if outcomes:
        values |= speed([outcome.seconds for outcome in outcomes])._asdict()
        counts |= dict.fromkeys(SECONDS, len(outcomes))
    return Figures(
        n_questions=len(outcomes),
        n_answerable=sum(outcome.answerable for outcome in outcomes),
        n_unanswerable=sum(outcome.unanswerable for outcome in outcomes),
        values=values,
        of={name: counts[name] for name in values},
        right_refusals=sum(outcome.unanswerable and not outcome.found for outcome in outcomes),
        wrong_refusals=sum(outcome.answerable and not outcome.found for outcome in outcomes),
        closest_right=sum(outcome.closest_answers for outcome in outcomes),
        n_quotes=sum(len(outcome.quotes) + (outcome.closest is not None) for outcome in outcomes),
        n_broken_quotes=sum(outcome.n_broken for outcome in outcomes),
        stages=stages(outcomes),
        level=level,
    )


def _judged(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Keep the questions with known answers, unanswerable ones included."""
    return [outcome for outcome in outcomes if outcome.question.answers is not None]


def risk_coverage_curve(outcomes: Sequence[Outcome]) -> list[CoveragePoint]:
    """Compute the risk–coverage curve over all questions with known answers.

    What a refused question would have quoted is not known, so it counts as wrong at its confidence.
    """
    judged = _judged(outcomes)
    return risk_coverage([outcome.confidence for outcome in judged], [outcome.rank == 1 for outcome in judged])


def expected_calibration_error(outcomes: Sequence[Outcome]) -> float | None:
    """Compute the expected calibration error over the answered questions. None if none was answered."""
    confidences, right = _confidence_of_answered(outcomes)
    return calibration_error(confidences, right) if right else None


def reliability(outcomes: Sequence[Outcome]) -> list[Bin]:
    """Return the bins that `expected_calibration_error` is computed from, for a reliability diagram."""
    return bins(*_confidence_of_answered(outcomes))


def _confidence_of_answered(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    """Return the confidence of each answered question with known answers, and whether its first quote is right."""
    answered = [outcome for outcome in _judged(outcomes) if outcome.found]
    return [outcome.confidence for outcome in answered], [outcome.rank == 1 for outcome in answered]


def recall_curve(outcomes: Sequence[Outcome], level: Level = "passage", deepest: int = 100) -> list[float]:
    """Compute R@k for k from 1 to `deepest`, over the questions with relevance judgements. Empty if there are none."""
    curves = []
    for outcome in outcomes:
        ranking, grades = (
            (outcome.articles, outcome.gold_articles) if level == "article" else (outcome.passages, outcome.gold_passages)
        )
        if gold := {item for item, grade in grades.items() if grade > 0}:
            hits = np.zeros(deepest)
            hits[: len(ranking)] = [item in gold for item in ranking[:deepest]]
            curves.append(np.cumsum(hits) / len(gold))
    return np.mean(curves, axis=0).tolist() if curves else []
