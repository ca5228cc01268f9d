"""Drafts of test questions as HTML."""

from collections.abc import Sequence

from qa.articles import Draft
from ui.markup import Html, element
from ui.render import error_html
from ui.render_quote import counted

_WHY = {"thumbs down": "A quote was said not to answer it", "gold span": "Words of an article were marked as its answer"}


def drafts_html(drafts: Sequence[Draft], trouble: str | None = None) -> Html:
    """Each draft with what it still lacks; nothing where there are none.

    Args:
        trouble: what went wrong.
    """
    parts = [error_html(trouble)] if trouble else []
    if drafts:
        says = f"{counted(len(drafts), 'draft')} of test questions"
        items = element("ul", *map(_draft, drafts))
        parts.append(element("details", element("summary", says), items, class_="drafts", **({"open": ""} if trouble else {})))
    return element("div", *parts)


def _draft(draft: Draft) -> Html:
    about = element("p", _WHY.get(draft.why, draft.why), class_="origin")
    parts = [element("p", draft.question, class_="question", dir="auto"), about]
    if draft.history:
        asked = (element("q", each) for each in draft.history)
        parts.append(element("p", "Asked after ", *(part for each in asked for part in (each, " ")), class_="origin"))
    if draft.answers:
        parts.append(element("p", "Answer: ", *(element("q", each) for each in draft.answers), class_="expected"))
    field, box = f"answer-{draft.id}", f"nothing-{draft.id}"
    lacking = [
        element("label", "Answer, word for word", for_=field),
        element("input", id=field, name="answer", maxlength=500, autocomplete="off"),
        element("input", type="checkbox", id=box, name="nothing", value="1"),
        element("label", "The articles do not say", for_=box),
    ]
    form = element(
        "form",
        *([] if draft.answers else lacking),
        element("button", "Accept", type="submit"),
        element("button", "Dismiss", type="button", data_event="dismiss", data_draft=draft.id),
        data_event="accept",
        data_draft=draft.id,
    )
    return element("li", *parts, form)
