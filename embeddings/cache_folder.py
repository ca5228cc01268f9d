"""The user's cache folder: what is made once for this machine, and may be deleted at any time."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path


def cache_root() -> Path:
    """Return `$PULLQUOTE_CACHE`, or the folder that the system has for such files."""
    return Path(os.environ.get("PULLQUOTE_CACHE") or user_cache_path("pullquote"))


@contextmanager
def new_folder(place: Path, *, must_last: bool = False) -> Iterator[Path]:
    """Yield a folder to write to, and move it into the cache at the end. It is temporary where the cache is not writable.

    Args:
        place: where it goes. What is there already is replaced.
        must_last: raise an error rather than yield a temporary folder.

    Raises:
        OSError: it must last and the cache is not writable, or it cannot be moved.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    except OSError:
        if must_last:
            raise
        with tempfile.TemporaryDirectory(prefix="pullquote-") as temporary:
            yield Path(temporary)
        return
    try:
        yield working
        if place.exists():  # damaged, or another process was faster and keeps its files open
            shutil.rmtree(place, ignore_errors=True)
        working.rename(place)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
