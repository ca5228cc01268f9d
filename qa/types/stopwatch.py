"""Stopwatch: where the time of an answer goes."""

import time
from collections.abc import Callable


class Stopwatch:
    """Seconds by stage, one stage after the other from the moment this is made.

    Every moment before the last lap belongs to one stage and to no other, so the stages never add up to more than the total.
    """

    def __init__(self, on_lap: Callable[[str], None] | None = None) -> None:
        """Begin.

        Args:
            on_lap: told of each stage when it ends.
        """
        self._on_lap = on_lap
        self._began = self._lapped = time.perf_counter()
        self._stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """End a stage that began where the one before it ended; what is gone through again is added to the first time."""
        now = time.perf_counter()
        self._stages[stage] = self._stages.get(stage, 0.0) + now - self._lapped
        self._lapped = now
        if self._on_lap:
            self._on_lap(stage)

    def timings(self) -> dict[str, float]:
        """Seconds by stage in the order of their first laps, and `total`, from the beginning until now."""
        return {**self._stages, "total": time.perf_counter() - self._began}
