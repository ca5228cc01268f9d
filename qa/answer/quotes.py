"""Quote selection: the best sentences, readable on their own and each quoted once, or none."""

from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

from qa.answer.context import Context, add_context, complete_quotation
from qa.answer.deduplication import QuotedText, add_place, find_near_duplicate, is_same_story
from qa.answer.excerpts import excerpt
from qa.library.records import StoredPassage
from qa.library.snapshot import Snapshot
from qa.question.query import Query
from qa.search.ranking import RankedSentence, order_by_intent
from qa.text.answer_types import only_span
from qa.text.near_duplicates import normalize_words
from qa.text.quotation import LONGEST_QUOTE
from qa.types.articles import Quote, Rejected, Span, TextSpan
from qa.types.settings import Settings

MOST_REJECTED = 10  # sentences listed with the reason why they are not quoted
TOO_UNSURE, FAR_BELOW = "too unsure", "far less likely than the first quote"
ENOUGH, SAID_ALREADY = "there were quotes enough", "nearly what a quote says"


class Selection(NamedTuple):
    """The quotes, the probability that the first one answers, and the best of the sentences that are not quoted."""

    quotes: tuple[Quote, ...]
    confidence: float
    rejected: tuple[Rejected, ...]


def choose_quotes(
    query: Query, sentences: Sequence[RankedSentence], snapshot: Snapshot, k: int, settings: Settings
) -> Selection:
    """Choose up to k quotes, best first. Choose none where the best sentence is too unlikely to answer.

    A sentence is quoted after the first if its score is not far below. Where a list is asked for, it is quoted if it is
    likely enough by itself. Repeated text is quoted once, with its other places beside it. So is a sentence that another
    print of the same article has in other words.

    Args:
        sentences: of the candidates, best first.
    """
    ranked = order_by_intent(query, iter(sentences), settings)
    best = next(ranked, None)
    if best is None:
        return Selection((), 0.0, ())
    if best.confidence < settings.least_confidence:
        unsure = (_reject(sentence, TOO_UNSURE) for sentence in islice(chain((best,), ranked), MOST_REJECTED))
        return Selection((), best.confidence, tuple(unsure))
    least_alone = min(settings.highlighted, settings.least_confidence) if query.intent.for_several else settings.highlighted
    quotes: list[Quote] = []
    rejected: list[Rejected] = []
    quoted = QuotedText()
    for sentence in chain((best,), ranked):
        words = sentence.passage.words[sentence.index]
        duplicate = quoted.find(words)
        if duplicate is not None:
            quotes[duplicate] = add_place(quotes[duplicate], sentence)
        elif not (sentence is best or _is_near(sentence, best, settings) or sentence.confidence >= least_alone):
            _add_rejected(rejected, sentence, FAR_BELOW)
        elif len(quotes) == k:
            _add_rejected(rejected, sentence, ENOUGH)
        elif (near := find_near_duplicate(sentence.text, words, quoted, settings.nearly_same)) is not None:
            if is_same_story(quotes[near], sentence, snapshot, settings):
                quotes[near] = add_place(quotes[near], sentence)
            else:
                _add_rejected(rejected, sentence, SAID_ALREADY)
        else:
            quote = to_quote(len(quotes) + 1, query, sentence, snapshot, settings, quotes)
            if not any(quote.article.id == other.article.id and _overlap(quote, other) for other in quotes):
                quotes.append(quote)
                quoted.add(words, normalize_words(quote.text))
    shown = tuple(sentence for sentence in rejected if not _is_shown(sentence, quotes))
    return Selection(tuple(quotes), best.confidence, shown)


def _is_near(sentence: RankedSentence, best: RankedSentence, settings: Settings) -> bool:
    return best.score - sentence.score <= settings.furthest_below and sentence.confidence >= settings.least_further


def _reject(sentence: RankedSentence, why: str) -> Rejected:
    start, end = sentence.span.start, sentence.span.end
    text = sentence.passage.article.text[start:end]
    return Rejected(sentence.passage.reference, start, end, text, sentence.confidence, why)


def _add_rejected(rejected: list[Rejected], sentence: RankedSentence, why: str) -> None:
    """Add a sentence to the first few rejected, unless one has the same text."""
    entry = _reject(sentence, why)
    if len(rejected) < MOST_REJECTED and not any(other.text == entry.text for other in rejected):
        rejected.append(entry)


def _is_shown(sentence: Rejected, quotes: Sequence[Quote]) -> bool:
    """Tell whether a quote or its lead overlaps a sentence."""
    spans = [(quote.article.id, span) for quote in quotes for span in (quote, quote.lead) if span]
    return any(article_id == sentence.article.id and _overlap(span, sentence) for article_id, span in spans)


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
    )


def _answer_span(query: Query, sentence: RankedSentence) -> Span | None:
    """Return the reader's answer span, or where it did not read the sentence its only number or date, if that is asked for."""
    if sentence.answer is not None:
        return sentence.answer
    start = sentence.span.start
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
    if any(other.article.id == passage.article_id and _overlap(context.quote, other) for other in others):
        return Context(complete_quotation(text, span, set_aside, neighbours), None)
    return context


def _sentences_around(passage: StoredPassage, snapshot: Snapshot) -> list[Span]:
    """Return the sentences of a passage, the one before it and the one after it."""
    passages = snapshot.article_passages_near(passage)
    return [Span(start, end) for neighbour in passages for start, end in neighbour.spans.tolist()]


def _overlap(one: Quote | Span | TextSpan, other: Quote | Rejected) -> bool:
    return one.start < other.end and other.start < one.end
