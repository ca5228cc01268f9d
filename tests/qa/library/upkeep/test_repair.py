"""Tests that repair makes again what can be made again, lists the rest, and removes nothing unless asked to."""

import shutil
from pathlib import Path

import pytest
from support.libraries import database, everything
from support.quick import harbours, open_quick, store

from qa import Assistant
from qa.library.layout import DATABASE, JOURNAL, VECTORS, WORDS
from qa.types.errors import LibraryDamaged

QUESTION = "When did harbour 3 freeze?"


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 6))
    return assistant


def texts(assistant: Assistant) -> list[str]:
    return [quote.text for quote in assistant.ask(QUESTION).quotes]


def test_a_sound_library_stays_as_it_is(assistant: Assistant) -> None:
    before, answer = everything(assistant), assistant.ask(QUESTION)
    repaired = assistant.repair()
    assert (repaired.done, repaired.problems) == (("The indexes were made anew.",), ())
    assert everything(assistant) == before
    assert open_quick(assistant.library.folder).ask(QUESTION) == answer


def test_damaged_vectors_and_spans_are_made_anew_with_the_same_answers(assistant: Assistant) -> None:
    answer = texts(assistant)
    with database(assistant) as connection:
        connection.execute("UPDATE passages SET vector = zeroblob(length(vector)) WHERE id = 2")
        connection.execute("UPDATE passages SET sentences = vector WHERE id = 4")
        connection.execute("UPDATE passages SET checksum = x'00' WHERE id = 5")
    again = open_quick(assistant.library.folder)
    assert len(again.check().problems) == 3
    repaired = again.repair()
    assert sorted(line.split("/")[-1] for line in repaired.done[:-1]) == [
        f"harbour{n}.txt was cut and encoded anew." for n in (1, 3, 4)
    ]
    assert repaired.problems == ()
    assert texts(open_quick(assistant.library.folder)) == answer


def test_a_damaged_text_is_listed_and_removed_only_when_asked(assistant: Assistant) -> None:
    with database(assistant) as connection:
        connection.execute("UPDATE versions SET text = replace(text, 'winter 14', 'winter 15')")
    again = open_quick(assistant.library.folder)
    repaired = again.repair()
    assert len(repaired.problems) == 1
    assert "harbour2.txt) is damaged: add it again from its source" in repaired.problems[0]
    with pytest.raises(LibraryDamaged):
        again.article(next(each.id for each in again.articles() if "harbour2" in each.source))
    dropped = again.repair(drop=True)
    assert dropped.problems == ()
    assert "/articles/harbour2.txt was removed: add it again from its source." in dropped.done
    assert len(again.articles()) == 5
    assert any("Harbour 3" in text for text in texts(again))


def test_a_damaged_earlier_version_costs_the_present_one_nothing(assistant: Assistant) -> None:
    store(assistant, **harbours(0, 2, "dawn"))
    with database(assistant) as connection:
        connection.execute("UPDATE versions SET title = 'x' WHERE text LIKE '%Harbour 1%noon%'")
    again = open_quick(assistant.library.folder)
    assert len(again.repair().problems) == 1
    assert len(everything_readable(again)) == 6
    assert again.repair(drop=True).problems == ()


def everything_readable(assistant: Assistant) -> list[str]:
    return [assistant.article(each.id).text for each in assistant.articles()]


def test_lost_changes_are_accepted_and_named_and_later_changes_are_not_mistaken_for_them(
    assistant: Assistant, tmp_path: Path
) -> None:
    shutil.copytree(assistant.library.folder, tmp_path / "older")
    store(assistant, **harbours(6, 8))
    for name in (VECTORS, WORDS):
        path = tmp_path / "older" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        source = assistant.library.folder / name
        shutil.copytree(source, path) if source.is_dir() else shutil.copy(source, path)
    older = open_quick(tmp_path / "older")
    assert older.library.lost_changes()
    repaired = older.repair()
    assert "harbour6.txt, /articles/harbour7.txt" in repaired.done[0]
    assert repaired.problems == ()
    store(older, **harbours(9, 10))
    assert "Harbour 9" in older.ask("When did harbour 9 freeze?").quotes[0].text
    assert older.check().problems == older.check().notes == ()
    assert open_quick(tmp_path / "older").library.lost_changes() is None


def test_conversations_that_are_lost_are_gone_without(assistant: Assistant) -> None:
    assistant.journal.begin("Harbours")
    (assistant.library.folder / JOURNAL).unlink()
    again = open_quick(assistant.library.folder)
    assert len(again.check().problems) == 1
    assert again.repair().problems == ()
    assert again.check().problems == ()


def test_a_damaged_key_of_a_fact_hides_nothing(assistant: Assistant) -> None:
    """Without the fact, versions were read as if they had no details: another language was answered without a sign."""
    with database(assistant) as connection:
        connection.execute("UPDATE meta SET key = 'eetails_from' WHERE key = 'details_from'")
    again = open_quick(assistant.library.folder)
    with pytest.raises(LibraryDamaged, match="does not say which of its articles have details"):
        again.ask(QUESTION)
    assert "The library's fact 'eetails_from' is damaged" in again.check().problems[0]
    assert again.repair().problems == ()
    assert again.ask(QUESTION).found


def test_a_damaged_index_of_a_table_is_made_anew(assistant: Assistant) -> None:
    with database(assistant) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'passages_by_article'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assistant.library.close()
    path = assistant.library.folder / DATABASE
    content = bytearray(path.read_bytes())
    page = slice((root - 1) * size, root * size)
    at = content.rindex(b"0", page.start, page.stop)
    content[at : at + 1] = b"1" if content[at : at + 1] != b"1" else b"2"
    path.write_bytes(content)
    again = open_quick(assistant.library.folder)
    assert again.check().problems != ()
    repaired = again.repair()
    assert repaired.problems == ()
    assert "The tables' own indexes were made anew." in repaired.done
    assert len(again.articles()) == 6
