"""Progress: what has become of each file, how fast an addition goes, and how long the rest will take."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from qa.ingest.batches import Entry, Fate
from qa.types.articles import Failure, Reference, Report, Skipped

_SECONDS_TO_JUDGE_BY = 2.0  # of encoding, before the time left is estimated


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one article, a file without articles, or skipped files of a folder. It is reported once it is final."""

    source: str
    fate: Fate
    done: int  # articles and failures so far
    total: int  # files in all without those skipped so far, or `done` where files hold several articles
    reference: Reference | None = None
    reason: str = ""  # of a failure, or what was skipped and why
    notes: tuple[str, ...] = ()  # on how an article was read that is added or updated
    skipped: Skipped | None = None  # files of a folder that are not taken


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an addition has come."""

    files: int  # whose fate is final
    total: int  # files in all
    passages: int  # that have their vectors
    per_second: float  # passages
    seconds_left: float | None  # estimated by the files' bytes; None until there is enough to judge by


class Pace:
    """The speed of an addition, measured as it goes."""

    def __init__(self, n_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with the size of all files that were found."""
        self._clock = clock
        self._began: float | None = None
        self._n_passages = 0
        self._done = 0.0  # bytes of files whose passages have their vectors
        self._left = float(n_bytes)  # bytes of files whose fate is open

    def begin(self) -> None:
        """Start the clock, unless it is running."""
        if self._began is None:
            self._began = self._clock()

    def skip(self, n_bytes: int) -> None:
        """Leave out files without anything to encode, which say nothing about the pace of the others."""
        self._left = max(0.0, self._left - n_bytes)  # the sizes of pages are not known before they are fetched

    def advance(self, n_passages: int, n_bytes: float) -> None:
        """Count passages that have their vectors now, and their share of their files' bytes."""
        self._n_passages += n_passages
        self._done += n_bytes
        self._left = max(0.0, self._left - n_bytes)

    def progress(self, files: int, total: int) -> Progress:
        seconds = 0.0 if self._began is None else self._clock() - self._began
        per_second = self._n_passages / seconds if seconds else 0.0
        can_judge = seconds >= _SECONDS_TO_JUDGE_BY and self._done > 0
        return Progress(files, total, self._n_passages, per_second, self._left * seconds / self._done if can_judge else None)


class Tracker:
    """What has become of an addition's files so far, reported in the caller's thread."""

    def __init__(
        self,
        n_files: int,
        n_bytes: int,
        on_step: Callable[[Step], None] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.storing: Future[list[Entry]] | None = None  # the batch on its way to the disk
        self.has_changes = False  # whether anything was stored or removed
        self._n_files = n_files
        self._on_step, self._on_progress = on_step, on_progress
        self._n_done = self._n_skipped = 0
        self._pace = Pace(n_bytes)
        self._bytes_per_passage = 0.0  # in the batch that is being encoded
        self._references: dict[Fate, list[Reference]] = {"added": [], "updated": [], "unchanged": [], "removed": []}
        self._failures: list[Failure] = []
        self._skipped: list[Skipped] = []

    def begin(self, batch: Sequence[Entry]) -> None:
        """Note that a batch is about to be encoded."""
        self._n_skipped += sum(entry.is_file_without_articles for entry in batch)
        self._pace.skip(sum(entry.n_bytes for entry in batch if not entry.draft))
        n_passages = sum(len(entry.windows) for entry in batch)
        if n_passages:
            self._pace.begin()
            self._bytes_per_passage = sum(entry.n_bytes for entry in batch if entry.draft) / n_passages

    def advance(self, n_passages: int) -> None:
        """Count passages that have their vectors now, and report the progress."""
        self._pace.advance(n_passages, n_passages * self._bytes_per_passage)
        self.report_stored()
        if self._on_progress:
            self._on_progress(self._pace.progress(self._n_done, self._total))

    def report_stored(self) -> None:
        """Report the batch on its way to the disk if it is safe by now."""
        if self.storing and self.storing.done():
            self.finish_storing()

    def finish_storing(self) -> None:
        """Wait until the batch on its way to the disk is safe, and only then report it."""
        if self.storing is None:
            return
        entries, self.storing = self.storing.result(), None
        for entry in entries:
            self._report(entry, entry.fate)

    def _report(self, entry: Entry, fate: Fate) -> None:
        self._n_done += fate != "skipped"
        self.has_changes |= fate in ("added", "updated", "removed")
        if fate == "failed":
            self._failures.append(Failure(entry.source, entry.reason))
        elif entry.skipped:
            self._skipped.append(entry.skipped)
        elif entry.reference:
            self._references[fate].append(entry.reference)
        if self._on_step:
            notes = entry.draft.notes if entry.draft else ()
            done = (self._n_done, self._total)
            self._on_step(Step(entry.source, fate, *done, entry.reference, entry.reason, notes, entry.skipped))

    @property
    def _total(self) -> int:
        """How many files and articles there are, as far as is known."""
        return max(self._n_done, self._n_files - self._n_skipped)

    def report(self) -> Report:
        """Return what became of all files."""
        references = {fate: tuple(references) for fate, references in self._references.items()}
        return Report(failed=tuple(self._failures), skipped=tuple(self._skipped), **references)
