"""Drafts of test questions that came of using the page, to be accepted or dismissed."""

from typing import Any

import gradio as gr

from embeddings import PullquoteError
from qa import Assistant
from qa.evaluation import TestQuestion, load_questions, save_questions
from qa.types.articles import Draft
from qa.types.errors import QuestionsUnreadable
from ui import static
from ui.html.drafts import drafts_html
from ui.html.markup import Html
from ui.page.events import QUICK, text
from ui.state.chat import unexpected

ACCEPTED = "questions.jsonl"  # in the library's folder


class DraftsPart:
    """What is done with drafts; what is accepted can be measured with."""

    def __init__(self, assistant: Assistant) -> None:
        self._journal = assistant.journal
        self._file = assistant.library.folder / ACCEPTED

    def build(self) -> None:
        """Make the list where the page is being built."""
        self.part = gr.HTML(self.listed(), elem_id="drafts", apply_default_css=False, js_on_load=static.text("page.js"))

    def connect(self) -> list[Any]:
        """Say what happens when the list is used; what else is to happen may follow each of these."""
        does = {"outputs": [self.part], **QUICK}
        return [self.part.accept(self._accept, **does), self.part.dismiss(self._dismiss, **does)]

    def listed(self, trouble: str | None = None) -> Html:
        """The drafts there are."""
        try:
            return drafts_html(self._journal.drafts(), trouble)
        except PullquoteError as error:
            return drafts_html((), str(error))
        except Exception:
            return drafts_html((), unexpected())

    def _accept(self, event: gr.EventData) -> Html:
        draft = next((each for each in self._journal.drafts() if each.id == text(event, "draft")), None)
        try:
            if draft is None:
                raise QuestionsUnreadable("This draft was accepted or dismissed already.")
            answers = _answers(draft, text(event, "answer"), text(event, "nothing"))
            self._add(TestQuestion(draft.id, draft.question, answers, draft.source, draft.history))
            self._journal.accept(draft.id)  # only now, so that nothing is lost where the file cannot be written
        except PullquoteError as error:
            return self.listed(str(error))
        return self.listed()

    def _add(self, question: TestQuestion) -> None:
        there = load_questions(self._file) if self._file.exists() else []
        save_questions([*(each for each in there if each.id != question.id), question], self._file)

    def _dismiss(self, event: gr.EventData) -> Html:
        try:
            self._journal.dismiss(text(event, "draft"))
        except PullquoteError as error:
            return self.listed(str(error))
        return self.listed()


def _answers(draft: Draft, answer: str, nothing: str) -> tuple[str, ...]:
    """The gold answers that a draft is accepted with; none where the articles do not say."""
    if draft.answers:
        return draft.answers
    if answer.strip():
        return (answer.strip(),)
    if nothing:
        return ()
    raise QuestionsUnreadable("Say what the answer is, word for word as an article has it, or that the articles do not say.")
