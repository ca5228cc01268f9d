"""The figures that are a line rather than a number: recall at each depth, and confidence beside what is right."""

from collections.abc import Sequence

import numpy as np

from qa.evaluation.metrics.confidence import Bin, bins
from qa.evaluation.metrics.measures import Level, shown
from qa.evaluation.outcomes import Outcome


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
    """The bins that `measures.calibration` is reckoned from."""
    return bins(*shown(outcomes))
