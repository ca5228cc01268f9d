"""What kind of words a question asks for, and where a sentence has such words.

Source: the coarse of the question types of Li and Roth, COLING 2002, as far as patterns tell them.
"""

import re
from typing import Literal

from qa.types.articles import Span

AnswerType = Literal["number", "percentage", "age", "phone number", "date", "name", "reason"]

_MONTHS = (
    r"(?:Jan(?:uary|\.)|Feb(?:ruary|\.)|March|April|May|June|July|Aug(?:ust|\.)|Sept(?:ember|\.)|Oct(?:ober|\.)"
    r"|Nov(?:ember|\.)|Dec(?:ember|\.))"
)
_COUNTED = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?"
_YEAR = r"(?:1[5-9]|20)\d\d"  # more likely than as many of something
_MANY = r"(?:dozens?|hundreds?|thousands?|millions?|billions?|half|twice|once|few|several)"

_ASKED: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    ("date", re.compile(r"\bwhen\b|\b(?:what|which)\s+(?:\w+\s+)?(?:year|date|day|month|century|decade)\b", re.I)),
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
        r"|\b\w+\s+century\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:today|yesterday|(?:last|this)\s+(?:week|month|year))\b",
    ),
    "name": re.compile(r"(?<=[^.!?:\s“\"] )[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*"),  # not where a sentence begins
    "reason": re.compile(r"\b(?:because|since|due|therefore|result|caused?|after|by|for|avoid|fear\w*|to\s+[a-z]+)\b", re.I),
}
# Whether there are such words is asked of every sentence that is read: in lower case, four times as fast as in either case.
_IN_LOWER_CASE = {kind: re.compile(pattern.pattern) for kind, pattern in _FOUND.items() if pattern.flags & re.I}


# "When he left, how many stayed?": what comes before the comma is not asked for.
_CLAUSE = re.compile(
    r"^\s*(?:when|after|before|while|since|if|as|where)\b[^,?]*,\s*(?=(?:\w+\s+)?(?:what|which|who|whom|whose|how|where|when|why)\b)",
    re.I,
)


def expected_type(question: str) -> AnswerType | None:
    """The kind of words that answer, where the question tells: the first thing that it asks for.

    What comes later says more of that: "Which team did he play for when he retired?" asks for a team.
    """
    clause = _CLAUSE.match(question)
    begins = clause.end() if clause else 0
    asked = [(match.start(), kind) for kind, pattern in _ASKED if (match := pattern.search(question, begins))]
    return min(asked, key=lambda each: each[0])[1] if asked else None


def spans_of_type(kind: AnswerType, sentence: str) -> list[Span]:
    """Where a sentence has words of a kind."""
    return [Span(match.start(), match.end()) for match in _FOUND[kind].finditer(sentence)]


def has_type(kind: AnswerType, sentence: str) -> bool:
    """Whether a sentence has words of a kind."""
    pattern = _IN_LOWER_CASE.get(kind)
    return bool(pattern.search(sentence.lower()) if pattern else _FOUND[kind].search(sentence))


def numeric_type(kind: AnswerType | None) -> AnswerType | None:
    """The kind, a percentage and an age as the numbers that they are."""
    return "number" if kind in ("percentage", "age") else kind


def only_span(kind: AnswerType | None, sentence: str) -> Span | None:
    """The number or date of a sentence, where it has only one and that is asked for.

    A name or a reason can seldom be told from the others in its sentence, so none is returned.
    """
    kind = numeric_type(kind)
    found = spans_of_type(kind, sentence) if kind in ("number", "date") else []
    return found[0] if len(found) == 1 else None
