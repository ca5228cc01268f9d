"""Find dates written as in the language of a text, with the month names of Unicode's CLDR: 17 апреля 2023, 2023年4月17日."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from qa.text.dates import ERAS
from qa.types.articles import Span

if TYPE_CHECKING:
    from babel import Locale

_COUNTRIES = {"ar": ("ar_SY", "ar_DZ", "ar_MA"), "de": ("de_AT",), "no": ("nb",), "sr": ("sr_Latn",)}  # with other names
_BY_SCRIPT = (  # the languages that are tried where the month is named in another one than was expected
    ("[а-яёіїєў]", "ru uk bg sr be mk kk mn"),
    ("[α-ω]", "el"),
    ("[א-ת]", "he"),
    ("[ء-ي]", "ar fa ur"),
    ("[\u0900-\u097f]", "hi mr ne"),
    ("[\u0980-\u09ff]", "bn"),
    ("[ก-๛]", "th"),
    ("[ა-ჰ]", "ka"),
    ("[ա-և]", "hy"),
    ("[a-z]", "en de fr es it pt nl sv da nb fi pl cs hu tr ro id vi ca hr sl sk lt lv et"),
)
_YEARS = range(1800, 2200)
_THAI_YEARS = range(2400, 2700)  # of the Buddhist era
_BUDDHIST_ERA = 543

_DAY = r"(?P<day>\d{1,2})(?:\s?(?:st|nd|rd|th|er|[ºª°])|\s?-?(?:го|ого))?"
_GAP = r"[\s.,،\-–/]*(?:(?:de|del|di|of|d[’'.]|năm|gada|г)\s*)?[\s.,،]*"
_YEAR = r"(?P<year>\d{4})"
_NAMED_MONTH = re.compile(
    r"(?<!\d)\d{1,2}(?!\d)[^\W\d]{0,3}[\s.,/-]{1,3}[^\d\n]{3,20}[\s.,/-]{1,3}\d{4}(?!\d)"
    r"|(?<!\d)\d{4}[\s.,]{1,3}[^\d\n]{3,20}[\s.]{1,3}\d{1,2}(?!\d)",
    re.I,
)
_CLDR = re.compile(r"(d+|[ML]{3,}|y+|G+)|('[^']*'|[^'\s]|\s+)")
_NUMERIC = (
    re.compile(rf"(?<!\d)(?:(?P<era>{'|'.join(ERAS)})" r"\s*(?P<era_year>\d{1,3}|元)|(?P<year>\d{4}))\s*[年년]"
               r"\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<![\w./-])(?P<year>\d{4})(?P<sign>[./-])\s?(?P<month>\d{1,2})(?P=sign)\s?(?P<day>\d{1,2})(?![\d/-])"),
    re.compile(r"(?<![\w./-])(?P<one>\d{1,2})(?P<sign>[./-])\s?(?P<two>\d{1,2})(?P=sign)\s?(?P<year>\d{4})(?![\d/-])"),
)  # fmt: skip


class LocalDate(NamedTuple):
    """A complete date in a text."""

    span: Span
    date: date


def find_local_dates(text: str, language: str | None) -> Iterator[LocalDate]:
    """Yield the complete dates of a text in the order in which they stand.

    A date such as 3/4/2019 is left out, unless the language tells which number is the month. English tells it only with a
    country.

    Args:
        language: a tag such as "ru" or "en-GB". A month that it does not name is looked for in other languages of the script.
    """
    dates = _matches(text, _NUMERIC, language) + _matches(text, _patterns(_base(language)), language)
    if not dates and _NAMED_MONTH.search(text):
        by_script = next((languages for letters, languages in _BY_SCRIPT if re.search(letters, text)), "").split()
        dates = next(filter(None, (_matches(text, _patterns(other), other) for other in by_script)), [])
    end = 0
    for match in sorted(dates, key=lambda each: (each.span.start, -each.span.end)):
        if match.span.start >= end:
            yield match
            end = match.span.end


def _matches(text: str, patterns: Iterable[re.Pattern[str]], language: str | None) -> list[LocalDate]:
    matches = (match for pattern in patterns for match in pattern.finditer(text))
    return [LocalDate(Span(*match.span()), day) for match in matches if (day := _date(match, language))]


def _date(match: re.Match[str], language: str | None) -> date | None:
    """Return the date of a match, or None if there is no such day or its order is not clear."""
    fields = match.groupdict()
    try:
        if "one" in fields:
            day, month = _day_and_month(int(fields["one"]), int(fields["two"]), fields["sign"], language)
        else:
            day = int(fields["day"])
            month = int(fields["month"]) if "month" in fields else _months(_base(language))[_fold(fields["name"])]
        return date(_year(fields, language), month, day)
    except (ValueError, KeyError):
        return None


def _day_and_month(one: int, two: int, sign: str, language: str | None) -> tuple[int, int]:
    """Return day and month of a date in numbers that ends with its year.

    Raises:
        ValueError: either number may be the month.
    """
    if one > 12 or one == two:
        return one, two
    if two > 12:
        return two, one
    is_english = _base(language) in ("", "en")
    order = "dM" if sign == "." and not is_english else _order(language)
    if not order:
        raise ValueError(order)
    return (one, two) if order == "dM" else (two, one)


def _year(fields: dict[str, str | None], language: str | None) -> int:
    """Return the year of the common era.

    Raises:
        ValueError: it is not one in which articles were published.
    """
    if era := fields.get("era"):
        number = fields["era_year"] or ""
        return ERAS[era] + (1 if number == "元" else int(number))
    year = int(fields["year"] or "")
    if year in _THAI_YEARS and _base(language) == "th":
        year -= _BUDDHIST_ERA
    if year not in _YEARS:
        raise ValueError(year)
    return year


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of dates with a month's name: day, month, year; month, day, year; and as CLDR writes them."""
    names = "|".join(re.escape(name) for name in sorted(_months(language), key=len, reverse=True))
    if not names:
        return ()
    name = rf"(?P<name>{names})(?!\w)\.?"
    day_of_week = rf"(?:(?:{'|'.join(map(re.escape, _days_of_week(language)))})[\s.,]+)?"
    own = (locale.date_formats[width].pattern for width in ("long", "medium") if (locale := _locale(language)))
    return tuple(
        re.compile(pattern, re.I)
        for pattern in (
            rf"(?<![\w.]){day_of_week}{_DAY}{_GAP}{name}{_GAP}{_YEAR}(?!\d)",
            rf"(?<!\w){day_of_week}{name}{_GAP}{_DAY}{_GAP}{_YEAR}(?!\d)",
            rf"(?<!\w){_YEAR}{_GAP}{name}{_GAP}{_DAY}(?!\d)",
            *(rf"(?<!\w){_from_cldr(pattern, names)}(?!\d)" for pattern in own if "MMM" in pattern),
        )
    )


def _days_of_week(language: str) -> list[str]:
    locale = _locale(language)
    return list(locale.days["format"]["wide"].values()) if locale else []


def _from_cldr(pattern: str, names: str) -> str:
    """Return a regular expression of the dates that a pattern of CLDR such as "d 'de' MMMM 'de' y" writes."""
    fields = {"d": r"(?P<day>\d{1,2})", "M": f"(?P<name>{names})", "L": f"(?P<name>{names})", "y": _YEAR, "G": r"\S{0,6}"}
    parts = (
        fields[field[0]] if field else r"\s*" if literal.isspace() else re.escape(literal.strip("'"))
        for field, literal in _CLDR.findall(pattern)
    )
    return "".join(parts)


@cache
def _months(language: str) -> dict[str, int]:
    """Return the numbers of the month names of a language, in lower case and without a full stop."""
    months: dict[str, int] = {}
    for identifier in (language, *_COUNTRIES.get(language, ())):
        locale = _locale(identifier)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items() if locale else ():
                    if len(name) > 1 and not name.isdecimal():
                        months.setdefault(_fold(name), number)
    return months


@cache
def _order(language: str | None) -> str:
    """Return "dM" or "Md" as the language writes dates in numbers, or "" if that depends on a country that it lacks."""
    if _base(language) == "en" and (language or "").casefold() == "en":
        return ""
    locale = _locale((language or "").replace("-", "_")) or _locale(_base(language))
    pattern = str(locale.date_formats["short"].pattern) if locale else ""
    places = pattern.find("d"), pattern.find("M")
    return "" if min(places) < 0 else "dM" if places[0] < places[1] else "Md"


def _locale(identifier: str) -> "Locale | None":
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(identifier) if identifier else None
    except (UnknownLocaleError, ValueError):
        return None


def _base(language: str | None) -> str:
    return re.split("[-_]", language or "", maxsplit=1)[0].casefold()


def _fold(name: str) -> str:
    return name.casefold().rstrip(".")
