"""The user's cache folder: what is made once for this machine, and may be deleted at any time."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from embeddings.cache_signature import is_own
from embeddings.errors import ModelError

ENGINES, MODELS = CACHES = ("engines", "models")  # the folders in the cache
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_root() -> Path:
    """Return `$PULLQUOTE_CACHE`, or the folder that the system has for such files.

    Raises:
        ModelError: another user owns the folder or may write to it, and so could change a model while it is read.
    """
    root = Path(os.environ.get("PULLQUOTE_CACHE") or user_cache_path("pullquote"))
    for folder in (root, *(root / name for name in CACHES)):
        _secure(folder)
    return root


def _secure(folder: Path) -> None:
    """Refuse a folder of another user, and let no other user write to an own one.

    A umask of 002, as some systems have, lets a group write. What it wrote before has no signature.
    """
    try:
        status = folder.stat()
    except OSError:  # it is not there yet, or cannot be read: its user will say so
        return
    if not is_own(status):
        raise ModelError(
            f"The cache folder {folder} belongs to another user, who could change the models in it: name a folder of your own "
            "in $PULLQUOTE_CACHE."
        )
    if os.name == "posix" and status.st_mode & _OTHERS_WRITE:
        try:
            folder.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS_WRITE)
        except OSError as error:
            raise ModelError(
                f"The cache folder {folder} can be written by other users, who could change the models in it: run `chmod go-w "
                f"{folder}`, or name another folder in $PULLQUOTE_CACHE."
            ) from error


def make_cache(folder: Path) -> None:
    """Make a folder of the cache, which only its owner may enter.

    Raises:
        OSError: it cannot be made.
    """
    cache_root().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


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
        make_cache(place.parent)
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
