"""Tests that the memory of an addition does not grow: free blocks scattered in the heap are returned to the system."""

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from support.nasty import write

from embeddings import Encoder, PassageVectors, VectorIndex
from embeddings.index.vector_index import IndexLimits
from qa import Assistant
from qa.ingest import batches
from qa.ingest.memory import release_memory, small_heap
from qa.ingest.progress import Step
from qa.library import indexes
from qa.library.indexes import IndexCache
from qa.library.layout import VECTORS

MB = 1_000_000
HOLE = 100_000  # bytes, below glibc's threshold for allocating a block by mmap
LARGE = 1_000_000  # bytes, above the threshold until glibc raises it when such a block is freed
FEW = IndexLimits(recent=3)

glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps such memory"
)


def anonymous() -> int:
    """Return the resident anonymous memory of this process in bytes."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))


def leave_holes(megabytes: int, size: int = HOLE) -> list[int]:
    """Allocate and fill many blocks, and free all but every tenth, like a transformer that runs on many shapes.

    Returns:
        The addresses of the blocks that were not freed.
    """
    system = ctypes.CDLL(None)
    system.malloc.restype = ctypes.c_void_p
    system.malloc.argtypes, system.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    blocks = [system.malloc(size) for _ in range(megabytes * MB // size)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    for number, block in enumerate(blocks):
        if number % 10:
            system.free(block)
    return blocks[::10]


@glibc
def test_holes_in_the_heap_go_back_to_the_system() -> None:
    release_memory()
    before = anonymous()
    kept = leave_holes(200)
    assert anonymous() > before + 150 * MB
    release_memory()
    assert kept
    assert anonymous() < before + 50 * MB


@glibc
def test_an_addition_keeps_no_holes_that_its_encoder_left(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_PASSAGES", 2)
    encode, kept, seen = Encoder.encode_passages, [], []

    def encode_passages(self: Encoder, passages: Any, **how: Any) -> list[PassageVectors]:
        seen.append(anonymous())
        kept.extend(leave_holes(100))
        return encode(self, passages, **how)

    monkeypatch.setattr(Encoder, "encode_passages", encode_passages)
    files = write(tmp_path / "in", **{f"b{n:02}": f"Bridge {n} fell at noon." for n in range(12)})
    assert len(assistant.add(files).added) == 12
    assert len(seen) == 6
    assert max(seen[1:]) < seen[0] + 80 * MB
    assert anonymous() < seen[0] + 80 * MB


@pytest.fixture
def grown() -> None:
    """Raise glibc's mmap threshold, as freeing large blocks does. It then allocates such blocks in its heaps and keeps them."""
    with small_heap():
        pass


@glibc
def test_large_blocks_go_back_as_they_are_freed(grown: None) -> None:
    before = anonymous()
    with small_heap():
        kept = leave_holes(200, LARGE)
        assert kept
        assert anonymous() < before + 50 * MB


def left_by_a_thread(*, little: bool) -> int:
    """Return the bytes that stay resident after a thread has allocated and freed 40 MB in its own heap."""

    def use_and_free() -> None:
        system = ctypes.CDLL(None)
        for block in leave_holes(40):
            system.free(ctypes.c_void_p(block))
        seen.append(anonymous())

    with small_heap():
        pass  # raises glibc's mmap threshold
    seen: list[int] = []
    before = anonymous()
    with small_heap() if little else nullcontext():
        thread = threading.Thread(target=use_and_free)
        thread.start()
        thread.join()
    return seen[0] - before


@pytest.mark.slow
@glibc
def test_the_free_end_of_a_threads_heap_goes_back() -> None:
    # In a new process, because a thread of this one may get a heap with other blocks at its end.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as own:
        kept, given_back = (own.submit(left_by_a_thread, little=little) for little in (False, True))
        assert kept.result() > 30 * MB
        assert given_back.result() < 20 * MB


@glibc
def test_an_addition_has_its_encoders_large_blocks_back_at_once(
    grown: None, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, kept, seen = Encoder.encode_passages, [], []

    def encode_passages(self: Encoder, passages: Any, **how: Any) -> list[PassageVectors]:
        before = anonymous()
        kept.extend(leave_holes(200, LARGE))
        seen.append(anonymous() - before)
        return encode(self, passages, **how)

    monkeypatch.setattr(Encoder, "encode_passages", encode_passages)
    assert len(assistant.add(write(tmp_path / "in", bridge="The bridge fell at noon.")).added) == 1
    assert len(seen) == 1
    assert seen[0] < 50 * MB


@pytest.fixture
def few_objects() -> Iterator[None]:
    """Keep the garbage collector to objects made from now on: all that the test's process holds would take seconds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def n_indexes() -> int:
    gc.collect()
    return sum(type(each) is VectorIndex and len(each) > 0 for each in gc.get_objects())


@pytest.mark.slow
@pytest.mark.parametrize("asked", [False, True])
def test_an_addition_holds_the_vectors_only_where_questions_are_asked_meanwhile(
    few_objects: None, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    monkeypatch.setattr(batches, "_PASSAGES", 2)
    assistant.indexes = IndexCache(assistant.library, FEW)
    before, held, held_over = n_indexes(), [], []

    def look(step: Step) -> None:
        if asked and step.done % 2 and step.done > 1:  # the first step of a batch, with no question since it was stored
            held_over.append(n_indexes() - before)
        if step.done % 4 == 0:
            assert (assistant.library.folder / VECTORS).exists() == (step.done >= 4)
            held.append(n_indexes() - before)
        if asked:
            assert assistant.ask(f"When did bridge {step.done - 1} fall?").found

    files = write(tmp_path / "in", **{f"b{n:02}": f"Bridge {n} fell at noon." for n in range(16)})
    assert len(assistant.add(files, on_step=look).added) == 16
    assert (max(held) > 0) == asked
    assert all(held_over)
    assert assistant.ask("When did bridge 15 fall?").found


def test_an_addition_does_not_read_the_saved_vectors_with_every_batch(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_PASSAGES", 1)
    monkeypatch.setattr(indexes, "_FEW_ADDED", 0)
    assistant.indexes = IndexCache(assistant.library, IndexLimits(recent=6))
    load, loads = VectorIndex.load, []

    def counted(path: Path, limits: IndexLimits | None = None) -> tuple[VectorIndex, dict[str, Any]]:
        found = load(path, limits)
        loads.append(path)
        return found

    monkeypatch.setattr(VectorIndex, "load", counted)
    files = write(tmp_path / "in", **{f"b{n:02}": f"Bridge {n} fell at noon." for n in range(20)})
    assert len(assistant.add(files).added) == 20
    assert len(loads) == 2  # once before each time the vectors are saved


@pytest.mark.parametrize("n", [3, 5])
def test_a_long_addition_that_cannot_write_its_vectors_fails_before_its_first_batch_is_stored(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    assistant.indexes = IndexCache(assistant.library, FEW)
    monkeypatch.setitem(sys.modules, "faiss", None)
    files = write(tmp_path / "in", **{f"b{n:02}": f"Bridge {n} fell at noon." for n in range(n)})
    if n > FEW.recent:
        with pytest.raises(ImportError):
            assistant.add(files)
        assert assistant.articles() == []
    else:
        assert len(assistant.add(files).added) == n
