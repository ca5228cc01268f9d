"""Dates: parse the publication date of an article from metadata, or find it in the text."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

from qa.text.dates import MONTHS
from qa.types.articles import SetAside

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
_HEAD_CHARACTERS, _HEAD_LINES = 20_000, 12  # from the top, in which a by-line or a date line is looked for
_MAX_DATE_LINE = 100  # characters
_MIN_SHARE = 0.6  # of a line that is a date, unless it begins like a by-line
_BY_LINE = re.compile(
    r"^(?:(?:last\s+)?(?:updated|modified)|published|posted|first\s+published|date|by|mon|tues?|wednes|thurs?|fri|satur|sun)",
    re.I,
)
_SECONDS, _MILLISECONDS = (1e8, 1e11), (1e11, 1e14)  # since 1970: dates from 1973 on
_TIMESTAMP = re.compile(r"\d{9,14}(?:\.\d+)?")
_CLOCK = re.compile(r"\d:\d\d")
_MAX_VALUE = 200  # characters


def publication_date(text: str, set_aside: Iterable[SetAside]) -> str | None:
    """Return when an article was published, as a date or a date and time in ISO 8601, or None.

    The date is looked for in date lines that were set aside, and then in short lines near the top that are a date or begin like
    a by-line. A date mentioned in a sentence is not taken. Numeric dates other than ISO's are skipped, since 03/04/2019 is
    ambiguous.
    """
    stamps = [text[place.start : place.end] for place in set_aside if place.rule == "date line"]
    return next((day for line in (*stamps, *_date_lines(text)) for day in _dates(line)), None)


def parse_date(value: object) -> str | None:
    """Return a date from metadata in ISO 8601, or None.

    It may be in ISO 8601, seconds or milliseconds since 1970, as in a mail header, or written out in English.
    """
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    try:
        return _from_timestamp(float(text)) if _TIMESTAMP.fullmatch(text) else _from_iso(text)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        if _CLOCK.search(text):
            return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    return publication_date(text[:_MAX_VALUE], ())


def _date_lines(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text[:_HEAD_CHARACTERS].splitlines() if line.strip()][:_HEAD_LINES]
    for line in lines:
        match = next((match for pattern in _DATES if (match := pattern.search(line))), None)
        is_short = len(line) <= _MAX_DATE_LINE
        if match and is_short and (_BY_LINE.match(line) or len(match.group()) >= _MIN_SHARE * len(line)):
            yield line


def _dates(line: str) -> Iterator[str]:
    for pattern in _DATES:
        for match in pattern.finditer(line):
            fields = match.groupdict()
            month = fields["month"].lower()
            zone = UTC if fields["zone"] else None
            try:
                day = date(int(fields["year"]), _MONTHS.get(month) or int(month), int(fields["day"]))
                clock = time(int(fields["hour"]), int(fields["minute"]), tzinfo=zone) if fields["hour"] else None
            except ValueError:
                continue  # there is no such day or hour
            yield datetime.combine(day, clock).isoformat(timespec="minutes") if clock else day.isoformat()


def _from_iso(text: str) -> str:
    if re.fullmatch(r"\d{4}-?\d\d-?\d\d", text):
        return date.fromisoformat(text).isoformat()
    return datetime.fromisoformat(text).isoformat()


def _from_timestamp(number: float) -> str | None:
    for (low, high), unit in ((_SECONDS, 1), (_MILLISECONDS, 1000)):
        if low <= number < high:
            return datetime.fromtimestamp(number / unit, UTC).isoformat(timespec="seconds")
    return None
