"""What stands folded under an answer, as HTML: what was searched, to be changed and searched again, and what was left out."""

from collections.abc import Sequence

from qa.types.articles import Answer, Rejected
from qa.types.settings import LONGEST_QUESTION
from ui.html.markup import Html, element, join
from ui.html.quote import capital, cite, percent, title_of
from ui.i18n.language import from_english, pluralize
from ui.i18n.language import gettext as _


def again_html(answer: Answer, number: int) -> Html:
    """The question as it was searched for, in a field, with a button that searches for what the field holds.

    Args:
        number: of the answer in its conversation.
    """
    name = f"again-{number}"
    field = element("textarea", answer.searched_for, id=name, rows=2, maxlength=LONGEST_QUESTION, dir="auto")
    button = element("button", _("Search again"), type="button", data_does="again", data_number=number)
    form = element("div", element("label", _("Searched for"), for_=name), field, button, class_="again-form")
    return element("details", element("summary", _("What was searched")), form, class_="again")


def left_out_html(answer: Answer, number: int) -> list[Html]:
    """The sentences that were read and are no quotes, each with the reason; nothing where there are none.

    Args:
        number: of the answer in its conversation.
    """
    if not answer.left_out:
        return []
    says = _("What was set aside: {sentences}", sentences=pluralize(len(answer.left_out), "sentence"))
    groups: dict[str, list[Rejected]] = {}
    for each in answer.left_out:
        groups.setdefault(each.why, []).append(each)
    parts = [_group(why, several, number) for why, several in groups.items()]
    return [element("details", element("summary", says), *parts, class_="left-out")]


def _group(why: str, several: Sequence[Rejected], number: int) -> Html:
    listed = (element("li", _sentence(each, number)) for each in several)
    return join([element("p", f"{capital(from_english(why))}:", class_="why"), element("ul", *listed)])


def _sentence(each: Rejected, number: int) -> Html:
    button = cite(title_of(each.article), each.article, each.start, each.end, number, class_="place")
    sure = element("span", percent(each.confidence), class_="sure", title=_("Probability that this sentence answers"))
    return join([element("span", each.text, class_="passage-text"), element("span", button, " · ", sure, class_="origin")], " ")


def offers_html(questions: Sequence[str]) -> Html:
    """Questions that can be asked next, each found to have an answer; nothing where there are none."""
    if not questions:
        return Html()
    buttons = (
        element("li", element("button", question, type="button", data_does="offer", data_text=question))
        for question in questions
    )
    return element("div", element("h2", _("Ask next")), element("ul", *buttons), class_="offers")
