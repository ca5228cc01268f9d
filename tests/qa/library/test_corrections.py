"""A user's title, author and date stand in the place of the source's, everywhere and until they are taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qa import Assistant
from qa.library.corrections import validate_corrections
from qa.types.articles import Provenance
from qa.types.errors import CorrectionUnusable, NoSuchArticle

FRONT = "---\ntitle: Untitled 3\nauthor: Bo Li\ndate: 2019-05-03\n---\n"
TEXT = "The mill burned down in the night. Nobody was in it."


@pytest.fixture
def article(assistant: Assistant, tmp_path: Path) -> Path:
    path = tmp_path / "mill.md"
    path.write_text(FRONT + TEXT)
    assistant.add(path)
    return path


def test_a_correction_is_on_the_article_its_list_and_every_answer_and_changes_no_text(
    assistant: Assistant, article: Path
) -> None:
    (before,) = assistant.articles()
    assert assistant.ask("When did the mill burn?").passages[0].article.title == "Untitled 3"  # it is cached now
    read = assistant.edit(before.id, title="  The mill\nburns ", author="", published="May 3rd, 2018")
    assert (read.title, read.author, read.published) == ("The mill burns", None, "2018-05-03")
    assert read.provenance == Provenance("correction", "correction", "correction")
    assert (read.version, read.text) == (before.version, FRONT + TEXT)
    assert assistant.articles() == [read.reference]
    assert assistant.ask("When did the mill burn?").passages[0].article == read.reference
    assert assistant.ask("When did the mill burn?", after="2019").passages == ()
    assert assistant.check().problems == assistant.check().notes == ()


def test_a_correction_survives_a_sync_and_a_new_version_and_is_undone(
    assistant: Assistant, opened: Callable[..., Assistant], article: Path
) -> None:
    (before,) = assistant.articles()
    assistant.edit(before.id, published="2018")
    assert len(assistant.add(article).unchanged) == 1
    article.write_text(FRONT.replace("Bo Li", "Cy") + TEXT)
    assert len(assistant.add(article).updated) == 1
    fresh = opened()
    (after,) = fresh.articles()
    assert (after.author, after.published, after.version != before.version) == ("Cy", "2018", True)
    assert fresh.article(before.id, before.version).published == "2018"
    undone = fresh.edit(before.id, undo=True)
    assert (undone.published, undone.provenance) == ("2019-05-03", Provenance("front matter", "front matter", "front matter"))
    assert len(fresh.add(article).unchanged) == 1


def test_a_removed_article_is_put_back_as_it_was_corrected(assistant: Assistant, article: Path) -> None:
    (reference,) = assistant.articles()
    corrected = assistant.edit(reference.id, title="The mill")
    assistant.put_back(assistant.take_out(reference.id))
    assert assistant.article(reference.id) == corrected


def test_metadata_that_changed_without_the_text_is_not_read_from_the_cache(assistant: Assistant, tmp_path: Path) -> None:
    page = tmp_path / "mill.html"
    page.write_text(f"<title>First</title><p>{TEXT}</p>")
    assistant.add(page)
    assert assistant.ask("When did the mill burn?").passages[0].article.title == "First"
    page.write_text(f"<title>Second</title><p>{TEXT}</p>")
    assert len(assistant.add(page).updated) == 1
    assert assistant.ask("When did the mill burn?").passages[0].article.title == "Second"


def test_an_article_that_is_not_there_is_not_corrected(assistant: Assistant) -> None:
    with pytest.raises(NoSuchArticle):
        assistant.edit("0123456789ab", title="The mill")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": " \n"}, "The title is empty"),
        ({"author": "x" * 301}, "The author has 301 characters; the limit is 300"),
        ({"published": "2019-02-30"}, "no such date as '2019-02-30'"),
        ({"published": "last week"}, "no such date as 'last week'"),
    ],
)
def test_what_cannot_be_a_title_or_a_date_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(CorrectionUnusable, match=message):
        validate_corrections(**{"title": None, "author": None, "published": None, **values})


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("2019", "2019"), ("2019-05", "2019-05"), ("3 May 2019", "2019-05-03"), ("", None), ("3 мая 2019", "2019-05-03")],
)
def test_a_date_may_be_a_part_of_one(typed: str, stored: str | None) -> None:
    assert validate_corrections(None, None, typed) == {"published": stored}
