"""Limits that a run's measures must keep, so that a build fails if they do not."""

import math
from dataclasses import dataclass

from qa.evaluation.metrics.measures import LESS_IS_BETTER, NAMES, Figures
from qa.types.errors import MeasureUnknown


@dataclass(frozen=True, slots=True)
class Bound:
    """The least value that a measure may have, or the greatest if less is better."""

    measure: str
    value: float


def parse_bounds(text: str) -> tuple[Bound, ...]:
    """Parse bounds such as `quote@1=.8, R@5=.95`.

    Raises:
        MeasureUnknown: a name is not in `measures.NAMES`, or its value is not a number.
    """
    return tuple(_parse_bound(part.strip()) for part in text.split(",") if part.strip())


def _parse_bound(text: str) -> Bound:
    name, _, value = (part.strip() for part in text.rpartition("="))
    if name not in NAMES:
        raise MeasureUnknown(f"There is no measure {name or text!r}; there are {', '.join(NAMES)}.")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise MeasureUnknown(f"{name} cannot be compared with {value!r}: give a number, as in {name}=.8.")
    return Bound(name, number)


def find_violations(figures: Figures, bounds: tuple[Bound, ...]) -> list[str]:
    """Return a sentence for each bound that the figures violate. A measure without a value violates its bound."""
    return [violation for bound in bounds if (violation := _violation(figures, bound))]


def _violation(figures: Figures, bound: Bound) -> str:
    name, value = bound.measure, figures.values.get(bound.measure)
    if value is None:
        return f"{name} was not measured: no question says what it needs."
    if name in LESS_IS_BETTER:
        return f"{name} is {value:.4f}, more than {bound.value:g}." if value > bound.value else ""
    return f"{name} is {value:.4f}, less than {bound.value:g}." if value < bound.value else ""
