"""Batches: files read, compared with the library and cut, some at a time, ahead of their encoding."""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from embeddings import Encoder
from qa.library.library import Library
from qa.library.metadata import label
from qa.library.snapshot import Snapshot
from qa.library.writes import ReadFile
from qa.sources.discovery import Source
from qa.sources.files import Upload
from qa.sources.formats.draft import LOADERS_VERSION, Draft
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.web import WebPage
from qa.text.passages import Window, cut
from qa.types.articles import Failure, Reference
from qa.types.errors import ArticleUnreadable, LibraryDamaged, NoArticles

_PASSAGES = 256  # encoded and stored together, a file without any counted as one; a crash loses at most two such batches
_CHARACTERS = 2_000_000  # of text; what was set aside in an article makes no passages but is held in memory as well

Fate = Literal["added", "updated", "unchanged", "failed", "removed"]


@dataclass(frozen=True, slots=True)
class Taken:
    """One article of a file, read and cut, and what is to become of it; or a file that holds none."""

    source: str
    fate: Fate | None  # None of a file that is passed over: it was found in a folder and is of something else than articles
    n_bytes: int = 0  # of the file, said of its last article
    reference: Reference | None = None  # of what is unchanged
    reason: str = ""  # of a failure
    draft: Draft | None = None  # of what is to be stored
    windows: Sequence[Window] = ()
    file: ReadFile | None = None  # that this is the last article of, to be noted


class BatchReader:
    """Reads files and compares what they hold with the library."""

    def __init__(
        self, library: Library, encoder: Callable[[], Encoder], readers: ParserPool, named: Collection[str] = ()
    ) -> None:
        """Take what is needed for it.

        Args:
            encoder: gives the model that passages are cut for; asked for only when there is something to cut.
            readers: read files of all formats.
            named: paths of which it is said when they hold no articles; others are passed over then.
        """
        self._library, self._encoder, self._readers, self._named = library, encoder, readers, named

    def batches(self, found: Iterator[Source | Failure], stop: threading.Event) -> Iterator[list[Taken]]:
        """What was found, read and cut in its order, in batches of bounded size; a long article is a batch by itself.

        Args:
            stop: when it is set, no further file is read.
        """
        batch: list[Taken] = []
        n_passages = n_characters = 0
        for item in found:
            for taken in self._take(item):
                if stop.is_set():
                    return
                batch.append(taken)
                n_passages += max(1, len(taken.windows))
                n_characters += len(taken.draft.text) if taken.draft else 0
                if n_passages >= _PASSAGES or n_characters >= _CHARACTERS:
                    yield batch
                    batch, n_passages, n_characters = [], 0, 0
        if batch:
            yield batch

    def _take(self, source: Source | Failure) -> Iterator[Taken]:
        if isinstance(source, Failure):
            yield Taken(source.source, "failed", reason=source.reason)
            return
        origin = source.source
        try:
            content = source.read()
            sha256 = hashlib.sha256(content).hexdigest()
            unchanged = self._as_before(origin, sha256)
            if unchanged:
                yield from (Taken(each.source, "unchanged", reference=each) for each in unchanged[:-1])
                yield Taken(unchanged[-1].source, "unchanged", len(content), unchanged[-1])
                return
            drafts = self._readers.parse(content, origin, source.charset if isinstance(source, WebPage) else None)
        except NoArticles as error:
            yield Taken(origin, "failed" if origin in self._named else None, source.n_bytes, reason=str(error))
            return
        except ArticleUnreadable as error:
            yield Taken(origin, "failed", source.n_bytes, reason=str(error))
            return
        if isinstance(source, Upload) and source.title and len(drafts) == 1:
            drafts = [replace(drafts[0], title=source.title)]
        file = ReadFile(origin, sha256, LOADERS_VERSION, tuple(draft.source for draft in drafts))
        for number, draft in enumerate(drafts, start=1):
            last = number == len(drafts)
            yield self._article(draft, len(content) if last else 0, file if last else None)

    def _as_before(self, origin: str, sha256: str) -> list[Reference]:
        """What a file holds, where its very bytes were read before and all that came of them is as it was stored."""
        with self._library.snapshot() as snapshot:
            file = snapshot.file(origin)
            if file is None or (file.sha256, file.loaders) != (sha256, LOADERS_VERSION):
                return []
            try:
                articles = [snapshot.article(each) for each in file.articles]
            except LibraryDamaged:  # it is stored anew
                return []
            return [] if None in articles else [article.reference for article in articles if article]

    def _article(self, draft: Draft, n_bytes: int, file: ReadFile | None) -> Taken:
        with self._library.snapshot() as snapshot:
            known = snapshot.version_of(draft.source)
            if known and _holds(snapshot, known[0], draft):
                return Taken(draft.source, "unchanged", n_bytes, snapshot.reference(known[0]), file=file)
        model = self._encoder()
        windows = cut(draft.text, draft.set_aside, model.count_tokens, model.capacity)
        if not windows:
            return Taken(draft.source, "failed", n_bytes, reason="no sentence in it can be quoted", file=file)
        return Taken(draft.source, "updated" if known else "added", n_bytes, draft=draft, windows=windows, file=file)


def _holds(snapshot: Snapshot, article_id: str, draft: Draft) -> bool:
    """Whether the library holds an article just as it was read now."""
    try:
        article = snapshot.article(article_id)
    except LibraryDamaged:
        return False  # it is stored anew
    return article is not None and article.text == draft.text and label(article) == label(draft)
