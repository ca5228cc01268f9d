"""The tab where the library is measured: drafts of test questions, runs with their figures, and runs compared."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from embeddings import PullquoteError
from qa import Assistant
from qa.evaluation import Run, TestQuestion, compare, evaluate, find_run, load_questions, save_questions, save_run
from qa.evaluation.saving import run_file, run_names
from qa.types.articles import Draft
from qa.types.errors import QuestionsUnreadable
from ui.html.measure import choosing_html, comparison_html, drafts_html, run_html, working_html
from ui.html.page import div_html, error_html
from ui.page.events import QUEUED, QUICK, event_text
from ui.state.chat import log_unexpected
from ui.state.question_sets import QuestionSets

ACCEPTED = "questions.jsonl"  # in the library's folder
_UPDATE_EVERY = 0.4  # seconds between two looks at how far a run has come


class MeasureTab:
    """Runs of test questions, and drafts of such questions."""

    def __init__(self, assistant: Assistant, question_files: Sequence[Path] = (), *, keeps: bool = True) -> None:
        """Take what is measured.

        Args:
            question_files: test questions to choose from.
            keeps: whether runs are saved in the library, and drafts of test questions shown.
        """
        self._assistant, self._keeps = assistant, keeps
        self._folder = assistant.library.folder
        self._sets = QuestionSets([*question_files, self._folder / ACCEPTED])
        self._drafts = Drafts(assistant)

    def build(self) -> None:
        """Make the tab's components where the page is being built."""
        html: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}
        self.choosing = gr.HTML("", elem_id="choosing", **html)
        if self._keeps:
            self._draft_list = gr.HTML("", elem_id="drafts", **html)
        self._shown = gr.HTML("", elem_id="measured", **html)

    def connect(self, events: gr.HTML, tab: gr.Tab) -> None:
        """Connect what the tab does.

        Args:
            events: the component on which buttons and forms trigger events.
            tab: the tab itself.
        """
        measured: dict[str, Any] = {"outputs": [self.choosing, self._shown], "concurrency_limit": 1, **QUEUED}
        events.measure(self._measure, concurrency_id="measure", **measured)
        events.show(self._show, outputs=[self._shown], **QUICK)
        if self._keeps:
            listed: dict[str, Any] = {"outputs": [self._draft_list], **QUICK}
            for changed in (events.accept(self._drafts.accept, **listed), events.dismiss(self._drafts.dismiss, **listed)):
                changed.then(self.choices, outputs=[self.choosing], **QUICK)
            tab.select(self._drafts.html, **listed)  # asking may have made some

    def choices(self) -> Markup:
        """Render the question sets that can be measured, and the runs there are."""
        return choosing_html(self._sets.names(), run_names(self._folder))

    def _measure(self, event: gr.EventData) -> Iterator[tuple[Any, Markup]]:
        try:
            questions = self._sets.load(event_text(event, "questions"), event_text(event, "file"))
            name = event_text(event, "name").strip() or f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
            path = run_file(self._folder, name)
        except PullquoteError as error:
            yield gr.skip(), error_html(str(error))
            return
        n_done = 0
        ended: Future[Run] = Future()

        def count(done: int, _n: int) -> None:
            nonlocal n_done
            n_done = done

        def measure() -> None:
            try:
                run = evaluate(self._assistant, questions, name=name, on_question=count)
                if self._keeps:
                    save_run(run, path)
                ended.set_result(run)
            except Exception as error:
                ended.set_exception(error)

        threading.Thread(target=measure, name="pullquote-measure", daemon=True).start()
        yield gr.skip(), working_html(0, len(questions))
        while wait([ended], _UPDATE_EVERY).not_done:
            yield gr.skip(), working_html(n_done, len(questions))
        try:
            shown = run_html(ended.result())
        except PullquoteError as error:
            shown = error_html(str(error))
        except Exception:
            shown = error_html(log_unexpected())
        yield self.choices(), shown

    def _show(self, event: gr.EventData) -> Markup:
        """Show a run, and how it differs from another."""
        try:
            run = find_run(self._folder, event_text(event, "run"))
            before = event_text(event, "before")
            if not before:
                return run_html(run)
            earlier = find_run(self._folder, before)
            comparison = comparison_html(compare(earlier, run, common=True), earlier, run)
            return div_html(comparison + run_html(run))
        except PullquoteError as error:
            return error_html(str(error))
        except Exception:
            return error_html(log_unexpected())


class Drafts:
    """Drafts of test questions that came of using the page. Accepted ones go into a file that can be measured with."""

    def __init__(self, assistant: Assistant) -> None:
        self._journal = assistant.journal
        self._file = assistant.library.folder / ACCEPTED

    def html(self, request: gr.Request, trouble: str | None = None) -> Markup:
        """Render the user's drafts.

        Args:
            trouble: what went wrong, shown above them.
        """
        try:
            return drafts_html(self._journal.of(request.username).drafts(), trouble)
        except PullquoteError as error:
            return drafts_html((), str(error))
        except Exception:
            return drafts_html((), log_unexpected())

    def accept(self, event: gr.EventData, request: gr.Request) -> Markup:
        """Add a draft to the test questions, with the answer that the user gave."""
        journal = self._journal.of(request.username)
        try:
            draft = next((draft for draft in journal.drafts() if draft.id == event_text(event, "draft")), None)
            if draft is None:
                raise QuestionsUnreadable("This draft was accepted or dismissed already.")
            answers = _gold_answers(draft, event_text(event, "answer"), event_text(event, "nothing"))
            question = TestQuestion(draft.id, draft.question, answers, draft.source, draft.history)
            others = load_questions(self._file) if self._file.exists() else []
            save_questions([*(other for other in others if other.id != question.id), question], self._file)
            journal.accept(draft.id)  # last, so that nothing is lost if the file cannot be written
        except PullquoteError as error:
            return self.html(request, str(error))
        return self.html(request)

    def dismiss(self, event: gr.EventData, request: gr.Request) -> Markup:
        """Throw a draft away."""
        try:
            self._journal.of(request.username).dismiss(event_text(event, "draft"))
        except PullquoteError as error:
            return self.html(request, str(error))
        return self.html(request)


def _gold_answers(draft: Draft, answer: str, nothing: str) -> tuple[str, ...]:
    """Return the gold answers of an accepted draft; none if the articles do not say."""
    if draft.answers:
        return draft.answers
    if answer.strip():
        return (answer.strip(),)
    if nothing:
        return ()
    raise QuestionsUnreadable("Say what the answer is, word for word as an article has it, or that the articles do not say.")
