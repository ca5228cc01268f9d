"""The cache of converted models. Each is written completely or not at all, and verified when it is read."""

import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from embeddings.cache_folder import ENGINES, cache_root
from embeddings.cache_signature import is_signed, sign
from embeddings.engines.openvino_engine import OpenVinoEngine, core, describe_processor, measure_precisions
from embeddings.file_hash import file_sha256

_FORMAT = 2
_LIBRARIES = ("openvino", "sentence-transformers", "tokenizers", "torch", "transformers")
_GRAPH, _WEIGHTS, _TOKENIZER, _MANIFEST = "model.xml", "model.bin", "tokenizer.json", "engine.json"


def folder_of(name: str, facts: Sequence[str], folder: Path) -> Path:
    """Return the cache folder of a model that these versions convert for this processor.

    Args:
        name: the beginning of the folder's name.
        facts: what the conversion depends on, besides versions, processor and configuration.
        folder: the model's own folder; its JSON files are its configuration.
    """
    digest = hashlib.sha256("\n".join([str(_FORMAT), *facts, describe_processor()[0], ""]).encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\n".encode())
    for path in sorted(folder.rglob("*.json")):
        digest.update(f"{path.relative_to(folder)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return cache_root() / ENGINES / f"{name}-{digest.hexdigest()[:12]}"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def write_model(
    folder: Path, graph: Any, tokenizer: Tokenizer, source: str, facts: Mapping[str, Any], *, exact: bool = False
) -> None:
    """Write a converted model, its tokenizer and its facts, signed.

    Args:
        source: the SHA-256 of the model that was converted, and whatever else its vectors depend on.
        facts: what must be known to run the model, as JSON values.
        exact: always run it in single precision, even where another is faster.
    """
    from openvino import save_model

    save_model(graph, folder / _GRAPH, compress_to_fp16=True)
    (folder / _TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    content = {
        **facts,
        "source": source,
        "precisions": {"questions": "f32", "passages": "f32"} if exact else measure_precisions(graph),
        "sha256": {name: file_sha256(folder / name) for name in (_GRAPH, _WEIGHTS, _TOKENIZER)},
    }
    (folder / _MANIFEST).write_text(json.dumps({**content, "signature": sign(content)}, indent=2))


def read_model(folder: Path, source: str) -> tuple[OpenVinoEngine, Tokenizer, dict[str, Any]]:
    """Read a converted model, its tokenizer and its facts. All bytes are verified before any is parsed.

    Args:
        source: as it was written with.

    Raises:
        OSError, ImportError, ValueError, KeyError, TypeError, RuntimeError: a file is missing, damaged or not ours.
    """
    manifest = json.loads((folder / _MANIFEST).read_bytes())
    signature = manifest.pop("signature")
    if not is_signed(manifest, signature) or manifest["source"] != source:
        raise ValueError(f"{folder / _MANIFEST} is damaged, or was not written by this user")
    for name, sha256 in manifest["sha256"].items():
        if file_sha256(folder / name) != sha256:
            raise ValueError(f"{folder / name} is damaged")
    tokenizer = Tokenizer.from_str((folder / _TOKENIZER).read_text(encoding="utf-8"))
    return OpenVinoEngine(core().read_model(folder / _GRAPH), manifest["precisions"]), tokenizer, manifest


def trace_model(module: Any, transformer: Any) -> Any:
    """Convert a PyTorch module to a graph of OpenVINO. Its inputs are token ids and their mask.

    Args:
        transformer: the model of transformers inside the module. It uses eager attention from then on.
    """
    core()  # first, to import OpenVINO without its telemetry
    import torch
    from openvino.tools.ovc import convert_model

    example = {name: torch.ones((2, 8), dtype=torch.long) for name in ("input_ids", "attention_mask")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns authors of models
        transformer.set_attn_implementation("eager")  # OpenVINO fuses it into its own kernels
        return convert_model(module.eval(), example_input=example)
