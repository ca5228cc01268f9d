"""Putting vectors into lists by nearness, and finding out how many of the lists must be read to find the nearest."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from embeddings.index.flat_index import Block
from embeddings.model_spec import Vectors, unit

Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]

_CHUNK = 32_768  # vectors widened to float32 at once, 50 MB
_SAMPLE = 40  # vectors a list that the lists are trained on
_QUESTIONS = 128  # made of the vectors, to find out how many lists must be read
_NEIGHBOURS = 100  # of each that are to be found
_FOUND = 0.995  # of them


def grouped(dimension: int, n_lists: int, blocks: Callable[[], Iterator[Block]], like: Any = None) -> Any:
    """A FAISS index of vectors in lists, each with those that are nearest to its middle.

    Args:
        dimension: of the vectors.
        n_lists: one is searched exactly, more as far as is needed to find nearly all of the nearest.
        blocks: all the vectors, as often as it is called.
        like: an index whose lists are used again where it has as many, and are then the first of the blocks, perhaps less
            some vectors; else lists are trained on a sample.

    Source: inverted lists, Jégou, Douze and Schmid, TPAMI 2011.
    """
    import faiss

    n = sum(len(ids) for ids, _ in blocks())
    known = n_lists if like is not None and like.nlist == n_lists else 0
    if n_lists == 1:
        middles = np.zeros((1, dimension), np.float32)
    elif known:
        middles = like.quantizer.reconstruct_n(0, n_lists)
    else:
        middles = _trained(_evenly(blocks(), n, min(n, _SAMPLE * n_lists)), n_lists)
    quantizer: Any = faiss.IndexFlatIP(dimension)
    quantizer.add(middles)
    kind, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(quantizer, dimension, n_lists, kind, metric, False)
    quantizer.this.disown()
    index.own_fields = True
    index.is_trained = True  # half precision has nothing to learn
    _fill(index, blocks, _nearest_lists(quantizer, blocks(), known))
    if n_lists > 1:
        index.nprobe = _n_needed(index, _like_questions(_evenly(blocks(), n, min(n, _QUESTIONS))))
    return index


def _trained(sample: Vectors, n_lists: int) -> Vectors:
    import faiss

    size = sample.shape[1]
    training: Any = faiss.Kmeans(
        size, n_lists, niter=10, seed=1, spherical=True, min_points_per_centroid=1, max_points_per_centroid=_SAMPLE
    )
    training.train(sample)
    middles: Vectors = training.centroids
    return middles


def _in_chunks(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same vectors in the same order, so many at once that each step is worth its overhead."""
    waiting: list[Block] = []
    for ids, halves in blocks:
        for start in range(0, len(ids), _CHUNK):
            waiting.append((ids[start : start + _CHUNK], halves[start : start + _CHUNK]))
            if sum(len(ids) for ids, _ in waiting) >= _CHUNK:
                yield np.concatenate([ids for ids, _ in waiting]), np.concatenate([halves for _, halves in waiting])
                waiting = []
    if waiting:
        yield np.concatenate([ids for ids, _ in waiting]), np.concatenate([halves for _, halves in waiting])


def _evenly(blocks: Iterable[Block], n: int, wanted: int) -> Vectors:
    """So many of the n vectors, spread over all of them."""
    rows = np.linspace(0, n - 1, wanted).astype(np.int64)
    found, start = [], 0
    for ids, halves in blocks:
        inside = rows[np.searchsorted(rows, start) : np.searchsorted(rows, start + len(ids))]
        found.append(halves[inside - start].astype(np.float32))
        start += len(ids)
    return np.concatenate(found)


def _nearest_lists(quantizer: Any, blocks: Iterator[Block], known: int) -> Numbers:
    """The number of each vector's list; so many of the blocks at the beginning are the lists themselves."""
    found = [np.full(len(ids), number, np.int32) for number, (ids, _) in enumerate(islice(blocks, known))]
    for _, halves in _in_chunks(blocks):
        nearest = quantizer.search(halves.astype(np.float32), 1)[1] if quantizer.ntotal > 1 else np.zeros((len(halves), 1))
        found.append(nearest[:, 0].astype(np.int32))
    return np.concatenate(found)


def list_of(index: Any, number: int) -> Block:
    """One list's ids and vectors, where they lie in memory; the index must live as long as they are used."""
    import faiss

    size, width = index.invlists.list_size(number), index.code_size
    if size == 0:
        return np.empty(0, np.int64), np.empty((0, index.d), np.float16)
    ids = faiss.rev_swig_ptr(index.invlists.get_ids(number), size)
    codes = faiss.rev_swig_ptr(index.invlists.get_codes(number), size * width)
    return ids, codes.view(np.float16).reshape(size, index.d)


def _fill(index: Any, blocks: Callable[[], Iterator[Block]], lists: Numbers) -> None:
    """Write the vectors into lists of exactly the sizes needed; adding to them would take up to twice the memory."""
    for number, size in enumerate(np.bincount(lists, minlength=index.nlist).tolist()):
        index.invlists.resize(number, size)
    filled, done = np.zeros(index.nlist, np.int64), 0
    for ids, halves in _in_chunks(blocks()):
        here = lists[done : done + len(ids)]
        order = np.argsort(here, kind="stable")
        numbers, starts = np.unique(here[order], return_index=True)
        for number, rows in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
            start, end = filled[number], filled[number] + len(rows)
            there_ids, there = list_of(index, number)
            there_ids[start:end], there[start:end] = ids[rows], halves[rows]
            filled[number] = end
        done += len(ids)
    for number in range(index.nlist):  # in the order of ids, so that of equal scores the same are always found
        ids, halves = list_of(index, number)
        order = np.argsort(ids, kind="stable")
        ids[:], halves[:] = ids[order], halves[order]
    index.ntotal = done


def _like_questions(vectors: Vectors) -> Vectors:
    """Vectors that lie farther from all others than most questions do: two thirds of the way from vectors to chance."""
    chance = unit(np.random.default_rng(0).standard_normal(vectors.shape))
    return unit(vectors + 2 * chance)


def _n_needed(index: Any, questions: Vectors) -> int:
    """How many lists must be read to find so great a share of each question's nearest as is wanted."""
    index.nprobe = index.nlist
    _, nearest = index.search(questions, min(_NEIGHBOURS, index.ntotal))
    ids = np.concatenate([list_of(index, number)[0] for number in range(index.nlist)])
    holding = np.repeat(np.arange(index.nlist), [index.invlists.list_size(number) for number in range(index.nlist)])
    order = np.argsort(ids)
    lists = holding[order[np.searchsorted(ids, nearest, sorter=order)]]
    _, by_nearness = index.quantizer.search(questions, index.nlist)
    ranks = np.argsort(by_nearness, axis=1)  # of each list among those of a question
    return int(np.quantile(np.take_along_axis(ranks, lists, axis=1), _FOUND, method="higher")) + 1
