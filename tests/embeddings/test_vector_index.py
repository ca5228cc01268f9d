"""The vector index finds the nearest by arithmetic, of whatever size it is, and a saved one that was altered is never used."""

import json
import os
import random
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings import IndexDamaged, VectorIndex
from embeddings.atomic_write import write_atomically
from embeddings.index.vector_index import IndexLimits
from embeddings.model_spec import Vectors, unit

SMALL = IndexLimits(exact=300, recent=20, mapped=1)  # every way of working within the reach of a test
WIDTH = 24


def vectors(*rows: tuple[float, ...]) -> Vectors:
    return np.array(rows, np.float32)


@pytest.fixture
def index() -> VectorIndex:
    """East under 7, north under 3, north-east under 9."""
    return VectorIndex(2).with_changes(added=[([7, 3, 9], vectors((1, 0), (0, 1), (0.6, 0.8)))])


@pytest.fixture
def saved(index: VectorIndex, tmp_path: Path) -> Path:
    """That index with 3 and 7 in its main part, the one of which is gone, and 9 fresh."""
    with_main = index.with_changes(removed=[9])
    with_main = replace(with_main, limits=IndexLimits(recent=0)).compact()
    assert with_main.main is not None
    with_main = with_main.with_changes(removed=[7], added=[([9], vectors((0.6, 0.8)))])
    with_main.save(tmp_path / "vectors.faiss", {"library": "abc", "generation": 12})
    return tmp_path / "vectors.faiss"


def main_file(saved: Path) -> Path:
    (found,) = saved.parent.glob("vectors-*.faiss")
    return found


def topical(n: int, seed: int = 0) -> Vectors:
    """Vectors about forty topics."""
    draw = np.random.default_rng(seed)
    topics = unit(np.random.default_rng(99).standard_normal((40, WIDTH)))
    return unit(topics[draw.integers(40, size=n)] + 0.8 * unit(draw.standard_normal((n, WIDTH))))


def filled(n: int, limits: IndexLimits = SMALL) -> VectorIndex:
    """Vectors under 1 to n, those of an even tenth in each piece."""
    pieces = np.array_split(np.arange(n), 10)
    return VectorIndex(WIDTH, limits).with_changes(added=[(rows + 1, topical(n)[rows]) for rows in pieces]).compact()


def by_hand(held: dict[int, Vectors], question: Vectors, k: int) -> list[tuple[int, float]]:
    """What exact search must find: the inner products with the vectors as they are kept, in half precision."""
    scores = {i: float(vector.astype(np.float16).astype(np.float32) @ question) for i, vector in held.items()}
    return sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))[:k]


def same(found: Iterable[tuple[int, float]], wanted: Iterable[tuple[int, float]]) -> bool:
    """Whether the same ids were found, with the same scores but for the order of adding."""
    return dict(found) == pytest.approx(dict(wanted), abs=1e-6)


def share_found(index: VectorIndex, held: dict[int, Vectors], questions: Vectors, k: int) -> float:
    """Recall against exact search."""
    shares = []
    for question in questions:
        found = index.search(question, k)
        scores = dict(by_hand(held, question, len(held)))
        assert all(score == pytest.approx(scores[i], abs=1e-6) for i, score in found)  # an id that is gone raises
        shares.append(len({i for i, _ in found} & {i for i, _ in by_hand(held, question, k)}) / k)
    return float(np.mean(shares))


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    # against (.8, .6): east .8, north .6, north-east .6 × .8 + .8 × .6 = .96
    assert index.search(vectors((0.8, 0.6))[0], 3) == [
        (9, pytest.approx(0.96, abs=1e-3)),
        (7, pytest.approx(0.8, abs=1e-3)),
        (3, pytest.approx(0.6, abs=1e-3)),
    ]


def test_no_more_than_there_are_and_no_more_than_are_wanted(index: VectorIndex) -> None:
    north = vectors((0, 1))[0]
    assert [i for i, _ in index.search(north, 2)] == [3, 9]
    assert [i for i, _ in index.search(north, 10**9)] == [3, 9, 7]
    assert index.search(north, 0) == []
    assert index.search(north, -1) == []
    assert VectorIndex(2).search(north, 5) == []


def test_what_was_removed_is_not_found_and_unknown_ids_are_passed_over(index: VectorIndex) -> None:
    left = index.with_changes([9, 1_000_000]).with_changes([])
    assert left.search(vectors((0, 1))[0], 5) == [(3, pytest.approx(1)), (7, pytest.approx(0))]
    assert len(left) == 2


@pytest.mark.parametrize("shape", [(1, 3), (2, 2), (0, 2), (2,)])
def test_vectors_of_the_wrong_shape_are_refused(index: VectorIndex, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="for 1 ids of dimension 2"):
        index.with_changes(added=[([1], np.zeros(shape, np.float32))])
    assert len(index) == 3


def test_what_is_made_of_an_index_leaves_it_as_it_was(index: VectorIndex) -> None:
    other = index.with_changes([9], [([4], vectors((-1, 0)))])
    assert [i for i, _ in index.search(vectors((1, 0))[0], 9)] == [7, 9, 3]
    assert [i for i, _ in other.search(vectors((1, 0))[0], 9)] == [7, 3, 4]
    large = filled(400)
    before = large.search(topical(1, 5)[0], 50)
    smaller = large.with_changes([before[0][0]])
    assert large.search(topical(1, 5)[0], 50) == before
    assert smaller.main is large.main  # a change does not copy the bulk
    assert smaller.search(topical(1, 5)[0], 49) == before[1:]


@pytest.mark.slow
@pytest.mark.parametrize(("n", "n_lists"), [(20, 0), (21, 1), (300, 1), (301, 34), (4_000, 126)])
def test_size_alone_decides_how_the_nearest_are_found_and_none_or_few_are_missed(n: int, n_lists: int) -> None:
    index, held = filled(n), dict(zip(range(1, n + 1), topical(n), strict=True))
    assert (index.main.n_lists if index.main else 0) == n_lists
    assert len(index) == n
    questions, k = topical(50, seed=1), min(n, 100)
    recall = share_found(index, held, questions, k)
    assert recall == 1 if n_lists < 2 else recall >= 0.99
    assert len(index.search(questions[0], 10**6)) <= n


def test_only_some_lists_are_read_and_more_would_be_if_the_nearest_were_scattered() -> None:
    index = filled(4_000)
    assert index.main is not None
    assert 1 < index.main.n_probe < index.main.n_lists // 2
    noise = unit(np.random.default_rng(3).standard_normal((4_000, WIDTH)))
    scattered = VectorIndex(WIDTH, SMALL).with_changes(added=[(np.arange(4_000), noise)]).compact()
    assert scattered.main is not None
    assert scattered.main.n_probe > index.main.n_probe


@pytest.mark.slow
def test_changes_of_a_large_index_are_found_before_and_after_it_is_made_anew() -> None:
    draw, index = random.Random(0), filled(310)
    held = dict(zip(range(1, 311), topical(310), strict=True))
    coming = iter(enumerate(topical(3_000, seed=2), start=311))
    mains = []
    for _ in range(30):
        removed = draw.sample(sorted(held), 12)
        added = [next(coming) for _ in range(draw.randrange(60))]
        for gone in removed:
            del held[gone]
        held.update(added)
        index = index.with_changes([*removed, 10**9], [([i], vector[None]) for i, vector in added])
        assert share_found(index, held, topical(4, draw.randrange(99)), 20) >= 0.95
        index = index.compact()
        assert len(index) == len(held)
        assert index.n_changed <= index.max_changed
        assert share_found(index, held, topical(4, draw.randrange(99)), 20) >= 0.95
        if index.main not in mains:
            mains.append(index.main)
    assert 5 < len(mains) < 31  # made anew, but not every time
    assert {main.n_lists for main in mains if main} != {mains[0].n_lists if mains[0] else 0}  # nor with the same lists for ever


def test_an_index_that_shrinks_is_searched_exactly_again() -> None:
    index = filled(400)
    fewer = index.with_changes(list(range(1, 201))).compact()
    fewest = fewer.with_changes(list(range(201, 390))).compact()
    assert [part.main and part.main.n_lists for part in (index, fewer, fewest)] == [40, 1, None]
    held = dict(enumerate(topical(400)[389:], start=390))
    assert same(fewest.search(topical(1, 5)[0], 99), by_hand(held, topical(1, 5)[0], 99))
    assert len(fewest.with_changes(list(range(1, 401))).compact()) == 0


def test_nothing_is_made_anew_for_a_few_changes() -> None:
    index = filled(400)
    changed = index.with_changes(list(range(1, 11)), [(np.arange(500, 510), topical(10, 3))])
    assert changed.compact() is changed
    assert changed.with_changes([11]).compact() is not changed


def test_of_equal_scores_the_lowest_ids_are_found_wherever_they_are() -> None:
    east = np.zeros((1, WIDTH), np.float32)
    east[0, 0] = 1
    for n in (10, 200, 400):
        ids = np.random.default_rng(0).permutation(np.arange(1, n + 1))
        index = VectorIndex(WIDTH, SMALL).with_changes(added=[(ids, np.repeat(east, n, 0))]).compact()
        index = index.with_changes([2], [([n + 1, 0], np.repeat(east, 2, 0))])
        assert [i for i, _ in index.search(east[0], 4)] == [0, 1, 3, 4]


def test_many_threads_may_search_while_others_make_new_ones() -> None:
    index = filled(400)
    question = topical(1, 5)[0]
    wanted, wrong = index.search(question, 30), list[object]()

    def search() -> None:
        for _ in range(200):
            if index.search(question, 30) != wanted:
                wrong.append("another answer")

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20):
        index.with_changes([wanted[0][0], number], [([1_000 + number], question[None])]).compact()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_saved_index_is_read_back_with_its_stamp(saved: Path) -> None:
    loaded, stamp = VectorIndex.load(saved)
    assert loaded.search(vectors((0.8, 0.6))[0], 3) == [(9, pytest.approx(0.96, abs=1e-3)), (3, pytest.approx(0.6, abs=1e-3))]
    assert (loaded.dimension, len(loaded), stamp) == (2, 2, {"library": "abc", "generation": 12})
    assert {path.name for path in saved.parent.iterdir()} == {"vectors.faiss", main_file(saved).name}


@pytest.mark.parametrize("limits", [SMALL, replace(SMALL, mapped=1 << 30)], ids=["mapped", "read"])
@pytest.mark.parametrize("n", [10, 200, 400])
def test_an_index_of_any_size_is_the_same_after_it_was_saved(tmp_path: Path, n: int, limits: IndexLimits) -> None:
    index = filled(n).with_changes([1, 2], [([1_000], topical(1, 7))])
    index.save(tmp_path / "v.faiss", {})
    loaded, _ = VectorIndex.load(tmp_path / "v.faiss", limits)
    assert len(loaded) == n - 1
    more = [each.with_changes([3], [([1_001], topical(1, 8))]) for each in (index, loaded)]
    for question in topical(20, seed=4):
        assert loaded.search(question, 30) == index.search(question, 30)
        assert more[1].search(question, 30) == more[0].search(question, 30)
    anew = loaded.with_changes(list(range(3, n // 2))).compact()
    assert len(anew) == n - 1 - len(range(3, n // 2))


def test_an_empty_index_is_saved_and_read_back(tmp_path: Path) -> None:
    VectorIndex(3).save(tmp_path / "v", {})
    assert len(VectorIndex.load(tmp_path / "v")[0]) == 0


def test_the_main_part_is_written_once_and_what_it_replaces_is_deleted(tmp_path: Path) -> None:
    path, index = tmp_path / "vectors.faiss", filled(200)
    (tmp_path / "vectors-note.txt").write_text("mine")
    index.save(path, {})
    first = main_file(path)
    written = first.stat().st_mtime_ns, first.stat().st_ino
    index.with_changes([1]).save(path, {})
    VectorIndex.load(path)[0].with_changes([2]).save(path, {})
    assert (first.stat().st_mtime_ns, first.stat().st_ino) == written
    filled(250).save(path, {})
    assert main_file(path) != first
    filled(10).save(path, {})
    assert {each.name for each in tmp_path.iterdir()} == {"vectors.faiss", "vectors-note.txt"}


def test_a_main_part_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    path, index = tmp_path / "vectors.faiss", filled(200)
    index.save(path, {})
    main_file(path).unlink()
    with pytest.raises(IndexDamaged, match="is missing"):
        VectorIndex.load(path)
    index.save(path, {})
    assert len(VectorIndex.load(path)[0]) == 200


def test_a_reader_that_comes_between_two_files_looks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vectors.faiss"
    filled(200).save(path, {"generation": 1})
    read_bytes, first = Path.read_bytes, [True]

    def read_and_be_overtaken(file: Path) -> bytes:
        content = read_bytes(file)
        if first.pop() if first else False:
            filled(250).save(path, {"generation": 2})
        return content

    monkeypatch.setattr(Path, "read_bytes", read_and_be_overtaken)
    loaded, stamp = VectorIndex.load(path)
    assert (len(loaded), stamp["generation"], first) == (250, 2, [])


@pytest.mark.parametrize("of", ["the file", "its main part"])
def test_every_byte_changed_alone_is_noticed(saved: Path, of: str) -> None:
    path = saved if of == "the file" else main_file(saved)
    content = path.read_bytes()
    draw = random.Random(0)
    unnoticed = []
    for at in range(len(content)):
        for changed in {content[at] ^ 1 << draw.randrange(8), draw.choice([b for b in range(256) if b != content[at]])}:
            path.write_bytes(content[:at] + bytes([changed]) + content[at + 1 :])
            try:
                VectorIndex.load(saved)
            except IndexDamaged:
                continue
            unnoticed.append((at, content[at], changed))
    assert unnoticed == []
    path.write_bytes(content)
    VectorIndex.load(saved)


@pytest.mark.parametrize("of", ["the file", "its main part"])
def test_every_length_but_its_own_is_noticed(saved: Path, of: str) -> None:
    path = saved if of == "the file" else main_file(saved)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(IndexDamaged):
            VectorIndex.load(saved)
    path.write_bytes(content + b"\0")
    with pytest.raises(IndexDamaged, match=r"vectors.*\.faiss is damaged"):
        VectorIndex.load(saved)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"[]\n", b"null\nx", b'"x"\n', b"\x80\x04K\x01.", json.dumps({"format": 1}).encode() + b"\n", b"[" * 100_000],
)
def test_something_else_in_its_place_is_refused(saved: Path, content: bytes) -> None:
    path = main_file(saved)
    for each in (saved, path):
        kept = each.read_bytes()
        each.write_bytes(content)
        with pytest.raises(IndexDamaged, match="is damaged"):
            VectorIndex.load(saved)
        each.write_bytes(kept)


def test_a_file_of_an_older_format_is_refused(saved: Path) -> None:
    import hashlib

    content = json.dumps({"format": "pullquote-vectors-2", "generation": 3}).encode() + b"\nIxF2"
    saved.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    with pytest.raises(IndexDamaged, match="of another format"):
        VectorIndex.load(saved)


def test_a_missing_file_or_a_folder_is_refused(saved: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(IndexDamaged, match="is missing or cannot be read"):
            VectorIndex.load(path)
    path = main_file(saved)
    path.unlink()
    path.mkdir()
    with pytest.raises(IndexDamaged, match="is missing or cannot be read"):
        VectorIndex.load(saved)


def test_a_file_that_cannot_be_written_whole_stays_as_it_was_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    assert path.read_bytes() == b"old"
