"""Citation status: whether the quotes of a saved answer, and its closest sentence, are still what the articles say."""

from dataclasses import dataclass, replace
from typing import Literal

from qa.library.library import Library
from qa.library.snapshot import Snapshot
from qa.types.articles import Answer, Place, Quote

Status = Literal["unchanged", "changed", "removed", "version gone", "false"]
_MESSAGES: dict[Status, str] = {
    "changed": "exact, but the article has changed since",
    "removed": "the article was removed",
    "version gone": "the library does not hold the version that was quoted",
    "false": "these words do not stand there",
}


@dataclass(frozen=True, slots=True)
class CitationStatus:
    """The status of one quote, or of the closest sentence where nothing was quoted.

    - `unchanged`: the quote is in the current version of the article.
    - `changed`: it is in the version that was quoted, and the article has a newer one.
    - `removed`, `version gone`: there is nothing to compare it with.
    - `false`: it was never there.
    """

    quote: Quote
    status: Status
    current: Place | None = None  # in a changed article: the same words, else the article's beginning, without length
    is_closest: bool = False  # whether it is the closest sentence and no quote


def citation_statuses(library: Library, answer: Answer) -> tuple[CitationStatus, ...]:
    """Return the status of each quote of an answer, also of those where articles disagree, and of the closest sentence."""
    with library.snapshot() as snapshot:
        statuses = [_status(snapshot, quote) for quote in answer.all_quotes]
        if answer.closest is not None:
            statuses.append(replace(_status(snapshot, answer.closest), is_closest=True))
    return tuple(statuses)


def check_answer(library: Library, answer: Answer) -> list[str]:
    """Return a message for each quote of an answer, and for its closest sentence, that has changed."""
    return [
        f"{_name(entry)} ({entry.quote.article.title}): {_MESSAGES[entry.status]}."
        for entry in citation_statuses(library, answer)
        if entry.status != "unchanged"
    ]


def _name(entry: CitationStatus) -> str:
    return "The closest sentence" if entry.is_closest else f"Quote {entry.quote.rank}"


def _status(snapshot: Snapshot, quote: Quote) -> CitationStatus:
    current = snapshot.article(quote.article.id)
    quoted = snapshot.article(quote.article.id, quote.article.version)
    if current is None:
        return CitationStatus(quote, "removed")
    if quoted is None:
        return CitationStatus(quote, "version gone")
    if not quote.stands_in(quoted.text):
        return CitationStatus(quote, "false")
    if current.version == quoted.version:
        return CitationStatus(quote, "unchanged")
    at = current.text.find(quote.text)
    place = Place(current.reference, at, at + len(quote.text)) if at >= 0 else Place(current.reference, 0, 0)
    return CitationStatus(quote, "changed", place)
