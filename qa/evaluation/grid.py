"""Settings to try, every one with every other."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from qa.types.errors import GridUnreadable
from qa.types.settings import LARGEST_K, Settings

_NUMBERS: dict[str, type[int] | type[float]] = {
    each.name: type(each.default)
    for each in fields(Settings)
    if isinstance(each.default, (int, float)) and not isinstance(each.default, bool)
}
_AT_LEAST_ONE = frozenset({"n_nearest", "n_read", "n_read_closely", "each_article"})
_OTHERS = ("k", "reader", "model")
_NOT_IN_A_NAME = re.compile(r"[^\w=.+-]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the combinations that are tried."""

    values: tuple[tuple[str, Any], ...]  # by name, in the order they were given

    def __getitem__(self, name: str) -> Any:
        """What a name has here, None where the grid does not have it."""
        return dict(self.values).get(name)

    @property
    def name(self) -> str:
        """Such as "k=3 reader=none"."""
        return " ".join(f"{name}={value}" for name, value in self.values)

    @property
    def file_name(self) -> str:
        """The name as that of a file, without an ending: "k=3_reader=none"."""
        return "_".join(_NOT_IN_A_NAME.sub("-", f"{name}={value}") for name, value in self.values)

    def applied(self, settings: Settings) -> Settings:
        """Settings with those that are tried here; a threshold that is tried goes before that of the library's calibration."""
        tried = {name: value for name, value in self.values if name in _NUMBERS}
        return replace(settings, **tried, calibrated=settings.calibrated and "least_confidence" not in tried)


def cells(text: str) -> tuple[Cell, ...]:
    """Read a grid such as `k=3,5 n_read=5,10 reader=none,bundled`: names of `Settings`, k, reader and model.

    Raises:
        GridUnreadable: it is of another form, or has a name or value that there is not.
    """
    axes: dict[str, list[Any]] = {}
    for axis in text.split():
        name, separator, values = axis.partition("=")
        if not separator or not values.strip(","):
            raise GridUnreadable(f"{axis!r} is no part of a grid: write a name and its values, as in n_read=5,10.")
        if name in axes:
            raise GridUnreadable(f"The grid has {name} twice: write all of its values after one name.")
        axes[name] = list(dict.fromkeys(_value(name, value) for value in values.split(",") if value))
    if not axes:
        raise GridUnreadable("The grid is empty: write names and their values, as in n_read=5,10 reader=none,bundled.")
    return tuple(Cell(tuple(zip(axes, combination, strict=True))) for combination in product(*axes.values()))


def _value(name: str, text: str) -> Any:
    if name in ("reader", "model"):
        return text
    if name not in _NUMBERS and name != "k":
        raise GridUnreadable(f"There is no setting {name!r}; there are {', '.join((*_OTHERS, *_NUMBERS))}.")
    kind = _NUMBERS.get(name, int)
    try:
        number: int | float = kind(text)
    except ValueError:
        number = math.nan
    least = 1 if name in _AT_LEAST_ONE or name == "k" else 0
    if not math.isfinite(number) or number < least or (name == "k" and number > LARGEST_K):
        what = "a whole number" if kind is int else "a number"
        most = f" to {LARGEST_K}" if name == "k" else " on"
        raise GridUnreadable(f"{name} cannot be {text!r}: it is {what} from {least}{most}.")
    return number


def best(rows: Sequence[Mapping[str, float]], measure: str, *, less: bool) -> set[int]:
    """Which rows have the best value of a measure; more than one where it is shared, none where none has it."""
    had = {at: row[measure] for at, row in enumerate(rows) if measure in row}
    if not had:
        return set()
    found = (min if less else max)(had.values())
    return {at for at, value in had.items() if value == found}
