"""Which number or date of a sentence answers a question, where that can be told exactly, and whether two answers agree."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from qa.answer.wording import Verdict, Words
from qa.text.amounts import Amount, amounts, dimension_of
from qa.text.answer_types import AnswerType
from qa.text.days import Day, days
from qa.text.terms import content_terms

Value = Amount | Day | Words | Verdict

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
_NOTHING_COUNTED = re.compile(
    rf"\s*(?:{_FUNCTION_WORD}|[.;!?]|$)", re.I
)  # "about 200,000 are hiding": said of what was named before
_PEOPLE = frozenset(content_terms("people inhabitants residents persons"))
_NO_EVENT = frozenset(content_terms("year date day month century decade take took place happen occur"))  # asks, tells not what
_PERCENT = re.compile(r"\bpercent(?:age)?\b", re.I)
_POPULATION = re.compile(r"\bpopulation\b(?!\s+(?:density|growth))", re.I)
_BORN, _DIED = re.compile(r"\bborn\b|\bbirth", re.I), re.compile(r"\bdied?\b|\bdeath", re.I)
_LIFE = re.compile(r"\([^()]*?[-–—][^()]*\)")
_WORD = re.compile(r"\w+")
_COUNTED_WITHIN = 4  # words from a number to the noun it counts
_DATED_WITHIN = (12, 6)  # words between what happened and its date, where the sentence has no other date and where it has


class Asked(NamedTuple):
    """What a question that asks for a number or a date wants, as far as its words tell."""

    kind: AnswerType
    dimensions: tuple[str, ...] | None  # of numbers; None where the question does not say
    counted: frozenset[str]  # terms of what is counted
    happened: frozenset[str]  # terms of what is dated
    population: bool
    life: int | None  # 0 for a birth, 1 for a death


@lru_cache(maxsize=64)
def asked_for(question: str, kind: AnswerType, names: frozenset[str]) -> Asked:
    """What a question wants.

    Args:
        names: those of the question's terms that are names.
    """
    nothing: frozenset[str] = frozenset()
    if kind != "number":
        life = 0 if _BORN.search(question) else 1 if _DIED.search(question) else None
        return Asked(kind, None, nothing, frozenset(content_terms(question)) - names - _NO_EVENT, False, life)
    if many := _HOW_MANY.search(question):
        noun = _AFTER_NOUN.split(many[1])[0]
        measured = tuple({dimension_of(word) for word in noun.split()} - {""})
        counted = frozenset(content_terms(noun))
        named = not measured and not counted & _PEOPLE  # people may be counted as men, refugees or Koreans
        return Asked(kind, measured or ("",), counted if named else nothing, nothing, False, None)
    if _PERCENT.search(question):
        return Asked(kind, ("%",), nothing, nothing, False, None)
    if _POPULATION.search(question):
        return Asked(kind, ("",), nothing, nothing, True, None)
    how = _HOW.search(question)
    return Asked(kind, _MEASURED[how[1].lower()] if how else None, nothing, nothing, False, None)


def the_value(asked: Asked, sentence: str) -> Value | None:
    """The number or date of a sentence that answers; None where there is none, or several that differ."""
    found: Sequence[Value] = _numbers(asked, sentence) if asked.kind == "number" else _dates(asked, sentence)
    return max(found, key=_said) if found and all(agree(one, found[0]) for one in found) else None


def all_values(asked: Asked, sentence: str) -> list[Value]:
    """Every number or date of a sentence, whatever it is of."""
    return [*(amounts(sentence) if asked.kind == "number" else days(sentence))]


def agree(one: Value, other: Value) -> bool | None:
    """Whether two values may be said of one thing; None where they cannot be compared."""
    if isinstance(one, Amount) and isinstance(other, Amount):
        return one.agrees(other) if one.comparable(other) else None
    if isinstance(one, Day) and isinstance(other, Day):
        return one.agrees(other) if one.comparable(other) else None
    if isinstance(one, Words) and isinstance(other, Words):
        return one.agrees(other)
    if isinstance(one, Verdict) and isinstance(other, Verdict):
        return one.says_yes == other.says_yes
    return None


def _said(value: Value) -> int:
    """How much a value says: the day more than the year."""
    return sum(part is not None for part in (value.years, value.month, value.day)) if isinstance(value, Day) else 0


def _numbers(asked: Asked, sentence: str) -> list[Amount]:
    every = amounts(sentence)
    if asked.population:
        return _inhabitants([each for each in every if sentence[each.start].isdigit()], sentence)
    found = [each for each in every if asked.dimensions is None or each.dimension in asked.dimensions]
    if not asked.counted:
        return found
    counted = [each for each in found if asked.counted & _after(each, sentence)]
    return counted or [each for each in found if _NOTHING_COUNTED.match(sentence, each.end)]


def _after(value: Amount, sentence: str) -> set[str]:
    """The terms of the words after a value."""
    return set(content_terms(" ".join(sentence[value.end : value.end + 80].split()[:_COUNTED_WITHIN])))


def _inhabitants(found: Sequence[Amount], sentence: str) -> list[Amount]:
    """The numbers that come first after the word "population"; else those before "people" and the like."""
    first = []
    for match in _POPULATION.finditer(sentence):
        after = next((each for each in found if each.start >= match.end()), None)
        if after and after.dimension == "" and len(_WORD.findall(sentence, match.end(), after.start)) <= 2 * _COUNTED_WITHIN:
            first.append(after)
    return (
        first
        if _POPULATION.search(sentence)
        else [each for each in found if each.dimension == "" and _PEOPLE & _after(each, sentence)]
    )


def _dates(asked: Asked, sentence: str) -> list[Day]:
    found = days(sentence)
    if asked.life is not None:
        for bracket in _LIFE.finditer(sentence):
            inside = [day for day in found if bracket.start() < day.start and day.end < bracket.end()]
            if len(inside) == 2:
                return [inside[asked.life]]
    if not asked.happened or not found:
        return found
    told = [match.span() for match in _WORD.finditer(sentence) if asked.happened & set(content_terms(match[0]))]
    far = [min((_between(day, word, sentence) for word in told), default=99) for day in found]
    within = _DATED_WITHIN[len(found) > 1]
    return [day for day, words in zip(found, far, strict=True) if words == min(far) <= within]


def _between(day: Day, word: tuple[int, int], sentence: str) -> int:
    """How many words stand between a date and a word."""
    low, high = (word[1], day.start) if word[1] <= day.start else (day.end, word[0])
    return len(_WORD.findall(sentence, low, high))
