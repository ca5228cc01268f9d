"""Sentences that become questions by their form alone: a date, number, place or person asked for, no word put in but those."""

import re
from collections.abc import Iterator

from qa.text.amounts import amounts
from qa.text.answer_types import such_words
from qa.text.days import days
from qa.types.articles import Span

# Verbs whose infinitive is known; a rule would make "close" of "closed" and "plane" of "planned".
_PAIRS = """
began/begin became/become won/win lost/lose left/leave went/go came/come took/take gave/give fell/fall rose/rise met/meet
opened/open closed/close started/start ended/end moved/move joined/join founded/found entered/enter reached/reach
arrived/arrive died/die visited/visit launched/launch released/release published/publish announced/announce
returned/return signed/sign passed/pass invaded/invade attacked/attack crossed/cross discovered/discover
established/establish introduced/introduce adopted/adopt changed/change married/marry retired/retire resigned/resign
fled/flee built/build bought/buy sold/sell held/hold sent/send received/receive stormed/storm appeared/appear broke/break
interviewed/interview accused/accuse killed/kill elected/elect made/make gained/gain wrote/write designed/design led/lead
produced/produce played/play served/serve taught/teach fought/fight defeated/defeat captured/capture occupied/occupy
settled/settle created/create developed/develop formed/form hosted/host completed/complete replaced/replace
"""
_VERBS = dict(pair.split("/") for pair in _PAIRS.split())
_BE = r"was|were"
_NO_SUBJECT = re.compile(
    r"\b(?:who|whom|which|that|whose|where|when|while|because|if|as|and|or|but|than|said|says|there|here|it|this|these|those"
    r"|he|she|they|we|you|I|his|her|their|its|our|my|what|how|not|no|by|to|for|with|in|on|at|from|after|before|during|had|have|has|would|could|will|can|been|being)\b",
    re.I,
)
_LEANS = re.compile(r"\b(?:he|she|they|we|you|I|him|us|me|my|our|your|today|yesterday|tomorrow|ago)\b", re.I)
_SUBJECT = r"(?P<subject>(?:[\w’'-]+ ){1,7}?)"
_FIRST = re.compile(rf"(?:In|On) (?P<date>.+?), {_SUBJECT}(?P<verb>{_BE}|{'|'.join(_VERBS)}) (?P<rest>[^,]+)\.")
_LAST = re.compile(
    rf"{_SUBJECT}(?P<verb>{_BE}|{'|'.join(_VERBS)}) (?P<rest>(?:[^,]+ )?)(?:in|on) (?P<date>[^,]+(?:, \d{{4}})?)\."
)
_THING = r"(?P<who>(?:The|An?) (?:[\w’'-]+ ){0,4}?[\w’'-]+|[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+)*)"
_ENDINGS = "ed|own|ewn|orn|ught|ilt|old|ade|ent|eld|ound|iven|aken|itten|roken|hosen"
_DONE = re.compile(rf"{_THING} (?P<be>was|were) (?P<done>\w+(?:{_ENDINGS})) (?=(?P<rest>[^,;:(“\"]+))")
_DATED = re.compile(r"(?P<more>(?:[\w’'-]+ ){0,5}?)(?:in|on|since) (?:early |late )?$")
_NAME = r"(?:the )?[A-Z][\w’'-]+(?: (?:of (?:the )?|the )?[A-Z][\w’'-]+)*"
_PLACE = re.compile(rf"(?:in|at|near) (?P<place>(?!\w+day\b){_NAME})(?=[,.;:]|$| (?:in|on|by|for|after|before|during|and)\b)")
_DID_THERE = re.compile(
    rf"{_SUBJECT}(?P<verb>{'|'.join(_VERBS)}) (?P<rest>(?:[\w’'-]+ ){{0,7}}?)(?:in|at|near) "
    rf"(?P<place>{_NAME})(?=[,.])"
)
# What may stand before the part that is asked about, and is left out of the question.
_LEAD = re.compile(
    r"(?:(?:In|On|By|Since|During) [^,]{2,40}, |(?:(?:Earlier|Later) (?:this|that)|Last) (?:week|month|year|\w+day),? "
    r"|[A-Z](?![^,;]*\bnot\b)[^,;]{2,50}? (?:estimated?|said|says?|reported|found|announced|believed?) that )"
)
_ROUGHLY = "about|around|some|nearly|almost|over|roughly|more than|as many as|at least|fewer than|up to"
_HEDGE = rf"(?:possibly |perhaps )?(?:(?:{_ROUGHLY}) )?"
_NOUN = r"(?P<noun>(?:[A-Za-z’'-]+ ){0,4}?(?:people|men|women|children|[A-Za-z’'-]*[a-z]s))"
_COUNTED = re.compile(rf" {_NOUN} (?P<verb>[a-z]+)\b")
_COUNTED_WHO = re.compile(rf" {_NOUN} (?:who|that|which) [^,;]{{5,60}}? (?P<verb>was|were)\b")
_CLAUSE_ENDS = re.compile(
    r",(?!\d)|[;:(“\"]| but | and (?=(?:have|has|had|was|were|are|is|then|later|more|grew|about|\d|\w+ed"
    rf"|{'|'.join(_VERBS)})\b)|\.$"
)
_ADVERB = re.compile(r" (?:also|later|then|soon|first|\w+ly)$")
_LANGUAGE = re.compile(r"\w+(?:ish|ese)|French|German|Latin|Greek|Arabic|Russian|Italian")
_TITLE = (
    r"(?:(?:[A-Z][a-z]+ )?(?:President|Prime Minister|Foreign Minister|Minister|Ambassador|Chancellor|Senator|Governor|Mayor"
    r"|General|Professor|Judge|Secretary)|Mr\.|Mrs\.|Ms\.|Dr\.|(?:[A-Z][\w’'-]+ ){1,4}(?:spokes(?:man|woman|person)|director"
    r"|minister|ambassador|leader|chairman|founder))"
)
_PERSON = re.compile(rf"{_TITLE} (?P<name>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+) (?:\w+ly )?(?P<rest>(?P<verb>[a-z]+) [^,]+)\.")


def template(sentence: str) -> Iterator[tuple[str, Span]]:
    """The questions that a sentence becomes, each with the place of the answer in it.

    Only the clause that holds the answer is asked about, so that the rest of the sentence is not repeated. A sentence that
    would become a doubtful question becomes none: with a subject of unclear end, or words such as "he" or "today".
    """
    if not _LEANS.search(_clause(sentence)):
        yield from _when(sentence)
        yield from _how_many(sentence)
        yield from _who(sentence)
        yield from _where(sentence)


def _when(sentence: str) -> Iterator[tuple[str, Span]]:
    dated = days(sentence)
    for pattern in (_FIRST, _LAST) if len(dated) == 1 and dated[0].years else ():
        found = pattern.fullmatch(sentence)
        if not found or (dated[0].start, dated[0].end) != found.span("date"):
            continue
        subject, verb, rest = _lowered(found["subject"].strip()), found["verb"], found["rest"].strip()
        if _NO_SUBJECT.search(subject) or (verb in ("was", "were") and not rest) or re.search(rf"\b(?:{_BE})\b", rest):
            continue
        if (pattern is _LAST and _clause(rest) != rest) or (rest and not _clause(rest)):  # the date is of another clause
            return
        yield f"When {_asked(verb, subject)} {_clause(rest)}".strip() + "?", Span(dated[0].start, dated[0].end)
        return
    if done := _done(sentence):
        dates = such_words("date", done["rest"])
        before = _DATED.match(done["rest"][: dates[0].start]) if dates else None
        if before:
            at = done.start("rest")
            asked = f"When {done['be']} {_lowered(done['who'])} {done['done']} {before['more']}".strip()
            yield f"{asked}?", Span(at + dates[0].start, at + dates[0].end)


def _how_many(sentence: str) -> Iterator[tuple[str, Span]]:
    lead = _LEAD.match(sentence)
    at = lead.end() if lead else 0
    counted = [each for each in amounts(sentence) if each.start >= at]
    first = counted[0] if counted else None
    if first is None or first.dimension or not re.fullmatch(_HEDGE, sentence[at : first.start], re.I):
        return
    found = _COUNTED_WHO.match(sentence, first.end) or _COUNTED.match(sentence, first.end)
    if found and not _NO_SUBJECT.search(found["noun"]) and _is_verb(found["verb"]):
        told = _clause(sentence[found.start("verb") :])
        yield f"How many {found['noun']} {told}?", Span(first.start, first.end)


def _who(sentence: str) -> Iterator[tuple[str, Span]]:
    found = _PERSON.fullmatch(sentence)
    if found and _is_verb(found["verb"]):
        yield f"Who {found['rest']}?", Span(*found.span("name"))


def _where(sentence: str) -> Iterator[tuple[str, Span]]:
    if done := _done(sentence):
        if place := _PLACE.match(sentence, done.start("rest")):
            yield f"Where {done['be']} {_lowered(done['who'])} {done['done']}?", Span(*place.span("place"))
        return
    lead = _LEAD.match(sentence)
    found = _DID_THERE.match(sentence, lead.end() if lead else 0)
    if not found or _NO_SUBJECT.search(found["subject"]) or _NO_SUBJECT.search(found["rest"]):
        return
    if re.fullmatch(_NAME, found["rest"].strip()) or _LANGUAGE.fullmatch(found["place"]):  # Rome in Italy, noon in Latin
        return
    if not any(found.start("place") < date.end and date.start < found.end("place") for date in such_words("date", sentence)):
        asked = f"Where {_asked(found['verb'], _lowered(found['subject'].strip()))} {found['rest']}".strip()
        yield f"{asked}?", Span(*found.span("place"))


def _done(sentence: str) -> re.Match[str] | None:
    """The beginning of a sentence that tells what was done to something."""
    found = _DONE.match(sentence)
    return None if found is None or re.match(_NO_SUBJECT, found["who"]) else found


def _clause(text: str) -> str:
    """As far as its first clause goes."""
    return _CLAUSE_ENDS.split(text, maxsplit=1)[0].rstrip(" .")


def _asked(verb: str, subject: str) -> str:
    return f"{verb} {subject}" if verb in ("was", "were") else f"did {_ADVERB.sub('', subject)} {_VERBS[verb]}"


def _is_verb(word: str) -> bool:
    return word in _VERBS or word in ("was", "were", "had", "have", "are", "said") or (word.endswith("ed") and len(word) > 4)


def _lowered(subject: str) -> str:
    """A subject inside a question: its article in lower case."""
    return re.sub(r"^(?:The|An?|Some|Many|Most|All|Several|Two|Three)\b", lambda word: word[0].lower(), subject)
