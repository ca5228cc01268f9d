"""From passages to quotes: the best sentences, whole, once each, and how sure; or none."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import NamedTuple

from qa.answer.context import Reading, complete, readable
from qa.answer.excerpts import excerpt
from qa.answer.repeats import QuotedText, nearly_repeats
from qa.library.records import StoredPassage, comparable
from qa.library.snapshot import Snapshot
from qa.question.intents import asks_for_several, in_shape
from qa.search.ranking import RankedSentence
from qa.search.retriever import Query
from qa.text.answer_types import the_words
from qa.text.near_duplicates import containment, shingles_around
from qa.text.quotation import LONGEST_QUOTE
from qa.types.articles import Place, Quote, Rejected, Span, TextSpan
from qa.types.settings import Settings

MOST_LEFT_OUT = 10  # sentences of which it is said why they are no quotes
TOO_UNSURE, FAR_BELOW = "too unsure", "far less likely than the first quote"
ENOUGH, SAID_ALREADY = "there were quotes enough", "nearly what a quote says"


class Chosen(NamedTuple):
    """What is quoted, the confidence that the first quote answers, and the best of what is not."""

    quotes: tuple[Quote, ...]
    confidence: float
    left_out: tuple[Rejected, ...]


def choose(question: Query, sentences: Sequence[RankedSentence], snapshot: Snapshot, k: int, settings: Settings) -> Chosen:
    """Up to k quotes, best first, and the confidence that the first answers; no quotes where that is too low.

    An unlikely sentence that scores far below the first or one that nearly repeats another is no quote; where all there are
    were asked for, none that would be refused is. Repeated text is quoted once, with its other places beside it, and so is a
    sentence that another print of the same article has in other words.

    Args:
        sentences: of the passages read, best first.
    """
    ranked = in_shape(question, iter(sentences), settings)
    best = next(ranked, None)
    if best is None:
        return Chosen((), 0.0, ())
    if best.confidence < settings.least_confidence:
        unsure = (_left_out(each, TOO_UNSURE) for each in islice(chain((best,), ranked), MOST_LEFT_OUT))
        return Chosen((), best.confidence, tuple(unsure))
    several = asks_for_several(question.text)
    quotes: list[Quote] = []
    left_out: list[Rejected] = []
    said = QuotedText()

    def leave_out(sentence: RankedSentence, why: str) -> None:
        one = _left_out(sentence, why)
        if len(left_out) < MOST_LEFT_OUT and not any(each.text == one.text for each in left_out):
            left_out.append(one)

    for sentence in chain((best,), ranked):
        words = sentence.passage.words[sentence.at]
        repeated = said.at(words)
        if repeated is not None:
            quotes[repeated] = _with_place(quotes[repeated], sentence)
        elif not (
            sentence is best
            or _is_near(sentence, best, settings)
            or (several and sentence.confidence >= settings.least_confidence)
        ):
            leave_out(sentence, FAR_BELOW)
        elif len(quotes) == k:
            leave_out(sentence, ENOUGH)
        else:
            nearly = nearly_repeats(sentence.passage.sentences[sentence.at], words, said, settings.nearly_same)
            if nearly is not None:
                if _is_same_story(quotes[nearly], sentence, snapshot, settings):
                    quotes[nearly] = _with_place(quotes[nearly], sentence)
                else:
                    leave_out(sentence, SAID_ALREADY)
                continue
            quote = as_quote(len(quotes) + 1, question, sentence, snapshot, settings, quotes)
            if not any(_overlap(quote, taken) for taken in quotes):
                quotes.append(quote)
                said.add(words, comparable(quote.text))
    return Chosen(tuple(quotes), best.confidence, tuple(each for each in left_out if not _is_quoted(each, quotes)))


def _left_out(sentence: RankedSentence, why: str) -> Rejected:
    start, end = sentence.passage.spans[sentence.at].tolist()
    text = sentence.passage.article.text[start:end]
    return Rejected(sentence.passage.reference, start, end, text, sentence.confidence, why)


def _is_quoted(sentence: Rejected, quotes: Sequence[Quote]) -> bool:
    """Whether a quote took the sentence along, or shows it before itself."""
    shown = [(each.article.id, piece) for each in quotes for piece in (each, each.lead) if piece]
    return any(of == sentence.article.id and _meet(piece, sentence) for of, piece in shown)


def _is_same_story(quote: Quote, sentence: RankedSentence, snapshot: Snapshot, settings: Settings) -> bool:
    """Whether a sentence that nearly repeats a quote stands in another print of the same text, as agency stories do."""
    article, (start, end) = snapshot.article(quote.article.id), sentence.passage.spans[sentence.at].tolist()
    if article is None or article.id == sentence.passage.article_id:
        return False
    own = shingles_around(article, quote.start, quote.end)
    return containment(own, shingles_around(sentence.passage.article, start, end)) >= settings.same_text


def _is_near(sentence: RankedSentence, best: RankedSentence, settings: Settings) -> bool:
    """Whether a sentence may add something to the best: neither far below nor most unlikely, or likely to answer by itself."""
    near = best.score - sentence.score <= settings.furthest_below and sentence.confidence >= settings.least_further
    return near or sentence.confidence >= settings.highlighted


def as_quote(
    rank: int, question: Query, sentence: RankedSentence, snapshot: Snapshot, settings: Settings, taken: Sequence[Quote]
) -> Quote:
    """A sentence as a quote that reads on its own.

    Args:
        taken: quotes that it must not run into.
    """
    text = sentence.passage.article.text
    start, end = sentence.passage.spans[sentence.at].tolist()
    whole, lead = _reading(question, sentence, snapshot, taken)
    likely = sentence.confidence >= settings.highlighted
    highlight = _answering(question, sentence, text, start, end) if likely else None
    if highlight is not None and not whole.start <= highlight.start < highlight.end <= whole.end:
        highlight = None
    if highlight is None and whole != Span(start, end):
        highlight = Span(max(start, whole.start), min(end, whole.end))
    return Quote(
        rank,
        sentence.passage.reference,
        whole.start,
        whole.end,
        text[whole.start : whole.end],
        sentence.score,
        sentence.confidence,
        highlight if highlight != whole else None,
        lead=TextSpan(lead.start, lead.end, text[lead.start : lead.end]) if lead else None,
        part=sentence.passage.article.part_at(start),
    )


def _answering(question: Query, sentence: RankedSentence, text: str, start: int, end: int) -> Span | None:
    """The words of a sentence that answer: those that the reader found, else the only number or date where one is asked for."""
    if sentence.answer is not None:
        return sentence.answer
    words = the_words(question.kind, text[start:end])
    return Span(start + words.start, start + words.end) if words else None


def _reading(question: Query, sentence: RankedSentence, snapshot: Snapshot, taken: Sequence[Quote]) -> Reading:
    """What is quoted for a sentence and shown before it; no more than needs be where another quote shows the rest."""
    passage = sentence.passage
    text, set_aside = passage.article.text, passage.article.set_aside
    itself = Span(*passage.spans[sentence.at].tolist())
    if itself.end - itself.start > LONGEST_QUOTE:
        return excerpt(text, itself, question.weights, question.kind)

    def around() -> list[Span]:
        return _sentences_around(passage, snapshot)

    reading = readable(text, itself, set_aside, around)
    if any(each.article.id == passage.article_id and _meet(reading.quote, each) for each in taken):
        return Reading(complete(text, itself, set_aside, around), None)
    return reading


def _sentences_around(passage: StoredPassage, snapshot: Snapshot) -> list[Span]:
    """The sentences of a passage and of those before and after it in the article."""
    around = snapshot.article_passages_near(passage)
    return [Span(start, end) for each in around for start, end in each.spans.tolist()]


def _overlap(one: Quote, other: Quote) -> bool:
    return one.article.id == other.article.id and _meet(one, other)


def _meet(one: Quote | Span | TextSpan, other: Quote | Span | Rejected) -> bool:
    return one.start < other.end and other.start < one.end


def _with_place(quote: Quote, repeated: RankedSentence) -> Quote:
    """The quote with one more place of its words, unless that is inside the quote itself or noted already."""
    start, end = repeated.passage.spans[repeated.at].tolist()
    if end - start > LONGEST_QUOTE:  # of so long a sentence only a part was quoted
        start = repeated.passage.article.text.find(quote.text, start, end)
        end = start + len(quote.text)
        if start < 0:
            return quote
    place = Place(repeated.passage.reference, start, end)
    inside = quote.article.id == place.article.id and start < quote.end and quote.start < end
    return quote if inside or place in quote.also_in else replace(quote, also_in=(*quote.also_in, place))
