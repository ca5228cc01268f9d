"""FlatIndex: exact search over half-precision vectors, in FAISS."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from embeddings.model_spec import Vectors

Ids: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Halves: TypeAlias = np.ndarray[Any, np.dtype[np.float16]]  # (n, dimension)
Block: TypeAlias = tuple[Ids, Halves]
Hits: TypeAlias = list[tuple[int, float]]  # ids and scores
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class FlatIndex:
    """Vectors that a search compares one by one. No method changes it."""

    blocks: tuple[Block, ...]  # as they were added; concatenated only for a search or to be saved

    @classmethod
    def empty(cls, dimension: int) -> "FlatIndex":
        return cls(((np.empty(0, np.int64), np.empty((0, dimension), np.float16)),))

    def __len__(self) -> int:
        return sum(len(ids) for ids, _ in self.blocks)

    def with_changes(self, removed: Ids, added: Iterable[Block]) -> "FlatIndex":
        """Return a new index without some ids and with more blocks."""
        blocks = (self.content,) if "content" in self.__dict__ else self.blocks
        return FlatIndex((*(without(block, removed) for block in blocks), *added))

    @cached_property
    def content(self) -> Block:
        """All vectors as one block, by ascending id."""
        if len(self.blocks) == 1 and ascending(self.blocks[0][0]):
            return self.blocks[0]
        ids, halves = (np.concatenate(parts) for parts in zip(*self.blocks, strict=True))
        if ascending(ids):
            return ids, halves
        order = np.argsort(ids, kind="stable")
        return ids[order], halves[order]

    def search(self, vector: Vectors, k: int, only: Ids | None = None) -> Hits:
        """Return the k nearest ids with their inner products, best first.

        Args:
            vector: as one row, (1, dimension).
            k: how many; fewer are returned where the index holds fewer.
            only: the ids that may be returned; by default all.
        """
        ids, k = self.content[0], min(k, len(self))
        if k <= 0:
            return []
        return search_rows(self._index, ids, vector, k, None if only is None else selector(np.isin(ids, only)))

    @cached_property
    def _index(self) -> Any:
        import faiss

        halves = np.ascontiguousarray(self.content[1])
        index = faiss.IndexScalarQuantizer(halves.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.add_sa_codes(halves.view(np.uint8))  # the codes of QT_fp16 are the half-precision numbers themselves
        return index


def search_rows(index: Any, ids: Ids, vector: Vectors, k: int, allowed: Any = None, n_probe: int | None = None) -> Hits:
    """Search a FAISS index whose row numbers stand for ids.

    Args:
        allowed: a `selector` of the rows that may be returned; by default all.
        n_probe: how many lists an inverted file reads; None for an index without lists.
    """
    import faiss

    parameters: Any = faiss.SearchParameters if n_probe is None else faiss.SearchParametersIVF
    options = {"sel": allowed} if n_probe is None else {"sel": allowed, "nprobe": n_probe}
    with _one_thread():
        scores, rows = index.search(vector, k, params=parameters(**options))
    # FAISS pads short results with row -1.
    return [(int(ids[row]), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]


def selector(mask: Mask) -> Any:
    """Return a FAISS selector of the rows where the mask is true."""
    import faiss

    bitmap: Any = faiss.IDSelectorBitmap
    return bitmap(np.packbits(mask, bitorder="little"))


def without(block: Block, removed: Ids) -> Block:
    """Return a block without some ids; the same object where it holds none of them."""
    ids, halves = block
    remaining = ~np.isin(ids, removed)
    return block if remaining.all() else (ids[remaining], halves[remaining])


def ascending(ids: Ids) -> bool:
    return bool((ids[1:] > ids[:-1]).all())


@contextmanager
def _one_thread() -> Iterator[None]:
    """Search on this thread alone. One question has too little work for two, and on a busy machine each waits for the other."""
    import faiss

    before = faiss.omp_get_max_threads()  # of this thread
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
