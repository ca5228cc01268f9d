"""The two indexes of one generation, kept on disk as caches and made again from the library whenever they must be."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from embeddings import IndexDamaged, VectorIndex
from embeddings.index.ivf_index import load_faiss
from embeddings.index.vector_index import IndexLimits
from qa.library.bm25_index import OLD, Bm25Index, stamp
from qa.library.library import Library
from qa.library.snapshot import Snapshot
from qa.library.vectors import VECTORS, OutOfStep, VectorCache, identity, vectors_in_memory
from qa.types.errors import LibraryBusy, LibraryReadOnly

__all__ = ["VECTORS", "WORDS", "IndexCache", "Indexes", "OutOfStep", "from_library", "snapshot_with_indexes"]

WORDS = "words"
_PATIENCE = 20  # looks, 50 ms apart, until a reader stops waiting for a writer's word index and makes its own in memory
_MOST_DEAD = 0.1  # removed passages for each that is there; tantivy counts them in BM25 until the index is made anew


@dataclass(frozen=True, slots=True)
class Indexes:
    """What a question is searched in; both indexes hold the passages of this generation and no others."""

    generation: int
    model: str  # SHA-256 of the encoder whose vectors these are
    vectors: VectorIndex
    words: Bm25Index


class IndexCache:
    """Brings the indexes to a snapshot's generation, by the passages that came and went or, where it must, from nothing."""

    def __init__(self, library: Library, limits: IndexLimits | None = None) -> None:
        self._library = library
        self._folder = library.folder
        self._limits = limits or IndexLimits()
        self._vectors = VectorCache(library.folder, self._limits)
        self._held: Indexes | None = None
        self._held_words: tuple[int, Bm25Index] | None = None  # with their generation
        self._lock = threading.Lock()

    def at(self, snapshot: Snapshot, dimension: Callable[[], int], *, last: bool = False) -> Indexes:
        """The indexes of a snapshot's generation.

        Args:
            dimension: of the encoder's vectors; asked for only when the library holds none yet.
            last: whether this is the last look, at which caches later than the snapshot are taken for another history's: a
                library that was put back from a copy would never catch up with them.

        Raises:
            OutOfStep: the snapshot is older than what is on disk; open another and ask again. Not at the last look.
        """
        with self._lock:
            if self._held is None or self._held.generation != snapshot.generation:
                vectors = self._vectors.at(snapshot, dimension, newest=last)
                self._held = self._hold(snapshot, vectors, self._words(snapshot, last))
                if self._vectors.is_far_behind(snapshot):  # so that the next to open the library need not do this again
                    self._save_if_free(snapshot)
            return self._held

    def prepare(self, n_more: int) -> None:
        """Load now what so many passages more will need, so that neither an error of it nor its memory comes late."""
        if n_more > self._limits.recent:
            load_faiss()

    def write(self, snapshot: Snapshot, dimension: Callable[[], int], *, vectors: bool = True) -> None:
        """Bring the caches on disk to a snapshot's generation; the caller holds the library for writing.

        Args:
            vectors: whether the vectors must be written too. A long addition does that at its end, and before only when so
                many came that the library would open slowly if the addition were cut short. They are held in memory
                after that only where questions are asked meanwhile.
        """
        with self._lock:
            words, idle = self._update_words(snapshot), self._held is None
            if vectors or self._vectors.is_far_behind(snapshot):
                self._held = self._hold(snapshot, self._vectors.at(snapshot, dimension, newest=True), words)
                self._save(snapshot)
                if idle and not vectors:
                    self._held = None
                    self._vectors.let_go()

    def _hold(self, snapshot: Snapshot, vectors: VectorIndex, words: Bm25Index) -> Indexes:
        return Indexes(snapshot.generation, snapshot.meta("model_sha256"), vectors, words)

    def _save(self, snapshot: Snapshot) -> None:
        """Write the vectors, and delete what writers that were killed left behind; there is no other writer now."""
        for orphan in self._folder.glob("*.tmp"):
            orphan.unlink(missing_ok=True)
        for orphan in self._folder.glob(f"{WORDS}.*{OLD}"):
            shutil.rmtree(orphan, ignore_errors=True)
        self._vectors.write(snapshot)

    def _save_if_free(self, snapshot: Snapshot) -> None:
        try:
            with self._library.writing(wait=False):
                self._save(snapshot)
        except (LibraryBusy, LibraryReadOnly, OSError):  # a writer will save them, or the folder may not be written
            pass

    def _words(self, snapshot: Snapshot, last: bool) -> Bm25Index:
        if self._held_words is not None and self._held_words[0] == snapshot.generation:
            return self._held_words[1]
        words, found = self._saved_words(snapshot)
        if words is not None and found["generation"] == snapshot.generation:
            return words
        if found["generation"] > snapshot.generation and not last:
            raise OutOfStep
        try:
            with self._library.writing(wait=False):
                return self._update_words(snapshot)
        except LibraryBusy:  # a writer is at it and will be done in a moment
            if not last:
                raise OutOfStep from None
        except (LibraryReadOnly, OSError):  # a folder that may not be written; the index lives as long as the process
            pass
        return words_in_memory(snapshot)

    def _update_words(self, snapshot: Snapshot) -> Bm25Index:
        words, found = self._saved_words(snapshot)
        generation, made = found["generation"], found["made"]
        if words is None or generation != snapshot.generation:
            too_many = words is not None and snapshot.n_removed_since(made) > _MOST_DEAD * len(words)
            if words is None or generation > snapshot.generation or too_many:
                words, generation, made = Bm25Index.create(self._folder / WORDS), -1, snapshot.generation
            removed = snapshot.removed_since(generation) if generation >= 0 else []
            words = words.updated(removed, ((passage.id, passage.text) for passage in snapshot.added_since(generation)))
            stamp(self._folder / WORDS, {**identity(snapshot), "made": made})
        self._held_words = snapshot.generation, words
        return words

    def _saved_words(self, snapshot: Snapshot) -> tuple[Bm25Index | None, dict[str, int]]:
        """The saved index with the generations it stands at and was made from nothing in."""
        try:
            words, found = Bm25Index.load(self._folder / WORDS)
        except IndexDamaged:
            return None, {"generation": -1, "made": -1}
        if found.get("library") != snapshot.meta("id"):
            return None, {"generation": -1, "made": -1}
        return words, {"generation": int(found["generation"]), "made": int(found["made"])}


@contextmanager
def snapshot_with_indexes(
    library: Library, cache: IndexCache, dimension: Callable[[], int]
) -> Iterator[tuple[Snapshot, Indexes]]:
    """Open a snapshot of the library and the indexes of the same generation, however often the library changes meanwhile."""
    for attempt in range(_PATIENCE):
        with library.snapshot() as snapshot:
            try:
                indexes = cache.at(snapshot, dimension)
            except OutOfStep:
                indexes = None
            if indexes is not None:
                yield snapshot, indexes
                return
        time.sleep(0.05 if attempt else 0)
    with library.snapshot() as snapshot:
        yield snapshot, cache.at(snapshot, dimension, last=True)


def from_library(snapshot: Snapshot, dimension: Callable[[], int]) -> Indexes:
    """Indexes made in memory from the library alone."""
    return Indexes(
        snapshot.generation, snapshot.meta("model_sha256"), vectors_in_memory(snapshot, dimension), words_in_memory(snapshot)
    )


def words_in_memory(snapshot: Snapshot) -> Bm25Index:
    """The word index of a snapshot, made anew without touching the disk."""
    return Bm25Index.in_memory().updated([], ((passage.id, passage.text) for passage in snapshot.added_since(-1)))
