"""Tests of article summaries, of removing and restoring articles, and of uploaded files."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.libraries import database, everything, make_first, quoted

from qa import Assistant
from qa.sources.files import Upload
from qa.types.errors import LibraryError, NoSuchArticle

WALL = "The wall was built by the army. The tower fell at noon after the storm.\n"
MILL = "The mill was sold to a farmer. The river froze in January.\n"
Open = Callable[..., Assistant]


@pytest.fixture
def wall(assistant: Assistant, tmp_path: Path) -> Path:
    """Add an article in two versions, and a second article. Return the path of the first."""
    path = tmp_path / "wall.txt"
    path.write_text("The wall was built by the navy.\n")
    (tmp_path / "mill.txt").write_text(MILL)
    assistant.add([path, tmp_path / "mill.txt"])
    path.write_text(WALL)
    assistant.add(path)
    return path


def rows(assistant: Assistant) -> list[object]:
    """Return all stored rows without the ids and generations of passages, which are never reused."""
    asked = (
        "SELECT * FROM articles ORDER BY id",
        "SELECT article_id, version, title, published, text, set_aside, checksum FROM versions ORDER BY article_id, rowid",
        "SELECT * FROM details ORDER BY article_id, version",
        "SELECT article_id, sentences, vector, sentence_vectors, checksum FROM passages ORDER BY article_id, id",
        "SELECT digest FROM encoded JOIN passages ON id = passage_id ORDER BY article_id, id",
        "SELECT * FROM files ORDER BY origin",
    )
    with database(assistant) as connection:
        return [connection.execute(each).fetchall() for each in asked]


def test_a_holding_says_when_it_came_and_when_it_changed(assistant: Assistant, wall: Path) -> None:
    mill, of_wall = assistant.holdings()
    assert [mill.article.title, of_wall.article.source] == ["mill", str(wall)]
    now = datetime.now(UTC)
    for holding in (mill, of_wall):
        assert holding.n_passages == 1
        assert holding.added is not None
        assert holding.changed is not None
        assert now - timedelta(minutes=5) < datetime.fromisoformat(holding.added) <= datetime.fromisoformat(holding.changed)
    assert assistant.check().problems == ()


def test_the_day_it_came_survives_a_change(assistant: Assistant, wall: Path) -> None:
    added = "2001-02-03T04:05:06+00:00"
    with database(assistant) as connection:
        from qa.library.schema import checksum

        found = connection.execute("SELECT article_id, version, details FROM details").fetchall()
        for article_id, version, details in found:
            earlier = details.replace(details.partition('"added": "')[2][:25], added)
            row = (earlier, checksum(article_id, version, earlier), article_id, version)
            connection.execute("UPDATE details SET details = ?, checksum = ? WHERE article_id = ? AND version = ?", row)
    wall.write_text(WALL + "The gate was closed.\n")
    (updated,) = assistant.add(wall).updated
    holding = next(each for each in assistant.holdings() if each.article.id == updated.id)
    assert holding.added == added
    assert holding.changed is not None
    assert holding.changed > added


def test_what_came_before_times_were_noted_has_none_until_it_changes(opened: Open, assistant: Assistant, wall: Path) -> None:
    make_first(assistant)
    fresh = opened()
    assert [(each.added, each.changed) for each in fresh.holdings()] == [(None, None)] * 2
    wall.write_text(WALL + "The gate was closed.\n")
    fresh.add(wall)
    holding = next(each for each in fresh.holdings() if each.article.source == str(wall))
    assert holding.added is None
    assert holding.changed is not None
    assert fresh.check().problems == ()


def test_reading_an_unchanged_article_again_notes_no_change(assistant: Assistant, wall: Path) -> None:
    before = assistant.holdings()
    assert len(assistant.add(wall).unchanged) == 1
    assert assistant.holdings() == before


def test_what_is_taken_out_and_put_back_is_byte_for_byte_as_it_was(assistant: Assistant, wall: Path) -> None:
    question = "Who built the wall?"
    stored, articles, quotes = rows(assistant), everything(assistant), quoted(assistant, question)
    article_id = next(each.id for each in assistant.articles() if each.source == str(wall))
    removed = assistant.take_out(article_id)
    assert [each.source for each in assistant.articles()] == [str(wall.with_name("mill.txt"))]
    assert not any("army" in quote for quote in quoted(assistant, question))
    assert assistant.put_back(removed).id == article_id
    assert rows(assistant) == stored
    assert everything(assistant) == articles
    assert quoted(assistant, question) == quotes
    assert assistant.check().problems == ()
    assert len(assistant.add(wall).unchanged) == 1


def test_an_article_from_before_details_can_be_put_back_too(opened: Open, assistant: Assistant, wall: Path) -> None:
    make_first(assistant)
    fresh = opened()
    before = everything(fresh)
    fresh.put_back(fresh.take_out(before[0].id))
    assert everything(fresh) == before
    assert fresh.check().problems == ()


def test_what_was_added_again_is_not_put_back_over_it(assistant: Assistant, wall: Path) -> None:
    removed = assistant.take_out(next(each.id for each in assistant.articles() if each.source == str(wall)))
    assistant.add(wall)
    with pytest.raises(LibraryError, match="added again in the meantime"):
        assistant.put_back(removed)
    assert assistant.check().problems == ()


def test_what_was_encoded_with_another_model_is_not_put_back(assistant: Assistant, wall: Path, other_model: Path) -> None:
    removed = assistant.take_out(next(each.id for each in assistant.articles() if each.source == str(wall)))
    assistant.reembed(str(other_model))
    before = rows(assistant)
    with pytest.raises(LibraryError, match="uses another model by now"):
        assistant.put_back(removed)
    assert rows(assistant) == before
    assert assistant.check().problems == ()


def test_what_is_not_there_cannot_be_taken_out(assistant: Assistant, wall: Path) -> None:
    with pytest.raises(NoSuchArticle):
        assistant.take_out("000000000000")


def test_an_upload_is_known_by_the_name_it_had(assistant: Assistant, tmp_path: Path) -> None:
    lying, again = tmp_path / "0", tmp_path / "1"
    lying.write_text(WALL)
    again.write_text(WALL)
    (added,) = assistant.add(Upload("2004/wall.txt", lying)).added
    assert added.source == "2004/wall.txt"
    assert assistant.add([Upload("2004/wall.txt", again)]).unchanged == (added,)
    again.write_text(WALL.replace("noon", "dawn"))
    (changed,) = assistant.add([Upload("2004/wall.txt", again)]).updated
    assert (changed.id, changed.version != added.version) == (added.id, True)
    assert assistant.ask("Who built the wall?", folder="2004").found


def test_an_upload_that_holds_no_article_fails_under_its_name(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "0").write_text('{"lines": 3}')
    (failed,) = assistant.add(Upload("figures.json", tmp_path / "0")).failed
    assert failed.source == "figures.json"
    assert "no column holds a text" in failed.reason


def test_an_upload_may_say_its_articles_title(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "0").write_text(WALL)
    (added,) = assistant.add(Upload("note.txt", tmp_path / "0", title="On walls")).added
    assert added.title == "On walls"
    assert assistant.article(added.id).text == WALL
