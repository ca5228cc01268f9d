"""Sentences that become questions by their form alone: a date, a number or a person asked for, and no word put in but those."""

import re
from collections.abc import Iterator

from qa.articles import Span
from qa.differences.amounts import amounts
from qa.differences.days import days

# Verbs whose infinitive is known; a rule would make "close" of "closed" and "plane" of "planned".
_PAIRS = """
began/begin became/become won/win lost/lose left/leave went/go came/come took/take gave/give fell/fall rose/rise met/meet
opened/open closed/close started/start ended/end moved/move joined/join founded/found entered/enter reached/reach
arrived/arrive died/die visited/visit launched/launch released/release published/publish announced/announce
returned/return signed/sign passed/pass invaded/invade attacked/attack crossed/cross discovered/discover
established/establish introduced/introduce adopted/adopt changed/change married/marry retired/retire resigned/resign
fled/flee built/build bought/buy sold/sell held/hold sent/send received/receive stormed/storm appeared/appear
"""
_VERBS = dict(pair.split("/") for pair in _PAIRS.split())
_BE = r"was|were"
_NO_SUBJECT = re.compile(
    r"\b(?:who|whom|which|that|whose|where|when|while|because|if|as|and|or|but|than|said|says|there|here|it|this|these|those"
    r"|he|she|they|we|you|I|his|her|their|its|our|my|what|how|not|no|by|to|for|with|in|on|at|from|after|before|during)\b"
)
_LEANS = re.compile(r"\b(?:he|she|they|we|you|I|him|us|me|my|our|your|today|yesterday|tomorrow|ago)\b")
_SUBJECT = r"(?P<subject>(?:[\w’'-]+ ){1,7}?)"
_FIRST = re.compile(rf"(?:In|On) (?P<date>.+?), {_SUBJECT}(?P<verb>{_BE}|{'|'.join(_VERBS)}) (?P<rest>[^,]+)\.")
_LAST = re.compile(
    rf"{_SUBJECT}(?P<verb>{_BE}|{'|'.join(_VERBS)}) (?P<rest>(?:[^,]+ )?)(?:in|on) (?P<date>[^,]+(?:, \d{{4}})?)\."
)
_HEDGE = r"(?:(?:About|Around|Some|Nearly|Almost|Over|More than|At least|Fewer than|Up to) )?"
_COUNTED = re.compile(r" (?P<noun>(?:[A-Za-z’'-]+ ){0,4}?(?:people|men|women|children|[a-z]+s)) (?P<verb>[a-z]+)\b")
_TITLE = (
    r"(?:(?:[A-Z][a-z]+ )?(?:President|Prime Minister|Foreign Minister|Minister|Ambassador|Chancellor|Senator|Governor|Mayor"
    r"|General|Professor|Judge|Secretary)|Mr\.|Mrs\.|Ms\.|Dr\.)"
)
_PERSON = re.compile(rf"{_TITLE} (?P<name>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+) (?P<rest>(?P<verb>[a-z]+) [^,]+)\.")


def template(sentence: str) -> Iterator[tuple[str, Span]]:
    """The questions that a sentence becomes, each with the place of the answer in it.

    A sentence that would become a doubtful one becomes none: with a subject of unclear end, or words such as "he" or "today".
    """
    if not _LEANS.search(sentence):
        yield from _when(sentence)
        yield from _how_many(sentence)
        yield from _who(sentence)


def _when(sentence: str) -> Iterator[tuple[str, Span]]:
    dated = days(sentence)
    if len(dated) != 1 or not dated[0].years:
        return
    for pattern in (_FIRST, _LAST):
        found = pattern.fullmatch(sentence)
        if not found or (dated[0].start, dated[0].end) != found.span("date"):
            continue
        subject, verb, rest = _lowered(found["subject"].strip()), found["verb"], found["rest"].strip()
        if _NO_SUBJECT.search(subject) or (verb in ("was", "were") and not rest):
            continue
        asked = f"{verb} {subject}" if verb in ("was", "were") else f"did {subject} {_VERBS[verb]}"
        yield f"When {asked} {rest}".strip() + "?", Span(dated[0].start, dated[0].end)
        return


def _how_many(sentence: str) -> Iterator[tuple[str, Span]]:
    counted = amounts(sentence)
    first = counted[0] if counted else None
    if first is None or first.dimension or not re.fullmatch(_HEDGE, sentence[: first.start]):
        return
    found = _COUNTED.match(sentence, first.end)
    if found and not _NO_SUBJECT.search(found["noun"]) and _is_verb(found["verb"]):
        yield f"How many{sentence[first.end :].rstrip('.')}?", Span(first.start, first.end)


def _who(sentence: str) -> Iterator[tuple[str, Span]]:
    found = _PERSON.fullmatch(sentence)
    if found and _is_verb(found["verb"]):
        rest = found["rest"]
        yield f"Who {rest}?", Span(*found.span("name"))


def _is_verb(word: str) -> bool:
    return word in _VERBS or word in ("was", "were", "had", "have", "are", "said") or (word.endswith("ed") and len(word) > 4)


def _lowered(subject: str) -> str:
    """A subject inside a question: its article in lower case."""
    return re.sub(r"^(?:The|An?|Some|Many|Most|All|Several|Two|Three)\b", lambda word: word[0].lower(), subject)
