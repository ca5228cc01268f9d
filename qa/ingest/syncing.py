"""Keeping a library in step with where its articles come from."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from embeddings import Encoder
from qa.ingest.pipeline import Step, add
from qa.ingest.progress import Progress
from qa.library.indexes import IndexCache
from qa.library.library import Library
from qa.sources.discovery import Sources, discover
from qa.sources.files import LocalFile
from qa.types.articles import Failure, Report
from qa.types.errors import LibraryBusy

if TYPE_CHECKING:
    from qa.assistant import Assistant

_SETTLED = 1_000  # milliseconds without a change after which the files are read
_LOOK = 500  # milliseconds until it is told that there was no change
_RETRY = 5.0  # seconds until a library that another process is changing is tried again


def sync(
    library: Library,
    indexes: IndexCache,
    encoder: Callable[[], Encoder],
    paths: Sequence[str | os.PathLike[str]],
    newest: int,
    keep_missing: bool,
    on_step: Callable[[Step], None] | None,
    on_progress: Callable[[Progress], None] | None,
) -> Report:
    """Add what is new or changed and take out what is gone; see `Assistant.sync`. The caller holds the library for writing."""
    found = discover(paths, newest)
    report = add(library, indexes, encoder, found, on_step, on_progress)
    if keep_missing:
        return report
    with library.snapshot() as snapshot:
        origins = snapshot.origins()
    gone = _gone(origins, [os.fspath(path) for path in paths], found)
    removed = library.remove([article_id for origin in gone for article_id in origins[origin]], gone) if gone else []
    if removed:
        with library.snapshot() as snapshot:
            indexes.write(snapshot, lambda: encoder().dimension)
    for number, reference in enumerate(removed, start=1):
        if on_step:
            on_step(Step(reference.source, "removed", number, len(removed), reference))
    return Report(report.added, report.updated, report.unchanged, report.failed, (*report.removed, *removed))


def _gone(origins: dict[str, tuple[str, ...]], paths: Sequence[str], found: Sources) -> list[str]:
    """What was read from these folders before and is not there now; nothing below one that could not be looked through."""
    there = {each.source for each in found.files if isinstance(each, LocalFile)}
    unseen = [each.source for each in found.files if isinstance(each, Failure)]
    roots = [os.path.realpath(path) for path in paths if os.path.isdir(path)]

    def is_below(origin: str, folders: Sequence[str]) -> bool:
        return any(origin == folder or origin.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)

    return [each for each in origins if each not in there and is_below(each, roots) and not is_below(each, unseen)]


def watch(
    assistant: "Assistant",
    folders: Sequence[str | os.PathLike[str]],
    stop: threading.Event,
    on_step: Callable[[Step], None] | None = None,
) -> Iterator[Report]:
    """Keep the library in step with folders until told to stop: a report at once, then one for each change of files."""
    from watchfiles import watch as changes

    def synced() -> Report | None:
        while not stop.is_set():
            try:
                return assistant.sync(folders, on_step=on_step)
            except LibraryBusy:  # its turn comes
                stop.wait(_RETRY)
        return None

    begun = False
    # Nothing is missed while the first report is made: it is told that there was no change only once it is watching.
    paths = [os.fspath(folder) for folder in folders]
    for changed in changes(*paths, debounce=_SETTLED, stop_event=stop, yield_on_timeout=True, rust_timeout=_LOOK):
        if changed or not begun:
            begun, report = True, synced()
            if report is not None:
                yield report
