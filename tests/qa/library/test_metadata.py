"""Tests that the metadata of an article is stored, verified, kept with each version, and part of every answer."""

import sqlite3
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from support.libraries import make_first
from support.pdfs import LINES, page, pdf

from qa import Answer, Assistant
from qa.ingest.progress import Step
from qa.library.layout import DATABASE
from qa.types.errors import LibraryDamaged

Open = Callable[..., Assistant]
FRONT = "---\nauthor: Anna Berg\nlang: en\ntags: [bridges, army]\nsite: The Mill\ndate: 2019-05-03\n---\n"


@pytest.fixture
def article(assistant: Assistant, tmp_path: Path) -> Path:
    path = tmp_path / "wall.md"
    path.write_text(f"{FRONT}The wall fell at noon. Nobody was hurt.")
    assistant.add(path)
    return path


def test_author_site_language_and_tags_come_with_every_reference_and_answer(assistant: Assistant, article: Path) -> None:
    (reference,) = assistant.articles()
    assert (reference.author, reference.site, reference.language) == ("Anna Berg", "The Mill", "en")
    assert reference.tags == ("bridges", "army")
    answer = assistant.ask("When did the wall fall?")
    assert answer.quotes[0].article == reference == assistant.article(reference.id).reference
    assert Answer.from_json(answer.to_json()) == answer


def test_each_version_keeps_its_own(assistant: Assistant, article: Path) -> None:
    (before,) = assistant.articles()
    article.write_text(article.read_text().replace("Anna Berg", "Bo"))
    (changed,) = assistant.add(article).updated
    assert (changed.author, changed.version != before.version) == ("Bo", True)
    assert assistant.article(before.id, before.version).author == "Anna Berg"


@pytest.mark.parametrize("damage", ["UPDATE details SET details = replace(details, 'Anna', 'Bad')", "DELETE FROM details"])
def test_damaged_details_are_noticed_and_mended_by_adding_again(
    opened: Open, article: Path, tmp_path: Path, damage: str
) -> None:
    connection = sqlite3.connect(tmp_path / "library" / DATABASE)
    connection.execute(damage)
    connection.commit()
    connection.close()
    fresh = opened()
    with pytest.raises(LibraryDamaged, match="add it again"):
        fresh.articles()
    assert fresh.check().problems != ()
    assert len(fresh.add(article).updated) == 1
    assert fresh.articles()[0].author == "Anna Berg"
    assert fresh.check().problems == ()


def test_a_library_from_before_details_is_read_and_gets_them_at_its_next_change(
    opened: Open, article: Path, tmp_path: Path
) -> None:
    make_first(opened())
    fresh = opened()
    (reference,) = fresh.articles()
    assert (reference.author, reference.tags) == (None, ())
    assert fresh.ask("When did the wall fall?").found
    assert fresh.check().problems == ()
    assert len(fresh.add(article).updated) == 1
    assert fresh.articles()[0].author == "Anna Berg"
    assert len(fresh.add(article).unchanged) == 1


def test_quotes_and_passages_say_which_part_they_stand_in(assistant: Assistant, tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["Date"] = (
        "The wall",
        "Anna Berg <a@mill.example>",
        "Fri, 03 May 2019 10:00:00 +0000",
    )
    message.set_content("The wall was built by the army in the war.")
    message.add_attachment("The tower fell at noon after the storm.", filename="report.txt")
    (tmp_path / "wall.eml").write_bytes(message.as_bytes())
    (added,) = assistant.add(tmp_path / "wall.eml").added
    assert added.author == "Anna Berg"
    answer = assistant.ask("When did the tower fall?")
    parts = {("tower" in quote.text): quote.part for quote in answer.quotes}
    assert parts[True] == "attachment report.txt"
    assert parts.get(False) is None
    assert {passage.part for passage in answer.passages} <= {None, "attachment report.txt"}
    for quote in answer.quotes:
        assert assistant.article(quote.article.id).text[quote.start : quote.end] == quote.text


@pytest.mark.slow
def test_notes_on_how_a_file_was_read_come_with_its_step_and_stay_with_the_article(
    assistant: Assistant, tmp_path: Path
) -> None:
    path = tmp_path / "wall.pdf"
    path.write_bytes(pdf(page(LINES), b"", page(["Nobody was hurt."])))
    note = "nothing can be read on page 2 of 3: it is blank or damaged"
    steps: list[Step] = []
    (added,) = assistant.add(path, on_step=steps.append).added
    assert [step.notes for step in steps] == [(note,)]
    assert assistant.article(added.id).notes == (note,)
    assert assistant.add(path).unchanged
