"""Encoder: questions to vectors, passages to passage and sentence vectors in one forward pass."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from embeddings.errors import ModelError
from embeddings.models import ModelFiles, locate

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]  # of unit length along the last axis

_LONGEST_INPUT = 512  # tokens; a passage is to be read at a glance, so longer limits are not used up
_BATCH = 16  # passages a forward pass; on CPU larger batches only add padding


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


class Encoder:
    """A sentence-transformers model that turns questions and passages into unit vectors.

    A passage goes through the transformer once; its sentences' vectors are the means of their own tokens' outputs, so
    each knows the sentences around it. Models that do not mean-pool encode each sentence by itself instead.

    Source: late chunking, Günther et al., arXiv 2409.04701.
    """

    def __init__(self, files: ModelFiles, model: "SentenceTransformer") -> None:
        self.files = files
        self._model = model.eval()
        self._device = model.device
        self._question_prompt = _prompt(model, "query")
        self._passage_prompt = _prompt(model, "document")
        self.pools_sentences_in_context = _pools_mean(model)
        self.dimension = int(model.get_embedding_dimension() or 0)
        limit = int(min(model.max_seq_length or _LONGEST_INPUT, _LONGEST_INPUT))
        special = int(model.tokenizer.num_special_tokens_to_add(False))
        self.capacity = limit - special - self.count_tokens([self._passage_prompt])[0]  # tokens of a passage's own
        if self.capacity < 8:
            raise ModelError(f"The model {files.name!r} leaves {self.capacity} tokens for a passage: choose another.")

    @classmethod
    def load(cls, files: ModelFiles | str, *, device: str | None = None) -> "Encoder":
        """Load a model from its files (or by name, see `locate`), from safetensors only and running none of its code.

        Raises:
            ModelError: the files are there but no sentence-transformers model can be made of them.
        """
        files = locate(files) if isinstance(files, str) else files
        _quiet()
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                str(files.folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # whatever the files make the libraries raise, the reader can only choose others
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ModelError(f"The model in {files.folder} cannot be loaded: {reason}") from error
        return cls(files, model)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones not included."""
        if not texts:
            return []
        tokenizer = self._model.tokenizer
        if not callable(tokenizer):  # static models hold a bare tokenizers.Tokenizer
            return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        encoded = tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Encode a few questions with the model's prompt for them; shape (number of questions, dimension).

        This is `SentenceTransformer.encode` less its sorting and batching, a fifth of the time of a single question.
        """
        import torch

        with torch.inference_mode():
            features = self._model.preprocess(list(questions), prompt=self._question_prompt or None)
            features = {name: value.to(self._device) if hasattr(value, "to") else value for name, value in features.items()}
            return unit(self._model(features)["sentence_embedding"].float().cpu().numpy())

    def encode_passages(
        self, passages: Sequence[PassageText], *, progress: Callable[[int], None] | None = None
    ) -> list[PassageVectors]:
        """Encode passages and their sentences, longest first so that a batch is padded little.

        Args:
            passages: each must fit in `capacity` tokens.
            progress: told after each batch how many passages it held.

        Raises:
            ValueError: a passage is longer than the model reads; nothing is cut off in silence.
        """
        lengths = self.count_tokens([passage.text for passage in passages])
        for passage, length in zip(passages, lengths, strict=True):
            if length > self.capacity:
                raise ValueError(f"A passage of {length} tokens exceeds {self.capacity}: {passage.text[:60]!r}…")
        order = sorted(range(len(passages)), key=lambda index: -lengths[index])
        vectors: list[PassageVectors | None] = [None] * len(passages)
        encode = self._encode_in_context if self.pools_sentences_in_context else self._encode_apart
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            for index, encoded in zip(batch, encode([passages[index] for index in batch]), strict=True):
                vectors[index] = encoded
            if progress:
                progress(len(batch))
        return [vector for vector in vectors if vector is not None]

    def _encode_in_context(self, batch: list[PassageText]) -> list[PassageVectors]:
        prompt = self._passage_prompt
        outputs: list[dict[str, Any]] = self._model.encode(
            [passage.text for passage in batch],
            prompt=prompt or None,
            output_value=None,  # everything: the pooled vector and the tokens' own
            batch_size=len(batch),
            show_progress_bar=False,
        )
        tokenized = self._model.tokenizer([prompt + passage.text for passage in batch], return_offsets_mapping=True)
        encoded = []
        for passage, output, ids, offsets in zip(
            batch, outputs, tokenized["input_ids"], tokenized["offset_mapping"], strict=True
        ):
            tokens = output["token_embeddings"].float().cpu().numpy()[: len(ids)]
            spans = np.asarray(offsets, dtype=np.int64) - len(prompt)  # to code points of the passage's own text
            sentences = np.stack(
                [_mean(tokens, spans, start, end) for start, end in passage.sentences] or [np.zeros(self.dimension, np.float32)]
            )[: len(passage.sentences)]
            encoded.append(PassageVectors(unit(output["sentence_embedding"].float().cpu().numpy()), unit(sentences)))
        return encoded

    def _encode_apart(self, batch: list[PassageText]) -> list[PassageVectors]:
        texts = [passage.text for passage in batch]
        for passage in batch:
            texts += [passage.text[start:end] for start, end in passage.sentences]
        vectors = unit(self._model.encode(texts, prompt=self._passage_prompt or None, show_progress_bar=False))
        encoded, at = [], len(batch)
        for row, passage in enumerate(batch):
            encoded.append(PassageVectors(vectors[row], vectors[at : at + len(passage.sentences)]))
            at += len(passage.sentences)
        return encoded


def _mean(tokens: Vectors, spans: np.ndarray[Any, Any], start: int, end: int) -> Vectors:
    """The mean of the tokens that stand in [start, end); of all tokens where the tokenizer gave none to it."""
    inside = (spans[:, 0] < end) & (spans[:, 1] > start) & (spans[:, 1] > spans[:, 0])
    mean: Vectors = (tokens[inside] if inside.any() else tokens).mean(axis=0)
    return mean


def unit(vectors: Any) -> Vectors:
    """Vectors scaled to length 1 along the last axis; zero vectors stay zero."""
    array: Vectors = np.asarray(vectors, dtype=np.float32)
    scaled: Vectors = array / np.maximum(np.linalg.norm(array, axis=-1, keepdims=True), 1e-12)
    return scaled


def _prompt(model: "SentenceTransformer", kind: str) -> str:
    """The text a model wants before a question ("query") or a passage ("document"), or none.

    sentence-transformers fills missing prompts with empty ones, and models name the passage's either way.
    """
    names = ("query",) if kind == "query" else ("document", "passage")
    prompts = model.prompts or {}
    found = next((prompts[name] for name in names if prompts.get(name)), None)
    return found or prompts.get(model.default_prompt_name or "") or ""


def _pools_mean(model: "SentenceTransformer") -> bool:
    """Whether the passage vector is the mean of the token vectors and nothing else but its length is changed after."""
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    modules = list(model.children())
    if len(modules) < 2 or not isinstance(modules[0], Transformer) or not isinstance(modules[1], Pooling):
        return False
    rest_is_scaling = all(isinstance(module, Normalize) for module in modules[2:])
    has_offsets = bool(getattr(model.tokenizer, "is_fast", False))
    return modules[1].pooling_mode == "mean" and rest_is_scaling and has_offsets


def _quiet() -> None:
    """Keep the libraries' own progress bars and advice off the reader's screen."""
    from huggingface_hub.utils import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    disable_progress_bars()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
