"""What a user does with a quote or an article: find others like it, see its page, judge it, make a test question of it."""

import itertools
from typing import Any

import gradio as gr
from markupsafe import Markup

from embeddings import PullquoteError
from qa import Assistant
from qa.answer.page_image import draw_page, pages_of
from qa.types.articles import Passage, Quote
from qa.types.errors import LibraryError
from ui import static
from ui.html.answer import quote_of, similar_html
from ui.html.article import sheet_html
from ui.html.page import div_html
from ui.i18n.language import from_english
from ui.i18n.language import gettext as _
from ui.page.article_view import ArticleView, event_span
from ui.page.events import QUICK, event_int, event_text, optional_event_text
from ui.state.chat import Chat, log_unexpected

_SCRIPTS = ("events.js", "article.js", "keys.js")
_CANDIDATES, _SHOWN = 40, 5  # passages like a quote: searched for, and shown


class QuoteActions:
    """The component on which the whole page triggers its events, and the replies to those that concern quotes."""

    def __init__(self, assistant: Assistant, view: ArticleView, *, keeps: bool = True) -> None:
        """Take where quotes are from.

        Args:
            view: where similar passages are shown.
            keeps: whether judgements and test questions may be kept.
        """
        self._assistant, self._view, self._keeps = assistant, view, keeps
        self._replies = itertools.count(1)

    def build(self) -> None:
        """Make the component, which takes no room, and the dialogs, where the page is being built."""
        self.dialogs = gr.HTML("", elem_id="aids", apply_default_css=False, js_on_load=None)
        js = "\n".join(static.text(name) for name in _SCRIPTS)
        self.events = gr.HTML("", elem_id="events", apply_default_css=False, js_on_load=js)

    def connect(self, chat: gr.State) -> None:
        """Connect what is done with the quotes of a conversation."""
        doing: dict[str, Any] = {**QUICK, "trigger_mode": "multiple"}  # else a click while another event runs is lost
        self.events.like(self._show_similar, inputs=[chat], outputs=[self._view.part], **doing)
        self.events.sheet(self._show_sheet, outputs=[self.events], **doing)
        self.events.judge(self._judge, inputs=[chat], outputs=[chat, self.events], **doing)
        self.events.mark(self._mark, outputs=[self.events], **doing)

    def _show_similar(self, chat: Chat, event: gr.EventData) -> Markup:
        """Show passages like a quote in the article's pane, also on the way back from one of their articles."""
        number = event_int(event, "number")
        quote = quote_of(chat.answer(number), event_int(event, "rank"))
        if quote is None or number is None:
            return self._view.show_trouble(_("That answer is not shown any more."))
        try:
            return self._view.show(similar_html(quote, number, self._similar(quote), event_text(event, "article")))
        except PullquoteError as error:
            return self._view.show_trouble(str(error))
        except Exception:
            return self._view.show_trouble(log_unexpected())

    def _similar(self, quote: Quote) -> list[Passage]:
        """Return the passages most like a quote, best first, from other articles, one from each."""
        best: dict[str, Passage] = {}
        for passage in self._assistant.search(quote.text, _CANDIDATES):
            if passage.article.id != quote.article.id:
                best.setdefault(passage.article.id, passage)
        return list(best.values())[:_SHOWN]

    def _show_sheet(self, event: gr.EventData) -> Markup:
        """Show a page of an article as it is printed, or why it cannot be shown."""
        try:
            article = self._assistant.article(event_text(event, "article"), event_text(event, "version"))
            page = next((part for part in pages_of(article) if part.start == event_int(event, "part")), None)
            if page is None:
                return self._reply("nothing")
            try:
                sheet = sheet_html(article, page, draw_page(self._assistant.library, article, page, event_span(event)))
            except PullquoteError as error:
                sheet = sheet_html(article, page, from_english(str(error)))
            return self._reply("sheet", sheet, data_version=article.version, data_part=page.start)
        except PullquoteError as error:
            return self._reply_trouble(str(error))
        except Exception:
            return self._reply_trouble(log_unexpected())

    def _judge(self, chat: Chat, event: gr.EventData, request: gr.Request) -> tuple[Any, Markup]:
        """Note whether a quote answers. The same judgement again takes it back."""
        number, rank, is_good = event_int(event, "number"), event_int(event, "rank"), event_text(event, "good") == "1"
        exchange = next((exchange for exchange in chat.exchanges if exchange.number == number), None)
        if number is None or rank is None or exchange is None or not self._keeps:
            return gr.skip(), self._reply_trouble(_("Nothing is noted here."))
        if exchange.answer_id is None:
            return gr.skip(), self._reply_trouble(_("This answer is not kept, so nothing can be noted of it."))
        judgement = None if exchange.judgements.get(rank) is is_good else is_good
        try:
            self._assistant.journal.of(request.username).judge(exchange.answer_id, rank, judgement)
        except PullquoteError as error:
            return gr.skip(), self._reply_trouble(str(error))
        if judgement is None:
            message = _("Taken back")
        else:
            message = _("Noted that it answers") if is_good else _("Noted, with a draft of a test question")
        data: dict[str, str | int] = {
            "data_number": number,
            "data_rank": rank,
            "data_good": "" if judgement is None else str(int(is_good)),
        }
        return chat.with_judgement(number, rank, judgement), self._reply("judged", message, **data)

    def _mark(self, event: gr.EventData, request: gr.Request) -> Markup:
        """Keep selected words of an article as the answer to a question, as a draft of a test question."""
        span = event_span(event)
        if not self._keeps or span is None:
            return self._reply_trouble(_("Nothing is noted here."))
        question, words = event_text(event, "question").strip(), event_text(event, "text")
        try:
            article = self._assistant.article(event_text(event, "article"), optional_event_text(event, "version"))
            if not question:
                raise LibraryError("Say which question these words answer.")
            if not words or article.text[span.start : span.end] != words:
                raise LibraryError("There are no such words in the article: mark them again.")
            journal = self._assistant.journal.of(request.username)
            journal.mark(question, article.reference, span.start, span.end, words)
        except PullquoteError as error:
            return self._reply_trouble(str(error))
        return self._reply("marked", _("Kept as a draft of a test question"))

    def _reply_trouble(self, message: str) -> Markup:
        return self._reply("trouble", from_english(message))

    def _reply(self, kind: str, content: str = "", **data: str | int) -> Markup:
        """Render what came of an event, for the scripts to put in its place. Every reply differs from the last."""
        return div_html(content, data_reply=kind, data_turn=next(self._replies), **data)
