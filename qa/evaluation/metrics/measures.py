"""The figures of a run: every measure by its name, over the questions that it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from qa.evaluation.metrics import retrieval
from qa.evaluation.metrics.confidence import Answered, area, auroc, calibration_error, risk_coverage
from qa.evaluation.metrics.quoting import quote_scores, refusal_scores
from qa.evaluation.metrics.speed import Speed, speed, stages
from qa.evaluation.outcomes import Outcome

Level = Literal["passage", "article"]
Scores = np.ndarray[Any, np.dtype[np.float64]]

QUOTES = ("quote@1", "quote@3", "quote@5", "EM", "F1", "overlap")
REFUSALS = ("rightly refused", "wrongly refused")
PASSAGES = retrieval.NAMES
ARTICLES = tuple(f"article {name}" for name in retrieval.NAMES)
MEANS = (*QUOTES, *REFUSALS, *PASSAGES, *ARTICLES)  # of a number that each question has by itself
CONFIDENCE = ("AUROC", "AURC", "ECE")
SECONDS = ("p50", "p95")
NAMES = (*MEANS, *CONFIDENCE, *SECONDS)
LESS_IS_BETTER = frozenset({"wrongly refused", "AURC", "ECE", *SECONDS})


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some outcomes, by the names in `NAMES`; what there was nothing to measure by is left out.

    Shares are 0 to 1, p50 and p95 are seconds. `quoting` says what the measures of quotes are, `retrieval` those of what was
    found, of passages and, with "article" before the name, of articles. "rightly refused" is the share refused of the
    unanswerable questions, "wrongly refused" of the answerable ones. AUROC is of the confidence, in telling the answerable from
    the unanswerable questions; AURC is the area under the risk–coverage curve and ECE the expected calibration error, for which
    a question is right when its first quote holds a gold answer: see `curve` and `calibration`.
    """

    n_questions: int
    n_answerable: int
    n_unanswerable: int
    values: dict[str, float]
    of: dict[str, int]  # how many questions each is over
    right_refusals: int  # of the unanswerable questions
    wrong_refusals: int  # of the answerable ones
    n_quotes: int
    n_broken_quotes: int  # quotes that are not the slice of the article that they say they are; 0, or Pullquote is broken
    stages: dict[str, Speed]  # of an answer, in their order
    level: Level = "passage"  # what `ranking` is of
    follow_ups: "Figures | None" = None  # over the questions with a history alone, where there are others too

    @property
    def quote_at_1(self) -> float | None:
        """quote@1, None where no question is answerable."""
        return self.values.get("quote@1")

    @property
    def quote_at_3(self) -> float | None:
        """quote@3."""
        return self.values.get("quote@3")

    @property
    def quote_at_5(self) -> float | None:
        """quote@5."""
        return self.values.get("quote@5")

    @property
    def passages(self) -> dict[str, float]:
        """The measures of what was found, passage by passage, by the field's names."""
        return {name: self.values[name] for name in PASSAGES if name in self.values}

    @property
    def articles(self) -> dict[str, float]:
        """The same, each article counted at its best passage."""
        return {name: self.values[f"article {name}"] for name in PASSAGES if f"article {name}" in self.values}

    @property
    def ranking(self) -> dict[str, float]:
        """The measures of what was found, at the run's level."""
        return self.articles if self.level == "article" else self.passages

    @property
    def n_ranked(self) -> int:
        """The questions that `ranking` is over."""
        return self.of.get("article R@1" if self.level == "article" else "R@1", 0)

    @property
    def median_seconds(self) -> float:
        """p50, 0 of no questions."""
        return self.values.get("p50", 0.0)

    @property
    def p95_seconds(self) -> float:
        """p95, 0 of no questions."""
        return self.values.get("p95", 0.0)


def scores(outcomes: Sequence[Outcome]) -> dict[str, Scores]:
    """What each question has of each measure that is a mean over questions, (questions,), NaN where it has none; by `MEANS`."""
    table = {name: np.full(len(outcomes), np.nan) for name in MEANS}
    for row, outcome in enumerate(outcomes):
        for name, value in (quote_scores(outcome) | refusal_scores(outcome)).items():
            table[name][row] = value
    return table | rank_scores(outcomes)


def rank_scores(outcomes: Sequence[Outcome]) -> dict[str, Scores]:
    """Those of `scores` that are about what was found."""
    table = {name: np.full(len(outcomes), np.nan) for name in (*PASSAGES, *ARTICLES)}
    _add_ranks(table, PASSAGES, outcomes, lambda outcome: (outcome.passages, outcome.gold_passages))
    _add_ranks(table, ARTICLES, outcomes, lambda outcome: (outcome.articles, outcome.gold_articles))
    return table


def _add_ranks(
    table: dict[str, Scores],
    names: Sequence[str],
    outcomes: Sequence[Outcome],
    of: Callable[[Outcome], tuple[Sequence[str], Mapping[str, int]]],
) -> None:
    ranked = {str(row): of(outcome) for row, outcome in enumerate(outcomes)}
    rankings = {row: ranking for row, (ranking, _) in ranked.items()}
    measured = retrieval.question_scores(rankings, {row: gold for row, (_, gold) in ranked.items() if gold})
    for name, plain in zip(names, retrieval.NAMES, strict=True):
        for row, value in measured.get(plain, {}).items():
            table[name][int(row)] = value


def figures(outcomes: Sequence[Outcome], level: Level = "passage") -> Figures:
    """The figures of some outcomes, all of a run or any part of it.

    Args:
        level: what `ranking` is of.
    """
    found = _figures(outcomes, level)
    followed = [outcome for outcome in outcomes if outcome.question.history]
    if not followed or len(followed) == len(outcomes):
        return found
    return replace(found, follow_ups=_figures(followed, level))


def _figures(outcomes: Sequence[Outcome], level: Level) -> Figures:
    table = scores(outcomes)
    n = {name: int(np.isfinite(column).sum()) for name, column in table.items()}
    values = {name: float(np.nanmean(column)) for name, column in table.items() if n[name]}
    judged = [outcome for outcome in outcomes if outcome.question.answers is not None]
    of_confidence = {"AUROC": told_apart(judged), "AURC": area(curve(judged)), "ECE": calibration(judged)}
    values |= {name: value for name, value in of_confidence.items() if value is not None}
    n |= {"AUROC": len(judged), "AURC": len(judged), "ECE": sum(outcome.found for outcome in judged)}
    if outcomes:
        values |= speed([outcome.seconds for outcome in outcomes])._asdict()
        n |= dict.fromkeys(SECONDS, len(outcomes))
    return Figures(
        n_questions=len(outcomes),
        n_answerable=sum(outcome.answerable for outcome in outcomes),
        n_unanswerable=sum(outcome.unanswerable for outcome in outcomes),
        values=values,
        of={name: n[name] for name in values},
        right_refusals=sum(outcome.unanswerable and not outcome.found for outcome in outcomes),
        wrong_refusals=sum(outcome.answerable and not outcome.found for outcome in outcomes),
        n_quotes=sum(len(outcome.quotes) for outcome in outcomes),
        n_broken_quotes=sum(outcome.n_broken for outcome in outcomes),
        stages=stages(outcomes),
        level=level,
    )


def told_apart(outcomes: Sequence[Outcome]) -> float | None:
    """How well the confidence tells answerable from unanswerable questions, refused ones too: see `confidence.auroc`."""
    judged = [outcome for outcome in outcomes if outcome.question.answers is not None]
    return auroc([outcome.confidence for outcome in judged], [outcome.answerable for outcome in judged])


def curve(outcomes: Sequence[Outcome]) -> list[Answered]:
    """The risk at each coverage, over all questions of which the answers are known: see `confidence.risk_coverage`.

    What would have been quoted for a refused question is not known, so at its confidence it counts as wrong.
    """
    judged = [outcome for outcome in outcomes if outcome.question.answers is not None]
    return risk_coverage([outcome.confidence for outcome in judged], [outcome.rank == 1 for outcome in judged])


def calibration(outcomes: Sequence[Outcome]) -> float | None:
    """How far the confidence shown is from the share that is right, over the questions answered; None where none was.

    See `confidence.calibration_error`.
    """
    confidences, right = shown(outcomes)
    return calibration_error(confidences, right) if right else None


def shown(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    """The confidence of each question answered of which the answers are known, and whether its first quote holds one."""
    answered = [outcome for outcome in outcomes if outcome.question.answers is not None and outcome.found]
    return [each.confidence for each in answered], [each.rank == 1 for each in answered]
