"""The names that uploaded files are kept under. Two files of one name from different places are two articles.

A browser tells of a file no more than its name. Whether it is a new version of the article of that name, or another article,
can only be told from its text: a new version has at least a third of the shorter text's runs of four words in common with it.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath

from qa.library.library import Library
from qa.library.snapshot import Snapshot
from qa.sources.formats.draft import Draft
from qa.text.near_duplicates import containment, shingles
from qa.types.errors import LibraryDamaged

_MIN_SHARED = 1 / 3  # of the shingles of the shorter text
_MAX_CHARACTERS = 50_000  # that are compared
_MOST_ARTICLES = 100  # of a file that are compared
_MAX_GAP = 3  # numbers without an article, since articles may have been removed


class UploadNames:
    """Chooses names for the uploads of one addition."""

    def __init__(self, library: Library, repeated: Collection[str]) -> None:
        """Keep what choosing needs.

        Args:
            repeated: names of several uploads of this addition. The library may not hold the first yet when the next is read.
        """
        self._library, self._repeated = library, repeated
        self._texts: dict[str, str] = {}  # of repeated names in this addition

    def stored(self, name: str) -> list[str]:
        """Return the names of this kind that the library or this addition has: "a.txt", "a (2).txt" and so on."""
        with self._library.snapshot() as snapshot:
            return list(self._stored(snapshot, name))

    def choose(self, name: str, drafts: Sequence[Draft]) -> str:
        """Return the name of the article that an upload is a new version of, or else one that is free."""
        text = _join(draft.text for draft in drafts)
        with self._library.snapshot() as snapshot:
            stored = list(self._stored(snapshot, name))
            chosen = next((each for each in stored if _is_version(text, self._text(snapshot, each))), None)
        chosen = chosen or next(each for each in _numbered(name) if each not in stored)
        if name in self._repeated:
            self._texts[chosen] = text
        return chosen

    def _stored(self, snapshot: Snapshot, name: str) -> Iterator[str]:
        gap = 0
        for numbered in _numbered(name):
            if numbered in self._texts or snapshot.file(numbered) or snapshot.version_of(numbered):
                gap = 0
                yield numbered
            else:
                gap += 1
                if gap > _MAX_GAP:
                    return

    def _text(self, snapshot: Snapshot, origin: str) -> str:
        """Return the text of the articles of a file. One that is damaged is replaced by any."""
        if origin in self._texts:
            return self._texts[origin]
        file, version = snapshot.file(origin), snapshot.version_of(origin)
        ids = file.articles[:_MOST_ARTICLES] if file else [version[0]] if version else []
        try:
            articles = [snapshot.article(article_id) for article_id in ids]
        except LibraryDamaged:
            return ""
        return _join(article.text for article in articles if article)


def _numbered(name: str) -> Iterator[str]:
    """Yield a name and then the same with the numbers from 2 on: "2004/a.txt", "2004/a (2).txt"."""
    path = PurePosixPath(name)
    yield name
    for number in range(2, 1_000_000):
        yield str(path.with_name(f"{path.stem} ({number}){path.suffix}"))


def _join(texts: Iterator[str]) -> str:
    joined = ""
    for text in texts:
        joined += text[:_MAX_CHARACTERS] + "\n"
        if len(joined) >= _MAX_CHARACTERS:
            break
    return joined


def _is_version(text: str, stored: str) -> bool:
    return not stored.strip() or containment(shingles(text), shingles(stored)) >= _MIN_SHARED
