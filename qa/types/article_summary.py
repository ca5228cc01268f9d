"""Holding: an article as the library keeps it, which no answer needs to know and whoever keeps the library does."""

from dataclasses import dataclass

from qa.types.articles import Reference


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article, how much of it there is, and since when."""

    article: Reference
    n_passages: int
    added: str | None  # when it first came, ISO 8601 in UTC; None of what came before that was noted
    changed: str | None  # when its present version came, likewise
