"""The journey of a question from its text to the answer, top to bottom, and of several that ask the models together.

`answer_question` is a generator. It yields what is to be embedded or read and gets the result back, so that the encoder and
the reader take what several questions want of them in one batch.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from embeddings import Encoder
from qa.answer.answers import select
from qa.answer.hints import find_hint
from qa.library.filters import Filter, FilterCache
from qa.library.indexes import Indexes
from qa.library.snapshot import Snapshot
from qa.question.parsing import Question
from qa.question.query import Query, embed_many, formulate
from qa.question.spelling import correct_spelling
from qa.search.ranking import rank_passages, rank_sentences
from qa.search.reader.reader import Reader
from qa.search.retrieval import SOURCE_DEPTH, Candidate, by_named_source, read_many, retrieve, to_passages
from qa.types.articles import Answer
from qa.types.settings import Settings
from qa.types.stopwatch import Stopwatch


class ToEmbed(NamedTuple):
    """A question that waits for its vectors."""

    question: Question


class ToRead(NamedTuple):
    """A query whose candidates wait for the reader's scores."""

    query: Query
    candidates: Sequence[Candidate]


Journey = Generator[ToEmbed | ToRead, Any, Answer]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all questions of a batch are answered with: one generation of the library, the models and the settings."""

    snapshot: Snapshot
    indexes: Indexes
    encoder: Encoder
    reader: Reader | None
    settings: Settings
    only: Filter
    filters: FilterCache


def answer_question(parsed: Question, k: int, around: Surroundings, watch: Stopwatch) -> Journey:
    """Answer a question with up to k quotes, or with none where the articles do not say."""
    snapshot, indexes, settings = around.snapshot, around.indexes, around.settings
    n = max(k, settings.n_read)
    parsed = correct_spelling(parsed, indexes.words, snapshot, around.encoder.count_tokens, settings)
    vectors = yield ToEmbed(parsed)
    query = formulate(parsed, vectors, indexes.words, settings)
    watch.lap("encode")
    allowed = around.filters.passage_ids(around.only, snapshot) if around.only else None
    n_retrieved = SOURCE_DEPTH * n if query.mentions else n
    candidates = retrieve(query, n_retrieved, indexes, snapshot, settings, watch, allowed)
    for narrowed, best in by_named_source(query, candidates, n, settings):
        if around.reader and narrowed.intent.for_words:  # the reader was trained for nothing else
            best = yield ToRead(narrowed, best)
        watch.lap("reader")
        sentences = rank_sentences(narrowed, best, settings)
        passages = to_passages(rank_passages(narrowed, best, sentences))
        answer = select(parsed, narrowed, passages, sentences, snapshot, k, settings)
        watch.lap("quote")
        if answer.found:
            break
    timings = watch.timings()
    suggested = None if around.only else parsed.date_filter
    offer = suggested.to_only() if suggested and around.filters.narrows(suggested, snapshot) else {}
    hint = None if answer.found else find_hint(parsed.standalone, answer.passages, snapshot.meta("model_name"))
    return replace(answer, timings=timings, only=around.only.to_only(), offer=offer, hint=hint)


def answer_together(journeys: Sequence[Journey], around: Surroundings) -> list[Answer]:
    """Take journeys to their ends, in step. Return the answers in the order of the journeys."""
    answers: dict[int, Answer] = {}
    replies: Mapping[int, Any] = dict.fromkeys(range(len(journeys)))
    while replies:
        waiting: dict[int, ToEmbed | ToRead] = {}
        for number, reply in replies.items():
            try:
                waiting[number] = journeys[number].send(reply)
            except StopIteration as end:
                answers[number] = end.value
        replies = _reply(waiting, around)
    return [answers[number] for number in range(len(journeys))]


def _reply(waiting: Mapping[int, ToEmbed | ToRead], around: Surroundings) -> dict[int, Any]:
    """Embed and read what the journeys wait for."""
    to_embed = {number: step.question for number, step in waiting.items() if isinstance(step, ToEmbed)}
    to_read = {number: step for number, step in waiting.items() if isinstance(step, ToRead)}
    replies: dict[int, Any] = {}
    if to_embed:
        replies |= zip(to_embed, embed_many(list(to_embed.values()), around.encoder), strict=True)
    if to_read:
        assert around.reader
        replies |= zip(to_read, read_many(around.reader, list(to_read.values()), around.settings), strict=True)
    return replies
