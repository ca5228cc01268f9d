"""The conversations that are kept, as a list, and what has become of an answer since, as HTML."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from qa.answer.citation_status import CitationStatus, Status
from qa.types.articles import Heading
from ui.html.markup import Html, element, join
from ui.html.quote import cite, title_of
from ui.i18n.language import format_day, from_english, gettext_noop, pieces, pluralize
from ui.i18n.language import gettext as _
from ui.state.chat import Exchange

_MOST_LISTED = 200
_SAID = {
    "unchanged": gettext_noop("stands in the article as it is now"),
    "changed": gettext_noop("stands in an earlier version: the article has changed since"),
    "removed": gettext_noop("cannot be compared: the article was removed from the library"),
    "version gone": gettext_noop("cannot be compared: the library does not hold the version that was quoted"),
    "false": gettext_noop("does not stand where it says"),
}


def talks_html(headings: Sequence[Heading], search: str = "", trouble: str | None = None) -> Html:
    """The list, folded, with a search; open where something was looked for.

    Args:
        trouble: why there is no list.
    """
    if trouble:
        return element("p", from_english(trouble), class_="trouble", role="alert")
    find = element(
        "form",
        element("label", _("Find"), for_="find-talk"),
        element("input", type="search", id="find-talk", name="search", value=search, maxlength=200, autocomplete="off"),
        element("button", _("Find"), type="submit"),
        data_event="find",
        class_="find",
    )
    listed = [_heading(each) for each in headings[:_MOST_LISTED]]
    parts = [element("ul", *listed)] if listed else [element("p", _("None holds these words.") if search else _("None yet."))]
    if len(headings) > _MOST_LISTED:
        more = pluralize(len(headings) - _MOST_LISTED, "more conversation")
        parts.append(element("p", _("And {more}: look for their words.", more=more)))
    unfolded = {"open": ""} if search else {}
    return element("details", element("summary", _("Conversations")), find, *parts, class_="talks", **unfolded)


def _heading(heading: Heading) -> Html:
    title = heading.title or _("Conversation")
    place = {"data_conversation": heading.id}
    name = element("bdi", title, class_="title")
    about = element("span", f"{_day(heading.changed)} · {pluralize(heading.n_answers, 'answer')}", class_="origin")
    field = f"title-{heading.id}"
    rename = element(
        "form",
        element("label", _("Title"), for_=field),
        element("input", name="title", id=field, value=title, maxlength=200, required="", autocomplete="off"),
        element("button", _("Rename"), type="submit"),
        data_event="rename",
        **place,
    )
    saved = (
        element("a", name, href=f"/export/{heading.id}.{ending}", download="")
        for name, ending in (("Markdown", "md"), ("HTML", "html"), ("JSON", "json"))
    )
    more = element(
        "details",
        element("summary", _("More"), aria_label=_("More about {title}", title=title)),
        rename,
        element("p", *pieces("Save as {formats}", formats=join(saved, " ")), class_="saved"),
        element("button", _("Delete this conversation for good"), type="button", data_event="forget", **place, class_="forget"),
        class_="more",
    )
    return element("li", element("button", name, type="button", data_event="talk", class_="talk", **place), " ", about, more)


def standing_html(exchange: Exchange) -> list[Html]:
    """Of an answer that is looked at by itself: when it was given, and what has become of its quotes."""
    if exchange.asked is None:
        return []
    fates = Counter(each.status for each in exchange.standing)
    says = _("Answered on {day}. {fate}", day=_day(exchange.asked), fate=_in_short(fates))
    said = element("p", says, class_="standing", role="status")
    changed = [_changed(each) for each in exchange.standing if each.status != "unchanged"]
    return [said, element("ul", *changed, class_="standings")] if changed else [said]


def _in_short(fates: Counter[Status]) -> str:
    n, same = fates.total(), fates["unchanged"]
    if not n:
        return _("Nothing was quoted.")
    if same == n:
        return _("All that was quoted stands in the articles as they are now.")
    quotes = pluralize(n, "quote")
    if same == 1:
        return _("1 of {quotes} stands in the articles as they are now.", quotes=quotes)
    return _("{n} of {quotes} stand in the articles as they are now.", n=same, quotes=quotes)


def _changed(each: CitationStatus) -> Html:
    parts: list[str] = [_("Quote {rank} {fate}.", rank=each.quote.rank, fate=_(_SAID[each.status]))]
    if each.current is not None:
        place = cite(title_of(each.current.article), each.current.article, each.current.start, each.current.end, class_="place")
        if each.current.end > each.current.start:
            parts += [" ", *pieces("The same words stand in it still: {place}.", place=place)]
        else:
            parts += [" ", *pieces("These words stand in it no more: {place}.", place=place)]
    return element("li", *parts)


def _day(moment: str) -> str:
    return format_day(datetime.fromisoformat(moment))
