"""Converted models in the user's cache folder, each made whole or not at all, and every byte verified when it is read."""

import hashlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from tokenizers import Tokenizer

from embeddings.engines.openvino_engine import OpenVinoEngine, core, fastest_precisions, processor
from embeddings.models import file_sha256

_FORMAT = 1
_LIBRARIES = ("openvino", "sentence-transformers", "tokenizers", "torch", "transformers")
_GRAPH, _WEIGHTS, _TOKENIZER, _MANIFEST = "model.xml", "model.bin", "tokenizer.json", "engine.json"


def place_of(name: str, facts: Sequence[str], folder: Path) -> Path:
    """The folder in the cache of a model as these versions convert it for this processor.

    Args:
        name: what the folder's name begins with.
        facts: all that the conversion depends on beside the versions, the processor and how the weights are used.
        folder: of the model, in whose JSON files it stands how the weights are used.
    """
    digest = hashlib.sha256("\n".join([str(_FORMAT), *facts, processor()[0], ""]).encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\n".encode())
    for path in sorted(folder.rglob("*.json")):
        digest.update(f"{path.relative_to(folder)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    root = Path(os.environ.get("PULLQUOTE_CACHE") or user_cache_path("pullquote"))
    return root / "engines" / f"{name}-{digest.hexdigest()[:12]}"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


@contextmanager
def making(place: Path) -> Iterator[Path]:
    """A folder to write to that takes its place in the cache when all is done; a temporary one where that cannot be."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    except OSError:
        with tempfile.TemporaryDirectory(prefix="pullquote-") as temporary:
            yield Path(temporary)
        return
    try:
        yield working
        if place.exists():  # damaged, or another process was faster; what it has open stays readable
            shutil.rmtree(place, ignore_errors=True)
        working.rename(place)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise


def write(folder: Path, graph: Any, tokenizer: Tokenizer, facts: Mapping[str, Any], *, exact: bool = False) -> None:
    """Write a converted model with its tokenizer and what else must be known of it, which JSON can hold.

    Args:
        exact: run it in single precision, whatever else would be faster here.
    """
    from openvino import save_model

    save_model(graph, folder / _GRAPH, compress_to_fp16=True)
    (folder / _TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    content = {
        **facts,
        "precisions": {"questions": "f32", "passages": "f32"} if exact else fastest_precisions(graph),
        "sha256": {name: file_sha256(folder / name) for name in (_GRAPH, _WEIGHTS, _TOKENIZER)},
    }
    (folder / _MANIFEST).write_text(json.dumps({**content, "checksum": _checksum(content)}, indent=2))


def read(folder: Path) -> tuple[OpenVinoEngine, Tokenizer, dict[str, Any]]:
    """Read what was written, verifying every byte before anything parses it.

    Raises:
        OSError, ImportError, ValueError, KeyError, TypeError, RuntimeError: a file is missing or damaged.
    """
    manifest = json.loads((folder / _MANIFEST).read_bytes())
    if manifest.pop("checksum") != _checksum(manifest):
        raise ValueError(f"{folder / _MANIFEST} is damaged")
    for name, sha256 in manifest["sha256"].items():
        if file_sha256(folder / name) != sha256:
            raise ValueError(f"{folder / name} is damaged")
    tokenizer = Tokenizer.from_str((folder / _TOKENIZER).read_text(encoding="utf-8"))
    return OpenVinoEngine(core().read_model(folder / _GRAPH), manifest["precisions"]), tokenizer, manifest


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def traced(module: Any, transformer: Any) -> Any:
    """A PyTorch module of token ids and their mask as OpenVINO's graph.

    Args:
        transformer: of transformers, inside the module.
    """
    core()  # first, so that it comes without its telemetry
    import torch
    from openvino.tools.ovc import convert_model

    attention = transformer.config._attn_implementation
    example = {name: torch.ones((2, 8), dtype=torch.long) for name in ("input_ids", "attention_mask")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing, for people who write models
        transformer.set_attn_implementation("eager")  # of which every processor's kernels are made
        try:
            return convert_model(module.eval(), example_input=example)
        finally:
            transformer.set_attn_implementation(attention)
