"""VectorIndex: nearest vectors by cosine, a value that shares its bulk with what is made of it, saved so that damage shows."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from embeddings.errors import IndexDamaged
from embeddings.index.flat_index import Block, FlatIndex, Halves, Hits, Ids, without
from embeddings.index.ivf_index import IvfIndex, MainFile, only_these, replace_whole, selector
from embeddings.model_spec import Vectors

_FORMAT = "pullquote-vectors-2"
Added: TypeAlias = tuple[Sequence[int] | Ids, Vectors | Halves]  # ids and as many vectors
_NO_IDS: Ids = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Limits:
    """From which sizes on a vector index works otherwise; the measurements are in `docs/design/decisions/008`."""

    exact: int = 100_000  # vectors; when there are more, only the lists nearest to the question are read
    fresh: int = 5_000  # vectors that may have come or gone since the main part was made, or more:
    share: float = 0.05  # of the main part
    mapped: int = 1 << 24  # bytes of a file

    def lists(self, n: int) -> int:
        """How many lists n vectors are put into."""
        return 1 if n <= self.exact else int(2 * n**0.5)


@dataclass(frozen=True, eq=False)
class VectorIndex:
    """Vectors of unit length under integer ids, kept in half precision and scored exactly; none of its methods changes it.

    A `main` part that stays as it was made, mapped from its file when large; the few that are `fresh`, all compared; and the
    ids of those in the main part that are `gone`.
    """

    dimension: int
    limits: Limits = field(default_factory=Limits)
    main: IvfIndex | None = None
    fresh: FlatIndex | None = None
    gone: Ids = field(default_factory=_NO_IDS.copy)  # ascending

    def __len__(self) -> int:
        return self._n_main - len(self.gone) + (len(self.fresh) if self.fresh else 0)

    @property
    def _n_main(self) -> int:
        return len(self.main) if self.main else 0

    def changed(
        self, removed: Sequence[int] = (), added: Iterable[tuple[Sequence[int] | Ids, Vectors | Halves]] = ()
    ) -> "VectorIndex":
        """The index without some ids and with others.

        Args:
            removed: ones it does not hold are passed over.
            added: ids that it does not hold, with unit vectors of shape (number of ids, dimension), in as many pieces as one
                likes.

        Raises:
            ValueError: the shape does not fit.
        """
        away = np.asarray(removed, np.int64)
        blocks = [self._block(ids, vectors) for ids, vectors in added]
        fresh = (self.fresh or FlatIndex.none(self.dimension)).changed(away, blocks)
        gone = self.gone
        if self.main and len(away):
            gone = np.union1d(gone, away[np.isin(away, self.main.ids)])
        return replace(self, fresh=fresh, gone=gone)

    def _block(self, ids: Sequence[int] | Ids, vectors: Vectors | Halves) -> Block:
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"Vectors of shape {vectors.shape} for {len(ids)} ids of dimension {self.dimension}")
        return np.asarray(ids, np.int64), vectors.astype(np.float16, copy=False)

    @property
    def n_apart(self) -> int:
        """How many vectors came or went since the main part was made."""
        return (len(self.fresh) if self.fresh else 0) + len(self.gone)

    def may_be_apart(self) -> int:
        """How many may have come or gone before it pays to make the main part anew."""
        return max(self.limits.fresh, int(self.limits.share * self._n_main))

    def compacted(self) -> "VectorIndex":
        """The same vectors with none fresh or gone where that pays, else this very index.

        Lists are trained anew only when their number no longer fits the number of vectors.
        """
        if self.n_apart <= self.may_be_apart():
            return self
        n, old = len(self), self.main
        if n <= self.limits.fresh:
            copied = FlatIndex.none(self.dimension).changed(_NO_IDS, self._blocks()).whole  # out of the main part's own memory
            return replace(self, main=None, fresh=FlatIndex((copied,)), gone=_NO_IDS)
        n_lists = self.limits.lists(n)
        if old and min(old.n_lists, n_lists) > 1 and 2 / 3 < old.n_lists / n_lists < 3 / 2:  # sizes that differ up to twofold
            n_lists = old.n_lists
        return replace(self, main=IvfIndex.made(self.dimension, n_lists, self._blocks, old), fresh=None, gone=_NO_IDS)

    def _blocks(self) -> Iterator[Block]:
        for block in self.main.blocks() if self.main else ():
            yield without(block, self.gone)
        yield from self.fresh.blocks if self.fresh else ()

    def search(self, vector: Vectors, k: int, only: Ids | None = None) -> Hits:
        """The k nearest ids with their scores, best first, of equal ones the lowest id; fewer where the index holds fewer.

        Args:
            vector: of shape (dimension,).
            k: how many.
            only: ids, ascending, of which alone any are to be found; of up to `limits.exact` no near one is missed.
        """
        k = min(k, len(self), len(self) if only is None else len(only))
        if k <= 0:
            return []
        question = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        found = self.fresh.search(question, k, only) if self.fresh else []
        if self.main:
            found += self._in_main(self.main, question, k, only)
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _in_main(self, main: IvfIndex, question: Vectors, k: int, only: Ids | None) -> Hits:
        """What the main part has; where not all may be found, those that may can lie in lists far from the question."""
        if only is None:
            return main.search(question, k, self._but_gone)
        chosen = only_these(only, self.gone)
        n_read = main.n_lists if len(only) <= self.limits.exact else main.n_read
        found = main.search(question, k, chosen, n_read)
        while n_read < main.n_lists:
            before, n_read = found, min(main.n_lists, 2 * n_read)
            found = main.search(question, k, chosen, n_read)
            if found == before and len(found) == k:
                break
        return found

    @cached_property
    def _but_gone(self) -> Any:
        return selector(self.gone) if len(self.gone) else None

    def save(self, path: Path, stamp: dict[str, Any]) -> None:
        """Write the index and a stamp so that what is read is, after any crash, the old or the new, whole.

        The main part goes into a file of its own, once; the file at `path` names it and holds the rest. FAISS's own file
        carries no checksum, and a damaged one is served without a sign or crashes the process. There may be one writer.
        """
        main = self.main.save(path.parent, path.stem) if self.main else None
        ids, halves = (self.fresh or FlatIndex.none(self.dimension)).whole
        shape = {"dimension": self.dimension, "fresh": len(ids), "gone": len(self.gone)}
        first = json.dumps({"format": _FORMAT, **shape, "main": asdict(main) if main else None, "stamp": stamp}).encode()
        content = b"".join([first, b"\n", ids.tobytes(), self.gone.tobytes(), halves.tobytes()])
        write_whole(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        for old in path.parent.glob(f"{path.stem}-*.faiss"):
            if main is None or old.name != main.name:
                with suppress(OSError):
                    old.unlink()

    @classmethod
    def load(cls, path: Path, limits: Limits | None = None) -> tuple["VectorIndex", dict[str, Any]]:
        """Read an index and its stamp, verifying every byte before FAISS sees any.

        Raises:
            IndexDamaged: a file is missing, cut short, altered or of another format.
        """
        content = _verified(path)
        while True:
            try:
                return cls._read(path, content, limits or Limits())
            except IndexDamaged:
                before, content = content, _verified(path)
                if content == before:  # else a writer has put another main part in the place of the one that was named
                    raise

    @classmethod
    def _read(cls, path: Path, content: bytes, limits: Limits) -> tuple["VectorIndex", dict[str, Any]]:
        first, _, rest = content.partition(b"\n")
        says = json.loads(first)
        if says["format"] != _FORMAT:
            raise IndexDamaged(f"{path} is of another format.")
        n, n_gone, dimension = says["fresh"], says["gone"], says["dimension"]
        numbers = np.frombuffer(rest, np.int64, n + n_gone)
        halves = np.frombuffer(rest, np.float16, n * dimension, offset=numbers.nbytes).reshape(n, dimension)
        main = IvfIndex.opened(path.parent, MainFile(**says["main"]), limits.mapped) if says["main"] else None
        return cls(dimension, limits, main, FlatIndex(((numbers[:n], halves),)), numbers[n:]), says["stamp"]


def _verified(path: Path) -> bytes:
    """A file's bytes after its first line, which vouches for them."""
    try:
        checksum, _, content = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise IndexDamaged(f"{path} is missing or cannot be read.") from error
    if checksum != hashlib.sha256(content).hexdigest().encode():
        raise IndexDamaged(f"{path} is damaged: its bytes do not have the checksum they were saved with.")
    return content


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves either the old bytes or all the new ones, on the disk and not in a cache.

    Where that fails, OSError is raised, the old bytes are there and nothing else is.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        replace_whole(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
