"""Disk: whether a folder can be written to, and what to do where it cannot."""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.types.errors import LibraryError

_PROBE = bytes(1 << 16)  # SQLite and tantivy write at least as much beside their files
_STORED = 10  # bytes stored for a byte of text, most of them of sentence vectors in half precision

# Errors of SQLite that a sound database can meet when it cannot make or extend a file.
_CANNOT_WRITE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


def is_of_disk(error: sqlite3.Error) -> bool:
    """Whether SQLite met a disk that cannot be written to, rather than a damaged or busy database."""
    return primary_code(error) in _CANNOT_WRITE


def primary_code(error: Exception | None) -> int:
    """Return the primary code of an error of SQLite, its low byte."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def advise(folder: Path, error: Exception | None = None) -> str:
    """Return what to do about an error in writing to a folder, as the end of a sentence. The disk is named.

    Args:
        error: the error, if its number is known. Without, the folder is written to for finding out.
    """
    number = error.errno if isinstance(error, OSError) and error.errno else _probe(folder)
    advice: dict[int | None, str] = {
        errno.ENOSPC: f"the disk of {mount_point(folder)} is full, so make room on it",
        errno.EDQUOT: f"your quota on the disk of {mount_point(folder)} is used up, so make room on it",
        errno.EFBIG: "this process may not write files as large as that, so raise `ulimit -f`",
        errno.EMFILE: "this process has as many files open as it may, so raise `ulimit -n`",
        errno.ENFILE: "the system has as many files open as it may, so close other programs",
        errno.EIO: f"the disk of {mount_point(folder)} fails, so save what is on it",
        errno.ENOMEM: "the memory is used up, so close other programs",
    }
    if number is None and _file_size_limit() is not None:
        number = errno.EFBIG
    if number is None:  # there is room by now, or SQLite was given a limit of its own
        return f"make room on the disk of {mount_point(folder)}" if primary_code(error) == sqlite3.SQLITE_FULL else "try again"
    return advice.get(number, f"let this user read and write {folder} and its files")


def mount_point(folder: Path) -> Path:
    """Return the folder under which the disk of a folder is mounted."""
    folder = folder.absolute()
    return next((each for each in (folder, *folder.parents) if os.path.ismount(each)), folder)


def warn_of_little_room(folder: Path, n_bytes: int) -> str | None:
    """Return a warning if a disk has less room than adding so many bytes of articles usually takes, or None."""
    free, wanted = shutil.disk_usage(folder).free, _STORED * n_bytes
    if free >= wanted:
        return None
    return (
        f"The disk of {mount_point(folder)} has {_megabytes(free)} free, and {_megabytes(n_bytes)} of articles take some "
        f"{_megabytes(wanted)}: make room on it. What does not fit is not stored, and what is stored stays."
    )


@contextmanager
def named_errors(what: str, folder: Path, kind: Callable[[str], LibraryError] = LibraryError) -> Iterator[None]:
    """Raise an error of the system as one of the library, which says what failed and what to do.

    Args:
        what: the beginning of the sentence, such as "The backup cannot be written".
        folder: where files were to be written.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise kind(f"{what} ({error}): {advise(folder, error)}.") from error


def _probe(folder: Path) -> int | None:
    """Write to a folder, and return the number of the error or None."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(_PROBE)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno
    return None


def _file_size_limit() -> int | None:
    """Return how many bytes a file of this process may have, or None where there is no limit."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
