"""Sources and dates of publication that a question names: "What did the BBC say in October 2004?"."""

import re
from dataclasses import dataclass
from functools import lru_cache

from qa.text.dates import MONTHS
from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms, terms

_VERB = r"(?:say|said|tell|told|writ(?:e|ten)|wrote|(?:report|claim|announce|mention|publish)(?:e?d)?)"
_DOCUMENT = r"(?:article|report|story|piece|post|page|file|document|text|news|coverage)s?"
_NAME = rf"(?:the\s+)?(?!(?:{'|'.join(MONTHS)})\b)(?P<name>[A-Z][\w.&-]*(?:\s+(?:of\s+|the\s+)?[A-Z][\w.&-]*)*)"
# Checked first, since it is fast and most questions match none of it.
_CUE = re.compile(rf"\b(?:{_VERB}|says|reports|writes|reporting|according|{_DOCUMENT})\b|\w\.\w{{2,4}}\b")
_SOURCES = (
    re.compile(rf"\b[Aa]ccording\s+to\s+{_NAME}"),
    re.compile(rf"\b(?:did|does|do|has|had|have)\s+{_NAME}\s+{_VERB}\b"),
    re.compile(rf"\b(?:in|by|from)\s+{_NAME}(?:['’]s)?\s+{_DOCUMENT}\b"),
    re.compile(rf"\b{_DOCUMENT}\s+(?:from|by|in|of)\s+{_NAME}"),
    re.compile(r"(?P<name>[\w-]+\.(?:txt|md|markdown|html?|pdf|docx?|epub))\b"),
)
_MONTH = rf"(?P<month>{'|'.join(f'{name}|{name[:3]}' for name in MONTHS)}|Sept)\b\.?"
DATE = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)|(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_MONTH}"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?P<year>\d{4}))?|(?:in|of|from|during)\s+(?P<alone>\d{4}))(?![\w-])"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A source or a date of publication that a question names."""

    terms: frozenset[str]  # of the whole phrase: "according to the Gazette"
    source: frozenset[str] = frozenset()  # terms of the source's name
    date: re.Pattern[str] | None = None  # matches the beginning of ISO dates


@lru_cache(100)
def mentions(text: str) -> tuple[Mention, ...]:
    """Return the sources that a question names, then the dates. Dates count only where it asks what was said or written."""
    if _CUE.search(text) is None:
        return ()
    by_name = [
        Mention(frozenset(canonicalize(terms(match.group()))), frozenset(content_terms(match["name"])))
        for pattern in _SOURCES
        for match in pattern.finditer(text)
    ]
    dates = [
        Mention(frozenset(canonicalize(terms(match.group()))), date=re.compile(iso_prefix(match)))
        for match in DATE.finditer(text)
    ]
    return (*(mention for mention in by_name if mention.source), *dates)


def iso_prefix(match: re.Match[str]) -> str:
    """Return the pattern of ISO 8601 dates that a match of `DATE` stands for, such as "2004-10"."""
    if match["iso"]:
        return match["iso"]
    if match["alone"]:
        return match["alone"]
    month = next(number for number, name in enumerate(MONTHS, start=1) if name[:3] == match["month"][:3])
    day = match["before"] or match["after"]
    year = match["year"] or r"\d{4}"
    return f"{year}-{month:02d}-{int(day):02d}" if day else f"{year}-{month:02d}"
