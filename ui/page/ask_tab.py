"""The tab where questions are asked: the conversation, the filters and the question box."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import gradio as gr
from markupsafe import Markup

from qa import Assistant
from qa.library.filters import days
from qa.question.suggestions import suggest
from ui import static
from ui.html.answer import follow_ups_html
from ui.html.conversations import Invitation, chat_html, forgotten_html, latest_html, undated_html
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop, language_name
from ui.page.article_view import ArticleView
from ui.page.conversations import ConversationList, keep_answer
from ui.page.events import AT_ONCE, QUEUED, QUICK, clean_text, event_int, event_text
from ui.state.chat import FORGOTTEN, THREAD, Chat, log_unexpected
from ui.state.opening_questions import OpeningQuestions
from ui.state.samples import sample_articles

_FILTERS = {
    "after": gettext_noop("From"),
    "before": gettext_noop("To"),
    "source": gettext_noop("Source"),
    "tag": gettext_noop("Tags"),
    "language": gettext_noop("Language"),
}
_EMPTY: tuple[Any, ...] = ("", "", "", [], None)  # the filters' fields, emptied
_DAYS = {"after", "before"}
_PATIENCE = 1.0  # seconds that the page waits for questions to begin with
_LAST_OF_SEARCH = "score"  # the stage after which the reader reads the best passages
Label = Callable[[str], str]
_TELL_FILTERS = (
    "(...values) => { document.dispatchEvent(new CustomEvent('pullquote:filters', {detail: values})); return values; }"
)
_TELL_REFUSED = "() => { document.dispatchEvent(new CustomEvent('pullquote:refused')); }"  # such as by a full queue
Shown = tuple[Chat, Markup]  # the conversation, and the HTML of its last exchange


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
        self._keeps = keeps
        self._list = ConversationList(assistant) if keeps else None
        self._openings = OpeningQuestions(assistant)
        self._answering = ThreadPoolExecutor(AT_ONCE, "pullquote-answer")

    def build(self, label: Label) -> None:
        """Make the tab's components where the page is being built."""
        self.chat = gr.State(Chat(thread=FORGOTTEN))
        if self._list:
            self._list.build()
        focus, latest, offers, days_ = (static.text(f"{name}.js") for name in ("focus", "latest", "offers", "days"))
        self.conversation = gr.HTML("", elem_id="conversation", apply_default_css=False, js_on_load=focus)
        self._latest = gr.HTML("", elem_id="latest", apply_default_css=False, js_on_load=latest)
        self._offers = gr.HTML("", elem_id="offered", apply_default_css=False, js_on_load=f"{offers}\n{days_}")
        with gr.Row(elem_id="filters", visible=False) as self._filter_row:
            names = {name: label(text) for name, text in _FILTERS.items()}
            sized: dict[str, Any] = {"min_width": 0, "scale": 1}
            line: dict[str, Any] = {"lines": 1, "max_lines": 1, **sized}
            # A script makes them fields for a day. The calendar of gr.DateTime has no name that a screen reader could say.
            after, before = (gr.Textbox(label=names[name], elem_id=f"filter-{name}", **line) for name in ("after", "before"))
            hint = label("Part of a path, address or site")
            source = gr.Textbox(label=names["source"], placeholder=hint, elem_id="filter-source", **line)
            tags = gr.Dropdown([], label=names["tag"], multiselect=True, elem_id="filter-tag", **sized)
            language = gr.Dropdown([], label=names["language"], elem_id="filter-language", **sized)
            self._filters: list[gr.Textbox | gr.Dropdown] = [after, before, source, tags, language]
            self._tags, self._languages = tags, language
            self._clear = gr.Button(label("Clear"), elem_id="clear-filters", scale=0, min_width=0)
            self._done = gr.Button(label("Done"), elem_id="close-filters", scale=0, min_width=0)  # on phones alone
            self._filter_note = gr.HTML("", elem_id="filter-note", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="composer"):
            self._question = gr.Textbox(
                label=label("Your question"), placeholder=label("Ask the articles…"), lines=1, max_lines=4,
                autofocus=True, interactive=True, value="", elem_id="question", scale=1, min_width=0,
            )  # fmt: skip
            gr.Button(
                label("Ask"), variant="primary", elem_id="ask", scale=0, min_width=0
            )  # asking.js sends what is in the box
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
            "outputs": [self.chat, self._latest],
            "concurrency_limit": AT_ONCE,
            "concurrency_id": "ask",
            "trigger_mode": "multiple",  # asking.js sends one after another; in other modes Gradio loses what an event carries
            **QUEUED,
        }
        context = [self.chat, *self._filters]
        answers = [
            events.ask(self._ask_text, inputs=context, **asking),
            events.resume(self._ask_resumed, inputs=[self.chat], **asking),
            events.narrow(self._ask_narrowed, inputs=[self.chat], **asking),
            events.widen(self._ask_widened, inputs=[self.chat], **asking),
            events.again(self._ask_again, inputs=[self.chat], **asking),
        ]
        for answered in answers:
            answered.failure(None, js=_TELL_REFUSED, **QUICK)
            answered.then(self._offers_html, inputs=[self.chat], outputs=[self._offers], **QUICK)
            if self._list:
                answered.then(self._list.html, inputs=[self._list.removed], outputs=[self._list.part], **QUICK)
        if self._list:
            self._list.connect(events, self.chat, self.conversation)
        self._latest.reload(
            self._conversation_html, inputs=[self.chat], outputs=[self.conversation], trigger_mode="always_last", **QUICK
        )
        self._latest.begun(lambda: view.contents(quietly=True), outputs=[view.part], **QUICK)
        self._connect_filters()
        reset = [self.chat, self.conversation, self._offers, view.part, *self._filters]
        cleared = _EMPTY  # filters belong to the conversation that they were set for
        self._new_button.click(lambda: (*self._begin(), "", view.contents(), *cleared), outputs=reset, **QUICK)
        events.restore(self._restore_filters, outputs=[*self._filters, self._filter_button, self._filter_note], **QUICK)

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
        toggled = [self._filter_button.click, self._done.click]
        shown = gr.on(toggled, toggle, inputs=[self._filters_shown], outputs=row, **QUICK)
        shown.then(self._update_choices, outputs=[self._tags, self._languages], **QUICK)
        changes = [field.change for field in self._filters]
        noted = [self._filter_button, self._filter_note]
        gr.on(changes, self._note_filters, inputs=self._filters, outputs=noted, js=_TELL_FILTERS, **QUICK)
        self._clear.click(lambda: list(_EMPTY), outputs=self._filters, **QUICK)

    def _update_choices(self) -> tuple[Any, Any]:
        """Offer the tags and the languages that the articles have."""
        tags, languages = self._filter_choices()
        return gr.update(choices=tags), gr.update(choices=languages)

    def _restore_filters(self, event: gr.EventData) -> tuple[Any, ...]:
        """Fill the filters' fields with what a browser noted before the page was loaded anew."""
        after, before, source, tag, language = values = _event_filters(event)
        tags, languages = self._filter_choices()
        chosen = [gr.update(choices=tags, value=tag), gr.update(choices=languages, value=language)]
        return after, before, source, *chosen, *self._note_filters(*values)

    def _filter_choices(self) -> tuple[list[str], list[tuple[str, str]]]:
        """Return the tags and the languages that the articles have, as choices of a list."""
        articles = self._assistant.articles()
        tags = sorted({tag for article in articles for tag in article.tags}, key=str.casefold)
        languages = sorted({article.language for article in articles if article.language})
        return tags, [(language_name(code), code) for code in languages]

    def _note_filters(self, *values: object) -> tuple[str, Markup]:
        """Say how many filters are set and, where days are asked for, how many articles cannot be found by one."""
        only = parse_filters(values)
        n_undated = sum(not article.published for article in self._assistant.articles()) if only.keys() & _DAYS else 0
        return _("Filters ({n})", n=len(only)) if only else _("Filters"), undated_html(n_undated)

    def _conversation_html(self, chat: Chat) -> Markup:
        """Render a conversation. Before the first question, it invites to add articles, or to ask some questions."""
        if chat.exchanges:
            return chat_html(chat)
        if not self._assistant.articles():
            return chat_html(chat, invitation=Invitation(self._keeps, has_samples=bool(sample_articles())))
        return chat_html(chat, self._examples, offers=() if self._examples else self._openings.get(_PATIENCE))

    def _begin(self) -> tuple[Chat, Markup]:
        chat = Chat()
        return chat, self._conversation_html(chat)

    def _ask(
        self,
        question: str,
        chat: Chat,
        request: gr.Request,
        only: Mapping[str, Any] | None = None,
        *,
        alone: bool = False,
        resumed: bool = False,
    ) -> Iterator[Shown]:
        """Show the question at once, then what is being done for it, and its answer in the end.

        Args:
            question: as it was asked.
            chat: the conversation.
            only: filters on the articles, as for `Assistant.ask`.
            alone: whether the question is understood by itself, not as a follow-up.
            resumed: whether it was asked before, and its answer may be kept by now.
        """
        if chat.thread == FORGOTTEN:
            yield chat, forgotten_html()
            return
        if trouble := filter_trouble(only or {}):
            yield (refused := chat.refuse(question, trouble)), latest_html(refused)
            return
        pending = chat.with_question(question)
        yield chat, latest_html(pending)
        stages: SimpleQueue[str | None] = SimpleQueue()
        answering = self._answering.submit(chat.ask, self._assistant, question, only, alone=alone, on_stage=stages.put)
        answering.add_done_callback(lambda _future: stages.put(None))
        while stage := stages.get():
            if stage == _LAST_OF_SEARCH:
                yield chat, latest_html(pending.with_status(gettext_noop("Reading…")))
        answered = answering.result()
        if self._list:
            kept_before = self._list.answered(chat, question, request) if resumed else None
            answered = kept_before or keep_answer(self._assistant.journal.of(request.username), answered)
        yield answered, latest_html(answered)

    def _offers_html(self, chat: Chat) -> Markup:
        """Render questions to ask next, after the last answer."""
        answer = chat.exchanges[-1].answer if chat.exchanges else None
        try:
            return follow_ups_html(suggest(self._assistant.ask, answer, chat.turns) if answer else ())
        except Exception:  # the user asked for nothing, so sees no error
            log_unexpected()
            return follow_ups_html(())

    def _ask_text(self, chat: Chat, event: gr.EventData, request: gr.Request, *filters: object) -> Iterator[Shown]:
        yield from self._ask(event_text(event, "text"), chat, request, parse_filters(filters))

    def _ask_resumed(self, chat: Chat, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Ask what was not answered before the page was loaded anew, unless its answer was kept meanwhile."""
        question, thread = event_text(event, "text"), event_text(event, "thread")
        if not chat.exchanges and THREAD.fullmatch(thread):
            chat = replace(chat, thread=thread)
        if self._list and (answered := self._list.answered(chat, question, request)):
            yield answered, latest_html(answered)
        else:
            yield from self._ask(question, chat, request, parse_filters(_event_filters(event)), resumed=True)

    def _ask_again(self, chat: Chat, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Search once more with the edited question, without the conversation before it."""
        answer = chat.answer(event_int(event, "number"))
        yield from self._ask(event_text(event, "text"), chat, request, answer.only if answer else None, alone=True)

    def _ask_narrowed(self, chat: Chat, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Ask again with the filter that an answer offered."""
        answer = chat.answer(event_int(event, "number"))
        if answer and answer.offer:
            yield from self._ask(answer.searched_for, chat, request, answer.offer)

    def _ask_widened(self, chat: Chat, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Ask all articles what was asked of some."""
        answer = chat.answer(event_int(event, "number"))
        if answer and answer.only:
            yield from self._ask(answer.searched_for, chat, request)


def parse_filters(values: Sequence[object]) -> dict[str, Any]:
    """Return the filters that the fields ask for, as `Assistant.ask` takes them. An empty field filters nothing."""
    filters: dict[str, Any] = {}
    for name, value in zip(_FILTERS, values, strict=True):
        texts = [clean_text(text).strip() for text in (value if isinstance(value, list) else [value])]
        if texts := [text for text in texts if text]:
            filters[name] = texts if name == "tag" else texts[0]
    return filters


def _event_filters(event: gr.EventData) -> list[Any]:
    """Return the values of the filters' fields that a browser noted, all empty if it noted none."""
    try:
        values = json.loads(event_text(event, "filters"))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != len(_FILTERS):
        return list(_EMPTY)
    after, before, source, tags, language = values
    chosen_tags = [*map(clean_text, tags)] if isinstance(tags, list) else []
    return [clean_text(after), clean_text(before), clean_text(source), chosen_tags, clean_text(language) or None]


def filter_trouble(only: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the days that filters ask for, by the names of their fields, or None."""
    for name in _DAYS & only.keys():
        try:
            days(only[name])
        except ValueError:
            named = {"field": _(_FILTERS[name]), "value": only[name]}
            return _("{field} takes a day such as 2004-10-31, or a month or year, not “{value}”.", **named)
    if only.keys() >= _DAYS and days(only["after"])[0] > days(only["before"])[1]:
        return _("{first} is later than {last}: no day is both.", first=_(_FILTERS["after"]), last=_(_FILTERS["before"]))
    return None
