"""Answer selection: which of the ranked sentences are quoted, each once, or else the closest one, or a refusal."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from qa.answer.deduplication import QuotedText, add_place, find_near_duplicate, is_same_story
from qa.answer.disagreements import find_dispute
from qa.answer.quotes import overlap, quote_dispute, to_quote
from qa.library.snapshot import Snapshot
from qa.question.parsing import Question
from qa.question.query import Query
from qa.search.ranking import RankedSentence
from qa.text.near_duplicates import normalize_words
from qa.text.terms import content_terms
from qa.types.articles import Answer, Passage, Quote, Rejected
from qa.types.settings import Settings

MOST_REJECTED = 10  # sentences listed with the reason why they are not quoted
TOO_UNSURE, FAR_BELOW = "too unsure", "far less likely than the first quote"
ENOUGH, SAID_ALREADY = "there were quotes enough", "nearly what a quote says"
HEADING, QUESTION = "a heading", "a question"
_TITLE_OVERLAP = 0.75  # share of the terms of a text and a title that both have


def select(
    question: Question,
    query: Query,
    passages: tuple[Passage, ...],
    sentences: Sequence[RankedSentence],
    snapshot: Snapshot,
    k: int,
    settings: Settings,
) -> Answer:
    """Answer with up to k quotes, or with none where no sentence is likely enough, and then with the closest if it may answer.

    Args:
        passages: the evidence, best first.
        sentences: of the best passages, best first.
    """
    dispute = find_dispute(query, [sentence for sentence in sentences if sentence.quotable], settings)
    n_wanted = k + len(question.places_quoted)
    quotes, confidence, rejected, closest = choose_quotes(query, sentences, snapshot, n_wanted, settings)
    if question.places_quoted and quotes:
        quotes = new_quotes_first(quotes, question.places_quoted, settings)[:k]
        confidence = quotes[0].confidence
    disagreement = quote_dispute(dispute, query, quotes, snapshot, settings) if dispute and quotes else None
    return Answer(
        question.text,
        query.text,
        bool(quotes),
        confidence,
        quotes,
        passages,
        snapshot.generation,
        disagreements=(disagreement,) if disagreement else (),
        left_out=rejected,
        closest=closest,
    )


def new_quotes_first(
    quotes: Sequence[Quote], places_quoted: Collection[tuple[str, int, int]], settings: Settings
) -> tuple[Quote, ...]:
    """Rank likely quotes that were not quoted before above all others, and keep the order otherwise."""

    def is_last(quote: Quote) -> bool:
        return (quote.article.id, quote.start, quote.end) in places_quoted or quote.confidence < settings.least_confidence

    return tuple(replace(quote, rank=rank) for rank, quote in enumerate(sorted(quotes, key=is_last), start=1))


class Selection(NamedTuple):
    """The quotes or the closest sentence, the probability that the first one answers, and the best sentences not chosen."""

    quotes: tuple[Quote, ...]
    confidence: float
    rejected: tuple[Rejected, ...]
    closest: Quote | None = None


def choose_quotes(
    query: Query, sentences: Sequence[RankedSentence], snapshot: Snapshot, k: int, settings: Settings
) -> Selection:
    """Choose up to k quotes, best first. Choose none where the best sentence is too unlikely to answer.

    A sentence is quoted after the first if its score is not far below. Where a list is asked for, it is quoted if it is
    likely enough by itself. Repeated text is quoted once, with its other places beside it. So is a sentence that another
    print of the same article has in other words. Headings and questions are not quoted. Where nothing is quoted, the best
    sentence is the closest if it is likely enough for that.

    Args:
        sentences: of the candidates, best first.
    """
    ranked = order_by_intent(query, sentences, settings)
    best = next((sentence for sentence in ranked if sentence.quotable), None)
    if best is None:
        return Selection((), 0.0, ())
    if best.confidence < settings.least_confidence:
        closest = None
        if best.confidence >= settings.least_closest:
            closest = replace(to_quote(1, query, best, snapshot, settings, ()), highlight=None)
        unsure = (_reject(sentence, TOO_UNSURE if sentence.quotable else _why_unquotable(sentence)) for sentence in ranked)
        others = (sentence for sentence in unsure if closest is None or not _is_shown(sentence, [closest]))
        return Selection((), best.confidence, tuple(islice(others, MOST_REJECTED)), closest)
    least_alone = min(settings.highlighted, settings.least_confidence) if query.intent.for_several else settings.highlighted
    quotes: list[Quote] = []
    rejected: list[Rejected] = []
    quoted = QuotedText()
    for sentence in ranked:
        if not sentence.quotable:
            _add_rejected(rejected, sentence, _why_unquotable(sentence))
            continue
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
            if not any(quote.article.id == other.article.id and overlap(quote, other) for other in quotes):
                quotes.append(quote)
                quoted.add(words, normalize_words(quote.text))
    shown = tuple(sentence for sentence in rejected if not _is_shown(sentence, quotes))
    return Selection(tuple(quotes), best.confidence, shown)


def _is_near(sentence: RankedSentence, best: RankedSentence, settings: Settings) -> bool:
    return best.score - sentence.score <= settings.furthest_below and sentence.confidence >= settings.least_further


def _why_unquotable(sentence: RankedSentence) -> str:
    return HEADING if sentence.passage.headings[sentence.index] else QUESTION


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
    return any(article_id == sentence.article.id and overlap(span, sentence) for article_id, span in spans)


def order_by_intent(query: Query, ranked: Sequence[RankedSentence], settings: Settings) -> Sequence[RankedSentence]:
    """Reorder ranked sentences for a question that asks for a list, and for a title. Any other order is kept."""
    if query.intent.for_several:
        return _diversify(ranked, settings.each_article)
    return ranked if query.intent.is_question else _lead_first(query.text, ranked, settings.highlighted)


def _diversify(ranked: Sequence[RankedSentence], most: int) -> Sequence[RankedSentence]:
    """Put at most that many sentences of each article before all others."""
    counts: Counter[str] = Counter()
    first: list[RankedSentence] = []
    rest: list[RankedSentence] = []
    for sentence in ranked:
        counts[sentence.passage.article_id] += 1
        (first if counts[sentence.passage.article_id] <= most else rest).append(sentence)
    return [*first, *rest]


def _lead_first(text: str, sentences: Sequence[RankedSentence], least: float) -> Sequence[RankedSentence]:
    """Put the first sentence of an article in the place of its title, where the text is that title.

    Args:
        least: confidence that a text with a title's words means that article.
    """
    text_terms = set(content_terms(text))
    title = next((sentence for sentence in sentences if _is_title(text_terms, sentence)), None)
    lead = _lead(title, sentences) if title else None
    if title is None or lead is None:
        return [replace(sentence, quotable=True) if sentence is title else sentence for sentence in sentences]
    confidence = max(title.confidence, lead.confidence, least)
    first = replace(lead, score=max(sentences[0].score, lead.score), confidence=confidence)
    return [first, *(sentence for sentence in sentences if sentence is not title and sentence is not lead)]


def _is_title(text_terms: set[str], sentence: RankedSentence) -> bool:
    """Tell whether a sentence is its article's title, and a text has nearly the same terms."""
    article = sentence.passage.article
    if sentence.text.strip() != article.title.strip():
        return False
    title_terms = set(content_terms(article.title))
    return len(text_terms & title_terms) >= _TITLE_OVERLAP * len(text_terms | title_terms)


def _lead(title: RankedSentence, sentences: Sequence[RankedSentence]) -> RankedSentence | None:
    """Return the first sentence after a title that ends with a full stop."""
    after = [
        sentence
        for sentence in sentences
        if sentence.passage.article_id == title.passage.article_id
        and sentence.span.start > title.span.start
        and not sentence.passage.without_stop[sentence.index]
    ]
    return min(after, key=lambda sentence: sentence.span.start, default=None)
