"""Drafts of test questions as HTML."""

from collections.abc import Sequence

from qa.types.articles import Draft
from ui.html.answer import error_html
from ui.html.markup import Html, element, join
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop, pieces, pluralize

_WHY = {
    "thumbs down": gettext_noop("A quote was said not to answer it"),
    "gold span": gettext_noop("Words of an article were marked as its answer"),
}


def drafts_html(drafts: Sequence[Draft], trouble: str | None = None) -> Html:
    """Each draft with what it still lacks; nothing where there are none.

    Args:
        trouble: what went wrong.
    """
    parts = [error_html(trouble)] if trouble else []
    if drafts:
        says = pluralize(len(drafts), "drafted test question")
        items = element("ul", *map(_draft, drafts))
        parts.append(element("details", element("summary", says), items, class_="drafts", **({"open": ""} if trouble else {})))
    return element("div", *parts)


def _draft(draft: Draft) -> Html:
    about = element("p", _(_WHY[draft.why]) if draft.why in _WHY else draft.why, class_="origin")
    parts = [element("p", draft.question, class_="question", dir="auto"), about]
    if draft.history:
        asked = join((element("q", each) for each in draft.history), " ")
        parts.append(element("p", *pieces("Asked after {questions}", questions=asked), class_="origin"))
    if draft.answers:
        answers = join(element("q", each) for each in draft.answers)
        parts.append(element("p", *pieces("Answer: {answers}", answers=answers), class_="expected"))
    field, box = f"answer-{draft.id}", f"nothing-{draft.id}"
    lacking = [
        element("label", _("Answer, word for word"), for_=field),
        element("input", id=field, name="answer", maxlength=500, autocomplete="off"),
        element("input", type="checkbox", id=box, name="nothing", value="1"),
        element("label", _("The articles do not say"), for_=box),
    ]
    form = element(
        "form",
        *([] if draft.answers else lacking),
        element("button", _("Accept"), type="submit"),
        element("button", _("Dismiss"), type="button", data_event="dismiss", data_draft=draft.id),
        data_event="accept",
        data_draft=draft.id,
    )
    return element("li", *parts, form)
