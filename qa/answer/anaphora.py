"""Anaphora: what at the start of a sentence refers back: "He said…", "This…", "But the…", a quotation without a speaker."""

import re
from enum import Enum

from qa.text.dates import MONTHS
from qa.text.quotation import SAID
from qa.types.articles import Span


class Anaphora(Enum):
    """What refers back, by what is needed to resolve it."""

    PERSON = "a person's name"  # he, she, also in "he said" after a quotation
    PRONOUN = "a noun"  # they, it, their
    SENTENCE = "the sentence before"  # this, the latter, a quotation that does not say who speaks
    CONNECTIVE = "the statement before"  # but, however, for example


def _in_either_case(words: str) -> str:
    """Return a pattern of words with a small or a capital first letter. IT and HE do not match."""
    return "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in words.split())


_PERSON = rf"(?P<person>(?:{_in_either_case('he she his her him')})(?!\s+(?:Majesty|Holiness|Excellency|Highness)))"
_THING = rf"(?P<thing>{_in_either_case('they it their its them')})"
# "This year" refers to nothing said before, nor does "those who".
_NOT_DEMONSTRATIVE = (
    r"(?:article|paper|page|study|report|review|book|section|chapter|document|website|site|year|week|month|morning|afternoon"
    r"|evening|summer|spring|autumn|fall|winter|season|who|which|with|of|in|from|as)\b"
)
_DEMONSTRATIVE = rf"(?P<demonstrative>{_in_either_case('this that these those such')})(?!\s+{_NOT_DEMONSTRATIVE})"
_TIMES = "day|night|morning|evening|week|month|year|decade|century|season|spring|summer|autumn|winter|time"
_BACK = (
    rf"(?P<back>The\s+(?:latter|former|two|same|others?|following\s+(?:{_TIMES}))|Another|Others|Neither(?!.{{1,60}}\bnor)"
    r"|Both\s+(?:are|were|had|have|of)"
    r"|(?:One|Two|Some|Many|Most|All|None|Each|Several|Few|Half)\s+of\s+(?:them|these|those|its|his|her|their))"
)
# "It is known that…" refers to nothing either.
_EXPLETIVE = (
    r"(?P<expletive>[Ii]t(?:\s+(?:is|was|has\s+been|may\s+be|would\s+be|will\s+be|remains)|’s|'s)\s+(?:\w+ly\s+|not\s+|also\s+)?"
    r"(?:known|estimated|believed|thought|said|reported|possible|impossible|likely|unlikely|clear|unclear|important|necessary"
    r"|difficult|easy|hard|common|true|argued|assumed|suggested|hoped|feared|best|only|until|in|on|at|during|because|here|there"
    r"|the|\w+\s+that|\w+\s+\w+\s+that)\b"
    r"|[Ii]t\s+(?:seems|appears|turns\s+out|turned\s+out|follows|takes|took)\b)"
)
# Openings before a pronoun that do not resolve it: "Once they…", "In 1905, he…", "That night she…".
_MONTHS = "|".join((*MONTHS, "Sept"))
_CLAUSE = _in_either_case("once when while after before as if although though since because until where")
_ADVERBS = (
    "Finally|Eventually|Recently|Initially|Originally|Previously|Subsequently|Currently|Typically|Usually|Generally|Often"
    "|Sometimes|Ultimately|Unfortunately|Fortunately|Apparently|Reportedly|Later|Soon|Today|There|Here|Now|Then|Again"
)
_SETTING = (
    rf"(?P<setting>(?:(?P<clause>(?:Even\s+)?(?:{_CLAUSE})|Among|Of|With|Like|Unlike|Despite|To|In|On|From|Under|Through)"
    rf"|(?:In|On|By|During|Around|From|At|For|Since|Until)\s(?:[^,;:.A-Z]|{_MONTHS}){{1,30}},"
    rf"|(?:In|By|Since|Until)\s(?:(?:{_MONTHS})\s)?\d{{4}}"
    rf"|(?:{_ADVERBS}),?|(?:That|The\s+(?:next|same|following))\s+(?:{_TIMES}),?)\s)"
)
_CONNECTIVE = (
    r"(?P<connective>(?:But|And|Or|Nor|Yet|Therefore|Thus|Hence|Consequently|Accordingly|Moreover|Furthermore|Additionally"
    r"|Nevertheless|Nonetheless|Likewise|Conversely|Afterwards?|So(?!\s+(?:far|long|many|much|called)\b)|Also(?!\s+known))"
    r"\b(?!-)"
    r"|(?:However|Besides|Instead|Otherwise|Still|Similarly|Meanwhile|Then|Even so|That said|By contrast|In contrast"
    r"|By comparison|On the other hand|On the contrary|In addition|In other words|In turn|As a result|As such|For example"
    r"|For instance)\s*,"
    r"|(?:Because|As a result|As a consequence)\s+of\s+th(?:is|ese|at)\b)"
)
_START = re.compile(
    rf"[\s\"“”„«‘'(\[–—-]*(?:{_CONNECTIVE}[\s,]*)?"
    rf"(?:{_SETTING}?(?:{_EXPLETIVE}|(?:{_PERSON}|{_THING}|{_DEMONSTRATIVE}|{_BACK})\b(?!-)))?"
)
_NAMED_NEXT = re.compile(r"[^,.;]{1,80},\s+(?:[Tt]he\s+)?[A-Z]")  # "After his defeat, Napoleon…": a cataphor, resolved at once
_OPENING, _CLOSING = '"“„«', '"”»'
_SAID_AFTER = re.compile(
    rf"[{_CLOSING}]\s*(?:(?P<who>he|she|they)\s+(?:later\s+|then\s+|also\s+)?(?:{SAID})|(?:{SAID})\s+(?:he|she|they))\b"
)


def find_anaphora(text: str, span: Span) -> Anaphora | None:
    """Return what at the start of a sentence or quote refers back, or None.

    The words are English. A text in another language seldom has them.
    """
    if (text[span.start] in _OPENING or text[span.end - 1] in _CLOSING) and (spoken := _spoken(text, span)):
        return spoken
    match = _START.match(text, span.start, span.end)
    assert match is not None  # the pattern matches even nothing
    if not match["expletive"] and not (match["clause"] and _NAMED_NEXT.match(text, match.end(), span.end)):
        if match["person"]:
            return Anaphora.PERSON
        if match["thing"]:
            return Anaphora.PRONOUN
        if match["back"] or (match["demonstrative"] and _is_anaphor(match)):
            return Anaphora.SENTENCE
    return Anaphora.CONNECTIVE if match["connective"] else None


def _is_anaphor(match: re.Match[str]) -> bool:
    """Tell whether "that" refers back: "After that, …" does, "After that was done…" need not."""
    return (
        not match["setting"] or match["demonstrative"].lower() != "that" or match.string[match.end() : match.end() + 1] == ","
    )


def _spoken(text: str, span: Span) -> Anaphora | None:
    """Return what a quotation refers back to: the speaker, or who "he" is in "he said"."""
    if match := _SAID_AFTER.search(text, span.start, span.end):
        return Anaphora.PRONOUN if match.group().endswith("they") or match["who"] == "they" else Anaphora.PERSON
    inside = text[span.start + 1 : span.end - 1]
    is_quotation = (
        text[span.start] in _OPENING and text[span.end - 1] in _CLOSING and not any(mark in inside for mark in '"“”„«»')
    )
    return Anaphora.SENTENCE if is_quotation else None
