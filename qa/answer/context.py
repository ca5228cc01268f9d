"""What a quote takes along so that it reads on its own: the sentence before, or a lead from further up."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from qa.answer.anaphora import Leaning, leaning
from qa.answer.lists import lead_in
from qa.text.paragraphs import begins_paragraph, ends_paragraph
from qa.text.quotation import LONGEST_QUOTE, extended
from qa.text.sentences import ends_with_stop
from qa.text.terms import content_terms
from qa.types.articles import SetAside, Span

_FURTHEST = 6  # sentences that are looked back over
_MOST_TAKEN = 2  # sentences that a quote grows by
_CAPITALISED = re.compile(r"\b[A-Z][\w’'-]+")

Around = Callable[[], Sequence[Span]]


class Reading(NamedTuple):
    """What is quoted for a sentence, and what is shown before it."""

    quote: Span
    lead: Span | None  # ends where the quote begins or before


def complete(text: str, sentence: Span, set_aside: Sequence[SetAside], sentences: Around) -> Span:
    """The sentence with the quotation that it cuts, unless something in that was set aside."""
    whole = extended(text, sentence, sentences)
    return sentence if _holds(whole, set_aside) else whole


def readable(text: str, sentence: Span, set_aside: Sequence[SetAside], sentences: Around) -> Reading:
    """The sentence with what stands before it and is needed to read it.

    A list item takes its lead-in. A sentence that begins with "he", "this" or "but" takes the sentence before, of its own
    paragraph, or of the one before where both are of one sentence, as in news. What does not stand right before the quote, or
    would make it longer than 600 characters, becomes its lead.

    Args:
        sentence: at most 600 characters of a text.
        set_aside: the places of the text that may not be quoted.
        sentences: asked for the sentences around, in order, only where they are needed.
    """
    whole = complete(text, sentence, set_aside, sentences)
    introduced = lead_in(text, whole, sentences)
    if introduced and not _holds(introduced, set_aside):
        return _joined(text, introduced, whole, set_aside)
    leans = leaning(text, whole)
    if leans is None:
        return Reading(whole, None)
    return _with_before(text, whole, leans, set_aside, sentences)


def _with_before(text: str, whole: Span, leans: Leaning | None, set_aside: Sequence[SetAside], sentences: Around) -> Reading:
    """The quote, grown over the sentences before it until one stands by itself, or with that as its lead."""
    before = [each for each in sentences() if each.end <= whole.start]
    steps = list(_reachable(text, whole, before))
    for taken, step in enumerate(steps[:_MOST_TAKEN]):
        wanted = _needed(text, leans, steps[taken:])
        if wanted is None:
            break
        wanted = _completed(text, wanted, whole.start, set_aside, sentences)
        reading = _joined(text, wanted, whole, set_aside)
        whole, leans = reading.quote, leaning(text, reading.quote)
        if reading.lead or wanted.start < step.start or leans in (None, Leaning.CONNECTIVE):
            return reading
    return Reading(whole, None)


def _needed(text: str, leans: Leaning | None, before: Sequence[Span]) -> Span | None:
    """Which of the sentences before, the nearest first, says what a sentence leans on; None where none does."""
    if leans is Leaning.BEFORE:
        return before[0]
    if leans is Leaning.CONNECTIVE:  # which is worth one sentence and no more
        return before[0] if leaning(text, before[0]) is None else None
    standing = [each for each in before if leaning(text, each) in (None, Leaning.CONNECTIVE)]
    if leans is Leaning.PERSON:
        standing = [each for each in standing if _names(text, each)] or standing
    return standing[0] if standing else None


def _names(text: str, sentence: Span) -> bool:
    return any(content_terms(found.group()) for found in _CAPITALISED.finditer(text, sentence.start, sentence.end))


def _completed(text: str, wanted: Span, until: int, set_aside: Sequence[SetAside], sentences: Around) -> Span:
    """The sentence before with the quotation it cuts, where that ends before the quote."""
    whole = complete(text, wanted, set_aside, sentences)
    return whole if whole.end <= until else wanted


def _reachable(text: str, whole: Span, before: Sequence[Span]) -> Iterator[Span]:
    """The sentences that a quote may be read with, the nearest first."""
    after = whole
    for sentence in before[: -_FURTHEST - 1 : -1]:
        if text[sentence.end : after.start].strip():
            return  # what stands between may not be quoted, or says nothing
        if begins_paragraph(text, after.start) and not (_is_paragraph(text, after) and _is_news(text, sentence)):
            return
        yield sentence
        after = sentence


def _is_paragraph(text: str, span: Span) -> bool:
    return begins_paragraph(text, span.start) and ends_paragraph(text, span.end)


def _is_news(text: str, sentence: Span) -> bool:
    """Whether a sentence is a paragraph of its own, as in news, and no heading."""
    return _is_paragraph(text, sentence) and ends_with_stop(text[sentence.start : sentence.end])


def _joined(text: str, before: Span, whole: Span, set_aside: Sequence[SetAside]) -> Reading:
    """One quote of what stands next to each other and is not too long, else the one before as the lead."""
    both = Span(before.start, whole.end)
    if both.end - both.start <= LONGEST_QUOTE and not text[before.end : whole.start].strip() and not _holds(both, set_aside):
        return Reading(both, None)
    return Reading(whole, before if before.end - before.start <= LONGEST_QUOTE else None)


def _holds(span: Span, set_aside: Sequence[SetAside]) -> bool:
    return any(place.start < span.end and span.start < place.end for place in set_aside)
