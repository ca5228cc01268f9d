"""How long a process has waited for a processor, which is no fault of the file that it reads."""

import os
import time
from pathlib import Path

STRETCH = 10  # how many times its seconds a process may take in all on a busy machine


class WaitingTime:
    """The time that a process of one thread was ready to run and did not.

    Linux counts it. Elsewhere it is estimated from the load of the machine, each time that it is asked for.
    """

    def __init__(self, process_id: int) -> None:
        """Begin to count."""
        self._process_id = process_id
        self._before = _counted(process_id)
        self._estimated, self._last_look = 0.0, time.monotonic()

    def seconds(self) -> float:
        """Return how long the process has waited since the beginning."""
        counted = _counted(self._process_id)
        if counted is not None and self._before is not None:
            return counted - self._before
        now = time.monotonic()
        self._estimated += (now - self._last_look) * _share_waiting()
        self._last_look = now
        return self._estimated


def _counted(process_id: int) -> float | None:
    """Return the seconds that Linux counts, or None on another system, or where it does not count them."""
    try:
        _, waited, _ = Path(f"/proc/{process_id}/schedstat").read_text(encoding="ascii").split()
        return int(waited) / 1e9
    except (OSError, ValueError):
        return None


def _share_waiting() -> float:
    """Return the share of its time that a process waits where more processes want to run than there are processors."""
    try:
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
    except (AttributeError, OSError):  # Windows does not tell its load
        return 0.0
    return 1 - 1 / max(1.0, load)
