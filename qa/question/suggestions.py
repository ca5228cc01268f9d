"""Questions to ask next, made of the articles' own words; one is offered only if it finds the sentence it was made of."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from qa.question.templates import template
from qa.text.terms import content_terms
from qa.types.articles import Answer, Turn

if TYPE_CHECKING:
    from qa.question.conversation import Asks

_ROLE = (
    r"spokes(?:man|woman|person)|minister|ministry|ambassador|president|director|government|police|officials?|embassy|mayor|"
    r"commissioner|company|court|judge|report|committee|union|agency|council|authorities|chief"
)
_SAYING = re.compile(
    rf"(?:^|[,;“”\"]\s+)(?P<who>(?:[Tt]he|[Aa]n?)\s+(?:[\w’'-]+\s+){{0,3}}?(?:{_ROLE})(?:\s+[A-Z][\w’'-]+){{0,3}}"
    r"|(?:[A-Z][\w’'-]+\s+){1,3}[A-Z][\w’'-]+)\s+(?P<verb>said|told|announced|claimed|reported|warned|added)\b"
)
_VERBS = {"announced": "announce", "claimed": "claim", "reported": "report", "warned": "say", "told": "say"}
_PERSON = re.compile(
    r"\b(?P<who>[A-Z][a-z’'-]+(?:\s+[A-Z][\w’'.-]+){1,2}),\s+(?:the|an?|who|whose|head|director|president|chief|professor|founder)\b"
)
_POINTS_BACK = re.compile(
    r"^(?:he|she|it|they|this|that|these|those|there|we|i|you|his|her|their|its|our|who|which|what)\b", re.I
)
_LONGEST, _SHORTEST = 90, 14  # characters of a question
_SURE = 0.5  # confidence with which its own sentence must answer


class Following(NamedTuple):
    """A question and the sentence it was made of."""

    question: str
    article_id: str
    start: int
    end: int


def questions_of(answer: Answer) -> Iterator[Following]:
    """Questions that sentences of the articles quoted seem to answer, those of the passages that fit best first.

    English only: those of `templates`, "What did … say?" and "Who is …?".
    """
    quoted = {quote.article.id for quote in answer.quotes}
    for passage in answer.passages:
        if passage.article.id not in quoted or passage.article.language not in (None, "en"):
            continue
        for sentence in passage.sentences:
            text = " ".join(passage.text[sentence.start - passage.start : sentence.end - passage.start].split())
            shown = any(
                quote.article.id == passage.article.id and quote.start < sentence.end and sentence.start < quote.end
                for quote in answer.quotes
            )
            for question in _of_sentence(text, is_quoted=shown):
                if _SHORTEST <= len(question) <= _LONGEST:
                    yield Following(question, passage.article.id, sentence.start, sentence.end)


def _of_sentence(text: str, *, is_quoted: bool) -> Iterator[str]:
    """The questions that a sentence answers; of one that was quoted only who somebody is, since the rest has been read."""
    if person := _PERSON.search(text):
        yield f"Who is {person['who']}?"
    if is_quoted or _POINTS_BACK.match(text):
        return
    yield from (question for question, _ in template(text))
    if (saying := _SAYING.search(text)) and not _POINTS_BACK.match(saying["who"]):
        yield f"What did {_lowered(saying['who'])} {_VERBS.get(saying['verb'], 'say')}?"


def _lowered(words: str) -> str:
    """The words as they stand inside a sentence."""
    first = words.split()[0]
    return words[0].lower() + words[1:] if first in ("The", "A", "An") else words


def follow_ups(
    asks: "Asks", answer: Answer, history: Sequence[Turn], *, most: int = 3, seconds: float = 0.3
) -> tuple[str, ...]:
    """Up to so many questions to ask next, none where none is found in time.

    A question is offered if, asked after the others, its first quote holds the sentence it was made of.

    Args:
        asks: the one who answered.
        history: the turns so far, this answer's among them.
        seconds: after which no further question is tried; the last one begun is brought to its end.
    """
    if not answer.found:
        return ()
    until = time.monotonic() + seconds
    asked = [set(content_terms(turn.question)) for turn in history] + [set(content_terms(answer.question))]
    offered: list[str] = []
    for each in questions_of(answer):
        if len(offered) == most or time.monotonic() > until:
            break
        terms = set(content_terms(each.question))
        if any(len(terms & other) > 0.7 * len(terms | other) for other in asked):
            continue
        found = asks.ask(each.question, 1, history=history, **answer.only)
        first = found.quotes[0] if found.quotes else None
        asked.append(terms)
        if (
            first
            and first.confidence >= _SURE
            and first.article.id == each.article_id
            and first.start < each.end
            and each.start < first.end
        ):
            offered.append(each.question)
    return tuple(offered)
