"""When an article was published, where its text gives a whole date."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time

from qa.types.articles import SetAside
from qa.types.months import MONTHS

_MONTHS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>(?:19|20)\d\d)"
_TIME = r"(?:,?\s+(?:at\s+)?(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?:\s*(?P<zone>GMT|UTC|Z)\b)?)?"
_DATES = (
    re.compile(rf"\b{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::\d\d)?(?P<zone>Z)?)?"),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b{_TIME}", re.I),
    re.compile(rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b{_TIME}", re.I),
)
_HEAD, _LONGEST = 12, 100  # lines from the top, and characters of a line, in which a by-line or stamp stands
_STAMP = re.compile(
    r"^(?:(?:last\s+)?(?:updated|modified)|published|posted|first\s+published|date|by|mon|tues?|wednes|thurs?|fri|satur|sun)",
    re.I,
)


def publication_date(text: str, set_aside: Iterable[SetAside]) -> str | None:
    """The date or date and time in ISO 8601, or None; a day that is told of in the article is not taken for it.

    Looked for in the page's own date lines, then in short lines near the top that are a date or begin like a by-line.
    Numeric dates other than ISO's are passed over: 03/04/2019 is two days.
    """
    stamps = [text[place.start : place.end] for place in set_aside if place.rule == "date line"]
    for line in (*stamps, *_head_lines(text)):
        for found in _dates(line):
            return found
    return None


def _head_lines(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text[:20_000].splitlines() if line.strip()][:_HEAD]
    for line in lines:
        match = next((match for pattern in _DATES if (match := pattern.search(line))), None)
        if match and len(line) <= _LONGEST and (_STAMP.match(line) or len(match.group()) >= 0.6 * len(line)):
            yield line


def _dates(line: str) -> Iterator[str]:
    for pattern in _DATES:
        for match in pattern.finditer(line):
            parts = match.groupdict()
            month = parts["month"].lower()
            zone = UTC if parts["zone"] else None
            try:
                day = date(int(parts["year"]), _MONTHS.get(month) or int(month), int(parts["day"]))
                clock = time(int(parts["hour"]), int(parts["minute"]), tzinfo=zone) if parts["hour"] else None
            except ValueError:
                continue  # no such day or hour
            yield datetime.combine(day, clock).isoformat(timespec="minutes") if clock else day.isoformat()
