"""Answer selection: from candidates to an answer with quotes, disagreements and the evidence, or to a refusal."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from qa.answer.disagreements import find_disagreements
from qa.answer.quotes import choose_quotes
from qa.library.snapshot import Snapshot
from qa.question.parsing import Question
from qa.question.query import Query
from qa.search.ranking import rank_sentences
from qa.search.retrieval import Candidate, to_passages, without_topic
from qa.types.articles import Answer, Quote
from qa.types.settings import Settings


def select(
    question: Question, query: Query, candidates: Sequence[Candidate], snapshot: Snapshot, k: int, settings: Settings
) -> Answer:
    """Answer with up to k quotes from the candidates, or with none where no sentence is likely enough."""
    best = without_topic(candidates)[: settings.n_read]
    sentences = list(rank_sentences(query, best, settings))
    n_wanted = k + len(question.places_quoted)
    quotes, confidence, rejected = choose_quotes(query, sentences, snapshot, n_wanted, settings)
    if question.places_quoted and quotes:
        quotes = new_quotes_first(quotes, question.places_quoted, settings)[:k]
        confidence = quotes[0].confidence
    return Answer(
        question.text,
        query.text,
        bool(quotes),
        confidence,
        quotes,
        to_passages(candidates),
        snapshot.generation,
        disagreements=find_disagreements(query, sentences, quotes, snapshot, settings),
        left_out=rejected,
    )


def new_quotes_first(
    quotes: Sequence[Quote], places_quoted: Collection[tuple[str, int, int]], settings: Settings
) -> tuple[Quote, ...]:
    """Rank likely quotes that were not quoted before above all others, and keep the order otherwise."""

    def is_last(quote: Quote) -> bool:
        return (quote.article.id, quote.start, quote.end) in places_quoted or quote.confidence < settings.least_confidence

    return tuple(replace(quote, rank=rank) for rank, quote in enumerate(sorted(quotes, key=is_last), start=1))
