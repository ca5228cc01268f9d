"""Standing: whether the quotes of a kept answer still are what the library's articles say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from qa.library.library import Library
from qa.library.snapshot import Snapshot
from qa.types.articles import Answer, Place, Quote

Fate = Literal["unchanged", "changed", "removed", "version gone", "false"]
_SAID: dict[Fate, str] = {
    "changed": "exact, but the article has changed since",
    "removed": "the article was removed",
    "version gone": "the library does not hold the version that was quoted",
    "false": "these words do not stand there",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of one quote.

    `unchanged`: it stands where it says in the article as it is. `changed`: it does in the version that was quoted, and the
    article has another now. `removed` and `version gone`: it cannot be compared. `false`: it never stood there.
    """

    quote: Quote
    fate: Fate
    now: Place | None = None  # where a changed article has the same words; its beginning, without length, where it has not


def standing(library: Library, answer: Answer) -> tuple[Standing, ...]:
    """What has become of each quote of an answer, those where articles differ too, each once."""
    with library.snapshot() as snapshot:
        return tuple(_standing(snapshot, quote) for quote in answer.all_quotes)


def check_answer(library: Library, answer: Answer) -> list[str]:
    """A line for each quote of an answer that no longer stands as it was."""
    return list(_lines(standing(library, answer)))


def _lines(found: tuple[Standing, ...]) -> Iterator[str]:
    for each in found:
        if each.fate != "unchanged":
            yield f"Quote {each.quote.rank} ({each.quote.article.title}): {_SAID[each.fate]}."


def _standing(snapshot: Snapshot, quote: Quote) -> Standing:
    now = snapshot.article(quote.article.id)
    then = snapshot.article(quote.article.id, quote.article.version)
    if now is None:
        return Standing(quote, "removed")
    if then is None:
        return Standing(quote, "version gone")
    if not quote.stands_in(then.text):
        return Standing(quote, "false")
    if now.version == then.version:
        return Standing(quote, "unchanged")
    at = now.text.find(quote.text)
    place = Place(now.reference, at, at + len(quote.text)) if at >= 0 else Place(now.reference, 0, 0)
    return Standing(quote, "changed", place)
