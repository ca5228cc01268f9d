"""Run a model by sentence-transformers: on a GPU, without OpenVINO, or where conversion is not possible."""

import copy
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from embeddings.engines.token_model import TokenIds, batches, encode_separately
from embeddings.errors import ModelError, first_line
from embeddings.file_hash import file_sha256
from embeddings.model_spec import ModelSpec, PassageText, PassageVectors, Vectors, unit
from embeddings.models import ModelFiles

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def load(files: ModelFiles, device: str | None) -> "SentenceTransformer":
    """Load a model from safetensors only, and run none of its code.

    Raises:
        ModelError: the files are damaged, are no model that sentence-transformers can load, or not on that device.
    """
    for name, sha256 in files.checksums:
        if file_sha256(files.folder / name) != sha256:
            raise ModelError(f"{files.folder / name} is damaged: delete the folder {files.folder}, and it is made again.")
    silence_libraries()
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(
            str(files.folder),
            device=device,
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:  # bad files make the libraries raise errors of any type
        if "trust_remote_code" in str(error):
            raise ModelError(
                f"The model in {files.folder} needs code that was published with it, and Pullquote runs none of that: choose a "
                "model whose kind the installed transformers knows; docs/reference/encoders.md names some."
            ) from error
        where = f" on the device {device!r}" if device else ""
        raise ModelError(f"The model in {files.folder} cannot be loaded{where}: {first_line(error)}") from error
    return model.eval()


class TorchEngine:
    """A model's transformer, run by PyTorch on the device where the model was loaded."""

    name = "sentence-transformers"

    def __init__(self, model: "SentenceTransformer") -> None:
        self._transformer = model[0]
        self._device = model.device

    def outputs(self, ids: TokenIds, mask: TokenIds, *, question: bool) -> Vectors:
        import torch

        with torch.inference_mode():
            features = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            features = {name: value.to(self._device) for name, value in features.items()}
            outputs: Vectors = self._transformer(features)["token_embeddings"].float().cpu().numpy()
            return outputs


class SelfPoolingModel:
    """A model that must pool by itself, such as one with more layers after pooling."""

    def __init__(self, spec: ModelSpec, model: "SentenceTransformer") -> None:
        self.spec = spec
        self._model = model
        # A copy to count with, because encoding in another thread changes the tokenizer's limit and padding.
        self._tokenizer = copy.deepcopy(model.tokenizer)
        if not callable(self._tokenizer):  # static models hold a bare tokenizers.Tokenizer
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without special tokens."""
        if not texts:
            return []
        if not callable(self._tokenizer):
            return [len(encoding) for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        encoded = self._tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Encode questions, each cut off at the model's limit. Return shape (number of questions, dimension)."""
        return self._encode(questions, self.spec.question_prompt)

    def encode_passages(self, passages: Sequence[PassageText]) -> Iterator[dict[int, PassageVectors]]:
        """Encode passages, and each sentence by itself. Yield batches as vectors by index in `passages`."""
        for batch in batches(self.count_tokens([passage.text for passage in passages])):
            chosen = [passages[index] for index in batch]
            vectors = encode_separately(chosen, lambda texts: self._encode(texts, self.spec.passage_prompt))
            yield dict(zip(batch, vectors, strict=True))

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        return unit(self._model.encode(list(texts), prompt=prompt, show_progress_bar=False))


def silence_libraries() -> None:
    """Hide the progress bars and advice of the libraries from the user."""
    from huggingface_hub.utils import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    disable_progress_bars()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
