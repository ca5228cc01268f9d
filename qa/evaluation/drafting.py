"""Test questions proposed from the articles. They are drafts until a person accepts them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from qa.answer.anaphora import find_anaphora
from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.relevance import SourceSuffixes
from qa.question.templates import questions_from
from qa.text.amounts import find_amounts
from qa.text.answer_types import spans_of_type
from qa.text.dates import date_spans, find_dates
from qa.text.near_duplicates import normalize_words
from qa.text.passages import quotable_sentences
from qa.text.sentences import ends_with_stop
from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms
from qa.types.articles import Article, Span

BLANK = "____"
_LENGTH = (50, 240)  # characters of a sentence to ask about
_LEAST_TERMS = 5  # that the sentence has beside the answer
_UNCLEAR = re.compile(r"[\n\r\t“”„«»\"()\[\]|_;:…]|\.\.\.|\s{2}")  # speech, brackets and broken lines
_BEGINS = re.compile(r"[A-Z0-9]")
_NO_NAME = re.compile(r"(?:I\b.*|Mr|Mrs|Ms|Dr|St|\w|.*[’']s .*)\.?")
_WITHIN_NAME = re.compile(r"[A-Z][\w’'-]*\s$")
_FIRST_OR_SECOND_PERSON = re.compile(r"\b(?:I|we|We|you|You|my|My|our|Our|your|Your)\b")
_NOUN_NEXT = re.compile(r"[ -](?!(?:is|are|was|were|had|have|of|in|on|at|to|and|or)\b)[a-z]|%")


@dataclass(frozen=True, slots=True)
class _DraftQuestion:
    question: str
    answer: str
    sentence: str
    by_template: bool


def draft_questions(assistant: Assistant, n: int = 50, *, seed: int = 0) -> list[TestQuestion]:
    """Propose up to n test questions on a library, spread over its articles. The same seed gives the same questions.

    A sentence becomes a question ("How many people entered the embassy?") if its form alone allows it. Otherwise one of its
    names, numbers or dates is left blank. The answer occurs in its sentence once, and the rest does not give it away.
    """
    random = Random(seed)  # noqa: S311 - repeatable, not secret
    references = assistant.articles()
    suffixes = SourceSuffixes({reference.id: reference.source for reference in references})
    random.shuffle(references)
    queue: list[tuple[Article, list[_DraftQuestion]]] = []
    for reference in references:
        if len(queue) == n:
            break
        article = assistant.article(reference.id)
        if article.language in (None, "en") and (drafts := _drafts(article, random)):
            queue.append((article, drafts))
    questions: list[TestQuestion] = []
    used: set[str] = set()  # articles may share a sentence, and two sentences may give one question
    while queue and len(questions) < n:
        for article, drafts in queue:
            draft = drafts.pop(0)
            keys = {normalize_words(draft.sentence), normalize_words(draft.question)}
            if not keys & used and len(questions) < n:
                used |= keys
                questions.append(_to_question(draft, _shortest_suffix(article, suffixes)))
        queue = [(article, drafts) for article, drafts in queue if drafts]
    return questions


def _to_question(draft: _DraftQuestion, source: str) -> TestQuestion:
    content = "\n".join((source, draft.question, draft.answer))
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return TestQuestion(f"draft-{digest[:10]}", draft.question, (draft.answer,), source, draft=True)


def _shortest_suffix(article: Article, suffixes: SourceSuffixes) -> str:
    """Return the fewest last parts of an article's source that identify it."""
    parts = article.source.split("/")
    endings = ("/".join(parts[-n:]) for n in range(1, len(parts) + 1))
    return next((ending for ending in endings if suffixes.find(ending) == [article.id]), article.source)


def _drafts(article: Article, random: Random) -> list[_DraftQuestion]:
    """Draft at most one question per sentence: templates before blanks, otherwise in random order."""
    drafts = []
    for span in quotable_sentences(article.text, article.set_aside):
        sentence = article.text[span.start : span.end]
        if _is_clear(article.text, span, sentence):
            candidates = [*_fill_templates(sentence), *_fill_in_blanks(sentence)]
            by_template = [draft for draft in candidates if draft.by_template]
            if candidates:
                drafts.append(random.choice(by_template or candidates))
    random.shuffle(drafts)
    return sorted(drafts, key=lambda draft: not draft.by_template)


def _is_clear(text: str, span: Span, sentence: str) -> bool:
    """Tell whether a sentence is plain prose that reads on its own."""
    return (
        _LENGTH[0] <= len(sentence) <= _LENGTH[1]
        and bool(_BEGINS.match(sentence))
        and ends_with_stop(sentence)
        and not sentence.endswith("?")
        and not _UNCLEAR.search(sentence)
        and not _FIRST_OR_SECOND_PERSON.search(sentence)
        and find_anaphora(text, span) is None
    )


def _fill_templates(sentence: str) -> Iterator[_DraftQuestion]:
    for question, answer in questions_from(sentence):
        text = sentence[answer.start : answer.end]
        vague = question.startswith("When ") and not any(map(str.isdigit, text))  # "Monday"
        if not vague and _is_only_mention(sentence, answer):
            yield _DraftQuestion(question, text, sentence, True)


def _fill_in_blanks(sentence: str) -> Iterator[_DraftQuestion]:
    for span in _answer_spans(sentence):
        if _is_only_mention(sentence, span):
            masked = f"{sentence[: span.start]}{BLANK}{sentence[span.end :]}"
            yield _DraftQuestion(f"Fill in: {masked}", sentence[span.start : span.end], sentence, False)


def _answer_spans(sentence: str) -> Iterator[Span]:
    """Yield the names of a sentence, and its number or date if there is only one."""
    dates, numbers = find_dates(sentence), find_amounts(sentence)
    if len(dates) == 1 and dates[0].years:
        yield Span(dates[0].start, dates[0].end)
    if len(numbers) == 1 and _NOUN_NEXT.match(sentence, numbers[0].end):
        yield Span(numbers[0].start, numbers[0].end)
    for name in spans_of_type("name", sentence):
        text = sentence[name.start : name.end]
        if text.endswith(("'s", "’s")):
            name = Span(name.start, name.end - 2)
        in_date = any(name.start < date.end and date.start < name.end for date in date_spans(sentence))
        if not in_date and not _NO_NAME.fullmatch(text) and not _WITHIN_NAME.search(sentence, 0, name.start):
            yield name


def _is_only_mention(sentence: str, span: Span) -> bool:
    """Tell whether the answer occurs once as whole words, and the rest is long enough and shares no term with it."""
    answer, before, after = sentence[span.start : span.end], sentence[: span.start], sentence[span.end :]
    terms, others = set(canonicalize(content_terms(answer))), set(canonicalize(content_terms(f"{before} {after}")))
    cuts_word = after[:1].isalnum() or before[-1:].isalnum() or after[:1] == "-"
    return bool(terms) and not cuts_word and sentence.count(answer) == 1 and not terms & others and len(others) >= _LEAST_TERMS
