"""The summary of an article in a list of the library's contents. Answers do not need it."""

from dataclasses import dataclass, field

from qa.types.articles import Provenance, Reference


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article with its number of passages, and when it was added and last changed."""

    article: Reference
    n_passages: int
    added: str | None  # time of the first addition, ISO 8601 in UTC; None if an older Pullquote added it, which kept no times
    changed: str | None  # time its current version was added, likewise
    file_date: str | None = None  # ISO 8601: when the file was made, as it says itself; never cited
    provenance: Provenance = field(default_factory=Provenance)
