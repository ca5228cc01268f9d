"""A grid of settings: every combination of the values to try."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from qa.types.errors import GridUnreadable
from qa.types.settings import LARGEST_K, Settings

_NUMBERS: dict[str, type[int] | type[float]] = {
    field.name: type(field.default)
    for field in fields(Settings)
    if isinstance(field.default, (int, float)) and not isinstance(field.default, bool)
}
_AT_LEAST_ONE = frozenset({"n_nearest", "n_read", "n_read_closely", "each_article"})
_NOT_SETTINGS = ("k", "reader", "model")
_NOT_IN_A_NAME = re.compile(r"[^\w=.+-]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of values."""

    values: tuple[tuple[str, Any], ...]  # by name, in the order given

    def __getitem__(self, name: str) -> Any:
        """Return the value of a name, None if the grid does not have it."""
        return dict(self.values).get(name)

    @property
    def name(self) -> str:
        """The values as text, such as "k=3 reader=none"."""
        return " ".join(f"{name}={value}" for name, value in self.values)

    @property
    def file_name(self) -> str:
        """The values as a file name without extension, such as "k=3_reader=none"."""
        return "_".join(_NOT_IN_A_NAME.sub("-", f"{name}={value}") for name, value in self.values)

    def apply(self, settings: Settings) -> Settings:
        """Return `settings` with the cell's values. A threshold in the cell overrides the library's calibration."""
        changes = {name: value for name, value in self.values if name in _NUMBERS}
        return replace(settings, **changes, calibrated=settings.calibrated and "least_confidence" not in changes)


def parse_grid(text: str) -> tuple[Cell, ...]:
    """Parse a grid such as `k=3,5 n_read=5,10 reader=none,bundled`: names of `Settings`, k, reader and model.

    Raises:
        GridUnreadable: the grid is malformed, or a name or value is not valid.
    """
    axes: dict[str, list[Any]] = {}
    for axis in text.split():
        name, separator, values = axis.partition("=")
        if not separator or not values.strip(","):
            raise GridUnreadable(f"{axis!r} is no part of a grid: write a name and its values, as in n_read=5,10.")
        if name in axes:
            raise GridUnreadable(f"The grid has {name} twice: write all of its values after one name.")
        axes[name] = list(dict.fromkeys(_parse_value(name, value) for value in values.split(",") if value))
    if not axes:
        raise GridUnreadable("The grid is empty: write names and their values, as in n_read=5,10 reader=none,bundled.")
    return tuple(Cell(tuple(zip(axes, combination, strict=True))) for combination in product(*axes.values()))


def _parse_value(name: str, text: str) -> Any:
    if name in ("reader", "model"):
        return text
    if name not in _NUMBERS and name != "k":
        raise GridUnreadable(f"There is no setting {name!r}; there are {', '.join((*_NOT_SETTINGS, *_NUMBERS))}.")
    kind = _NUMBERS.get(name, int)
    try:
        number: int | float = kind(text)
    except ValueError:
        number = math.nan
    least = 1 if name in _AT_LEAST_ONE or name == "k" else 0
    if not math.isfinite(number) or number < least or (name == "k" and number > LARGEST_K):
        what = "a whole number" if kind is int else "a number"
        limits = f"from {least} to {LARGEST_K}" if name == "k" else f"of {least} or more"
        raise GridUnreadable(f"{name} cannot be {text!r}: it must be {what} {limits}.")
    return number


def best_rows(rows: Sequence[Mapping[str, float]], measure: str, *, less: bool) -> set[int]:
    """Return the indexes of the rows with the best value of a measure: several if tied, none if no row has it.

    Args:
        rows: the measures of each cell.
        measure: its name.
        less: whether less is better.
    """
    values = {at: row[measure] for at, row in enumerate(rows) if measure in row}
    if not values:
        return set()
    best = (min if less else max)(values.values())
    return {at for at, value in values.items() if value == best}
