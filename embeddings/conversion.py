"""Conversion of a model to OpenVINO, once; from then on neither PyTorch nor sentence-transformers is imported for it."""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from platformdirs import user_cache_path
from tokenizers import Tokenizer

from embeddings.engine import OpenVinoEngine, core, fastest_precisions, processor
from embeddings.errors import first_line
from embeddings.models import ModelFiles, file_sha256
from embeddings.pooling import TokenModel
from embeddings.recipe import PassageText, Recipe

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

AGREEMENT = 0.9995  # cosine with sentence-transformers' own vectors that another engine must reach

_log = logging.getLogger("pullquote")
_FORMAT = 1
_LIBRARIES = ("openvino", "sentence-transformers", "tokenizers", "torch", "transformers")
_GRAPH, _WEIGHTS, _TOKENIZER, _MANIFEST = "model.xml", "model.bin", "tokenizer.json", "engine.json"
_PROBES = (
    "Forty-four people scaled the wall in 1989; nobody was hurt.",
    "Why?",
    "The harbour of Näkkilä, once the busiest on the coast, was closed after the flood, and its cranes were sold. " * 3,
)


class NotConverted(Exception):
    """A model cannot be run by OpenVINO; the text says why."""


def kept(files: ModelFiles) -> TokenModel | None:
    """A model that was converted before, by these versions and for this processor, or None."""
    try:
        return _read(_place(files))
    except (OSError, ImportError, ValueError, KeyError, TypeError, RuntimeError):
        return None  # missing or damaged: it is converted anew


def convert(files: ModelFiles, model: "SentenceTransformer", recipe: Recipe) -> TokenModel:
    """Convert a model and keep it in the user's cache folder.

    Raises:
        NotConverted: OpenVINO is missing, cannot convert it, or comes to other vectors.
    """
    if recipe.pooling == "own":
        raise NotConverted("it does more with the tokens' vectors than take their mean or the first")
    try:
        core()
    except ImportError as error:
        raise NotConverted(f"that cannot be imported ({error})") from error
    told = f" {files.prompts}." if files.prompts else ""
    _log.info("Preparing the model %s for this processor, once.%s", files.name, told)
    try:
        with _folder(files) as folder:
            _write(folder, model, recipe)
            converted = _read(folder)
            if not agrees(converted, model):
                raise NotConverted("its vectors would be others")
            return converted
    except NotConverted:
        raise
    except Exception as error:  # whatever a converter may raise over a model it does not know
        raise NotConverted(first_line(error)) from error


def agrees(converted: TokenModel, model: "SentenceTransformer") -> bool:
    """Whether questions and passages get the vectors that sentence-transformers gives them."""
    recipe = converted.recipe
    passages = [PassageText(text, ()) for text in _PROBES]
    encoded = {index: one for batch in converted.encode_passages(passages) for index, one in batch.items()}
    as_passages = np.stack([encoded[index].passage for index in range(len(passages))])
    as_questions = converted.encode_questions(_PROBES)
    for vectors, prompt in ((as_questions, recipe.question_prompt), (as_passages, recipe.passage_prompt)):
        theirs = model.encode(list(_PROBES), prompt=prompt, normalize_embeddings=True, show_progress_bar=False)
        if not ((vectors * theirs).sum(axis=1) >= AGREEMENT).all():
            return False
    return True


def _place(files: ModelFiles) -> Path:
    """The folder of a model as these versions convert it for this processor."""
    digest = hashlib.sha256(f"{_FORMAT}\n{files.sha256}\n{files.prompts!r}\n{processor()[0]}\n".encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\n".encode())
    for path in sorted(files.folder.rglob("*.json")):  # how the weights are used stands beside them
        digest.update(f"{path.relative_to(files.folder)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    root = Path(os.environ.get("PULLQUOTE_CACHE") or user_cache_path("pullquote"))
    return root / "engines" / f"{files.sha256[:12]}-{digest.hexdigest()[:12]}"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


@contextmanager
def _folder(files: ModelFiles) -> Iterator[Path]:
    """A folder to write to that takes its place in the cache when all is done; a temporary one where that cannot be."""
    place = _place(files)
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


def _write(folder: Path, model: "SentenceTransformer", recipe: Recipe) -> None:
    graph = _traced(model)
    from openvino import save_model

    save_model(graph, folder / _GRAPH, compress_to_fp16=True)
    (folder / _TOKENIZER).write_text(model.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    content = {
        "recipe": asdict(recipe),
        "precisions": fastest_precisions(graph),
        "sha256": {name: file_sha256(folder / name) for name in (_GRAPH, _WEIGHTS, _TOKENIZER)},
    }
    (folder / _MANIFEST).write_text(json.dumps({**content, "checksum": _checksum(content)}, indent=2))


def _traced(model: "SentenceTransformer") -> Any:
    """The transformer as OpenVINO's graph, from token ids to the last layer's outputs."""
    core()  # first, so that it comes without its telemetry
    import torch
    from openvino.tools.ovc import convert_model

    transformer = model[0]
    attention = transformer.model.config._attn_implementation

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            outputs: torch.Tensor = self.transformer(features)["token_embeddings"]
            return outputs

    example = {name: torch.ones((2, 8), dtype=torch.long) for name in ("input_ids", "attention_mask")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing, for people who write models
        transformer.model.set_attn_implementation("eager")  # of which every processor's kernels are made
        try:
            return convert_model(Traced().eval(), example_input=example)
        finally:
            transformer.model.set_attn_implementation(attention)


def _read(folder: Path) -> TokenModel:
    """Read what was kept, verifying every byte before anything parses it."""
    manifest = json.loads((folder / _MANIFEST).read_bytes())
    if manifest.pop("checksum") != _checksum(manifest):
        raise ValueError(f"{folder / _MANIFEST} is damaged")
    for name, sha256 in manifest["sha256"].items():
        if file_sha256(folder / name) != sha256:
            raise ValueError(f"{folder / name} is damaged")
    tokenizer = Tokenizer.from_str((folder / _TOKENIZER).read_text(encoding="utf-8"))
    graph = core().read_model(folder / _GRAPH)
    return TokenModel(Recipe(**manifest["recipe"]), tokenizer, OpenVinoEngine(graph, manifest["precisions"]))


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
