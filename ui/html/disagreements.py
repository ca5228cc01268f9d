"""What articles differ on, as HTML: each value with the quotes that give it, and no word on which is right."""

from collections.abc import Collection, Mapping

from qa.types.articles import Answer, Disagreement, Quote, Value
from ui.html.actions import actions_html
from ui.html.markup import Html, element, join
from ui.html.quote import cite, published, quote_html, source_name, title_of
from ui.i18n.language import gettext as _


def disagreements_html(answer: Answer, number: int, judged: Mapping[int, bool]) -> list[Html]:
    """A block for each thing that articles differ on.

    Args:
        number: of the answer in its conversation.
        judged: by the ranks of quotes, whether they were said to answer.
    """
    ranks = {quote.rank for quote in answer.quotes}
    return [_disagreement(each, ranks, number, judged) for each in answer.disagreements]


def _disagreement(disagreement: Disagreement, ranks: Collection[int], number: int, judged: Mapping[int, bool]) -> Html:
    values = (_value(value, ranks, number, judged) for value in disagreement.values)
    return element("div", element("p", _("Articles differ:"), class_="differ"), element("ul", *values), class_="differing")


def _value(value: Value, ranks: Collection[int], number: int, judged: Mapping[int, bool]) -> Html:
    """A value, where it stands, and the quotes that are not shown below with the others."""
    places = (element("span", _place(quote, number), class_="given") for quote in value.quotes)
    parts = [element("strong", value.text, class_="value"), element("span", *places, class_="givers")]
    others = [
        quote_html(quote, number, actions_html(quote, number, judged.get(quote.rank)))
        for quote in value.quotes
        if quote.rank not in ranks
    ]
    if others:
        parts.append(element("ol", *others, class_="quotes"))
    return element("li", *parts)


def _place(quote: Quote, number: int) -> Html:
    named = join([element("span", str(quote.rank), class_="number"), " ", title_of(quote.article)])
    button = cite(named, quote.article, quote.start, quote.end, number, class_="cite")
    source = element("bdi", source_name(quote.article), class_="source")
    day = published(quote.article) or element("span", _("no date"), class_="date")
    return join([button, " ", element("span", source, " · ", day, class_="origin")])
