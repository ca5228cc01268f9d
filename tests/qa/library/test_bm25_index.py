"""Tests that the word index ranks by BM25, ignores query syntax, and detects damage to its files."""

import hashlib
import math
import os
import random
import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from embeddings import IndexDamaged
from qa.library.bm25_index import Bm25Index, write_stamp
from qa.text.terms import content_terms, terms

TEXTS = {1: "the wall the wall the wall", 2: "a wall by the river", 3: "the river and the bridge", 4: "bread"}


@pytest.fixture
def index() -> Bm25Index:
    return Bm25Index.in_memory().updated([], TEXTS.items())


def found(index: Bm25Index, question: str, k: int = 10) -> list[int]:
    return [passage_id for passage_id, _ in index.search(terms(question), k)]


def bm25(question: str, text: str) -> float:
    """Compute a text's BM25 score among the four texts by the formula, with k1 = 1.2 and b = 0.75."""
    lengths = {i: len(terms(each)) for i, each in TEXTS.items()}
    mean, words = sum(lengths.values()) / len(TEXTS), terms(text)
    score = 0.0
    for word in dict.fromkeys(terms(question)):
        holding = sum(word in terms(each) for each in TEXTS.values())
        times = words.count(word)
        rarity = math.log(1 + (len(TEXTS) - holding + 0.5) / (holding + 0.5))
        score += rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * len(words) / mean))
    return score


def test_scores_are_bm25s(index: Bm25Index) -> None:
    hits = dict(index.search(terms("the wall by the river"), 10))
    assert hits == {i: pytest.approx(bm25("the wall by the river", TEXTS[i]), rel=1e-4) for i in (1, 2, 3)}


def test_a_word_three_times_counts_more_than_once_and_a_rare_word_more_than_a_common_one(index: Bm25Index) -> None:
    assert found(index, "wall") == [1, 2]
    assert found(index, "the bread")[0] == 4


def test_no_more_are_found_than_are_wanted(index: Bm25Index) -> None:
    assert found(index, "the", 2) == [i for i, _ in index.search(["the"], 9)][:2]
    assert found(index, "the", 0) == []
    assert index.search([], 5) == []
    assert found(index, "elephant") == []
    assert Bm25Index.in_memory().search(["wall"], 5) == []


def test_a_word_of_a_script_without_spaces_is_found_inside_a_sentence() -> None:
    passages = [(1, "市長は新しい橋を開通させた。建設費は四億円だった。"), (2, "住民は喜んでいる。")]
    index = Bm25Index.in_memory().updated([], passages)
    assert found(index, "建設費") == [1]
    assert found(index, "住民") == [2]


@pytest.fixture(scope="module")
def large() -> Bm25Index:
    """Build an index of 10,000 passages: all contain "the", just over half "in", and exactly half "on"."""

    def text(number: int) -> str:
        often = ("in" if number <= 5_001 else "") + (" on" if number > 5_000 else "")
        return f"the {often} wall {number}" if number % 1_000 == 0 else f"the {often} page {number}"

    return Bm25Index.in_memory().updated([], ((number, text(number)) for number in range(1, 10_001)))


def test_of_many_passages_words_that_most_of_them_hold_are_left_out_of_the_search(large: Bm25Index) -> None:
    walls = large.search(["wall"], 100)
    assert len(walls) == 10
    assert large.search(["the", "in", "wall"], 100) == walls
    with_on = large.search(["on", "wall"], 10_000)  # exactly half is not a majority
    assert len(with_on) == 5_005
    assert dict(with_on)[6_000] > dict(walls)[6_000]


def test_words_that_most_passages_hold_are_searched_when_there_are_no_others(large: Bm25Index) -> None:
    assert len(large.search(["the", "in"], 100)) == 100
    assert large.search(["the", "in"], 1)[0][0] <= 5_001


def test_a_rarity_is_the_logarithm_of_the_formula(index: Bm25Index) -> None:
    # Two of four passages contain "wall": ln(1 + (4 - 2 + 0.5) / (2 + 0.5)) = ln 2.
    assert index.rarity("wall") == pytest.approx(math.log(2))
    assert index.rarity("bread") == pytest.approx(math.log(1 + 3.5 / 1.5))
    assert index.rarity("elephant") == pytest.approx(math.log(1 + 4.5 / 0.5))


def test_words_are_folded_to_lower_case_without_accents_and_stemmed() -> None:
    assert terms("The Cafés WERE climbing, 1,200 times!") == ["the", "cafe", "were", "climb", "1", "200", "time"]
    assert content_terms("What did the Cafés tell you about climbing?") == ["cafe", "climb"]
    assert content_terms("Who was it?") == []
    assert terms("x" * 5_000) == []


@pytest.mark.parametrize(
    "question",
    [
        "wall NOT (",
        '"unclosed wall',
        "text:wall",
        "[wall TO",
        "wall*",
        "+wall -x",
        "' OR 1=1 -- wall",
        "wall~2^9",
        "\\wall\\",
        "id:4^wall",
    ],
)
def test_what_looks_like_a_query_is_only_words(index: Bm25Index, question: str) -> None:
    assert found(index, question)[:2] == [1, 2]


@pytest.mark.parametrize("question", ["", "*", "()", "👩‍👩‍👧", "\x00", "\u202e", '"'])
def test_a_question_without_words_finds_nothing(index: Bm25Index, question: str) -> None:
    assert found(index, question) == []


def test_an_update_takes_out_puts_in_and_replaces_and_the_older_index_does_not_see_it(index: Bm25Index) -> None:
    later = index.updated([1], [(2, "only bread now"), (5, "a wall of bread")])
    assert found(later, "wall") == [5]
    assert sorted(found(later, "bread")) == [2, 4, 5]
    assert len(later) == 4
    assert found(index, "wall") == [1, 2]
    assert len(index) == 4
    assert index.rarity("wall") == pytest.approx(math.log(2))


def test_an_update_done_twice_is_done_once(index: Bm25Index) -> None:
    change = ([1], [(6, "a wall"), (7, "another wall")])
    assert found(index.updated(*change).updated(*change), "wall") == found(index.updated(*change), "wall")
    assert len(index.updated(*change)) == 5


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    Bm25Index.create(tmp_path / "words").updated([], TEXTS.items())
    write_stamp(tmp_path / "words", {"library": "abc", "generation": 12})
    return tmp_path / "words"


def test_a_saved_index_is_read_back_with_its_stamp(saved: Path) -> None:
    index, content = Bm25Index.load(saved)
    assert found(index, "wall") == [1, 2]
    assert (content["library"], content["generation"]) == ("abc", 12)


def test_an_index_that_is_open_goes_on_when_its_folder_is_made_anew(saved: Path) -> None:
    index, _ = Bm25Index.load(saved)
    Bm25Index.create(saved).updated([], [(9, "bread")])
    assert found(index, "wall") == [1, 2]


def data_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_changed_byte_in_any_file_is_noticed(saved: Path) -> None:
    draw = random.Random(0)
    unnoticed = []
    for path in data_files(saved):
        content = path.read_bytes()
        for at in {0, len(content) - 1, *(draw.randrange(len(content)) for _ in range(25))}:
            path.write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
            try:
                Bm25Index.load(saved)
                unnoticed.append((path.name, at))
            except IndexDamaged:
                pass
        path.write_bytes(content)
    assert unnoticed == []
    assert found(Bm25Index.load(saved)[0], "wall") == [1, 2]


def test_a_byte_of_the_stamp_changed_is_noticed_wherever_it_is(saved: Path) -> None:
    path = saved / "stamp.json"
    content = path.read_bytes()
    draw = random.Random(0)
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1 << draw.randrange(8)]) + content[at + 1 :])
        with pytest.raises(IndexDamaged):
            Bm25Index.load(saved)


def test_a_file_missing_cut_short_or_too_many_is_noticed(saved: Path) -> None:
    for path in data_files(saved):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(IndexDamaged):
            Bm25Index.load(saved)
        path.write_bytes(content[: len(content) // 2])
        with pytest.raises(IndexDamaged):
            Bm25Index.load(saved)
        path.write_bytes(content)
    shutil.copy(ROOT / "pyproject.toml", saved / "extra")
    with pytest.raises(IndexDamaged, match="is damaged"):
        Bm25Index.load(saved)


def test_a_change_without_a_stamp_is_noticed(saved: Path) -> None:
    Bm25Index.load(saved)[0].updated([1], [])
    with pytest.raises(IndexDamaged, match="is damaged"):
        Bm25Index.load(saved)


@pytest.mark.parametrize("content", [b"", b"5", b"null", b"{}", b"\xff", b"[" * 100_000])
def test_something_else_in_the_stamps_place_is_refused(saved: Path, content: bytes) -> None:
    (saved / "stamp.json").write_bytes(content)
    with pytest.raises(IndexDamaged, match="is missing or is not a saved index"):
        Bm25Index.load(saved)


def test_a_large_file_is_read_once_and_again_when_anyone_touched_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.library.bm25_index._LARGE", 1)
    folder = tmp_path / "words"
    Bm25Index.create(folder).updated([], [(number, f"passage number {number}") for number in range(50)])
    write_stamp(folder, {"generation": 1})
    read: list[str] = []
    digest = hashlib.file_digest
    monkeypatch.setattr("hashlib.file_digest", lambda file, name: read.append(file.name) or digest(file, name))
    assert Bm25Index.load(folder)[1] == {"generation": 1}
    assert read == []
    largest = max((path for path in folder.iterdir() if path.suffix != ".lock"), key=lambda path: path.stat().st_size)
    facts, content = largest.stat(), largest.read_bytes()
    with largest.open("r+b") as file:  # not truncated, since tantivy may still map it
        file.seek(-1, os.SEEK_END)
        file.write(bytes([content[-1] ^ 1]))
    os.utime(largest, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # as if the file had not been touched
    with pytest.raises(IndexDamaged):
        Bm25Index.load(folder)
    assert read == [str(largest)]
