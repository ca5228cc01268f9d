"""Tests of watching a folder: new, changed, deleted and renamed files are noticed, and a burst of files is one update."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.nasty import write

from qa import Assistant
from qa.ingest.syncing import watch
from qa.types.articles import Report

Open = Callable[..., Assistant]
PATIENCE = 30.0  # seconds to wait for an expected report
FATES = ("added", "updated", "removed", "failed")


@dataclass
class Seen:
    """The reports so far, in order."""

    reports: list[Report] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def until(self, n: int, since: int = 0) -> dict[str, list[str]]:
        """Wait for n files in the reports from index `since` on, and return their names by outcome."""
        ends = time.monotonic() + PATIENCE
        with self.news:
            while sum(map(len, (found := self._fates(since)).values())) < n and time.monotonic() < ends:
                self.news.wait(1)
        return found

    def _fates(self, since: int) -> dict[str, list[str]]:
        fates = {
            fate: sorted(Path(each.source).name for report in self.reports[since:] for each in getattr(report, fate))
            for fate in FATES
        }
        return {fate: names for fate, names in fates.items() if names}


@contextmanager
def watched(assistant: Assistant, folder: Path) -> Iterator[Seen]:
    stop, seen = threading.Event(), Seen()

    def look() -> None:
        for report in watch([folder], lambda: assistant.sync(folder), stop):
            with seen.news:
                seen.reports.append(report)
                seen.news.notify_all()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "in", a="The bridge fell at noon.", b="The tower fell at night.")[0].parent


def names(assistant: Assistant) -> list[str]:
    return sorted(Path(each.source).name for each in assistant.articles())


def test_each_change_of_a_file_is_seen_and_followed(opened: Open, folder: Path) -> None:
    assistant = opened()
    with watched(assistant, folder) as seen:
        assert seen.until(2) == {"added": ["a.txt", "b.txt"]}

        def after(change: Callable[[], object], n: int = 1) -> dict[str, list[str]]:
            since = len(seen.reports)
            change()
            return seen.until(n, since)

        assert after(lambda: (folder / "c.txt").write_text("The ferry sails at six.")) == {"added": ["c.txt"]}
        assert after(lambda: (folder / "a.txt").write_text("The bridge fell at dawn.")) == {"updated": ["a.txt"]}
        assert after((folder / "b.txt").unlink) == {"removed": ["b.txt"]}
        renamed = after(lambda: (folder / "c.txt").rename(folder / "d.txt"), 2)
        assert renamed == {"added": ["d.txt"], "removed": ["c.txt"]}
        (folder / "inner").mkdir()
        assert after(lambda: (folder / "inner" / "e.txt").write_text("The mill burned.")) == {"added": ["e.txt"]}
    assert names(assistant) == ["a.txt", "d.txt", "e.txt"]
    quoted = [quote.text for quote in assistant.ask("When did the bridge fall?").quotes]
    assert "The bridge fell at dawn." in quoted
    assert assistant.check().problems == ()


def test_a_burst_of_files_comes_in_whole_and_in_few_reports(opened: Open, folder: Path) -> None:
    assistant = opened()
    with watched(assistant, folder) as seen:
        seen.until(2)
        write(folder, **{f"burst{number:02}": f"Ship {number} left the harbour at noon." for number in range(30)})
        burst = seen.until(30, since=1)
        assert burst == {"added": [f"burst{number:02}.txt" for number in range(30)]}, "each once"
        assert len(seen.reports) - 1 <= 3, "they are read together, not one by one"
    assert len(names(assistant)) == 32
    assert assistant.check().problems == ()


def test_what_is_written_while_files_are_read_is_not_missed(opened: Open, folder: Path) -> None:
    assistant, stop, reports = opened(), threading.Event(), []
    late = folder / "late.txt"

    def write_late(_: object) -> None:
        if not late.exists():
            late.write_text("The lighthouse went dark.")

    ends = threading.Timer(PATIENCE, stop.set)
    ends.start()
    for report in watch([folder], lambda: assistant.sync(folder, on_step=write_late), stop):
        reports.append(report)
        if "late.txt" in names(assistant):
            stop.set()
    ends.cancel()
    assert names(assistant) == ["a.txt", "b.txt", "late.txt"]
    assert len(reports) == 2, "the first was made of what there was when it began"
