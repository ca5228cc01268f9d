"""Find the dates of a sentence, as years, month and day that can be compared."""

import re
from dataclasses import dataclass

from qa.types.articles import Span

# Not from `calendar`, which names months in the system's language.
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
_NAMES = [month[:3].lower() for month in MONTHS]
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?"
    r"|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1\d\d\d|20\d\d)"
_DATE = re.compile(
    rf"(?<![\w/.,#$€£-])(?:(?P<iso>{_YEAR}-(?:0\d|1[0-2])-{_DAY})"
    rf"|(?P<d1>{_DAY})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})(?![a-z])(?:\s*,?\s*(?P<y1>{_YEAR}))?"
    rf"|(?P<m2>{_MONTH})\s+(?P<d2>{_DAY})(?:st|nd|rd|th)?(?!\w)(?:\s*,?\s+(?P<y2>{_YEAR}))?"
    rf"|(?P<m3>{_MONTH})(?:\s+of)?,?\s+(?P<y3>{_YEAR})"
    rf"|(?<=\b[Ii]n )(?P<m4>{_MONTH})(?![a-z])"
    rf"|(?P<low>{_YEAR})(?:\s?[-–—/]\s?|\sto\s|\sand\s)(?P<high>{_YEAR}|\d\d)"
    rf"|(?P<y5>{_YEAR})(?P<decade>s)?"
    r"|(?P<century>1\d|20|21)(?:st|th)[ -]century)(?![\w]|[.,/]\d|-\d)"
)
# The eras that dates in Japan and Taiwan count from, each with the year before its first.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "民国": 1911}
_NUMBER_OF_YEARS = r"(?!間|间|以上|前|ぶり|もの)"  # after "1000年" in "for 1,000 years" or "1,000 years ago"
EAST_ASIAN_DATE = (  # "2024年3月5日", "令和6年", "3月5日"; groups are left out, so that other patterns may hold it
    rf"(?:(?:{'|'.join(ERAS)})\s?(?:\d{{1,3}}|元)|(?<!\d)(?:[1１]\d|[2２][0０])\d\d)\s?年{_NUMBER_OF_YEARS}"
    r"(?:\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号號])?)?"
    r"|(?<!\d)\d{1,2}\s?月\s?\d{1,2}\s?[日号號]"
)
_EAST_ASIAN = re.compile(EAST_ASIAN_DATE)
_EAST_ASIAN_PART = re.compile(rf"(?P<era>{'|'.join(ERAS)})?\s?(?P<number>\d+|元)\s?(?P<unit>[年月日号號])")
_ABOUT = re.compile(r"(?:\b(?:about|around|circa|approximately)|\bca?\.)\s*$", re.I)
_YEARS_TOLD = 10  # the longest range of years that counts as a date; a century or a reign is longer
_YEARS_ABOUT = 5  # the tolerance of "about 1835", in years


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a sentence. A part that the sentence does not give is None."""

    start: int
    end: int
    years: tuple[int, int] | None  # the earliest and the latest possible year
    month: int | None = None
    day: int | None = None

    def agrees(self, other: "DateMention") -> bool:
        """Tell whether both may be the same date: no part that both give differs."""
        if self.years and other.years and (self.years[1] < other.years[0] or other.years[1] < self.years[0]):
            return False
        return all(one is None or two is None or one == two for one, two in ((self.month, other.month), (self.day, other.day)))

    def comparable(self, other: "DateMention") -> bool:
        """Tell whether both give a year, or both a month."""
        return bool(self.years and other.years) or bool(self.month and other.month)


def date_spans(sentence: str) -> list[Span]:
    """Return the spans of dates, centuries and ranges of years in a sentence."""
    return [Span(*match.span()) for match in _matches(sentence)]


def find_dates(sentence: str) -> list[DateMention]:
    """Return the dates of a sentence. Relative dates such as "Friday", centuries and reigns are left out."""
    days = (_day(match, sentence) if match.re is _DATE else _east_asian_day(match) for match in _matches(sentence))
    return [day for day in days if day and (not day.years or day.years[1] - day.years[0] <= _YEARS_TOLD)]


def _matches(sentence: str) -> list[re.Match[str]]:
    """Return the matches of dates in the order in which they stand, those with East Asian signs before others."""
    matches = list(_DATE.finditer(sentence))
    if "年" in sentence or "月" in sentence:
        eastern = list(_EAST_ASIAN.finditer(sentence))
        western = [match for match in matches if all(match.end() <= o.start() or o.end() <= match.start() for o in eastern)]
        matches = sorted([*eastern, *western], key=lambda match: match.start())
    return matches


def _east_asian_day(match: re.Match[str]) -> DateMention | None:
    """Return the date of a match, or None if there is no such month or day."""
    year = month = day = None
    for part in _EAST_ASIAN_PART.finditer(match[0]):
        number = 1 if part["number"] == "元" else int(part["number"])
        if part["unit"] == "年":
            year = number + ERAS.get(part["era"], 0)
        elif part["unit"] == "月":
            month = number
        else:
            day = number
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return DateMention(*match.span(), (year, year) if year else None, month, day)


def _day(match: re.Match[str], sentence: str) -> DateMention:
    start, end = match.span()
    if match["iso"]:
        year, *rest = map(int, match["iso"].split("-"))
        return DateMention(start, end, (year, year), *rest)
    if match["century"]:
        last = 100 * int(match["century"])
        return DateMention(start, end, (last - 99, last))
    if match["low"]:
        low, high = int(match["low"]), int(match["high"])
        high = high if high > 99 else low - low % 100 + high
        return DateMention(start, end, (low, max(low, high)))
    number = next((match[name] for name in ("y1", "y2", "y3", "y5") if match[name]), None)
    month = next((match[name] for name in ("m1", "m2", "m3", "m4") if match[name]), None)
    day = match["d1"] or match["d2"]
    around = _YEARS_ABOUT if _ABOUT.search(sentence, 0, start) else 0
    years = (int(number) - around, int(number) + around + (9 if match["decade"] else 0)) if number else None
    return DateMention(start, end, years, _NAMES.index(month[:3].lower()) + 1 if month else None, int(day) if day else None)
