"""Memory that was freed goes back to the system, where the C library would keep it for later."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Return the pages that hold nothing any more; does nothing but under glibc.

    A transformer asks for blocks of another size for every shape of its input. glibc soon takes such blocks out of its heap,
    and the heap can only shrink from its end, where something small is in use: an addition of 10,000 files would come to
    keep more than it ever uses at a time.
    """
    trim = _trim()
    if trim:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
