"""An article as HTML, its whole text exactly, and the list of articles that stands in its place before one is opened."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from qa.types.articles import Article, Reference, Span
from ui.html.markup import Html, element, join
from ui.html.quote import cite, clip, published, source_name, title_of
from ui.html.tools import find_html, parts_html
from ui.i18n.language import from_english, pluralize
from ui.i18n.language import gettext as _

_MOST_LISTED = 200


def article_html(
    article: Article,
    span: Span | None = None,
    others: Sequence[Span] = (),
    *,
    present: str | None = None,
    steps: Html | None = None,
    sheet: Html | None = None,
    liked: tuple[int, int] | None = None,
) -> Html:
    """An article with one quote marked, others of the same answer and leads lightly, and what may not be quoted dimmed.

    The text content of `.article-text` is `article.text`.

    Args:
        present: the article's version now.
        steps: buttons to other quotes.
        sheet: where its printed page goes.
        liked: an answer's number and a quote's rank, if it was opened from the list of those like it; closed, it leads there.
    """
    closing: dict[str, str | int] = {"data_event": "contents"}
    if liked:
        closing = {"data_does": "like", "data_number": liked[0], "data_rank": liked[1], "data_article": article.id}
    head = element(
        "header",
        element("button", _("Close article"), type="button", class_="back", **closing),
        element("h2", title_of(article), id="article-title"),
        element("p", _origin(article, is_present=present == article.version), class_="origin"),
        *([_another_version(article, present, liked)] if present not in (None, article.version) else []),
    )
    to_sheet = element("button", _("As printed"), type="button", data_goto="sheet", class_="to-sheet") if sheet else None
    tools = element("div", *filter(None, [steps, find_html(), to_sheet]), class_="tools")
    about: dict[str, str | int] = {"data_article": article.id, "data_version": article.version}
    text = element("div", *_text(article, span, others), class_="article-text", lang=article.language or "", **about)
    parts = filter(None, [head, tools, parts_html(article), sheet, text])
    return element("article", *parts, class_="reading", aria_labelledby="article-title")


def _another_version(article: Article, present: str | None, liked: tuple[int, int] | None) -> Html:
    """That the article has changed since, with the version of today to open."""
    number, rank = liked or (None, None)
    version = replace(article.reference, version=present or "")
    now = cite(_("Open the present version"), version, 0, 0, class_="present", data_liked=number, data_rank=rank)
    return element("p", _("This is an earlier version of the article."), " ", now, class_="origin earlier")


def contents_html(references: Sequence[Reference]) -> Html:
    """The articles that can be opened, or how to add some."""
    if not references:
        return element("section", *_how_to_add(), class_="contents empty", aria_label=_("Articles"))
    listed = [_listed(reference) for reference in references[:_MOST_LISTED]]
    parts = [element("h2", _("The articles")), element("ul", *listed)]
    if len(references) > _MOST_LISTED:
        more = pluralize(len(references) - _MOST_LISTED, "more article")
        parts.append(element("p", _("And {more}.", more=more), class_="origin"))
    return element("section", *parts, class_="contents", aria_label=_("Articles"))


def _how_to_add() -> list[Html]:
    return [
        element("h2", _("No articles yet")),
        element("p", _("Add a file, or a folder of them, in a terminal; then reload this page:")),
        element("p", element("code", "pullquote add PATH")),
    ]


def _listed(reference: Reference) -> Html:
    button = cite(title_of(reference), reference, 0, 0, class_="cite")
    return element("li", button, element("p", _origin(reference, with_version=False), class_="origin"))


def _origin(reference: Reference, *, with_version: bool = True, is_present: bool = False) -> Html:
    name = element("bdi", source_name(reference), class_="source", title=reference.source)
    known: list[str] = [_linked(name, reference.source) if with_version else name]
    if reference.author:
        known.append(element("bdi", reference.author, class_="author"))
    if day := published(reference):
        known.append(day)
    if with_version:
        short = reference.version[:12]
        version = (
            _("version {version}, the present one", version=short) if is_present else _("version {version}", version=short)
        )
        known.append(element("span", version, class_="version", title=reference.version))
    return join(known, " · ")


def _linked(name: Html, source: str) -> Html:
    """A page's name as a link to it; a file's as it is, since a browser may not open files from a page."""
    if not source.startswith(("http://", "https://")):
        return name
    return element("a", name, href=source, rel="noreferrer noopener", target="_blank")


def _text(article: Article, span: Span | None, others: Sequence[Span]) -> list[str]:
    """The whole text: what comes before the quote, the quote, what comes after."""
    length = len(article.text)
    marked = clip(span, length) if span else Span(0, 0)
    light = [clip(other, length) for other in others]
    if marked.start == marked.end:
        return _pieces(article, Span(0, length), light)
    # inside the quote, other quotes are not told apart: it is marked already
    quote = element("mark", *_pieces(article, marked, []), id="quote", class_="quote", tabindex=-1)
    before, after = Span(0, marked.start), Span(marked.end, length)
    return [*_pieces(article, before, light), quote, *_pieces(article, after, light)]


def _pieces(article: Article, part: Span, light: Sequence[Span]) -> list[str]:
    """A part of the text, cut where something that is shown differently begins or ends."""
    places = [*light, *(Span(place.start, place.end) for place in article.set_aside)]
    cuts = {cut for place in places for cut in (place.start, place.end) if part.start < cut < part.end}
    edges = sorted({part.start, part.end, *cuts})
    return [_piece(article, Span(start, end), light) for start, end in pairwise(edges)]


def _piece(article: Article, piece: Span, light: Sequence[Span]) -> str:
    """A piece without an edge inside: marked lightly, dimmed, both or neither."""
    shown: str = article.text[piece.start : piece.end]
    for place in article.set_aside:
        if place.start <= piece.start and piece.end <= place.end:
            shown = element("span", shown, class_="set-aside", title=_("Not quoted: {rule}", rule=from_english(place.rule)))
            break
    if any(place.start <= piece.start and piece.end <= place.end for place in light):
        shown = element("mark", shown, class_="other")
    return shown
