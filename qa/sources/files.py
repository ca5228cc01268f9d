"""Which files there are, and their bytes: regular files only, of bounded size, found in a fixed order."""

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from qa.sources import detection
from qa.sources.draft import source_name
from qa.sources.limits import LIMITS, MB, Limits
from qa.types.articles import Failure
from qa.types.errors import ArticleUnreadable

_IGNORED = ".gitignore"
_GONE = (errno.ENOENT, errno.ENOTDIR)  # a folder that was removed while the one above it was walked
# Flags that some systems have: no waiting for a pipe's other end, no terminal taken over, line breaks left as they are.
_OPEN = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


class Inside(type(Path())):  # type: ignore[misc]  # in 3.11 there is no other way to be a path
    """A file found in a named folder: should a link stand in its place by the time it is opened, it is not followed."""

    __slots__ = ()


def find(paths: Sequence[Path], limits: Limits = LIMITS) -> Iterator[Path | Failure]:
    """The files to read: those named, and in named folders all that have a known ending; a folder's files before its folders.

    In folders, hidden files and links are passed over, and what a `.gitignore` there, or further up in them, says.
    """
    real = lru_cache(maxsize=1)(os.path.realpath)
    seen: set[str] = set()
    n_found = 0
    for path in paths:
        for file in _below(path):
            if isinstance(file, Failure):
                yield file
                continue
            if len(paths) > 1:  # else none can come twice
                key = os.path.join(real(file.parent), file.name) if isinstance(file, Inside) else os.path.realpath(file)
                if key in seen:
                    continue
                seen.add(key)
            if n_found == limits.files:
                reason = f"there are more than {limits.files:,} files; add the rest folder by folder"
                yield Failure(source_name(path), reason)
                return
            n_found += 1
            yield file


def _below(path: Path) -> Iterator[Path | Failure]:
    if not os.path.isdir(path):
        known = os.path.lexists(path)
        yield path if known else Failure(source_name(path), "there is no such file or folder")
        return
    empty = True
    for file in _walk(path):
        empty = False
        yield file
    if empty:
        yield Failure(source_name(path), f"this folder holds no article ({', '.join(detection.endings())})")


def _walk(root: Path) -> Iterator[Inside | Failure]:
    waiting: list[tuple[str, tuple[_Rules, ...]]] = [(os.fspath(root), ())]
    while waiting:
        folder, rules = waiting.pop()
        try:
            names, folders, ignoring = _entries(folder)
        except OSError as error:
            if error.errno not in _GONE or folder == os.fspath(root):
                yield Failure(source_name(Path(folder)), f"the folder cannot be read ({error.strerror})")
            continue
        if ignoring:
            try:
                rules = (*rules, _Rules(folder))
            except ArticleUnreadable as error:
                yield Failure(source_name(Path(folder, _IGNORED)), str(error))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not _is_ignored(path, rules, is_folder=False):
                yield Inside(path)
        below = [os.path.join(folder, name) for name in sorted(folders, reverse=True)]
        waiting += [(path, rules) for path in below if not _is_ignored(path, rules, is_folder=True)]


def _entries(folder: str) -> tuple[list[str], list[str], bool]:
    """The names of a folder's files of a known ending and of its folders, and whether it has a `.gitignore`."""
    names, folders, ignoring = [], [], False
    endings = detection.endings()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == _IGNORED:
                ignoring = entry.is_file(follow_symlinks=False)  # as git does
            elif entry.name.startswith("."):
                continue
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.name.lower().endswith(endings) and entry.is_file(follow_symlinks=False):
                names.append(entry.name)
    return names, folders, ignoring


class _Rules:
    """What the `.gitignore` of a folder says of paths below it."""

    def __init__(self, folder: str) -> None:
        self._prefix = len(os.path.join(folder, ""))
        lines = os.fsdecode(_content(Inside(folder, _IGNORED), MB).removeprefix(b"\xef\xbb\xbf")).splitlines()
        self._files = _git_rules(lines)
        # pathspec lets `*` win over a later `!*/`, which git does not; of a folder, `x/` says what `x` says
        self._folders = _git_rules([re.sub(r"/+\s*$", "", line) for line in lines])

    def says(self, path: str, is_folder: bool) -> bool | None:
        """Whether it ignores a path; None where it says nothing of it."""
        said: bool | None = (self._folders if is_folder else self._files).check_file(path[self._prefix :]).include
        return said


def _git_rules(lines: list[str]) -> Any:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # git passes over a line that is no pattern
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _is_ignored(path: str, rules: tuple[_Rules, ...], *, is_folder: bool) -> bool:
    """Whether the nearest `.gitignore` that says anything of a path ignores it."""
    for each in reversed(rules):
        said = each.says(path, is_folder)
        if said is not None:
            return said
    return False


def read(path: Path, limits: Limits = LIMITS) -> bytes:
    """A regular file's bytes; never waits on a pipe or device.

    Raises:
        ArticleUnreadable: the file is none of that, too large, empty, or may not be read.
    """
    content = _content(path, limits.file_bytes)
    if not content:
        raise ArticleUnreadable("the file is empty")
    return content


def _content(path: Path, most: int) -> bytes:
    inside = isinstance(path, Inside)
    try:
        if not stat.S_ISREG(os.stat(path, follow_symlinks=not inside).st_mode):  # to open a device may set it going
            raise ArticleUnreadable("this is not a regular file")
        descriptor = os.open(path, _OPEN | (getattr(os, "O_NOFOLLOW", 0) if inside else 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ArticleUnreadable("this is not a regular file")
            content = file.read(most + 1) if status.st_size <= most else b""
            size = max(status.st_size, len(content))  # it may have grown
    except OSError as error:
        raise ArticleUnreadable(f"the file cannot be read ({error.strerror or error})") from error
    if size > most:
        raise ArticleUnreadable(f"the file has {size / MB:.0f} MB; the limit is {most // MB} MB")
    return content
