"""Indexes: a vector index and a word index of one generation, cached on disk and built from the library when need be.

The caches are brought from the generation they are at to the library's by the passages that were added and removed since.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from embeddings import IndexDamaged, VectorIndex
from embeddings.atomic_write import sweep
from embeddings.index.ivf_index import load_faiss
from embeddings.index.vector_index import IndexLimits
from qa.library.bm25_index import OLD, Bm25Index, write_stamp
from qa.library.disk import advise
from qa.library.layout import RUNS, VECTORS, WORDS
from qa.library.library import Library
from qa.library.lost_changes import RECENT
from qa.library.snapshot import Snapshot
from qa.text.terms import ANALYSIS
from qa.types.errors import LibraryBusy, LibraryDamaged, LibraryError

_log = logging.getLogger("pullquote")
_ATTEMPTS = 20  # 50 ms apart, before a process that waits for another's word index builds its own in memory
_MOST_REMOVED = 0.1  # of the passages; tantivy counts removed passages in BM25 until the index is built anew
_RECENT_GENERATIONS, _MOST_RECENT = 20, 200  # whose articles a stamp names, should the database lose them; and how many
_LEFTOVERS = ("*.tmp", f"{RUNS}/*.tmp", f"{WORDS}.*{OLD}")
_FEW_ADDED = 1_000  # passages; an index in memory that lacks more is compared with the one on disk


@dataclass(frozen=True, slots=True)
class Indexes:
    """What a question is searched in. Both indexes hold the passages of this generation and no others."""

    generation: int
    model: str  # SHA-256 of the encoder that made the vectors
    vectors: VectorIndex
    words: Bm25Index


class OutOfStep(Exception):
    """The caches on disk are of a later generation than the snapshot: open another one."""


class IndexCache:
    """The indexes of a library, at the generation that was last asked for. Threads may share a cache."""

    def __init__(self, library: Library, limits: IndexLimits | None = None) -> None:
        self._library = library
        self._folder = library.folder
        self._limits = limits or IndexLimits()
        self._vectors = _VectorCache(library.folder, self._limits)
        self._current: Indexes | None = None
        self._words: tuple[int, Bm25Index] | None = None  # with its generation
        self._is_failing = False  # whether they could not be written the last time
        self._lock = threading.Lock()

    def at(self, snapshot: Snapshot, dimension: Callable[[], int], *, last: bool = False) -> Indexes:
        """Return the indexes of a snapshot's generation.

        Args:
            dimension: returns the encoder's dimension. It is called only when the library has no vectors yet.
            last: whether this is the last attempt. Caches later than the snapshot then prove that changes were lost. They
                stay as they are until the library is repaired, and the indexes live as long as the process.

        Raises:
            OutOfStep: the snapshot is older than the caches on disk, and this is not the last attempt.
        """
        with self._lock:
            if self._current is None or self._current.generation != snapshot.generation:
                vectors = self._vectors.at(snapshot, dimension, is_newest=last)
                self._current = _indexes(snapshot, vectors, self._words_at(snapshot, last))
                if self._vectors.is_far_behind(snapshot):  # spare the next process that opens the library the work
                    self._save_if_free(snapshot)
            return self._current

    def prepare(self, n_passages: int) -> None:
        """Load now what adding so many passages will need, so that neither an error nor the memory for it comes late."""
        if n_passages > self._limits.recent:
            load_faiss()

    def write(self, snapshot: Snapshot, dimension: Callable[[], int], *, vectors: bool = True) -> None:
        """Bring the caches on disk to a snapshot's generation. The caller holds the library for writing.

        Where they cannot be written, a warning is logged: the articles are stored, and the caches can be made again.

        Args:
            vectors: whether the vectors must be written too. A long addition does so at its end. Before, they are written
                only when so many came that the library would open slowly if the addition were cut short. They then stay in
                memory only if questions are asked meanwhile.
        """
        with self._lock:
            if self._is_failing and not vectors:  # tried again at the end of the addition
                return
            try:
                self._write(snapshot, dimension, vectors)
                self._is_failing = False
            except (OSError, ValueError) as error:  # tantivy raises ValueError for an error of the disk
                self._is_failing, self._current, self._words = True, None, None
                self._vectors.release()
                _log.warning(
                    "The articles are stored, but the indexes in %s cannot be written (%s): %s. They are made again later.",
                    self._folder,
                    error,
                    advise(self._folder, error),
                )

    def rebuild(self, snapshot: Snapshot, dimension: Callable[[], int]) -> None:
        """Delete the caches, damaged or not, and make them of the library alone. The caller holds it for writing."""
        self.delete()
        self.write(snapshot, dimension)

    def delete(self) -> None:
        """Delete the caches, in memory and on disk. The caller holds the library for writing."""
        with self._lock:
            self._current = self._words = None
            self._vectors = _VectorCache(self._folder, self._limits)
            for path in (*self._folder.glob(f"{Path(VECTORS).stem}*"), *self._folder.glob(f"{WORDS}*")):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    def _write(self, snapshot: Snapshot, dimension: Callable[[], int], vectors: bool) -> None:
        words, is_idle = self._update_words(snapshot), self._current is None
        if vectors or self._vectors.is_far_behind(snapshot):
            self._current = _indexes(snapshot, self._vectors.at(snapshot, dimension, is_newest=True), words)
            self._save(snapshot)
            if is_idle and not vectors:
                self._current = None
                self._vectors.release()

    def _save(self, snapshot: Snapshot) -> None:
        """Write the vectors, and delete the leftovers of writers that were killed."""
        sweep(path for pattern in _LEFTOVERS for path in self._folder.glob(pattern))
        self._vectors.write(snapshot)

    def _save_if_free(self, snapshot: Snapshot) -> None:
        try:
            with self._library.writing(wait=False):
                if not self._library.lost_changes():
                    self._save(snapshot)
        except (LibraryError, OSError):  # a writer will save them, or nothing can be written
            pass

    def _words_at(self, snapshot: Snapshot, last: bool) -> Bm25Index:
        if self._words is not None and self._words[0] == snapshot.generation:
            return self._words[1]
        words, generations = self._load_words(snapshot)
        if words is not None and generations["generation"] == snapshot.generation:
            return words
        if generations["generation"] > snapshot.generation:
            if not last:
                raise OutOfStep
            return _build_words(snapshot)
        try:
            with self._library.writing(wait=False):
                return self._update_words(snapshot)
        except LibraryBusy:  # a writer is updating them and will be done in a moment
            if not last:
                raise OutOfStep from None
        except LibraryDamaged:
            raise
        except (LibraryError, OSError, ValueError):  # nothing can be written: the index lives as long as the process
            pass
        return _build_words(snapshot)

    def _update_words(self, snapshot: Snapshot) -> Bm25Index:
        words, generations = self._load_words(snapshot)
        generation, built = generations["generation"], generations["made"]
        if words is None or generation != snapshot.generation:
            has_many_removed = words is not None and snapshot.n_removed_since(built) > _MOST_REMOVED * len(words)
            if words is None or has_many_removed:
                words, generation, built = Bm25Index.create(self._folder / WORDS), -1, snapshot.generation
            removed = snapshot.removed_since(generation) if generation >= 0 else []
            words = words.updated(removed, ((passage.id, passage.text) for passage in snapshot.added_since(generation)))
            recent = snapshot.latest_sources(_RECENT_GENERATIONS, _MOST_RECENT)
            stamp = {**_identity(snapshot), "made": built, "analysis": ANALYSIS, RECENT: recent}
            write_stamp(self._folder / WORDS, stamp)
        self._words = snapshot.generation, words
        return words

    def _load_words(self, snapshot: Snapshot) -> tuple[Bm25Index | None, dict[str, int]]:
        """Return the saved index with the generation it is at, and the one in which it was built from nothing."""
        try:
            words, stamp = Bm25Index.load(self._folder / WORDS)
        except IndexDamaged:
            return None, {"generation": -1, "made": -1}
        is_outdated = stamp.get("analysis") != ANALYSIS or int(stamp["generation"]) < snapshot.removals_known_from
        if stamp.get("library") != snapshot.meta("id") or is_outdated:
            return None, {"generation": -1, "made": -1}
        return words, {"generation": int(stamp["generation"]), "made": int(stamp["made"])}


@dataclass(frozen=True, slots=True)
class _Vectors:
    generation: int
    model: str  # SHA-256 of the encoder that made them
    index: VectorIndex


class _VectorCache:
    """The vector index at the generation that was last asked for. `IndexCache` sees that one thread uses it at a time."""

    def __init__(self, folder: Path, limits: IndexLimits) -> None:
        self._path = folder / VECTORS
        self._limits = limits
        self._current: _Vectors | None = None
        self._saved: tuple[int, int] | None = None  # if known: the generation on disk, and how many passages it may lack

    def at(self, snapshot: Snapshot, dimension: Callable[[], int], *, is_newest: bool) -> VectorIndex:
        """Return the index of a snapshot's generation.

        Args:
            is_newest: whether no snapshot can be newer, so that a later index must be of another history.

        Raises:
            OutOfStep: the snapshot is older than the index on disk, and not the newest.
        """
        nearest = self._nearest(snapshot, is_newest=is_newest)
        if nearest is None:
            index = _build_vectors(snapshot, dimension, self._limits)
        elif nearest.generation != snapshot.generation:
            removed, added = snapshot.removed_since(nearest.generation), snapshot.vectors_since(nearest.generation)
            index = nearest.index.with_changes(removed, added).compact()
        else:
            index = nearest.index
        self._current = _Vectors(snapshot.generation, snapshot.meta("model_sha256"), index)
        return index

    def is_far_behind(self, snapshot: Snapshot) -> bool:
        """Whether the library would open slowly with the index on disk, which is read only if its generation is not known."""
        if self._saved is None:
            self._nearest(snapshot, is_newest=True)
        generation, allowed = self._saved or (-1, self._limits.recent)
        return snapshot.n_added_since(generation) > allowed

    def write(self, snapshot: Snapshot) -> None:
        """Save the index that `at` returned last, for this snapshot. The caller holds the library for writing."""
        assert self._current is not None
        assert self._current.generation == snapshot.generation
        self._current.index.save(self._path, _identity(snapshot))
        self._saved = snapshot.generation, self._current.index.max_changed

    def release(self) -> None:
        """Keep no index in memory until `at` is called again."""
        self._current = None

    def _nearest(self, snapshot: Snapshot, *, is_newest: bool) -> _Vectors | None:
        """Return the index, in memory or on disk, that is closest to a snapshot and not later."""
        current, model = self._current, snapshot.meta("model_sha256")
        known_from = snapshot.removals_known_from
        if current is not None and (current.model != model or not known_from <= current.generation <= snapshot.generation):
            current = None
        if current is not None and current.generation == snapshot.generation:
            return current
        if current is not None and snapshot.n_added_since(current.generation) <= _FEW_ADDED:
            return current
        try:
            index, stamp = VectorIndex.load(self._path, self._limits)
        except IndexDamaged:
            self._saved = None
            return current
        generation = int(stamp["generation"])
        if (stamp["library"], stamp["model"]) != (snapshot.meta("id"), model) or generation < known_from:
            return current
        if generation > snapshot.generation:
            if current is None and not is_newest:
                raise OutOfStep
            return current
        self._saved = generation, index.max_changed
        if current is None or current.generation < generation:
            self._current = current = _Vectors(generation, model, index)
        return current


@contextmanager
def snapshot_with_indexes(
    library: Library, cache: IndexCache, dimension: Callable[[], int]
) -> Iterator[tuple[Snapshot, Indexes]]:
    """Open a snapshot of the library and the indexes of the same generation, however often the library changes meanwhile."""
    for attempt in range(_ATTEMPTS):
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


def _build_words(snapshot: Snapshot) -> Bm25Index:
    return Bm25Index.in_memory().updated([], ((passage.id, passage.text) for passage in snapshot.added_since(-1)))


def _build_vectors(snapshot: Snapshot, dimension: Callable[[], int], limits: IndexLimits) -> VectorIndex:
    chunks = snapshot.vectors_since(-1)
    first = next(chunks, None)
    if first is None:
        return VectorIndex(dimension(), limits)
    return VectorIndex(first[1].shape[1], limits).with_changes((), chain([first], chunks)).compact()


def _indexes(snapshot: Snapshot, vectors: VectorIndex, words: Bm25Index) -> Indexes:
    return Indexes(snapshot.generation, snapshot.meta("model_sha256"), vectors, words)


def _identity(snapshot: Snapshot) -> dict[str, Any]:
    """Return what a cache is stamped with: the library, model and generation it belongs to."""
    return {"library": snapshot.meta("id"), "model": snapshot.meta("model_sha256"), "generation": snapshot.generation}
