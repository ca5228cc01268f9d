"""Find the numbers of a sentence, with their units, as intervals that can be compared."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.text.dates import date_spans

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: number for number, word in enumerate(_ONES.split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), start=2)
}
_LARGE = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
# The dimension of each unit, and its factor to that dimension's base unit, so that 3 meters equal 300 centimeters.
_UNITS = {
    "percent": ("%", 1), "percentage": ("%", 1), "%": ("%", 1),
    "second": ("time", 1), "minute": ("time", 60), "hour": ("time", 3600), "day": ("time", 86400), "week": ("time", 604800),
    "month": ("time", 2629746), "year": ("time", 31556952), "decade": ("time", 315569520),
    "millimeter": ("length", 0.001), "mm": ("length", 0.001), "centimeter": ("length", 0.01), "cm": ("length", 0.01),
    "meter": ("length", 1), "metre": ("length", 1), "m": ("length", 1), "kilometer": ("length", 1000),
    "kilometre": ("length", 1000), "km": ("length", 1000), "inch": ("length", 0.0254), "inche": ("length", 0.0254),
    "foot": ("length", 0.3048), "feet": ("length", 0.3048), "ft": ("length", 0.3048), "yard": ("length", 0.9144),
    "mile": ("length", 1609.344), "mi": ("length", 1609.344),
    "gram": ("mass", 0.001), "kilogram": ("mass", 1), "kg": ("mass", 1), "pound": ("mass", 0.45359237),
    "lb": ("mass", 0.45359237), "ton": ("mass", 1000), "tonne": ("mass", 1000),
    "dollar": ("$", 1), "euro": ("€", 1), "won": ("₩", 1), "yen": ("¥", 1),
}  # fmt: skip
_SIGNS = "$€£¥₩"
_WORD = rf"(?:{'|'.join(sorted(_SMALL, key=len, reverse=True))})"
_SCALE = rf"(?:{'|'.join(_LARGE)})"
_DIGITS = r"\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,9})?|\d{1,15}(?:\.\d{1,9})?"
_BELOW_HUNDRED = rf"(?:(?:{_TENS.replace(' ', '|')})-(?:{'|'.join(_ONES.split()[1:10])})|{_WORD})"
_SPELT = rf"(?:{_WORD}|a)[ -]{_SCALE}(?:[ -](?:and[ -])?{_BELOW_HUNDRED})*|{_BELOW_HUNDRED}"
_NUMBER = rf"(?:(?:{_DIGITS})(?:[ -]{_SCALE})?|{_SPELT})"
_ABOUT = r"about|around|approximately|some|roughly|nearly|almost|estimated|circa|c\.|~"
_AT_LEAST = r"more than|over|at least|no fewer than|no less than|upwards of|exceeding|above"
_AT_MOST = r"up to|as many as|as much as|fewer than|less than|under|at most|no more than|below"
_AMOUNT = re.compile(
    rf"(?P<hedge>\b(?:{_AT_LEAST}|{_AT_MOST}|{_ABOUT})\s+(?:(?:an?|the)\s+)?(?:(?:estimated|about|some)\s+)?)?"
    rf"(?<![\w.,:/#\[-])(?P<words>(?P<sign>[{_SIGNS}])?(?P<low>{_NUMBER})"
    rf"(?:(?P<join>\s?[-–—]\s?|\s+to\s+|\s+and\s+|\s+or\s+)(?P<high>{_NUMBER}))?)(?![\w\]]|[.,:/]\d|-\d)"
    r"(?P<plus>\+|\s+or more\b)?(?:(?:\s|-)?(?P<unit>%|[A-Za-z]+))?",
    re.I,
)
_BETWEEN = re.compile(r"\bbetween\s+(?:about\s+)?$", re.I)
_LABELLED = re.compile(r"(?:\[\s|\w\W*\b[A-Z][\w.]*\s)$")
_COUNTS = re.compile(r"[ -][a-z]")
# The relative tolerance of a rounded number and of a number with a word such as "about".
_NEAR = 0.1


@dataclass(frozen=True, slots=True)
class AmountMention:
    """A number in a sentence, as the interval of the values it may stand for. An exact number has `low == high`.

    `low`, `high` and `exact` are in the base unit of the dimension, such as meters for lengths and seconds for times.
    """

    start: int
    end: int
    low: float
    high: float
    dimension: str  # "%", "length", "mass", "time" or a currency sign; "" for a count
    exact: tuple[float, ...]  # the number or numbers as written

    def agrees(self, other: "AmountMention") -> bool:
        """Tell whether both may describe the same quantity: the interval of one contains a number written in the other."""
        return any(self.low <= number <= self.high for number in other.exact) or any(
            other.low <= number <= other.high for number in self.exact
        )

    def comparable(self, other: "AmountMention") -> bool:
        """Tell whether both have the same dimension."""
        return self.dimension == other.dimension


def find_amounts(sentence: str) -> list[AmountMention]:
    """Return the numbers of a sentence. Dates, years, ordinals, labels, and words such as "few" or "hundreds" are left out."""
    dated = date_spans(sentence)
    found = []
    for match in _AMOUNT.finditer(sentence):
        if not match["hedge"] and _is_label(match, sentence):
            continue
        for amount in _read(match, sentence):
            if not any(span.start < amount.end and amount.start < span.end for span in dated):
                found.append(amount)
    return found


def _is_label(match: re.Match[str], sentence: str) -> bool:
    """Tell whether a number is a label, as in "[ 13 ]" and "by Apollo 11.". A number that counts something is not."""
    start = match.start("words")
    return bool(_LABELLED.search(sentence[max(0, start - 40) : start])) and not _COUNTS.match(sentence, match.end("words"))


def dimension_of(word: str) -> str:
    """Return the dimension of a unit, such as "length" for "meters", or "" for a word that is not a unit."""
    return _unit(word.lower())[0]


def _unit(word: str) -> tuple[str, float]:
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s")) or ("", 1)


def _read(match: re.Match[str], sentence: str) -> Iterator[AmountMention]:
    dimension, factor = _unit((match["unit"] or "").lower())
    dimension = match["sign"] or dimension
    low, high = _value(match["low"]), _value(match["high"]) if match["high"] else None
    if high is not None and low < _scale(match["high"]) and _scale(match["low"]) == 1:
        low *= _scale(match["high"])  # "5 to 10 million"
    if high is not None and _is_range(match, sentence, low, high):
        both = (low * factor, high * factor)
        yield AmountMention(match.start("low"), match.end("high"), *both, dimension, both)
        return
    yield _hedged(match, "low", match["hedge"] or "", low, factor, dimension if high is None else match["sign"] or "")
    if high is not None:
        yield _hedged(match, "high", "", high, factor, dimension)


def _is_range(match: re.Match[str], sentence: str, low: float, high: float) -> bool:
    joined = match["join"].strip().lower()
    return low < high and (joined != "and" or bool(_BETWEEN.search(sentence, 0, match.start("words"))))


def _hedged(match: re.Match[str], part: str, hedge: str, number: float, factor: float, dimension: str) -> AmountMention:
    start, end = match.span(part)
    low, high = _rounded(number)
    if re.match(_AT_LEAST, hedge, re.I) or (match["plus"] and part == ("high" if match["high"] else "low")):
        low, high = min(low, number), math.inf
    elif re.match(_AT_MOST, hedge, re.I):
        low, high = 0.0, max(high, number)
    elif hedge:
        low, high = number * (1 - _NEAR), number / (1 - _NEAR)
    return AmountMention(start, end, low * factor, high * factor, dimension, (number * factor,))


def _rounded(number: float) -> tuple[float, float]:
    """Return the range of values that a number may be rounded from. "40" may be 44, but 203 is exact."""
    if number <= 0 or number != int(number) or number % 10:
        return number, number
    step = 10.0
    while number % (step * 10) == 0:
        step *= 10
    return max(number - step / 2, number * (1 - _NEAR)), min(number + step / 2, number / (1 - _NEAR))


def _scale(written: str) -> float:
    """Return the factor of the last word, such as a million, or 1."""
    return _LARGE.get(re.split(r"[ -]", written.lower())[-1], 1)


def _value(written: str) -> float:
    """Return the value of a number in digits or words, such as "1.5 million", "forty-four" and "two hundred and five"."""
    total = part = 0.0
    for word in re.split(r"[ -]+", written.lower()):
        if word in _LARGE:
            part = (part or 1) * _LARGE[word]
            if _LARGE[word] > 100:
                total, part = total + part, 0.0
        elif word in _SMALL:
            part += _SMALL[word]
        elif word == "a":
            part = 1
        elif word[0].isdigit():
            part = float(word.replace(",", ""))
    return total + part
