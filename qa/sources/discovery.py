"""Discovery: the files that paths lead to, then the pages that web addresses lead to.

A folder gives all files in it with a known extension, in a fixed order, except hidden files, links, and files ignored by a
`.gitignore`. What it does not give is counted by kind and reason.
"""

import errno
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from qa.sources.files import LocalFile, Upload, read_at_most, source_name
from qa.sources.formats import detection
from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.sources.formats.ocr.recognition import is_installed
from qa.sources.web import WebPage
from qa.types.articles import Failure, Skipped
from qa.types.errors import ArticleUnreadable

Source = LocalFile | Upload | WebPage

_URL = re.compile(r"https?://", re.I)
_GITIGNORE = ".gitignore"
MOST_EXAMPLES = 3  # of each kind of skipped files
SKIP_REASONS = {  # of what is skipped whatever its ending
    "hidden": "hidden files and folders are not searched",
    "a link": "links are not followed",
    "no regular file": "pipes and devices are not read",
    "ignored": "a .gitignore says so",
}
_MISSING = (errno.ENOENT, errno.ENOTDIR)  # a folder was removed while its parent was walked


@dataclass(frozen=True, slots=True)
class Sources:
    """What there is to add, in order. Files come first, since they need no connection."""

    files: Sequence[LocalFile | Upload | Failure | Skipped]
    urls: Sequence[str] = ()
    newest: int = 0  # how many pages of a feed or sitemap
    named: frozenset[str] = frozenset()  # sources that were given by name, not found in a folder

    @property
    def n(self) -> int:
        """The number of files and addresses. An address may lead to several pages."""
        return sum(not isinstance(file, Skipped) for file in self.files) + len(self.urls)

    @property
    def n_bytes(self) -> int:
        """The total size of the files, for estimates."""
        return sum(file.n_bytes for file in self.files if not isinstance(file, Failure | Skipped))

    @property
    def repeated(self) -> frozenset[str]:
        """The names that several uploads have."""
        counts = Counter(file.source for file in self.files if isinstance(file, Upload))
        return frozenset(name for name, count in counts.items() if count > 1)

    def __iter__(self) -> Iterator[Source | Failure | Skipped]:
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


def find_files(paths: Sequence[Path], limits: Limits = LIMITS) -> Iterator[LocalFile | Failure | Skipped]:
    """Yield the files to read, each once: those named, and in folders those with a known extension. Then yield the others.

    The files of a folder come before those of its subfolders, both sorted by name.
    """
    real_folder = lru_cache(maxsize=1)(os.path.realpath)
    seen: set[str] = set()
    n_files = 0
    skipped: list[Skipped] = []
    for path in paths:
        for file in _files_at(path, skipped):
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
    if skipped:
        named = {source_name(path) for path in paths}
        yield from (group for group in skipped if not _all_named(group, named))


def _files_at(path: Path, skipped: list[Skipped]) -> Iterator[LocalFile | Failure]:
    if not os.path.isdir(path):
        exists = os.path.lexists(path)
        yield LocalFile(path) if exists else Failure(source_name(path), "there is no such file or folder")
        return
    empty = True
    others = _Others(path)
    for file in _walk(path, others):
        empty = False
        yield file
    skipped += others.groups()
    if empty:
        yield Failure(source_name(path), f"this folder holds no article ({', '.join(detection.extensions())})")


def _all_named(group: Skipped, named: set[str]) -> bool:
    """Tell whether all files of a group were also given by name."""
    return group.n <= len(group.examples) and all(source_name(Path(group.folder, name)) in named for name in group.examples)


class _Others:
    """What a folder holds beside files with a known extension, counted by kind."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}

    def add(self, kind: str, path: str) -> None:
        self._counts[kind] += 1
        examples = self._examples.setdefault(kind, [])
        if len(examples) < MOST_EXAMPLES:
            examples.append(source_name(Path(path)))

    def groups(self) -> Iterator[Skipped]:
        """Yield what was counted, the most frequent kind first."""
        folder = source_name(self._root)
        for kind, n in self._counts.most_common():
            reason = SKIP_REASONS.get(kind) or detection.reason_to_skip(kind)
            below = [os.path.relpath(path, os.path.realpath(self._root)) for path in self._examples[kind]]
            yield Skipped(folder, kind, reason, n, tuple(below))


def _walk(root: Path, others: _Others) -> Iterator[LocalFile | Failure]:
    """Yield the files below a folder. This is a loop, since folders may be nested deeper than calls can be."""
    pending: list[tuple[str, tuple[_GitIgnore, ...]]] = [(os.fspath(root), ())]
    while pending:
        folder, ignores = pending.pop()
        try:
            names, subfolders, has_gitignore = _list_folder(folder, others)
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
            if _is_ignored(path, ignores, is_folder=False):
                others.add("ignored", path)
            else:
                yield LocalFile(Path(path), in_folder=True)
        for path in [os.path.join(folder, name) for name in sorted(subfolders, reverse=True)]:
            if _is_ignored(path, ignores, is_folder=True):
                others.add("ignored", path)
            else:
                pending.append((path, ignores))


def _list_folder(folder: str, others: _Others) -> tuple[list[str], list[str], bool]:
    """Return the names of its files with a known extension, of its subfolders, and whether it has a `.gitignore`.

    What else it holds is added to the others.
    """
    names, subfolders, has_gitignore = [], [], False
    extensions = detection.extensions(pictures=is_installed())
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name == _GITIGNORE:
                has_gitignore = entry.is_file(follow_symlinks=False)  # as git does
            elif entry.name.startswith("."):
                others.add("hidden", entry.path)
            elif entry.is_symlink():
                others.add("a link", entry.path)
            elif entry.is_dir(follow_symlinks=False):
                subfolders.append(entry.name)
            elif not entry.is_file(follow_symlinks=False):
                others.add("no regular file", entry.path)
            elif entry.name.lower().endswith(extensions):
                names.append(entry.name)
            else:
                others.add(detection.ending(entry.name), entry.path)
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
    try:
        return _compile_patterns(lines)
    except (ValueError, re.error):  # git skips a line that is not a pattern
        return _compile_patterns([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        _compile_patterns([line])
    except (ValueError, re.error):
        return False
    return True


def _compile_patterns(lines: list[str]) -> Any:
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # "[[" may mean something else in a later Python
        return GitIgnoreSpec.from_lines(lines)


def _is_ignored(path: str, ignores: tuple[_GitIgnore, ...], *, is_folder: bool) -> bool:
    """Tell whether the nearest `.gitignore` that matches a path ignores it."""
    matches = (ignore.match(path, is_folder) for ignore in reversed(ignores))
    return next((ignored for ignored in matches if ignored is not None), False)
