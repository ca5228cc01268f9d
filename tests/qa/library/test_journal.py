"""Tests that the journal keeps conversations exactly, with several writers at once, and detects damage."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.folders import only_readable
from support.nasty import write

from qa import Assistant
from qa.library.journal import Journal
from qa.library.layout import JOURNAL
from qa.library.schema import connect
from qa.types.articles import Answer
from qa.types.errors import LibraryBusy, LibraryDamaged, LibraryError


@pytest.fixture
def answer(assistant: Assistant, tmp_path: Path) -> Answer:
    assistant.add(write(tmp_path, a="The bridge\n\nThe bridge *fell* at $noon$ <b>. Nobody was hurt."))
    return assistant.ask("When did the bridge fall?")


def test_nothing_is_made_until_something_is_kept(assistant: Assistant) -> None:
    assert assistant.journal.conversations() == ()
    assert assistant.journal.answer("x") is None
    assert not (assistant.library.folder / JOURNAL).exists()


def test_an_answer_is_read_as_it_was_kept_after_opening_anew(assistant: Assistant, answer: Answer) -> None:
    begun = assistant.journal.begin()
    kept = assistant.journal.keep(begun.id, answer)
    again = Journal(assistant.library.folder)
    assert answer.quotes
    assert again.answer(kept.id) == kept
    assert again.conversation(begun.id) == (kept,)
    assert again.conversations()[0].title == answer.question
    assert not list(again.problems())


def test_what_is_deleted_leaves_nothing_not_even_bytes(assistant: Assistant, answer: Answer) -> None:
    journal = assistant.journal
    begun = journal.begin("zanzibar")
    kept = journal.keep(begun.id, answer)
    journal.judge(kept.id, 1, good=False)
    journal.delete(begun.id)
    assert (journal.conversations(), journal.answer(kept.id), journal.judgements(kept.id), journal.drafts()) == (
        (),
        None,
        {},
        (),
    )
    for file in assistant.library.folder.glob(JOURNAL + "*"):
        assert b"zanzibar" not in file.read_bytes()
        assert answer.question.encode() not in file.read_bytes()
    with pytest.raises(LibraryError, match="was deleted"):
        journal.keep(begun.id, answer)


def test_search_finds_by_title_and_by_question_in_any_case(assistant: Assistant, answer: Answer) -> None:
    journal = assistant.journal
    one, other = journal.begin("Über Brücken"), journal.begin("Salt")
    journal.keep(other.id, answer)
    assert [each.id for each in journal.conversations("ÜBER")] == [one.id]
    assert [each.id for each in journal.conversations("BRIDGE fall")] == [other.id]
    journal.rename(one.id, "Roads")
    assert [each.title for each in journal.conversations()] == ["Roads", "Salt"]
    assert journal.conversations("über") == ()


def test_writers_side_by_side_lose_nothing(assistant: Assistant, answer: Answer) -> None:
    folder = assistant.library.folder
    begun = assistant.journal.begin()
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: Journal(folder).keep(begun.id, answer), range(40)))
    assert {each.id for each in assistant.journal.conversation(begun.id)} == {each.id for each in kept}


def test_a_changed_byte_is_noticed_by_reading_and_by_checking_and_asking_goes_on(assistant: Assistant, answer: Answer) -> None:
    begun = assistant.journal.begin()
    assistant.journal.keep(begun.id, answer)
    path = assistant.library.folder / JOURNAL
    with assistant.journal._changing() as db:
        db.execute("UPDATE answers SET answer = replace(answer, 'Nobody', 'Anyone')")
    with pytest.raises(LibraryDamaged, match="restore the file"):
        assistant.journal.conversation(begun.id)
    assert any(str(path) in problem for problem in assistant.check().problems)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(LibraryDamaged, match="restore the file"):
        assistant.journal.conversations()
    assert assistant.ask("When did the bridge fall?") == answer


def test_thumbs_down_drafts_a_question_until_it_is_taken_back(assistant: Assistant, answer: Answer) -> None:
    journal = assistant.journal
    begun = journal.begin()
    journal.keep(begun.id, answer)
    kept = journal.keep(begun.id, answer)
    journal.judge(kept.id, 1, good=False)
    (draft,) = journal.drafts()
    assert (draft.question, draft.history, draft.why) == (answer.question, (answer.question,), "thumbs down")
    assert journal.judgements(kept.id) == {1: False}
    journal.judge(kept.id, 1, good=None)
    assert (journal.drafts(), journal.judgements(kept.id)) == ((), {})


def test_a_marked_span_is_a_draft_until_it_is_accepted(assistant: Assistant, answer: Answer) -> None:
    quote = answer.quotes[0]
    draft = assistant.journal.mark("When?", quote.article, quote.start, quote.end, quote.text)
    assert assistant.journal.drafts() == (draft,)
    assert assistant.journal.accept(draft.id) == draft
    assert assistant.journal.drafts() == ()
    with pytest.raises(LibraryError, match="already"):
        assistant.journal.accept(draft.id)


def test_in_a_folder_that_may_only_be_read_conversations_are_read_and_not_changed(open_to_all: Path, answer: Answer) -> None:
    journal = Journal(open_to_all)
    with only_readable(open_to_all):
        assert (journal.conversations(), list(journal.problems())) == ((), [])
        with pytest.raises(LibraryError, match="let this user read and write"):
            journal.begin("Bridges")
    kept = journal.keep(journal.begin("Bridges").id, answer)
    before = {path.name: path.read_bytes() for path in open_to_all.iterdir()}
    for path in open_to_all.iterdir():
        path.chmod(0o644)
    with only_readable(open_to_all):
        assert [each.title for each in journal.conversations()] == ["Bridges"]
        assert journal.answer(kept.id) == kept
        assert not list(journal.problems())
        with pytest.raises(LibraryError, match="let this user read and write") as told:
            journal.judge(kept.id, 1, good=True)
        assert not isinstance(told.value, LibraryDamaged)
    assert {path.name: path.read_bytes() for path in open_to_all.iterdir()} == before


def test_what_was_not_written_into_the_file_yet_is_read_there_too(open_to_all: Path, answer: Answer) -> None:
    journal = Journal(open_to_all)
    with journal._changing() as db:  # while a connection is open, changes stay in the WAL file
        assert db is not None
    with journal._open():
        kept = journal.keep(journal.begin("Bridges").id, answer)
        for path in open_to_all.iterdir():
            path.chmod(0o644)
        assert (open_to_all / f"{JOURNAL}-wal").stat().st_size
        with only_readable(open_to_all):
            assert journal.answer(kept.id) == kept


def test_a_full_disk_is_no_damage(assistant: Assistant, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = assistant.journal
    begun = journal.begin()

    def connect_to_little(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 12")
        return connection

    monkeypatch.setattr("qa.library.journal.connect", connect_to_little)
    with pytest.raises(LibraryError, match=r"cannot be read or changed \(database or disk is full\): make room") as told:
        [journal.keep(begun.id, answer) for _ in range(100)]
    assert not isinstance(told.value, LibraryDamaged)
    kept = journal.conversation(begun.id)
    assert 0 < len(kept) < 100
    assert all(each.answer == answer for each in kept)
    assert not list(journal.problems())


def test_one_that_another_process_writes_to_is_busy(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.library.journal._WAIT", 10)
    assistant.journal.begin()
    with assistant.journal._changing(), pytest.raises(LibraryBusy, match="try again"):
        Journal(assistant.library.folder).begin()


def test_every_damaged_row_is_told(assistant: Assistant, answer: Answer) -> None:
    journal = assistant.journal
    begun, other = journal.begin("One"), journal.begin("Other")
    kept = [journal.keep(begun.id, answer) for _ in range(3)]
    journal.judge(kept[0].id, 1, good=False)
    (draft,) = journal.drafts()
    with journal._changing() as db:
        db.execute("UPDATE conversations SET title = 'Two' WHERE id = ?", (begun.id,))
        db.execute("UPDATE conversations SET title = CAST(X'FFFE' AS TEXT) WHERE id = ?", (other.id,))
        db.execute("UPDATE answers SET answer = replace(answer, 'Nobody', 'Anyone') WHERE n > 1")
        db.execute("UPDATE judgements SET good = 1")
        db.execute("UPDATE drafts SET draft = '{}'")
    problems = list(journal.problems())
    named = (begun.id, other.id, kept[1].id, kept[2].id, kept[0].id, draft.id)
    assert len(problems) == len(named)
    assert all(name in problem for name, problem in zip(named, problems, strict=True))
    assert all(str(journal.path) in problem for problem in problems)


def test_a_user_sees_and_changes_nothing_of_anothers(assistant: Assistant, answer: Answer) -> None:
    everything = assistant.journal
    ida, noor = everything.of("ida"), everything.of("noor")
    begun = ida.begin("Tides")
    kept = ida.keep(begun.id, answer)
    ida.judge(kept.id, 1, good=False)
    (draft,) = ida.drafts()
    assert (noor.conversations(), noor.conversations("tides"), noor.drafts(), noor.title(begun.id)) == ((), (), (), "")
    assert (noor.conversation(begun.id), noor.answer(kept.id), noor.judgements(kept.id)) == ((), None, {})
    for change in (
        lambda: noor.rename(begun.id, "Mine"),
        lambda: noor.keep(begun.id, answer),
        lambda: noor.judge(kept.id, 1, good=True),
        lambda: noor.accept(draft.id),
    ):
        with pytest.raises(LibraryError):
            change()
    noor.delete(begun.id)
    noor.dismiss(draft.id)
    assert ida.conversation(begun.id) == (kept,)
    assert (ida.title(begun.id), ida.drafts(), ida.judgements(kept.id)) == ("Tides", (draft,), {1: False})
    assert everything.conversation(begun.id) == (kept,), "the library's own user sees all"
    everything.begin("Nobody's")
    assert [heading.title for heading in ida.conversations()] == ["Tides"]
    assert not list(everything.problems())


def test_a_conversation_that_changes_hands_by_damage_is_told(assistant: Assistant) -> None:
    begun = assistant.journal.of("ida").begin("Tides")
    for owner in ("noor", ""):
        with assistant.journal._changing() as db:
            db.execute("UPDATE conversations SET owner = ?", (owner,))
        assert begun.id in next(assistant.journal.problems())


def test_a_journal_without_owners_is_read_as_it_is_and_gets_them_when_changed(assistant: Assistant, answer: Answer) -> None:
    journal = assistant.journal
    begun = journal.begin("Tides")
    kept = journal.keep(begun.id, answer)
    journal.judge(kept.id, 1, good=False)
    drafts = journal.drafts()
    with connect(journal.path) as db:  # as version 1 wrote it
        for table in ("conversations", "drafts"):
            db.execute(f"ALTER TABLE {table} DROP COLUMN owner")
        db.execute("PRAGMA user_version = 1")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before = journal.path.read_bytes()
    older = Journal(assistant.library.folder)
    assert (older.conversation(begun.id), older.drafts(), older.title(begun.id)) == ((kept,), drafts, "Tides")
    assert (list(older.problems()), older.of("ida").conversations(), len(older.conversations("tides"))) == ([], (), 1)
    assert journal.path.read_bytes() == before
    older.vacuum()
    mine = older.of("ida").begin("Hers")
    assert [heading.id for heading in older.of("ida").conversations()] == [mine.id]
    assert (older.conversation(begun.id), older.drafts(), list(older.problems())) == ((kept,), drafts, [])
