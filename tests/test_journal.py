"""Conversations are kept as they were had, by any number of writers, and damage to them is noticed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nasty import write

from qa import Assistant
from qa.articles import Answer
from qa.errors import LibraryDamaged, LibraryError
from qa.journal import JOURNAL, Journal


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
