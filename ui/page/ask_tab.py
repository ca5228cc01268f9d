"""The tab where questions are asked: the conversation, the filters and the question box."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import gradio as gr
from markupsafe import Markup

from qa import Assistant
from qa.question.suggestions import suggest
from ui import static
from ui.html.answer import follow_ups_html
from ui.html.conversations import chat_html, latest_html
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop
from ui.page.article_view import ArticleView
from ui.page.conversations import ConversationList, keep_answer
from ui.page.events import AT_ONCE, QUEUED, QUICK, clean_text, event_int, event_text
from ui.state.chat import Chat, log_unexpected

_FILTERS = {
    "after": (gettext_noop("From"), gettext_noop("2004-10-31, 2004-10 or 2004")),
    "before": (gettext_noop("To"), gettext_noop("2004-10-31, 2004-10 or 2004")),
    "source": (gettext_noop("Source"), gettext_noop("Part of a path, address or site")),
    "tag": (gettext_noop("Tags"), gettext_noop("One, or several with commas")),
    "language": (gettext_noop("Language"), "en"),
}
_LAST_OF_SEARCH = "score"  # the stage after which the reader reads the best passages
Label = Callable[[str], str]
Shown = tuple[Chat, Markup, Any]  # the conversation, the HTML of its last exchange, and the content of the question box


class AskTab:
    """The conversation. Each browser tab has its own."""

    def __init__(self, assistant: Assistant, examples: Sequence[str], *, keeps: bool = True) -> None:
        """Take what answers.

        Args:
            examples: questions to try, shown before the first is asked.
            keeps: whether conversations are kept in the library.
        """
        self._assistant = assistant
        self._examples = list(examples)
        self._list = ConversationList(assistant) if keeps else None
        self._answering = ThreadPoolExecutor(AT_ONCE, "pullquote-answer")

    def build(self, label: Label) -> None:
        """Make the tab's components where the page is being built."""
        self.chat = gr.State(Chat(thread="opening"))
        if self._list:
            self._list.build()
        focus, latest = (static.text(name) for name in ("focus.js", "latest.js"))
        self.conversation = gr.HTML("", elem_id="conversation", apply_default_css=False, js_on_load=focus)
        self._latest = gr.HTML("", elem_id="latest", apply_default_css=False, js_on_load=latest)
        self._offers = gr.HTML("", elem_id="offered", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="filters", visible=False) as self._filter_row:
            self._filters = [
                gr.Textbox(
                    label=label(name), placeholder=label(hint), lines=1, max_lines=1,
                    elem_id=f"filter-{field}", min_width=0, scale=1,
                )
                for field, (name, hint) in _FILTERS.items()
            ]  # fmt: skip
            self._clear = gr.Button(label("Clear"), elem_id="clear-filters", scale=0, min_width=0)
        with gr.Row(elem_id="composer"):
            self._question = gr.Textbox(
                label=label("Your question"), placeholder=label("Ask the articles…"), lines=1, max_lines=4,
                autofocus=True, value="", elem_id="question", scale=1, min_width=0,
            )  # fmt: skip
            self._ask_button = gr.Button(label("Ask"), variant="primary", elem_id="ask", scale=0, min_width=0)
            self._filters_shown = gr.State(False)
            self._filter_button = gr.Button(label("Filters"), elem_id="filter", scale=0, min_width=0)
            self._new_button = gr.Button(label("New conversation"), elem_id="new", scale=0, min_width=0)

    def connect(self, events: gr.HTML, view: ArticleView) -> None:
        """Connect what the tab does.

        Args:
            events: the component on which buttons trigger events.
            view: where articles are opened.
        """
        asking: dict[str, Any] = {
            "outputs": [self.chat, self._latest, self._question],
            "concurrency_limit": AT_ONCE,
            "concurrency_id": "ask",
            "trigger_mode": "always_last",  # a question sent meanwhile waits, and is not lost
            **QUEUED,
        }
        context = [self.chat, *self._filters]
        answers = [
            gr.on([self._ask_button.click, self._question.submit], self._ask_box, inputs=[self._question, *context], **asking),
            events.example(self._ask_example, inputs=context, **asking),
            events.narrow(self._ask_narrowed, inputs=[self.chat], **asking),
            events.again(self._ask_again, inputs=[self.chat], **asking),
            events.offer(self._ask_offered, inputs=context, **asking),
        ]
        for answered in answers:
            answered.then(self._offers_html, inputs=[self.chat], outputs=[self._offers], **QUICK)
            if self._list:
                answered.then(self._list.html, outputs=[self._list.part], **QUICK)
        if self._list:
            self._list.connect(events, self.chat, self.conversation)
        self._latest.reload(
            self._conversation_html, inputs=[self.chat], outputs=[self.conversation], trigger_mode="always_last", **QUICK
        )
        self._connect_filters()
        reset = [self.chat, self.conversation, self._offers, self._question, view.part, *self._filters]
        cleared = [""] * len(self._filters)  # filters belong to the conversation that they were set for
        self._new_button.click(lambda: (*self._begin(), "", "", view.contents(), *cleared), outputs=reset, **QUICK)

    def show_on(self, blocks: gr.Blocks) -> None:
        """Show a conversation when the page is opened: the one that the page's address names, or a new one."""
        outputs = [self.chat, self.conversation, *([self._list.part] if self._list else [])]
        blocks.load(self._open_page, outputs=outputs, **QUICK)

    def _open_page(self, request: gr.Request) -> tuple[Any, ...]:
        names = ("conversation", "answer")
        conversation_id, answer_id = (clean_text(request.query_params.get(name)) for name in names)
        if not self._list:
            return self._begin()
        if any(name in request.query_params for name in names):  # an empty one is a link that lost its end
            return self._list.open_address(conversation_id, answer_id, request)
        return *self._begin(), self._list.html(request)

    def _connect_filters(self) -> None:
        def toggle(shown: bool) -> tuple[bool, Any]:
            return not shown, gr.update(visible=not shown)

        row = [self._filters_shown, self._filter_row]
        self._filter_button.click(toggle, inputs=[self._filters_shown], outputs=row, **QUICK)
        changes = [field.change for field in self._filters]
        gr.on(changes, _filter_button_text, inputs=self._filters, outputs=[self._filter_button], **QUICK)
        self._clear.click(lambda: [""] * len(self._filters), outputs=self._filters, **QUICK)

    def _conversation_html(self, chat: Chat) -> Markup:
        return chat_html(chat, self._examples)

    def _begin(self) -> tuple[Chat, Markup]:
        chat = Chat()
        return chat, self._conversation_html(chat)

    def _ask(
        self, question: str, chat: Chat, request: gr.Request, only: Mapping[str, Any] | None = None, *, alone: bool = False
    ) -> Iterator[Shown]:
        """Show the question at once, then what is being done for it, and its answer in the end.

        What the user types meanwhile stays in the box.
        """
        pending = chat.with_question(question)
        yield chat, latest_html(pending), ""
        stages: SimpleQueue[str | None] = SimpleQueue()
        answering = self._answering.submit(chat.ask, self._assistant, question, only, alone=alone, on_stage=stages.put)
        answering.add_done_callback(lambda _future: stages.put(None))
        while stage := stages.get():
            if stage == _LAST_OF_SEARCH:
                yield chat, latest_html(pending.with_status(gettext_noop("Reading…"))), gr.skip()
        answered = answering.result()
        if self._list:
            answered = keep_answer(self._assistant.journal.of(request.username), answered)
        yield answered, latest_html(answered), gr.skip()

    def _offers_html(self, chat: Chat) -> Markup:
        """Render questions to ask next, after the last answer."""
        answer = chat.exchanges[-1].answer if chat.exchanges else None
        try:
            return follow_ups_html(suggest(self._assistant.ask, answer, chat.turns) if answer else ())
        except Exception:  # the user asked for nothing, so sees no error
            log_unexpected()
            return follow_ups_html(())

    def _ask_box(self, question: object, chat: Chat, request: gr.Request, *filters: object) -> Iterator[Shown]:
        yield from self._ask(clean_text(question), chat, request, parse_filters(filters))

    def _ask_example(self, chat: Chat, event: gr.EventData, request: gr.Request, *filters: object) -> Iterator[Shown]:
        number = event_int(event, "example")
        if number is not None and 0 <= number < len(self._examples):
            yield from self._ask(self._examples[number], chat, request, parse_filters(filters))

    def _ask_offered(self, chat: Chat, event: gr.EventData, request: gr.Request, *filters: object) -> Iterator[Shown]:
        yield from self._ask(event_text(event, "text"), chat, request, parse_filters(filters))

    def _ask_again(self, chat: Chat, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Search once more with the edited question, without the conversation before it."""
        answer = chat.answer(event_int(event, "number"))
        yield from self._ask(event_text(event, "text"), chat, request, answer.only if answer else None, alone=True)

    def _ask_narrowed(self, chat: Chat, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Ask again with the filter that an answer offered."""
        answer = chat.answer(event_int(event, "number"))
        if answer and answer.offer:
            yield from self._ask(answer.searched_for, chat, request, answer.offer)


def parse_filters(values: Sequence[object]) -> dict[str, Any]:
    """Return the filters that the fields ask for, as `Assistant.ask` takes them. An empty field filters nothing."""
    texts = {name: value.strip() for name, value in zip(_FILTERS, values, strict=True) if isinstance(value, str)}
    filters: dict[str, Any] = {name: value for name, value in texts.items() if value}
    tags = [tag for part in filters.pop("tag", "").split(",") if (tag := part.strip())]
    return filters | ({"tag": tags} if tags else {})


def _filter_button_text(*values: object) -> str:
    n_set = sum(1 for value in values if isinstance(value, str) and value.strip())
    return _("Filters ({n})", n=n_set) if n_set else _("Filters")
