"""Context: what a quote takes along to be read on its own, the sentences before it or a lead from further up.

A list item needs the sentence that introduces its list. A sentence with an anaphor needs the one that resolves it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from qa.answer.anaphora import Anaphora, find_anaphora
from qa.text.questions import is_question, is_short_reply
from qa.text.quotation import LONGEST_QUOTE, extend_to_quotation
from qa.text.sentences import begins_paragraph, ends_paragraph, ends_with_stop, split_sentences, trim
from qa.text.terms import content_terms
from qa.types.articles import SetAside, Span

_MOST_SKIPPED = 6  # sentences between a sentence and the one that resolves its anaphor
_MOST_ADDED = 2  # context sentences
_CAPITALIZED = re.compile(r"\b[A-Z][\w’'-]+")
_MARKER = re.compile(r"(?:[-*+•·‣◦–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+")
_STOP = re.compile(r"[.!?…。！？]['\"”’)\]]*$")
# What stands before a reply: a question, or one in quotation marks and who asked it.
_QUESTION_BEFORE = re.compile(r"[?？؟][\"'”’»“)\]」』]*(?:(?<=[\"”»“」』])[^\"“”„«»「」『』?？]{0,80})?\s*\Z")
_OPENING_MARKS = '"“„«»「『”'
_LONGEST_LIST = 5_000  # code points between an item and its introduction
_LONGEST_ITEM = 200  # code points of a line without a marker that may still be an item

Neighbours = Callable[[], Sequence[Span]]  # returns the sentences around, in order, from the library


class Context(NamedTuple):
    """What is quoted for a sentence, and what is shown before it."""

    quote: Span
    lead: Span | None  # ends where the quote begins or before


def complete_quotation(text: str, sentence: Span, set_aside: Sequence[SetAside], neighbours: Neighbours) -> Span:
    """Extend a sentence over the quotation that it cuts, unless a part of that was set aside."""
    extension = extend_to_quotation(text, sentence, neighbours)
    return sentence if _overlaps(extension, set_aside) else extension


def add_context(text: str, sentence: Span, set_aside: Sequence[SetAside], neighbours: Neighbours) -> Context:
    """Add the context that is needed to read a sentence.

    A list item gets its introduction. A sentence that begins with "he", "this" or "but" gets the sentence before it in its
    paragraph, or in the paragraph before where both are of one sentence, as in news. A reply gets the question that it
    replies to, as in an interview, and a reply of a few words the sentence after it too. Context that does not stand
    right before the quote, or would make it longer than 600 characters, becomes its lead.

    Args:
        sentence: at most 600 characters of the text.
        set_aside: the places of the text that may not be quoted.
    """
    quote = complete_quotation(text, sentence, set_aside, neighbours)
    if _QUESTION_BEFORE.search(text, max(0, quote.start - _LONGEST_ITEM), quote.start):
        reply = _with_question(text, quote, set_aside, neighbours)
        if reply is not None:
            return reply
    introduction = list_introduction(text, quote, neighbours)
    if introduction and not _overlaps(introduction, set_aside):
        return _join(text, introduction, quote, set_aside)
    anaphora = find_anaphora(text, quote)
    if anaphora is None:
        return Context(quote, None)
    return _resolve(text, quote, anaphora, set_aside, neighbours)


def _with_question(text: str, quote: Span, set_aside: Sequence[SetAside], neighbours: Neighbours) -> Context | None:
    """Add the question right before a reply, or return None if there is none.

    A question inside a paragraph only counts before a reply of a few words, or where both are spoken.
    """
    spans = neighbours()
    question = next((span for span in reversed(spans) if span.end <= quote.start), None)
    reply = text[quote.start : quote.end]
    if question is None or text[question.end : quote.start].strip() or _overlaps(question, set_aside):
        return None
    if not is_question(text[question.start : question.end]) or is_question(reply):
        return None
    is_spoken = text[question.start] in _OPENING_MARKS and reply[0] in _OPENING_MARKS
    if not (begins_paragraph(text, question.start) or is_spoken or is_short_reply(reply)):
        return None
    if is_short_reply(reply) and not ends_paragraph(text, quote.end):
        after = next((span for span in spans if span.start >= quote.end), None)
        if after is not None and not _overlaps(Span(quote.start, after.end), set_aside):
            quote = Span(quote.start, after.end)
    return _join(text, question, quote, set_aside)


def _resolve(
    text: str, quote: Span, anaphora: Anaphora | None, set_aside: Sequence[SetAside], neighbours: Neighbours
) -> Context:
    """Extend a quote over the sentences before it until it has no anaphor, or make one of them its lead."""
    before = list(_reachable(text, quote, [span for span in neighbours() if span.end <= quote.start]))
    for n_added, nearest in enumerate(before[:_MOST_ADDED]):
        antecedent = _antecedent(text, anaphora, before[n_added:])
        if antecedent is None:
            break
        extension = complete_quotation(text, antecedent, set_aside, neighbours)
        antecedent = extension if extension.end <= quote.start else antecedent
        context = _join(text, antecedent, quote, set_aside)
        quote, anaphora = context.quote, find_anaphora(text, context.quote)
        if context.lead or antecedent.start < nearest.start or anaphora in (None, Anaphora.CONNECTIVE):
            return context
    return Context(quote, None)


def _antecedent(text: str, anaphora: Anaphora | None, before: Sequence[Span]) -> Span | None:
    """Return the sentence that resolves an anaphor, from the nearest back, or None."""
    if anaphora is Anaphora.SENTENCE:
        return before[0]
    if anaphora is Anaphora.CONNECTIVE:  # worth one sentence and no more
        return before[0] if find_anaphora(text, before[0]) is None else None
    resolved = [span for span in before if find_anaphora(text, span) in (None, Anaphora.CONNECTIVE)]
    if anaphora is Anaphora.PERSON:
        resolved = [span for span in resolved if _has_name(text, span)] or resolved
    return resolved[0] if resolved else None


def _has_name(text: str, sentence: Span) -> bool:
    return any(content_terms(word.group()) for word in _CAPITALIZED.finditer(text, sentence.start, sentence.end))


def _reachable(text: str, quote: Span, before: Sequence[Span]) -> Iterator[Span]:
    """Yield the sentences that may be context, the nearest first."""
    after = quote
    for sentence in before[: -_MOST_SKIPPED - 1 : -1]:
        if text[sentence.end : after.start].strip():
            return  # the text between was set aside
        if begins_paragraph(text, after.start) and not (_is_paragraph(text, after) and _is_news(text, sentence)):
            return
        yield sentence
        after = sentence


def _is_paragraph(text: str, span: Span) -> bool:
    return begins_paragraph(text, span.start) and ends_paragraph(text, span.end)


def _is_news(text: str, sentence: Span) -> bool:
    """Tell whether a sentence is a paragraph of its own, as in news, and no heading."""
    return _is_paragraph(text, sentence) and ends_with_stop(text[sentence.start : sentence.end])


def _join(text: str, before: Span, quote: Span, set_aside: Sequence[SetAside]) -> Context:
    """Join context and quote where they are adjacent and short enough, else make the context the lead."""
    both = Span(before.start, quote.end)
    is_adjacent = not text[before.end : quote.start].strip()
    if both.end - both.start <= LONGEST_QUOTE and is_adjacent and not _overlaps(both, set_aside):
        return Context(both, None)
    return Context(quote, before if before.end - before.start <= LONGEST_QUOTE else None)


def _overlaps(span: Span, set_aside: Sequence[SetAside]) -> bool:
    return any(place.start < span.end and span.start < place.end for place in set_aside)


def list_introduction(text: str, quote: Span, neighbours: Neighbours) -> Span | None:
    """Return the sentence that introduces the list in which a quote is an item, or None.

    An item begins with a bullet, a number or a letter, or is a short line without a full stop. Only other items and blank
    lines stand between it and the introduction, which ends with a colon.
    """
    line_start = _line_start(text, quote.start)
    if text[line_start : quote.start].strip() or not (_is_marked(text, quote.start) or _is_bare(text[quote.start : quote.end])):
        return None
    marked = _is_marked(text, quote.start)
    indent = quote.start - line_start
    at = line_start
    while at > 0 and quote.start - at < _LONGEST_LIST:
        end, at = at - 1, _line_start(text, at - 1)
        line = text[at:end].rstrip()
        bare = line.lstrip()
        if not bare:
            continue
        begin = at + len(line) - len(bare)
        is_item = _is_marked(text, begin)
        if bare.endswith((":", "：")) and not (is_item and begin - at >= indent):
            return _last_sentence(text, Span(begin, at + len(line)), neighbours())
        if not (is_item if marked else _is_bare(bare)) and not (marked and begin - at > indent):
            return None  # neither an item nor an indented line of one
    return None


def _is_marked(text: str, at: int) -> bool:
    return _MARKER.match(text, at) is not None


def _is_bare(line: str) -> bool:
    return len(line) <= _LONGEST_ITEM and "\n" not in line and not _STOP.search(line) and not line.endswith((":", "："))


def _line_start(text: str, at: int) -> int:
    """Return where the line of a place begins, at most `_LONGEST_LIST` code points before."""
    low = max(0, at - _LONGEST_LIST)
    return max(low, text.rfind("\n", low, at) + 1)


def _last_sentence(text: str, line: Span, sentences: Sequence[Span]) -> Span:
    """Return the sentence that a line ends with. It may begin in a line before."""
    stored = next((sentence for sentence in sentences if sentence.end == line.end), None)
    if stored:
        return stored
    last = split_sentences(text[line.start : line.end])[-1]
    return trim(text, Span(line.start + last.start, line.start + last.end))
