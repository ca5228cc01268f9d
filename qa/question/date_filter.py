"""The filter that a date in a question suggests. It is offered to the user and never applied unasked."""

import re
from datetime import date, timedelta

from qa.library.filters import Filter, days
from qa.question.source_mentions import DATE, iso_prefix
from qa.text.dates import MONTHS
from qa.types.errors import QuestionUnusable

# By preposition: the steps from the date named to the first and to the last date meant. None leaves that end open.
_BOUNDS: dict[str | None, tuple[int | None, int | None]] = {
    **dict.fromkeys((None, "in", "during", "of", "on", "from"), (0, 0)),
    "since": (0, None),
    "after": (1, None),
    "before": (None, -1),
    **dict.fromkeys(("until", "till", "by"), (None, 0)),
}
_FIRST, _LAST = (None, "in", "during", "from", "since", "between"), ("to", "through", "until", "till")
_PREPOSITIONS = {*filter(None, _BOUNDS), *_LAST, "between", "and", "or"}
_FIRST_YEAR, _LAST_YEAR = 1800, 2099  # numbers outside are seldom years
_MONTH_NAMES = {*MONTHS, *(name[:3] for name in MONTHS), "Sept"}
_DATE_PHRASE = re.compile(
    rf"(?:\b(?P<preposition>{'|'.join(sorted(_PREPOSITIONS))})\s+)?\b(?:the\s+year\s+|(?:early|late|mid)[\s-]+)?"
    rf"(?:(?:the\s+)?{DATE.pattern}|(?P<year_only>\d{{4}})(?![\w-]))(?P<onwards>\s+on(?:wards?\b|\b(?!\s+\w)))?"
)


def suggest_filter(question: str) -> Filter | None:
    """Return the filter by the date, month or year that a question names. It may be that of an event and not of publication.

    Return None where the question names no date with its year, or several that are not the two ends of one period.
    """
    text = re.sub(r"[a-z]+", _capitalize_month, question.lower().replace("–", " to "))
    dates = [(_preposition(match), iso) for match in _DATE_PHRASE.finditer(text) if (iso := _iso_date(match))]
    prepositions = tuple(preposition for preposition, _ in dates)
    is_period = len(dates) == 2 and prepositions[0] in _FIRST and prepositions[1] in _LAST
    if prepositions == ("between", "and") or is_period:
        dates = [("since", dates[0][1]), ("until", dates[1][1])]
    bounds: dict[str, str] = {}
    for preposition, iso in dates:
        steps = zip(("after", "before"), _BOUNDS.get(preposition, (None, None)), strict=True)
        ends = {name: _shift(iso, step) for name, step in steps if step is not None}
        if not ends or not bounds.keys().isdisjoint(ends):
            return None
        bounds |= ends
    try:
        return Filter(after=bounds.get("after"), before=bounds.get("before")) or None
    except QuestionUnusable:  # the period ends before it begins
        return None


def _preposition(match: re.Match[str]) -> str | None:
    return "since" if match["onwards"] and match["preposition"] in ("from", "since") else match["preposition"]


def _iso_date(match: re.Match[str]) -> str | None:
    """Return the day, month or year in ISO 8601. Return None for a mere number, and for what is not in the calendar."""
    if match["year_only"] and not match["preposition"]:
        return None
    iso = match["year_only"] or iso_prefix(match)
    try:
        return iso if _FIRST_YEAR <= days(iso)[0].year <= _LAST_YEAR else None
    except ValueError:
        return None


def _capitalize_month(match: re.Match[str]) -> str:
    word = match.group().capitalize()
    return word if word in _MONTH_NAMES else match.group()


def _shift(iso: str, step: int) -> str:
    """Return the day, month or year that many days, months or years later."""
    year, *rest = map(int, iso.split("-"))
    if len(rest) == 2:
        return (date(year, *rest) + timedelta(step)).isoformat()
    if not rest:
        return f"{year + step:04d}"
    year, month = divmod(12 * year + rest[0] - 1 + step, 12)
    return f"{year:04d}-{month + 1:02d}"
