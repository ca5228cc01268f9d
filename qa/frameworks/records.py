"""What a framework's document holds of a quote or passage: the exact words, where they stand, and how sure it is."""

from typing import Any, NamedTuple

from qa.assistant import Assistant
from qa.types.articles import Passage, Quote
from qa.types.filter_options import Only


class Record(NamedTuple):
    """A document of any framework."""

    id: str
    text: str  # article.text[start:end], character for character
    metadata: dict[str, Any]
    score: float  # of a quote its confidence, of a passage the score of the search


def retrieve(assistant: Assistant, query: str, k: int, only: Only, *, passages: bool) -> list[Record]:
    """Return the quotes that answer, or the k best passages, best first. Where no sentence answers there are no quotes."""
    if passages:
        return [_record(passage, passage.score) for passage in assistant.search(query, k, **only)]
    answer = assistant.ask(query, k, **only)
    return [_record(quote, quote.confidence) for quote in answer.quotes]


def _record(span: Quote | Passage, score: float) -> Record:
    article = span.article
    metadata = {
        "article_id": article.id,
        "version": article.version,
        "start": span.start,
        "end": span.end,
        "title": article.title,
        "source": article.source,
        "published": article.published,
        "author": article.author,
        "part": span.part,
        "rank": span.rank,
    }
    if isinstance(span, Quote):
        metadata |= {"confidence": span.confidence, "answer": span.highlighted}
    return Record(f"{article.id}:{article.version[:12]}:{span.start}:{span.end}", span.text, metadata, score)
