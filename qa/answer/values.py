"""Answer values: the number or date of a sentence that answers, where that is certain, and whether two values agree."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from qa.answer.wording import Verdict, Words
from qa.text.amounts import AmountMention, dimension_of, find_amounts
from qa.text.answer_types import AnswerType
from qa.text.dates import DateMention, find_dates
from qa.text.terms import content_terms

AnswerValue = AmountMention | DateMention | Words | Verdict

_HOW_MANY = re.compile(r"\bhow\s+many\s+([^?,.;]*)", re.I)
_HOW = re.compile(r"\bhow\s+(much|long|far|tall|old|high|deep|wide|heavy)\b", re.I)
_MEASURED = {
    "long": ("length", "time"), "far": ("length",), "tall": ("length",), "high": ("length",), "deep": ("length",),
    "wide": ("length",), "old": ("time", ""), "heavy": ("mass",), "much": ("$", "€", "£", "¥", "₩"),
}  # fmt: skip
# Where the noun of "how many …" ends.
_FUNCTION_WORD = (
    r"\b(?:is|are|was|were|be|been|do|does|did|has|have|had|will|would|can|could|may|might|of|in|on|at|to|from|for|with|by|who"
    r"|that|which|there)\b"
)
_AFTER_NOUN = re.compile(_FUNCTION_WORD, re.I)
_NOTHING_COUNTED = re.compile(rf"\s*(?:{_FUNCTION_WORD}|[.;!?]|$)", re.I)  # "about 200,000 are hiding": the noun stands before
_PEOPLE = frozenset(content_terms("people inhabitants residents persons"))
# Words that ask for a date and do not say of what.
_NO_EVENT = frozenset(content_terms("year date day month century decade take took place happen occur"))
_PERCENT = re.compile(r"\bpercent(?:age)?\b", re.I)
_POPULATION = re.compile(r"\bpopulation\b(?!\s+(?:density|growth))", re.I)
_BORN, _DIED = re.compile(r"\bborn\b|\bbirth", re.I), re.compile(r"\bdied?\b|\bdeath", re.I)
_LIFE = re.compile(r"\([^()]*?[-–—][^()]*\)")
_WORD = re.compile(r"\w+")
_COUNTED_WITHIN = 4  # words from a number to the noun it counts
_DATED_WITHIN = (12, 6)  # words between an event and its date, in a sentence with one date and with several


class ValueRequest(NamedTuple):
    """What a question for a number or a date asks for, as far as its words tell."""

    answer_type: AnswerType
    dimensions: tuple[str, ...] | None  # of numbers. None: the question does not say
    counted: frozenset[str]  # terms of the noun that is counted
    event: frozenset[str]  # terms of what is dated
    population: bool
    life: int | None  # 0 for a birth, 1 for a death


@lru_cache(maxsize=64)
def parse_request(question: str, answer_type: AnswerType, names: frozenset[str]) -> ValueRequest:
    """Parse what a question for a number or a date asks for.

    Args:
        names: the terms of the question that are names.
    """
    nothing: frozenset[str] = frozenset()
    if answer_type != "number":
        life = 0 if _BORN.search(question) else 1 if _DIED.search(question) else None
        return ValueRequest(answer_type, None, nothing, frozenset(content_terms(question)) - names - _NO_EVENT, False, life)
    if many := _HOW_MANY.search(question):
        noun = _AFTER_NOUN.split(many[1])[0]
        measured = tuple({dimension_of(word) for word in noun.split()} - {""})
        counted = frozenset(content_terms(noun))
        has_noun = not measured and not counted & _PEOPLE  # people may be counted as men, refugees or Koreans
        return ValueRequest(answer_type, measured or ("",), counted if has_noun else nothing, nothing, False, None)
    if _PERCENT.search(question):
        return ValueRequest(answer_type, ("%",), nothing, nothing, False, None)
    if _POPULATION.search(question):
        return ValueRequest(answer_type, ("",), nothing, nothing, True, None)
    how = _HOW.search(question)
    return ValueRequest(answer_type, _MEASURED[how[1].lower()] if how else None, nothing, nothing, False, None)


def the_value(request: ValueRequest, sentence: str) -> AnswerValue | None:
    """Return the number or date of a sentence that answers. Return None where there is none, or several that differ."""
    values: Sequence[AnswerValue] = (
        _numbers(request, sentence) if request.answer_type == "number" else _dates(request, sentence)
    )
    return max(values, key=_precision) if values and all(agree(value, values[0]) for value in values) else None


def all_values(request: ValueRequest, sentence: str) -> list[AnswerValue]:
    """Return every number or date of a sentence."""
    return [*(find_amounts(sentence) if request.answer_type == "number" else find_dates(sentence))]


def agree(one: AnswerValue, other: AnswerValue) -> bool | None:
    """Tell whether two values may be true of one thing. Return None where they cannot be compared."""
    if isinstance(one, AmountMention) and isinstance(other, AmountMention):
        return one.agrees(other) if one.comparable(other) else None
    if isinstance(one, DateMention) and isinstance(other, DateMention):
        return one.agrees(other) if one.comparable(other) else None
    if isinstance(one, Words) and isinstance(other, Words):
        return one.agrees(other)
    if isinstance(one, Verdict) and isinstance(other, Verdict):
        return one.says_yes == other.says_yes
    return None


def _precision(value: AnswerValue) -> int:
    """Return how precise a date is: a day is more precise than a year."""
    return sum(part is not None for part in (value.years, value.month, value.day)) if isinstance(value, DateMention) else 0


def _numbers(request: ValueRequest, sentence: str) -> list[AmountMention]:
    numbers = find_amounts(sentence)
    if request.population:
        return _inhabitants([number for number in numbers if sentence[number.start].isdigit()], sentence)
    if request.dimensions is not None:
        numbers = [number for number in numbers if number.dimension in request.dimensions]
    if not request.counted:
        return numbers
    counting = [number for number in numbers if request.counted & _terms_after(number, sentence)]
    return counting or [number for number in numbers if _NOTHING_COUNTED.match(sentence, number.end)]


def _terms_after(number: AmountMention, sentence: str) -> set[str]:
    """Return the terms of the words after a number."""
    return set(content_terms(" ".join(sentence[number.end : number.end + 80].split()[:_COUNTED_WITHIN])))


def _inhabitants(numbers: Sequence[AmountMention], sentence: str) -> list[AmountMention]:
    """Return the first number after each "population". Without that word, return the numbers before "people" and the like."""
    if not _POPULATION.search(sentence):
        return [number for number in numbers if number.dimension == "" and _PEOPLE & _terms_after(number, sentence)]
    first = []
    for match in _POPULATION.finditer(sentence):
        number = next((number for number in numbers if number.start >= match.end()), None)
        if number and number.dimension == "" and _n_words(sentence, match.end(), number.start) <= 2 * _COUNTED_WITHIN:
            first.append(number)
    return first


def _dates(request: ValueRequest, sentence: str) -> list[DateMention]:
    dates = find_dates(sentence)
    if request.life is not None:
        for bracket in _LIFE.finditer(sentence):
            inside = [date for date in dates if bracket.start() < date.start and date.end < bracket.end()]
            if len(inside) == 2:
                return [inside[request.life]]
    if not request.event or not dates:
        return dates
    event_words = [match.span() for match in _WORD.finditer(sentence) if request.event & set(content_terms(match[0]))]
    distances = [min((_distance(date, word, sentence) for word in event_words), default=99) for date in dates]
    most = _DATED_WITHIN[len(dates) > 1]
    return [date for date, distance in zip(dates, distances, strict=True) if distance == min(distances) <= most]


def _distance(date: DateMention, word: tuple[int, int], sentence: str) -> int:
    """Return the number of words between a date and a word."""
    low, high = (word[1], date.start) if word[1] <= date.start else (date.end, word[0])
    return _n_words(sentence, low, high)


def _n_words(sentence: str, start: int, end: int) -> int:
    return len(_WORD.findall(sentence, start, end))
