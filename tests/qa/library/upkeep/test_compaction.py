"""Tests that compaction removes what nothing cites, keeps what is cited, and changes no answer."""

from pathlib import Path

import pytest
from support.disks import fill, small_disk
from support.libraries import database, everything
from support.quick import harbours, open_quick, store

from qa import Answer, Assistant
from qa.library.migrations import COPY
from qa.types.errors import LibraryError

QUESTION = "When did harbour 3 freeze?"


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 5))
    return assistant


def versions(assistant: Assistant) -> int:
    return len(everything(assistant))


@pytest.mark.slow
def test_what_nobody_cites_is_removed_and_the_rest_answers_the_same(assistant: Assistant) -> None:
    for when in ("dawn", "dusk", "noon", "dawn", "night"):
        store(assistant, **harbours(0, 5, when))
    store(assistant, **{f"gone{n}": f"Gone {n} was here. " * 20 for n in range(40)})
    for article in assistant.articles():
        if "gone" in article.source:
            assistant.remove(article.id)
    answer = assistant.ask(QUESTION)
    (assistant.library.folder / COPY.format(1)).write_bytes(b"copy")
    compacted = assistant.compact()
    assert (compacted.n_versions, compacted.n_copies) == (15, 1)
    assert compacted.n_bytes < compacted.n_bytes_before / 1.5
    assert versions(assistant) == 5
    with database(assistant) as connection:
        assert connection.execute("SELECT count(*) FROM removals").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM details").fetchone() == (5,)
    again = open_quick(assistant.library.folder)
    assert [quote.text for quote in again.ask(QUESTION).quotes] == [quote.text for quote in answer.quotes]
    assert again.check().problems == again.check().notes == ()
    assert len(store(again, **harbours(5, 6))) == 6


def test_versions_that_a_conversation_or_a_named_answer_cites_stay(assistant: Assistant) -> None:
    first = assistant.ask(QUESTION, 1)
    assistant.journal.keep(assistant.journal.begin().id, first)
    store(assistant, **harbours(0, 5, "dawn"))
    second = assistant.ask(QUESTION, 1)
    store(assistant, **harbours(0, 5, "dusk"))
    store(assistant, **harbours(0, 5, "night"))
    assert versions(assistant) == 20
    assert assistant.compact([second]).n_versions == 5, "those of dusk: passages that were read are cited too"
    for answer in (first, second):
        assert law(assistant, answer)
    assert versions(assistant) == 15


def law(assistant: Assistant, answer: Answer) -> bool:
    quote = answer.quotes[0]
    return assistant.article(quote.article.id, quote.article.version).text[quote.start : quote.end] == quote.text


def test_an_index_from_before_is_made_anew(assistant: Assistant, tmp_path: Path) -> None:
    """What was removed since is not known any more, so an older index would bring it back."""
    other = open_quick(tmp_path / "library")
    other.ask(QUESTION)  # holds the indexes in memory
    assistant.remove(next(each.id for each in assistant.articles() if "harbour3" in each.source))
    assistant.compact()
    assert not any("Harbour 3" in quote.text for quote in other.ask(QUESTION).quotes)


def test_on_a_full_disk_the_library_is_as_it_was(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 500) as disk:
        assistant = open_quick(disk / "library")
        store(assistant, **harbours(0, 60))
        answer = assistant.ask(QUESTION)
        fill(disk, leave=10)
        with pytest.raises(LibraryError, match=f"the disk of {disk} is full"):
            assistant.compact()
        again = open_quick(disk / "library")
        assert [quote.text for quote in again.ask(QUESTION).quotes] == [quote.text for quote in answer.quotes]
        assert again.check().problems == ()
