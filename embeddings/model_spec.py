"""Recipe: how a sentence-transformers model is used, read off it once so that another engine can run it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from embeddings.errors import ModelError
from embeddings.prompts import Prompts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]  # of unit length along the last axis
Pooling = Literal["mean", "cls", "own"]

_LONGEST_INPUT = 512  # tokens; a passage is to be read at a glance, so longer limits are not used up
_SHORTEST_CAPACITY = 8


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as it is encoded, with the place of each of its sentences in that very string."""

    text: str
    sentences: tuple[tuple[int, int], ...]  # [start, end) in code points


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """What encoding a passage yields."""

    passage: Vectors  # (dimension,)
    sentences: Vectors  # (number of sentences, dimension)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What turns texts into a model's vectors, beside its weights and its tokenizer."""

    pooling: Pooling  # of the tokens' outputs: their mean, the first one's, or whatever the model itself does
    dimension: int
    limit: int  # tokens of one input, special ones and the prompt included
    capacity: int  # tokens of a passage's own
    padding: int  # the id that fills shorter inputs up
    question_prompt: str
    passage_prompt: str


def understand(model: "SentenceTransformer", name: str, prompts: Prompts) -> Recipe:
    """Read a model's recipe off its modules and limit.

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
    return Recipe(_pooling(model, prompts), dimension, limit, capacity, padding, prompts.question, prompt)


def _pooling(model: "SentenceTransformer", prompts: Prompts) -> Pooling:
    """How the passage vector is made of the token vectors, where nothing but its length is changed after."""
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
    """Vectors scaled to length 1 along the last axis; zero vectors stay zero."""
    array: Vectors = np.asarray(vectors, dtype=np.float32)
    scaled: Vectors = array / np.maximum(np.linalg.norm(array, axis=-1, keepdims=True), 1e-12)
    return scaled
