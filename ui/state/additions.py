"""What is added from the page: one addition after another in a thread of its own, so that no question waits for it."""

import itertools
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from embeddings import PullquoteError
from qa import Assistant
from qa.ingest.progress import Progress, Step
from qa.sources.files import Upload
from qa.sources.sandbox.parser_pool import shared_pool
from qa.types.articles import Failure, Skipped
from qa.types.errors import LibraryBusy
from ui.state.chat import log_unexpected

_MOST_WAITING = 20
_MOST_REMEMBERED = 2 * _MOST_WAITING
_PATIENCE = 60.0  # seconds that another process may be changing the library
_RETRY = 2.0  # seconds between two tries


class TooManyAdditions(PullquoteError):
    """The queue of additions is full."""


@dataclass(slots=True, eq=False)
class Addition:
    """What is to be added, and how far that has come. One thread writes it, any may read it."""

    sources: Sequence[str | Upload]
    failures: Sequence[Failure] = ()  # files that did not arrive
    clean_up: Callable[[], None] = lambda: None  # deletes files that are here only to be added
    skipped: Sequence[Skipped] = ()  # files of a folder that were not sent
    user: str | None = None  # who began it, where users log in
    steps: list[Step] = field(default_factory=list)
    progress: Progress | None = None
    error: str | None = None
    started: bool = False
    number: int = 0  # by which a browser asks for it
    done: threading.Event = field(default_factory=threading.Event)


class Additions:
    """A queue of additions and the thread that works through it. The thread starts with the first addition."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._queue: queue.Queue[Addition] = queue.Queue(_MOST_WAITING)
        self._recent: list[Addition] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, addition: Addition) -> Addition:
        """Put an addition into the queue.

        Raises:
            TooManyAdditions: the queue is full. What the addition had here is deleted.
        """
        with self._lock:
            try:
                self._queue.put_nowait(addition)
            except queue.Full:
                addition.clean_up()
                raise TooManyAdditions("Much is waiting to be added already: try again when some of it is done.") from None
            addition.number = next(self._numbers)
            self._recent = [*self._recent, addition][-_MOST_REMEMBERED:]
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="pullquote-add", daemon=True)
                self._thread.start()
        return addition

    @property
    def is_busy(self) -> bool:
        """Whether an addition is not done."""
        return any(not addition.done.is_set() for addition in self._recent)

    def latest_of(self, user: str | None) -> Addition | None:
        """Return the addition that a user started last, if it is not done. Without a login, all are one user's."""
        own = (addition for addition in reversed(self._recent) if addition.user == user and not addition.done.is_set())
        return next(own, None)

    def find(self, number: int | None) -> Addition | None:
        """Return the addition of a number, or None if there is none or many were started since."""
        return next((addition for addition in self._recent if addition.number == number), None)

    def _work(self) -> None:
        while True:
            addition = self._queue.get()
            addition.started = True
            try:
                self._add(addition)
            except PullquoteError as error:
                addition.error = str(error)
            except Exception:
                addition.error = log_unexpected()
            finally:
                addition.clean_up()
                addition.done.set()
            if self._queue.empty():
                shared_pool.close()  # idle parsers take memory

    def _add(self, addition: Addition) -> None:
        def note(progress: Progress) -> None:
            addition.progress = progress

        deadline = time.monotonic() + _PATIENCE
        while addition.sources:
            try:
                self._assistant.add(list(addition.sources), on_step=addition.steps.append, on_progress=note)
            except LibraryBusy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY)
            else:
                return
