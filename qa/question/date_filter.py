"""Offering: the filter that a date in a question suggests, which is offered and not applied."""

import re
from datetime import date, timedelta

from qa.library.filters import Filter, days
from qa.question.source_mentions import DATE, published_pattern
from qa.types.errors import QuestionUnusable
from qa.types.months import MONTHS

# How far the first and the last day, month or year that is asked for are from the one after a word; None: there is no such end.
_BOUNDS: dict[str | None, tuple[int | None, int | None]] = {
    **dict.fromkeys((None, "in", "during", "of", "on", "from"), (0, 0)),
    "since": (0, None),
    "after": (1, None),
    "before": (None, -1),
    **dict.fromkeys(("until", "till", "by"), (None, 0)),
}
_FIRST, _LAST = (None, "in", "during", "from", "since", "between"), ("to", "through", "until", "till")
_WORDS = {*filter(None, _BOUNDS), *_LAST, "between", "and", "or"}
_FIRST_YEAR, _LAST_YEAR = 1800, 2099  # what is less or more is as a rule the number of something
_MONTH_NAMES = {*MONTHS, *(name[:3] for name in MONTHS), "Sept"}
_WHEN = re.compile(
    rf"(?:\b(?P<how>{'|'.join(sorted(_WORDS))})\s+)?\b(?:the\s+year\s+|(?:early|late|mid)[\s-]+)?"
    rf"(?:(?:the\s+)?{DATE.pattern}|(?P<only>\d{{4}})(?![\w-]))(?P<on>\s+on(?:wards?\b|\b(?!\s+\w)))?"
)


def offered(question: str) -> Filter | None:
    """The filter by the date, month or year that a question names, which may be what was meant or the time of an event.

    None where it names none, none with its year, or several that are not the two ends of one time.
    """
    text = re.sub(r"[a-z]+", _month_capitalised, question.lower().replace("–", " to "))
    found = [(_how(match), named) for match in _WHEN.finditer(text) if (named := _named(match))]
    hows = tuple(how for how, _ in found)
    if hows == ("between", "and") or (len(hows) == 2 and hows[0] in _FIRST and hows[1] in _LAST):
        found = [("since", found[0][1]), ("until", found[1][1])]
    bounds: dict[str, str] = {}
    for how, named in found:
        steps = zip(("after", "before"), _BOUNDS.get(how, (None, None)), strict=True)
        ends = {name: _moved(named, step) for name, step in steps if step is not None}
        if not ends or not bounds.keys().isdisjoint(ends):
            return None
        bounds |= ends
    try:
        return Filter(after=bounds.get("after"), before=bounds.get("before")) or None
    except QuestionUnusable:  # it ends before it begins
        return None


def _how(match: re.Match[str]) -> str | None:
    return "since" if match["on"] and match["how"] in ("from", "since") else match["how"]


def _named(match: re.Match[str]) -> str | None:
    """The day, month or year in ISO 8601, or None where it is a mere number, of no year or not in the calendar."""
    if match["only"] and not match["how"]:
        return None
    named = match["only"] or published_pattern(match)
    try:
        return named if _FIRST_YEAR <= days(named)[0].year <= _LAST_YEAR else None
    except ValueError:
        return None


def _month_capitalised(match: re.Match[str]) -> str:
    word = match.group().capitalize()
    return word if word in _MONTH_NAMES else match.group()


def _moved(named: str, step: int) -> str:
    """The day, month or year that comes so many after one."""
    year, *rest = map(int, named.split("-"))
    if len(rest) == 2:
        return (date(year, *rest) + timedelta(step)).isoformat()
    if not rest:
        return f"{year + step:04d}"
    year, month = divmod(12 * year + rest[0] - 1 + step, 12)
    return f"{year:04d}-{month + 1:02d}"
