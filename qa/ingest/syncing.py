"""Keeping a library in step with the folders and feeds that its articles come from."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from embeddings import Encoder
from qa.ingest.pipeline import add
from qa.ingest.progress import Progress, Step
from qa.library.indexes import IndexCache
from qa.library.library import Library
from qa.library.originals import Originals, is_upload, needed
from qa.sources.discovery import Sources, discover
from qa.sources.files import LocalFile, Upload
from qa.sources.formats.draft import LOADERS_VERSION
from qa.types.articles import Failure, Report
from qa.types.errors import LibraryBusy

_SETTLED = 1_000  # milliseconds without a change before the files are read
_LOOK = 500  # milliseconds without a change until the watcher says so
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
    """Add what is new or changed and remove what is gone; see `Assistant.sync`. The caller holds the library for writing."""
    sources = discover([*paths, *_outdated_uploads(library)], newest)
    report = add(library, indexes, encoder, sources, on_step, on_progress, Originals(library.folder))
    if keep_missing:
        return report
    with library.snapshot() as snapshot:
        origins = snapshot.origins()
    missing = _missing(origins, [os.fspath(path) for path in paths], sources)
    removed = library.remove([article_id for origin in missing for article_id in origins[origin]], missing) if missing else []
    if removed:
        with library.snapshot() as snapshot:
            indexes.write(snapshot, lambda: encoder().dimension)
    for number, reference in enumerate(removed, start=1):
        if on_step:
            on_step(Step(reference.source, "removed", number, len(removed), reference))
    return replace(report, removed=(*report.removed, *removed))


def _outdated_uploads(library: Library) -> Iterator[Upload]:
    """Yield the uploads whose originals are kept and that today's loaders have not read, or not whole."""
    originals = Originals(library.folder)
    with library.snapshot() as snapshot:
        kept, files = needed(snapshot), snapshot.files()
    for file in files:
        if is_upload(file.origin) and file.loaders != LOADERS_VERSION and file.sha256 in kept and originals.read(file.sha256):
            yield Upload(file.origin, originals.path(file.sha256), again=True)


def _missing(origins: dict[str, tuple[str, ...]], paths: Sequence[str], sources: Sources) -> list[str]:
    """Return the files that were once read from these folders and are gone, except below folders that cannot be read."""
    present = {file.source for file in sources.files if isinstance(file, LocalFile)}
    unreadable = [failure.source for failure in sources.files if isinstance(failure, Failure)]
    roots = [os.path.realpath(path) for path in paths if os.path.isdir(path)]
    return [
        origin for origin in origins if origin not in present and _is_below(origin, roots) and not _is_below(origin, unreadable)
    ]


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def watch(folders: Sequence[str | os.PathLike[str]], sync: Callable[[], Report], stop: threading.Event) -> Iterator[Report]:
    """Keep a library in step with folders until told to stop. Yield a report at once, then one after each change of files.

    Args:
        sync: syncs the folders. It is tried again while another process is changing the library.
    """
    from watchfiles import watch as watch_files

    is_first = True
    # The first report is made when the watcher says for the first time that nothing changed: from then on it misses nothing.
    paths = [os.fspath(folder) for folder in folders]
    for changes in watch_files(*paths, debounce=_SETTLED, stop_event=stop, yield_on_timeout=True, rust_timeout=_LOOK):
        if changes or is_first:
            is_first, report = False, _retry(sync, stop)
            if report is not None:
                yield report


def _retry(sync: Callable[[], Report], stop: threading.Event) -> Report | None:
    while not stop.is_set():
        try:
            return sync()
        except LibraryBusy:
            stop.wait(_RETRY)
    return None
