"""Measure how long each stage of an answer takes."""

import time
from collections.abc import Callable


class Stopwatch:
    """The seconds spent in each stage. The first stage begins when the stopwatch is made, each later one when the last ends.

    The stages do not overlap, so they never add up to more than the total.
    """

    def __init__(self, on_lap: Callable[[str], None] | None = None) -> None:
        """Start the stopwatch.

        Args:
            on_lap: called with the name of each stage when it ends.
        """
        self._on_lap = on_lap
        self._began = self._lapped = time.perf_counter()
        self._stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """End a stage, which began when the one before it ended. The times of a repeated stage are summed."""
        now = time.perf_counter()
        self._stages[stage] = self._stages.get(stage, 0.0) + now - self._lapped
        self._lapped = now
        if self._on_lap:
            self._on_lap(stage)

    def timings(self) -> dict[str, float]:
        """Return the seconds by stage, in the order of their first laps, and the `total` from the start until now."""
        return {**self._stages, "total": time.perf_counter() - self._began}
