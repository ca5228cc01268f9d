"""ModelSpec: how a sentence-transformers model turns texts into vectors, so that another engine can do the same."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from embeddings.errors import ModelError
from embeddings.prompts import Prompts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]  # of unit length along the last axis
Pooling = Literal["mean", "cls", "own"]

_LONGEST_INPUT = 512  # tokens; a passage should be short to read, so longer limits are not used
_SHORTEST_CAPACITY = 8


@dataclass(frozen=True, slots=True)
class PassageText:
    """The text that is encoded for a passage, and where its sentences stand in it."""

    text: str
    sentences: tuple[tuple[int, int], ...]  # [start, end) in code points


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """The unit vectors of a passage and of its sentences."""

    passage: Vectors  # (dimension,)
    sentences: Vectors  # (number of sentences, dimension)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """All that turns texts into vectors, besides the weights and the tokenizer."""

    pooling: Pooling  # of the token outputs: their mean, the first, or what only the model itself can do
    dimension: int
    limit: int  # tokens of an input, with special tokens and prompt
    capacity: int  # tokens of a passage, without them
    padding: int  # token id that fills up shorter inputs
    question_prompt: str
    passage_prompt: str


def read_spec(model: "SentenceTransformer", name: str, prompts: Prompts) -> ModelSpec:
    """Read the spec of a loaded model.

    Raises:
        ModelError: the model leaves no room for a passage.
    """
    prompt = prompts.passage
    limit = int(min(model.max_seq_length or _LONGEST_INPUT, _LONGEST_INPUT))
    tokenizer = model.tokenizer
    if callable(tokenizer):
        of_prompt = len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
    else:  # static models hold a bare tokenizers.Tokenizer
        of_prompt = len(tokenizer.encode(prompt, add_special_tokens=False).ids)
    capacity = limit - int(tokenizer.num_special_tokens_to_add(False)) - of_prompt
    if capacity < _SHORTEST_CAPACITY:
        raise ModelError(f"The model {name!r} leaves {capacity} tokens for a passage: choose another.")
    padding = int(getattr(tokenizer, "pad_token_id", None) or 0)
    dimension = int(model.get_embedding_dimension() or 0)
    return ModelSpec(_pooling(model, prompts), dimension, limit, capacity, padding, prompts.question, prompt)


def _pooling(model: "SentenceTransformer", prompts: Prompts) -> Pooling:
    """Return how a model pools, or "own" where its modules do more than pool and normalize."""
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling as PoolingModule

    modules = list(model.children())
    if len(modules) < 2 or not isinstance(modules[0], Transformer) or not isinstance(modules[1], PoolingModule):
        return "own"
    rest_is_scaling = all(isinstance(module, Normalize) for module in modules[2:])
    has_offsets = bool(getattr(model.tokenizer, "is_fast", False))
    takes_all = modules[1].include_prompt or not prompts  # else the prompt's tokens are left out of the mean
    mode = modules[1].pooling_mode
    return mode if rest_is_scaling and has_offsets and takes_all and mode in ("mean", "cls") else "own"


def unit(vectors: Any) -> Vectors:
    """Scale vectors to length 1 along the last axis. Zero vectors stay zero."""
    array: Vectors = np.asarray(vectors, dtype=np.float32)
    scaled: Vectors = array / np.maximum(np.linalg.norm(array, axis=-1, keepdims=True), 1e-12)
    return scaled
