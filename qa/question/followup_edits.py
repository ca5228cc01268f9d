"""Edits of the last question: one part replaced by another of its type, such as another year, place or thing."""

import re
from collections.abc import Iterable

from qa.text.dates import MONTHS
from qa.text.terms import content_terms

NAME = re.compile(r"\b[A-Z][\w’'-]*(?:\s+(?:of\s+|de\s+|the\s+)?[A-Z][\w’'-]*)*")
_MONTH = rf"(?:{'|'.join(MONTHS)}|Jan\.?|Feb\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
_DATES = (  # most exact first, so that a year inside a date is not replaced alone
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
_CORRECTION = re.compile(
    r"^\W*(?:(?:no|nope|sorry|wait|actually|my\s+apologies)\s*[,.;:!–—-]+\s*)+(?:i\s+(?:meant?|was\s+asking\s+about)\b[\s,:]*)?(?:to\s+ask\b\s*)?"
    r"|^\W*i\s+(?:meant|was\s+asking\s+about)\b[\s,:]*(?:to\s+ask\b\s*)?|^\W*i\s+mean\b[\s,:]*",
    re.I,
)
_NOT_BUT = re.compile(r"^not\s+(?P<wrong>.+?)(?:\s*,\s*(?:but\s+)?|\s+but\s+)(?P<right>.+)$", re.I)
_QUESTION = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|has|have|had)\b", re.I
)
_OWN_TERMS = 4  # with this many content terms a correction is a question of its own
_ONE = re.compile(r"\s+ones?$", re.I)


def replace_part(question: str, part: str, *, is_correction: bool = False) -> str | None:
    """Replace the only span of a question of the same type as `part`. Return None if there is none, or more than one.

    Args:
        part: such as "2005", "in Vietnam", "the Canadian embassy", "the Japanese one".
        is_correction: whether the user said that the question is wrong. Then the only thing it names is replaced.
    """
    part = part.strip(' \t\n.?!,;:"“”')
    preposition = _PREPOSITION.match(part)
    bare = part[preposition.end() :] if preposition else part
    for pattern in (*_DATES, _NUMBER):
        if pattern.fullmatch(bare):
            return _replace_only(question, bare, pattern.finditer(question))
    if preposition:
        behind = re.compile(rf"(?<=\b{re.escape(preposition.group().strip().lower())}\s){NAME.pattern}")
        edited = _replace_only(question, bare, behind.finditer(question))
        if edited:
            return edited
    words = _DETERMINER.sub("", bare)
    if _ONE.search(words):
        return _replace_only(question, _ONE.sub("", words), _names(question))
    if NAME.fullmatch(words):
        return _replace_only(question, words, _names(question))
    return _replace_thing(question, bare, words, is_correction)


def _replace_thing(question: str, part: str, words: str, is_correction: bool) -> str | None:
    """Replace the thing with the same head word, else the only one named in the same way."""
    if not _DETERMINER.match(part) or not words:
        return None
    head = words.split()[-1]
    same = re.compile(rf"\b(?:[Tt]he|[Aa]n?)\s+(?:[\w’'-]+\s+){{0,3}}?{re.escape(head)}\b")
    if len(words.split()) > 1 and head.islower() and (edited := _replace_only(question, part, same.finditer(question))):
        return edited
    if _THING.fullmatch(part):
        return _replace_only(question, part, _THING.finditer(question))
    return _replace_only(question, part, _PLAIN_THING.finditer(question)) if is_correction else None


def _replace_only(question: str, part: str, matches: Iterable[re.Match[str]]) -> str | None:
    """Replace the only match. Return None if there is not exactly one, or if nothing would change."""
    spans = list(matches)
    if len(spans) != 1 or not part:
        return None
    start, end = spans[0].span()
    genitive = re.search(r"[’']s?$", spans[0].group())
    ending = genitive.group() if genitive and not part.endswith(("'s", "’s")) else ""
    edited = question[:start] + part + ending + question[end:]
    return edited if edited != question else None


def _names(question: str) -> list[re.Match[str]]:
    """Return the names in a question. Its first word, which is always capitalized, is skipped."""
    first = re.match(r"\W*\w+", question)
    at = first.end() if first else 0
    return [match for match in NAME.finditer(question, at) if content_terms(match.group())]


def is_date(part: str) -> bool:
    """Tell whether a part is a date or a year and nothing else, with or without a preposition."""
    bare = _PREPOSITION.sub("", part.strip(" \t\n.?!,;:"))
    return any(pattern.fullmatch(bare) for pattern in _DATES)


def apply_correction(last: str, reply: str) -> str | None:
    """Apply a correction to the last question. Return None if the reply is no correction.

    "No, the Japanese one", "I meant the consulate" and "not the embassy but the consulate" replace a part of the question.
    Where it has no part of that type, the correction is appended. "I meant how to enter the consulate" is a new question.
    """
    opening = _CORRECTION.match(reply)
    meant = reply[opening.end() :] if opening else reply
    contrast = _NOT_BUT.match(meant.strip(" \t\n.?!"))
    if not opening and not (contrast and _contains(last, contrast["wrong"])):
        return None
    right = contrast["right"] if contrast else meant.strip()
    if contrast and _contains(last, contrast["wrong"]):
        return re.sub(rf"\b{re.escape(contrast['wrong'])}\b", lambda _: right, last, count=1, flags=re.I)
    if not content_terms(right):
        return None
    if not contrast and (_QUESTION.match(right) or len(content_terms(right)) >= _OWN_TERMS):
        return right
    return replace_part(last, right, is_correction=True) or f"{last.strip()} {right}"


def _contains(question: str, part: str) -> bool:
    return re.search(rf"\b{re.escape(part)}\b", question, re.I) is not None
