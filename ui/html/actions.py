"""What can be done with a quote, as a row of buttons, and what comes of it, as HTML."""

from collections.abc import Sequence

from qa.types.articles import Answer, Passage, Quote
from ui.html.citing import bibtex, markdown, plain
from ui.html.markup import Html, element, join
from ui.html.quote import cite, labelled, origin, title_of
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop

_COPIED = (
    (gettext_noop("Copy"), plain, gettext_noop("Copy quote and citation")),
    ("Markdown", markdown, gettext_noop("Copy as Markdown")),
    ("BibTeX", bibtex, gettext_noop("Copy as BibTeX")),
)
_THUMBS = (("up", "1", gettext_noop("This quote answers")), ("down", "0", gettext_noop("This quote does not answer")))


def actions_html(quote: Quote, number: int, judged: bool | None = None) -> Html:
    """The row under a quote: copy it with its citation, look for more like it, and say whether it answers.

    Args:
        number: of the answer in its conversation.
        judged: what was said of the quote before.
    """
    copied = (_button(_(name), data_copy=write(quote), **labelled(_(says))) for name, write, says in _COPIED)
    place = {"data_number": number, "data_rank": quote.rank}
    like = _button(_("More like this"), data_does="like", **place)
    thumbs = (
        _button(
            "", data_does="judge", data_good=good, **labelled(_(says)), class_=f"thumb {name}",
            aria_pressed="true" if judged is (good == "1") else "false", **place,
        )
        for name, good, says in _THUMBS
    )  # fmt: skip
    named = _("Quote {rank}: what to do with it", rank=quote.rank)
    return element("div", *copied, like, *thumbs, class_="actions", role="group", aria_label=named)


def _button(content: str, **attributes: str | int) -> Html:
    return element("button", content, type="button", **attributes)


def quote_of(answer: Answer | None, rank: int | None) -> Quote | None:
    """The quote of a rank, also one that is only shown where articles differ."""
    return next((quote for quote in answer.all_quotes if quote.rank == rank), None) if answer else None


def similar_html(quote: Quote, number: int, passages: Sequence[Passage], left: str = "") -> Html:
    """Passages of other articles that are most like a quote, none of them said to answer anything.

    Args:
        number: of the quote's answer; an article that is opened leads back to the list by it.
        left: the id of the article that the reader comes back from.
    """
    head = element(
        "header",
        element("button", _("Close"), type="button", data_event="contents", class_="back"),
        element("h2", _("More like this"), id="article-title"),
        element("blockquote", quote.text, class_="passage-text"),
        element("p", title_of(quote.article), " ", origin(quote.article, part=quote.part), class_="citation"),
    )
    listed = (_passage(each, number, quote.rank, is_left=each.article.id == left) for each in passages)
    found = element("ol", *listed) if passages else element("p", _("No other article holds anything like it."))
    return element("section", head, found, class_="reading similar nearest", aria_labelledby="article-title")


def _passage(passage: Passage, number: int, rank: int, *, is_left: bool) -> Html:
    now = "true" if is_left else None
    button = cite(
        title_of(passage.article), passage.article, passage.start, passage.end,
        class_="cite", data_liked=number, data_rank=rank, aria_current=now,
    )  # fmt: skip
    citation = element("p", join([button, " ", origin(passage.article, part=passage.part)]), class_="citation")
    return element("li", element("div", passage.text, class_="passage-text"), citation)
