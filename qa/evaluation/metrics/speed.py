"""Measures of time: medians and percentiles."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from qa.evaluation.metrics.outcomes import Outcome


class Speed(NamedTuple):
    """The median and the 95th percentile of durations, in seconds."""

    p50: float
    p95: float


def percentile(values: Sequence[float], share_below: float) -> float:
    """Return the nearest-rank percentile: the smallest value that at least this share of the values do not exceed.

    Args:
        values: in any order. The result is 0 if there are none.
        share_below: 0 to 1.
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * share_below // 1) - 1))] if ordered else 0.0


def middle(values: Sequence[float]) -> float:
    """Return the median, 0 for no values."""
    return median(values) if values else 0.0


def speed(seconds: Sequence[float]) -> Speed:
    """Return the median and the 95th percentile of durations."""
    return Speed(middle(seconds), percentile(seconds, 0.95))


def stages(outcomes: Sequence[Outcome]) -> dict[str, Speed]:
    """Return the speed of each stage of an answer, in order, over the questions that went through it."""
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.timings if name != "total")
    return {name: speed([outcome.timings[name] for outcome in outcomes if name in outcome.timings]) for name in names}
