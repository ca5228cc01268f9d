"""Models run by sentence-transformers itself: on a GPU, where OpenVINO is missing, and the kinds it cannot be converted for."""

import copy
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from embeddings.engines.token_model import Ids, apart, batches
from embeddings.errors import ModelError, first_line
from embeddings.model_spec import PassageText, PassageVectors, Recipe, Vectors, unit
from embeddings.models import ModelFiles

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def load(files: ModelFiles, device: str | None) -> "SentenceTransformer":
    """Load a model from safetensors only, running none of its own code.

    Raises:
        ModelError: no sentence-transformers model can be made of the files, or not on that device.
    """
    quiet()
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
        if "trust_remote_code" in str(error):
            raise ModelError(
                f"The model in {files.folder} needs code that was published with it, and Pullquote runs none of that: choose a "
                "model whose kind the installed transformers knows; docs/reference/encoders.md names some."
            ) from error
        where = f" on the device {device!r}" if device else ""
        raise ModelError(f"The model in {files.folder} cannot be loaded{where}: {first_line(error)}") from error
    return model.eval()


class TorchEngine:
    """A model's transformer, run by PyTorch where the model was loaded."""

    name = "sentence-transformers"

    def __init__(self, model: "SentenceTransformer") -> None:
        self._transformer = model[0]
        self._device = model.device

    def outputs(self, ids: Ids, mask: Ids, *, question: bool) -> Vectors:
        import torch

        with torch.inference_mode():
            features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            features = {name: value.to(self._device) for name, value in features.items()}
            outputs: Vectors = self._transformer(features)["token_embeddings"].float().cpu().numpy()
            return outputs


class WholeModel:
    """A model that only itself knows how to pool, such as one with further layers after that."""

    def __init__(self, recipe: Recipe, model: "SentenceTransformer") -> None:
        self.recipe = recipe
        self._model = model
        # A copy to count with: one thread may count while another encodes, which sets the tokenizer's limit and padding.
        self._tokenizer = copy.deepcopy(model.tokenizer)
        if not callable(self._tokenizer):  # static models hold a bare tokenizers.Tokenizer
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, special ones not included."""
        if not texts:
            return []
        if not callable(self._tokenizer):
            return [len(encoding) for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        encoded = self._tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Encode questions, each cut off at the model's limit; shape (number of questions, dimension)."""
        return self._encode(questions, self.recipe.question_prompt)

    def encode_passages(self, passages: Sequence[PassageText]) -> Iterator[dict[int, PassageVectors]]:
        """Encode passages and each sentence by itself, yielding a batch at a time by their places among the passages."""
        for batch in batches(self.count_tokens([passage.text for passage in passages])):
            several = [passages[index] for index in batch]
            vectors = apart(several, lambda texts: self._encode(texts, self.recipe.passage_prompt))
            yield dict(zip(batch, vectors, strict=True))

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        return unit(self._model.encode(list(texts), prompt=prompt, show_progress_bar=False))


def quiet() -> None:
    """Keep the libraries' own progress bars and advice off the reader's screen."""
    from huggingface_hub.utils import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    disable_progress_bars()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
