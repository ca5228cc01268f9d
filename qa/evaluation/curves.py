"""The figures that are a line rather than a number: recall at each depth, and confidence beside what is right."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qa.evaluation.confidence import BINS
from qa.evaluation.measures import Level
from qa.evaluation.outcomes import Outcome


class Bin(NamedTuple):
    """The answered questions of about one confidence."""

    confidence: float  # their mean
    right: float  # share whose first quote holds a gold answer
    n: int


def recall(outcomes: Sequence[Outcome], level: Level = "passage", deepest: int = 100) -> list[float]:
    """R@k for k from 1 on, over the questions of which something is known that should be found; empty where there is none."""
    curves = []
    for outcome in outcomes:
        ranked, graded = (
            (outcome.articles, outcome.gold_articles) if level == "article" else (outcome.passages, outcome.gold_passages)
        )
        if gold := {item for item, grade in graded.items() if grade > 0}:
            found = np.zeros(deepest)
            hits = [item in gold for item in ranked[:deepest]]
            found[: len(hits)] = hits
            curves.append(np.cumsum(found) / len(gold))
    return np.mean(curves, axis=0).tolist() if curves else []


def reliability(outcomes: Sequence[Outcome]) -> list[Bin]:
    """The bins that `calibration` is reckoned from, those that hold a question, the least sure first."""
    shown = [outcome for outcome in outcomes if outcome.question.answers is not None and outcome.found]
    confidences, right = np.array([each.confidence for each in shown]), np.array([each.rank == 1 for each in shown])
    places = np.minimum((confidences * BINS).astype(int), BINS - 1)
    inside = [places == place for place in sorted(set(places.tolist()))]
    return [Bin(float(confidences[each].mean()), float(right[each].mean()), int(each.sum())) for each in inside]
