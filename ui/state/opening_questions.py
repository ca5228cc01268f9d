"""Questions to begin with, made of the articles in the background, once for each generation of the library."""

import threading
from concurrent.futures import Future

from qa import Assistant
from qa.question.suggestions import opening_questions
from ui.state.chat import log_unexpected

_MOST_ARTICLES = 20  # the latest, of which questions are made


class OpeningQuestions:
    """Questions that the articles answer. Threads may share them."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._generation = -1
        self._questions: Future[tuple[str, ...]] = Future()

    def prepare(self) -> Future[tuple[str, ...]]:
        """Begin to make the questions where the library has changed."""
        with self._assistant.library.snapshot() as snapshot:
            generation = snapshot.generation
        with self._lock:
            if generation != self._generation:
                self._generation, self._questions = generation, Future()
                arguments = (self._questions,)
                threading.Thread(target=self._make, args=arguments, name="pullquote-opening", daemon=True).start()
            return self._questions

    def get(self, seconds: float) -> tuple[str, ...]:
        """Return the questions, or none where they are not made within that time."""
        try:
            return self.prepare().result(seconds)
        except TimeoutError:
            return ()

    def _make(self, questions: Future[tuple[str, ...]]) -> None:
        try:
            articles = self._assistant.articles()[-_MOST_ARTICLES:][::-1]
            questions.set_result(opening_questions(self._assistant.ask, self._assistant.search, articles))
        except Exception:  # the user asked for nothing, so sees no error
            log_unexpected()
            questions.set_result(())
