"""The tab where the library is measured: test questions asked, figures, failures, and runs compared."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr

from embeddings import PullquoteError
from qa import Assistant
from qa.evaluation import Run, compare, evaluate, find_run, save_run
from qa.evaluation.saving import run_file, run_names
from ui import static
from ui.html.answer import error_html
from ui.html.markup import Html, element
from ui.html.measure import choosing_html, comparison_html, run_html, working_html
from ui.page.drafts_part import ACCEPTED, DraftsPart
from ui.page.events import PRIVATE, QUICK, text
from ui.state.chat import unexpected
from ui.state.question_sets import QuestionSets

_TOLD_EVERY = 0.4  # seconds between two looks at how far a run has come
Told = tuple[int, int]  # questions done, and of how many


class MeasureTab:
    """Runs of test questions, kept in the library."""

    def __init__(self, assistant: Assistant, question_files: Sequence[Path] = (), *, keeps: bool = True) -> None:
        """Take what is measured.

        Args:
            question_files: of test questions that can be chosen.
            keeps: whether runs are kept in the library, and test questions drafted and accepted.
        """
        self._assistant, self._keeps = assistant, keeps
        self._drafts = DraftsPart(assistant) if keeps else None
        accepted = [assistant.library.folder / ACCEPTED]
        self._sets = QuestionSets([*question_files, *accepted])

    def build(self) -> None:
        """Make the tab's parts where the page is being built."""
        js = static.text("page.js")
        self.choosing = gr.HTML(self.choices(), elem_id="choosing", apply_default_css=False, js_on_load=js)
        if self._drafts:
            self._drafts.build()
        self.shown = gr.HTML("", elem_id="measured", apply_default_css=False, js_on_load=js)

    def connect(self, tab: gr.Tab) -> None:
        """Say what happens when the tab is used."""
        both: dict[str, Any] = {"outputs": [self.choosing, self.shown]}
        self.choosing.measure(self._measure, concurrency_limit=1, concurrency_id="measure", **both, **PRIVATE)
        self.choosing.show(self._show, outputs=[self.shown], **QUICK)
        if self._drafts:
            for changed in self._drafts.connect():
                changed.then(self.choices, outputs=[self.choosing], **QUICK)
            tab.select(self._drafts.listed, outputs=[self._drafts.part], **QUICK)  # some may have come of asking

    def choices(self) -> Html:
        """What can be measured, and the runs there are."""
        return choosing_html(self._sets.names(), run_names(self._assistant.library.folder))

    def _measure(self, event: gr.EventData) -> Iterator[tuple[Any, Html]]:
        try:
            questions = self._sets.load(text(event, "questions"), text(event, "file"))
            name = text(event, "name").strip() or f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
            path = run_file(self._assistant.library.folder, name)
        except PullquoteError as error:
            yield gr.skip(), error_html(str(error))
            return
        done: queue.Queue[Told | Run | Html] = queue.Queue()

        def measure() -> Run:
            run = evaluate(self._assistant, questions, name=name, on_question=lambda *told: done.put(told))
            if self._keeps:
                save_run(run, path)
            return run

        threading.Thread(target=_told, args=(measure, done), name="pullquote-measure", daemon=True).start()
        yield gr.skip(), working_html(0, len(questions))
        while True:
            last = _last(done)
            if isinstance(last, tuple):
                yield gr.skip(), working_html(*last)
            else:
                yield self.choices(), last if isinstance(last, Html) else run_html(last)
                return

    def _show(self, event: gr.EventData) -> Html:
        """A run, and what has changed since another."""
        folder = self._assistant.library.folder
        try:
            run = find_run(folder, text(event, "run"))
            before = text(event, "before")
            if not before:
                return run_html(run)
            earlier = find_run(folder, before)
            return element("div", comparison_html(compare(earlier, run, common=True), earlier, run), run_html(run))
        except PullquoteError as error:
            return error_html(str(error))
        except Exception:
            return error_html(unexpected())


def _told(measure: Callable[[], Run], done: "queue.Queue[Told | Run | Html]") -> None:
    """Measure, and put the run, or what went wrong, where it is waited for."""
    try:
        done.put(measure())
    except PullquoteError as error:
        done.put(error_html(str(error)))
    except Exception:
        done.put(error_html(unexpected()))


def _last(done: "queue.Queue[Told | Run | Html]") -> Told | Run | Html:
    """The newest of what is told, after a moment; what ends a run is never passed over."""
    last = done.get()
    if isinstance(last, tuple):
        threading.Event().wait(_TOLD_EVERY)
    while isinstance(last, tuple) and not done.empty():
        last = done.get()
    return last
