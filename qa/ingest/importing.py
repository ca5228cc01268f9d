"""Import: articles that were exported as JSON Lines, stored under the sources they had, without their files."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from embeddings import Encoder
from qa.ingest.batches import BatchReader, Entry, Fate
from qa.ingest.encoding import KnownVectors, encode
from qa.ingest.pipeline import store_batch, with_vectors
from qa.ingest.progress import Step
from qa.library.disk import warn_of_little_room
from qa.library.indexes import IndexCache
from qa.library.library import Library
from qa.library.schema import text_version
from qa.library.upkeep.export import SHA256
from qa.sources.formats.draft import Draft, dump_draft
from qa.sources.formats.limits import LIMITS, MB
from qa.sources.sandbox.parser_pool import shared_pool
from qa.sources.sandbox.validate import validate_draft
from qa.types.articles import Failure, Reference, Report
from qa.types.errors import ArticleUnreadable

_PASSAGES = 256  # in a batch
_DEFAULTS = dump_draft(Draft("", "", None, ""))  # an older Pullquote may have left out later fields


def import_articles(
    library: Library,
    indexes: IndexCache,
    encoder: Callable[[], Encoder],
    file: Path,
    on_step: Callable[[Step], None] | None,
    warn: Callable[[str], None],
) -> Report:
    """Add the articles in a file; see `Assistant.import_articles`. The caller holds the library for writing.

    Args:
        warn: called with a warning if the disk seems too small.
    """
    try:
        n_bytes = file.stat().st_size
    except OSError as error:
        raise ArticleUnreadable(f"{file} cannot be read: {error.strerror or error}.") from error
    if warning := warn_of_little_room(library.folder, n_bytes):
        warn(warning)
    vectors: KnownVectors = {}
    ends: list[Entry] = []
    for batch in _batches(file, BatchReader(library, encoder, shared_pool)):
        texts = [window.encoded for entry in batch for window in entry.windows]
        vectors = encode(texts, library, vectors, encoder, lambda _: None) if texts else vectors
        articles = [with_vectors(entry, vectors) for entry in batch if entry.draft]
        for entry in store_batch(library, indexes, encoder, len(articles), batch, articles):
            ends.append(entry)
            if on_step and entry.fate:
                on_step(Step(entry.source, entry.fate, len(ends), len(ends), entry.reference, entry.reason))
    if any(entry.fate in ("added", "updated") for entry in ends):
        with library.snapshot() as snapshot:
            indexes.write(snapshot, lambda: encoder().dimension)
    return _report(ends)


def _batches(file: Path, reader: BatchReader) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    n_passages = 0
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            entry = reader.entry(_parse(line), len(line), None)
        except ArticleUnreadable as error:
            entry = Entry(f"{file}, line {number}", "failed", len(line), reason=str(error))
        batch.append(entry)
        n_passages += max(1, len(entry.windows))
        if n_passages >= _PASSAGES:
            yield batch
            batch, n_passages = [], 0
    if batch:
        yield batch


def _lines(file: Path) -> Iterator[bytes]:
    """Yield the lines of a file. One that is too long is yielded in part, and then skipped."""
    longest = LIMITS.file_bytes + 1
    try:
        with file.open("rb") as content:
            while line := content.readline(longest):
                yield line
                while len(line) == longest and not line.endswith(b"\n") and (line := content.readline(longest)):
                    pass
    except OSError as error:
        raise ArticleUnreadable(f"{file} cannot be read: {error.strerror or error}.") from error


def _parse(line: bytes) -> Draft:
    """Make a draft of a line.

    Raises:
        ArticleUnreadable: it is not what an export writes, or its text is not the one that was exported.
    """
    if len(line) > LIMITS.file_bytes:
        raise ArticleUnreadable(f"the line is longer than {LIMITS.file_bytes // MB} MB")
    try:
        data: Any = json.loads(line)
        draft = validate_draft({**_DEFAULTS, **data}, data["source"])
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise ArticleUnreadable("the line is not an article that Pullquote exported") from error
    if not draft.source.strip() or not draft.text.strip():
        raise ArticleUnreadable("the article has no source or no text")
    if len(draft.text) > LIMITS.text_characters:
        raise ArticleUnreadable(f"the text has more than {LIMITS.text_characters:,} characters")
    if data.get(SHA256, text_version(draft.text)) != text_version(draft.text):
        raise ArticleUnreadable("the text is not the one that was exported")
    return draft


def _report(ends: Sequence[Entry]) -> Report:
    def of(fate: Fate) -> tuple[Reference, ...]:
        return tuple(entry.reference for entry in ends if entry.fate == fate and entry.reference)

    failed = tuple(Failure(entry.source, entry.reason) for entry in ends if entry.fate == "failed")
    return Report(of("added"), of("updated"), of("unchanged"), failed)
