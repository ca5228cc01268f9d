"""Test questions proposed from the articles, drafts until a person accepts them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from qa.answer.anaphora import leaning
from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.relevance import Endings
from qa.library.records import comparable
from qa.question.templates import template
from qa.text.amounts import amounts
from qa.text.answer_types import such_words
from qa.text.days import dated_places, days
from qa.text.passages import quotable
from qa.text.sentences import ends_with_stop
from qa.text.synonyms import canonical
from qa.text.terms import content_terms
from qa.types.articles import Article, Span

BLANK = "____"
_LENGTH = (50, 240)  # characters of a sentence that is asked about
_LEAST_TERMS = 5  # that the sentence says beside the answer
_UNCLEAR = re.compile(r"[\n\r\t“”„«»\"()\[\]|_;:…]|\.\.\.|\s{2}")  # spoken, bracketed or broken
_BEGINS = re.compile(r"[A-Z0-9]")
_NO_NAME = re.compile(r"(?:I\b.*|Mr|Mrs|Ms|Dr|St|\w|.*[’']s .*)\.?")
_WITHIN_NAME = re.compile(r"[A-Z][\w’'-]*\s$")
_OF_A_PERSON = re.compile(r"\b(?:I|we|We|you|You|my|My|our|Our|your|Your)\b")  # whoever wrote or spoke
_NOUN_NEXT = re.compile(r"[ -](?!(?:is|are|was|were|had|have|of|in|on|at|to|and|or)\b)[a-z]|%")


@dataclass(frozen=True, slots=True)
class _Draft:
    question: str
    answer: str
    sentence: str
    by_template: bool


def draft_questions(assistant: Assistant, n: int = 50, *, seed: int = 0) -> list[TestQuestion]:
    """Propose up to n test questions from a library, spread over its articles, the same ones for the same seed.

    Questions are asked ("How many people entered the embassy?") where the sentence becomes one by its form alone; else a name,
    number or date of a sentence is left blank. The answer stands in its sentence once, and the rest does not say it.
    """
    random = Random(seed)  # noqa: S311 - chance that can be repeated is wanted
    references = assistant.articles()
    endings = Endings({each.id: each.source for each in references})
    random.shuffle(references)
    waiting: list[tuple[Article, list[_Draft]]] = []
    for reference in references:
        if len(waiting) == n:
            break
        article = assistant.article(reference.id)
        if article.language in (None, "en") and (found := _drafts(article, random)):
            waiting.append((article, found))
    questions: list[TestQuestion] = []
    asked: set[str] = set()  # a sentence that two articles have, and a question that two sentences become
    while waiting and len(questions) < n:
        for article, found in waiting:
            draft = found.pop(0)
            told = {comparable(draft.sentence), comparable(draft.question)}
            if not told & asked and len(questions) < n:
                asked |= told
                questions.append(_question(draft, _ending(article, endings)))
        waiting = [(article, found) for article, found in waiting if found]
    return questions


def _question(draft: _Draft, source: str) -> TestQuestion:
    told = hashlib.sha256("\n".join((source, draft.question, draft.answer)).encode("utf-8", "surrogatepass")).hexdigest()
    return TestQuestion(f"draft-{told[:10]}", draft.question, (draft.answer,), source, draft=True)


def _ending(article: Article, endings: Endings) -> str:
    """The fewest last parts of its source that no other article's ends with."""
    parts = article.source.split("/")
    several = ("/".join(parts[-n:]) for n in range(1, len(parts) + 1))
    return next((ending for ending in several if endings.of(ending) == [article.id]), article.source)


def _drafts(article: Article, random: Random) -> list[_Draft]:
    """At most one draft a sentence, questions before blanks, otherwise in a random order."""
    found = []
    for span in quotable(article.text, article.set_aside):
        sentence = article.text[span.start : span.end]
        if _is_clear(article.text, span, sentence):
            several = [*_questions(sentence), *_blanks(sentence)]
            asked = [draft for draft in several if draft.by_template]
            if several:
                found.append(random.choice(asked or several))
    random.shuffle(found)
    return sorted(found, key=lambda draft: not draft.by_template)


def _is_clear(text: str, span: Span, sentence: str) -> bool:
    return (
        _LENGTH[0] <= len(sentence) <= _LENGTH[1]
        and bool(_BEGINS.match(sentence))
        and ends_with_stop(sentence)
        and not sentence.endswith("?")
        and not _UNCLEAR.search(sentence)
        and not _OF_A_PERSON.search(sentence)
        and leaning(text, span) is None
    )


def _questions(sentence: str) -> Iterator[_Draft]:
    for question, answer in template(sentence):
        vague = question.startswith("When ") and not any(map(str.isdigit, sentence[answer.start : answer.end]))  # "Monday"
        if not vague and _is_unsaid(sentence, answer):
            yield _Draft(question, sentence[answer.start : answer.end], sentence, True)


def _blanks(sentence: str) -> Iterator[_Draft]:
    for span in _things(sentence):
        if _is_unsaid(sentence, span):
            masked = f"{sentence[: span.start]}{BLANK}{sentence[span.end :]}"
            yield _Draft(f"Fill in: {masked}", sentence[span.start : span.end], sentence, False)


def _things(sentence: str) -> Iterator[Span]:
    """The names, the only number and the only date of a sentence."""
    dated, counted = days(sentence), amounts(sentence)
    if len(dated) == 1 and dated[0].years:
        yield Span(dated[0].start, dated[0].end)
    if len(counted) == 1 and _NOUN_NEXT.match(sentence, counted[0].end):
        yield Span(counted[0].start, counted[0].end)
    for name in such_words("name", sentence):
        text = sentence[name.start : name.end]
        if text.endswith(("'s", "’s")):
            name = Span(name.start, name.end - 2)
        in_date = any(name.start < date.end and date.start < name.end for date in dated_places(sentence))
        if not in_date and not _NO_NAME.fullmatch(text) and not _WITHIN_NAME.search(sentence, 0, name.start):
            yield name


def _is_unsaid(sentence: str, span: Span) -> bool:
    """Whether a place's words stand there alone, and what is left says enough and nothing of them."""
    answer, rest = sentence[span.start : span.end], f"{sentence[: span.start]} {sentence[span.end :]}"
    terms, others = set(canonical(content_terms(answer))), set(canonical(content_terms(rest)))
    cut = (
        sentence[span.end : span.end + 1].isalnum() or sentence[: span.start][-1:].isalnum() or sentence[span.end :][:1] == "-"
    )
    return bool(terms) and not cut and sentence.count(answer) == 1 and not terms & others and len(others) >= _LEAST_TERMS
