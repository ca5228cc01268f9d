"""Discovery: the files that paths lead to, then the pages that web addresses lead to.

A folder gives all files in it with a known extension, in a fixed order, except hidden files, links, and files ignored by a
`.gitignore`.
"""

import errno
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from qa.sources.files import LocalFile, Upload, read_at_most, source_name
from qa.sources.formats import detection, ocr
from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.sources.web import WebPage
from qa.types.articles import Failure
from qa.types.errors import ArticleUnreadable

Source = LocalFile | Upload | WebPage

_URL = re.compile(r"https?://", re.I)
_GITIGNORE = ".gitignore"
_MISSING = (errno.ENOENT, errno.ENOTDIR)  # a folder was removed while its parent was walked


@dataclass(frozen=True, slots=True)
class Sources:
    """What there is to add, in order. Files come first, since they need no connection."""

    files: Sequence[LocalFile | Upload | Failure]
    urls: Sequence[str] = ()
    newest: int = 0  # how many pages of a feed or sitemap
    named: frozenset[str] = frozenset()  # sources that were given by name, not found in a folder

    @property
    def n(self) -> int:
        """The number of files and addresses. An address may lead to several pages."""
        return len(self.files) + len(self.urls)

    @property
    def n_bytes(self) -> int:
        """The total size of the files, for estimates."""
        return sum(file.n_bytes for file in self.files if not isinstance(file, Failure))

    def __iter__(self) -> Iterator[Source | Failure]:
        """Yield each file, then each page, which is fetched only when its turn comes."""
        yield from self.files
        if not self.urls:
            return
        from qa.sources.web.crawl import crawl  # an HTTP client is slow to import
        from qa.sources.web.fetching import Fetcher

        with Fetcher() as fetcher:
            for url in self.urls:
                yield from crawl(url, k=self.newest, fetcher=fetcher)


def discover(paths: Sequence[str | os.PathLike[str] | Upload], newest: int) -> Sources:
    """Find the files in folders, and tell web addresses from paths.

    Args:
        paths: paths of files and folders, uploads, and addresses of pages, feeds and sitemaps.
        newest: how many pages of a feed or sitemap.
    """
    uploads = [path for path in paths if isinstance(path, Upload)]
    others = [path for path in paths if not isinstance(path, Upload)]
    local = [Path(path) for path in others if not is_url(path)]
    urls = [str(path) for path in others if is_url(path)]
    named = frozenset([*map(source_name, local), *(upload.source for upload in uploads)])
    return Sources([*find_files(local), *uploads], urls, newest, named)


def is_url(path: object) -> bool:
    """Tell whether something to add is on the web."""
    return isinstance(path, str) and _URL.match(path) is not None


def find_files(paths: Sequence[Path], limits: Limits = LIMITS) -> Iterator[LocalFile | Failure]:
    """Yield the files to read, each once: those named, and in folders those with a known extension.

    The files of a folder come before those of its subfolders, both sorted by name.
    """
    real_folder = lru_cache(maxsize=1)(os.path.realpath)
    seen: set[str] = set()
    n_files = 0
    for path in paths:
        for file in _files_at(path):
            if isinstance(file, Failure):
                yield file
                continue
            if len(paths) > 1:  # else no file can come twice
                at = file.path
                real = os.path.join(real_folder(at.parent), at.name) if file.in_folder else os.path.realpath(at)
                if real in seen:
                    continue
                seen.add(real)
            if n_files == limits.files:
                yield Failure(source_name(path), f"there are more than {limits.files:,} files; add the rest folder by folder")
                return
            n_files += 1
            yield file


def _files_at(path: Path) -> Iterator[LocalFile | Failure]:
    if not os.path.isdir(path):
        exists = os.path.lexists(path)
        yield LocalFile(path) if exists else Failure(source_name(path), "there is no such file or folder")
        return
    empty = True
    for file in _walk(path):
        empty = False
        yield file
    if empty:
        yield Failure(source_name(path), f"this folder holds no article ({', '.join(detection.extensions())})")


def _walk(root: Path) -> Iterator[LocalFile | Failure]:
    """Yield the files below a folder. This is a loop, since folders may be nested deeper than calls can be."""
    pending: list[tuple[str, tuple[_GitIgnore, ...]]] = [(os.fspath(root), ())]
    while pending:
        folder, ignores = pending.pop()
        try:
            names, subfolders, has_gitignore = _list_folder(folder)
        except OSError as error:
            if error.errno not in _MISSING or folder == os.fspath(root):
                yield Failure(source_name(Path(folder)), f"the folder cannot be read ({error.strerror})")
            continue
        if has_gitignore:
            try:
                ignores = (*ignores, _GitIgnore(folder))
            except ArticleUnreadable as error:
                yield Failure(source_name(Path(folder, _GITIGNORE)), str(error))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not _is_ignored(path, ignores, is_folder=False):
                yield LocalFile(Path(path), in_folder=True)
        below = [os.path.join(folder, name) for name in sorted(subfolders, reverse=True)]
        pending += [(path, ignores) for path in below if not _is_ignored(path, ignores, is_folder=True)]


def _list_folder(folder: str) -> tuple[list[str], list[str], bool]:
    """Return the names of its files with a known extension, of its subfolders, and whether it has a `.gitignore`."""
    names, subfolders, has_gitignore = [], [], False
    extensions = detection.extensions(pictures=ocr.is_installed())
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == _GITIGNORE:
                has_gitignore = entry.is_file(follow_symlinks=False)  # as git does
            elif entry.name.startswith("."):
                continue
            elif entry.is_dir(follow_symlinks=False):
                subfolders.append(entry.name)
            elif entry.name.lower().endswith(extensions) and entry.is_file(follow_symlinks=False):
                names.append(entry.name)
    return names, subfolders, has_gitignore


class _GitIgnore:
    """The `.gitignore` of a folder.

    Raises:
        ArticleUnreadable: it cannot be read.
    """

    def __init__(self, folder: str) -> None:
        self._n_prefix = len(os.path.join(folder, ""))
        content = read_at_most(Path(folder, _GITIGNORE), MB, follow_links=False)
        lines = os.fsdecode(content.removeprefix(b"\xef\xbb\xbf")).splitlines()
        self._files = _parse_patterns(lines)
        # pathspec lets `*` override a later `!*/`, which git does not. For a folder, the pattern `x/` means the same as `x`.
        self._folders = _parse_patterns([re.sub(r"/+\s*$", "", line) for line in lines])

    def match(self, path: str, is_folder: bool) -> bool | None:
        """Tell whether a path below the folder is ignored. Return None if no pattern matches."""
        patterns = self._folders if is_folder else self._files
        ignored: bool | None = patterns.check_file(path[self._n_prefix :]).include
        return ignored


def _parse_patterns(lines: list[str]) -> Any:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # git skips a line that is not a pattern
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _is_ignored(path: str, ignores: tuple[_GitIgnore, ...], *, is_folder: bool) -> bool:
    """Tell whether the nearest `.gitignore` that matches a path ignores it."""
    matches = (ignore.match(path, is_folder) for ignore in reversed(ignores))
    return next((ignored for ignored in matches if ignored is not None), False)
