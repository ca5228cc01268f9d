"""Tests that the library keeps exact texts and their versions, changes atomically, and detects altered rows."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.libraries import database, everything, quoted
from support.nasty import FIXED, write

from embeddings import locate
from qa import Assistant
from qa.library import writes
from qa.library.layout import DATABASE
from qa.library.library import Library
from qa.library.schema import SCHEMA, checksum, text_version
from qa.types.errors import LibraryBusy, LibraryError, NoSuchArticle

OLD = "The bridge that fell\n\nIt fell at noon. Nobody was hurt."
NEW = "The bridge that fell\n\nIt fell at midnight. Nobody was hurt."

Open = Callable[..., Assistant]


def generation(assistant: Assistant) -> int:
    with assistant.library.snapshot() as snapshot:
        return snapshot.generation


def test_every_awkward_text_is_stored_exactly(assistant: Assistant, tmp_path: Path) -> None:
    paths = write(tmp_path, **{f"text{number:02}": text for number, text in enumerate(FIXED)})
    report = assistant.add(tmp_path)
    kept = {Path(each.source): assistant.article(each.id).text for each in report.added}
    for path, text in zip(paths, FIXED, strict=True):
        if path in kept:
            assert kept[path] == text.removeprefix("\ufeff")
        else:
            reasons = {failure.source: failure.reason for failure in report.failed}
            assert not text.strip() or not any(map(str.isalnum, text)) or "binary" in reasons[str(path)]
    assert len(kept) >= 12


def test_a_version_is_the_sha256_of_its_text(assistant: Assistant, tmp_path: Path) -> None:
    reference = assistant.add(write(tmp_path, a=OLD)).added[0]
    assert reference.version == text_version(OLD)
    assert text_version("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_an_article_has_the_same_id_in_every_library(opened: Open, tmp_path: Path) -> None:
    path = write(tmp_path, a=OLD)
    one, other = opened(tmp_path / "one").add(path).added[0], opened(tmp_path / "other").add(path).added[0]
    assert one == other
    assert len(one.id) == 12


def test_the_same_name_in_another_folder_is_another_article(assistant: Assistant, tmp_path: Path) -> None:
    report = assistant.add([*write(tmp_path / "x", a=OLD), *write(tmp_path / "y", a=NEW)])
    assert len({each.id for each in report.added}) == 2


def test_one_file_is_one_article_however_its_path_is_spelled(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "x", a=OLD)[0]
    (tmp_path / "y").mkdir()
    monkeypatch.chdir(tmp_path / "y")
    first = assistant.add(path).added[0]
    assert assistant.add("../x/a.txt").unchanged == (first,)
    assert assistant.add(tmp_path / "y" / ".." / "x").unchanged == (first,)


def test_adding_again_changes_nothing(assistant: Assistant, tmp_path: Path) -> None:
    paths = write(tmp_path, a=OLD, b=NEW)
    first = assistant.add(paths)
    before = (generation(assistant), everything(assistant))
    again = assistant.add(paths)
    assert (again.added, again.updated, again.unchanged) == ((), (), first.added)
    assert (generation(assistant), everything(assistant)) == before


def test_a_changed_article_answers_with_its_new_text_and_its_old_one_can_still_be_read(
    assistant: Assistant, tmp_path: Path
) -> None:
    old = assistant.add(write(tmp_path, a=OLD)).added[0]
    assert "It fell at noon." in quoted(assistant, "When did it fall?")
    new = assistant.add(write(tmp_path, a=NEW)).updated[0]
    assert (new.id, new.version) == (old.id, text_version(NEW))
    assert quoted(assistant, "Did it fall at noon?") == quoted(assistant, "Did it fall at midnight?")
    assert not any("noon" in text for text in quoted(assistant, "It fell at noon"))
    assert "It fell at midnight." in quoted(assistant, "When did it fall?")
    assert assistant.article(old.id, old.version).text == OLD
    assert assistant.article(old.id).text == NEW


def test_an_article_that_changes_back_has_its_old_version_again(assistant: Assistant, tmp_path: Path) -> None:
    versions = [text_version(OLD), text_version(NEW)]
    reference = assistant.add(write(tmp_path, a=OLD)).added[0]
    for text in (NEW, OLD, NEW, OLD):
        assistant.add(write(tmp_path, a=text))
    assert assistant.article(reference.id).text == OLD
    assert sorted(article.version for article in everything(assistant)) == sorted(versions)
    assert "It fell at noon." in quoted(assistant, "When did it fall?")


def test_a_removed_article_is_gone_from_answers_and_from_the_list(assistant: Assistant, tmp_path: Path) -> None:
    kept, removed = assistant.add(write(tmp_path, a=OLD, b=NEW)).added
    assert assistant.remove(removed.id) == removed
    assert assistant.articles() == [kept]
    assert not any("midnight" in text for text in quoted(assistant, "It fell at midnight"))
    for version in (None, removed.version):
        with pytest.raises(NoSuchArticle, match=removed.id):
            assistant.article(removed.id, version)


def test_removing_what_is_not_there_says_so_and_changes_nothing(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=OLD))
    before = (generation(assistant), everything(assistant))
    with pytest.raises(NoSuchArticle, match="holds no article 000000000000: `pullquote list` shows"):
        assistant.remove("000000000000")
    assert (generation(assistant), everything(assistant)) == before


def test_an_article_removed_and_added_again_answers_again(assistant: Assistant, tmp_path: Path) -> None:
    path = write(tmp_path, a=OLD)
    reference = assistant.add(path).added[0]
    assistant.remove(reference.id)
    assert quoted(assistant, "When did it fall?") == []
    assert assistant.add(path).added == (reference,)
    assert "It fell at noon." in quoted(assistant, "When did it fall?")


def test_a_database_that_is_none_is_refused_with_its_folder(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"This is not SQLite. " * 500)
    with pytest.raises(LibraryError, match=f"The library in {tmp_path} cannot be opened"):
        Assistant.open(tmp_path, model=str(tiny_model))
    with pytest.raises(LibraryError, match=f"The library in {tmp_path} cannot be opened"):
        Assistant.open(tmp_path)


def test_a_library_whose_making_was_cut_short_is_made_again(tmp_path: Path, tiny_model: Path) -> None:
    """A process killed between its first connection and its first commit leaves a database without tables."""
    for name, journal in (("bare", False), ("wal", True)):
        (tmp_path / name).mkdir()
        with closing(sqlite3.connect(tmp_path / name / DATABASE)) as connection:
            connection.execute("PRAGMA journal_mode = WAL" if journal else "VACUUM")
        (tmp_path / name / DATABASE).touch()
        with pytest.raises(LibraryError, match="There is no library in"):
            Assistant.open(tmp_path / name, create=False)
        assert Assistant.open(tmp_path / name).articles() == []


def test_a_library_that_is_not_there_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"There is no library in .*: add articles first, with `pullquote add`"):
        Assistant.open(tmp_path / "library", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_librarys_place_is_refused(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "library").write_text("not a folder")
    with pytest.raises(LibraryError, match="cannot be opened"):
        Assistant.open(tmp_path / "library", model=str(tiny_model))


def test_a_library_of_a_newer_pullquote_is_refused_and_left_alone(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a=OLD))
    with database(assistant) as connection:
        newer = str(SCHEMA + 1)
        connection.execute("UPDATE meta SET value = ?, checksum = ? WHERE key = 'schema'", (newer, checksum("schema", newer)))
    with pytest.raises(LibraryError, match=rf"newer Pullquote \(format {SCHEMA + 1}, this one reads {SCHEMA}\): update"):
        opened()
    with database(assistant) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)


def test_a_library_moved_to_another_folder_opens_and_answers_the_same(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a=OLD))
    before = assistant.ask("When did it fall?")
    shutil.copytree(assistant.library.folder, tmp_path / "elsewhere" / "library")
    assert opened(tmp_path / "elsewhere" / "library").ask("When did it fall?") == before


def test_a_second_writer_in_this_process_is_told_that_there_is_one(opened: Open, tmp_path: Path) -> None:
    one, other = opened(), opened()
    with one.library.writing():
        for busy in (one, other):
            with pytest.raises(LibraryBusy, match="Another process is changing the library in"):
                busy.add(write(tmp_path, a=OLD))
        assert other.articles() == []
    assert len(other.add(write(tmp_path, a=OLD)).added) == 1


def test_a_second_writing_process_is_told_and_a_dead_ones_lock_is_no_hindrance(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    code = (
        "import sys; from pathlib import Path; from qa.library.library import Library\n"
        "with Library.open(Path(sys.argv[1])).writing():\n    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(assistant.library.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LibraryBusy):
            assistant.add(write(tmp_path, a=OLD))
        holder.kill()
    assert len(assistant.add(write(tmp_path, a=OLD)).added) == 1


def test_a_change_that_fails_half_way_leaves_nothing_behind(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.add(write(tmp_path / "x", a=OLD))
    before = (generation(assistant), everything(assistant))
    put = writes.put_article

    def fail_at_second(connection: sqlite3.Connection, number: int, new: writes.NewArticle) -> None:
        if "b.txt" in new.draft.source:
            raise OSError(28, "No space left on device")
        put(connection, number, new)

    monkeypatch.setattr(writes, "put_article", fail_at_second)
    with pytest.raises(LibraryError, match="No space left"):
        assistant.add(write(tmp_path / "y", a=NEW, b=NEW))
    monkeypatch.undo()
    assert (generation(assistant), everything(assistant)) == before
    assert len(assistant.add(tmp_path / "y").added) == 2


def test_what_a_reader_began_to_read_does_not_change_under_it(opened: Open, tmp_path: Path) -> None:
    one, other = opened(), opened()
    reference = one.add(write(tmp_path, a=OLD)).added[0]
    with one.library.snapshot() as snapshot:
        assert snapshot.generation == 1
        other.add(write(tmp_path, a=NEW))
        assert generation(other) == 2
        article = snapshot.article(reference.id)
        assert article
        assert (snapshot.generation, article.text) == (1, OLD)
    assert one.article(reference.id).text == NEW


def test_rows_forgotten_by_one_thread_are_read_again_by_another(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.library.snapshot._CACHED_ROWS", 3)
    assistant.add(write(tmp_path, **{f"t{number}": f"Bridge number {number} fell at noon." for number in range(8)}))
    expected = assistant.ask("Which bridge fell?", 8)
    wrong: list[object] = []

    def ask() -> None:
        for _ in range(15):
            try:
                answer = assistant.ask("Which bridge fell?", 8)
                if answer != expected:
                    wrong.append(answer)
            except Exception as error:  # record any error, so that the test shows it
                wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_library_asked_for_under_its_own_model_by_name_opens(tmp_path: Path, tiny_model: Path) -> None:
    Library.open(tmp_path, locate(str(tiny_model)))
    assert Library.open(tmp_path, locate(str(tiny_model))).folder == tmp_path
