"""Tests that a damaged database is refused, or answers from its intact rows, but never answers wrongly."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from support.libraries import database, everything, quoted
from support.nasty import write

from embeddings import Encoder
from qa import Assistant, PullquoteError, Settings
from qa.library.layout import DATABASE
from qa.types.errors import LibraryDamaged

OLD = "The bridge that fell\n\nIt fell at noon. Nobody was hurt."
QUESTIONS = ("When did bridge 3 fall?", "Who was hurt on day 7?", "noon")
FLIPS = 120

Open = Callable[..., Assistant]


@pytest.mark.parametrize(
    ("table", "column"), [("versions", "text"), ("versions", "title"), ("versions", "set_aside"), ("versions", "published")]
)
def test_an_article_row_that_was_altered_is_refused(assistant: Assistant, tmp_path: Path, table: str, column: str) -> None:
    reference = assistant.add(write(tmp_path, a=OLD)).added[0]
    with database(assistant) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ifnull({column}, '') || ' '")
    with pytest.raises(LibraryDamaged, match=f"article {reference.id} .*a.txt.* is damaged"):
        assistant.article(reference.id)
    with pytest.raises(LibraryDamaged):
        assistant.ask("When did it fall?")


def test_a_damaged_article_is_mended_by_adding_it_again_as_its_message_says(assistant: Assistant, tmp_path: Path) -> None:
    path = write(tmp_path, a=OLD)
    reference = assistant.add(path).added[0]
    with database(assistant) as connection:
        connection.execute("UPDATE versions SET text = replace(text, 'noon', 'dawn')")
    with pytest.raises(LibraryDamaged, match="add it again from its source"):
        assistant.article(reference.id)
    assert assistant.add(path).updated == (reference,)
    assert assistant.article(reference.id).text == OLD
    assert "It fell at noon." in quoted(assistant, "When did it fall?")


def test_a_damaged_article_can_be_removed(assistant: Assistant, tmp_path: Path) -> None:
    reference = assistant.add(write(tmp_path, a=OLD)).added[0]
    with database(assistant) as connection:
        connection.execute("UPDATE versions SET text = 'x'")
    assert assistant.remove(reference.id).id == reference.id
    assert everything(assistant) == []


@pytest.mark.parametrize("column", ["sentences", "vector", "sentence_vectors"])
@pytest.mark.parametrize("at", [0, -1])
def test_a_passage_row_with_one_byte_altered_is_refused(opened: Open, tmp_path: Path, column: str, at: int) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a=OLD))
    with database(assistant) as connection:
        blob = bytearray(connection.execute(f"SELECT {column} FROM passages").fetchone()[0])
        blob[at] ^= 1
        connection.execute(f"UPDATE passages SET {column} = ?", (bytes(blob),))
    with pytest.raises(LibraryDamaged, match="Passage 1 of article"):
        opened().ask("When did it fall?")


def test_a_passage_put_under_another_article_is_refused(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    first, second = assistant.add(write(tmp_path, a=OLD, b="Another text of its own. It is long enough.")).added
    with database(assistant) as connection:
        connection.execute("UPDATE passages SET article_id = ? WHERE article_id = ?", (second.id, first.id))
    with pytest.raises(LibraryDamaged):
        opened().ask("When did it fall?")


def contents(assistant: Assistant) -> list[object]:
    """Return a library's answers to the questions, its list of articles and their texts."""
    listed = assistant.articles()
    return [*(assistant.ask(question, 10) for question in QUESTIONS), listed, *(assistant.article(each.id) for each in listed)]


@pytest.fixture(scope="module")
def fates(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_encoder: Encoder) -> Counter[str]:
    """Count the outcomes of opening copies of a library, each with one bit of its database flipped."""

    def opened(folder: Path) -> Assistant:
        assistant = Assistant.open(folder, model=str(tiny_model), reader="none", settings=Settings(least_confidence=0))
        assistant._encoder = tiny_encoder
        return assistant

    tmp_path = tmp_path_factory.mktemp("flips")
    assistant = opened(tmp_path / "library")
    texts = {
        f"b{n:02}": f"Bridge {n}\n\nBridge {n} fell at noon in storm {n * 7}. Nobody was hurt on day {n}." for n in range(20)
    }
    assistant.add(write(tmp_path / "articles", **texts))
    with database(assistant) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(assistant.library.folder, tmp_path / "kept")
    before = contents(opened(tmp_path / "kept"))
    content, draw = (assistant.library.folder / DATABASE).read_bytes(), random.Random(0)
    fates: Counter[str] = Counter()
    for flip in range(FLIPS):
        folder = tmp_path / f"flip{flip}"
        shutil.copytree(assistant.library.folder, folder, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        at = draw.randrange(len(content))
        (folder / DATABASE).write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
        try:
            fates["same" if contents(opened(folder)) == before else "wrong"] += 1
        except PullquoteError:
            fates["refused"] += 1
        except Exception as error:  # count any other error by its text, so that the test shows it
            fates[repr(error)] += 1
        shutil.rmtree(folder, ignore_errors=True)
    return fates


@pytest.mark.slow
def test_after_one_flipped_bit_a_library_is_read_rightly_or_refused_in_words(fates: Counter[str]) -> None:
    assert fates["same"] > 0
    assert fates["refused"] > 0
    assert set(fates) == {"same", "refused"}  # no copy answers or lists anything else
