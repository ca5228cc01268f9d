"""Tests that the loss of acknowledged articles with a write-ahead log is noticed, named and not papered over."""

import random
import shutil
from pathlib import Path

import pytest
from support.quick import harbours, open_quick, reading_thread, store

from qa.library.layout import DATABASE, VECTORS, WORDS
from qa.types.errors import LibraryError

WAL = f"{DATABASE}-wal"
QUESTION = "When did harbour 3 freeze?"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of a library whose last two articles are in the write-ahead log alone."""
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 4))
    with reading_thread(assistant):
        store(assistant, **harbours(4, 6))
        shutil.copytree(tmp_path / "library", tmp_path / "copy", ignore=shutil.ignore_patterns("*-shm"))
    assert (tmp_path / "copy" / WAL).stat().st_size > 0
    return tmp_path / "copy"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in [*folder.glob("vectors*"), *(folder / WORDS).iterdir()]}


def test_what_was_acknowledged_does_not_lie_in_the_log_alone(tmp_path: Path) -> None:
    assistant = open_quick(tmp_path / "library")
    for n in range(3):
        store(assistant, **harbours(n, n + 1))
        assert (tmp_path / "library" / WAL).stat().st_size == 0
        shutil.copytree(tmp_path / "library", tmp_path / f"copy{n}", ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        assert len(open_quick(tmp_path / f"copy{n}").articles()) == n + 1


def test_the_last_reader_to_leave_settles_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.library.library._SETTLE_AFTER", 0.0)
    assistant = open_quick(tmp_path / "library")
    with reading_thread(assistant):
        store(assistant, **harbours(0, 2))
        assert (tmp_path / "library" / WAL).stat().st_size > 0
    assistant.articles()
    assert (tmp_path / "library" / WAL).stat().st_size == 0


def test_the_loss_of_a_log_is_told_by_name_when_a_library_is_opened_and_checked(
    copied: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (copied / WAL).unlink()
    before = files(copied)
    assistant = open_quick(copied)
    (line,) = caplog.messages
    assert f"The library in {copied} has lost its latest changes" in line
    assert "Missing or out of date: /articles/harbour4.txt, /articles/harbour5.txt." in line
    assert "pullquote repair" in line
    assert assistant.check().problems == (line,)
    answer = assistant.ask(QUESTION)
    assert any("Harbour 3 froze" in quote.text for quote in answer.quotes), "what is left is answered from"
    with pytest.raises(LibraryError, match="has lost its latest changes"):
        store(assistant, **harbours(6, 7))
    with pytest.raises(LibraryError, match="has lost its latest changes"):
        assistant.remove(assistant.articles()[0].id)
    assert files(copied) == before, "the evidence stays until the library is repaired"


def test_many_names_are_told_in_one_line_when_opened_and_all_when_checked(tmp_path: Path) -> None:
    assistant = open_quick(tmp_path / "library")
    shutil.copytree(tmp_path / "library", tmp_path / "older")
    store(assistant, **harbours(0, 9))
    shutil.copytree(tmp_path / "library" / WORDS, tmp_path / "older" / WORDS)
    older = open_quick(tmp_path / "older")
    assert "harbour4.txt and 4 more." in str(older.library.lost_changes())
    assert "harbour8.txt." in older.check().problems[0]


def test_no_loss_is_told_of_a_sound_library_whatever_its_caches_are(copied: Path, tmp_path: Path) -> None:
    assert open_quick(copied).library.lost_changes() is None
    store(open_quick(tmp_path / "other"), **{f"x{n}": f"Winter {n} was cold." for n in range(3)})
    for name in (WORDS, VECTORS):  # of another library
        path = copied / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        source = tmp_path / "other" / name
        shutil.copytree(source, path) if source.is_dir() else shutil.copy(source, path)
    assert open_quick(copied).library.lost_changes() is None
    (copied / VECTORS).write_bytes(b"x\n{}\n")
    (copied / WORDS / "stamp.json").write_bytes(b"[]")
    assert open_quick(copied).check().problems == ()


def test_a_damaged_cache_proves_nothing(copied: Path) -> None:
    (copied / WAL).unlink()
    stamp = copied / WORDS / "stamp.json"
    stamp.write_bytes(stamp.read_bytes().replace(b'"sha256": "', b'"sha256": "0'))
    (copied / VECTORS).write_bytes((copied / VECTORS).read_bytes()[:-1] + b"!")
    assert open_quick(copied).library.lost_changes() is None


def test_damage_anywhere_in_the_log_is_noticed_or_harmless(copied: Path, tmp_path: Path) -> None:
    content, draw = (copied / WAL).read_bytes(), random.Random(22)
    fates = set()
    for number in range(24):
        folder = Path(shutil.copytree(copied, tmp_path / f"damaged{number}"))
        at = draw.randrange(len(content))
        (folder / WAL).write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
        assistant = open_quick(folder)
        n = len(assistant.articles())
        fates.add(n)
        assert n == 6 or assistant.check().problems
    assert fates >= {4}
