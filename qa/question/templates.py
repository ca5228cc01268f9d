"""Question generation by templates: a sentence becomes the question that its date, number, place or person answers."""

import re
from collections.abc import Iterator

from qa.text.amounts import find_amounts
from qa.text.answer_types import spans_of_type
from qa.text.dates import find_dates
from qa.types.articles import Span

# A list, since a rule that turns "closed" into "close" turns "planned" into "plane".
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
_INFINITIVES = dict(pair.split("/") for pair in _PAIRS.split())
_BE = r"was|were"
_NO_SUBJECT = re.compile(
    r"\b(?:who|whom|which|that|whose|where|when|while|because|if|as|and|or|but|than|said|says|there|here|it|this|these|those"
    r"|he|she|they|we|you|I|his|her|their|its|our|my|what|how|not|no|by|to|for|with|in|on|at|from|after|before|during|had|have|has|would|could|will|can|been|being)\b",
    re.I,
)
_DEICTIC = re.compile(r"\b(?:he|she|they|we|you|I|him|us|me|my|our|your|today|yesterday|tomorrow|ago)\b", re.I)
_SUBJECT = r"(?P<subject>(?:[\w’'-]+ ){1,7}?)"
_DATE_FIRST = re.compile(rf"(?:In|On) (?P<date>.+?), {_SUBJECT}(?P<verb>{_BE}|{'|'.join(_INFINITIVES)}) (?P<rest>[^,]+)\.")
_DATE_LAST = re.compile(
    rf"{_SUBJECT}(?P<verb>{_BE}|{'|'.join(_INFINITIVES)}) (?P<rest>(?:[^,]+ )?)(?:in|on) (?P<date>[^,]+(?:, \d{{4}})?)\."
)
_THING = r"(?P<who>(?:The|An?) (?:[\w’'-]+ ){0,4}?[\w’'-]+|[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+)*)"
_ENDINGS = "ed|own|ewn|orn|ught|ilt|old|ade|ent|eld|ound|iven|aken|itten|roken|hosen"
_PASSIVE = re.compile(rf"{_THING} (?P<be>was|were) (?P<participle>\w+(?:{_ENDINGS})) (?=(?P<rest>[^,;:(“\"]+))")
_BEFORE_DATE = re.compile(r"(?P<more>(?:[\w’'-]+ ){0,5}?)(?:in|on|since) (?:early |late )?$")
_NAME = r"(?:the )?[A-Z][\w’'-]+(?: (?:of (?:the )?|the )?[A-Z][\w’'-]+)*"
_PLACE = re.compile(rf"(?:in|at|near) (?P<place>(?!\w+day\b){_NAME})(?=[,.;:]|$| (?:in|on|by|for|after|before|during|and)\b)")
_ACTIVE_AT_PLACE = re.compile(
    rf"{_SUBJECT}(?P<verb>{'|'.join(_INFINITIVES)}) (?P<rest>(?:[\w’'-]+ ){{0,7}}?)(?:in|at|near) "
    rf"(?P<place>{_NAME})(?=[,.])"
)
# An introduction, which is left out of the question.
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
    rf"|{'|'.join(_INFINITIVES)})\b)|\.$"
)
_ADVERB = re.compile(r" (?:also|later|then|soon|first|\w+ly)$")
_LANGUAGE = re.compile(r"\w+(?:ish|ese)|French|German|Latin|Greek|Arabic|Russian|Italian")
_TITLE = (
    r"(?:(?:[A-Z][a-z]+ )?(?:President|Prime Minister|Foreign Minister|Minister|Ambassador|Chancellor|Senator|Governor|Mayor"
    r"|General|Professor|Judge|Secretary)|Mr\.|Mrs\.|Ms\.|Dr\.|(?:[A-Z][\w’'-]+ ){1,4}(?:spokes(?:man|woman|person)|director"
    r"|minister|ambassador|leader|chairman|founder))"
)
_PERSON = re.compile(rf"{_TITLE} (?P<name>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+) (?:\w+ly )?(?P<rest>(?P<verb>[a-z]+) [^,]+)\.")


def questions_from(sentence: str) -> Iterator[tuple[str, Span]]:
    """Yield the questions that a sentence answers, each with the span of the answer in it.

    Each asks only about the clause that holds the answer. A sentence with a subject of unclear extent, or with words such as
    "he" or "today", yields none.
    """
    if not _DEICTIC.search(_clause(sentence)):
        yield from _when(sentence)
        yield from _how_many(sentence)
        yield from _who(sentence)
        yield from _where(sentence)


def _when(sentence: str) -> Iterator[tuple[str, Span]]:
    dates = find_dates(sentence)
    for pattern in (_DATE_FIRST, _DATE_LAST) if len(dates) == 1 and dates[0].years else ():
        match = pattern.fullmatch(sentence)
        if not match or (dates[0].start, dates[0].end) != match.span("date"):
            continue
        subject, verb, rest = _lower_article(match["subject"].strip()), match["verb"], match["rest"].strip()
        if _NO_SUBJECT.search(subject) or (verb in ("was", "were") and not rest) or re.search(rf"\b(?:{_BE})\b", rest):
            continue
        if (pattern is _DATE_LAST and _clause(rest) != rest) or (rest and not _clause(rest)):  # the date is of another clause
            return
        yield f"When {_with_auxiliary(verb, subject)} {_clause(rest)}".strip() + "?", Span(dates[0].start, dates[0].end)
        return
    if passive := _passive(sentence):
        spans = spans_of_type("date", passive["rest"])
        before = _BEFORE_DATE.match(passive["rest"][: spans[0].start]) if spans else None
        if before:
            at = passive.start("rest")
            question = f"When {passive['be']} {_lower_article(passive['who'])} {passive['participle']} {before['more']}".strip()
            yield f"{question}?", Span(at + spans[0].start, at + spans[0].end)


def _how_many(sentence: str) -> Iterator[tuple[str, Span]]:
    lead = _LEAD.match(sentence)
    at = lead.end() if lead else 0
    numbers = [amount for amount in find_amounts(sentence) if amount.start >= at]
    number = numbers[0] if numbers else None
    if number is None or number.dimension or not re.fullmatch(_HEDGE, sentence[at : number.start], re.I):
        return
    match = _COUNTED_WHO.match(sentence, number.end) or _COUNTED.match(sentence, number.end)
    if match and not _NO_SUBJECT.search(match["noun"]) and _is_verb(match["verb"]):
        predicate = _clause(sentence[match.start("verb") :])
        yield f"How many {match['noun']} {predicate}?", Span(number.start, number.end)


def _who(sentence: str) -> Iterator[tuple[str, Span]]:
    match = _PERSON.fullmatch(sentence)
    if match and _is_verb(match["verb"]):
        yield f"Who {match['rest']}?", Span(*match.span("name"))


def _where(sentence: str) -> Iterator[tuple[str, Span]]:
    if passive := _passive(sentence):
        if place := _PLACE.match(sentence, passive.start("rest")):
            yield f"Where {passive['be']} {_lower_article(passive['who'])} {passive['participle']}?", Span(*place.span("place"))
        return
    lead = _LEAD.match(sentence)
    match = _ACTIVE_AT_PLACE.match(sentence, lead.end() if lead else 0)
    if not match or _NO_SUBJECT.search(match["subject"]) or _NO_SUBJECT.search(match["rest"]):
        return
    if re.fullmatch(_NAME, match["rest"].strip()) or _LANGUAGE.fullmatch(match["place"]):  # Rome in Italy, noon in Latin
        return
    if not any(match.start("place") < date.end and date.start < match.end("place") for date in spans_of_type("date", sentence)):
        question = f"Where {_with_auxiliary(match['verb'], _lower_article(match['subject'].strip()))} {match['rest']}".strip()
        yield f"{question}?", Span(*match.span("place"))


def _passive(sentence: str) -> re.Match[str] | None:
    """Match a sentence that begins with a passive clause."""
    match = _PASSIVE.match(sentence)
    return None if match is None or re.match(_NO_SUBJECT, match["who"]) else match


def _clause(text: str) -> str:
    """Return the first clause of a text."""
    return _CLAUSE_ENDS.split(text, maxsplit=1)[0].rstrip(" .")


def _with_auxiliary(verb: str, subject: str) -> str:
    return f"{verb} {subject}" if verb in ("was", "were") else f"did {_ADVERB.sub('', subject)} {_INFINITIVES[verb]}"


def _is_verb(word: str) -> bool:
    return (
        word in _INFINITIVES or word in ("was", "were", "had", "have", "are", "said") or (word.endswith("ed") and len(word) > 4)
    )


def _lower_article(subject: str) -> str:
    """Return a subject as it is written inside a question."""
    return re.sub(r"^(?:The|An?|Some|Many|Most|All|Several|Two|Three)\b", lambda word: word[0].lower(), subject)
