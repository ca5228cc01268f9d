"""What stands between an article's head and its text, as HTML: steps from quote to quote, the finder, its parts, its page."""

import struct
from base64 import b64encode

from qa.answer.page_image import pages_of
from qa.types.articles import Answer, Article, Part, Quote, Span
from ui.html.markup import Html, element, join
from ui.html.quote import capital, cite, labelled
from ui.i18n.language import PART, from_english, pluralize
from ui.i18n.language import gettext as _

_MOST_LISTED = 500  # parts


def steps_html(answer: Answer | None, number: int | None, article: Article, span: Span | None) -> Html | None:
    """Buttons that open the quote before and the quote after, where the answer has others than the one that is open."""
    quotes = _quotes_of(answer)
    here = next((at for at, quote in enumerate(quotes) if _is_at(quote, article, span)), None)
    if number is None or len(quotes) < 2:
        return None
    before = quotes[here - 1] if here else None
    after = quotes[0] if here is None else quotes[here + 1] if here + 1 < len(quotes) else None
    said = _("Quote {here} of {n}", here=here + 1, n=len(quotes)) if here is not None else pluralize(len(quotes), "quote")
    return element(
        "nav",
        _step(_("Previous quote"), "‹", -1, before, number),
        element("span", said, class_="where"),
        _step(_("Next quote"), "›", 1, after, number),
        class_="steps",
        aria_label=_("Quotes of the answer"),
    )


def _quotes_of(answer: Answer | None) -> list[Quote]:
    """Every quote that an answer shows, once, in the order of their ranks."""
    by_rank = {quote.rank: quote for quote in reversed(answer.all_quotes)} if answer else {}
    return [by_rank[rank] for rank in sorted(by_rank)]


def _is_at(quote: Quote, article: Article, span: Span | None) -> bool:
    same = (quote.article.id, quote.article.version) == (article.id, article.version)
    return same and span is not None and (quote.start, quote.end) == (span.start, span.end)


def _step(says: str, sign: str, by: int, quote: Quote | None, number: int) -> Html:
    about = {**labelled(says), "data_step": str(by)}
    if quote is None:
        return element("button", sign, type="button", disabled="", **about)
    return cite(sign, quote.article, quote.start, quote.end, number, **about)


def find_html() -> Html:
    """The field that looks for words in the article; the browser marks what it finds, so that the text stays as it is."""
    field = element(
        "input",
        type="search",
        id="find",
        placeholder=_("Find in article"),
        autocomplete="off",
        spellcheck="false",
        maxlength=200,
        enterkeyhint="search",
    )
    counts = {"data_none": _("None"), "data_of": _("{here} of {n}"), "data_most": _("{here} of {n} or more")}
    return element(
        "div",
        element("label", _("Find in article"), for_="find", class_="sr-only"),
        field,
        element("span", class_="matches", role="status", **counts),
        element("button", "‹", type="button", data_find="-1", disabled="", **labelled(_("Previous match"))),
        element("button", "›", type="button", data_find="1", disabled="", **labelled(_("Next match"))),
        role="search",
        class_="find",
    )


def parts_html(article: Article) -> Html | None:
    """The article's pages, slides, chapters or attachments, each a button that goes there; None of an article without."""
    if len(article.parts) < 2:
        return None
    listed = [element("li", _part(article, part)) for part in article.parts[:_MOST_LISTED]]
    left = len(article.parts) - _MOST_LISTED
    more = [element("p", _("And {more}.", more=pluralize(left, "more part")), class_="origin")] if left > 0 else []
    summary = element("summary", pluralize(len(article.parts), "part"))
    return element("details", summary, element("ol", *listed), *more, class_="parts")


def _part(article: Article, part: Part) -> Html:
    begins = " ".join(article.text[part.start : min(part.start + 60, part.end)].split())
    words = element("span", begins, class_="begins") if not part.name.startswith("chapter ") else Html()
    return element("button", element("bdi", from_english(part.name, PART)), " ", words, type="button", data_goto=part.start)


def sheet_place_html(article: Article, span: Span | None) -> Html | None:
    """Where the printed page on which a place stands will be put once it is drawn; the scripts ask for it."""
    part = page_at(article, span.start if span else 0)
    if part is None:
        return None
    marked = span if span and span.start < span.end else None
    about: dict[str, str | int] = {"data_article": article.id, "data_version": article.version, "data_part": part.start}
    if marked:
        about |= {"data_start": marked.start, "data_end": marked.end}
    waits = element("p", _("Drawing {part}…", part=from_english(part.name, PART)), class_="waits")
    return element("figure", waits, class_="sheet", data_asked="", aria_live="polite", **about)


def sheet_html(article: Article, part: Part, picture: bytes | str) -> Html:
    """A page as it is printed, between buttons for the pages before and after it.

    Args:
        picture: a PNG, or why there is none.
    """
    pages = pages_of(article)
    at = pages.index(part)
    if isinstance(picture, str):
        image, larger = element("p", picture, class_="waits"), Html()
    else:
        width, height = struct.unpack(">II", picture[16:24])  # told beforehand, so that nothing moves when it is drawn
        address = f"data:image/png;base64,{b64encode(picture).decode()}"
        image = element(
            "img",
            src=address,
            width=width,
            height=height,
            alt=_("{part} of {title} as it is printed", part=capital(from_english(part.name, PART)), title=article.title),
        )
        larger = element("button", "⤢", type="button", class_="larger", aria_pressed="false", **labelled(_("Larger page")))
    caption = element(
        "figcaption",
        _leaf(_("Page before"), "‹", article, pages[at - 1] if at else None),
        element("span", _("{part}, as printed", part=capital(from_english(part.name, PART)))),
        _leaf(_("Page after"), "›", article, pages[at + 1] if at + 1 < len(pages) else None),
        larger,
    )
    return join([caption, image])


def _leaf(says: str, sign: str, article: Article, part: Part | None) -> Html:
    about: dict[str, str | int] = {"type": "button", **labelled(says)}
    if part is None:
        return element("button", sign, disabled="", **about)
    place: dict[str, str | int] = {"data_article": article.id, "data_version": article.version, "data_part": part.start}
    return element("button", sign, data_does="sheet", **place, **about)


def page_at(article: Article, place: int) -> Part | None:
    """The page of a PDF that a place stands on, else the one before it, else the first."""
    pages = pages_of(article)
    return max((page for page in pages if page.start <= place), key=lambda page: page.start, default=next(iter(pages), None))
