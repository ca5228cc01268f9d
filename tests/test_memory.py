"""Memory of an addition stays as it is: what an encoder leaves scattered in the heap goes back to the system."""

import ctypes
import sys
from pathlib import Path
from typing import Any

import pytest
from nasty import write

from embeddings import Encoder, PassageVectors
from qa import Assistant, batches
from qa.memory import give_back

MB = 1_000_000
HOLE = 100_000  # bytes, below the size from which glibc takes a block from the system by itself

glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps such memory"
)


def anonymous() -> int:
    """Bytes of this process that are resident and of no file."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))


def leave_holes(megabytes: int) -> list[int]:
    """Fill many blocks and free all but every tenth, as a transformer does that is given many shapes.

    Returns:
        Where those are that stay.
    """
    system = ctypes.CDLL(None)
    system.malloc.restype = ctypes.c_void_p
    system.malloc.argtypes, system.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    blocks = [system.malloc(HOLE) for _ in range(megabytes * MB // HOLE)]
    for block in blocks:
        ctypes.memset(block, 1, HOLE)
    for number, block in enumerate(blocks):
        if number % 10:
            system.free(block)
    return blocks[::10]


@glibc
def test_holes_in_the_heap_go_back_to_the_system() -> None:
    give_back()
    before = anonymous()
    kept = leave_holes(200)
    assert anonymous() > before + 150 * MB
    give_back()
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
