"""The article that is open beside the conversation, or the list of all articles."""

import itertools
from typing import Any

import gradio as gr
from markupsafe import Markup

from embeddings import PullquoteError
from qa import Assistant, Span
from ui import static
from ui.html.article import article_html, contents_html, sheet_place_html, steps_html
from ui.html.page import div_html, error_html
from ui.i18n.language import from_english
from ui.i18n.language import gettext as _
from ui.page.events import QUICK, event_int, event_text, optional_event_text
from ui.state.chat import Chat, log_unexpected


class ArticleView:
    """The pane in which every citation of the page opens its article."""

    def __init__(self, assistant: Assistant, *, may_edit: bool = True) -> None:
        """Take where articles are from.

        Args:
            may_edit: whether titles, authors and dates may be corrected here.
        """
        self._assistant, self._may_edit = assistant, may_edit
        self._openings = itertools.count(1)

    def build(self) -> None:
        """Make the pane where the page is being built."""
        self.part = gr.HTML("", elem_id="article", apply_default_css=False, js_on_load=static.text("focus.js"))

    def connect(self, events: gr.HTML, chat: gr.State) -> None:
        """Connect the opening of articles.

        Args:
            events: the component on which buttons trigger events.
            chat: the conversation, whose other quotes are marked in the article.
        """
        opening: dict[str, Any] = {"outputs": [self.part], **QUICK}
        events.open(self._open, inputs=[chat], **opening)
        events.contents(lambda: self.contents(), **opening)
        events.correct(self._correct, inputs=[chat], **opening)

    def contents(self, *, quietly: bool = False) -> Markup:
        """Show the list of articles.

        Args:
            quietly: whether the focus stays where it is.
        """
        return self.show(contents_html(self._assistant.articles()), **({"data_quietly": ""} if quietly else {}))

    def show(self, content: Markup, **attributes: str) -> Markup:
        """Show some content. Its HTML always differs from the last, so that the browser scrolls again."""
        return div_html(content, data_opening=next(self._openings), **attributes)

    def show_trouble(self, message: str) -> Markup:
        """Show a message above the list of articles."""
        return self.show(div_html(error_html(message) + contents_html(self._assistant.articles())))

    def _open(self, chat: Chat, event: gr.EventData) -> Markup:
        try:
            return self.show(self._article_html(chat, event))
        except PullquoteError as error:
            return self.show_trouble(str(error))
        except Exception:
            return self.show_trouble(log_unexpected())

    def _correct(self, chat: Chat, event: gr.EventData) -> Markup:
        """Correct title, author and date of the open article as its form says, or take all corrections back."""
        article_id = event_text(event, "article")
        try:
            if not self._may_edit:
                return self.show_trouble(_("Nothing can be changed here."))
            if event_text(event, "undo"):
                self._assistant.edit(article_id, undo=True)
            else:
                article = self._assistant.article(article_id)
                title, author, published = (
                    None if (typed := event_text(event, name).strip()) == (getattr(article, name) or "") else typed
                    for name in ("title", "author", "published")
                )
                self._assistant.edit(article_id, title=title, author=author, published=published)
            return self.show(self._article_html(chat, event))
        except PullquoteError as error:
            return self.show_trouble(from_english(str(error)))
        except Exception:
            return self.show_trouble(log_unexpected())

    def _article_html(self, chat: Chat, event: gr.EventData) -> Markup:
        """Render the article of a citation, in the version that was cited."""
        article = self._assistant.article(event_text(event, "article"), optional_event_text(event, "version"))
        present = self._assistant.article(article.id).version
        span = event_span(event)
        number = event_int(event, "number")
        answer = chat.answer(number)
        quotes = answer.quotes if answer else ()
        cited = [quote for quote in quotes if (quote.article.id, quote.article.version) == (article.id, article.version)]
        leads = [Span(quote.lead.start, quote.lead.end) for quote in cited if quote.lead]
        liked, rank = event_int(event, "liked"), event_int(event, "rank")
        return article_html(
            article,
            span,
            [*(Span(quote.start, quote.end) for quote in cited), *leads],
            present=present,
            steps=steps_html(answer, number, article, span),
            sheet=sheet_place_html(article, span) if present == article.version else None,
            liked=(liked, rank) if liked is not None and rank is not None else None,
            may_edit=self._may_edit,
            original=present == article.version and self._assistant.has_original(article.id),
        )


def event_span(event: gr.EventData) -> Span | None:
    """Return the span that a button carried, or None if it carried none."""
    start, end = event_int(event, "start"), event_int(event, "end")
    return Span(start, end) if start is not None and end is not None else None
