"""A quote as HTML, with its citation, and what else is said of an article."""

import re
from datetime import date

from qa.types.articles import Place, Quote, Reference, Span, TextSpan
from ui.html.markup import Html, element, join
from ui.i18n.language import PART, format_day, from_english, pieces, pluralize
from ui.i18n.language import gettext as _

_FEW = 2  # other places that are shown at once


def quote_html(quote: Quote, number: int, actions: Html | None = None) -> Html:
    """A quote, what answers marked, with its citation and what can be done with it."""
    place = _urn(quote.article, quote.start, quote.end)
    words = element("blockquote", *_highlighted(quote), cite=place, lang=quote.article.language)
    named = join([element("span", str(quote.rank), class_="number"), " ", title_of(quote.article)])
    button = cite(named, quote.article, quote.start, quote.end, number, class_="cite")
    sure = element("span", percent(quote.confidence), class_="sure", title=_("Probability that this quote answers"))
    parts = [words, element("p", button, " ", origin(quote.article, sure, part=quote.part), class_="citation")]
    if quote.lead is not None:
        parts = [_lead(quote.lead, quote, number), *parts]
    if quote.also_in:
        parts.append(_also_in(quote, number))
    if actions is not None:
        parts.append(actions)
    return element("li", *parts, class_="quoted")


def _urn(reference: Reference, start: int, end: int) -> str:
    """A place as RFC 5147 writes it: characters between which words stand, which is how ours are counted."""
    return f"urn:sha256:{reference.version}#char={start},{end}"


def _lead(lead: TextSpan, quote: Quote, number: int) -> Html:
    """What stands further up, then `[…]`, which is no word of the article and opens it at the lead."""
    words = element("q", lead.text, cite=_urn(quote.article, lead.start, lead.end))
    says = _("What is left out here: open the article at the words before it")
    gap = cite("[…]", quote.article, lead.start, lead.end, number, class_="gap", **labelled(says))
    return element("p", words, " ", gap, class_="before")


def _highlighted(quote: Quote) -> list[str]:
    """A quote's text in up to three parts, the one that answers marked."""
    if quote.highlight is None:
        return [quote.text]
    start = min(max(quote.highlight.start - quote.start, 0), len(quote.text))
    end = min(max(quote.highlight.end - quote.start, start), len(quote.text))
    return [quote.text[:start], element("mark", quote.text[start:end]), quote.text[end:]]


def _also_in(quote: Quote, number: int) -> Html:
    places = join((_place(place, quote, number) for place in quote.also_in), ", ")
    if len(quote.also_in) <= _FEW:
        return element("p", *pieces("Also in {places}", places=places), class_="also")
    return element("details", element("summary", "+ " + pluralize(len(quote.also_in), "more source")), places, class_="also")


def _place(place: Place, quote: Quote, number: int) -> Html:
    same = place.article.id == quote.article.id
    name: str = _("the same article, elsewhere") if same else title_of(place.article)
    return cite(name, place.article, place.start, place.end, number, class_="place")


def cite(
    content: str, reference: Reference, start: int, end: int, number: int | None = None, **attributes: str | int | None
) -> Html:
    """A button that opens an article, in the version cited, at a place.

    Args:
        number: of the answer it stands in, if it stands in one.
    """
    return element(
        "button",
        content,
        type="button",
        data_event="open",
        data_article=reference.id,
        data_version=reference.version,
        data_start=start,
        data_end=end,
        data_number=number,
        **attributes,
    )


def origin(reference: Reference, *more: Html, part: str | None = None) -> Html:
    """File name and date of an article, the part that is meant, and whatever else, in one small line."""
    within = element("bdi", from_english(part, PART), class_="part") if part else None
    name = element("bdi", source_name(reference), class_="source")
    known = [name, *(each for each in (published(reference), within) if each), *more]
    return element("span", join(known, " · "), class_="origin")


def title_of(reference: Reference) -> Html:
    """An article's title, set apart so that the direction of its script stays its own."""
    return element("bdi", reference.title or source_name(reference), class_="title")


def source_name(reference: Reference) -> str:
    """The file name at the end of an article's source; of a page the host and that."""
    if address := re.match(r"https?://(?:www\.)?([^/?#]+)/?(.*)", reference.source):
        host, path = address.groups()
        return f"{host}/…/{path.rstrip('/').rsplit('/', 1)[-1]}" if "/" in path.rstrip("/") else f"{host}/{path}".rstrip("/")
    return re.split(r"[/\\]", reference.source.rstrip("/\\"))[-1] or reference.source


def published(reference: Reference) -> Html | None:
    """The day an article was published, such as "15 October 2004", if it says so."""
    said = day_in_words(reference.published)
    if not reference.published or not said:
        return None
    if said == reference.published:
        return element("span", said, class_="date")
    return element("time", said, datetime=reference.published)


def day_in_words(published: str | None) -> str | None:
    """A date as people write it: "15 October 2004"; what is no ISO date, as it is."""
    if not published:
        return None
    try:
        day = date.fromisoformat(published[:10])
    except ValueError:
        return published
    return format_day(day)


def percent(probability: float) -> str:
    """A probability as people read it: "12 %"."""
    if 0.01 <= probability <= 0.99:
        return f"{probability:.0%}".replace("%", " %")
    return _("under 1 %") if probability < 0.5 else _("over 99 %")


def labelled(says: str) -> dict[str, str]:
    """What a control without words is called, for who sees it and for who hears it."""
    return {"aria_label": says, "title": says}


def capital(words: str) -> str:
    """Words as they begin a line."""
    return words[:1].upper() + words[1:]


def clip(span: Span, length: int) -> Span:
    """The part of a span that lies within a text of that length."""
    start = min(max(span.start, 0), length)
    return Span(start, min(max(span.end, start), length))
