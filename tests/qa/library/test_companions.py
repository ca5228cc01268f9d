"""Tests that the files beside the database are missed when they are gone, and noticed when they were altered."""

import json
import random
from pathlib import Path

import pytest
from support.asked import outcome
from support.asked import run as run_of
from support.quick import harbours, open_quick, store

from qa import Assistant
from qa.evaluation import load_run, save_run
from qa.evaluation.saving import run_file
from qa.library.calibration import Calibration, Platt, Promise
from qa.library.layout import CALIBRATION, DATABASE, JOURNAL
from qa.types.errors import LibraryError, RunUnreadable


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 2))
    return assistant


def calibration(assistant: Assistant, least: float = 0.5) -> Calibration:
    with assistant.library.snapshot() as snapshot:
        basis = assistant.basis(snapshot)
    promise = Promise(40, 10, 30, 3, 0.03, 0.26)
    return Calibration(Platt(0.5, -0.25), least, promise, None, {}, basis, "q" * 64, 1, "2026-01-01T00:00:00+00:00")


def test_a_missing_calibration_is_told_when_opened_and_checked(assistant: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    folder = assistant.library.folder
    assistant.calibration.save(calibration(assistant))
    assert open_quick(folder).check().problems == ()
    assert caplog.messages == []
    (folder / CALIBRATION).unlink()
    again = open_quick(folder)
    assert [f"{folder / CALIBRATION} is missing" in line for line in caplog.messages] == [True]
    assert again.check().problems == (caplog.messages[0],)
    assert not again.calibration.remove()
    assert again.check().problems == ()


@pytest.mark.parametrize("call", ["write_atomically", "CalibrationFile._record"])
def test_a_crash_while_a_calibration_is_saved_or_removed_leaves_either_and_no_complaint(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    file = assistant.calibration
    file.save(calibration(assistant))

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    record = file._record
    if call == "write_atomically":
        monkeypatch.setattr("qa.library.calibration.write_atomically", crash)
    else:  # after the file was written
        monkeypatch.setattr(file, "_record", lambda sha256: record(sha256) if " " in str(sha256) else crash())
    with pytest.raises(KeyboardInterrupt):
        file.save(calibration(assistant, 0.6))
    assert assistant.check().problems == ()
    monkeypatch.setattr(Path, "unlink", crash)
    monkeypatch.setattr(file, "_record", record)
    with pytest.raises(KeyboardInterrupt):
        file.remove()
    assert assistant.check().problems == ()


def test_an_older_calibration_put_back_is_noticed(assistant: Assistant) -> None:
    assistant.calibration.save(calibration(assistant))
    older = (assistant.library.folder / CALIBRATION).read_bytes()
    assistant.calibration.save(calibration(assistant, 0.6))
    assert assistant.check().problems == ()
    (assistant.library.folder / CALIBRATION).write_bytes(older)
    assert ["is not the one that was saved last" in line for line in assistant.check().problems] == [True]


@pytest.mark.parametrize("content", [None, b""])
def test_a_missing_database_is_not_replaced_by_a_new_one(assistant: Assistant, content: bytes | None) -> None:
    folder = assistant.library.folder
    assistant.library.close()
    (folder / DATABASE).unlink()
    if content is not None:
        (folder / DATABASE).write_bytes(content)
    before = sorted(path.name for path in folder.iterdir())
    for create in (True, False):
        with pytest.raises(LibraryError, match=f"{folder / DATABASE} is missing or empty, but words of the same library"):
            Assistant.open(folder, create=create)
    assert {path.name for path in folder.iterdir()} <= {*before, f"{DATABASE}-wal", f"{DATABASE}-shm"}


def test_missing_conversations_are_told(assistant: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    folder = assistant.library.folder
    assert assistant.check().problems == (), "none were ever had"
    assistant.journal.begin("Harbours")
    (folder / JOURNAL).unlink()
    assert f"{folder / JOURNAL} is missing" in open_quick(folder).check().problems[0]
    assert len(caplog.messages) == 1
    assistant.journal.begin("Again")
    assert open_quick(folder).check().problems == ()


def test_a_run_with_any_bit_flipped_is_refused_and_found(assistant: Assistant) -> None:
    path, draw = run_file(assistant.library.folder, "first"), random.Random(9)
    run = run_of(outcome("q", ("noon",)))
    save_run(run, path)
    assert load_run(path) == run
    assert assistant.check().problems == ()
    content = path.read_bytes()
    for flip in range(150):
        at = draw.randrange(len(content))
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
        try:
            read = load_run(path)
        except RunUnreadable:
            continue
        assert read == run, f"flip {flip} changed the run"
    path.write_bytes(content[:-20])
    assert [f"The run {path} is damaged" in line for line in assistant.check().problems] == [True]


def test_a_run_saved_before_runs_had_a_checksum_is_read(assistant: Assistant) -> None:
    path = run_file(assistant.library.folder, "first")
    run = run_of(outcome("q", ("noon",)))
    save_run(run, path)
    path.write_text(json.dumps({"schema": 1, **json.loads(path.read_bytes())["run"]}))
    assert load_run(path) == run
    assert assistant.check().problems == ()
