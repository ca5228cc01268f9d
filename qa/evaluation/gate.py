"""What a run must be worth, for a build that is to fail where it is not."""

import math
from dataclasses import dataclass

from qa.evaluation.metrics.measures import LESS_IS_BETTER, NAMES, Figures
from qa.types.errors import MeasureUnknown


@dataclass(frozen=True, slots=True)
class Bound:
    """What a measure must be at least; at most, where less is better."""

    measure: str
    value: float


def bounds(text: str) -> tuple[Bound, ...]:
    """Read bounds such as `quote@1=.8, R@5=.95`.

    Raises:
        MeasureUnknown: a name is none of `measures.NAMES`, or what stands after it is no number.
    """
    return tuple(_bound(each.strip()) for each in text.split(",") if each.strip())


def _bound(text: str) -> Bound:
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


def short_of(figures: Figures, wanted: tuple[Bound, ...]) -> list[str]:
    """A line for each bound that some figures do not keep, also where there was nothing to measure by."""
    return [line for each in wanted if (line := _short(figures, each))]


def _short(figures: Figures, wanted: Bound) -> str:
    name, value = wanted.measure, figures.values.get(wanted.measure)
    if value is None:
        return f"{name} was not measured: no question says what it needs."
    if name in LESS_IS_BETTER:
        return f"{name} is {value:.4f}, more than {wanted.value:g}." if value > wanted.value else ""
    return f"{name} is {value:.4f}, less than {wanted.value:g}." if value < wanted.value else ""
