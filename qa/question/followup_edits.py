"""A question with one part of it changed for another of its kind: another year, place or thing."""

import re
from collections.abc import Iterable

from qa.text.terms import content_terms
from qa.types.months import MONTHS

NAME = re.compile(r"\b[A-Z][\w’'-]*(?:\s+(?:of\s+|de\s+|the\s+)?[A-Z][\w’'-]*)*")
_MONTH = rf"(?:{'|'.join(MONTHS)}|Jan\.?|Feb\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
_DATES = (  # what is more exact first, so that a year is not changed within a date
    re.compile(rf"\b\d{{1,2}}\s+{_MONTH}(?:,?\s+\d{{4}})?\b|\b{_MONTH}\s+\d{{1,2}}\b(?!\d)(?:,?\s+\d{{4}}\b)?"),
    re.compile(rf"\b{_MONTH}\s+\d{{4}}\b"),
    re.compile(r"\b(?:1\d\d\d|20\d\d)s?\b"),
    re.compile(rf"\b{_MONTH}(?!\w)"),
    re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"),
)
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d(?!\w)|(?<![\w.,])\d(?!\w)")
_PREPOSITION = re.compile(r"^(?:in|on|at|for|to|from|by|of|with|during|before|after|since|until|near)\s+", re.I)
_DETERMINER = re.compile(r"^(?:the|a|an|this|that|its|their|his|her)\s+", re.I)
_THING = re.compile(r"\b(?:[Tt]he|[Aa]n?)\s+(?:[A-Z][\w’'-]*\s+)+[a-z][\w-]*")  # "the South Korean consulate"
_PLAIN_THING = re.compile(r"\b[Tt]he\s+[a-z][\w-]*")  # "the consulate"
_CORRECTS = re.compile(
    r"^\W*(?:(?:no|nope|sorry|wait|actually|my\s+apologies)\s*[,.;:!–—-]+\s*)+(?:i\s+(?:meant?|was\s+asking\s+about)\b[\s,:]*)?(?:to\s+ask\b\s*)?"
    r"|^\W*i\s+(?:meant|was\s+asking\s+about)\b[\s,:]*(?:to\s+ask\b\s*)?|^\W*i\s+mean\b[\s,:]*",
    re.I,
)
_NOT_BUT = re.compile(r"^not\s+(?P<wrong>.+?)(?:\s*,\s*(?:but\s+)?|\s+but\s+)(?P<right>.+)$", re.I)
_QUESTION = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|has|have|had)\b", re.I
)
_OWN_TERMS = 4  # from so many content terms on, what was meant is told in full
_ONE = re.compile(r"\s+ones?$", re.I)


def with_part_changed(question: str, part: str, *, for_sure: bool = False) -> str | None:
    """The question with the part in the place of the one it has of the same kind, or None where it has none or several.

    Args:
        part: such as "2005", "in Vietnam", "the Canadian embassy", "the Japanese one".
        for_sure: something in the question is known to be wrong, so that the only thing named in it is changed.
    """
    part = part.strip(' \t\n.?!,;:"“”')
    preposition = _PREPOSITION.match(part)
    bare = part[preposition.end() :] if preposition else part
    for pattern in (*_DATES, _NUMBER):
        if pattern.fullmatch(bare):
            return _only(question, bare, (match for match in pattern.finditer(question)))
    if preposition:
        behind = re.compile(rf"(?<=\b{re.escape(preposition.group().strip().lower())}\s){NAME.pattern}")
        changed = _only(question, bare, behind.finditer(question))
        if changed:
            return changed
    words = _DETERMINER.sub("", bare)
    if _ONE.search(words):
        return _only(question, _ONE.sub("", words), _names(question))
    if NAME.fullmatch(words):
        return _only(question, words, _names(question))
    return _thing_changed(question, bare, words, for_sure)


def _thing_changed(question: str, part: str, words: str, for_sure: bool) -> str | None:
    """The question with the thing of the same head word changed, else the only one that is as fully named."""
    if not _DETERMINER.match(part) or not words:
        return None
    head = words.split()[-1]
    same = re.compile(rf"\b(?:[Tt]he|[Aa]n?)\s+(?:[\w’'-]+\s+){{0,3}}?{re.escape(head)}\b")
    if len(words.split()) > 1 and head.islower() and (changed := _only(question, part, same.finditer(question))):
        return changed
    if _THING.fullmatch(part):
        return _only(question, part, _THING.finditer(question))
    return _only(question, part, _PLAIN_THING.finditer(question)) if for_sure else None


def _only(question: str, part: str, found: Iterable[re.Match[str]]) -> str | None:
    """The question with the one match changed; None where there is not exactly one or nothing would change."""
    matches = list(found)
    if len(matches) != 1 or not part:
        return None
    start, end = matches[0].span()
    owned = re.search(r"[’']s?$", matches[0].group())
    changed = question[:start] + part + (owned.group() if owned and not part.endswith(("'s", "’s")) else "") + question[end:]
    return changed if changed != question else None


def _names(question: str) -> list[re.Match[str]]:
    """Names in a question, whose first word is capitalised whatever it is."""
    first = re.match(r"\W*\w+", question)
    at = first.end() if first else 0
    return [match for match in NAME.finditer(question, at) if content_terms(match.group())]


def is_dated(part: str) -> bool:
    """Whether a part is a date or year and nothing else, with or without a preposition."""
    bare = _PREPOSITION.sub("", part.strip(" \t\n.?!,;:"))
    return any(pattern.fullmatch(bare) for pattern in _DATES)


def corrected(last: str, said: str) -> str | None:
    """The last question as it was meant, or None where what is said does not correct it.

    "No, the Japanese one", "I meant the consulate" and "not the embassy but the consulate" change a part of it, or stand behind
    it where no part is of their kind; "I meant how to enter the consulate" is a question of its own.
    """
    begins = _CORRECTS.match(said)
    meant = said[begins.end() :] if begins else said
    named = _NOT_BUT.match(meant.strip(" \t\n.?!"))
    if not begins and not (named and _stands_in(named["wrong"], last)):
        return None
    right = named["right"] if named else meant.strip()
    if named and _stands_in(named["wrong"], last):
        return re.sub(rf"\b{re.escape(named['wrong'])}\b", lambda _: right, last, count=1, flags=re.I)
    if not content_terms(right):
        return None
    if not named and (_QUESTION.match(right) or len(content_terms(right)) >= _OWN_TERMS):
        return right
    return with_part_changed(last, right, for_sure=True) or f"{last.strip()} {right}"


def _stands_in(part: str, question: str) -> bool:
    return re.search(rf"\b{re.escape(part)}\b", question, re.I) is not None
