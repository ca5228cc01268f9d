"""Tests that a full disk costs only what did not fit, is named, and keeps nobody from asking."""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from support.disks import fill, no_file_above, small_disk
from support.quick import harbours, open_quick, store

from qa.ingest import pipeline
from qa.library.disk import advise, mount_point, warn_of_little_room
from qa.library.layout import DATABASE, VECTORS, WORDS
from qa.sources.discovery import discover
from qa.types.errors import LibraryBusy, LibraryError

QUESTION = "When did harbour 3 freeze?"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 1_000) as mounted:
        yield mounted


def settled(folder: Path) -> Path:
    """Make a library and close it, so that SQLite's own files beside it are gone."""
    assistant = open_quick(folder)
    store(assistant, **harbours(0, 4))
    assistant.library.close()
    assert not (folder / f"{DATABASE}-shm").exists()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files but those that SQLite tries to make beside its own."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    return {str(path): path.read_bytes() for path in paths}


def test_on_a_full_disk_a_library_is_asked_listed_and_checked(disk: Path) -> None:
    folder = settled(disk / "library")
    assistant = open_quick(folder)
    expected = assistant.ask(QUESTION).quotes
    assistant.library.close()
    before = contents(folder)
    fill(disk)
    assistant = open_quick(folder)
    assert assistant.ask(QUESTION).quotes == expected
    assert len(assistant.articles()) == 4
    assert assistant.check().problems == ()
    assert contents(folder) == before


def test_on_a_full_disk_without_word_index_it_is_made_in_memory(disk: Path) -> None:
    folder = settled(disk / "library")
    expected = open_quick(folder).ask(QUESTION).quotes
    shutil.rmtree(folder / WORDS)
    fill(disk)
    assert open_quick(folder).ask(QUESTION).quotes == expected


def test_what_does_not_fit_is_not_stored_and_the_disk_is_named(disk: Path) -> None:
    folder = settled(disk / "library")
    filler = fill(disk, leave=4)
    assistant = open_quick(folder)
    with pytest.raises(LibraryError, match=f"cannot be changed .*: the disk of {disk} is full, so make room on it"):
        store(assistant, **harbours(4, 400))
    assert len(assistant.articles()) == 4
    filler.unlink()
    assert len(store(assistant, **harbours(4, 8))) == 8
    assert open_quick(folder).check().problems == ()


def test_a_library_that_cannot_be_made_names_the_disk(disk: Path) -> None:
    fill(disk)
    with pytest.raises(LibraryError, match=f"cannot be (opened|changed) .*the disk of {disk} is full"):
        open_quick(disk / "library")


def test_articles_are_stored_though_the_indexes_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = settled(tmp_path / "library")
    with small_disk(tmp_path / "disk", 200) as disk:
        shutil.copytree(folder / WORDS, disk / WORDS)
        shutil.rmtree(folder / WORDS)
        (folder / WORDS).symlink_to(disk / WORDS)
        fill(disk)
        assistant = open_quick(folder)
        assert len(store(assistant, **harbours(4, 90))) == 90, "acknowledged, since they are stored"
        (line,) = caplog.messages
        assert "The articles are stored, but the indexes in" in line
        assert "harbour 77" in assistant.ask("When did harbour 77 freeze?").quotes[0].text.casefold()
        (folder / WORDS).unlink()
    again = open_quick(folder)
    assert "harbour 77" in again.ask("When did harbour 77 freeze?").quotes[0].text.casefold()
    assert again.check().problems == ()


def test_vectors_that_cannot_be_written_cost_no_article(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = settled(tmp_path / "library")
    (folder / VECTORS).unlink()
    (folder / VECTORS).mkdir()  # nothing can be renamed to it
    assistant = open_quick(folder)
    assert len(store(assistant, **harbours(4, 6))) == 6
    assert ["are stored, but the indexes" in line for line in caplog.messages] == [True]
    (folder / VECTORS).rmdir()
    assert len(store(assistant, **harbours(6, 7))) == 7
    assert assistant.check().notes == ()


def test_a_limit_on_the_size_of_files_is_named(tmp_path: Path) -> None:
    folder = settled(tmp_path / "library")
    expected = open_quick(folder).ask(QUESTION).quotes
    with no_file_above(100_000):
        assistant = open_quick(folder)
        with pytest.raises(LibraryError, match=r"cannot be changed .*: .*raise `ulimit -f`"):
            store(assistant, **harbours(4, 400))
    with no_file_above(1_000):
        assert open_quick(folder).ask(QUESTION).quotes == expected


def test_little_room_is_told_before_a_large_addition(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with small_disk(tmp_path / "disk", 1_000) as disk:
        (tmp_path / "long.txt").write_text("The harbour froze. " * 10_000)
        assert warn_of_little_room(disk, 10) is None
        assistant = open_quick(disk / "library")
        sources = discover([tmp_path / "long.txt"], 1)
        pipeline.add(assistant.library, assistant.indexes, lambda: assistant.encoder, sources, None, None)
        assert f"The disk of {disk} has 0." in caplog.messages[0]
        assert "0.2 MB of articles take some 1.9 MB: make room" in caplog.messages[0]
        assert mount_point(disk / "library") == disk


def test_each_error_of_the_system_has_an_advice(tmp_path: Path) -> None:
    assert "fails" in advise(tmp_path, OSError(5, "Input/output error"))
    assert "ulimit -n" in advise(tmp_path, OSError(24, "Too many open files"))
    assert "ulimit -f" in advise(tmp_path, OSError(27, "File too large"))
    assert "let this user" in advise(tmp_path, OSError(13, "Permission denied"))
    assert advise(tmp_path) == "try again"


def test_a_database_that_another_program_writes_to_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.library.schema.BUSY_TIMEOUT", 50)
    folder = settled(tmp_path / "library")
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryBusy, match="Another process is writing to the library"):
            store(open_quick(folder), **harbours(4, 5))


def test_a_library_opened_on_a_full_disk_is_changed_once_there_is_room(disk: Path) -> None:
    folder = settled(disk / "library")
    filler = fill(disk)
    assistant = open_quick(folder)
    assert len(assistant.articles()) == 4
    filler.unlink()
    with ThreadPoolExecutor(1) as other:
        assert len(other.submit(assistant.articles).result()) == 4  # has a connection for writing now
        assert len(assistant.articles()) == 4
        assert len(store(assistant, **harbours(4, 6))) == 6
        assert len(other.submit(assistant.articles).result()) == 6
    assert open_quick(folder).check().problems == ()
