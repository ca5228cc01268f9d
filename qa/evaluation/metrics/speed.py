"""How long a question takes."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from qa.evaluation.outcomes import Outcome


class Speed(NamedTuple):
    """How long something takes, in seconds."""

    p50: float
    p95: float


def percentile(values: Sequence[float], share_below: float) -> float:
    """The nearest-rank percentile: the smallest value that at least this share of the values do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * share_below // 1) - 1))] if ordered else 0.0


def middle(values: Sequence[float]) -> float:
    """The median; 0 of nothing."""
    return median(values) if values else 0.0


def speed(seconds: Sequence[float]) -> Speed:
    """The median and the 95th percentile."""
    return Speed(middle(seconds), percentile(seconds, 0.95))


def stages(outcomes: Sequence[Outcome]) -> dict[str, Speed]:
    """The speed of each stage of an answer, in their order, over the questions that went through it."""
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.timings if name != "total")
    return {name: speed([each.timings[name] for each in outcomes if name in each.timings]) for name in names}
