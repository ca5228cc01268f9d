"""Numbers in a sentence, with their units, as intervals that can be compared."""

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
# What each unit measures, and how much of the first unit of that it is: three meters are 300 centimeters.
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
# A rounded number stands for what is within a tenth of it, as does one that is said to be about right.
_NEAR = 0.1


@dataclass(frozen=True, slots=True)
class AmountMention:
    """A number as a sentence gives it: what it is at least and at most, both the same where it is exact."""

    start: int
    end: int
    low: float
    high: float
    dimension: str  # "" of things counted, else what is measured: "%", "$", "length", "mass", "time"
    exact: tuple[float, ...]  # the number or numbers as written

    def agrees(self, other: "AmountMention") -> bool:
        """Whether both may be said of one thing: either holds a number that the other gives."""
        return any(self.low <= number <= self.high for number in other.exact) or any(
            other.low <= number <= other.high for number in self.exact
        )

    def comparable(self, other: "AmountMention") -> bool:
        """Whether they are of one dimension."""
        return self.dimension == other.dimension


def find_amounts(sentence: str) -> list[AmountMention]:
    """The numbers of a sentence; no dates, no years, no ordinals, no labels, and no "few" or "hundreds"."""
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
    """Whether a number is a note's or part of a name, as in "[ 13 ]" and "by Apollo 11.", unless something is counted by it."""
    start = match.start("words")
    return bool(_LABELLED.search(sentence[max(0, start - 40) : start])) and not _COUNTS.match(sentence, match.end("words"))


def dimension_of(word: str) -> str:
    """What a unit measures, such as "length" for "meters"; "" for a word that is none."""
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
    """What a number may have been rounded from: "40" from 44, "1.5 million" from 1,523,000, 203 from nothing else."""
    if number <= 0 or number != int(number) or number % 10:
        return number, number
    step = 10.0
    while number % (step * 10) == 0:
        step *= 10
    return max(number - step / 2, number * (1 - _NEAR)), min(number + step / 2, number / (1 - _NEAR))


def _scale(written: str) -> float:
    """What the last word multiplies by: a million, or 1."""
    return _LARGE.get(re.split(r"[ -]", written.lower())[-1], 1)


def _value(written: str) -> float:
    """The number that digits or words say, such as "1.5 million", "forty-four" and "two hundred and five"."""
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
