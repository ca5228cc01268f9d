"""The pane on the right of the page: the article that is open, or the list of all."""

import itertools
from typing import Any

import gradio as gr

from embeddings import PullquoteError
from qa import Assistant, Span
from ui import static
from ui.html.answer import error_html
from ui.html.article import article_html, contents_html
from ui.html.markup import Html, element
from ui.html.tools import sheet_place_html, steps_html
from ui.page.events import QUICK, optional_text, text, whole
from ui.state.chat import Chat, unexpected


class ArticlePane:
    """Where citations are followed to, from whichever tab."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._openings = itertools.count(1)

    def build(self) -> None:
        """Make the pane where the page is being built."""
        js = static.text("page.js")
        self.part = gr.HTML(self.contents(), elem_id="article", apply_default_css=False, js_on_load=js)

    def connect(self, chat: gr.State, *parts: gr.HTML) -> None:
        """Open what is clicked in the pane or in these parts of the page.

        Args:
            chat: whose answers' other quotes are marked in the article.
        """
        opening: dict[str, Any] = {"outputs": [self.part], **QUICK}
        for part in (*parts, self.part):
            part.open(self._open, inputs=[chat], **opening)
        self.part.contents(self.contents, **opening)

    def contents(self) -> Html:
        """The list of articles."""
        return self.opened(contents_html(self._assistant.articles()))

    def _open(self, chat: Chat, event: gr.EventData) -> Html:
        """The article of a citation, in the version cited, at its place."""
        try:
            return self.opened(self._article(chat, event))
        except PullquoteError as error:
            return self.opened(self.trouble(str(error)))
        except Exception:
            return self.opened(self.trouble(unexpected()))

    def _article(self, chat: Chat, event: gr.EventData) -> Html:
        article = self._assistant.article(text(event, "article"), optional_text(event, "version"))
        present = self._assistant.article(article.id).version
        start, end = whole(event, "start"), whole(event, "end")
        span = Span(start, end) if start is not None and end is not None else None
        number = whole(event, "number")
        answer = chat.answer(number)
        quotes = answer.quotes if answer else ()
        cited = [quote for quote in quotes if (quote.article.id, quote.article.version) == (article.id, article.version)]
        leads = [Span(quote.lead.start, quote.lead.end) for quote in cited if quote.lead]
        liked, rank = whole(event, "liked"), whole(event, "rank")
        return article_html(
            article,
            span,
            [*(Span(quote.start, quote.end) for quote in cited), *leads],
            present=present,
            steps=steps_html(answer, number, article, span),
            sheet=sheet_place_html(article, span) if present == article.version else None,
            liked=(liked, rank) if liked is not None and rank is not None else None,
        )

    def trouble(self, message: str) -> Html:
        """What went wrong, and the list of articles."""
        return element("div", error_html(message), contents_html(self._assistant.articles()))

    def opened(self, content: Html) -> Html:
        """What stands in the pane, never twice the same markup, so that the browser scrolls even to what is open already."""
        return element("div", content, data_opening=next(self._openings))
