"""Encoder: questions to vectors, passages to passage and sentence vectors in one forward pass."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from tokenizers import Tokenizer

from embeddings.engines import conversion
from embeddings.engines.token_model import TokenModel
from embeddings.engines.torch_engine import TorchEngine, WholeModel
from embeddings.engines.torch_engine import load as load_plain
from embeddings.model_spec import PassageText, PassageVectors, Vectors, understand
from embeddings.models import ModelFiles, locate

_log = logging.getLogger("pullquote")


class Encoder:
    """A sentence-transformers model that turns questions and passages into unit vectors."""

    def __init__(self, files: ModelFiles, model: TokenModel | WholeModel) -> None:
        self.files = files
        self._model = model
        self.dimension = model.recipe.dimension
        self.capacity = model.recipe.capacity  # tokens of a passage's own
        self.pools_sentences_in_context = model.recipe.pooling == "mean"
        self._latest: tuple[list[str], Vectors] | None = None  # one tuple, so that threads read and replace it whole

    @classmethod
    def load(cls, files: ModelFiles | str, *, device: str | None = None) -> "Encoder":
        """Load a model from its files (or by name, see `locate`), from safetensors only and running none of its code.

        Args:
            device: one of PyTorch's, such as "cuda" or "cpu", to run the model by sentence-transformers there. By default
                OpenVINO runs it on the processor, converted once and kept in the user's cache folder; where that cannot be,
                sentence-transformers does, which is said in one line.

        Raises:
            ModelError: the files are there but no sentence-transformers model can be made of them.
        """
        files = locate(files) if isinstance(files, str) else files
        return cls(files, _model(files, device))

    @property
    def engine(self) -> str:
        """What runs the transformer."""
        return self._model.engine.name if isinstance(self._model, TokenModel) else "sentence-transformers"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones not included."""
        return self._model.count_tokens(texts)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Encode a few questions with the model's prompt for them; shape (number of questions, dimension).

        The latest are kept, since a question is often searched for again at once: deeper, or by another ranking.
        """
        latest = self._latest
        if latest is None or latest[0] != list(questions):
            latest = self._latest = list(questions), self._model.encode_questions(questions)
        return latest[1].copy()

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
        for passage, length in zip(passages, self.count_tokens([passage.text for passage in passages]), strict=True):
            if length > self.capacity:
                raise ValueError(f"A passage of {length} tokens exceeds {self.capacity}: {passage.text[:60]!r}…")
        vectors: dict[int, PassageVectors] = {}
        for batch in self._model.encode_passages(passages):
            vectors |= batch
            if progress:
                progress(len(batch))
        return [vectors[index] for index in range(len(passages))]


def _model(files: ModelFiles, device: str | None) -> TokenModel | WholeModel:
    """The model on the engine it is to run on."""
    found = conversion.kept(files) if device is None else None
    if found is not None:
        return found
    loaded = load_plain(files, device or "cpu")
    recipe = understand(loaded, files.name, files.prompts)
    if device is None:
        try:
            return conversion.convert(files, loaded, recipe)
        except conversion.NotConverted as reason:
            _log.warning("The model %s runs by sentence-transformers, more slowly than by OpenVINO: %s.", files.name, reason)
    if recipe.pooling != "own":
        model = TokenModel(recipe, Tokenizer.from_str(loaded.tokenizer.backend_tokenizer.to_str()), TorchEngine(loaded))
        if conversion.agrees(model, loaded):
            return model
        recipe = replace(recipe, pooling="own")
    return WholeModel(recipe, loaded)
