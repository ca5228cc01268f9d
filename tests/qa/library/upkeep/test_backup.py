"""Tests that a backup holds all of a library, is verified, and that neither it nor a restored library is ever half there."""

import json
import random
import shutil
import threading
import zipfile
from pathlib import Path

import pytest
from support.asked import outcome
from support.asked import run as run_of
from support.disks import fill, small_disk
from support.libraries import everything
from support.quick import harbours, open_quick, store

from qa import Assistant
from qa.evaluation import find_run, save_run
from qa.evaluation.saving import run_file
from qa.library.layout import DATABASE
from qa.types.errors import BackupUnusable, LibraryError

QUESTION = "When did harbour 3 freeze?"


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 4))
    store(assistant, **harbours(2, 5, "dawn"))  # some in two versions
    return assistant


def test_a_restored_library_is_as_it_was(assistant: Assistant, tmp_path: Path) -> None:
    answer = assistant.ask(QUESTION)
    kept = assistant.journal.keep(assistant.journal.begin("Harbours").id, answer)
    save_run(run_of(outcome("q", ("noon",))), run_file(assistant.library.folder, "first"))
    written = assistant.back_up(tmp_path / "backup.zip")
    assert (written.n_articles, written.generation) == (5, 2)
    assert (tmp_path / "backup.zip").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "library"]
    restored = Assistant.restore(tmp_path / "backup.zip", tmp_path / "there" / "library")
    assert restored == written
    again = open_quick(tmp_path / "there" / "library")
    assert everything(again) == everything(assistant)
    assert again.ask(QUESTION) == answer
    assert again.journal.conversation(kept.conversation_id) == (kept,)
    assert find_run(again.library.folder, "first") == find_run(assistant.library.folder, "first")
    assert again.check().problems == ()
    assert len(store(again, **harbours(5, 6))) == 6
    assert again.check().notes == ()


def test_a_backup_of_a_library_in_use_is_of_one_moment(assistant: Assistant, tmp_path: Path) -> None:
    """Every change replaces all articles at once, so a backup of two moments would hold two times of day."""
    times, done, begun = ("noon", "dawn", "dusk"), threading.Event(), threading.Event()

    def change() -> None:
        number = 0
        while not done.is_set():
            store(assistant, **harbours(0, 5, times[number % 3]))
            number += 1
            begun.set()

    thread = threading.Thread(target=change)
    thread.start()
    begun.wait()
    try:
        for number in range(5):
            open_quick(tmp_path / "library").back_up(tmp_path / f"{number}.zip")
    finally:
        done.set()
        thread.join()
    for number in range(5):
        Assistant.restore(tmp_path / f"{number}.zip", tmp_path / str(number))
        restored = open_quick(tmp_path / str(number))
        texts = [restored.article(each.id).text for each in restored.articles()]
        assert sum(any(f"at {time} " in text for text in texts) for time in times) == 1
        assert restored.check().problems == ()


def test_a_backup_whose_content_was_exchanged_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    """The archive's own checksums fit, so that only those in the manifest tell."""
    assistant.back_up(tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents[DATABASE] = contents[DATABASE].replace(b"Nobody skated", b"Nobody danced")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    with pytest.raises(BackupUnusable, match=r"library\.db in it is not as it was written"):
        Assistant.restore(tmp_path / "other.zip", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_a_damaged_backup_is_refused_and_nothing_restored(assistant: Assistant, tmp_path: Path) -> None:
    file, draw = tmp_path / "backup.zip", random.Random(4)
    assistant.back_up(file)
    content, n_refused = file.read_bytes(), 0
    expected = everything(assistant)
    for number in range(40):
        at = draw.randrange(len(content))
        file.write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
        try:
            Assistant.restore(file, tmp_path / f"r{number}")
        except BackupUnusable:
            n_refused += not (tmp_path / f"r{number}").exists()
        else:
            assert everything(open_quick(tmp_path / f"r{number}")) == expected, "a bit that says nothing of the content"
    assert n_refused > 30
    for cut in (0, 1, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:cut])
        with pytest.raises(BackupUnusable):
            Assistant.restore(file, tmp_path / "cut")
    assert not list(tmp_path.glob(".pullquote-*"))


def rewrite(file: Path, **changes: object) -> None:
    """Change entries of a backup's manifest."""
    with zipfile.ZipFile(file) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["manifest.json"] = json.dumps({**json.loads(entries["manifest.json"]), **changes}).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def test_a_backup_of_a_newer_pullquote_is_refused_by_name(assistant: Assistant, tmp_path: Path) -> None:
    assistant.back_up(tmp_path / "backup.zip")
    rewrite(tmp_path / "backup.zip", format=2)
    with pytest.raises(BackupUnusable, match=r"newer Pullquote \(format 2, this one reads 1\): update"):
        Assistant.restore(tmp_path / "backup.zip", tmp_path / "there")


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "runs/../../x.json", "library.lock"])
def test_a_backup_writes_nothing_outside_its_library(assistant: Assistant, tmp_path: Path, name: str) -> None:
    file = tmp_path / "backup.zip"
    assistant.back_up(file)
    with zipfile.ZipFile(file) as archive:
        files = json.loads(archive.read("manifest.json"))["files"]
    rewrite(file, files={**files, name: {"bytes": 1, "sha256": "0" * 64}})
    with pytest.raises(BackupUnusable, match="is not a backup of Pullquote: it holds"):
        Assistant.restore(file, tmp_path / "there")
    assert not (tmp_path / "there").exists()


def test_nothing_is_restored_over_what_is_there(assistant: Assistant, tmp_path: Path) -> None:
    assistant.back_up(tmp_path / "backup.zip")
    with pytest.raises(LibraryError, match="holds something already"):
        Assistant.restore(tmp_path / "backup.zip", tmp_path / "library")
    (tmp_path / "empty").mkdir()
    assert Assistant.restore(tmp_path / "backup.zip", tmp_path / "empty").n_articles == 5
    with pytest.raises(BackupUnusable, match="There is no backup"):
        Assistant.restore(tmp_path / "none.zip", tmp_path / "there")


def test_on_a_full_disk_the_old_backup_stays_and_the_disk_is_named(assistant: Assistant, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 400) as disk:
        (disk / "backup.zip").write_bytes(b"yesterday's")
        fill(disk)
        with pytest.raises(LibraryError, match=f"cannot be written to {disk}/backup.zip .*the disk of {disk} is full"):
            assistant.back_up(disk / "backup.zip")
        assert (disk / "backup.zip").read_bytes() == b"yesterday's"
        assert sorted(path.name for path in disk.iterdir()) == ["backup.zip", "filler"]
        assistant.back_up(tmp_path / "backup.zip")
        with pytest.raises(LibraryError, match=r"cannot be restored to .*is full"):
            Assistant.restore(tmp_path / "backup.zip", disk / "library")
        assert not (disk / "library").exists()


def test_a_library_on_a_disk_that_cannot_be_written_can_be_backed_up(assistant: Assistant, tmp_path: Path) -> None:
    assistant.library.close()
    with small_disk(tmp_path / "disk", 400) as disk:
        shutil.copytree(tmp_path / "library", disk / "library")
        fill(disk)
        assert open_quick(disk / "library").back_up(tmp_path / "backup.zip").n_articles == 5
