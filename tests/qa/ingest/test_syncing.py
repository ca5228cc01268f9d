"""Tests of `sync`: new and changed files are added, missing ones removed, and nothing is lost if a folder is unreachable."""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.nasty import write

from qa import Assistant
from qa.ingest.progress import Step
from qa.ingest.syncing import watch
from qa.sources.formats.draft import Draft
from qa.sources.sandbox.parser_pool import ParserPool
from qa.types.articles import Report

Open = Callable[..., Assistant]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "in", a="The bridge fell at noon.", b="The tower fell at night.", c="Nobody was hurt.")[0].parent


def stems(references: object) -> list[str]:
    return sorted(Path(each.source).name for each in references)  # type: ignore[attr-defined]


def counts(report: Report) -> tuple[int, ...]:
    return tuple(len(getattr(report, name)) for name in ("added", "updated", "unchanged", "removed", "failed"))


def test_what_is_new_comes_in_what_changed_is_replaced_and_what_is_gone_goes_out(assistant: Assistant, folder: Path) -> None:
    assert counts(assistant.sync(folder)) == (3, 0, 0, 0, 0)
    (folder / "a.txt").write_text("The bridge fell at dawn.")
    (folder / "b.txt").unlink()
    (folder / "d.txt").write_text("The ferry sails at six.")
    report = assistant.sync(folder)
    assert (stems(report.updated), stems(report.removed), stems(report.added)) == (["a.txt"], ["b.txt"], ["d.txt"])
    assert stems(assistant.articles()) == ["a.txt", "c.txt", "d.txt"]
    assert assistant.ask("When did the tower fall?").quotes == () or all(
        "tower" not in quote.text for quote in assistant.ask("When did the tower fall?").quotes
    )
    assert assistant.check().problems == ()


def test_missing_files_stay_if_asked_to(assistant: Assistant, folder: Path) -> None:
    assistant.sync(folder)
    (folder / "b.txt").unlink()
    assert counts(assistant.sync(folder, keep_missing=True)) == (0, 0, 2, 0, 0)
    assert len(assistant.articles()) == 3


def test_articles_from_elsewhere_are_left_alone(assistant: Assistant, folder: Path, tmp_path: Path) -> None:
    (elsewhere,) = write(tmp_path / "in-too", e="The mill burned.")  # its name begins with the folder's
    assistant.add(elsewhere)
    assistant.sync(folder)
    (folder / "a.txt").unlink()
    assert stems(assistant.sync(folder).removed) == ["a.txt"]
    assert "e.txt" in stems(assistant.articles())


@pytest.mark.parametrize("vanished", ["folder", "contents"])
def test_nothing_is_removed_for_a_folder_that_is_gone_or_empty(assistant: Assistant, folder: Path, vanished: str) -> None:
    assistant.sync(folder)
    for path in folder.iterdir():
        path.unlink()
    if vanished == "folder":
        folder.rmdir()
    report = assistant.sync(folder)
    assert (len(report.failed), report.removed) == (1, ())
    assert len(assistant.articles()) == 3, "an unplugged disk is no wish to forget"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any folder")
def test_nothing_is_removed_below_a_folder_that_may_not_be_read(assistant: Assistant, folder: Path) -> None:
    (inner,) = write(folder / "inner", e="The mill burned.")
    assistant.sync(folder)
    inner.parent.chmod(0)
    try:
        report = assistant.sync(folder)
    finally:
        inner.parent.chmod(0o755)
    assert report.removed == ()


def test_a_file_that_cannot_be_read_any_more_keeps_its_article(assistant: Assistant, folder: Path) -> None:
    assistant.sync(folder)
    (folder / "a.txt").write_bytes(b"\x00\x01\x02" * 50)
    report = assistant.sync(folder)
    assert (stems(report.failed), report.removed) == (["a.txt"], ())
    assert len(assistant.articles()) == 3


def test_only_content_tells_whether_a_file_changed(assistant: Assistant, folder: Path) -> None:
    assistant.sync(folder)
    os.utime(folder / "a.txt")
    same = (folder / "b.txt").stat()
    (folder / "b.txt").write_text("The tower fell at dusk.")
    os.utime(folder / "b.txt", ns=(same.st_atime_ns, same.st_mtime_ns))
    assert counts(assistant.sync(folder)) == (0, 1, 2, 0, 0)


def test_an_unchanged_file_is_not_read_by_its_loader_again(
    assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.sync(folder)
    monkeypatch.setattr(ParserPool, "parse", lambda *_: pytest.fail("it was read"))
    assert counts(assistant.sync(folder)) == (0, 0, 3, 0, 0)


def test_what_another_edition_of_the_loaders_read_is_read_again(
    assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.sync(folder)
    sources, read = [], ParserPool.parse

    def note(self: ParserPool, content: bytes, source: str, *options: str | None) -> list[Draft]:
        sources.append(source)
        return [replace(draft, published="2019-05-03") for draft in read(self, content, source, *options)]

    monkeypatch.setattr(ParserPool, "parse", note)
    monkeypatch.setattr("qa.ingest.batches.LOADERS_VERSION", 99)
    assert counts(assistant.sync(folder)) == (0, 3, 0, 0, 0)
    assert {each.published for each in assistant.articles()} == {"2019-05-03"}
    assert counts(assistant.sync(folder)) == (0, 0, 3, 0, 0)
    assert len(sources) == 3


def test_an_article_taken_out_by_hand_is_noticed_though_its_file_did_not_change(assistant: Assistant, folder: Path) -> None:
    report = assistant.sync(folder)
    assistant.remove(report.added[0].id)
    assert counts(assistant.sync(folder)) == (1, 0, 2, 0, 0)


def test_cut_short_it_goes_on_where_it_stopped(assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ingest.batches._PASSAGES", 1)

    def stop(step: Step) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assistant.sync(folder, on_step=stop)
    report = assistant.sync(folder)
    assert report.unchanged
    assert len(report.unchanged) + len(report.added) == 3


def records(*texts: str) -> str:
    return "".join(json.dumps({"id": text.split()[1], "text": text}) + "\n" for text in texts)


def test_articles_that_a_file_of_several_holds_no_more_go(assistant: Assistant, tmp_path: Path) -> None:
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    bridge, tower, ferry = "The bridge fell at noon.", "The tower fell at night.", "The ferry sails at six."
    one.write_text(records(bridge, tower, ferry))
    other.write_text(records(tower))
    assert counts(assistant.add([one, other])) == (4, 0, 0, 0, 0)
    one.write_text(records(bridge, "The tower fell at dusk."))
    report = assistant.add(one)
    assert stems(report.removed) == ["one.jsonl#ferry"]
    assert (stems(report.updated), stems(report.unchanged)) == (["one.jsonl#tower"], ["one.jsonl#bridge"])
    other.unlink()
    assert stems(assistant.sync(tmp_path).removed) == ["other.jsonl#tower"]
    assert stems(assistant.articles()) == ["one.jsonl#bridge", "one.jsonl#tower"]
    assert assistant.check().problems == ()


def test_records_of_something_else_are_passed_over_in_a_folder_and_refused_by_name(assistant: Assistant, folder: Path) -> None:
    (folder / "package.json").write_text('{"version": "1"}')
    assert counts(assistant.sync(folder)) == (3, 0, 0, 0, 0)
    (failure,) = assistant.add(folder / "package.json").failed
    assert failure.reason.startswith("no column holds a text: found version")


def test_a_folder_that_is_watched_is_synced_at_once_and_at_each_change(opened: Open, folder: Path) -> None:
    stop, reports = threading.Event(), []
    watcher = opened()

    def look() -> None:
        for report in watch([folder], lambda: watcher.sync(folder), stop):
            reports.append(report)
            if len(reports) == 1:
                (folder / "d.txt").write_text("The ferry sails at six.")
            elif report.added:
                stop.set()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(30)
    stop.set()
    assert not thread.is_alive()
    assert (stems(reports[0].added), stems(reports[-1].added)) == (["a.txt", "b.txt", "c.txt"], ["d.txt"])
