"""What a confidence is worth: does it mean what it says, and does it tell what can be answered."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_BINS = 10  # of equal width


class Answered(NamedTuple):
    """What it costs to answer only the surest of all questions."""

    coverage: float  # share of the questions that are answered
    risk: float  # share of those whose first quote does not hold an answer
    least_confidence: float  # of those that are answered


class Bin(NamedTuple):
    """The answers of about one confidence."""

    confidence: float  # their mean
    right: float  # share that is
    n: int


def bins(confidences: Sequence[float], correct: Sequence[bool]) -> list[Bin]:
    """Ten bins of equal width, those that hold something, the least sure first."""
    predicted, right = np.asarray(confidences, float), np.asarray(correct, bool)
    places = np.minimum((predicted * _BINS).astype(int), _BINS - 1)
    inside = [places == place for place in sorted(set(places.tolist()))]
    return [Bin(float(predicted[each].mean()), float(right[each].mean()), int(each.sum())) for each in inside]


def calibration_error(confidences: Sequence[float], correct: Sequence[bool]) -> float:
    """Expected calibration error over ten bins of equal width, 0 to 1; 0 of nothing.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
    """
    return sum((abs(each.confidence - each.right) * each.n for each in bins(confidences, correct)), 0.0) / max(len(correct), 1)


def auroc(confidences: Sequence[float], positive: Sequence[bool]) -> float | None:
    """The probability that a positive has a higher confidence than a negative, ties counting half; None without both.

    Source: the area under the ROC curve, by scikit-learn.
    """
    if len(set(positive)) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, confidences))


def risk_coverage(confidences: Sequence[float], correct: Sequence[bool]) -> list[Answered]:
    """The risk at each coverage, from the surest question alone to all of them.

    Source: the risk–coverage curve, El-Yaniv and Wiener, JMLR 2010.
    """
    order = np.argsort(-np.asarray(confidences, float), kind="stable")
    wrong = ~np.asarray(correct, bool)[order]
    counts = np.arange(1, len(order) + 1)
    risks = np.cumsum(wrong) / counts
    least = np.asarray(confidences, float)[order]
    return [Answered(*row) for row in zip((counts / max(len(order), 1)).tolist(), risks.tolist(), least.tolist(), strict=True)]


def area(curve: Sequence[Answered]) -> float | None:
    """The mean risk over all coverages, AURC, lower is better; None of no question."""
    return float(np.mean([each.risk for each in curve])) if curve else None
