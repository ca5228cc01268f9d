"""Batches: files parsed, compared with the library and cut into passages, ahead of their encoding."""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from embeddings import Encoder
from qa.library.library import Library
from qa.library.metadata import to_columns
from qa.library.snapshot import Snapshot
from qa.library.writes import ReadFile
from qa.sources.discovery import Source
from qa.sources.files import Upload
from qa.sources.formats.draft import LOADERS_VERSION, Draft
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.web import WebPage
from qa.text.passages import Window, chunk
from qa.types.articles import Failure, Reference
from qa.types.errors import ArticleUnreadable, LibraryDamaged, NoArticles

_PASSAGES = 256  # in a batch; a file without passages counts as one. A crash loses at most two batches
_CHARACTERS = 2_000_000  # of text in a batch, since text that is set aside makes no passages but takes memory as well

Fate = Literal["added", "updated", "unchanged", "failed", "removed"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a file and what becomes of it, or a file without articles."""

    source: str
    fate: Fate | None  # None for a file that is skipped: it lay in a folder and holds something other than articles
    n_bytes: int = 0  # of the file, given with its last article
    reference: Reference | None = None  # of an article that is stored
    reason: str = ""  # of a failure
    draft: Draft | None = None  # of an article to store
    windows: Sequence[Window] = ()
    file: ReadFile | None = None  # to record, given with the file's last article


class BatchReader:
    """Parses files and compares the articles in them with the library."""

    def __init__(
        self, library: Library, encoder: Callable[[], Encoder], parsers: ParserPool, named: Collection[str] = ()
    ) -> None:
        """Keep what reading needs.

        Args:
            encoder: returns the model that passages are cut for. It is called only when there is something to cut.
            named: sources that the user named one by one. Without articles they fail; other files are skipped then.
        """
        self._library, self._encoder, self._parsers, self._named = library, encoder, parsers, named

    def batches(self, sources: Iterator[Source | Failure], stop: threading.Event) -> Iterator[list[Entry]]:
        """Yield the entries of all files, in order, in batches of bounded size. A long article is a batch of its own.

        Args:
            stop: when it is set, no further file is read.
        """
        batch: list[Entry] = []
        n_passages = n_characters = 0
        for source in sources:
            for entry in self._entries(source):
                if stop.is_set():
                    return
                batch.append(entry)
                n_passages += max(1, len(entry.windows))
                n_characters += len(entry.draft.text) if entry.draft else 0
                if n_passages >= _PASSAGES or n_characters >= _CHARACTERS:
                    yield batch
                    batch, n_passages, n_characters = [], 0, 0
        if batch:
            yield batch

    def _entries(self, source: Source | Failure) -> Iterator[Entry]:
        """Parse one file or page and yield an entry for each article in it."""
        if isinstance(source, Failure):
            yield Entry(source.source, "failed", reason=source.reason)
            return
        origin = source.source
        try:
            content = source.read()
            sha256 = hashlib.sha256(content).hexdigest()
            unchanged = self._unchanged(origin, sha256)
            charset = source.charset if isinstance(source, WebPage) else None
            drafts = [] if unchanged else self._parsers.parse(content, origin, charset)
        except NoArticles as error:
            yield Entry(origin, "failed" if origin in self._named else None, source.n_bytes, reason=str(error))
            return
        except ArticleUnreadable as error:
            yield Entry(origin, "failed", source.n_bytes, reason=str(error))
            return
        if isinstance(source, Upload) and source.title and len(drafts) == 1:
            drafts = [replace(drafts[0], title=source.title)]
        file = ReadFile(origin, sha256, LOADERS_VERSION, tuple(draft.source for draft in drafts))
        for reference in unchanged:
            yield Entry(reference.source, "unchanged", len(content) if reference is unchanged[-1] else 0, reference)
        for draft in drafts:
            is_last = draft is drafts[-1]
            yield self._entry(draft, len(content) if is_last else 0, file if is_last else None)

    def _unchanged(self, origin: str, sha256: str) -> list[Reference]:
        """Return a file's articles if these bytes were read before and all their articles are as they were stored."""
        with self._library.snapshot() as snapshot:
            file = snapshot.file(origin)
            if file is None or (file.sha256, file.loaders) != (sha256, LOADERS_VERSION):
                return []
            try:
                articles = [snapshot.article(article_id) for article_id in file.articles]
            except LibraryDamaged:  # the file is stored anew
                return []
            return [] if None in articles else [article.reference for article in articles if article]

    def _entry(self, draft: Draft, n_bytes: int, file: ReadFile | None) -> Entry:
        """Compare a draft with the library, and cut it into passages if it is new or has changed."""
        with self._library.snapshot() as snapshot:
            stored = snapshot.version_of(draft.source)
            if stored and _is_stored(snapshot, stored[0], draft):
                return Entry(draft.source, "unchanged", n_bytes, snapshot.reference(stored[0]), file=file)
        model = self._encoder()
        windows = chunk(draft.text, draft.set_aside, model.count_tokens, model.capacity)
        if not windows:
            return Entry(draft.source, "failed", n_bytes, reason="no sentence in it can be quoted", file=file)
        return Entry(draft.source, "updated" if stored else "added", n_bytes, draft=draft, windows=windows, file=file)


def _is_stored(snapshot: Snapshot, article_id: str, draft: Draft) -> bool:
    """Whether the library holds an article exactly as the draft has it."""
    try:
        article = snapshot.article(article_id, corrected=False)
    except LibraryDamaged:  # the article is stored anew
        return False
    return article is not None and article.text == draft.text and to_columns(article) == to_columns(draft)
