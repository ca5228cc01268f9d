"""Encoder: vectors of questions, and of passages and their sentences in one forward pass."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from tokenizers import Tokenizer

from embeddings.engines import conversion
from embeddings.engines.memory_limit import refuse_little_memory
from embeddings.engines.token_model import TokenModel
from embeddings.engines.torch_engine import SelfPoolingModel, TorchEngine
from embeddings.engines.torch_engine import load as load_plain
from embeddings.model_spec import PassageText, PassageVectors, Vectors, read_spec
from embeddings.models import ModelFiles, locate

_log = logging.getLogger("pullquote")


class Encoder:
    """A sentence-transformers model that turns questions and passages into unit vectors."""

    def __init__(self, files: ModelFiles, model: TokenModel | SelfPoolingModel) -> None:
        self.files = files
        self._model = model
        self.dimension = model.spec.dimension
        self.capacity = model.spec.capacity  # tokens of a passage, without special tokens and prompt
        self.pools_sentences_in_context = model.spec.pooling == "mean"
        self._latest: tuple[list[str], Vectors] | None = None  # one tuple: threads read and replace it at once

    @classmethod
    def load(cls, files: ModelFiles | str, *, device: str | None = None) -> "Encoder":
        """Load a model from its files, or by a name that `locate` finds. It runs none of the model's code.

        Args:
            device: a device of PyTorch, such as "cuda" or "cpu", on which sentence-transformers runs the model. By default
                OpenVINO runs it on the processor. The model is converted once and kept in the user's cache folder. Where
                that fails, sentence-transformers runs it, and one line is logged.

        Raises:
            ModelError: the files are no model that sentence-transformers can load.
        """
        files = locate(files) if isinstance(files, str) else files
        return cls(files, _model(files, device))

    @property
    def engine(self) -> str:
        """The name of the library that runs the transformer."""
        return self._model.engine.name if isinstance(self._model, TokenModel) else "sentence-transformers"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without special tokens."""
        return self._model.count_tokens(texts)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Encode questions with the model's prompt for them, as unit vectors of shape (number of questions, dimension).

        The latest vectors are cached: a question is often searched for again at once, with another k or ranking.
        """
        latest = self._latest
        if latest is None or latest[0] != list(questions):
            latest = self._latest = list(questions), self._model.encode_questions(questions)
        return latest[1].copy()

    def encode_passages(
        self, passages: Sequence[PassageText], *, progress: Callable[[int], None] | None = None
    ) -> list[PassageVectors]:
        """Encode passages and their sentences, longest first so that batches need little padding.

        Args:
            passages: each must fit in `capacity` tokens.
            progress: called after each batch with the number of its passages.

        Raises:
            ValueError: a passage is longer than the model reads. Nothing is cut off silently.
        """
        for passage, length in zip(passages, self.count_tokens([passage.text for passage in passages]), strict=True):
            if length > self.capacity:
                raise ValueError(f"A passage of {length} tokens exceeds {self.capacity}: {passage.text[:60]!r}…")
        vectors: dict[int, PassageVectors] = {}
        for batch in self._model.encode_passages(passages):
            vectors |= batch
            if progress:
                progress(len(batch))
        return [vectors[index] for index in range(len(passages))]


def _model(files: ModelFiles, device: str | None) -> TokenModel | SelfPoolingModel:
    """Load a model on the engine that runs it best."""
    refuse_little_memory()
    converted = conversion.load_converted(files) if device is None else None
    if converted is not None:
        return converted
    loaded = load_plain(files, device or "cpu")
    spec = read_spec(loaded, files.name, files.prompts)
    if device is None:
        try:
            return conversion.convert(files, loaded, spec)
        except conversion.NotConverted as reason:
            _log.warning("The model %s runs by sentence-transformers, more slowly than by OpenVINO: %s.", files.name, reason)
    if spec.pooling != "own":
        model = TokenModel(spec, Tokenizer.from_str(loaded.tokenizer.backend_tokenizer.to_str()), TorchEngine(loaded))
        if conversion.agrees(model, loaded):
            return model
        spec = replace(spec, pooling="own")
    return SelfPoolingModel(spec, loaded)
