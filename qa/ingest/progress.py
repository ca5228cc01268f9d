"""Progress: how far an addition has come, how fast it goes, and how long the rest will take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

_SECONDS_TO_JUDGE_BY = 2.0  # of encoding, until the time left is said


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an addition has come."""

    files: int  # whose fate is sealed
    total: int  # files in all
    passages: int  # that have their vectors
    per_second: float  # passages
    seconds_left: float | None  # an estimate by the files' bytes; None until there is something to judge by


class Pace:
    """Measures an addition as it goes."""

    def __init__(self, n_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the bytes of all files that were found."""
        self._clock = clock
        self._began: float | None = None
        self._passages = 0
        self._worked = 0.0  # bytes of files whose passages have their vectors
        self._left = float(n_bytes)  # bytes of files whose fate is open

    def skip(self, n_bytes: int) -> None:
        """Leave files out of the account that there is nothing to encode of: they say nothing about the others' pace."""
        self._left = max(0.0, self._left - n_bytes)  # pages are not known before they are fetched

    def begin(self) -> None:
        """Start the clock, unless it runs."""
        if self._began is None:
            self._began = self._clock()

    def advance(self, n_passages: int, n_bytes: float) -> None:
        """Count passages that have their vectors now, and their share of their files' bytes."""
        self._passages += n_passages
        self._worked += n_bytes
        self._left = max(0.0, self._left - n_bytes)  # pages are not known before they are fetched

    def progress(self, files: int, total: int) -> Progress:
        seconds = 0.0 if self._began is None else self._clock() - self._began
        per_second = self._passages / seconds if seconds else 0.0
        known = seconds >= _SECONDS_TO_JUDGE_BY and self._worked > 0
        return Progress(files, total, self._passages, per_second, self._left * seconds / self._worked if known else None)
