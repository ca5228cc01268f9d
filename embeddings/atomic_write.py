"""Writing a file so that a crash leaves the old content or the new, and never a part of either."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_LONGEST_NAME = 100  # characters of a file's name that its temporary file is named after


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

    Raises:
        OSError: it cannot be written. The old file is unchanged and no temporary file is left.
    """
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name[:_LONGEST_NAME]}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _umask() -> int:
    """Return the process's umask, which can only be read by setting it."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
