"""Every engine gives sentence-transformers' vectors; OpenVINO's is made once, verified, and needs no PyTorch from then on."""

import logging
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support import tiny
from support.judge import at_least, library, of_sentence
from tokenizers import Tokenizer

from embeddings import Encoder, ModelError, PassageText, locate
from embeddings.engines.openvino_engine import core
from embeddings.engines.token_model import TokenModel
from embeddings.engines.torch_engine import TorchEngine
from embeddings.model_spec import read_spec
from embeddings.prompts import Prompts

LONG = "The harbour was closed after the flood, and its cranes were sold. " * 60
TEXTS = ("Forty-four people scaled the wall in 1989!", "Why?", "Naïve guards 👩‍👩‍👧 slept. Nobody was hurt. " * 2, LONG)
KINDS: dict[str, dict[str, object]] = {
    "mean": {},
    "cls": {"pooling": "cls"},
    "prompts": {"prompts": tiny.PROMPTS},
    "roberta": {"kind": "roberta"},
    "dense": {"dense": True},
    "max": {"pooling": "max"},
}
LEFT_TO_THE_LIBRARY = ("dense", "max")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    built = {name: tiny.build(tmp_path_factory.mktemp(name), **options) for name, options in KINDS.items()}  # type: ignore[arg-type]
    return {"default": locate().folder, **built}


def in_a_new_process(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("device", [None, "cpu"], ids=["openvino", "torch"])
@pytest.mark.parametrize("name", ["default", *KINDS])
def test_questions_passages_and_sentences_get_the_librarys_vectors(
    folders: dict[str, Path], name: str, device: str | None
) -> None:
    encoder, model = Encoder.load(str(folders[name]), device=device), library(folders[name])
    converted = device is None and name not in LEFT_TO_THE_LIBRARY
    assert encoder.engine == ("OpenVINO" if converted else "sentence-transformers")
    asks, says = (tiny.PROMPTS["query"], tiny.PROMPTS["document"]) if name == "prompts" else ("", "")
    at_least(encoder.encode_questions(TEXTS), model.encode(list(TEXTS), prompt=asks, show_progress_bar=False))
    texts = [text for text in TEXTS if text is not LONG]
    whole = [PassageText(text, ((0, len(text) // 2), (len(text) // 2, len(text)))) for text in texts]
    encoded = encoder.encode_passages(whole)
    at_least(np.stack([each.passage for each in encoded]), model.encode(texts, prompt=says, show_progress_bar=False))
    for passage, vectors in zip(whole, encoded, strict=True):
        at_least(
            vectors.sentences, np.stack([of_sentence(encoder, model, passage, place, says) for place in passage.sentences])
        )


def test_padding_changes_no_vector(encoder: Encoder) -> None:
    """Of the engines' own batches: a model whose batches went wrong would be left to the library, which pads by itself."""
    assert encoder.engine == "OpenVINO"
    together = encoder.encode_questions(TEXTS)
    at_least(together, np.concatenate([encoder.encode_questions([text]) for text in TEXTS]), 0.99999)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["default", "mean", "roberta"])
def test_padding_changes_no_vector_before_anything_is_compared_with_the_library(folders: dict[str, Path], name: str) -> None:
    loaded = library(folders[name])
    tokenizer = Tokenizer.from_str(loaded.tokenizer.backend_tokenizer.to_str())
    model = TokenModel(read_spec(loaded, name, Prompts()), tokenizer, TorchEngine(loaded))
    short = [text for text in TEXTS if text is not LONG]
    assert len({-(-count // 8) for count in model.count_tokens(short)}) > 1, "some are padded further than others"
    assert all((count + 2) % 8 for count in model.count_tokens(short)), "and each of them is, even by itself"
    theirs = np.concatenate([loaded.encode([text], show_progress_bar=False) for text in short])
    at_least(model.encode_questions(short), theirs, 0.99999)
    at_least(np.concatenate([model.encode_questions([text]) for text in short]), theirs, 0.99999)


@pytest.mark.slow
def test_a_hundred_threads_get_what_one_gets(encoder: Encoder) -> None:
    texts = [f"Who won the race of {year}?" for year in range(1900, 2000)]
    alone = [encoder.encode_questions([text])[0] for text in texts]
    with ThreadPoolExecutor(16) as pool:
        at_least(np.stack(list(pool.map(lambda text: encoder.encode_questions([text])[0], texts))), np.stack(alone), 0.99999)


ASK = """
import sys
from qa import Assistant, Settings
from embeddings import Encoder
encoder = Encoder.load({model!r})
assert encoder.encode_questions(["When did it fall?"]).any()
print(encoder.engine, *(name for name in ("torch", "sentence_transformers", "transformers") if name in sys.modules))
print([name for name, module in sys.modules.items() if "openvino_telemetry" in name and module])
"""


@pytest.mark.slow
def test_processes_that_convert_at_once_leave_one_conversion_and_the_next_does_not_import_pytorch(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    code, cache = ASK.format(model=str(folders["mean"])), tmp_path / "cache"

    def ask(_: object = None) -> list[str]:
        return in_a_new_process(code, HOME=str(tmp_path), PULLQUOTE_CACHE=str(cache)).splitlines()

    with ThreadPoolExecutor(2) as pool:
        at_once = list(pool.map(ask, range(2)))
    assert ["OpenVINO torch sentence_transformers transformers", "[]"] in at_once
    assert [line.split()[0] for line, _ in at_once] == ["OpenVINO", "OpenVINO"]
    assert [telemetry for _, telemetry in at_once] == ["[]", "[]"], "nothing is told to OpenVINO's maker"
    assert not list(tmp_path.glob("intel*")), "where it notes the machine's number"
    assert len(list((cache / "engines").iterdir())) == 1
    made = {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()}
    assert len(made) == 4
    assert ask() == ["OpenVINO", "[]"]
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*") if path.is_file()} == made


@pytest.fixture(scope="module")
def conversion(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache that holds a tiny model's conversion alone. Tests must not change it."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULLQUOTE_CACHE", str(cache))
        Encoder.load(str(folders["mean"]))
    return cache


@pytest.fixture
def converted(conversion: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a tiny model's conversion. Tests may change it."""
    monkeypatch.setenv("PULLQUOTE_CACHE", str(shutil.copytree(conversion, tmp_path / "cache")))
    (folder,) = (tmp_path / "cache" / "engines").iterdir()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "harm"),
    [
        *((name, "flip") for name in ("model.xml", "model.bin", "tokenizer.json", "engine.json")),
        *(("model.bin", "cut"), ("engine.json", "cut"), ("engine.json", "empty"), ("tokenizer.json", "gone")),
    ],
)
def test_a_harmed_conversion_is_made_again(
    converted: Path, folders: dict[str, Path], name: str, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = converted / name
    good = file.read_bytes()
    middle = len(good) // 2
    harmed = {"flip": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :], "cut": good[:middle], "empty": b""}
    file.unlink()
    if harm != "gone":
        file.write_bytes(harmed[harm])
    with caplog.at_level(logging.INFO, "pullquote"):
        encoder = Encoder.load(str(folders["mean"]))
    assert caplog.messages == [f"Preparing the model {folders['mean']} for this processor, once."]
    at_least(encoder.encode_questions(TEXTS), library(folders["mean"]).encode(list(TEXTS), show_progress_bar=False))
    caplog.clear()
    Encoder.load(str(folders["mean"]))
    assert caplog.messages == []


@pytest.mark.slow
def test_every_byte_of_the_recipe_changed_alone_is_noticed(converted: Path, folders: dict[str, Path]) -> None:
    from embeddings.engines.conversion import load_converted

    files, file = locate(str(folders["mean"])), converted / "engine.json"
    good = file.read_bytes()
    for at in range(len(good)):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert load_converted(files) is None or good[at : at + 1] in b" \n", at  # JSON does not mind its spaces
    file.write_bytes(good)
    assert load_converted(files) is not None


@pytest.mark.slow
def test_another_use_of_the_same_weights_is_another_conversion(
    converted: Path, folders: dict[str, Path], tmp_path: Path
) -> None:
    for name, use in {"cls": {"pooling": "cls"}, "asks": {"prompts": {"query": "query: "}}}.items():
        folder = tiny.build(tmp_path / name, **use)  # type: ignore[arg-type]
        assert locate(str(folder)).sha256 == locate(str(folders["mean"])).sha256
        other = Encoder.load(str(folder)).encode_questions(["Why?"])
        assert not np.allclose(other, Encoder.load(str(folders["mean"])).encode_questions(["Why?"]))
    assert len(list(converted.parent.iterdir())) == 3


def test_a_cache_that_cannot_be_written_only_costs_time(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PULLQUOTE_CACHE", str(tmp_path / "file"))
    encoder = Encoder.load(str(folders["mean"]))
    assert encoder.engine == "OpenVINO"
    at_least(encoder.encode_questions(TEXTS), library(folders["mean"]).encode(list(TEXTS), show_progress_bar=False))
    assert (tmp_path / "file").read_text() == ""


def test_without_openvino_the_library_runs_the_model_and_says_so_in_one_line(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    core.cache_clear()
    monkeypatch.setitem(sys.modules, "openvino", None)
    encoder = Encoder.load(str(folders["mean"]))
    monkeypatch.undo()
    core.cache_clear()
    assert encoder.engine == "sentence-transformers"
    (line,) = caplog.messages
    assert "runs by sentence-transformers, more slowly than by OpenVINO: " in line
    assert "\n" not in line
    at_least(encoder.encode_questions(TEXTS), library(folders["mean"]).encode(list(TEXTS), show_progress_bar=False))


def test_a_conversion_that_comes_to_other_vectors_is_not_used(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from embeddings.engines.openvino_engine import OpenVinoEngine

    monkeypatch.setenv("PULLQUOTE_CACHE", str(tmp_path))
    honest = OpenVinoEngine.outputs
    monkeypatch.setattr(OpenVinoEngine, "outputs", lambda *given, **more: honest(*given, **more)[:, :, ::-1])
    assert Encoder.load(str(folders["mean"])).engine == "sentence-transformers"
    assert "its vectors would be others" in caplog.text
    assert list((tmp_path / "engines").iterdir()) == []


def test_a_device_that_is_not_there_is_named(folders: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match="cannot be loaded on the device 'nonsense'"):
        Encoder.load(str(folders["mean"]), device="nonsense")


def test_a_model_that_only_the_library_can_run_counts_tokens_while_another_thread_encodes(folders: dict[str, Path]) -> None:
    encoder = Encoder.load(str(folders["dense"]))
    counted = encoder.count_tokens([LONG])
    assert counted[0] > encoder.capacity
    with ThreadPoolExecutor(2) as pool:
        encoding = pool.submit(lambda: [encoder.encode_questions([LONG, "Why?"]) for _ in range(100)])
        counts = [encoder.count_tokens([LONG]) for _ in range(100)]
        encoding.result()
    assert counts == [counted] * 100
