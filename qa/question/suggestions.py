"""Suggested questions, made of the articles' own words. One is suggested only if it finds the sentence it was made of."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from qa.question.templates import questions_from
from qa.text.terms import content_terms
from qa.types.articles import Answer, Passage, Quote, Reference, Turn

_ROLE = (
    r"spokes(?:man|woman|person)|minister|ministry|ambassador|president|director|government|police|officials?|embassy|mayor|"
    r"commissioner|company|court|judge|report|committee|union|agency|council|authorities|chief"
)
_REPORTING = re.compile(
    rf"(?:^|[,;“”\"]\s+)(?P<who>(?:[Tt]he|[Aa]n?)\s+(?:[\w’'-]+\s+){{0,3}}?(?:{_ROLE})(?:\s+[A-Z][\w’'-]+){{0,3}}"
    r"|(?:[A-Z][\w’'-]+\s+){1,3}[A-Z][\w’'-]+)\s+(?P<verb>said|told|announced|claimed|reported|warned|added)\b"
)
_INFINITIVES = {"announced": "announce", "claimed": "claim", "reported": "report", "warned": "say", "told": "say"}
_PERSON = re.compile(
    r"\b(?P<who>[A-Z][a-z’'-]+(?:\s+[A-Z][\w’'.-]+){1,2}),\s+(?:the|an?|who|whose|head|director|president|chief|professor|founder)\b"
)
_PRONOUN = re.compile(r"^(?:he|she|it|they|this|that|these|those|there|we|i|you|his|her|their|its|our|who|which|what)\b", re.I)
_LONGEST, _SHORTEST = 90, 14  # characters of a question
_TITLED, _MOST_TRIED = 10, 6  # passages found by an article's title, and questions tried of an article
_LONGEST_TITLE = 300  # characters of a title that are searched for
_LEAST_CONFIDENCE = 0.5  # of the quote of its own sentence


class Suggestion(NamedTuple):
    """A question and the place of the sentence it was made of."""

    question: str
    article_id: str
    start: int
    end: int


def suggestions(answer: Answer) -> Iterator[Suggestion]:
    """Yield questions that sentences of the quoted articles seem to answer, from the best passage down.

    Only for English articles: the questions of `templates`, "What did … say?" and "Who is …?".
    """
    quoted_ids = {quote.article.id for quote in answer.quotes}
    for passage in answer.passages:
        if passage.article.id in quoted_ids:
            yield from _suggestions_on(passage, answer.quotes)


def _suggestions_on(passage: Passage, quotes: Sequence[Quote] = ()) -> Iterator[Suggestion]:
    """Yield questions that sentences of an English passage seem to answer.

    Args:
        quotes: what the user has read.
    """
    if passage.article.language not in (None, "en"):
        return
    for sentence in passage.sentences:
        text = " ".join(passage.text[sentence.start - passage.start : sentence.end - passage.start].split())
        is_quoted = any(
            quote.article.id == passage.article.id and quote.start < sentence.end and sentence.start < quote.end
            for quote in quotes
        )
        for question in _questions_on(text, is_quoted=is_quoted):
            if _SHORTEST <= len(question) <= _LONGEST:
                yield Suggestion(question, passage.article.id, sentence.start, sentence.end)


def _questions_on(text: str, *, is_quoted: bool) -> Iterator[str]:
    """Yield the questions that a sentence answers. The user has read a quoted one, and may only ask who somebody is."""
    if person := _PERSON.search(text):
        yield f"Who is {person['who']}?"
    if is_quoted or _PRONOUN.match(text):
        return
    yield from (question for question, _ in questions_from(text))
    if (report := _REPORTING.search(text)) and not _PRONOUN.match(report["who"]):
        yield f"What did {_lower_article(report['who'])} {_INFINITIVES.get(report['verb'], 'say')}?"


def _lower_article(phrase: str) -> str:
    """Return a noun phrase as it is written inside a sentence."""
    return phrase[0].lower() + phrase[1:] if phrase.split()[0] in ("The", "A", "An") else phrase


def suggest(
    ask: Callable[..., Answer], answer: Answer, history: Sequence[Turn], *, most: int = 3, seconds: float = 0.3
) -> tuple[str, ...]:
    """Suggest questions to ask next, each tried by asking it.

    A question is suggested if its first quote holds the sentence it was made of.

    Args:
        ask: the `ask` of the assistant that answered.
        history: the turns so far, with that of this answer.
        most: the number of questions wanted.
        seconds: the time after which no further question is tried.
    """
    if not answer.found:
        return ()
    deadline = time.monotonic() + seconds
    known = [set(content_terms(turn.question)) for turn in history] + [set(content_terms(answer.question))]
    suggested: list[str] = []
    for suggestion in suggestions(answer):
        if len(suggested) == most or time.monotonic() > deadline:
            break
        terms = set(content_terms(suggestion.question))
        if any(len(terms & other) > 0.7 * len(terms | other) for other in known):
            continue
        known.append(terms)
        if _finds_its_sentence(suggestion, ask(suggestion.question, 1, history=history, **answer.only)):
            suggested.append(suggestion.question)
    return tuple(suggested)


def opening_questions(
    ask: Callable[..., Answer],
    search: Callable[..., Sequence[Passage]],
    articles: Iterable[Reference],
    *,
    most: int = 3,
    seconds: float = 10.0,
) -> tuple[str, ...]:
    """Make questions to begin with, one an article, of what its sentences say. Each was asked and found its sentence.

    Args:
        ask: the `ask` of the assistant that will answer.
        search: its `search`.
        articles: of which to make them, in this order.
        most: the number of questions wanted.
        seconds: the time after which no further question is tried.
    """
    deadline = time.monotonic() + seconds
    questions: list[str] = []
    for article in articles:
        if len(questions) == most or time.monotonic() > deadline:
            break
        if not re.search(r"\w", article.title):
            continue
        passages = (each for each in search(article.title[:_LONGEST_TITLE], _TITLED) if each.article.id == article.id)
        tried = islice((suggestion for passage in passages for suggestion in _suggestions_on(passage)), _MOST_TRIED)
        made = (each.question for each in tried if _finds_its_sentence(each, ask(each.question, 1)))
        questions += [question for question in islice(made, 1) if question not in questions]
    return tuple(questions)


def _finds_its_sentence(suggestion: Suggestion, answer: Answer) -> bool:
    if not answer.quotes:
        return False
    quote = answer.quotes[0]
    overlaps = quote.start < suggestion.end and suggestion.start < quote.end
    return quote.confidence >= _LEAST_CONFIDENCE and quote.article.id == suggestion.article_id and overlaps
