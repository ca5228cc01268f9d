"""Compaction: earlier versions that no saved answer cites are removed, and the files give back what they do not need."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.library.indexes import IndexCache
from qa.library.journal import Journal
from qa.library.layout import RUNS
from qa.library.library import Library
from qa.library.migrations import COPY
from qa.library.originals import Originals
from qa.types.articles import Answer

Cited = set[tuple[str, str]]  # ids and versions of articles


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was removed, and how many bytes the folder took before and takes now."""

    n_versions: int
    n_copies: int  # of the database, from before it was migrated
    n_bytes_before: int
    n_bytes: int


def compact(
    library: Library, indexes: IndexCache, journal: Journal, answers: Iterable[Answer], dimension: Callable[[], int]
) -> Compacted:
    """Compact a library. The caller holds it for writing.

    Args:
        answers: saved elsewhere, whose versions stay. Those cited in conversations and runs stay too.

    Raises:
        LibraryDamaged: a conversation or a run cannot be read, so what it cites is not known.
        LibraryError: there is no room to write the database anew, which is then as it was.
    """
    before = _size(library.folder)
    cited = {reference for answer in answers for reference in _references(json.loads(answer.to_json()))}
    cited |= _cited_in_conversations(journal) | _cited_in_runs(library.folder)
    with library.snapshot() as snapshot:
        earlier = snapshot.earlier_versions()
    unneeded = sorted(earlier - cited)
    library.remove_versions(unneeded)
    library.forget_removals()
    library.vacuum()
    journal.vacuum()
    with library.snapshot() as snapshot:
        indexes.rebuild(snapshot, dimension)
    with library.snapshot() as snapshot:
        Originals(library.folder).prune(snapshot)
    copies = sorted(library.folder.glob(COPY.format("*")))
    for copy in copies:
        copy.unlink()
    return Compacted(len(unneeded), len(copies), before, _size(library.folder))


def _cited_in_conversations(journal: Journal) -> Cited:
    kept = (answer for heading in journal.conversations() for answer in journal.conversation(heading.id))
    return {reference for each in kept for reference in _references(json.loads(each.answer.to_json()))}


def _cited_in_runs(folder: Path) -> Cited:
    return {
        reference
        for path in (folder / RUNS).glob("*.json")
        for reference in _references(json.loads(path.read_text(encoding="utf-8")))
    }


def _references(data: Any) -> Iterator[tuple[str, str]]:
    """Yield the id and version of every article that JSON of an answer or a run refers to."""
    if isinstance(data, dict):
        if isinstance(data.get("id"), str) and isinstance(data.get("version"), str):
            yield data["id"], data["version"]
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _references(each)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
