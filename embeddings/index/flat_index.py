"""Few: vectors in half precision that are all compared with what is searched for, in FAISS."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from embeddings.model_spec import Vectors

Ids: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Halves: TypeAlias = np.ndarray[Any, np.dtype[np.float16]]  # (n, dimension); FAISS's fp16 codes are these very bytes
Block: TypeAlias = tuple[Ids, Halves]
Hits: TypeAlias = list[tuple[int, float]]


@dataclass(frozen=True, eq=False)
class FlatIndex:
    """Vectors that are all compared with what is searched for; none of its methods changes it."""

    blocks: tuple[Block, ...]  # as they came; put together only when they are searched or saved

    @classmethod
    def none(cls, dimension: int) -> "FlatIndex":
        """No vectors, of this many numbers each."""
        return cls(((np.empty(0, np.int64), np.empty((0, dimension), np.float16)),))

    def __len__(self) -> int:
        return sum(len(ids) for ids, _ in self.blocks)

    def changed(self, removed: Ids, added: Iterable[Block]) -> "FlatIndex":
        """These without some and with others."""
        before = (self.whole,) if "whole" in self.__dict__ else self.blocks
        return FlatIndex((*(without(block, removed) for block in before), *added))

    @cached_property
    def whole(self) -> Block:
        """All of them by ascending id."""
        if len(self.blocks) == 1:
            return self.blocks[0]
        ids, halves = (np.concatenate(parts) for parts in zip(*self.blocks, strict=True))
        if (ids[1:] > ids[:-1]).all():  # as a rule, since what comes later has higher ids
            return ids, halves
        order = np.argsort(ids, kind="stable")
        return ids[order], halves[order]

    def search(self, vector: Vectors, k: int, only: Ids | None = None) -> Hits:
        """The k nearest, best first.

        Args:
            only: ids of which alone any are to be found.
        """
        import faiss

        ids, k = self.whole[0], min(k, len(self))
        if k <= 0:
            return []
        parameters: Any = faiss.SearchParameters
        chosen = None if only is None else parameters(sel=among(np.isin(ids, only)))
        with one_thread():
            scores, rows = self._index.search(vector, k, params=chosen)
        return [(int(ids[row]), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]

    @cached_property
    def _index(self) -> Any:
        import faiss

        halves = np.ascontiguousarray(self.whole[1])
        index = faiss.IndexScalarQuantizer(halves.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        faiss.copy_array_to_vector(halves.view(np.uint8).reshape(-1), index.codes)
        index.ntotal = len(halves)
        return index


def among(chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Any:
    """What keeps FAISS from finding any number that is not true in here."""
    import faiss

    selector: Any = faiss.IDSelectorBitmap
    return selector(np.packbits(chosen, bitorder="little"))


def without(block: Block, removed: Ids) -> Block:
    """A block less some ids; the very block where it holds none of them."""
    ids, halves = block
    kept = ~np.isin(ids, removed)
    return block if kept.all() else (ids[kept], halves[kept])


@contextmanager
def one_thread() -> Iterator[None]:
    """Search on this thread alone: one question has no work for two, and on a busy machine each waits for the other."""
    import faiss

    before = faiss.omp_get_max_threads()  # of this thread
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
