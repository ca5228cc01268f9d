"""The memory that running a model takes. Native code that gets less ends the process without a word."""

import sys

from embeddings.errors import ModelError

_LEAST = 1_500_000_000  # bytes of address space; measured: 1.6 GB is enough to ask, 1.0 GB ends in a segmentation fault


def refuse_little_memory() -> None:
    """Refuse to load an engine where this process may take less memory than it needs.

    Raises:
        ModelError: the limit is too low.
    """
    if sys.platform == "win32":
        return
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < _LEAST:
        most, least = (f"{n_bytes / 1e9:.1f} GB" for n_bytes in (limit, _LEAST))
        raise ModelError(
            f"This process may take {most} of memory (`ulimit -v`), and running a model takes {least}: raise the limit."
        )
