"""An Answer as HTML."""

from collections.abc import Mapping
from types import MappingProxyType

from qa.types.articles import Answer, Passage, Quote
from ui.html.actions import actions_html
from ui.html.disagreements import disagreements_html
from ui.html.filter_words import in_words
from ui.html.markup import Html, element, join
from ui.html.quote import cite, origin, percent, quote_html, title_of
from ui.html.search import again_html, left_out_html
from ui.i18n.language import from_english, gettext_noop, pieces, pluralize
from ui.i18n.language import gettext as _

_PARTS = (
    *((gettext_noop("Words"), "words"), (gettext_noop("Meaning"), "meaning"), (gettext_noop("Sentence"), "sentence")),
    *(
        (gettext_noop("Coverage"), "coverage"),
        (gettext_noop("In a sentence"), "sentence_coverage"),
        (gettext_noop("Pairs"), "pairs"),
    ),
)

_CAPTION = gettext_noop(
    "Higher is better. A score is made of the parts to its right; the last, Answer, is what the reader says of the passage."
)


def answer_html(answer: Answer, number: int, judged: Mapping[int, bool] = MappingProxyType({})) -> Html:
    """An answer: how sure, what articles differ on, then each quote with its citation; or that there is none, with the nearest
    passages folded away.

    Args:
        number: of the answer in its conversation; a citation that is clicked tells it.
        judged: by the ranks of quotes, whether they were said to answer.
    """
    if answer.help is not None:
        return element("div", element("p", from_english(answer.help), class_="help"), class_="answer")
    parts = [_verdict(answer)]
    if answer.searched_for != answer.question:
        parts.append(
            element("p", *pieces("Searched for: {question}", question=element("q", answer.searched_for)), class_="searched")
        )
    if answer.only:
        parts.append(element("p", _("Only articles {only}.", only=in_words(answer.only)), class_="searched"))
    if answer.offer:
        says = _("Ask only articles {only}", only=in_words(answer.offer))
        button = element("button", says, type="button", data_event="narrow", data_number=number, class_="narrow")
        parts.append(element("p", button, class_="searched"))
    parts.extend(disagreements_html(answer, number, judged))
    if answer.found:
        parts.append(element("ol", *(_quote(quote, number, judged) for quote in answer.quotes), class_="quotes"))
    elif answer.passages:
        parts.append(_nearest(answer, number))
    parts.append(again_html(answer, number))
    if answer.passages:
        parts.append(_evidence(answer, number))
    parts += left_out_html(answer, number)
    return element("div", *parts, class_="answer")


def _quote(quote: Quote, number: int, judged: Mapping[int, bool]) -> Html:
    return quote_html(quote, number, actions_html(quote, number, judged.get(quote.rank)))


def error_html(message: str) -> Html:
    """What went wrong, in words for the reader."""
    return element("p", from_english(message), class_="trouble", role="alert")


def _verdict(answer: Answer) -> Html:
    """One line: how sure, and from how many articles."""
    if not answer.found:
        return element("p", _("Not in these articles."), class_="verdict none")
    n_articles = len({quote.article.id for quote in answer.quotes})
    said = _(
        "{quotes} from {articles}", quotes=pluralize(len(answer.quotes), "quote"), articles=pluralize(n_articles, "article")
    )
    sure = element("strong", _sureness(answer.confidence))
    return element("p", sure, f" · {percent(answer.confidence)} · {said}", class_="verdict")


def _sureness(confidence: float) -> str:
    return _("Very likely") if confidence >= 0.8 else _("Likely") if confidence >= 0.5 else _("Perhaps")


def _nearest(answer: Answer, number: int) -> Html:
    """The passages nearest to a question without an answer, folded away."""
    nearest = (_passage(passage, number) for passage in answer.passages[:3])
    return element(
        "details", element("summary", _("Nearest passages (not an answer)")), element("ol", *nearest), class_="nearest"
    )


def _passage(passage: Passage, number: int) -> Html:
    button = cite(title_of(passage.article), passage.article, passage.start, passage.end, number, class_="cite")
    citation = element("p", button, " ", origin(passage.article, part=passage.part), class_="citation")
    return element("li", element("div", passage.text, class_="passage-text"), citation)


def _evidence(answer: Answer, number: int) -> Html:
    """What was read, how well it scored and how long it took, folded away."""
    names = (_("Rank"), _("Passage"), _("Score"), *(_(name) for name, part in _PARTS), _("Answer"))
    heads = (element("th", name, scope="col") for name in names)
    table = element(
        "table",
        element("caption", _(_CAPTION)),
        element("thead", element("tr", *heads)),
        element("tbody", *(_row(passage, number) for passage in answer.passages)),
    )
    read, seconds = pluralize(len(answer.passages), "passage"), answer.timings.get("total", 0.0)
    took = _("{passages} read in {seconds:.3f} seconds", passages=read, seconds=seconds)
    parts = [element("summary", took), element("div", table, class_="table", role="region", aria_label=took, tabindex=0)]
    if answer.timings:
        stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in answer.timings.items())
        says = _("Seconds: {stages}. Generation of the library: {generation}.", stages=stages, generation=answer.generation)
        parts.append(element("p", says, class_="timings"))
    return element("details", *parts, class_="evidence")


def _row(passage: Passage, number: int) -> Html:
    place = element("span", _("characters {start} to {end}", start=passage.start, end=passage.end), class_="range")
    named = join([title_of(passage.article), " ", place])
    button = cite(named, passage.article, passage.start, passage.end, number, class_="place")
    scores = (passage.score, *(getattr(passage.parts, part) for _, part in _PARTS))
    cells = (element("td", f"{score:.2f}") for score in scores)
    return element("tr", element("td", str(passage.rank)), element("td", button), *cells, element("td", _best_answer(passage)))


def _best_answer(passage: Passage) -> str:
    """What the reader makes of the passage's best words, where it read them."""
    told = [sentence.answer for sentence in passage.sentences if sentence.answer is not None]
    return f"{max(told):.1f}" if told else _("not read")
