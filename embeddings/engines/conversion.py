"""Conversion of an encoder to OpenVINO, once; from then on neither PyTorch nor sentence-transformers is imported for it."""

import logging
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from embeddings.engines import model_cache
from embeddings.engines.openvino_engine import core
from embeddings.engines.token_model import TokenModel
from embeddings.errors import first_line
from embeddings.model_spec import PassageText, Recipe
from embeddings.models import ModelFiles

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

AGREEMENT = 0.9995  # cosine with sentence-transformers' own vectors that another engine must reach

_log = logging.getLogger("pullquote")
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
        with model_cache.making(_place(files)) as folder:
            tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
            model_cache.write(folder, _traced(model), tokenizer, {"recipe": asdict(recipe)})
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
    return model_cache.place_of(files.sha256[:12], [files.sha256, repr(files.prompts)], files.folder)


def _traced(model: "SentenceTransformer") -> Any:
    """The transformer as OpenVINO's graph, from token ids to the last layer's outputs."""
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

    return model_cache.traced(Traced(), transformer.model)


def _read(folder: Path) -> TokenModel:
    engine, tokenizer, manifest = model_cache.read(folder)
    return TokenModel(Recipe(**manifest["recipe"]), tokenizer, engine)
