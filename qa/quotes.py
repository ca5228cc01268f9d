"""From passages to quotes: the best sentences, whole, once each, and how sure; or none."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from qa.articles import Place, Quote, Span
from qa.coverage import Shares, coverages
from qa.expectations import the_words
from qa.quotation import extended
from qa.retriever import Candidate, Question
from qa.rows import View
from qa.settings import Settings
from qa.stored import StoredPassage, comparable


class RankedSentence(NamedTuple):
    """A sentence that may become a quote, and how well it fits the question."""

    passage: StoredPassage
    at: int  # which sentence of the passage
    cosine: float
    covered: float  # share of the question's terms that it holds
    score: float
    confidence: float  # probability that it answers, 0 to 1


def choose(
    question: Question, candidates: Sequence[Candidate], view: View, k: int, settings: Settings
) -> tuple[tuple[Quote, ...], float]:
    """Up to k quotes, best first, and the confidence that the first answers; no quotes where that is too low.

    Repeated text is quoted once, with its other places beside it.
    """
    ranked = rank_sentences(question, candidates[: settings.n_read], settings)
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


def rank_sentences(question: Question, candidates: Sequence[Candidate], settings: Settings) -> Iterator[RankedSentence]:
    """All sentences of the candidates, best first, each made when it is asked for."""
    if not candidates:
        return
    passages = [candidate.passage for candidate in candidates]
    lengths = [len(passage.spans) for passage in passages]
    cosines = np.concatenate([candidate.cosines for candidate in candidates]).astype(np.float64)
    covered = coverages(question.weights, question.names, [passage.terms for passage in passages])
    scores = (
        settings.sentence_meaning * cosines
        + settings.sentence_coverage * covered
        + settings.sentence_passage * np.repeat([candidate.score for candidate in candidates], lengths)
    )
    if question.kind is not None:
        fits = [passage.fits(question.kind, question.text) for passage in passages]
        scores += settings.sentence_kind * np.concatenate(fits)
    scores += settings.sentence_heading * np.concatenate([passage.headings for passage in passages])
    confidences = probabilities(cosines, covered, question.n_passages, settings)
    places = [(passage, index) for passage, length in zip(passages, lengths, strict=True) for index in range(length)]
    columns = np.stack([cosines, covered, scores, confidences], axis=1).tolist()
    for row in np.argsort(-scores, kind="stable").tolist():
        yield RankedSentence(*places[row], *columns[row])


def probabilities(cosines: Shares, covered: Shares, n_passages: int, settings: Settings) -> Shares:
    """The probability that each sentence answers: a logistic model over cosine, coverage and the library's size."""
    evidence = (
        settings.confidence_meaning * cosines
        + settings.confidence_coverage * covered
        + settings.confidence_size * math.log(max(n_passages, 1))
    )
    likely: Shares = 1 / (1 + np.exp(-(evidence + settings.confidence_offset)))
    return likely


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
