"""Batches: files read, compared with the library and cut, some at a time, ahead of their encoding."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embeddings import Encoder
from qa.articles import Failure, Reference
from qa.errors import ArticleUnreadable, LibraryDamaged
from qa.library import Library
from qa.loaders import Draft, files, load, source_name
from qa.passages import Window, cut
from qa.rows import View
from qa.schema import text_version

_PASSAGES = 256  # encoded and stored together, a file without any counted as one; a crash loses at most two such batches
_CHARACTERS = 2_000_000  # of text; what was set aside in an article makes no passages but is held in memory as well

Fate = Literal["added", "updated", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Taken:
    """One file, read and cut, and what is to become of it."""

    source: str
    n_bytes: int
    fate: Fate
    reference: Reference | None = None  # of what is unchanged
    reason: str = ""  # of a failure
    draft: Draft | None = None  # of what is to be stored
    windows: Sequence[Window] = ()


def n_bytes(found: Path | Failure) -> int:
    """How much of a file there is to be read, for estimates."""
    try:
        size = 0 if isinstance(found, Failure) else os.stat(found).st_size
    except OSError:  # reading it will say why
        return 0
    return size if size <= files.MAX_FILE_BYTES else 0


def batches(
    found: Sequence[Path | Failure], library: Library, encoder: Callable[[], Encoder], stop: threading.Event
) -> Iterator[list[Taken]]:
    """What was found, read and cut in its order, in batches of bounded size; a long article is a batch by itself.

    Args:
        encoder: gives the model that passages are cut for; asked for only when there is something to cut.
        stop: when it is set, no further file is read.
    """
    batch: list[Taken] = []
    n_passages = n_characters = 0
    for item in found:
        if stop.is_set():
            return
        taken = _take(item, library, encoder)
        batch.append(taken)
        n_passages += max(1, len(taken.windows))
        n_characters += len(taken.draft.text) if taken.draft else 0
        if n_passages >= _PASSAGES or n_characters >= _CHARACTERS:
            yield batch
            batch, n_passages, n_characters = [], 0, 0
    if batch:
        yield batch


def _take(found: Path | Failure, library: Library, encoder: Callable[[], Encoder]) -> Taken:
    if isinstance(found, Failure):
        return Taken(found.source, 0, "failed", reason=found.reason)
    size = n_bytes(found)
    try:
        draft = load(found)
    except ArticleUnreadable as error:
        return Taken(source_name(found), size, "failed", reason=str(error))
    with library.reading() as view:
        known = view.version_of(draft.source)
        if known and known[1] == text_version(draft.text) and _is_intact(view, known[0]):
            return Taken(draft.source, size, "unchanged", view.reference(known[0]))
    model = encoder()
    windows = cut(draft.text, draft.set_aside, model.count_tokens, model.capacity)
    if not windows:
        return Taken(draft.source, size, "failed", reason="no sentence in it can be quoted")
    return Taken(draft.source, size, "updated" if known else "added", draft=draft, windows=windows)


def _is_intact(view: View, article_id: str) -> bool:
    try:
        return view.article(article_id) is not None
    except LibraryDamaged:
        return False  # it is stored anew
