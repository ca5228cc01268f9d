"""Writing a file so that a crash leaves the old content or the new, and never a part of either."""

import glob
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_LONGEST_NAME = 100  # characters of a file's name that its temporary file is named after
_RANDOM = "[a-z0-9_]" * 8  # what `tempfile` puts into a name


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file of the library's own, which only its owner may read. A link in its place is replaced, not followed.

    The new content is on the disk, not only in a cache, when this returns.

    Raises:
        OSError: it cannot be written. The old file is unchanged and no temporary file is left.
    """
    with replacing(path) as file:
        file.write(content)


def write_output(path: Path, content: bytes) -> None:
    """Replace a file that a user named, as `write_atomically` does. It keeps its permissions, and a link is followed.

    What is no regular file, such as a pipe, is written to as it is.

    Raises:
        OSError: it cannot be written. The old file is unchanged.
    """
    path = path.resolve()
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as special:
            special.write(content)
        return
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    with replacing(path, mode) as file:
        file.write(content)


@contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Yield a temporary file to write to, and put it in the place of another at the end.

    What earlier writers of the same file left when they were killed is deleted.

    Raises:
        OSError: it cannot be written. The old file is unchanged and no temporary file is left.
    """
    prefix = f"{path.name[:_LONGEST_NAME]}."
    sweep(path.parent.glob(f"{glob.escape(prefix)}{_RANDOM}.tmp"))
    descriptor, temporary = _make_temporary(prefix, path.parent)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            temporary.chmod(mode)
            os.fsync(file.fileno())
        rename_durably(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def rename_durably(temporary: Path, path: Path) -> None:
    """Rename a file that is already on the disk, and write its folder too, so that the new name survives a crash."""
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Write a folder to the disk, so that the names of new files in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def working_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a new folder that only its owner may enter, and delete what is left of it at the end.

    Folders of the same prefix that earlier processes left when they were killed are deleted.
    """
    sweep(parent.glob(f"{glob.escape(prefix)}{_RANDOM}"))
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    descriptor = os.open(folder, os.O_RDONLY) if os.name == "posix" else None
    try:
        if descriptor is not None:
            _hold(descriptor)
        folder.mkdir(mode=0o700, exist_ok=True)  # another process may have swept it before it was held
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def sweep(paths: Iterable[Path]) -> None:
    """Delete files and folders that writers left when they were killed. What a living writer holds stays."""
    for path in paths:
        with suppress(ImportError, OSError):  # without locks, as on Windows, nobody knows whether the writer lives
            _delete_unheld(path)


def _make_temporary(prefix: str, folder: Path) -> tuple[int, Path]:
    """Make a temporary file and hold it. Return its descriptor and path."""
    while True:
        descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=folder)
        _hold(descriptor)
        if Path(name).exists():  # else another process has swept it before it was held
            return descriptor, Path(name)
        os.close(descriptor)


def _hold(descriptor: int) -> None:
    """Keep a file or folder from being swept for as long as it is open."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _delete_unheld(path: Path) -> None:
    import fcntl

    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    finally:
        os.close(descriptor)


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
