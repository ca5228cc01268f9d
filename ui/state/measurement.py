"""A run of test questions that is under way, which goes on whoever looks at it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from qa import Assistant
from qa.evaluation import Run, TestQuestion, evaluate, save_run
from qa.types.errors import QuestionsUnreadable


class Measurement:
    """One run, measured in a thread of its own."""

    def __init__(
        self, assistant: Assistant, questions: Sequence[TestQuestion], name: str, path: Path | None, user: str | None
    ) -> None:
        """Begin the run.

        Args:
            path: where the run is saved; None saves nothing.
            user: who began it, and alone sees it until it is saved; None where nobody logs in.
        """
        self.user = user
        self.n_done, self.n_questions = 0, len(questions)
        self._run: Future[Run] = Future()

        def count(done: int, _n: int) -> None:
            self.n_done = done

        def measure() -> None:
            try:
                run = evaluate(assistant, questions, name=name, on_question=count)
                if path:
                    save_run(run, path)
                self._run.set_result(run)
            except Exception as error:
                self._run.set_exception(error)

        threading.Thread(target=measure, name="pullquote-measure", daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether the run has ended, well or not."""
        return self._run.done()

    def result(self) -> Run:
        """Return the run that has ended, or raise what ended it."""
        return self._run.result()


class Measurements:
    """The run that is under way, of which there is one at a time."""

    def __init__(self) -> None:
        self.latest: Measurement | None = None
        self._lock = threading.Lock()

    def latest_of(self, user: str | None) -> Measurement | None:
        """Return the run that a user began last, or None."""
        return self.latest if self.latest and self.latest.user == user else None

    def begin(self, make: Callable[[], Measurement]) -> Measurement:
        """Begin a run.

        Raises:
            QuestionsUnreadable: another is under way.
        """
        with self._lock:
            if self.latest and not self.latest.is_done:
                raise QuestionsUnreadable("Another run is being measured: wait until it is done.")
            self.latest = make()
            return self.latest
