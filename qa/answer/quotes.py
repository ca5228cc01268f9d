"""Quotes: from a ranked sentence, or a dispute, to quotes that read on their own, with the answer span highlighted."""

from collections.abc import Sequence
from dataclasses import replace

from qa.answer.clauses import choose_number
from qa.answer.context import Context, add_context, complete_quotation
from qa.answer.disagreements import Claim, Dispute
from qa.answer.excerpts import excerpt
from qa.library.records import StoredPassage
from qa.library.snapshot import Snapshot
from qa.question.query import Query
from qa.search.ranking import RankedSentence
from qa.text.answer_types import only_span
from qa.text.quotation import LONGEST_QUOTE
from qa.types.articles import Disagreement, Quote, Rejected, Span, TextSpan, Value
from qa.types.settings import Settings


def to_quote(
    rank: int, query: Query, sentence: RankedSentence, snapshot: Snapshot, settings: Settings, others: Sequence[Quote]
) -> Quote:
    """Make a sentence into a quote that reads on its own, with the answer span highlighted.

    Args:
        others: quotes that it must not overlap.
    """
    text = sentence.passage.article.text
    span, lead = _with_context(query, sentence, snapshot, others)
    highlight = _answer_span(query, sentence) if sentence.confidence >= settings.highlighted else None
    if highlight is not None and not span.start <= highlight.start < highlight.end <= span.end:
        highlight = None
    if highlight is None and span != sentence.span:
        highlight = Span(max(sentence.span.start, span.start), min(sentence.span.end, span.end))
    return Quote(
        rank,
        sentence.passage.reference,
        span.start,
        span.end,
        text[span.start : span.end],
        sentence.score,
        sentence.confidence,
        highlight if highlight != span else None,
        lead=TextSpan(lead.start, lead.end, text[lead.start : lead.end]) if lead else None,
        part=sentence.passage.article.part_at(sentence.span.start),
        read_by=sentence.passage.article.read_by_at(lead.start if lead else span.start, span.end),
    )


def quote_dispute(
    dispute: Dispute, query: Query, quotes: Sequence[Quote], snapshot: Snapshot, settings: Settings
) -> Disagreement | None:
    """Quote each side of a dispute, newest first. Return None where fewer than two can be quoted.

    Args:
        quotes: of the answer. A claim outside them gets a quote of its own, ranked after them.
    """
    known, values = list(quotes), []
    for side in dispute.sides:
        side_quotes = []
        for claim in side:
            quote = _quote_of(claim, known) or to_quote(len(known) + 1, query, claim.sentence, snapshot, settings, known)
            if not _contains(quote, claim):
                continue  # only another part of so long a sentence can be quoted
            if quote.rank > len(known):
                known.append(quote)
            side_quotes.append(replace(quote, highlight=claim.place))
        if side_quotes:
            side_quotes.sort(key=_published, reverse=True)
            values.append(Value(_highlighted(side_quotes[0]), tuple(side_quotes)))
    values.sort(key=lambda value: _published(value.quotes[0]), reverse=True)
    return Disagreement(dispute.type, tuple(values)) if len(values) > 1 else None


def _quote_of(claim: Claim, quotes: Sequence[Quote]) -> Quote | None:
    """Return the quote that contains a claim."""
    return next((quote for quote in quotes if quote.article.id == claim.article_id and _contains(quote, claim)), None)


def _contains(quote: Quote, claim: Claim) -> bool:
    return quote.start <= claim.place.start and claim.place.end <= quote.end


def _published(quote: Quote) -> str:
    return quote.article.published or ""


def _highlighted(quote: Quote) -> str:
    assert quote.highlight is not None
    return quote.text[quote.highlight.start - quote.start : quote.highlight.end - quote.start]


def _answer_span(query: Query, sentence: RankedSentence) -> Span | None:
    """Return the reader's answer span, or where it did not read the sentence its only number or date, if that is asked for.

    Among several numbers, the words of the question may tell another clause than the reader's.
    """
    start = sentence.span.start
    if sentence.answer is not None:
        if query.answer_type != "number":
            return sentence.answer
        answer = Span(sentence.answer.start - start, sentence.answer.end - start)
        number = choose_number(sentence.text, answer, query.weights, query.text)
        return Span(start + number.start, start + number.end)
    words = only_span(query.answer_type, sentence.text)
    return Span(start + words.start, start + words.end) if words else None


def _with_context(query: Query, sentence: RankedSentence, snapshot: Snapshot, others: Sequence[Quote]) -> Context:
    """Add the context sentences that a sentence needs, unless another quote shows them already."""
    passage, span = sentence.passage, sentence.span
    text, set_aside = passage.article.text, passage.article.set_aside
    if span.end - span.start > LONGEST_QUOTE:
        return excerpt(text, span, query.weights, query.answer_type)

    def neighbours() -> list[Span]:
        return _sentences_around(passage, snapshot)

    context = add_context(text, span, set_aside, neighbours)
    if any(other.article.id == passage.article_id and overlap(context.quote, other) for other in others):
        return Context(complete_quotation(text, span, set_aside, neighbours), None)
    return context


def _sentences_around(passage: StoredPassage, snapshot: Snapshot) -> list[Span]:
    """Return the sentences of a passage, the one before it and the one after it."""
    passages = snapshot.article_passages_near(passage)
    return [Span(start, end) for neighbour in passages for start, end in neighbour.spans.tolist()]


def overlap(one: Quote | Span | TextSpan, other: Quote | Rejected) -> bool:
    """Tell whether two spans of one article overlap."""
    return one.start < other.end and other.start < one.end
