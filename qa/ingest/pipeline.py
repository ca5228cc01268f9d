"""Adding: files are read, cut, encoded and stored, batch by batch, each batch whole or not at all.

While one batch is encoded in the caller's thread, the next is read and cut in a second one and the one before is stored in a
third, so that the transformer waits for no disk. There is one batch in each place and none between: memory stays flat.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

from embeddings import Encoder, PassageVectors
from qa.ingest.batches import BatchReader, Fate, Taken
from qa.ingest.embedding_reuse import Known, encoded
from qa.ingest.memory import give_back, little_kept
from qa.ingest.progress import Pace, Progress
from qa.library.indexes import IndexCache
from qa.library.library import Library
from qa.library.writes import NewArticle
from qa.sources.discovery import Sources
from qa.sources.sandbox.parser_pool import shared_pool
from qa.text.passages import Window, cut
from qa.types.articles import Failure, Reference, Report


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one article or of a file that holds none, told once it is so."""

    source: str
    fate: Fate
    done: int  # articles and failures so far
    total: int  # files in all without those passed over so far, or what is done where files held several
    reference: Reference | None = None
    reason: str = ""  # of a failure


def add(
    library: Library,
    indexes: IndexCache,
    encoder: Callable[[], Encoder],
    found: Sources,
    on_step: Callable[[Step], None] | None,
    on_progress: Callable[[Progress], None] | None,
) -> Report:
    """Add what was found; see `Assistant.add`. The caller holds the library for writing."""
    adding = _Adding(library, indexes, encoder, found, on_step, on_progress)
    with little_kept():
        adding.run(BatchReader(library, encoder, shared_pool, found.named))
        adding.write_indexes()
    give_back()
    return adding.report()


class _Adding:
    """One call of `add`: what is on its way, and what became of the rest."""

    def __init__(
        self,
        library: Library,
        indexes: IndexCache,
        encoder: Callable[[], Encoder],
        found: Sources,
        on_step: Callable[[Step], None] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._library, self._indexes, self._encoder, self._found = library, indexes, encoder, found
        self._on_step, self._on_progress = on_step, on_progress
        self._n_done = 0  # articles and failures told of
        self._references: dict[Fate, list[Reference]] = {}
        self._failures: list[Failure] = []
        self._stored = False  # whether anything came or went
        self._n_passed_over = 0  # files found in folders that turned out to be of something else
        self._pace = Pace(found.n_bytes)
        self._storing: Future[list[Taken]] | None = None
        self._on_their_way: Known = {}  # the vectors that are being stored

    def run(self, taking: BatchReader) -> None:
        """Bring every file to its end; an error anywhere is raised here, when the other threads have stopped."""
        stop = threading.Event()
        ahead = taking.batches(iter(self._found), stop)
        with ThreadPoolExecutor(1, "pullquote-read") as reader, ThreadPoolExecutor(1, "pullquote-store") as storer:
            try:
                coming = reader.submit(lambda: next(ahead, None))
                while batch := self._arrived(coming):
                    coming = reader.submit(lambda: next(ahead, None))
                    new = self._encode(batch)
                    self._finish()
                    give_back()  # so that memory stays as it is however many batches there are
                    self._storing = storer.submit(self._store, batch, new)
                self._finish()
            finally:
                stop.set()

    def _arrived(self, coming: "Future[list[Taken] | None]") -> list[Taken] | None:
        """The next batch; while there is none yet, what became safe is told of."""
        while self._storing and not coming.done():
            either: list[Future[Any]] = [coming, self._storing]
            wait(either, return_when=FIRST_COMPLETED)
            self._tell_what_is_safe()
        if coming.exception():  # what was encoded before is not lost by it
            self._finish()
        return coming.result()

    def _encode(self, batch: list[Taken]) -> list[NewArticle]:
        """Vectors for a batch, while the one before may still be on its way to the disk."""
        self._n_passed_over += sum(taken.fate is None for taken in batch)
        new = [taken for taken in batch if taken.draft]
        self._pace.skip(sum(taken.n_bytes for taken in batch if not taken.draft))
        if not new:
            return []
        self._pace.begin()
        texts = [window.encoded for taken in new for window in taken.windows]
        bytes_each = sum(taken.n_bytes for taken in new) / len(texts)

        def progress(more: int) -> None:
            self._pace.advance(more, more * bytes_each)
            self._tell_what_is_safe()
            if self._on_progress:
                self._on_progress(self._pace.progress(self._n_done, self._total(self._n_done)))

        known = self._on_their_way = encoded(texts, self._library, self._on_their_way, self._encoder, progress)
        return [
            NewArticle(taken.draft, taken.windows, [known[window.encoded] for window in taken.windows])
            for taken in new
            if taken.draft
        ]

    def _store(self, batch: list[Taken], new: list[NewArticle]) -> list[Taken]:
        """Commit a batch and bring the word index along; the batch again, with what it can be referred to by."""
        files = [taken.file for taken in batch if taken.file]
        if not new and not files:
            return batch
        if new:
            self._indexes.prepare(self._found.n)
        gone = self._library.store(new, files)
        with self._library.snapshot() as snapshot:
            self._indexes.write(snapshot, lambda: self._encoder().dimension, vectors=False)
            ids = {taken.source: snapshot.version_of(taken.source) for taken in batch if taken.draft}
            references = {source: snapshot.reference(known[0]) for source, known in ids.items() if known}
        give_back()  # what the indexes' writing left while the next batch is encoded
        stored = [replace(taken, reference=references.get(taken.source, taken.reference)) for taken in batch]
        return [*stored, *(Taken(each.source, "removed", reference=each) for each in gone)]

    def _tell_what_is_safe(self) -> None:
        if self._storing and self._storing.done():
            self._finish()

    def _finish(self) -> None:
        """Wait until the batch that is being stored is safe, and only then tell of it."""
        if self._storing is None:
            return
        stored, self._storing = self._storing.result(), None
        for taken in stored:
            if taken.fate is None:
                continue
            self._n_done += 1
            self._stored |= taken.fate in ("added", "updated", "removed")
            if taken.fate == "failed":
                self._failures.append(Failure(taken.source, taken.reason))
            elif taken.reference:
                self._references.setdefault(taken.fate, []).append(taken.reference)
            if self._on_step:
                total = self._total(self._n_done)
                self._on_step(Step(taken.source, taken.fate, self._n_done, total, taken.reference, taken.reason))

    def _total(self, done: int) -> int:
        """How many there are to be told of, as far as is known when so many are done."""
        return max(done, self._found.n - self._n_passed_over)

    def write_indexes(self) -> None:
        """Write the vectors if anything was stored."""
        if self._stored:
            with self._library.snapshot() as snapshot:
                self._indexes.write(snapshot, lambda: self._encoder().dimension)

    def report(self) -> Report:
        """What became of all."""
        of = {fate: tuple(references) for fate, references in self._references.items()}
        unchanged, failed, removed = of.get("unchanged", ()), tuple(self._failures), of.get("removed", ())
        return Report(of.get("added", ()), of.get("updated", ()), unchanged, failed, removed)


def reembed(library: Library, indexes: IndexCache, encoder: Encoder, on_step: Callable[[Step], None] | None) -> None:
    """Cut and encode every article anew, in one transaction; see `Assistant.reembed`."""
    with library.writing():
        with library.snapshot() as snapshot:
            articles = [reference.id for reference in snapshot.references()]

        def anew() -> Iterator[tuple[str, Sequence[Window], Sequence[PassageVectors]]]:
            for done, article_id in enumerate(articles, start=1):
                with library.snapshot() as snapshot:
                    article = snapshot.article(article_id)
                assert article is not None
                windows = cut(article.text, article.set_aside, encoder.count_tokens, encoder.capacity)
                yield article.id, windows, encoder.encode_passages([window.encoded for window in windows])
                if on_step:
                    on_step(Step(article.source, "updated", done, len(articles), article.reference))

        library.replace_passages(encoder.files, anew())
        with library.snapshot() as snapshot:
            indexes.write(snapshot, lambda: encoder.dimension)
