"""Measures of a confidence: is it calibrated, and does it separate what can be answered from what cannot."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_BINS = 10  # of equal width


class CoveragePoint(NamedTuple):
    """A point of the risk–coverage curve."""

    coverage: float  # share of the questions that are answered
    risk: float  # share of those whose first quote does not hold an answer
    least_confidence: float  # of those that are answered


class Bin(NamedTuple):
    """The answers of similar confidence."""

    confidence: float  # their mean
    right: float  # share that is right
    n: int


def bins(confidences: Sequence[float], correct: Sequence[bool]) -> list[Bin]:
    """Sort answers into ten bins of equal width, the least confident first. Empty bins are left out."""
    predicted, right = np.asarray(confidences, float), np.asarray(correct, bool)
    places = np.minimum((predicted * _BINS).astype(int), _BINS - 1)
    masks = [places == place for place in sorted(set(places.tolist()))]
    return [Bin(float(predicted[mask].mean()), float(right[mask].mean()), int(mask.sum())) for mask in masks]


def calibration_error(confidences: Sequence[float], correct: Sequence[bool]) -> float:
    """Compute the expected calibration error over ten bins of equal width, 0 to 1. It is 0 for no answers.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
    """
    gaps = (abs(each.confidence - each.right) * each.n for each in bins(confidences, correct))
    return sum(gaps, 0.0) / max(len(correct), 1)


def auroc(confidences: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Compute the area under the ROC curve. None unless there are positives and negatives.

    It is the probability that a positive has a higher confidence than a negative, ties counting half.
    """
    if len(set(positive)) < 2:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, confidences))


def risk_coverage(confidences: Sequence[float], correct: Sequence[bool]) -> list[CoveragePoint]:
    """Compute the risk–coverage curve, from the most confident question alone to all of them.

    Source: El-Yaniv and Wiener, JMLR 2010.
    """
    order = np.argsort(-np.asarray(confidences, float), kind="stable")
    wrong = ~np.asarray(correct, bool)[order]
    counts = np.arange(1, len(order) + 1)
    coverages = counts / max(len(order), 1)
    risks = np.cumsum(wrong) / counts
    least = np.asarray(confidences, float)[order]
    return [CoveragePoint(*row) for row in zip(coverages.tolist(), risks.tolist(), least.tolist(), strict=True)]


def area(curve: Sequence[CoveragePoint]) -> float | None:
    """Compute the area under the risk–coverage curve, AURC: the mean risk. Less is better. None for no questions."""
    return float(np.mean([point.risk for point in curve])) if curve else None
