"""An Answer as HTML; the only place that escapes.

Markup is made by `element` alone, which escapes every text it is given unless that text is `Html`, that is, unless `element`
made it. So no title, file name, quote or question reaches the page as markup.
"""

import html
import re
from collections.abc import Iterable
from datetime import date

from qa.articles import Answer, Passage, Piece, Place, Quote, Reference, Span

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_PARTS = (
    *(("Words", "words"), ("Meaning", "meaning"), ("Sentence", "sentence")),
    *(("Coverage", "coverage"), ("In a sentence", "sentence_coverage"), ("Pairs", "pairs")),
)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Html(str):
    """Markup, safe to be put into a page as it stands."""

    __slots__ = ()


def escape(text: str) -> Html:
    """A text as markup that a browser reads back to the same text, character for character.

    A carriage return is written `&#13;`, since a browser would take it for a line feed otherwise. Two kinds of character
    cannot stand in a page: NUL is shown as U+2400 (␀) and half a surrogate pair as U+FFFD, each one character for one, so
    that places still count right. Articles hold neither; questions may.
    """
    shown = _SURROGATE.sub("\ufffd", text.replace("\0", "␀"))
    return Html(html.escape(shown, quote=True).replace("\r", "&#13;"))


def element(name: str, *children: str, **attributes: str | int | None) -> Html:
    """An element; children that are not Html are escaped, and so is every attribute.

    An attribute's name is written with `_` for `-`, and with one at its end where Python keeps the word for itself; one that
    is None is left out.
    """
    written = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items() if value is not None
    )
    return Html(f"<{name}{''.join(written)}>{join(children)}</{name}>")


def join(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after another, those that are not Html escaped."""
    return Html(escape(between).join(part if isinstance(part, Html) else escape(part) for part in parts))


def answer_html(answer: Answer, number: int) -> Html:
    """An answer: how sure, what articles differ on, then each quote with its citation; or that there is none, with the nearest
    passages folded away.

    Args:
        number: of the answer in its conversation; a citation that is clicked tells it.
    """
    if answer.help is not None:
        return element("div", element("p", answer.help, class_="help"), class_="answer")
    from ui.render_disagreements import disagreements_html

    parts = [_verdict(answer)]
    if answer.searched_for != answer.question:
        parts.append(element("p", "Searched for: ", element("q", answer.searched_for), class_="searched"))
    parts.extend(disagreements_html(answer, number))
    if answer.found:
        parts.append(element("ol", *(quote_html(quote, number) for quote in answer.quotes), class_="quotes"))
    elif answer.passages:
        parts.append(_nearest(answer, number))
    if answer.passages:
        parts.append(_evidence(answer, number))
    return element("div", *parts, class_="answer")


def error_html(message: str) -> Html:
    """What went wrong, in words for the reader."""
    return element("p", message, class_="trouble", role="alert")


def cite(content: str, reference: Reference, start: int, end: int, number: int | None = None, **attributes: str) -> Html:
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


def title_of(reference: Reference) -> Html:
    """An article's title, set apart so that the direction of its script stays its own."""
    return element("bdi", reference.title or source_name(reference), class_="title")


def source_name(reference: Reference) -> str:
    """The file name at the end of an article's source."""
    return re.split(r"[/\\]", reference.source.rstrip("/\\"))[-1] or reference.source


def published(reference: Reference) -> Html | None:
    """The day an article was published, such as "15 October 2004", if it says so."""
    if not reference.published:
        return None
    try:
        day = date.fromisoformat(reference.published[:10])
    except ValueError:
        return element("span", reference.published, class_="date")
    return element("time", f"{day.day} {_MONTHS[day.month - 1]} {day.year}", datetime=reference.published)


def counted(n: int, noun: str) -> str:
    """A number and its noun: "1 quote", "1,200 articles"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _verdict(answer: Answer) -> Html:
    """One line: how sure, and from how many articles."""
    if not answer.found:
        return element("p", "Not in these articles.", class_="verdict none")
    n_articles = len({quote.article.id for quote in answer.quotes})
    said = f"{counted(len(answer.quotes), 'quote')} from {counted(n_articles, 'article')}"
    sure = element("strong", _sureness(answer.confidence))
    return element("p", sure, f" · {_percent(answer.confidence)} · {said}", class_="verdict")


def _sureness(confidence: float) -> str:
    return "Very likely" if confidence >= 0.8 else "Likely" if confidence >= 0.5 else "Perhaps"


def _percent(probability: float) -> str:
    return "under 1 %" if probability < 0.01 else "over 99 %" if probability > 0.99 else f"{probability:.0%}".replace("%", " %")


def quote_html(quote: Quote, number: int) -> Html:
    """A quote, what answers marked, with its citation."""
    words = element("blockquote", *_highlighted(quote), cite=_urn(quote.article, quote.start, quote.end))
    named = join([element("span", str(quote.rank), class_="number"), " ", title_of(quote.article)])
    button = cite(named, quote.article, quote.start, quote.end, number, class_="cite")
    sure = element("span", _percent(quote.confidence), class_="sure", title="Probability that this quote answers")
    parts = [words, element("p", button, " ", _origin(quote.article, sure), class_="citation")]
    if quote.lead is not None:
        parts = [_lead(quote.lead, quote, number), *parts]
    if quote.also_in:
        parts.append(_also_in(quote, number))
    return element("li", *parts, class_="quoted")


def _urn(reference: Reference, start: int, end: int) -> str:
    """A place as RFC 5147 writes it: characters between which words stand, which is how ours are counted."""
    return f"urn:sha256:{reference.version}#char={start},{end}"


def _lead(lead: Piece, quote: Quote, number: int) -> Html:
    """What stands further up, then `[…]`, which is no word of the article and opens it at the lead."""
    words = element("q", lead.text, cite=_urn(quote.article, lead.start, lead.end))
    says = "What is left out here: open the article at the words before it"
    gap = cite("[…]", quote.article, lead.start, lead.end, number, class_="gap", aria_label=says, title=says)
    return element("p", words, " ", gap, class_="before")


def _highlighted(quote: Quote) -> list[str]:
    """A quote's text in up to three parts, the one that answers marked."""
    if quote.highlight is None:
        return [quote.text]
    start = min(max(quote.highlight.start - quote.start, 0), len(quote.text))
    end = min(max(quote.highlight.end - quote.start, start), len(quote.text))
    return [quote.text[:start], element("mark", quote.text[start:end]), quote.text[end:]]


def _origin(reference: Reference, *more: Html) -> Html:
    """File name and date of an article, and whatever else, in one small line."""
    day = published(reference)
    known = [element("bdi", source_name(reference), class_="source"), *([day] if day else []), *more]
    return element("span", join(known, " · "), class_="origin")


def _also_in(quote: Quote, number: int) -> Html:
    return element("p", "Also in ", join((_place(place, quote, number) for place in quote.also_in), ", "), class_="also")


def _place(place: Place, quote: Quote, number: int) -> Html:
    same = place.article.id == quote.article.id
    name: str = "the same article, elsewhere" if same else title_of(place.article)
    return cite(name, place.article, place.start, place.end, number, class_="place")


def _nearest(answer: Answer, number: int) -> Html:
    """The passages nearest to a question without an answer, folded away."""
    nearest = (_passage(passage, number) for passage in answer.passages[:3])
    return element("details", element("summary", "Nearest passages (not an answer)"), element("ol", *nearest), class_="nearest")


def _passage(passage: Passage, number: int) -> Html:
    button = cite(title_of(passage.article), passage.article, passage.start, passage.end, number, class_="cite")
    citation = element("p", button, " ", _origin(passage.article), class_="citation")
    return element("li", element("div", passage.text, class_="passage-text"), citation)


def _evidence(answer: Answer, number: int) -> Html:
    """What was read, how well it scored and how long it took, folded away."""
    heads = (element("th", name, scope="col") for name in ("Rank", "Passage", "Score", *(name for name, _ in _PARTS)))
    table = element(
        "table",
        element("caption", "Higher scores are better; a score is made of the parts to its right."),
        element("thead", element("tr", *heads)),
        element("tbody", *(_row(passage, number) for passage in answer.passages)),
    )
    took = f"{counted(len(answer.passages), 'passage')} read in {answer.timings.get('total', 0.0):.3f} seconds"
    parts = [element("summary", took), element("div", table, class_="table", role="region", aria_label=took, tabindex=0)]
    if answer.timings:
        stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in answer.timings.items())
        parts.append(element("p", f"Seconds: {stages}. Generation of the library: {answer.generation}.", class_="timings"))
    return element("details", *parts, class_="evidence")


def _row(passage: Passage, number: int) -> Html:
    place = element("span", f"characters {passage.start:,} to {passage.end:,}", class_="range")
    named = join([title_of(passage.article), " ", place])
    button = cite(named, passage.article, passage.start, passage.end, number, class_="place")
    scores = (passage.score, *(getattr(passage.parts, part) for _, part in _PARTS))
    cells = (element("td", f"{score:.2f}") for score in scores)
    return element("tr", element("td", str(passage.rank)), element("td", button), *cells)


def clip(span: Span, length: int) -> Span:
    """The part of a span that lies within a text of that length."""
    start = min(max(span.start, 0), length)
    return Span(start, min(max(span.end, start), length))
