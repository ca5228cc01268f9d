"""The vector index finds the nearest by arithmetic, and a saved one that is not what was written is never used."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from embeddings import IndexDamaged, VectorIndex
from embeddings.encoder import Vectors


def vectors(*rows: tuple[float, ...]) -> Vectors:
    return np.array(rows, np.float32)


@pytest.fixture
def index() -> VectorIndex:
    """East under 7, north under 3, north-east under 9."""
    index = VectorIndex(2)
    index.add([7, 3, 9], vectors((1, 0), (0, 1), (0.6, 0.8)))
    return index


@pytest.fixture
def saved(index: VectorIndex, tmp_path: Path) -> Path:
    index.save(tmp_path / "vectors.faiss", {"library": "abc", "generation": 12})
    return tmp_path / "vectors.faiss"


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    # against (.8, .6): east .8, north .6, north-east .6 × .8 + .8 × .6 = .96
    assert index.search(vectors((0.8, 0.6))[0], 3) == [
        (9, pytest.approx(0.96)),
        (7, pytest.approx(0.8)),
        (3, pytest.approx(0.6)),
    ]


def test_no_more_than_there_are_and_no_more_than_are_wanted(index: VectorIndex) -> None:
    north = vectors((0, 1))[0]
    assert [i for i, _ in index.search(north, 2)] == [3, 9]
    assert [i for i, _ in index.search(north, 10**9)] == [3, 9, 7]
    assert index.search(north, 0) == []
    assert index.search(north, -1) == []
    assert VectorIndex(2).search(north, 5) == []


def test_what_was_removed_is_not_found_and_unknown_ids_are_passed_over(index: VectorIndex) -> None:
    index.remove([9, 1_000_000])
    index.remove([])
    assert index.search(vectors((0, 1))[0], 5) == [(3, pytest.approx(1)), (7, pytest.approx(0))]
    assert len(index) == 2


@pytest.mark.parametrize("shape", [(1, 3), (2, 2), (0, 2), (2,)])
def test_vectors_of_the_wrong_shape_are_refused(index: VectorIndex, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="for 1 ids of dimension 2"):
        index.add([1], np.zeros(shape, np.float32))
    assert len(index) == 3


def test_a_copy_changes_alone(index: VectorIndex) -> None:
    copy = index.copy()
    copy.remove([9])
    copy.add([4], vectors((-1, 0)))
    assert [i for i, _ in index.search(vectors((1, 0))[0], 9)] == [7, 9, 3]
    assert [i for i, _ in copy.search(vectors((1, 0))[0], 9)] == [7, 3, 4]


def test_a_saved_index_is_read_back_with_its_stamp(index: VectorIndex, saved: Path) -> None:
    loaded, stamp = VectorIndex.load(saved)
    question = vectors((0.8, 0.6))[0]
    assert loaded.search(question, 3) == index.search(question, 3)
    assert (loaded.dimension, stamp["library"], stamp["generation"]) == (2, "abc", 12)
    assert list(saved.parent.iterdir()) == [saved]


def test_an_empty_index_is_saved_and_read_back(tmp_path: Path) -> None:
    VectorIndex(3).save(tmp_path / "v", {})
    assert len(VectorIndex.load(tmp_path / "v")[0]) == 0


def test_every_byte_changed_alone_is_noticed(saved: Path) -> None:
    content = saved.read_bytes()
    draw = random.Random(0)
    unnoticed = []
    for at in range(len(content)):
        for changed in {content[at] ^ 1 << draw.randrange(8), draw.choice([b for b in range(256) if b != content[at]])}:
            saved.write_bytes(content[:at] + bytes([changed]) + content[at + 1 :])
            try:
                VectorIndex.load(saved)
            except IndexDamaged:
                continue
            unnoticed.append((at, content[at], changed))
    assert unnoticed == []


def test_every_length_but_its_own_is_noticed(saved: Path) -> None:
    content = saved.read_bytes()
    for length in range(len(content)):
        saved.write_bytes(content[:length])
        with pytest.raises(IndexDamaged):
            VectorIndex.load(saved)
    saved.write_bytes(content + b"\0")
    with pytest.raises(IndexDamaged, match=r"vectors\.faiss is damaged"):
        VectorIndex.load(saved)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"[]\n", b"null\nx", b'"x"\n', b"\x80\x04K\x01.", json.dumps({"format": 1}).encode() + b"\n", b"[" * 100_000],
)
def test_something_else_in_its_place_is_refused(saved: Path, content: bytes) -> None:
    saved.write_bytes(content)
    with pytest.raises(IndexDamaged, match="is damaged"):
        VectorIndex.load(saved)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(IndexDamaged, match="is missing or cannot be read"):
            VectorIndex.load(path)
