"""Dates: parse the publication date of an article from metadata, or find it in the text."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

from qa.text.dates import MONTHS
from qa.text.local_dates import find_local_dates
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
_MIN_SHARE = 0.6  # of a line, or of a part of it between bars, that is a date, unless it begins like a by-line
_BARS = re.compile(r"\s*[|•·｜／]\s*|\s+[/–—-]\s+")
_TIMES = re.compile(
    r"(?:\b(?:at|às|um|à|a las|alle|kl\.?|в|о)\s+)?\d{1,2}\s?[:.h時时点시]\s?\d\d(?:\s?[分분]|:\d\d)?"
    r"(?:\s?[ap]\.?m\b\.?|\s?(?:Uhr|GMT|UTC|[A-Z]{2,4}T)\b)*",
    re.I,
)
_DAY_NAME = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)"
# What a line says of when an article was published, or when it was changed.
PUBLISHED = re.compile(
    r"\b(?:published|posted|written|publiziert|veröffentlicht|erschienen|publi[ée]e?|paru|publicad[oa]|pubblicat[oa]"
    r"|gepubliceerd|geplaatst|publicerad|publisert|udgivet|julkaistu|opublikowan[oa]|publikováno|zveřejněno|publikované"
    r"|publikálva|publikovan[oa]|objavljen[oa]|paskelbta|publicēts|avaldatud|δημοσι\w+|опубликован\w*|опубліков\w*"
    r"|публик\w+|yayın\w*|dipublikasikan|diterbitkan|ngày đăng|เผยแพร่|प्रकाशित|প্রকাশ\w*)"
    r"|公開|掲載|発表|配信|发布|發布|刊登|게시|입력|등록|נשר|פורסם|نشر|انتشار",
    re.I,
)
UPDATED = re.compile(
    r"\b(?:(?:last\s+)?(?:updated|modified|revised|edited|changed|reviewed)|aktualisiert|geändert|mise? à jour|modifiée?"
    r"|actualizad[oa]|modificad[oa]|atualizad[oa]|aggiornat[oa]|bijgewerkt|uppdaterad|oppdatert|opdateret|päivitetty"
    r"|zaktualizowan[oa]|aktualizován[oa]|aktualizované|frissítve|ažurirano|atnaujinta|atjaunināts|uuendatud|ενημερ\w+"
    r"|обновлен\w*|обновлён\w*|изменен\w*|оновлен\w*|обновен\w*|güncelle\w*|diperbarui|cập nhật|อัปเดต|อัพเดท|अपडेट)"
    r"|更新|修正|수정|업데이트|עודכן|تحديث|به‌?روزرسانی",
    re.I,
)
_BY_LINE = re.compile(rf"^(?:first\s+|date\s+)?(?:{PUBLISHED.pattern}|{UPDATED.pattern}|date|by|{_DAY_NAME})", re.I)
_CITY = r"[A-Z\u00c0-\u00de][\w.'’-]*"
_DATELINE = re.compile(  # "PORT LENNOX, May 3, 2019 (Reuters) – The harbour …": what stands before the date, and after it
    rf"(?:{_CITY}[ ,/]+){{1,5}}\Z", re.S
)
_AFTER_DATELINE = re.compile(r"\s*(?:\([^)\n]{2,40}\)|/[^/\n]{2,30}/)?\s*(?:--?|[–—:])\s")
_SECONDS, _MILLISECONDS = (1e8, 1e11), (1e11, 1e14)  # since 1970: dates from 1973 on
_TIMESTAMP = re.compile(r"\d{9,14}(?:\.\d+)?")
_CLOCK = re.compile(r"\d:\d\d")
_MAX_VALUE = 200  # characters
_MAX_LABEL_GAP = 25  # characters between "published" and the date
_SENTENCE_END = re.compile(r"[.!?…。]['\"”’)\]]*$")
_FIRST_YEAR = 1500  # an earlier one stands for no date at all, such as 0001-01-01


def publication_date(
    text: str, set_aside: Iterable[SetAside], language: str | None = None, *, or_updated: bool = True
) -> str | None:
    """Return when an article was published, as a date or a date and time in ISO 8601, or None.

    The date is looked for in date lines that were set aside, then in short lines near the top that are a date or begin like
    a by-line, and then in a dateline before the first sentence. A date mentioned in a sentence is not taken. A date in numbers
    is taken only where the language tells which of them is the month.

    Args:
        language: a tag such as "ru" or "en-GB", for the names of months.
        or_updated: whether the date of the last change will do where the text gives no other, as in "Last updated: 3 May 2019".
    """
    stamps = [text[place.start : place.end] for place in set_aside if place.rule == "date line"]
    lines = [*stamps, *_date_lines(text, language)]
    parts = [part for line in lines if (part := _without_update(line, language))]
    published = [part for part in parts if PUBLISHED.search(part)]
    for line in (*published, *parts, *_datelines(text, language), *(lines if or_updated else ())):
        if day := next(_dates(line, language), None):
            return day
    return None


def parse_date(value: object, language: str | None = None) -> str | None:
    """Return a date from metadata in ISO 8601, or None.

    It may be in ISO 8601, seconds or milliseconds since 1970, as in a mail header, or written out in English or the language.
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
    return next(_dates(text[:_MAX_VALUE], language), None)


def has_date(line: str, language: str | None = None) -> bool:
    """Tell whether a line holds a complete date."""
    return next(_dates(line, language), None) is not None


def _date_lines(text: str, language: str | None) -> Iterator[str]:
    """Yield the lines near the top that are a date, or begin like a by-line and hold one."""
    for line in _head_lines(text):
        if len(line) > _MAX_DATE_LINE or not any(map(str.isdecimal, line)):
            continue
        if _BY_LINE.match(line) or _is_labelled(line, language):
            if has_date(line, language):
                yield line
            continue
        for part in _BARS.split(line):
            length = max((end - start for start, end, _ in _places(part, language)), default=0)
            if length and length + sum(map(len, _TIMES.findall(part))) >= _MIN_SHARE * len(part):
                yield line
                break


def _is_labelled(line: str, language: str | None) -> bool:
    """Tell whether a line that is no sentence says right before a date that the article was published then."""
    label = None if _SENTENCE_END.search(line) else PUBLISHED.search(line)
    return label is not None and any(0 <= start - label.end() <= _MAX_LABEL_GAP for start, _, _ in _places(line, language))


def _head_lines(text: str) -> list[str]:
    return [line.strip() for line in text[:_HEAD_CHARACTERS].splitlines() if line.strip()][:_HEAD_LINES]


def _without_update(line: str, language: str | None) -> str:
    """Return the part of a date line that does not tell of a change, or ""."""
    update = UPDATED.search(line)
    if update is None:
        return line
    before = line[: update.start()]
    if has_date(before, language):
        return before
    published = PUBLISHED.search(line, update.end())
    return line[published.start() :] if published else ""


def _datelines(text: str, language: str | None) -> Iterator[str]:
    """Yield the datelines that begin a paragraph, such as "PORT LENNOX, May 3, 2019 (Reuters) –"."""
    for line in _head_lines(text):
        for start, end, _ in _places(line[:_MAX_DATE_LINE], language):
            if _DATELINE.match(line[:start]) and _AFTER_DATELINE.match(line, end):
                yield line[:end]


def _dates(line: str, language: str | None) -> Iterator[str]:
    for _, _, day in _places(line, language):
        yield day


def _places(line: str, language: str | None) -> list[tuple[int, int, str]]:
    """Return start and end of each date in a line, and the date in ISO 8601. Those in English may have a time."""
    english = [(*match.span(), _day(match)) for pattern in _DATES for match in pattern.finditer(line)]
    local = [(found.span.start, found.span.end, found.date.isoformat()) for found in find_local_dates(line, language)]
    local = [each for each in local if all(each[1] <= start or end <= each[0] for start, end, _ in english)]
    return sorted((start, end, day) for start, end, day in (*english, *local) if day)


def _day(match: re.Match[str]) -> str | None:
    """Return the date of a match, or None if there is no such day or hour."""
    fields = match.groupdict()
    month = fields["month"].lower()
    zone = UTC if fields["zone"] else None
    try:
        day = date(int(fields["year"]), _MONTHS.get(month) or int(month), int(fields["day"]))
        clock = time(int(fields["hour"]), int(fields["minute"]), tzinfo=zone) if fields["hour"] else None
    except ValueError:
        return None
    return datetime.combine(day, clock).isoformat(timespec="minutes") if clock else day.isoformat()


def _from_iso(text: str) -> str | None:
    if re.fullmatch(r"\d{4}-?\d\d-?\d\d", text):
        day = date.fromisoformat(text)
        return day.isoformat() if day.year >= _FIRST_YEAR else None
    moment = datetime.fromisoformat(text)
    return moment.isoformat() if moment.year >= _FIRST_YEAR else None


def _from_timestamp(number: float) -> str | None:
    for (low, high), unit in ((_SECONDS, 1), (_MILLISECONDS, 1000)):
        if low <= number < high:
            return datetime.fromtimestamp(number / unit, UTC).isoformat(timespec="seconds")
    return None
