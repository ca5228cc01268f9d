"""The vector index of one generation, kept on disk as a cache: a file that names another, large one that seldom changes."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from embeddings import IndexDamaged, VectorIndex
from embeddings.index.vector_index import IndexLimits
from qa.library.snapshot import Snapshot

VECTORS = "vectors.faiss"
_NEAR = 1_000  # passages; an index in memory that is behind by more is compared with the one on disk


class OutOfStep(Exception):
    """The caches on disk are of a later generation than the reader's snapshot: it must look again."""


@dataclass(frozen=True, slots=True)
class _Held:
    generation: int
    model: str  # SHA-256 of the encoder whose vectors these are
    index: VectorIndex


class VectorCache:
    """Brings the vector index to a snapshot's generation; not for two threads at once."""

    def __init__(self, folder: Path, limits: IndexLimits | None = None) -> None:
        self._path = folder / VECTORS
        self._limits = limits or IndexLimits()
        self._held: _Held | None = None
        self._saved: tuple[int, int] | None = None  # generation on disk and how many passages it may be behind by, if known

    def at(self, snapshot: Snapshot, dimension: Callable[[], int], *, newest: bool) -> VectorIndex:
        """The index of a snapshot's generation.

        Args:
            dimension: of the encoder's vectors; asked for only when the library holds none yet.
            newest: whether no snapshot can be newer, so that an index that is later must be of another history.

        Raises:
            OutOfStep: the snapshot is older than what is on disk, and not the newest.
        """
        near = self._nearest(snapshot, newest=newest)
        if near is None:
            index = vectors_in_memory(snapshot, dimension, self._limits)
        elif near.generation != snapshot.generation:
            index = near.index.with_changes(
                snapshot.removed_since(near.generation), snapshot.vectors_since(near.generation)
            ).compact()
        else:
            index = near.index
        self._held = _Held(snapshot.generation, snapshot.meta("model_sha256"), index)
        return index

    def is_far_behind(self, snapshot: Snapshot) -> bool:
        """Whether opening the library would take long with the index as it is on disk, read only if that is not known."""
        if self._saved is None:
            self._nearest(snapshot, newest=True)
        generation, allowed = self._saved or (-1, self._limits.recent)
        return snapshot.n_added_since(generation) > allowed

    def write(self, snapshot: Snapshot) -> None:
        """Save the index that `at` gave last, of this snapshot's generation. The caller holds the library for writing."""
        assert self._held is not None
        assert self._held.generation == snapshot.generation
        self._held.index.save(self._path, identity(snapshot))
        self._saved = snapshot.generation, self._held.index.max_changed

    def let_go(self) -> None:
        """Hold no index in memory until one is wanted again."""
        self._held = None

    def _nearest(self, snapshot: Snapshot, *, newest: bool) -> _Held | None:
        """The held or saved index that is nearest below a snapshot."""
        held, model = self._held, snapshot.meta("model_sha256")
        if held is not None and (held.model != model or held.generation > snapshot.generation):
            held = None
        if held is not None and (held.generation == snapshot.generation or snapshot.n_added_since(held.generation) <= _NEAR):
            return held
        try:
            index, found = VectorIndex.load(self._path, self._limits)
        except IndexDamaged:
            self._saved = None
            return held
        generation = int(found["generation"])
        if (found["library"], found["model"]) != (snapshot.meta("id"), model):
            return held
        if generation > snapshot.generation:
            if held is None and not newest:
                raise OutOfStep
            return held
        self._saved = generation, index.max_changed
        if held is None or held.generation < generation:
            self._held = held = _Held(generation, model, index)
        return held


def vectors_in_memory(snapshot: Snapshot, dimension: Callable[[], int], limits: IndexLimits | None = None) -> VectorIndex:
    """The vector index of a snapshot, made anew without touching the disk."""
    chunks = snapshot.vectors_since(-1)
    first = next(chunks, None)
    if first is None:
        return VectorIndex(dimension(), limits or IndexLimits())
    return VectorIndex(first[1].shape[1], limits or IndexLimits()).with_changes((), chain([first], chunks)).compact()


def identity(snapshot: Snapshot) -> dict[str, Any]:
    """What a cache says of itself: to which library, model and generation it belongs."""
    return {"library": snapshot.meta("id"), "model": snapshot.meta("model_sha256"), "generation": snapshot.generation}
