"""Tests that nobody else can put a model of theirs into the cache."""

import json
import os
import stat
from pathlib import Path

import pytest

from embeddings.cache_folder import cache_root, make_cache
from embeddings.cache_signature import is_signed, key_file, sign
from embeddings.engines import model_cache
from embeddings.errors import ModelError
from embeddings.file_hash import file_sha256

SOURCE = "5" * 64
NAMES = ("model.xml", "model.bin", "tokenizer.json")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PULLQUOTE_CONFIG", str(tmp_path / "config"))


def write_engine(folder: Path, source: str = SOURCE) -> dict[str, object]:
    """Write a folder of a converted model, whose files are no model, and return its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (folder / name).write_text(name)
    content = {"source": source, "precisions": {}, "sha256": {name: file_sha256(folder / name) for name in NAMES}}
    manifest = {**content, "signature": sign(content)}
    (folder / "engine.json").write_text(json.dumps(manifest))
    return manifest


def refusal(folder: Path) -> str:
    with pytest.raises((ValueError, KeyError)) as refused:
        model_cache.read_model(folder, SOURCE)
    return str(refused.value)


def test_a_model_that_this_user_converted_is_trusted(tmp_path: Path) -> None:
    write_engine(tmp_path / "engine")
    with pytest.raises(Exception, match="expected") as error:  # the tokenizer is none: it was read
        model_cache.read_model(tmp_path / "engine", SOURCE)
    assert "not written by this user" not in str(error.value)


def test_a_model_is_refused_whose_manifest_vouches_for_itself(tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    manifest = write_engine(folder)
    (folder / "model.bin").write_text("poison")
    assert "model.bin is damaged" in refusal(folder)
    forged = {**manifest, "sha256": {name: file_sha256(folder / name) for name in NAMES}}
    (folder / "engine.json").write_text(json.dumps(forged))
    assert "was not written by this user" in refusal(folder)
    del forged["signature"]
    (folder / "engine.json").write_text(json.dumps(forged))
    assert "signature" in refusal(folder)


def test_a_model_of_another_source_is_refused(tmp_path: Path) -> None:
    write_engine(tmp_path / "engine", "6" * 64)
    assert "was not written by this user" in refusal(tmp_path / "engine")


def test_a_signature_of_another_key_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signature = sign({"a": 1})
    assert is_signed({"a": 1}, signature)
    assert not is_signed({"a": 2}, signature)
    assert not is_signed({"a": 1}, None)
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    monkeypatch.setenv("PULLQUOTE_CONFIG", str(tmp_path / "another"))
    assert not is_signed({"a": 1}, signature)


def test_a_key_that_others_may_read_is_not_used(caplog: pytest.LogCaptureFixture) -> None:
    key_file().parent.mkdir()
    key_file().write_bytes(b"k" * 32)
    key_file().chmod(0o644)
    signature = sign("x")
    assert is_signed("x", signature), "within this process"
    assert f"The key {key_file()} is not used" in caplog.messages[0]


@pytest.mark.parametrize("inner", ["", "engines", "models"])
def test_others_may_not_write_to_the_cache_any_more(tmp_path: Path, inner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_cache(tmp_path / "cache" / "engines")
    make_cache(tmp_path / "cache" / "models")
    folder = tmp_path / "cache" / inner
    folder.chmod(0o775)
    assert cache_root() == tmp_path / "cache"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755

    def refuse(*_: object) -> None:
        raise PermissionError

    folder.chmod(0o775)
    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(ModelError, match=f"{folder} can be written by other users.*chmod go-w"):
        cache_root()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give a folder away")
def test_a_cache_of_another_user_is_refused(tmp_path: Path) -> None:
    make_cache(tmp_path / "cache" / "engines")
    os.chown(tmp_path / "cache" / "engines", 65534, 65534)
    with pytest.raises(ModelError, match="engines belongs to another user"):
        cache_root()


def test_only_its_owner_may_enter_the_cache(tmp_path: Path) -> None:
    make_cache(tmp_path / "cache" / "engines")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "cache", tmp_path / "cache" / "engines")] == [0o700] * 2
