"""An article as HTML, its whole text exactly, and the list of articles that stands in its place before one is opened."""

import struct
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from qa.answer.page_image import pages_of
from qa.types.articles import Answer, Article, Part, Quote, Reference, Span
from ui.html.environment import render


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of an article's text that is shown in one way."""

    text: str
    rule: str | None  # by which it is set aside, if it is
    is_marked: bool  # lightly, as another quote of the same answer


@dataclass(frozen=True, slots=True)
class _Image:
    """An image as an address that holds it. Its size is given, so that nothing moves when it is drawn."""

    address: str
    width: int  # pixels
    height: int


def article_html(
    article: Article,
    span: Span | None = None,
    others: Sequence[Span] = (),
    *,
    present: str | None = None,
    steps: Markup | None = None,
    sheet: Markup | None = None,
    liked: tuple[int, int] | None = None,
    may_edit: bool = False,
    original: bool = False,
) -> Markup:
    """Return an article with one quote marked, other quotes and leads marked lightly, and what is set aside dimmed.

    The `textContent` of `.article-text` is `article.text`.

    Args:
        present: the article's version now.
        steps: from `steps_html`.
        sheet: from `sheet_place_html`.
        liked: an answer's number and a quote's rank, if the article was opened from the passages like that quote. Closing
            the article leads back to them.
        may_edit: whether a form corrects the title, the author and the date.
        original: whether the file that was uploaded can be opened.
    """
    segments = _segments(article, span, others)
    return render("article.html", "article", article, segments, present, steps or "", sheet or "", liked, may_edit, original)


def contents_html(references: Sequence[Reference]) -> Markup:
    """Return the articles that can be opened, or how to add some."""
    return render("article.html", "contents", references)


def _segments(article: Article, span: Span | None, others: Sequence[Span]) -> list[tuple[bool, list[_Piece]]]:
    """Split the text into what stands before the quote, the quote (True), and what stands after."""
    length = len(article.text)
    quoted = _clip(span, length) if span else Span(0, 0)
    marked = [_clip(other, length) for other in others]
    if quoted.start == quoted.end:
        return [(False, _pieces(article, Span(0, length), marked))]
    return [
        (False, _pieces(article, Span(0, quoted.start), marked)),
        (True, _pieces(article, quoted, [])),  # other quotes inside are not marked again
        (False, _pieces(article, Span(quoted.end, length), marked)),
    ]


def _pieces(article: Article, span: Span, marked: Sequence[Span]) -> list[_Piece]:
    """Cut a part of the text wherever the way it is shown changes."""
    places = [*marked, *(Span(place.start, place.end) for place in article.set_aside)]
    cuts = {cut for place in places for cut in (place.start, place.end) if span.start < cut < span.end}
    return [_piece(article, start, end, marked) for start, end in pairwise(sorted({span.start, span.end, *cuts}))]


def _piece(article: Article, start: int, end: int, marked: Sequence[Span]) -> _Piece:
    rule = next((place.rule for place in article.set_aside if place.start <= start and end <= place.end), None)
    return _Piece(article.text[start:end], rule, any(place.start <= start and end <= place.end for place in marked))


def _clip(span: Span, length: int) -> Span:
    """Return the part of a span that lies within a text of that length."""
    start = min(max(span.start, 0), length)
    return Span(start, min(max(span.end, start), length))


def steps_html(answer: Answer | None, number: int | None, article: Article, span: Span | None) -> Markup | None:
    """Return buttons that open the quotes before and after the one that is open, if the answer has others."""
    by_rank = {quote.rank: quote for quote in reversed(answer.all_quotes)} if answer else {}
    quotes = [by_rank[rank] for rank in sorted(by_rank)]
    if number is None or len(quotes) < 2:
        return None
    here = next((index for index, quote in enumerate(quotes) if _is_at(quote, article, span)), None)
    before = quotes[here - 1] if here else None
    after = quotes[0] if here is None else quotes[here + 1] if here + 1 < len(quotes) else None
    return render("article.html", "steps", before, after, None if here is None else here + 1, len(quotes), number)


def _is_at(quote: Quote, article: Article, span: Span | None) -> bool:
    same = (quote.article.id, quote.article.version) == (article.id, article.version)
    return same and span is not None and (quote.start, quote.end) == (span.start, span.end)


def sheet_place_html(article: Article, span: Span | None) -> Markup | None:
    """Return where the printed page with a place in the text will be put, or None if the article has no pages."""
    part = page_at(article, span.start if span else 0)
    if part is None:
        return None
    return render("article.html", "sheet_place", article, part, span if span and span.start < span.end else None)


def sheet_html(article: Article, part: Part, picture: bytes | str) -> Markup:
    """Return a page as it is printed, between buttons for the pages before and after it.

    Args:
        picture: a PNG, or why there is none.
    """
    pages = pages_of(article)
    index = pages.index(part)
    before = pages[index - 1] if index else None
    after = pages[index + 1] if index + 1 < len(pages) else None
    image = None
    if isinstance(picture, bytes):
        width, height = struct.unpack(">II", picture[16:24])
        image = _Image(f"data:image/png;base64,{b64encode(picture).decode()}", width, height)
    return render("article.html", "sheet", article, part, before, after, image, picture)


def page_at(article: Article, offset: int) -> Part | None:
    """Return the page of a PDF that an offset stands on, otherwise the page before it or the first."""
    pages = pages_of(article)
    return max((page for page in pages if page.start <= offset), key=lambda page: page.start, default=next(iter(pages), None))
