"""From passages to quotes: the best sentences, whole, once each, and how sure; or none."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.articles import Place, Quote, Span
from qa.expectations import the_words
from qa.quotation import extended
from qa.retriever import Candidate, Question, coverages
from qa.rows import View
from qa.settings import Settings
from qa.stored import StoredPassage, comparable


@dataclass(frozen=True, slots=True)
class _Scored:
    """A sentence that may become a quote."""

    passage: StoredPassage
    index: int  # in the passage
    score: float
    confidence: float


def choose(
    question: Question, candidates: Sequence[Candidate], view: View, k: int, settings: Settings
) -> tuple[tuple[Quote, ...], float]:
    """Up to k quotes, best first, and the confidence that the first answers; no quotes where that is too low.

    Repeated text is quoted once, with its other places beside it.
    """
    ranked = _rank(question, candidates[: settings.n_read], settings)
    if not ranked:
        return (), 0.0
    confidence = ranked[0].confidence
    if confidence < settings.least_confidence:
        return (), confidence
    quotes: list[Quote] = []
    texts: list[str] = []  # of the quotes, as they are compared
    for sentence in ranked:
        words = sentence.passage.words[sentence.index]
        repeated = next((number for number, text in enumerate(texts) if words in text), None)
        if repeated is not None:
            quotes[repeated] = _with_place(quotes[repeated], sentence)
        elif len(quotes) < k:
            quote = replace(_as_quote(question, sentence, view, settings), rank=len(quotes) + 1)
            if not any(_overlap(quote, taken) for taken in quotes):
                quotes.append(quote)
                texts.append(comparable(quote.text))
    return tuple(quotes), confidence


def _rank(question: Question, candidates: Sequence[Candidate], settings: Settings) -> list[_Scored]:
    """All sentences of the candidates, best first."""
    covered = iter(coverages(question, [terms for candidate in candidates for terms in candidate.passage.terms]))
    scored = []
    for candidate in candidates:
        passage = candidate.passage
        fits = passage.fits(question.kind, question.text) if question.kind else [False] * len(passage.spans)
        for index, meaning in enumerate(candidate.cosines.tolist()):
            share = next(covered)
            score = (
                settings.sentence_meaning * meaning
                + settings.sentence_coverage * share
                + settings.sentence_passage * candidate.score
                + settings.sentence_kind * fits[index]
                + settings.sentence_heading * passage.headings[index]
            )
            scored.append(_Scored(passage, index, score, probability(meaning, share, question.n_passages, settings)))
    return sorted(scored, key=lambda sentence: -sentence.score)


def probability(meaning: float, covered: float, n_passages: int, settings: Settings) -> float:
    """The probability that a sentence answers: a logistic model over its cosine, its coverage and the library's size."""
    evidence = (
        settings.confidence_meaning * meaning
        + settings.confidence_coverage * covered
        + settings.confidence_size * math.log(max(n_passages, 1))
    )
    return 1 / (1 + math.exp(-(evidence + settings.confidence_offset)))


def _as_quote(question: Question, sentence: _Scored, view: View, settings: Settings) -> Quote:
    article = sentence.passage.article
    text = article.text
    start, end = sentence.passage.spans[sentence.index].tolist()
    whole = extended(text, Span(start, end), lambda: _sentences_around(sentence.passage, view))
    if any(place.start < whole.end and whole.start < place.end for place in article.set_aside):
        whole = Span(start, end)  # what was set aside is never quoted, not even in the midst of a quotation
    likely = sentence.confidence >= settings.highlighted
    words = the_words(question.kind, text[start:end]) if likely else None
    highlight = Span(start + words.start, start + words.end) if words else None
    if highlight is None and (whole.start, whole.end) != (start, end):
        highlight = Span(start, end)
    quoted = text[whole.start : whole.end]
    return Quote(0, article.reference, whole.start, whole.end, quoted, sentence.score, sentence.confidence, highlight)


def _sentences_around(passage: StoredPassage, view: View) -> list[Span]:
    """The sentences of a passage and of those before and after it in the article."""
    around = view.article_passages_near(passage)
    return [Span(start, end) for each in around for start, end in each.spans.tolist()]


def _overlap(one: Quote, other: Quote) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def _with_place(quote: Quote, repeated: _Scored) -> Quote:
    """The quote with one more place of its words, unless that is inside the quote itself or noted already."""
    start, end = repeated.passage.spans[repeated.index].tolist()
    article = repeated.passage.article
    place = Place(article.reference, start, end)
    inside = quote.article.id == article.id and start < quote.end and quote.start < end
    return quote if inside or place in quote.also_in else replace(quote, also_in=(*quote.also_in, place))
