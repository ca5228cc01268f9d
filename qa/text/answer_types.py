"""Classify questions by expected answer type, and find spans of that type in sentences.

Source: the coarse question classes of Li and Roth, COLING 2002, as far as regular expressions can tell them.
"""

import re
from typing import Literal

from qa.text.dates import EAST_ASIAN_DATE
from qa.types.articles import Span

AnswerType = Literal["number", "percentage", "age", "phone number", "date", "name", "reason"]

_MONTHS = (
    r"(?:Jan(?:uary|\.)|Feb(?:ruary|\.)|March|April|May|June|July|Aug(?:ust|\.)|Sept(?:ember|\.)|Oct(?:ober|\.)"
    r"|Nov(?:ember|\.)|Dec(?:ember|\.))"
)
_COUNTED = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?"
_YEAR = r"(?:1[5-9]|20)\d\d"  # such a number is more likely to be a year than a count
_MANY = r"(?:dozens?|hundreds?|thousands?|millions?|billions?|half|twice|once|few|several)"

_ASKED: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        "date",
        re.compile(
            r"\bwhen\b|\b(?:what|which)\s+(?:\w+\s+)?(?:year|date|day|month|century|decade)\b"
            r"|[什甚][么麼][时時][候間]|何[时時]|哪一?[年天日月]|[几幾]月[几幾]?|いつ(?!も)|何年(?![間生も])|何月|何日(?!間)",
            re.I,
        ),
    ),
    ("phone number", re.compile(r"\b(?:what\s+(?:\w+\s+){0,3})?(?:tele)?phone\s+numbers?\b", re.I)),
    ("age", re.compile(r"\bhow\s+old\b|\b(?:what|which)\s+age\b", re.I)),
    (
        "percentage",
        re.compile(
            r"\bwhat\s+(?:(?:is|was|are|were)\s+)?(?:the\s+)?(?:\w+\s+)?(?:percent|percentage|per\s+cent|fraction|proportion)\b"
            r"|\bhow\s+many\s+per\s?cent\b",
            re.I,
        ),
    ),
    (
        "number",
        re.compile(
            r"\bhow\s+(?:many|much|long|far|tall|large|big|high|fast|deep|often|wide|heavy)\b"
            r"|\bwhat\s+(?:(?:is|was|are|were)\s+)?(?:the\s+)?(?:\w+\s+)?(?:number|amount|population)\b",
            re.I,
        ),
    ),
    (
        "name",
        re.compile(
            r"\b(?:who|whom|whose|where)\b|\bname\b|\b(?:what|which)\s+(?:\w+\s+)?(?:city|country|person|team|state|company"
            r"|university|broadcaster|station|river|party|group|organi[sz]ation)\b",
            re.I,
        ),
    ),
    ("reason", re.compile(r"\bwhy\b|\bwhat\s+(?:caused|reason)", re.I)),
)
_FOUND: dict[AnswerType, re.Pattern[str]] = {
    "number": re.compile(rf"\b(?!{_YEAR}\b(?![,.]\d))(?:\d[\d,.]*\d|\d)\b|\b(?:{_COUNTED}|{_TENS}|{_MANY})\b", re.I),
    "percentage": re.compile(r"\d\s?%|\bper\s?cent\b|\b(?:half|third|thirds|quarters?|fifths?|tenths?|majority|most)\b", re.I),
    "phone number": re.compile(r"\+?\(?\d[\d ()/.-]{5,}\d"),
    "age": re.compile(
        r"\b(?:aged?|years?[- ]olds?|born|birthdays?)\b|,\s\d{1,3},|\bin (?:his|her|their) \w+(?:ties|teens)\b", re.I
    ),
    "date": re.compile(
        rf"\b(?:\d{{1,2}}\s+)?{_MONTHS}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,?\s+\d{{4}}\b)?"
        r"|\b(?:1\d\d\d|20\d\d)s?\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b\d{1,4}\s+(?:BC|AD)\b"
        r"|\b\w+\s+century\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:today|yesterday|(?:last|this)\s+(?:week|month|year))\b"
        rf"|{EAST_ASIAN_DATE}",
    ),
    "name": re.compile(r"(?<=[^.!?:\s“\"] )[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*"),  # not the first word of a sentence
    "reason": re.compile(r"\b(?:because|since|due|therefore|result|caused?|after|by|for|avoid|fear\w*|to\s+[a-z]+)\b", re.I),
}
# `has_type` runs on every candidate sentence. Matching lowercased text is four times as fast as ignoring case.
_IN_LOWER_CASE = {kind: re.compile(pattern.pattern) for kind, pattern in _FOUND.items() if pattern.flags & re.I}


# "When he left, how many stayed?" does not ask for a date: a clause before the comma does not set the type.
_CLAUSE = re.compile(
    r"^\s*(?:when|after|before|while|since|if|as|where)\b[^,?]*,\s*(?=(?:\w+\s+)?(?:what|which|who|whom|whose|how|where|when|why)\b)",
    re.I,
)


def expected_type(question: str) -> AnswerType | None:
    """Return the expected answer type of a question, or None if no pattern matches.

    The first match counts. "Which team did he play for when he retired?" asks for a team, not a date.
    """
    clause = _CLAUSE.match(question)
    begins = clause.end() if clause else 0
    asked = [(match.start(), kind) for kind, pattern in _ASKED if (match := pattern.search(question, begins))]
    return min(asked, key=lambda each: each[0])[1] if asked else None


def spans_of_type(kind: AnswerType, sentence: str) -> list[Span]:
    """Return the spans of an answer type in a sentence, as offsets into the sentence."""
    return [Span(match.start(), match.end()) for match in _FOUND[kind].finditer(sentence)]


def has_type(kind: AnswerType, sentence: str) -> bool:
    """Tell whether a sentence has a span of an answer type."""
    pattern = _IN_LOWER_CASE.get(kind)
    return bool(pattern.search(sentence.lower()) if pattern else _FOUND[kind].search(sentence))


def numeric_type(kind: AnswerType | None) -> AnswerType | None:
    """Return "number" for a percentage or an age, and any other answer type unchanged."""
    return "number" if kind in ("percentage", "age") else kind


def only_span(kind: AnswerType | None, sentence: str) -> Span | None:
    """Return the only number or date of a sentence, or None if it has several or the answer type is neither.

    Names and reasons are never returned: a pattern can rarely tell which of those in a sentence answers.
    """
    kind = numeric_type(kind)
    found = spans_of_type(kind, sentence) if kind in ("number", "date") else []
    return found[0] if len(found) == 1 else None
