"""From passages to quotes: the best sentences, whole, once each, and how sure; or none."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.articles import Place, Quote, Span
from qa.quotation import extended
from qa.retriever import Candidate, Question, article_text, coverage
from qa.rows import StoredPassage, View
from qa.settings import Settings


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
    for sentence in ranked:
        if len(quotes) == k and sentence.score < 0.5 * ranked[0].score:
            break  # far down, not even a repetition is worth the look
        _take(_as_quote(sentence, view), quotes, k)
    return tuple(quotes), confidence


def _rank(question: Question, candidates: Sequence[Candidate], settings: Settings) -> list[_Scored]:
    scored = []
    for candidate in candidates:
        for index, present in enumerate(candidate.passage.terms):
            meaning, covered = float(candidate.cosines[index]), coverage(question, present)
            score = (
                settings.sentence_meaning * meaning
                + settings.sentence_coverage * covered
                + settings.sentence_passage * candidate.score
            )
            scored.append(_Scored(candidate.passage, index, score, confidence(meaning, covered, settings)))
    return sorted(scored, key=lambda sentence: -sentence.score)


def confidence(meaning: float, covered: float, settings: Settings) -> float:
    """The probability that a sentence answers: a logistic model over its cosine and its coverage of the question."""
    evidence = settings.confidence_meaning * meaning + settings.confidence_coverage * covered
    return 1 / (1 + math.exp(-(evidence + settings.confidence_offset)))


def _as_quote(sentence: _Scored, view: View) -> Quote:
    reference, text = article_text(view, sentence.passage)
    start, end = sentence.passage.spans[sentence.index].tolist()
    whole = extended(text, Span(start, end), lambda: _sentences_around(sentence.passage, view))
    highlight = Span(start, end) if (whole.start, whole.end) != (start, end) else None
    quoted = text[whole.start : whole.end]
    return Quote(0, reference, whole.start, whole.end, quoted, sentence.score, sentence.confidence, highlight)


def _sentences_around(passage: StoredPassage, view: View) -> list[Span]:
    """The sentences of a passage and of those before and after it in the article."""
    around = view.article_passages_near(passage)
    return [Span(start, end) for each in around for start, end in each.spans.tolist()]


def _take(quote: Quote, quotes: list[Quote], k: int) -> None:
    """Add a quote, or its place to the quote that has the same words already."""
    for number, taken in enumerate(quotes):
        if taken.article.id == quote.article.id and taken.start < quote.end and quote.start < taken.end:
            return
        if _words(quote.text) in _words(taken.text):
            place = Place(quote.article, quote.start, quote.end)
            if place not in taken.also_in:
                quotes[number] = replace(taken, also_in=(*taken.also_in, place))
            return
    if len(quotes) < k:
        quotes.append(replace(quote, rank=len(quotes) + 1))


def _words(text: str) -> str:
    """A text as it is compared: letters and digits in lower case, set apart by single spaces."""
    return " " + " ".join(re.findall(r"\w+", text.casefold())) + " "
