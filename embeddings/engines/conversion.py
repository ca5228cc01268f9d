"""Convert an encoder to OpenVINO, once. After that it needs neither PyTorch nor sentence-transformers."""

import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from embeddings.cache_folder import new_folder
from embeddings.engines import model_cache
from embeddings.engines.openvino_engine import core
from embeddings.engines.token_model import TokenModel
from embeddings.errors import first_line
from embeddings.model_spec import ModelSpec, PassageText
from embeddings.models import ModelFiles

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

AGREEMENT = 0.9995  # cosine that another engine's vectors must reach with those of sentence-transformers

_log = logging.getLogger("pullquote")
_PROBES = (
    "Forty-four people scaled the wall in 1989; nobody was hurt.",
    "Why?",
    "The harbour of Näkkilä, once the busiest on the coast, was closed after the flood, and its cranes were sold. " * 3,
)


class NotConverted(Exception):
    """OpenVINO cannot run a model. The message says why."""


def load_converted(files: ModelFiles) -> TokenModel | None:
    """Return a model that these versions have converted for this processor, or None."""
    try:
        return _read(_cache_folder(files), files)
    except (OSError, ImportError, ValueError, KeyError, TypeError, RuntimeError):
        return None  # missing or damaged: convert it again


def convert(files: ModelFiles, model: "SentenceTransformer", spec: ModelSpec) -> TokenModel:
    """Convert a model and store it in the user's cache folder.

    Raises:
        NotConverted: OpenVINO is missing, cannot convert the model, or gives other vectors.
    """
    if spec.pooling == "own":
        raise NotConverted("it does more with the tokens' vectors than take their mean or the first")
    try:
        core()
    except ImportError as error:
        raise NotConverted(f"that cannot be imported ({error})") from error
    prompts = f" {files.prompts}." if files.prompts else ""
    _log.info("Preparing the model %s for this processor, once.%s", files.name, prompts)
    try:
        with new_folder(_cache_folder(files)) as folder:
            tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
            model_cache.write_model(folder, _traced(model), tokenizer, _source(files), {"recipe": asdict(spec)})
            converted = _read(folder, files)
            if not agrees(converted, model):
                raise NotConverted("its vectors would be others")
            return converted
    except NotConverted:
        raise
    except Exception as error:  # a converter raises errors of any type over a model that it does not support
        raise NotConverted(first_line(error)) from error


def agrees(converted: TokenModel, model: "SentenceTransformer") -> bool:
    """Tell whether an engine gives questions and passages the vectors that sentence-transformers gives."""
    spec = converted.spec
    passages = [PassageText(text, ()) for text in _PROBES]
    encoded = {index: vectors for batch in converted.encode_passages(passages) for index, vectors in batch.items()}
    as_passages = np.stack([encoded[index].passage for index in range(len(passages))])
    as_questions = converted.encode_questions(_PROBES)
    for vectors, prompt in ((as_questions, spec.question_prompt), (as_passages, spec.passage_prompt)):
        theirs = model.encode(list(_PROBES), prompt=prompt, normalize_embeddings=True, show_progress_bar=False)
        if not ((vectors * theirs).sum(axis=1) >= AGREEMENT).all():
            return False
    return True


def _cache_folder(files: ModelFiles) -> Path:
    return model_cache.folder_of(files.sha256[:12], [files.sha256, repr(files.prompts)], files.folder)


def _traced(model: "SentenceTransformer") -> Any:
    """Return the transformer as a graph of OpenVINO, from token ids to the outputs of the last layer."""
    import torch

    transformer = model[0]

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            outputs: torch.Tensor = self.transformer(features)["token_embeddings"]
            return outputs

    return model_cache.trace_model(Traced(), transformer.model)


def _source(files: ModelFiles) -> str:
    """Return what a model's vectors depend on: its weights, and the prompts before texts."""
    return f"{files.sha256} {files.prompts!r}"


def _read(folder: Path, files: ModelFiles) -> TokenModel:
    engine, tokenizer, manifest = model_cache.read_model(folder, _source(files))
    return TokenModel(ModelSpec(**manifest["recipe"]), tokenizer, engine)
