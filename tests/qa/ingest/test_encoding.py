"""Tests that no passage is encoded twice, and that a reused vector equals the one that encoding gave."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.libraries import database, quoted
from support.nasty import write

from embeddings import Encoder, PassageText, PassageVectors
from qa import Assistant
from qa.ingest.encoding import encode
from qa.library.layout import DATABASE
from qa.text.sentences import CUTTING
from qa.types.articles import Span

Open = Callable[..., Assistant]
STORY = [f"On day {day} the ferry left the harbour at noon and came back with {day * 7} men." for day in range(12)]
TEXT = "The ferry\n\n" + "\n\n".join(STORY)
ROWS = "SELECT vector, sentence_vectors FROM passages ORDER BY id"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[PassageText]:
    """Record the passages given to encoders."""
    texts: list[PassageText] = []
    encode = Encoder.encode_passages

    def encode_and_note(self: Encoder, passages: list[PassageText], **how: object) -> list[PassageVectors]:
        texts.extend(passages)
        return encode(self, passages, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Encoder, "encode_passages", encode_and_note)
    return texts


def rows(assistant: Assistant) -> list[tuple[bytes, bytes]]:
    with database(assistant) as connection:
        return connection.execute(ROWS).fetchall()


def change(assistant: Assistant, statement: str, *values: object) -> None:
    """Change the database directly, without foreign keys."""
    with closing(sqlite3.connect(assistant.library.folder / DATABASE)) as connection, connection:
        connection.execute(statement, values)


def test_a_renamed_article_is_not_encoded_again(
    assistant: Assistant, opened: Open, tmp_path: Path, given: list[PassageText], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.library.library._AT_ONCE", 2)
    old = write(tmp_path / "in", a=TEXT)[0]
    assistant.add(old)
    assert len(given) > 5
    given.clear()
    assert len(opened().add(old.rename(old.with_name("b.txt"))).added) == 1
    assert given == []
    both = rows(assistant)
    assert both[: len(both) // 2] == both[len(both) // 2 :]
    assert assistant.check().problems == ()


def test_a_text_that_stands_in_many_files_is_encoded_once(
    assistant: Assistant, tmp_path: Path, given: list[PassageText], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.ingest.batches._PASSAGES", 3)  # so that the copies span several batches
    assistant.add(write(tmp_path, **{f"copy{n}": "The wall fell at noon." for n in range(9)}))
    assert [text.text for text in given] == ["The wall fell at noon."]
    assert len(rows(assistant)) == 9
    assert len(set(rows(assistant))) == 1


def test_of_a_changed_article_only_the_changed_passages_are_encoded(
    assistant: Assistant, tmp_path: Path, given: list[PassageText]
) -> None:
    path = write(tmp_path, a=TEXT)
    assistant.add(path)
    before = {text.text for text in given}
    given.clear()
    path[0].write_text(TEXT.replace("with 42 men", "with nobody"))
    assert len(assistant.add(path).updated) == 1
    assert given
    assert all("with nobody" in text.text for text in given)
    assert len(given) < len(before) / 2
    assert any("with nobody" in quote for quote in quoted(assistant, "Who came back on day 6?"))


def test_the_same_text_cut_into_other_sentences_is_encoded(
    assistant: Assistant, tmp_path: Path, given: list[PassageText]
) -> None:
    assistant.add(write(tmp_path, a="The wall fell. Nobody was hurt."))
    (stored,) = given
    assert len(stored.sentences) == 2
    other = PassageText(stored.text, ((0, len(stored.text)),))
    given.clear()
    found = encode([stored, other, other], assistant.library, {}, lambda: assistant.encoder, lambda _: None)
    assert given == [other]
    assert [len(found[text].sentences) for text in (stored, other)] == [2, 1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE encoded SET digest = (SELECT digest FROM encoded AS other WHERE other.passage_id = 7 - encoded.passage_id)",
        "UPDATE encoded SET passage_id = passage_id + 1000",
        "UPDATE encoded SET digest = zeroblob(16)",
        "UPDATE encoded SET digest = x''",
        "DELETE FROM encoded WHERE passage_id > 3",
        "UPDATE passages SET vector = zeroblob(64)",
        "UPDATE passages SET sentences = sentence_vectors",
        "DELETE FROM passages",
        "UPDATE versions SET text = replace(text, 'ferry', 'wagon')",
        "UPDATE versions SET text = CAST(x'ff' AS TEXT)",
    ],
)
def test_a_false_hint_gives_no_false_vectors(opened: Open, tmp_path: Path, given: list[PassageText], damage: str) -> None:
    path = write(tmp_path, a=TEXT)[0]
    opened().add(path)
    good, count = rows(opened()), len(given)
    given.clear()
    change(opened(), damage)
    opened().add(path.rename(path.with_name("b.txt")))
    assert rows(opened())[-count:] == good
    assert given
    given.clear()
    opened().add(path.with_name("b.txt").rename(path.with_name("c.txt")))  # storing the passages made their hints again
    assert rows(opened())[-count:] == good
    assert given == []


def test_hints_go_with_their_passages(assistant: Assistant, tmp_path: Path) -> None:
    one, other = assistant.add(write(tmp_path, a=TEXT, b=TEXT)).added
    counts = "SELECT (SELECT count(*) FROM encoded), (SELECT count(*) FROM passages)"

    def count() -> tuple[int, int]:
        with database(assistant) as connection:
            hints, passages = connection.execute(counts).fetchone()
            return hints, passages

    hints, passages = count()
    assert hints == passages > 0
    write(tmp_path, a="The ferry sank.")
    assistant.add(tmp_path / "a.txt")
    assert count() == (passages // 2 + 1,) * 2
    assistant.remove(one.id)
    assistant.remove(other.id)
    assert count() == (0, 0)


def test_a_copy_still_serves_when_the_other_was_removed(assistant: Assistant, tmp_path: Path, given: list[PassageText]) -> None:
    assert len(assistant.add(write(tmp_path, a=TEXT, b=TEXT)).added) == 2
    given.clear()
    for name in ("b", "a"):
        removed = next(each for each in assistant.articles() if each.source.endswith(f"{name}.txt"))
        assistant.remove(removed.id)
        assistant.add(tmp_path / f"{name}.txt")
    assert given == []


def test_after_reembedding_no_vector_of_the_old_model_is_taken(
    opened: Open, tmp_path: Path, other_model: Path, given: list[PassageText]
) -> None:
    path = write(tmp_path / "in", a=TEXT)[0]
    opened().add(path)
    count = len(given)
    opened().reembed(str(other_model))
    given.clear()
    again = Assistant.open(tmp_path / "library")
    write(tmp_path / "in", b=TEXT)
    again.add(tmp_path / "in")
    assert given == []  # reembedding stored hints for the new model
    assert {len(vector) for vector, _ in rows(again)} == {2 * 48}
    assert len(rows(again)) == 2 * count
    assert len(set(rows(again))) == count


def test_an_older_pullquote_takes_hints_out_with_its_passages_and_adds_none(
    assistant: Assistant, tmp_path: Path, given: list[PassageText]
) -> None:
    """Code from before the table of hints deletes and inserts passages, with foreign keys enforced."""
    assistant.add(write(tmp_path, a=TEXT))
    with database(assistant) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM passages WHERE id <= 3")
        assert connection.execute("SELECT count(*) FROM encoded WHERE passage_id <= 3").fetchone() == (0,)
    given.clear()
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assistant.add(tmp_path / "b.txt")
    assert len(given) == 3


def test_looking_up_keeps_no_rows_in_memory(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=TEXT))
    assistant.library._rows.passages.clear()
    assistant.add(write(tmp_path, b=TEXT))
    assert assistant.library._rows.passages == {}


def cut_at_lines_alone(text: str) -> list[Span]:
    ends = [at + 1 for at, character in enumerate(text) if character == "\n" or at + 1 == len(text)]
    return [Span(start, end) for start, end in zip([0, *ends], ends, strict=False)]


def test_an_older_library_is_cut_anew_once_at_the_next_addition(
    assistant: Assistant, opened: Open, tmp_path: Path, given: list[PassageText], monkeypatch: pytest.MonkeyPatch
) -> None:
    lee = "Dr. Lee left. He came back.\n\nNobody saw her go, and it rained. It was late, and the gate was shut."
    with monkeypatch.context() as patch:
        patch.setattr("qa.text.passages.split_sentences", cut_at_lines_alone)
        assistant.add(write(tmp_path / "in", same=TEXT, lee=lee))
    change(assistant, "DELETE FROM meta WHERE key = 'sentences'")  # as libraries were before
    given.clear()
    newer = opened()
    newer.add(write(tmp_path / "in", other="The mill stood."))
    texts = {text.text for text in given}
    assert any("He came back." in text for text in texts)
    assert not any("ferry" in text for text in texts)  # TEXT is cut as before
    assert "Nobody saw her go, and it rained." in quoted(newer, "rained")
    assert newer.check().problems == ()
    with newer.library.snapshot() as snapshot:
        generation = snapshot.generation
    opened().add(write(tmp_path / "in", another="The mill fell."))
    with newer.library.snapshot() as snapshot:
        assert (snapshot.generation, snapshot.cutting) == (generation + 1, CUTTING)


def test_a_damaged_article_does_not_keep_an_older_library_from_being_cut_anew(
    assistant: Assistant, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("qa.text.passages.split_sentences", cut_at_lines_alone)
        assistant.add(write(tmp_path / "in", broken="It was dry. It was hot.", whole="It rained. It was late."))
    change(assistant, "DELETE FROM meta WHERE key = 'sentences'")
    change(assistant, "UPDATE versions SET text = 'other' WHERE text LIKE '%hot%'")
    newer = opened()
    newer.add(write(tmp_path / "in", broken="It was dry. It was hot."))  # which restores it
    with newer.library.snapshot() as snapshot:
        whole = next(each for each in snapshot.references() if each.source.endswith("whole.txt"))
        assert [passage.sentences for passage in snapshot.article_passages(whole.id)] == [("It rained.", "It was late.")]
    assert newer.check().problems == ()
