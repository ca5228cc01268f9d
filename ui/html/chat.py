"""A conversation and the page's head as HTML."""

from collections.abc import Sequence

from ui.html.answer import answer_html, error_html
from ui.html.conversations import standing_html
from ui.html.markup import Html, element
from ui.i18n.language import gettext as _
from ui.i18n.language import pluralize
from ui.state.chat import Chat, Exchange


def masthead_html(n_articles: int) -> Html:
    """The page's name, what it does and how much it has to read."""
    return element(
        "div",
        element("h1", "Pullquote"),
        element("p", _("Answers only with sentences quoted word for word from your articles."), class_="motto"),
        element("p", pluralize(n_articles, "article"), class_="count"),
        class_="masthead",
    )


def chat_html(chat: Chat, examples: Sequence[str] = ()) -> Html:
    """All questions and answers of a conversation; before the first, questions to try."""
    shown = [_exchange(each) for each in chat.exchanges] or [_opening(examples)]
    if chat.unkept:
        shown.append(error_html(chat.unkept))
    return element("div", *shown, class_="exchanges", role="log", aria_label=_("Conversation"), **_named(chat))


def latest_html(chat: Chat) -> Html:
    """The last exchange of a conversation alone, for a browser that has the others."""
    shown = [_exchange(chat.exchanges[-1])]
    if chat.unkept:
        shown.append(error_html(chat.unkept))
    return element("div", *shown, data_first=chat.exchanges[0].number, **_named(chat))


def _named(chat: Chat) -> dict[str, str]:
    return {"data_conversation": chat.conversation or "", "data_thread": chat.thread}


def _opening(examples: Sequence[str]) -> Html:
    parts = [element("p", _("Ask, and the articles answer in their own words, or not at all."), class_="lead")]
    if examples:
        buttons = (
            element("li", element("button", example, type="button", data_event="example", data_example=number))
            for number, example in enumerate(examples)
        )
        parts += [element("h2", _("Questions to try")), element("ul", *buttons, class_="examples")]
    return element("section", *parts, class_="opening", aria_label=_("Before the first question"))


def _exchange(exchange: Exchange) -> Html:
    if exchange.answer is not None:
        reply = answer_html(exchange.answer, exchange.number, exchange.judged)
    elif exchange.trouble is not None:
        reply = error_html(exchange.trouble)
    else:
        reply = element("p", _(exchange.doing), class_="reading-now")
    heading = f"question-{exchange.number}"
    asked = exchange.question if exchange.question.strip() else _("(no question)")
    question = element("h2", asked, id=heading, class_="question", dir="auto", tabindex=-1)
    parts = [question, *standing_html(exchange), reply]
    if exchange.kept:
        parts.append(_link(exchange.kept))
    return element("section", *parts, class_="exchange", aria_labelledby=heading, data_number=exchange.number)


def _link(kept: str) -> Html:
    """How the answer is found again, by others too who use this page."""
    address = f"?answer={kept}"
    link = element("a", _("Link to this answer"), href=address)
    copy = element("button", _("Copy"), type="button", data_link=address, aria_label=_("Copy the link to this answer"))
    return element("p", link, " ", copy, class_="permalink")
