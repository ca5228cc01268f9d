"""The two indexes of one generation, kept on disk as caches and made again from the library whenever they must be."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from embeddings import IndexDamaged, VectorIndex
from qa.errors import LibraryBusy
from qa.library import Library
from qa.rows import View
from qa.stored import StoredPassage
from qa.words import OLD, WordIndex, stamp

VECTORS, WORDS = "vectors.faiss", "words"
_PATIENCE = 20  # looks, 50 ms apart, until a reader stops waiting for a writer's word index and makes its own in memory
_MOST_DEAD = 0.1  # removed passages for each that is there; tantivy counts them in BM25 until the index is made anew
_CHUNK = 1_000  # passages given to FAISS at once


class OutOfStep(Exception):
    """The caches on disk are of a later generation than the reader's view: it must look again."""


@dataclass(frozen=True, slots=True)
class Indexes:
    """What a question is searched in; both indexes hold the passages of this generation and no others."""

    generation: int
    model: str  # SHA-256 of the encoder whose vectors these are
    vectors: VectorIndex
    words: WordIndex


class IndexCache:
    """Brings the indexes to a view's generation, by the passages that came and went or, where it must, from nothing."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folder = library.folder
        self._held: Indexes | None = None
        self._lock = threading.Lock()

    def at(self, view: View, dimension: Callable[[], int]) -> Indexes:
        """The indexes of a view's generation.

        Args:
            dimension: of the encoder's vectors; asked for only when the library holds none yet.

        Raises:
            OutOfStep: the view is older than what is on disk; open another and ask again.
        """
        with self._lock:
            if self._held is None or self._held.generation != view.generation:
                vectors = self._vectors(view, dimension)
                self._held = Indexes(view.generation, view.meta("model_sha256"), vectors, self._words(view))
            return self._held

    def write(self, view: View, dimension: Callable[[], int], *, vectors: bool = True) -> None:
        """Bring the caches on disk to a view's generation; the caller holds the library for writing.

        Args:
            vectors: whether the vectors are written too; they are one file, so a long addition does that only at its end.
        """
        with self._lock:
            index = self._vectors(view, dimension)
            words = self._update_words(view)
            self._held = Indexes(view.generation, view.meta("model_sha256"), index, words)
            if vectors:
                self._sweep()
                index.save(self._folder / VECTORS, _identity(view))

    def _sweep(self) -> None:
        """Delete what writers that were killed left behind; there is no other writer now."""
        for orphan in self._folder.glob("*.tmp"):
            orphan.unlink(missing_ok=True)
        for orphan in self._folder.glob(f"{WORDS}.*{OLD}"):
            shutil.rmtree(orphan, ignore_errors=True)

    def _vectors(self, view: View, dimension: Callable[[], int]) -> VectorIndex:
        index, generation = self._nearest_vectors(view)
        if index is None:
            return vectors_in_memory(view, dimension)
        if generation != view.generation:
            index.remove(view.removed_since(generation))
            for ids, vectors in _chunks(view.added_since(generation)):
                index.add(ids, vectors)
        return index

    def _nearest_vectors(self, view: View) -> tuple[VectorIndex | None, int]:
        """The held or saved index that is nearest below a view, free to be changed, and its generation."""
        held = self._held
        model = view.meta("model_sha256")
        if held is not None and held.model == model and held.generation <= view.generation:
            same = held.generation == view.generation
            return (held.vectors if same else held.vectors.copy()), held.generation
        try:
            index, found = VectorIndex.load(self._folder / VECTORS)
        except IndexDamaged:
            return None, -1
        if (found.get("library"), found.get("model")) != (view.meta("id"), model) or found["generation"] > view.generation:
            return None, -1
        return index, int(found["generation"])

    def _words(self, view: View) -> WordIndex:
        words, found = self._saved_words(view)
        if words is not None and found["generation"] == view.generation:
            return words
        if found["generation"] > view.generation:
            raise OutOfStep
        try:
            with self._library.writing(wait=False):
                return self._update_words(view)
        except LibraryBusy:  # a writer is at it and will be done in a moment
            raise OutOfStep from None
        except OSError:  # a folder that may not be written; the index lives as long as the process
            return words_in_memory(view)

    def _update_words(self, view: View) -> WordIndex:
        words, found = self._saved_words(view)
        generation, made = found["generation"], found["made"]
        if words is not None and generation == view.generation:
            return words
        _, n_passages = view.count()
        if words is None or generation > view.generation or len(view.removed_since(made)) > _MOST_DEAD * n_passages:
            words, generation, made = WordIndex.create(self._folder / WORDS), -1, view.generation
        removed = view.removed_since(generation) if generation >= 0 else []
        words = words.updated(removed, ((passage.id, passage.text) for passage in view.added_since(generation)))
        stamp(self._folder / WORDS, {**_identity(view), "made": made})
        return words

    def _saved_words(self, view: View) -> tuple[WordIndex | None, dict[str, int]]:
        """The saved index with the generations it stands at and was made from nothing in."""
        try:
            words, found = WordIndex.load(self._folder / WORDS)
        except IndexDamaged:
            return None, {"generation": -1, "made": -1}
        if found.get("library") != view.meta("id"):
            return None, {"generation": -1, "made": -1}
        return words, {"generation": int(found["generation"]), "made": int(found["made"])}


def read_in_step(
    library: Library, cache: IndexCache, dimension: Callable[[], int], read: Callable[[View, Indexes], Any]
) -> Any:
    """Read from the library and its indexes with both at one generation, however often it changes meanwhile."""
    for look in range(_PATIENCE):
        with library.reading() as view:
            try:
                return read(view, cache.at(view, dimension))
            except OutOfStep:
                pass
        time.sleep(0.05 if look else 0)
    with library.reading() as view:
        return read(view, from_library(view, dimension))


def from_library(view: View, dimension: Callable[[], int]) -> Indexes:
    """Indexes made in memory from the library alone."""
    vectors = vectors_in_memory(view, dimension)
    return Indexes(view.generation, view.meta("model_sha256"), vectors, words_in_memory(view))


def vectors_in_memory(view: View, dimension: Callable[[], int]) -> VectorIndex:
    """The vector index of a view, made anew without touching the disk."""
    index: VectorIndex | None = None
    for ids, vectors in _chunks(view.added_since(-1)):
        index = VectorIndex(vectors.shape[1]) if index is None else index
        index.add(ids, vectors)
    return VectorIndex(dimension()) if index is None else index


def words_in_memory(view: View) -> WordIndex:
    """The word index of a view, made anew without touching the disk."""
    return WordIndex.in_memory().updated([], ((passage.id, passage.text) for passage in view.added_since(-1)))


def _identity(view: View) -> dict[str, Any]:
    return {"library": view.meta("id"), "model": view.meta("model_sha256"), "generation": view.generation}


def _chunks(passages: Iterator[StoredPassage]) -> Iterator[tuple[list[int], Any]]:
    chunk: list[StoredPassage] = []
    for passage in passages:
        chunk.append(passage)
        if len(chunk) == _CHUNK:
            yield [each.id for each in chunk], np.stack([each.vector for each in chunk])
            chunk = []
    if chunk:
        yield [each.id for each in chunk], np.stack([each.vector for each in chunk])
