"""The end of the time that a page may take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qa.types.errors import PageUnreachable


class Deadline:
    """Runs from when it is made, over every look-up, connection and redirect of a page."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds, self._clock = seconds, clock
        self._end = clock() + seconds

    def left(self, most: float | None = None) -> float:
        """The seconds left for one step, at most so many.

        Raises:
            PageUnreachable: there are none.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise self.missed()
        return left if most is None else min(left, most)

    def missed(self) -> PageUnreachable:
        """What to say when it has passed."""
        return PageUnreachable(f"it took longer than {self.seconds:g} s")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Time that is not counted: what politeness takes is not the server's fault."""
        began = self._clock()
        try:
            yield
        finally:
            self._end += self._clock() - began
