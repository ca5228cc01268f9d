"""What there is to add: the files that some paths lead to, then the pages that some addresses do."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from qa.sources import files
from qa.sources.draft import source_name
from qa.sources.limits import LIMITS
from qa.sources.web import Fetched
from qa.types.articles import Failure

_ADDRESS = re.compile(r"https?://", re.I)


def is_address(path: object) -> bool:
    """Whether something to add is on the web."""
    return isinstance(path, str) and _ADDRESS.match(path) is not None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came from another machine and lies here only until it is read."""

    source: str  # the name it had there, with the folders that were sent with it: "2004/asylum.pdf"; never an absolute path
    path: Path  # where it lies now
    title: str | None = None  # of the article in it, where whoever sent it said so


Item = Path | Upload | Fetched | Failure


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to add, in its order; files first, since they are at hand."""

    files: Sequence[Path | Upload | Failure]
    addresses: Sequence[str] = ()
    newest: int = 0  # pages of a feed or sitemap
    named: frozenset[str] = frozenset()  # paths that were given and not found in a folder

    @classmethod
    def at(cls, paths: Sequence[str | os.PathLike[str] | Upload], newest: int) -> "Found":
        """Look through folders, and sort what lies on the web from what lies here."""
        uploads = [path for path in paths if isinstance(path, Upload)]
        elsewhere = [path for path in paths if not isinstance(path, Upload)]
        local = [Path(path) for path in elsewhere if not is_address(path)]
        addresses = [str(path) for path in elsewhere if is_address(path)]
        named = frozenset([*map(source_name, local), *(upload.source for upload in uploads)])
        return cls([*files.find(local), *uploads], addresses, newest, named)

    @property
    def n(self) -> int:
        """How many files and addresses there are; an address may lead to several pages."""
        return len(self.files) + len(self.addresses)

    @property
    def n_bytes(self) -> int:
        """How much there is to read of the files, for estimates."""
        return sum(map(n_bytes, self.files))

    def __iter__(self) -> Iterator[Item]:
        """Each file, and each page, which is fetched when its turn comes."""
        return chain(self.files, self._pages())

    def _pages(self) -> Iterator[Item]:
        if not self.addresses:
            return
        from qa.sources.web.fetching import Fetcher
        from qa.sources.web.pages import pages

        with Fetcher() as fetcher:
            for address in self.addresses:
                yield from pages(address, newest=self.newest, fetcher=fetcher)


def n_bytes(found: Item) -> int:
    """How much of a file there is to be read, for estimates."""
    if isinstance(found, Fetched):
        return len(found.content)
    try:
        size = 0 if isinstance(found, Failure) else os.stat(path_of(found)).st_size
    except OSError:  # reading it will say why
        return 0
    return size if size <= LIMITS.file_bytes else 0


def path_of(found: Path | Upload) -> Path:
    return found.path if isinstance(found, Upload) else found
