"""Lost changes: what a library's caches prove to be missing from its database.

A cache is written after the database. One that is later than the database proves that changes were lost, such as with a
write-ahead log that was removed or damaged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings import IndexDamaged, VectorIndex
from qa.library.bm25_index import Bm25Index
from qa.library.layout import DATABASE, VECTORS, WORDS

RECENT = "recent"  # the key of the latest articles in a stamp, each with its generation
Stamp = Mapping[str, Any]
_MOST_NAMED = 5  # in one line


@dataclass(frozen=True, slots=True)
class LostChanges:
    """Changes that a cache holds and the database does not."""

    folder: Path
    generation: int  # of the database
    cached: int  # the generation of the latest cache
    sources: tuple[str, ...]  # of the articles that were added or changed, as far as the caches know them

    def __str__(self) -> str:
        return self.describe(_MOST_NAMED)

    def describe(self, most: int | None = None) -> str:
        """Return the line that tells a user, with the names of at most so many articles."""
        named = ", ".join(self.sources[:most])
        more = f" and {len(self.sources) - most} more" if most is not None and len(self.sources) > most else ""
        missing = f" Missing or out of date: {named}{more}." if named else ""
        return (
            f"The library in {self.folder} has lost its latest changes: its indexes are at generation {self.cached}, its "
            f"database at {self.generation}, so {DATABASE}-wal was removed or damaged, or {DATABASE} is an older copy."
            f"{missing} Restore a backup, or run `pullquote repair` to go on with what is left, and add again what is missing."
        )


def read_stamps(folder: Path) -> list[Stamp]:
    """Return the stamps of the caches, unverified. Read them before the database, which may be changed meanwhile."""
    stamps = (VectorIndex.read_stamp(folder / VECTORS), Bm25Index.read_stamp(folder / WORDS))
    return [stamp for stamp in stamps if stamp is not None]


def find_lost_changes(folder: Path, stamps: Sequence[Stamp], library: str, generation: int) -> LostChanges | None:
    """Return what is missing from a database, or None.

    Args:
        stamps: as `read_stamps` returned them before.
        library: the id in the database.
        generation: the database's.
    """
    if not any(_is_later(stamp, library, generation) for stamp in stamps):
        return None
    later = [stamp for stamp in _verified_stamps(folder) if _is_later(stamp, library, generation)]
    if not later:
        return None
    recent = {source: None for stamp in later for at, source in stamp.get(RECENT, ()) if at > generation}
    return LostChanges(folder, generation, max(stamp["generation"] for stamp in later), tuple(recent))


def _is_later(stamp: Stamp, library: str, generation: int) -> bool:
    cached = stamp.get("generation")
    return stamp.get("library") == library and isinstance(cached, int) and cached > generation


def _verified_stamps(folder: Path) -> list[Stamp]:
    """Return the stamps of the caches whose every byte is as written. A damaged one proves nothing."""
    stamps: list[Stamp] = []
    for name, load in ((VECTORS, VectorIndex.load), (WORDS, Bm25Index.load)):
        try:
            stamps.append(load(folder / name)[1])
        except IndexDamaged:
            continue
    return stamps
