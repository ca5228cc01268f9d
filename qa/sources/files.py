"""Local files and uploads: where an article is read from. Only regular files of bounded size are opened."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.types.errors import ArticleUnreadable

# Do not wait for the other end of a pipe, take over a terminal, or translate line breaks. Some systems lack some flags.
_OPEN = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine."""

    path: Path
    in_folder: bool = False  # found by walking a folder: a link that has replaced it by the time it is opened is not followed

    @property
    def source(self) -> str:
        return source_name(self.path)

    @property
    def n_bytes(self) -> int:
        """The size of the file, for estimates. Return 0 if it cannot be read."""
        return _size(self.path)

    def read(self) -> bytes:
        """Return the content of the file.

        Raises:
            ArticleUnreadable: as `read` does.
        """
        return read(self.path, follow_links=not self.in_folder)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent from another machine. It lies here until it has been read."""

    source: str  # its name there, with the folders that were sent with it: "2004/asylum.pdf"; never an absolute path
    path: Path  # where it is stored now
    title: str | None = None  # of the article in it, if the sender gave one
    again: bool = False  # whether it was read before, under this name

    @property
    def n_bytes(self) -> int:
        """The size of the file, for estimates. Return 0 if it cannot be read."""
        return _size(self.path)

    def read(self) -> bytes:
        """Return the content of the file.

        Raises:
            ArticleUnreadable: as `read` does.
        """
        return read(self.path)


def source_name(path: Path) -> str:
    """Return the absolute path as text, one for each file. Bytes of a name that are not UTF-8 are written as escapes."""
    absolute = os.path.join(os.path.realpath(path.parent), path.name)
    return absolute.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read(path: Path, limits: Limits = LIMITS, *, follow_links: bool = True) -> bytes:
    """Return the content of a regular file. A pipe or a device is refused without waiting for it.

    Raises:
        ArticleUnreadable: the file is not regular, too large, empty, or access is denied.
    """
    content = read_at_most(path, limits.file_bytes, follow_links=follow_links)
    if not content:
        raise ArticleUnreadable("the file is empty")
    return content


def read_at_most(path: Path, n_bytes: int, *, follow_links: bool) -> bytes:
    """Return the content of a regular file, which may be empty.

    Raises:
        ArticleUnreadable: the file is not regular, larger than `n_bytes`, or access is denied.
    """
    try:
        if not stat.S_ISREG(os.stat(path, follow_symlinks=follow_links).st_mode):  # merely opening a device may start it
            raise ArticleUnreadable("this is not a regular file")
        descriptor = os.open(path, _OPEN | (0 if follow_links else getattr(os, "O_NOFOLLOW", 0)))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ArticleUnreadable("this is not a regular file")
            content = file.read(n_bytes + 1) if status.st_size <= n_bytes else b""
            size = max(status.st_size, len(content))  # it may have grown since
    except OSError as error:
        raise ArticleUnreadable(f"the file cannot be read ({error.strerror or error})") from error
    if size > n_bytes:
        raise ArticleUnreadable(f"the file has {size / MB:.0f} MB; the limit is {n_bytes // MB} MB")
    return content


def _size(path: Path) -> int:
    try:
        size = os.stat(path).st_size
    except OSError:  # reading it will give the reason
        return 0
    return size if size <= LIMITS.file_bytes else 0
