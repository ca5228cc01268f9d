"""VectorIndex: the nearest vectors by cosine, as a value that shares its bulk with the ones derived from it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.atomic_write import write_atomically
from embeddings.errors import IndexDamaged
from embeddings.index.flat_index import Block, FlatIndex, Halves, Hits, Ids, ascending, selector, without
from embeddings.index.ivf_index import IvfIndex, MainFile
from embeddings.model_spec import Vectors

_FORMAT = "pullquote-vectors-3"
_LONGEST_HEADER = 1 << 16  # bytes
_NO_IDS: Ids = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class IndexLimits:
    """The sizes from which a vector index works differently. `docs/design/decisions/008` has the measurements."""

    exact: int = 100_000  # vectors; with more, only the lists nearest to the question are read
    recent: int = 5_000  # vectors added or deleted since the main part was built; or, where that is more:
    recent_share: float = 0.05  # of the main part
    mapped: int = 1 << 24  # bytes of a file

    def n_lists(self, n: int) -> int:
        """Return how many lists n vectors are put into."""
        return 1 if n <= self.exact else int(2 * n**0.5)


@dataclass(frozen=True, eq=False)
class VectorIndex:
    """Unit vectors under integer ids, kept in half precision. No method changes it.

    The `main` part stays as it was built, and is mapped from its file when large. Vectors that came later are `recent`, and
    a search compares them all. Ids of the main part that were removed later are `deleted`.
    """

    dimension: int
    limits: IndexLimits = field(default_factory=IndexLimits)
    main: IvfIndex | None = None
    recent: FlatIndex | None = None
    deleted: Ids = field(default_factory=_NO_IDS.copy)  # ascending

    def __len__(self) -> int:
        return self._n_main - len(self.deleted) + (len(self.recent) if self.recent else 0)

    @property
    def _n_main(self) -> int:
        return len(self.main) if self.main else 0

    def with_changes(
        self, removed: Sequence[int] = (), added: Iterable[tuple[Sequence[int] | Ids, Vectors | Halves]] = ()
    ) -> "VectorIndex":
        """Return a new index without some ids and with others.

        Args:
            removed: ids; those that the index does not hold are ignored.
            added: blocks of ids that the index does not hold, and their unit vectors of shape (number of ids, dimension).

        Raises:
            ValueError: the shape does not fit.
        """
        removed_ids = np.asarray(removed, np.int64)
        blocks = [self._block(ids, vectors) for ids, vectors in added]
        recent = (self.recent or FlatIndex.empty(self.dimension)).with_changes(removed_ids, blocks)
        deleted = self.deleted
        if self.main and len(removed_ids):
            deleted = np.union1d(deleted, removed_ids[np.isin(removed_ids, self.main.ids)])
        return replace(self, recent=recent, deleted=deleted)

    def _block(self, ids: Sequence[int] | Ids, vectors: Vectors | Halves) -> Block:
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"Vectors of shape {vectors.shape} for {len(ids)} ids of dimension {self.dimension}")
        return np.asarray(ids, np.int64), vectors.astype(np.float16, copy=False)

    @property
    def n_changed(self) -> int:
        """How many vectors were added or deleted since the main part was built."""
        return (len(self.recent) if self.recent else 0) + len(self.deleted)

    @property
    def max_changed(self) -> int:
        """How many may be added or deleted before it pays to build the main part again."""
        return max(self.limits.recent, int(self.limits.recent_share * self._n_main))

    def compact(self) -> "VectorIndex":
        """Return an index of the same vectors, all in the main part, where that pays; else this index.

        Centroids are trained again only when the number of lists no longer fits the number of vectors.
        """
        if self.n_changed <= self.max_changed:
            return self
        n, old = len(self), self.main
        if n <= self.limits.recent:
            recent = FlatIndex((FlatIndex((*self._blocks(),)).content,)) if n else FlatIndex.empty(self.dimension)
            return replace(self, main=None, recent=recent, deleted=_NO_IDS)
        n_lists = self.limits.n_lists(n)
        if old and min(old.n_lists, n_lists) > 1 and 2 / 3 < old.n_lists / n_lists < 3 / 2:  # sizes that differ up to twofold
            n_lists = old.n_lists
        trained = old if old and old.n_lists == n_lists else None
        return replace(self, main=IvfIndex.build(n, n_lists, self._blocks, trained), recent=None, deleted=_NO_IDS)

    def _blocks(self) -> Iterator[Block]:
        """Yield all vectors by ascending id, without a copy of them all where later ids are higher, as they should be."""
        main = (without(block, self.deleted) for block in self.main.blocks()) if self.main else ()
        recent = self.recent.blocks if self.recent else ()
        if ascending(np.concatenate([self.main.ids if self.main else _NO_IDS, *(ids for ids, _ in recent)])):
            yield from main
            yield from recent
        else:
            yield FlatIndex((*main, *recent)).content

    def search(self, vector: Vectors, k: int, only: Ids | None = None) -> Hits:
        """Return the k nearest ids with their cosines, best first; of equal cosines the lowest id first.

        Args:
            vector: of shape (dimension,), unit length.
            k: how many; fewer are returned where the index holds fewer.
            only: the ids that may be returned, ascending. Up to `limits.exact` of them are searched exactly.
        """
        k = min(k, len(self), len(self) if only is None else len(only))
        if k <= 0:
            return []
        question = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        hits = self.recent.search(question, k, only) if self.recent else []
        if self.main:
            hits += self._search_main(self.main, question, k, only)
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _search_main(self, main: IvfIndex, question: Vectors, k: int, only: Ids | None) -> Hits:
        if only is None:
            return main.search(question, k, self._not_deleted)
        by_id = np.zeros(int(main.ids[-1]) + 1, bool)  # ten times as fast as np.isin with a million ids
        by_id[only[: np.searchsorted(only, len(by_id))]] = True
        by_id[self.deleted] = False
        allowed = selector(by_id[main.ids])
        # The allowed vectors can lie in lists far from the question: read twice as many until the hits stay the same.
        n_probe = main.n_lists if len(only) <= self.limits.exact else main.n_probe
        hits = main.search(question, k, allowed, n_probe)
        while n_probe < main.n_lists:
            previous, n_probe = hits, min(main.n_lists, 2 * n_probe)
            hits = main.search(question, k, allowed, n_probe)
            if hits == previous and len(hits) == k:
                break
        return hits

    @cached_property
    def _not_deleted(self) -> Any:
        return selector(~np.isin(self.main.ids, self.deleted)) if self.main and len(self.deleted) else None

    def save(self, path: Path, stamp: dict[str, Any]) -> None:
        """Write the index and a stamp. After a crash a reader finds the old index or the new one.

        The main part goes into a file of its own, once. The file at `path` names it and holds the rest. FAISS's own file has
        no checksum: a damaged one can give wrong hits or crash the process. There may be one writer at a time.

        Raises:
            OSError: a file cannot be written.
        """
        main = self.main.save(path.parent, path.stem) if self.main else None
        ids, halves = (self.recent or FlatIndex.empty(self.dimension)).content
        shape = {"dimension": self.dimension, "recent": len(ids), "deleted": len(self.deleted)}
        header = json.dumps({"format": _FORMAT, **shape, "main": asdict(main) if main else None, "stamp": stamp}).encode()
        content = b"".join([header, b"\n", ids.tobytes(), self.deleted.tobytes(), halves.tobytes()])
        write_atomically(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        for old in path.parent.glob(f"{path.stem}-*.faiss"):
            if main is None or old.name != main.name:
                with suppress(OSError):
                    old.unlink()

    @classmethod
    def load(cls, path: Path, limits: IndexLimits | None = None) -> tuple["VectorIndex", dict[str, Any]]:
        """Read an index and its stamp. All bytes are verified before FAISS sees any.

        Raises:
            IndexDamaged: a file is missing, cut short, altered or of another format.
        """
        content = _read_verified(path)
        while True:
            try:
                return cls._parse(path, content, limits or IndexLimits())
            except IndexDamaged:
                previous, content = content, _read_verified(path)
                if content == previous:  # else a writer has just replaced the main part that the file named
                    raise

    @staticmethod
    def read_stamp(path: Path) -> dict[str, Any] | None:
        """Read the stamp of a saved index without verifying it, or return None where it cannot be read."""
        try:
            with path.open("rb") as file:
                file.readline(_LONGEST_HEADER)
                stamp = json.loads(file.readline(_LONGEST_HEADER))["stamp"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return stamp if isinstance(stamp, dict) else None

    @classmethod
    def _parse(cls, path: Path, content: bytes, limits: IndexLimits) -> tuple["VectorIndex", dict[str, Any]]:
        first, _, rest = content.partition(b"\n")
        header = json.loads(first)
        if header["format"] != _FORMAT:
            raise IndexDamaged(f"{path} is of another format.")
        n, n_deleted, dimension = header["recent"], header["deleted"], header["dimension"]
        ids = np.frombuffer(rest, np.int64, n + n_deleted)
        halves = np.frombuffer(rest, np.float16, n * dimension, offset=ids.nbytes).reshape(n, dimension)
        main = IvfIndex.load(path.parent, MainFile(**header["main"]), limits.mapped) if header["main"] else None
        return cls(dimension, limits, main, FlatIndex(((ids[:n], halves),)), ids[n:]), header["stamp"]


def _read_verified(path: Path) -> bytes:
    """Return a file's bytes after its first line, which is their SHA-256."""
    try:
        checksum, _, content = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise IndexDamaged(f"{path} is missing or cannot be read.") from error
    if checksum != hashlib.sha256(content).hexdigest().encode():
        raise IndexDamaged(f"{path} is damaged: its bytes do not have the checksum they were saved with.")
    return content
