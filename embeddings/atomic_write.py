"""Writing a file so that a crash leaves the old content or the new, and never a part of either."""

import os
from contextlib import suppress
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content. The new content is on the disk, not only in a cache, when this returns.

    Raises:
        OSError: it cannot be written. The old file is unchanged and no temporary file is left.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        rename_durably(temporary, path)
    except OSError:
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
