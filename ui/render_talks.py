"""The conversations that are kept, as a list, and what has become of an answer since, as HTML."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from qa.articles import Heading
from qa.months import MONTHS
from qa.standing import Fate, Standing
from ui.chat import Exchange
from ui.markup import Html, element
from ui.render_quote import cite, counted, title_of

_MOST_LISTED = 200
_SAID = {
    "unchanged": "stands in the article as it is now",
    "changed": "stands in an earlier version: the article has changed since",
    "removed": "cannot be compared: the article was removed from the library",
    "version gone": "cannot be compared: the library does not hold the version that was quoted",
    "false": "does not stand where it says",
}


def talks_html(headings: Sequence[Heading], search: str = "", trouble: str | None = None) -> Html:
    """The list, folded, with a search; open where something was looked for.

    Args:
        trouble: why there is no list.
    """
    if trouble:
        return element("p", trouble, class_="trouble", role="alert")
    find = element(
        "form",
        element("label", "Find", for_="find-talk"),
        element("input", type="search", id="find-talk", name="search", value=search, maxlength=200, autocomplete="off"),
        element("button", "Find", type="submit"),
        data_event="find",
        class_="find",
    )
    listed = [_heading(each) for each in headings[:_MOST_LISTED]]
    parts = [element("ul", *listed)] if listed else [element("p", "None holds these words." if search else "None yet.")]
    if len(headings) > _MOST_LISTED:
        parts.append(element("p", f"And {counted(len(headings) - _MOST_LISTED, 'more conversation')}: look for their words."))
    unfolded = {"open": ""} if search else {}
    return element("details", element("summary", "Conversations"), find, *parts, class_="talks", **unfolded)


def _heading(heading: Heading) -> Html:
    title = heading.title or "Conversation"
    place = {"data_conversation": heading.id}
    name = element("bdi", title, class_="title")
    about = element("span", f"{_day(heading.changed)} · {counted(heading.n_answers, 'answer')}", class_="origin")
    field = f"title-{heading.id}"
    rename = element(
        "form",
        element("label", "Title", for_=field),
        element("input", name="title", id=field, value=title, maxlength=200, required="", autocomplete="off"),
        element("button", "Rename", type="submit"),
        data_event="rename",
        **place,
    )
    saved = (
        element("a", name, href=f"/export/{heading.id}.{ending}", download="")
        for name, ending in (("Markdown", "md"), ("HTML", "html"), ("JSON", "json"))
    )
    more = element(
        "details",
        element("summary", "More", aria_label=f"More about {title}"),
        rename,
        element("p", "Save as ", *(part for link in saved for part in (link, " ")), class_="saved"),
        element("button", "Delete this conversation for good", type="button", data_event="forget", **place, class_="forget"),
        class_="more",
    )
    return element("li", element("button", name, type="button", data_event="talk", class_="talk", **place), " ", about, more)


def standing_html(exchange: Exchange) -> list[Html]:
    """Of an answer that is looked at by itself: when it was given, and what has become of its quotes."""
    if exchange.asked is None:
        return []
    fates = Counter(each.fate for each in exchange.standing)
    said = element("p", f"Answered on {_day(exchange.asked)}. {_in_short(fates)}", class_="standing", role="status")
    changed = [_changed(each) for each in exchange.standing if each.fate != "unchanged"]
    return [said, element("ul", *changed, class_="standings")] if changed else [said]


def _in_short(fates: Counter[Fate]) -> str:
    n, same = fates.total(), fates["unchanged"]
    if not n:
        return "Nothing was quoted."
    if same == n:
        return "All that was quoted stands in the articles as they are now."
    return f"{same} of {counted(n, 'quote')} {'stands' if same == 1 else 'stand'} in the articles as they are now."


def _changed(each: Standing) -> Html:
    parts: list[str] = [f"Quote {each.quote.rank} ", _SAID[each.fate]]
    if each.now is not None:
        same = each.now.end > each.now.start
        parts.append(". The same words stand in it still: " if same else ". These words stand in it no more: ")
        parts.append(cite(title_of(each.now.article), each.now.article, each.now.start, each.now.end, class_="place"))
    return element("li", *parts, ".")


def _day(moment: str) -> str:
    day = datetime.fromisoformat(moment)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
