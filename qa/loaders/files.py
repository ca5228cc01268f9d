"""Which files there are, and their bytes: regular files only, of bounded size, found in a fixed order."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from qa.articles import Failure
from qa.errors import ArticleUnreadable
from qa.loaders import formats, source_name

MAX_FILE_BYTES = 20_000_000


def find(paths: Sequence[Path]) -> Iterator[Path | Failure]:
    """The files to read: those named, and in named folders all that have a known extension, by name.

    Hidden files are passed over and links inside a folder are not followed.
    """
    seen: set[str] = set()
    for path in paths:
        if os.path.isdir(path):
            inside: list[Path | Failure] = list(_walk(path))
            if not inside:
                known = ", ".join(formats())
                yield Failure(source_name(path), f"this folder holds no article ({known})")
        elif not os.path.lexists(path):
            yield Failure(source_name(path), "there is no such file or folder")
            continue
        else:
            inside = [path]
        for file in inside:
            if isinstance(file, Failure):
                yield file
                continue
            key = os.path.realpath(file)
            if key not in seen:
                seen.add(key)
                yield file


def _walk(folder: Path) -> Iterator[Path | Failure]:
    known = tuple(formats())
    unreadable: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and name.lower().endswith(known) and not path.is_symlink():
                yield path
    for error in unreadable:
        yield Failure(source_name(Path(error.filename)), f"the folder cannot be read ({error.strerror})")


def read(path: Path) -> bytes:
    """A regular file's bytes; never waits on a pipe or device.

    Raises:
        ArticleUnreadable: the file is none of that, too large, empty, or may not be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ArticleUnreadable("this is not a regular file")
            if status.st_size > MAX_FILE_BYTES:
                megabytes = MAX_FILE_BYTES // 1_000_000
                raise ArticleUnreadable(f"the file has {status.st_size / 1e6:.0f} MB; the limit is {megabytes} MB")
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ArticleUnreadable(f"the file cannot be read ({error.strerror or error})") from error
    if not content:
        raise ArticleUnreadable("the file is empty")
    return content
