"""Memory that was freed goes back to the system, where the C library would keep it for later."""

import ctypes
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's M_TRIM_THRESHOLD and M_MMAP_THRESHOLD
_SMALL = {_MMAP_THRESHOLD: 1 << 18, _TRIM_THRESHOLD: 1 << 20}  # bytes
_LARGE = {_MMAP_THRESHOLD: 1 << 25, _TRIM_THRESHOLD: 1 << 26}  # as far as glibc raises them by itself


@contextmanager
def little_kept() -> Iterator[None]:
    """While this lasts, large blocks lie outside the heap and go back to the system when they are freed, as its free end does.

    A transformer asks for blocks of another size for every shape of its input. glibc soon takes such blocks out of its heap,
    where each finds another place between what is in use, so that ever more of the heap is touched; and of each thread's heap
    it keeps up to 64 MB that are free at its end, which `give_back` cannot return. Does nothing but under glibc.
    """
    _tune(_SMALL)
    try:
        yield
    finally:
        _tune(_LARGE)


def _tune(options: Mapping[int, int]) -> None:
    tune = _of_glibc("mallopt")
    if tune:
        for option, size in options.items():
            tune(option, size)


def give_back() -> None:
    """Return the pages of the heap that hold nothing any more; does nothing but under glibc.

    By itself the heap can only shrink from its end, where something small is in use.
    """
    trim = _of_glibc("malloc_trim")
    if trim:
        trim(0)


@cache
def _of_glibc(name: str) -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    function: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return function
