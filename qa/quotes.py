"""From passages to quotes: the best sentences, whole, once each, and how sure; or none."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from qa.articles import Place, Quote, Span
from qa.expectations import the_words
from qa.quotation import extended
from qa.ranking import RankedSentence, rank_sentences
from qa.retriever import Candidate, Question
from qa.rows import View
from qa.settings import Settings
from qa.shapes import in_shape
from qa.stored import StoredPassage, comparable


def choose(
    question: Question, candidates: Sequence[Candidate], view: View, k: int, settings: Settings
) -> tuple[tuple[Quote, ...], float]:
    """Up to k quotes, best first, and the confidence that the first answers; no quotes where that is too low.

    Repeated text is quoted once, with its other places beside it.
    """
    ranked = in_shape(question, rank_sentences(question, candidates[: settings.n_read], settings), settings)
    best = next(ranked, None)
    if best is None:
        return (), 0.0
    if best.confidence < settings.least_confidence:
        return (), best.confidence
    quotes: list[Quote] = []
    texts: list[str] = []  # of the quotes, as they are compared
    said = ""  # all of them
    for sentence in chain((best,), ranked):
        words = sentence.passage.words[sentence.at]
        if words in said:
            repeated = next(number for number, text in enumerate(texts) if words in text)
            quotes[repeated] = _with_place(quotes[repeated], sentence)
        elif len(quotes) < k:
            quote = as_quote(len(quotes) + 1, question, sentence, view, settings)
            if not any(_overlap(quote, taken) for taken in quotes):
                quotes.append(quote)
                texts.append(comparable(quote.text))
                said = "\n".join(texts)
    return tuple(quotes), best.confidence


def as_quote(rank: int, question: Question, sentence: RankedSentence, view: View, settings: Settings) -> Quote:
    """A sentence as a quote, completed where it would cut a quotation."""
    article = sentence.passage.article
    text = article.text
    start, end = sentence.passage.spans[sentence.at].tolist()
    whole = extended(text, Span(start, end), lambda: _sentences_around(sentence.passage, view))
    if any(place.start < whole.end and whole.start < place.end for place in article.set_aside):
        whole = Span(start, end)  # what was set aside is never quoted, not even in the midst of a quotation
    likely = sentence.confidence >= settings.highlighted
    words = the_words(question.kind, text[start:end]) if likely else None
    highlight = Span(start + words.start, start + words.end) if words else None
    if highlight is None and (whole.start, whole.end) != (start, end):
        highlight = Span(start, end)
    quoted = text[whole.start : whole.end]
    return Quote(
        rank,
        sentence.passage.reference,
        whole.start,
        whole.end,
        quoted,
        sentence.score,
        sentence.confidence,
        highlight,
    )


def _sentences_around(passage: StoredPassage, view: View) -> list[Span]:
    """The sentences of a passage and of those before and after it in the article."""
    around = view.article_passages_near(passage)
    return [Span(start, end) for each in around for start, end in each.spans.tolist()]


def _overlap(one: Quote, other: Quote) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def _with_place(quote: Quote, repeated: RankedSentence) -> Quote:
    """The quote with one more place of its words, unless that is inside the quote itself or noted already."""
    start, end = repeated.passage.spans[repeated.at].tolist()
    place = Place(repeated.passage.reference, start, end)
    inside = quote.article.id == place.article.id and start < quote.end and quote.start < end
    return quote if inside or place in quote.also_in else replace(quote, also_in=(*quote.also_in, place))
