"""Additions: what is added from the page, one after another in a thread of its own, so that no question waits for them."""

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
from qa.types.articles import Failure
from qa.types.errors import LibraryBusy
from ui.state.chat import unexpected

_MOST_WAITING = 20
_PATIENCE = 60.0  # seconds that another process may be changing the library
_RETRY = 2.0
_MOST_KEPT = 2 * _MOST_WAITING


class TooManyAdditions(PullquoteError):
    """So much is waiting to be added that nothing more is taken."""


@dataclass(slots=True, eq=False)
class Addition:
    """What is to be added, how far that has come, and what became of each file; written by one thread, read by any."""

    wanted: Sequence[str | Upload]
    refused: Sequence[Failure] = ()  # files that never came
    clear: Callable[[], None] = lambda: None  # away with what lay here only to be added
    steps: list[Step] = field(default_factory=list)
    progress: Progress | None = None
    trouble: str | None = None
    begun: bool = False
    number: int = 0  # by which a browser asks for it
    ended: threading.Event = field(default_factory=threading.Event)


class Additions:
    """A queue of additions and the thread that works it off, which starts with the first."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._waiting: queue.Queue[Addition] = queue.Queue(_MOST_WAITING)
        self._known: list[Addition] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, addition: Addition) -> Addition:
        """Add something when its turn comes.

        Raises:
            TooManyAdditions: it is cleared away then.
        """
        with self._lock:
            try:
                self._waiting.put_nowait(addition)
            except queue.Full:
                addition.clear()
                raise TooManyAdditions("Much is waiting to be added already: try again when some of it is done.") from None
            addition.number = next(self._numbers)
            self._known = [*self._known, addition][-_MOST_KEPT:]
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="pullquote-add", daemon=True)
                self._thread.start()
        return addition

    @property
    def latest(self) -> Addition | None:
        """What was begun last and has not ended."""
        return next((each for each in reversed(self._known) if not each.ended.is_set()), None)

    def known(self, number: int | None) -> Addition | None:
        """The addition of that number, as long as not many have been begun since."""
        return next((each for each in self._known if each.number == number), None)

    def _work(self) -> None:
        while True:
            addition = self._waiting.get()
            addition.begun = True
            try:
                self._add(addition)
            except PullquoteError as error:
                addition.trouble = str(error)
            except Exception:
                addition.trouble = unexpected()
            finally:
                addition.clear()
                addition.ended.set()
            if self._waiting.empty():
                shared_pool.close()  # what reads files takes memory while it waits

    def _add(self, addition: Addition) -> None:
        def told(progress: Progress) -> None:
            addition.progress = progress

        until = time.monotonic() + _PATIENCE
        while addition.wanted:
            try:
                self._assistant.add(list(addition.wanted), on_step=addition.steps.append, on_progress=told)
            except LibraryBusy:
                if time.monotonic() > until:
                    raise
                time.sleep(_RETRY)
            else:
                return
