"""Adding articles: files are parsed, cut, encoded and stored in batches. Each batch is stored whole or not at all.

While one batch is encoded in the caller's thread, a second thread parses and cuts the next, and a third stores the one
before, so that the transformer never waits for the disk. Each stage holds one batch and no queue stands between them, so
that memory stays flat.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

from embeddings import Encoder, PassageVectors
from qa.ingest.batches import BatchReader, Entry
from qa.ingest.encoding import KnownVectors, encode
from qa.ingest.memory import release_memory, small_heap
from qa.ingest.progress import Progress, Step, Tracker
from qa.library.disk import warn_of_little_room
from qa.library.indexes import IndexCache
from qa.library.library import Library
from qa.library.originals import Originals
from qa.library.writes import NewArticle
from qa.sources.discovery import Sources
from qa.sources.sandbox.parser_pool import shared_pool
from qa.text.passages import Window, chunk
from qa.text.sentences import CUTTING
from qa.types.articles import Report
from qa.types.errors import LibraryDamaged

_log = logging.getLogger("pullquote")


def add(
    library: Library,
    indexes: IndexCache,
    encoder: Callable[[], Encoder],
    sources: Sources,
    on_step: Callable[[Step], None] | None,
    on_progress: Callable[[Progress], None] | None,
    originals: Originals | None = None,
) -> Report:
    """Add articles; see `Assistant.add`. The caller holds the library for writing.

    An error in any stage stops the others and is raised here.

    Args:
        encoder: returns the library's model. It is called in the stages that need it, not before.
        originals: where uploads are kept, if they are.
    """
    if warning := warn_of_little_room(library.folder, sources.n_bytes):
        _log.warning("%s", warning)
    _recut(library, encoder)
    tracker = Tracker(sources.n, sources.n_bytes, on_step, on_progress)
    stop = threading.Event()
    reader = BatchReader(library, encoder, shared_pool, sources.named, sources.repeated, originals)
    batches = reader.batches(iter(sources), stop)
    vectors: KnownVectors = {}
    with small_heap():
        with ThreadPoolExecutor(1, "pullquote-read") as reading, ThreadPoolExecutor(1, "pullquote-store") as storing:
            try:
                coming = reading.submit(next, batches, None)
                while batch := _wait_for(coming, tracker):
                    coming = reading.submit(next, batches, None)
                    tracker.begin(batch)
                    vectors = _encode(batch, library, vectors, encoder, tracker)
                    articles = [with_vectors(entry, vectors) for entry in batch if entry.draft]
                    tracker.finish_storing()
                    release_memory()  # so that memory does not grow with the number of batches
                    tracker.storing = storing.submit(store_batch, library, indexes, encoder, sources.n, batch, articles)
                tracker.finish_storing()
            finally:
                stop.set()
        if tracker.has_changes:
            with library.snapshot() as snapshot:
                indexes.write(snapshot, lambda: encoder().dimension)
    release_memory()
    return tracker.report()


def _recut(library: Library, encoder: Callable[[], Encoder]) -> None:
    """Cut all articles anew if the library's passages were cut by older rules. Only passages that change are encoded.

    The indexes follow with the next batch or question.
    """
    with library.snapshot() as snapshot:
        if snapshot.cutting == CUTTING:
            return
    library.replace_passages(_cut_anew(library, encoder))


def _cut_anew(
    library: Library, encoder: Callable[[], Encoder]
) -> Iterator[tuple[str, Sequence[Window], Sequence[PassageVectors]]]:
    """Yield the id, passages and vectors of each article that is cut otherwise now. One that is damaged stays as it is."""
    with library.snapshot() as snapshot:
        ids = snapshot.article_ids()
    for article_id in ids:
        try:
            with library.snapshot() as snapshot:
                article, stored = snapshot.article(article_id), snapshot.article_passages(article_id)
        except LibraryDamaged:
            continue
        assert article is not None
        model = encoder()
        windows = chunk(article.text, article.set_aside, model.count_tokens, model.capacity)
        cut = [[(span.start, span.end) for span in window.sentences] for window in windows]
        if cut and cut != [list(map(tuple, passage.spans.tolist())) for passage in stored]:
            vectors = encode([window.encoded for window in windows], library, {}, encoder, lambda _: None)
            yield article_id, windows, [vectors[window.encoded] for window in windows]


def _wait_for(coming: Future[list[Entry] | None], tracker: Tracker) -> list[Entry] | None:
    """Return the next batch, and report meanwhile what becomes safe."""
    while tracker.storing and not coming.done():
        either: list[Future[Any]] = [coming, tracker.storing]
        wait(either, return_when=FIRST_COMPLETED)
        tracker.report_stored()
    if coming.exception():  # the batch before is not lost by it
        tracker.finish_storing()
    return coming.result()


def _encode(
    batch: Sequence[Entry], library: Library, recent: KnownVectors, encoder: Callable[[], Encoder], tracker: Tracker
) -> KnownVectors:
    """Return the vectors of a batch's passages, or the recent ones where it has no passages."""
    texts = [window.encoded for entry in batch for window in entry.windows]
    return encode(texts, library, recent, encoder, tracker.advance) if texts else recent


def with_vectors(entry: Entry, vectors: KnownVectors) -> NewArticle:
    """Return an entry's article, ready to be stored."""
    assert entry.draft
    return NewArticle(entry.draft, entry.windows, [vectors[window.encoded] for window in entry.windows])


def store_batch(
    library: Library,
    indexes: IndexCache,
    encoder: Callable[[], Encoder],
    n_files: int,
    batch: Sequence[Entry],
    articles: Sequence[NewArticle],
) -> list[Entry]:
    """Commit a batch and update the word index.

    Returns:
        The batch with the references of its articles, followed by the articles that were removed.
    """
    files = [entry.file for entry in batch if entry.file]
    if not articles and not files:
        return list(batch)
    if articles:
        indexes.prepare(n_files)
    removed = library.store(articles, files)
    with library.snapshot() as snapshot:
        indexes.write(snapshot, lambda: encoder().dimension, vectors=False)
        stored = {entry.source: snapshot.version_of(entry.source) for entry in batch if entry.draft}
        references = {source: snapshot.reference(current[0]) for source, current in stored.items() if current}
    release_memory()  # that writing the indexes took, while the next batch is encoded
    entries = [replace(entry, reference=references.get(entry.source, entry.reference)) for entry in batch]
    return entries + [Entry(reference.source, "removed", reference=reference) for reference in removed]


def reembed(library: Library, indexes: IndexCache, encoder: Encoder, on_step: Callable[[Step], None] | None) -> None:
    """Cut and encode every article anew, in one transaction; see `Assistant.reembed`."""
    with library.writing():
        library.replace_passages(_encode_all(library, encoder, on_step), encoder.files)
        with library.snapshot() as snapshot:
            indexes.write(snapshot, lambda: encoder.dimension)


def _encode_all(
    library: Library, encoder: Encoder, on_step: Callable[[Step], None] | None
) -> Iterator[tuple[str, Sequence[Window], Sequence[PassageVectors]]]:
    """Yield the id, passages and vectors of each article."""
    with library.snapshot() as snapshot:
        ids = [reference.id for reference in snapshot.references()]
    for done, article_id in enumerate(ids, start=1):
        with library.snapshot() as snapshot:
            article = snapshot.article(article_id)
        assert article is not None
        windows = chunk(article.text, article.set_aside, encoder.count_tokens, encoder.capacity)
        yield article.id, windows, encoder.encode_passages([window.encoded for window in windows])
        if on_step:
            on_step(Step(article.source, "updated", done, len(ids), article.reference))
