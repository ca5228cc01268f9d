"""Batches: files parsed, compared with the library and cut into passages, ahead of their encoding."""

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from embeddings import Encoder
from qa.ingest.upload_names import UploadNames
from qa.library.library import Library
from qa.library.metadata import to_columns
from qa.library.originals import Originals
from qa.library.snapshot import Snapshot
from qa.library.writes import ReadFile
from qa.sources.discovery import Source
from qa.sources.files import Upload
from qa.sources.formats import detection
from qa.sources.formats.draft import LOADERS_VERSION, Draft
from qa.sources.reading import Unread, read
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.web import WebPage
from qa.text.passages import Window, chunk
from qa.types.articles import Failure, Reference, Skipped
from qa.types.errors import ArticleUnreadable, LibraryDamaged, NoArticles

_log = logging.getLogger("pullquote")
_NOT_WHOLE = 0  # in the place of the version of the loaders that read a file
_PASSAGES = 256  # in a batch; a file without passages counts as one. A crash loses at most two batches
_CHARACTERS = 2_000_000  # of text in a batch, since text that is set aside makes no passages but takes memory as well

SKIPPED = "{n} × {kind} ({names}): {error}"

Fate = Literal["added", "updated", "unchanged", "failed", "removed", "skipped"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a file and what becomes of it, or a file without articles."""

    source: str
    fate: Fate
    n_bytes: int = 0  # of the file, given with its last article
    reference: Reference | None = None  # of an article that is stored
    reason: str = ""  # of a failure
    draft: Draft | None = None  # of an article to store
    windows: Sequence[Window] = ()
    file: ReadFile | None = None  # to record, given with the file's last article
    skipped: Skipped | None = None  # files of a folder that are not taken

    @property
    def is_file_without_articles(self) -> bool:
        """Whether it is a file of a folder that was read and skipped, not one that was never counted."""
        return self.skipped is not None and self.source != self.skipped.folder


class BatchReader:
    """Parses files and compares the articles in them with the library."""

    def __init__(
        self,
        library: Library,
        encoder: Callable[[], Encoder],
        parsers: ParserPool,
        named: Collection[str] = (),
        repeated: Collection[str] = (),
        originals: Originals | None = None,
    ) -> None:
        """Keep what reading needs.

        Args:
            encoder: returns the model that passages are cut for. It is called only when there is something to cut.
            named: sources that the user named one by one. Without articles they fail; other files are skipped then.
            repeated: names that several uploads have.
            originals: where uploads are kept, if they are.
        """
        self._names = UploadNames(library, repeated)
        self._library, self._encoder, self._parsers, self._named = library, encoder, parsers, named
        self._originals = originals

    def batches(self, sources: Iterator[Source | Failure | Skipped], stop: threading.Event) -> Iterator[list[Entry]]:
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

    def _entries(self, source: Source | Failure | Skipped) -> Iterator[Entry]:
        """Parse one file or page and yield an entry for each article in it."""
        if isinstance(source, Failure):
            yield Entry(source.source, "failed", reason=source.reason)
            return
        if isinstance(source, Skipped):
            yield Entry(source.folder, "skipped", reason=skip_line(source), skipped=source)
            return
        origin = source.source
        try:
            content = source.read()
            sha256 = hashlib.sha256(content).hexdigest()
            is_new_upload = isinstance(source, Upload) and not source.again
            origins = self._names.stored(origin) if is_new_upload else [origin]
            unchanged = next(filter(None, (self._unchanged(each, sha256) for each in origins)), [])
            charset = source.charset if isinstance(source, WebPage) else None
            results = [] if unchanged else list(read(content, origin, self._parsers, charset))
        except NoArticles as error:
            if origin in self._named:
                yield Entry(origin, "failed", source.n_bytes, reason=str(error))
            else:
                folder, name = os.path.split(origin)
                skipped = Skipped(folder, detection.ending(name), str(error), 1, (name,))
                yield Entry(origin, "skipped", source.n_bytes, reason=str(error), skipped=skipped)
            return
        except ArticleUnreadable as error:
            yield Entry(origin, "failed", source.n_bytes, reason=str(error))
            return
        drafts = [result for result in results if isinstance(result, Draft)]
        unread = [result for result in results if isinstance(result, Unread)]
        for part in unread:
            yield _unread_entry(part, origin)
        if not drafts and not unchanged:
            return
        if isinstance(source, Upload) and drafts:
            if source.title and len(drafts) == 1:
                drafts = [replace(drafts[0], title=source.title)]
            name, origin = origin, self._names.choose(origin, drafts) if is_new_upload else origin
            drafts = [replace(draft, source=origin + draft.source.removeprefix(name)) for draft in drafts]
        if isinstance(source, Upload) and not source.title:
            self._keep_original(origin, content)
        # A file that was not read whole is read again the next time: what was missing may have been installed by then.
        loaders = _NOT_WHOLE if any(part.is_article for part in unread) else LOADERS_VERSION
        file = ReadFile(origin, sha256, loaders, tuple(draft.source for draft in drafts))
        for reference in unchanged:
            yield Entry(reference.source, "unchanged", len(content) if reference is unchanged[-1] else 0, reference)
        for draft in drafts:
            is_last = draft is drafts[-1]
            yield self.entry(draft, len(content) if is_last else 0, file if is_last else None)

    def _keep_original(self, origin: str, content: bytes) -> None:
        if self._originals:
            try:
                self._originals.keep(content)
            except OSError as error:  # the article is worth more
                _log.warning("The original of %s is not kept (%s).", origin, error.strerror or error)

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

    def entry(self, draft: Draft, n_bytes: int, file: ReadFile | None) -> Entry:
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


def skip_line(skipped: Skipped) -> str:
    """Describe skipped files in a line: "12 × .jpg (a.jpg, b.jpg, c.jpg, …): pictures, in which no text is read"."""
    names = ", ".join([*skipped.examples, *(["…"] if skipped.n > len(skipped.examples) else [])])
    return SKIPPED.format(n=f"{skipped.n:,}", kind=skipped.kind, names=names, error=skipped.reason)


def _unread_entry(unread: Unread, archive: str) -> Entry:
    """Return what becomes of a file of an archive that gives no article."""
    if unread.is_article:
        return Entry(unread.source, "failed", reason=unread.reason)
    name = unread.source.rpartition("/")[2]
    skipped = Skipped(archive, detection.ending(name), unread.reason, 1, (name,))
    return Entry(archive, "skipped", reason=skip_line(skipped), skipped=skipped)


def _is_stored(snapshot: Snapshot, article_id: str, draft: Draft) -> bool:
    """Whether the library holds an article exactly as the draft has it."""
    try:
        article = snapshot.article(article_id, corrected=False)
    except LibraryDamaged:  # the article is stored anew
        return False
    return article is not None and article.text == draft.text and to_columns(article) == to_columns(draft)
