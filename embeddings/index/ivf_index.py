"""IvfIndex: an inverted file over half-precision vectors, in FAISS, in a file whose checksum is verified."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.atomic_write import rename_durably
from embeddings.errors import IndexDamaged
from embeddings.index.flat_index import Block, Hits, Ids, search_rows
from embeddings.model_spec import Vectors, unit

_CHUNK = 16_384  # vectors in single precision at once: 25 MB of 384 numbers
_TRAINING_VECTORS = 40  # for each list
_QUERIES = 128  # made from the vectors, to measure how many lists a search must read
_NEIGHBOURS = 100  # of each query
_RECALL = 0.995  # of those neighbours


@dataclass(frozen=True, slots=True)
class MainFile:
    """A file that is written once and never changes, named after its content."""

    name: str
    size: int  # bytes
    sha256: str


class IvfIndex:
    """Vectors in lists by nearness. A search reads the nearest lists; with one list it is exact. No method changes it.

    FAISS numbers the vectors by their place in ascending order of id and keeps the ids in an `IndexIDMap` around them. Each
    list is therefore in order of id, and of equal scores the lowest id comes first.

    Source: inverted lists, Jégou, Douze and Schmid, TPAMI 2011.
    """

    def __init__(self, index: Any, file: MainFile | None = None) -> None:
        """Wrap a `faiss.IndexIDMap` of an `IndexIVFScalarQuantizer`."""
        import faiss

        self._index = index
        self._lists: Any = faiss.downcast_index(index.index)
        self.ids: Ids = faiss.vector_to_array(index.id_map)  # ascending
        self.file = file  # where it was saved last

    @classmethod
    def build(
        cls, n: int, n_lists: int, blocks: Callable[[], Iterable[Block]], trained: "IvfIndex | None" = None
    ) -> "IvfIndex":
        """Put vectors into lists.

        Args:
            n: how many vectors.
            n_lists: into how many lists.
            blocks: returns all the vectors by ascending id, each time it is called.
            trained: an index with the same number of lists, whose centroids are used again. By default they are trained.
        """
        import faiss

        sample = _sample(blocks(), n, _QUERIES if trained else max(_QUERIES, _TRAINING_VECTORS * n_lists))
        lists: Any = faiss.index_factory(sample.shape[1], f"IVF{n_lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
        lists.by_residual = False  # store the vectors themselves, so that scores are exact
        lists.cp.min_points_per_centroid = 1  # do not warn
        if trained:
            lists.quantizer.add(trained._lists.quantizer.reconstruct_n(0, n_lists))
        lists.train(sample)
        queries = _between_vectors_and_chance(sample)
        del sample  # 120 MB of a million vectors
        index = faiss.IndexIDMap(lists)
        for ids, halves in _chunks(blocks()):
            index.add_with_ids(halves.astype(np.float32), ids)
        if n_lists > 1:
            lists.nprobe = _measure_n_probe(lists, queries)
        return cls(index)

    @classmethod
    def load(cls, folder: Path, file: MainFile, mapped_from: int) -> "IvfIndex":
        """Open a saved index. Its bytes are verified before FAISS sees any.

        Args:
            mapped_from: the size in bytes from which a file is mapped into memory and not read.

        Raises:
            IndexDamaged: the file is missing, cut short or altered.
        """
        import faiss

        path = folder / file.name
        try:
            with path.open("rb") as content:
                if os.fstat(content.fileno()).st_size != file.size or _sha256(content) != file.sha256:
                    raise IndexDamaged(f"{path} is damaged: its bytes do not have the checksum they were saved with.")
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if file.size >= mapped_from else 0), file)
        except (OSError, RuntimeError) as error:
            raise IndexDamaged(f"{path} is missing or cannot be read.") from error

    def save(self, folder: Path, stem: str) -> MainFile:
        """Write the index, unless the folder already holds it.

        Raises:
            OSError: it cannot be written.
        """
        import faiss

        if self.file is not None and _size(folder / self.file.name) == self.file.size:
            return self.file
        descriptor, name = tempfile.mkstemp(prefix=f"{stem}.", suffix=".tmp", dir=folder)  # only its owner may read it
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w+b") as content:
                # FAISS itself may leave a short file on a full disk and say nothing.
                faiss.write_index(self._index, faiss.PyCallbackIOWriter(content.write))  # type: ignore[attr-defined]
                content.flush()
                os.fsync(content.fileno())
                content.seek(0)
                sha256, size = _sha256(content), os.fstat(content.fileno()).st_size
            file = MainFile(f"{stem}-{sha256[:12]}.faiss", size, sha256)
            rename_durably(temporary, folder / file.name)
        except (OSError, RuntimeError) as error:
            temporary.unlink(missing_ok=True)
            raise OSError(getattr(error, "errno", None), f"{temporary} cannot be written: {error}") from error
        self.file = file
        return file

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_lists(self) -> int:
        return int(self._lists.nlist)

    @property
    def n_probe(self) -> int:
        """How many lists a search reads to find nearly all of the nearest vectors."""
        return int(self._lists.nprobe)

    def blocks(self) -> Iterator[Block]:
        """Yield the vectors by ascending id."""
        for start in range(0, len(self), _CHUNK):
            ids = self.ids[start : start + _CHUNK]
            yield ids, self._lists.reconstruct_n(start, len(ids)).astype(np.float16)

    def search(self, vector: Vectors, k: int, allowed: Any = None, n_probe: int | None = None) -> Hits:
        """Return the k nearest ids with their inner products, best first.

        Args:
            vector: as one row, (1, dimension).
            k: how many.
            allowed: a `selector` of places in `ids`; by default all.
            n_probe: how many lists to read instead of `self.n_probe`.
        """
        return search_rows(self._lists, self.ids, vector, k, allowed, n_probe or self.n_probe)


def load_faiss() -> None:
    """Import FAISS: 10 MB of code and some 100 ms, both only once.

    Raises:
        ImportError: it cannot be imported.
    """
    import faiss  # noqa: F401


def _chunks(blocks: Iterable[Block]) -> Iterator[Block]:
    """Cut large blocks and join small ones, so that FAISS gets enough at once and memory stays bounded."""
    pending: list[Block] = []
    for ids, halves in blocks:
        for start in range(0, len(ids), _CHUNK):
            pending.append((ids[start : start + _CHUNK], halves[start : start + _CHUNK]))
            if sum(len(ids) for ids, _ in pending) >= _CHUNK:
                yield _concatenate(pending)
                pending = []
    if pending:
        yield _concatenate(pending)


def _concatenate(blocks: list[Block]) -> Block:
    return np.concatenate([ids for ids, _ in blocks]), np.concatenate([halves for _, halves in blocks])


def _sample(blocks: Iterable[Block], n: int, size: int) -> Vectors:
    """Return vectors that are spread evenly over all n."""
    rows = np.linspace(0, n - 1, min(n, size)).astype(np.int64)
    parts, start = [], 0
    for ids, halves in blocks:
        inside = rows[np.searchsorted(rows, start) : np.searchsorted(rows, start + len(ids))]
        parts.append(halves[inside - start].astype(np.float32))
        start += len(ids)
    return np.concatenate(parts)


def _between_vectors_and_chance(sample: Vectors) -> Vectors:
    """Return queries that lie two thirds of the way from vectors to random ones: farther from all than most questions."""
    vectors = sample[np.linspace(0, len(sample) - 1, min(len(sample), _QUERIES)).astype(np.int64)]
    random = unit(np.random.default_rng(0).standard_normal(vectors.shape))
    return unit(vectors + 2 * random)


def _measure_n_probe(index: Any, queries: Vectors) -> int:
    """Return how many lists must be read to find the wanted share of the queries' nearest vectors."""
    import faiss

    parameters: Any = faiss.SearchParametersIVF
    exhaustive = parameters(nprobe=index.nlist)
    _, _, nearest = index.search_and_reconstruct(queries, min(_NEIGHBOURS, index.ntotal), params=exhaustive)
    lists = index.quantizer.assign(nearest.reshape(-1, index.d), 1).reshape(len(queries), -1)
    _, by_nearness = index.quantizer.search(queries, index.nlist)
    ranks = np.argsort(by_nearness, axis=1)  # of each list for each query
    return int(np.quantile(np.take_along_axis(ranks, lists, axis=1), _RECALL, method="higher")) + 1


def _sha256(content: Any) -> str:
    return hashlib.file_digest(content, "sha256").hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
