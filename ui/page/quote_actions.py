"""The desk: what is done with quotes and articles beside asking and opening them, and how the page says what came of it."""

import itertools
from typing import Any

import gradio as gr

from embeddings import PullquoteError
from qa import Assistant
from qa.answer.page_image import pages_of, printed
from qa.types.articles import Passage, Quote, Span
from ui import static
from ui.html.actions import quote_of, similar_html
from ui.html.aids import aids_html
from ui.html.markup import Html, element
from ui.html.tools import sheet_html
from ui.i18n.language import from_english
from ui.i18n.language import gettext as _
from ui.page.article_view import ArticlePane
from ui.page.conversations import Talks
from ui.page.events import QUICK, text, whole
from ui.state.chat import Chat, unexpected

_SCRIPTS = ("actions.js", "reading.js", "keys.js")
_LOOKED_AT, _SHOWN = 40, 5  # passages like a quote


class Desk:
    """Buttons anywhere on the page that carry `data-does` speak through the one part that this makes."""

    def __init__(self, assistant: Assistant, talks: Talks | None = None) -> None:
        """Take what is read.

        Args:
            talks: where it is noted what answers; None where nothing is.
        """
        self._assistant, self._talks = assistant, talks
        self._replies = itertools.count(1)

    def build(self) -> None:
        """Make the part, which takes no room, and the list of keys, where the page is being built."""
        gr.HTML(aids_html(), elem_id="aids", apply_default_css=False, js_on_load=None)
        js = "\n".join(static.text(name) for name in _SCRIPTS)
        self.part = gr.HTML("", elem_id="desk", apply_default_css=False, js_on_load=js)

    def connect(self, chat: gr.State, pane: ArticlePane) -> None:
        """Say what happens when something is done with a quote or an article."""
        doing: dict[str, Any] = {**QUICK, "trigger_mode": "multiple"}  # else what is clicked while another runs is lost
        self._pane = pane
        self.part.like(self._like, inputs=[chat], outputs=[pane.part], **doing)
        self.part.sheet(self._sheet, outputs=[self.part], **doing)
        self.part.judge(self._judge, inputs=[chat], outputs=[chat, self.part], **doing)
        self.part.mark(self._mark, outputs=[self.part], **doing)

    def _like(self, chat: Chat, event: gr.EventData) -> Html:
        """Passages like a quote, in the pane, for who asks for them or comes back from an article among them."""
        number = whole(event, "number")
        quote = quote_of(chat.answer(number), whole(event, "rank"))
        if quote is None or number is None:
            return self._pane.opened(self._pane.trouble(_("That answer is not shown any more.")))
        try:
            return self._pane.opened(similar_html(quote, number, self._similar(quote), text(event, "article")))
        except PullquoteError as error:
            return self._pane.opened(self._pane.trouble(str(error)))
        except Exception:
            return self._pane.opened(self._pane.trouble(unexpected()))

    def _similar(self, quote: Quote) -> list[Passage]:
        """The passages most like a quote, best first, of other articles, one of each."""
        own = {quote.article.id}
        best: dict[str, Passage] = {}
        for passage in self._assistant.search(quote.text, _LOOKED_AT):
            if passage.article.id not in own:
                best.setdefault(passage.article.id, passage)
        return list(best.values())[:_SHOWN]

    def _sheet(self, event: gr.EventData) -> Html:
        """A page of an article as it is printed, or why it cannot be shown."""
        try:
            article = self._assistant.article(text(event, "article"), text(event, "version"))
            page = next((part for part in pages_of(article) if part.start == whole(event, "part")), None)
            if page is None:
                return self._reply("nothing")
            start, end = whole(event, "start"), whole(event, "end")
            marked = Span(start, end) if start is not None and end is not None else None
            try:
                shown = sheet_html(article, page, printed(self._assistant.library, article, page, marked))
            except PullquoteError as error:
                shown = sheet_html(article, page, from_english(str(error)))
            return self._reply("sheet", shown, data_version=article.version, data_part=page.start)
        except Exception:
            return self._trouble(unexpected())

    def _judge(self, chat: Chat, event: gr.EventData) -> tuple[Any, Html]:
        """Note whether a quote answers; what was said before is taken back when it is said again."""
        number, rank, good = whole(event, "number"), whole(event, "rank"), text(event, "good") == "1"
        exchange = next((each for each in chat.exchanges if each.number == number), None)
        if number is None or rank is None or exchange is None or self._talks is None:
            return gr.skip(), self._trouble(_("Nothing is noted here."))
        if exchange.kept is None:
            return gr.skip(), self._trouble(_("This answer is not kept, so nothing can be noted of it."))
        said = None if exchange.judged.get(rank) is good else good
        try:
            self._talks.judge(exchange.kept, rank, said)
        except PullquoteError as error:
            return gr.skip(), self._trouble(str(error))
        if said is None:
            says = _("Taken back")
        else:
            says = _("Noted that it answers") if good else _("Noted, with a draft of a test question")
        about: dict[str, str | int] = {
            "data_number": number,
            "data_rank": rank,
            "data_good": "" if said is None else str(int(good)),
        }
        return chat.judging(number, rank, said), self._reply("judged", says, **about)

    def _mark(self, event: gr.EventData) -> Html:
        """Keep words of an article as the answer to a question, as a draft of a test question."""
        start, end = whole(event, "start"), whole(event, "end")
        if self._talks is None or start is None or end is None:
            return self._trouble(_("Nothing is noted here."))
        question, article, version, words = (text(event, name) for name in ("question", "article", "version", "text"))
        try:
            self._talks.mark(question, article, version, start, end, words)
        except PullquoteError as error:
            return self._trouble(str(error))
        return self._reply("marked", _("Kept as a draft of a test question"))

    def _trouble(self, message: str) -> Html:
        return self._reply("trouble", from_english(message))

    def _reply(self, kind: str, *content: str, **about: str | int) -> Html:
        """What came of something, for the scripts to put in its place; never twice the same."""
        return element("div", *content, data_reply=kind, data_turn=next(self._replies), **about)
