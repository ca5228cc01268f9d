"""The tab where questions are asked: the conversation and the question box."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import gradio as gr

from qa import Assistant
from qa.question.suggestions import follow_ups
from ui import static
from ui.html.chat import chat_html, latest_html
from ui.html.markup import Html
from ui.html.search import offers_html
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop
from ui.page.article_view import ArticlePane
from ui.page.conversations import Talks
from ui.page.conversations_part import TalksPart
from ui.page.events import AT_ONCE, PRIVATE, QUICK, text, typed, whole
from ui.page.filter_row import FilterRow, only
from ui.page.quote_actions import Desk
from ui.state.chat import Chat, unexpected

_LAST_OF_SEARCH = "score"  # the stage after which the best passages are read closely
Shown = tuple[Chat, Html, Any]  # the conversation, how its last exchange is shown, and what becomes of the question box


class AskTab:
    """A conversation, in which each browser tab has its own part."""

    def __init__(self, assistant: Assistant, examples: Sequence[str], talks: Talks | None = None) -> None:
        """Take what is asked.

        Args:
            talks: where conversations are kept; None where they are not.
        """
        self._assistant, self._talks = assistant, talks
        self._listed = TalksPart(talks) if talks else None
        self._examples = list(examples)
        self._answering = ThreadPoolExecutor(AT_ONCE, "pullquote-answer")

    def build(self) -> None:
        """Make the tab's parts where the page is being built."""
        js, latest = (static.text(name) for name in ("page.js", "latest.js"))
        chat = Chat(thread="opening")  # the same in every language that this is built in
        self.chat = gr.State(chat)
        if self._listed:
            self._listed.build()
        self.said = gr.HTML(self._shown(chat), elem_id="conversation", apply_default_css=False, js_on_load=js)
        self._latest = gr.HTML("", elem_id="latest", apply_default_css=False, js_on_load=latest)
        self._offered = gr.HTML("", elem_id="offered", apply_default_css=False, js_on_load=None)
        self._filters = FilterRow()
        self._filters.build()
        with gr.Row(elem_id="composer"):
            self._question = gr.Textbox(
                label=_("Your question"), placeholder=_("Ask the articles…"), lines=1, max_lines=4, autofocus=True,
                value="", elem_id="question", scale=1, min_width=0,
            )  # fmt: skip
            self._go = gr.Button(_("Ask"), variant="primary", elem_id="ask", scale=0, min_width=0)
            self._filters.build_button()
            self._new = gr.Button(_("New conversation"), variant="secondary", elem_id="new", scale=0, min_width=0)

    def connect(self, pane: ArticlePane, desk: Desk) -> None:
        """Say what happens when the tab is used."""
        asking: dict[str, Any] = {"outputs": [self.chat, self._latest, self._question], "concurrency_limit": AT_ONCE, **PRIVATE}
        asking |= {"concurrency_id": "ask", "trigger_mode": "always_last"}  # what is sent meanwhile waits, and is not lost
        fields = self._filters.fields
        self._filters.connect()
        of_all = [self.chat, *fields]
        answered = [
            gr.on([self._go.click, self._question.submit], self._ask_box, inputs=[self._question, *of_all], **asking),
            self.said.example(self._ask_example, inputs=of_all, **asking),
            self.said.narrow(self._ask_of_some, inputs=[self.chat], **asking),
            desk.part.again(self._ask_again, inputs=[self.chat], **asking),
            desk.part.offer(self._ask_offered, inputs=of_all, **asking),
        ]
        for asked in answered:
            asked.then(self._offers, inputs=[self.chat], outputs=[self._offered], **QUICK)
            if self._listed:
                asked.then(self._listed.listed, outputs=[self._listed.part], **QUICK)
        if self._listed:
            self._listed.connect(self.chat, self.said)
        self._latest.whole(self._shown, inputs=[self.chat], outputs=[self.said], trigger_mode="always_last", **QUICK)
        anew = [self.chat, self.said, self._offered, self._question, pane.part, *fields]
        none = [""] * len(fields)  # filters go with the conversation that they were set for
        self._new.click(lambda: (*self._opening(), "", "", pane.contents(), *none), outputs=anew, **QUICK)

    def _shown(self, chat: Chat) -> Html:
        return chat_html(chat, self._examples)

    def _opening(self) -> tuple[Chat, Html]:
        chat = Chat()
        return chat, self._shown(chat)

    def _ask(self, question: str, chat: Chat, only: Mapping[str, Any] | None = None, *, alone: bool = False) -> Iterator[Shown]:
        """Show the question at once, what is being done for it, and its answer when it is there.

        What is typed meanwhile stays in the box.
        """
        asking = chat.asking(question)
        yield chat, latest_html(asking), ""
        stages: SimpleQueue[str | None] = SimpleQueue()
        answering = self._answering.submit(chat.ask, self._assistant, question, only, alone=alone, on_stage=stages.put)
        answering.add_done_callback(lambda _: stages.put(None))
        while stage := stages.get():
            if stage == _LAST_OF_SEARCH:
                yield chat, latest_html(asking.doing(gettext_noop("Reading…"))), gr.skip()
        answered = self._talks.keep(answering.result()) if self._talks else answering.result()
        yield answered, latest_html(answered), gr.skip()

    def _offers(self, chat: Chat) -> Html:
        """Questions to ask next, after the last answer."""
        answer = chat.exchanges[-1].answer if chat.exchanges else None
        try:
            return offers_html(follow_ups(self._assistant, answer, chat.turns) if answer else ())
        except Exception:  # nothing was asked, so nothing is owed
            unexpected()
            return offers_html(())

    def _ask_box(self, question: object, chat: Chat, *filters: str) -> Iterator[Shown]:
        yield from self._ask(typed(question), chat, only(filters))

    def _ask_example(self, chat: Chat, event: gr.EventData, *filters: str) -> Iterator[Shown]:
        number = whole(event, "example")
        if number is not None and 0 <= number < len(self._examples):
            yield from self._ask(self._examples[number], chat, only(filters))

    def _ask_offered(self, chat: Chat, event: gr.EventData, *filters: str) -> Iterator[Shown]:
        yield from self._ask(text(event, "text"), chat, only(filters))

    def _ask_again(self, chat: Chat, event: gr.EventData) -> Iterator[Shown]:
        """Search for what was searched for, as it was edited, by itself."""
        answer = chat.answer(whole(event, "number"))
        yield from self._ask(text(event, "text"), chat, answer.only if answer else None, alone=True)

    def _ask_of_some(self, chat: Chat, event: gr.EventData) -> Iterator[Shown]:
        """Ask again of the articles that an answer offered to keep to."""
        answer = chat.answer(whole(event, "number"))
        if answer and answer.offer:
            yield from self._ask(answer.searched_for, chat, answer.offer)
