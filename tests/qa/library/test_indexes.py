"""Tests that indexes are only caches: a missing, damaged, stale or foreign one, or a concurrent write, changes no answer."""

import hashlib
import json
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.libraries import database
from support.nasty import law_is_broken_by, write

from embeddings import VectorIndex
from embeddings.index.vector_index import IndexLimits
from qa import Answer, Assistant
from qa.library.bm25_index import Bm25Index, write_stamp
from qa.library.indexes import IndexCache, snapshot_with_indexes
from qa.library.layout import VECTORS, WORDS
from qa.library.schema import text_version
from qa.library.snapshot import Snapshot
from qa.text.terms import ANALYSIS
from qa.types.errors import LibraryDamaged

Open = Callable[..., Assistant]
ONE_FILE, TWO_FILES = IndexLimits(), IndexLimits(recent=3, mapped=1 << 30)  # the layouts of a small and of a larger library
LISTS = IndexLimits(exact=30, recent=3)
QUESTIONS = ("When did bridge 3 fall?", "Who built the tower of iron?", "noon", "Was anybody hurt in the storm?")


def texts(first: int, last: int, when: str = "noon") -> dict[str, str]:
    return {
        f"bridge{n}": f"Bridge {n}\n\nBridge {n} fell at {when} in storm {n * 7}. Nobody was hurt on day {n}.\n\n"
        f"The tower of iron beside it was built by mason {n}."
        for n in range(first, last)
    }


def answers(assistant: Assistant) -> list[Answer]:
    found = [assistant.ask(question, 10) for question in QUESTIONS]
    assert all(answer.found for answer in found)
    assert law_is_broken_by(assistant, found) == []
    return found


@pytest.fixture(params=[ONE_FILE, TWO_FILES], ids=["one file", "two files"])
def limits(request: pytest.FixtureRequest) -> IndexLimits:
    return request.param


@pytest.fixture
def opened(opened: Open, limits: IndexLimits) -> Open:
    """Return a function that opens a library with its vectors in one file or in two."""

    def open_library(folder: Path | None = None) -> Assistant:
        assistant = opened(folder)
        assistant.indexes = IndexCache(assistant.library, limits)
        return assistant

    return open_library


def files(folder: Path) -> list[Path]:
    """Return the files of the vector index and of the word index."""
    return [*folder.glob("vectors*"), *(folder / WORDS).glob("*")]


@pytest.fixture
def filled(assistant: Assistant, tmp_path: Path) -> Assistant:
    """Add twelve articles in two additions, with a copy in between that has older caches."""
    assistant.add(write(tmp_path / "articles", **texts(0, 6)))
    shutil.copytree(assistant.library.folder, tmp_path / "older")
    assistant.add(write(tmp_path / "articles", **texts(6, 12)))
    return assistant


def delete(folder: Path, _: Path) -> None:
    for path in folder.glob("vectors*"):
        path.unlink()
    shutil.rmtree(folder / WORDS)


def delete_stamp(folder: Path, _: Path) -> None:
    (folder / WORDS / "stamp.json").unlink()


def damage(folder: Path, _: Path) -> None:
    for path in files(folder):
        content = bytearray(path.read_bytes())
        if content:
            content[len(content) // 2] ^= 4
            path.write_bytes(content)


def cut_short(folder: Path, _: Path) -> None:
    for path in files(folder):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(folder: Path, _: Path) -> None:
    for path in files(folder):
        path.write_bytes(b"")


def put_older_back(folder: Path, aside: Path) -> None:
    delete(folder, aside)
    for path in (aside / "older").glob("vectors*"):
        shutil.copy(path, folder / path.name)
    shutil.copytree(aside / "older" / WORDS, folder / WORDS)


def put_foreign_in(folder: Path, aside: Path) -> None:
    delete(folder, aside)
    for path in (aside / "foreign").glob("vectors*"):
        shutil.copy(path, folder / path.name)
    shutil.copytree(aside / "foreign" / WORDS, folder / WORDS)


def put_a_link_in(folder: Path, aside: Path) -> None:
    (folder / VECTORS).unlink()
    (folder / VECTORS).symlink_to(aside / "nowhere")


def damage_the_main_part(folder: Path, _: Path) -> None:
    for path in folder.glob("vectors-*"):
        path.write_bytes(path.read_bytes()[:-1] + b"!")


def delete_the_main_part(folder: Path, _: Path) -> None:
    for path in folder.glob("vectors-*"):
        path.unlink()


def put_an_older_format_in(folder: Path, _: Path) -> None:
    header = {"format": "pullquote-vectors-2", "dimension": 384, "fresh": 0, "gone": 0, "main": None, "stamp": {}}
    content = json.dumps(header).encode() + b"\n"
    (folder / VECTORS).write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


@pytest.mark.slow
@pytest.mark.parametrize(
    "harm",
    [
        *(delete, delete_stamp, damage, cut_short, empty, put_older_back, put_foreign_in, put_a_link_in),
        *(damage_the_main_part, delete_the_main_part, put_an_older_format_in),
    ],
    ids=lambda f: f.__name__,
)
def test_harmed_caches_change_no_answer_and_come_back(
    filled: Assistant, opened: Open, tmp_path: Path, harm: Callable[[Path, Path], None], limits: IndexLimits
) -> None:
    assert len([*filled.library.folder.glob("vectors-*")]) == (limits is TWO_FILES)
    foreign = opened(tmp_path / "foreign")
    for part in range(2):  # the same number of generations as `filled`
        foreign.add(write(tmp_path / "others", **texts(part * 6, part * 6 + 6, "dawn")))
    before = answers(filled)
    harm(filled.library.folder, tmp_path)
    assert answers(opened()) == before
    filled.add(write(tmp_path / "articles", **texts(12, 13)))
    stamped = VectorIndex.load(filled.library.folder / VECTORS)
    words = Bm25Index.load(filled.library.folder / WORDS)
    assert stamped[1]["generation"] == words[1]["generation"] == 3
    assert len(stamped[0]) == len(words[0]) == 13
    assert stamped[1]["library"] == words[1]["library"]


def test_a_file_nobody_knows_in_the_library_is_left_alone(filled: Assistant, opened: Open, tmp_path: Path) -> None:
    before = answers(filled)
    (filled.library.folder / "notes.pickle").write_bytes(b"\x80\x04.")
    assert answers(opened()) == before
    filled.add(write(tmp_path / "articles", **texts(12, 13)))
    assert (filled.library.folder / "notes.pickle").read_bytes() == b"\x80\x04."


def test_what_a_killed_writer_left_is_swept_by_the_next(filled: Assistant, tmp_path: Path) -> None:
    orphan = filled.library.folder / f"{VECTORS}.4711.tmp"
    orphan.write_bytes(b"half")
    filled.add(write(tmp_path / "articles", **texts(12, 13)))
    assert not orphan.exists()


@pytest.mark.slow
def test_any_one_byte_changed_in_the_vectors_changes_no_answer(filled: Assistant, opened: Open) -> None:
    before, draw = answers(filled), random.Random(0)
    kept = {path: path.read_bytes() for path in filled.library.folder.glob("vectors*")}
    for damaged, content in kept.items():
        for at in {*range(0, 200, 19), *(draw.randrange(len(content)) for _ in range(5))}:
            for path, whole in kept.items():
                path.write_bytes(whole)
            damaged.write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
            assert answers(opened()) == before


def test_bringing_indexes_along_is_the_same_as_making_them_anew(filled: Assistant, tmp_path: Path, opened: Open) -> None:
    held = filled.articles()
    filled.remove(held[3].id)
    filled.add(write(tmp_path / "articles", **texts(5, 7, "dusk")))
    copy = opened(Path(shutil.copytree(filled.library.folder, tmp_path / "copy")))
    delete(copy.library.folder, tmp_path)
    with filled.library.snapshot() as snapshot, copy.library.snapshot() as copied:
        along, anew = IndexCache(filled.library).at(snapshot, lambda: 32), IndexCache(copy.library).at(copied, lambda: 32)
        ids = {passage.id for passage in snapshot.added_since(-1)}
    assert along.generation == anew.generation == 4
    assert len(along.vectors) == len(anew.vectors) == len(ids) == 11
    assert len(along.words) == len(anew.words) == 11
    question = np.ones(32, np.float32) / 32**0.5
    assert dict(along.vectors.search(question, 99)) == pytest.approx(dict(anew.vectors.search(question, 99)), abs=1e-6)
    assert along.words.rarity("noon") == pytest.approx(anew.words.rarity("noon"))  # removed passages no longer count
    for word in ("bridg", "noon", "dusk", "tower"):
        assert {i for i, _ in along.words.search([word], 99)} == {i for i, _ in anew.words.search([word], 99)} <= ids
    delete(filled.library.folder, tmp_path)
    anew_answers = [[quote.text for quote in answer.quotes] for answer in answers(opened())]
    assert [{*texts} for texts in anew_answers] == [{quote.text for quote in each.quotes} for each in answers(filled)]


def test_a_reader_that_may_not_write_makes_the_word_index_in_memory(
    filled: Assistant, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(filled)
    shutil.rmtree(filled.library.folder / WORDS)

    def forbid(_: Path) -> Bm25Index:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Bm25Index, "create", forbid)
    assert answers(opened()) == before
    assert not (filled.library.folder / WORDS).exists()


def test_a_reader_does_not_wait_for_ever_for_a_writer(filled: Assistant, opened: Open) -> None:
    before = answers(filled)[0]
    shutil.rmtree(filled.library.folder / WORDS)
    with filled.library.writing():
        assert opened().ask(QUESTIONS[0], 10) == before


def generation_on_disk(assistant: Assistant) -> int:
    return int(VectorIndex.load(assistant.library.folder / VECTORS)[1]["generation"])


def test_a_reader_that_had_to_make_the_vectors_anew_saves_them_for_the_next(
    filled: Assistant, opened: Open, limits: IndexLimits
) -> None:
    for path in filled.library.folder.glob("vectors*"):
        path.unlink()
    opened().ask(QUESTIONS[0])
    assert (filled.library.folder / VECTORS).exists() == (limits is TWO_FILES)  # a small index is not saved, only rebuilt


def test_a_long_addition_saves_vectors_on_the_way_when_many_came(
    assistant: Assistant, tmp_path: Path, limits: IndexLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without saving, the library would open slowly after an interrupted addition."""
    write_indexes, behind = IndexCache.write, []

    def write_in_the_middle(
        cache: IndexCache, snapshot: Snapshot, dimension: Callable[[], int], *, vectors: bool = True
    ) -> None:
        write_indexes(cache, snapshot, dimension, vectors=False)
        there = (assistant.library.folder / VECTORS).exists()
        behind.append(snapshot.n_added_since(generation_on_disk(assistant) if there else -1))

    monkeypatch.setattr(IndexCache, "write", write_in_the_middle)
    for n in range(9):
        assistant.add(write(tmp_path / "articles", **texts(n, n + 1)))
        assert len(answers(assistant)) == len(QUESTIONS)
    assert behind[::2] == ([*range(1, 10)] if limits is ONE_FILE else [1, 2, 3, 0, 1, 2, 3, 0, 1])


def test_a_library_that_was_put_back_from_a_copy_is_answered_from_with_caches_of_later(
    filled: Assistant, opened: Open, tmp_path: Path
) -> None:
    older = opened(tmp_path / "older")
    before = answers(older)
    for path in filled.library.folder.glob("vectors*"):
        shutil.copy(path, older.library.folder / path.name)
    shutil.rmtree(older.library.folder / WORDS)
    shutil.copytree(filled.library.folder / WORDS, older.library.folder / WORDS)
    again = opened(tmp_path / "older")
    assert answers(again) == before
    assert "bridge7.txt" in str(again.library.lost_changes())
    assert Bm25Index.load(again.library.folder / WORDS)[1]["generation"] == 2, "it stays, as the proof of what was lost"


def test_a_word_index_with_the_terms_of_an_older_version_is_built_anew(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    assistant.add(write(tmp_path / "articles", bridge="建設費は四億円だった。"))
    folder = assistant.library.folder / WORDS
    stamp = Bm25Index.load(folder)[1]
    with assistant.library.snapshot() as snapshot:
        passages = [passage.id for passage in snapshot.added_since(-1)]
    older = Bm25Index.create(folder).updated([], ((passage_id, "no such word") for passage_id in passages))
    del older
    write_stamp(folder, {key: value for key, value in stamp.items() if key != "analysis"})
    assert [passage.parts.words for passage in opened().search("建設費")] == [1.0]
    assert Bm25Index.load(folder)[1]["analysis"] == ANALYSIS


@pytest.mark.parametrize("limits", [LISTS], ids=["lists"])
def test_a_library_that_outgrows_exact_search_is_switched_without_a_sign(
    assistant: Assistant, opened: Open, tmp_path: Path, limits: IndexLimits
) -> None:
    def n_lists() -> int:
        with assistant.library.snapshot() as snapshot:
            main = assistant.indexes.at(snapshot, lambda: 32).vectors.main
            return main.n_lists if main else 0

    assistant.add(write(tmp_path / "articles", **texts(0, 30)))
    assert n_lists() == 1
    before = answers(assistant)
    assistant.add(write(tmp_path / "articles", **texts(100, 110)))
    assert n_lists() == 12
    after = answers(assistant)
    assert answers(opened()) == after
    assert {quote.text for quote in before[0].quotes} & {quote.text for quote in after[0].quotes}
    for reference in assistant.articles()[-20:]:
        assistant.remove(reference.id)
    assert n_lists() == 1
    assert answers(opened()) == answers(assistant)
    assert assistant.check().notes == ()
    assert len([*assistant.library.folder.glob("vectors*")]) == 2


def test_vectors_are_read_without_their_articles_and_a_damaged_one_is_refused(filled: Assistant) -> None:
    with filled.library.snapshot() as snapshot:
        for generation in (-1, 1, 2):
            wanted = [(each.id, each.vector.tolist()) for each in snapshot.added_since(generation)]
            pieces = [*snapshot.vectors_since(generation)]
            found = [(i, v.tolist()) for ids, vectors in pieces for i, v in zip(ids, vectors.astype(np.float32), strict=True)]
            assert found == wanted
            assert snapshot.n_added_since(generation) == len(wanted)
    with database(filled) as connection:
        connection.execute("UPDATE versions SET text = 'x'")
    with filled.library.snapshot() as snapshot:
        assert sum(len(ids) for ids, _ in snapshot.vectors_since(-1)) == 12
    with database(filled) as connection:
        connection.execute("UPDATE passages SET sentences = vector WHERE id = 7")
    with filled.library.snapshot() as snapshot, pytest.raises(LibraryDamaged, match="Passage 7 of article"):
        list(snapshot.vectors_since(-1))


def test_rows_are_read_to_the_last_however_few_at_a_time(filled: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.library.snapshot._AT_ONCE", 5)
    monkeypatch.setattr("qa.library.snapshot._VECTORS_AT_ONCE", 4)
    with filled.library.snapshot() as snapshot:
        assert [each.id for each in snapshot.added_since(-1)] == list(range(1, 13))
        assert [ids for ids, _ in snapshot.vectors_since(-1)] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
        assert [each.id for each in snapshot.added_since(1)] == list(range(7, 13))


def test_the_passages_of_a_snapshot_are_the_passages_of_its_indexes(filled: Assistant) -> None:
    with snapshot_with_indexes(filled.library, filled.indexes, lambda: 32) as (snapshot, indexes):
        found = {i for i, _ in indexes.vectors.search(np.ones(32, np.float32), 999)}
        assert (snapshot.generation, indexes.generation) == (2, 2)
        assert found == {passage.id for passage in snapshot.added_since(-1)}


@pytest.mark.slow
def test_readers_see_one_generation_at_a_time_while_articles_come_change_and_go(
    assistant: Assistant, opened: Open, tmp_path: Path
) -> None:
    """Every change replaces all articles at once, so an answer that mixes generations would give two times of day."""
    times = ("noon", "dawn", "dusk", "midnight")
    known = {text_version(text): text for when in times for text in {**texts(0, 5, when), **texts(20, 21, when)}.values()}
    ids = [reference.id for reference in assistant.add(write(tmp_path / "articles", **texts(0, 5, "noon"))).added]
    done, wrong, asked = threading.Event(), list[object](), list[int]()

    def read(reader: Assistant) -> None:
        try:
            while not done.is_set():
                answer = reader.ask("At what time of day did the bridge fall in the storm?", 20)
                asked.append(answer.generation)
                said = {time for time in times for quote in answer.quotes if f"fell at {time} " in quote.text}
                places = [*answer.quotes, *answer.passages, *(place for quote in answer.quotes for place in quote.also_in)]
                pieces = [known[place.article.version][place.start : place.end] for place in places]
                shown = [place.text for place in (*answer.quotes, *answer.passages)]
                if len(said) > 1 or pieces[: len(shown)] != shown or not all(pieces):
                    wrong.append((said, pieces, shown))
        except Exception as error:  # record any error, so that the test shows it
            wrong.append(error)

    readers = [threading.Thread(target=read, args=(reader,)) for reader in (assistant, assistant, opened())]
    for reader in readers:
        reader.start()
    try:
        for when in times * 3:
            report = assistant.add(write(tmp_path / "articles", **texts(0, 5, when)))
            assert report.failed == ()
            extra = assistant.add(write(tmp_path / "more", **texts(20, 21, when))).added
            if extra:
                assistant.remove(extra[0].id)
    finally:  # else an error here leaves the readers asking for ever, and the run of the tests waits for them
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert len(set(asked)) > 2
    assert [reference.id for reference in assistant.articles()] == sorted(ids, key=lambda i: assistant.article(i).source)


@pytest.mark.slow
def test_a_hundred_questions_at_once_are_answered_as_one_by_one(filled: Assistant) -> None:
    questions = [f"When did bridge {number % 12} fall?" for number in range(100)]
    one_by_one = [filled.ask(question) for question in questions]
    together: dict[int, Answer] = {}

    def ask(numbers: range) -> None:
        for number in numbers:
            together[number] = filled.ask(questions[number])

    threads = [threading.Thread(target=ask, args=(range(start, 100, 8),)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(100)] == one_by_one
