"""Returning freed memory to the system, where the C library would keep it for later. Does nothing except under glibc."""

import ctypes
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD
_SMALL = {_MMAP_THRESHOLD: 1 << 18, _TRIM_THRESHOLD: 1 << 20}  # bytes
_LARGE = {_MMAP_THRESHOLD: 1 << 25, _TRIM_THRESHOLD: 1 << 26}  # the highest values that glibc itself raises them to


@contextmanager
def small_heap() -> Iterator[None]:
    """Allocate large blocks outside the heap meanwhile, so that they and the heap's free end return to the system.

    A transformer asks for blocks of another size for every shape of its input. glibc soon takes such blocks from its heap,
    where each lands between blocks in use, so that ever more of the heap is touched. It also keeps up to 64 MB free at the end
    of each thread's heap, which `release_memory` cannot return.
    """
    _tune(_SMALL)
    try:
        yield
    finally:
        _tune(_LARGE)


def release_memory() -> None:
    """Return the heap's unused pages to the system.

    By itself the heap can only shrink from its end, where something small is in use.
    """
    trim = _glibc_function("malloc_trim")
    if trim:
        trim(0)


def _tune(options: Mapping[int, int]) -> None:
    tune = _glibc_function("mallopt")
    if tune:
        for option, size in options.items():
            tune(option, size)


@cache
def _glibc_function(name: str) -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    function: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return function
