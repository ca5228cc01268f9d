"""Reader loading: the bundled reader, another extractive model, or none. Each is converted to OpenVINO once."""

import json
import logging
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from embeddings import DEFAULT_MODEL, ModelError, PassageText, locate
from embeddings.cache_folder import new_folder
from embeddings.engines import model_cache
from embeddings.engines.token_model import TokenIds
from embeddings.engines.torch_engine import silence_libraries
from embeddings.errors import first_line
from embeddings.file_hash import file_sha256
from qa.search.reader.reader import Numbers, Reader

if TYPE_CHECKING:
    import torch

BUNDLED, NONE = "bundled", "none"

_loading = Lock()
_log = logging.getLogger("pullquote")
LIMIT = 384  # tokens of an input
_LARGEST_DIFFERENCE = 0.5  # logits: the mean difference allowed between a converted model and PyTorch
_PROBE = (
    "Who closed the harbour?",
    PassageText("The harbour was closed after the flood. Its cranes were sold by the mayor in 1989.", ((0, 39), (40, 83))),
)


def load(name: str = BUNDLED) -> Reader | None:
    """Load a reader, once in a process.

    Args:
        name: "bundled", "none", or the folder or hub name of another extractive question answering model.

    Raises:
        ModelError: the model cannot be found or loaded, or does not answer questions.
    """
    if name == NONE:
        return None
    with _loading:
        return _load(name)


def sha256_of(name: str) -> str | None:
    """Return the SHA-256 of a reader's weights, or None for "none".

    Raises:
        ModelError: the model cannot be found.
    """
    return None if name == NONE else _source(name).sha256


def load_in_torch(name: str) -> Reader:
    """Load a reader in PyTorch and single precision, to compare the converted one with."""
    return _in_torch(_source(name))[0]


def _source(name: str) -> "_Bundled | _Custom":
    return _Bundled() if name == BUNDLED else _Custom(name)


class _Bundled:
    """The reader that comes with Pullquote. It shares the word embeddings of the default encoder."""

    name = BUNDLED

    def __init__(self) -> None:
        self.weights = Path(str(files("qa.search.reader"))) / "bundled" / "reader.safetensors"
        self.facts = json.loads(self.weights.with_name("reader.json").read_text(encoding="utf-8"))
        self.folder = locate(DEFAULT_MODEL).folder
        if file_sha256(self.weights) != self.facts["sha256"]:
            raise ModelError(f"{self.weights} is damaged (wrong SHA-256): reinstall pullquote, or use `--reader none`.")

    @property
    def sha256(self) -> str:
        return str(self.facts["sha256"])

    def module(self) -> tuple["torch.nn.Module", Any]:
        from qa.search.reader.network import Network

        network = Network.load(self.folder, self.weights)
        return network, network.transformer


class _Custom:
    """An extractive model of transformers, from safetensors and without code of its own."""

    def __init__(self, name: str) -> None:
        try:
            model = locate(name)
        except ModelError as error:  # its message is about encoders
            raise ModelError(
                f"The reader {name!r} cannot be found: {str(error).split('. ')[0]}. Name an extractive question answering "
                "model, or leave --reader out to use the bundled one."
            ) from error
        self.name, self.folder, self.sha256 = name, model.folder, model.sha256

    def module(self) -> tuple["torch.nn.Module", Any]:
        from transformers import AutoModelForQuestionAnswering

        from qa.search.reader.network import as_network

        try:
            model, unfit = AutoModelForQuestionAnswering.from_pretrained(
                self.folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True
            )
        except Exception as error:  # transformers raises errors of any type over bad files
            raise ModelError(f"The reader in {self.folder} cannot be loaded: {first_line(error)}") from error
        if unfit["missing_keys"]:
            raise ModelError(
                f"The model in {self.folder} was not trained to answer questions: choose another model for --reader."
            )
        return as_network(model, _separator(_tokenizer(self.folder))), model


@cache
def _load(name: str) -> Reader:
    source = _source(name)
    try:
        return _reader(source, *model_cache.read_model(_cache_folder(source), source.sha256))
    except (OSError, ImportError, ValueError, KeyError, TypeError, RuntimeError):
        pass  # missing or damaged: convert it again
    _log.info("Preparing the %s reader for this processor, once.", source.name)
    torch_reader, module, transformer, facts = _in_torch(source)
    try:
        with new_folder(_cache_folder(source)) as folder:
            # In bfloat16 the answer span differs in one question of ninety.
            model_cache.write_model(
                folder,
                model_cache.trace_model(module, transformer),
                _tokenizer(source.folder),
                source.sha256,
                facts,
                exact=True,
            )
            converted = _reader(source, *model_cache.read_model(folder, source.sha256))
            if not _agree(converted, torch_reader):
                raise ValueError("it would say other things")
            return converted
    except Exception as error:  # a converter raises errors of any type over a model that it does not support
        _log.warning("The %s reader runs by PyTorch, more slowly than by OpenVINO: %s.", source.name, first_line(error))
        return torch_reader


def _cache_folder(source: _Bundled | _Custom) -> Path:
    return model_cache.folder_of(f"reader-{source.sha256[:12]}", [source.sha256], source.folder)


def _in_torch(source: _Bundled | _Custom) -> tuple[Reader, "torch.nn.Module", Any, dict[str, int]]:
    silence_libraries()
    module, transformer = source.module()
    facts = {"padding": _padding(transformer), "limit": _limit(transformer)}
    return _reader(source, TorchNetwork(module), _tokenizer(source.folder), facts), module, transformer, facts


def _reader(source: _Bundled | _Custom, network: Any, tokenizer: Tokenizer, facts: dict[str, Any]) -> Reader:
    return Reader(source.name, tokenizer, network, limit=facts["limit"], padding=facts["padding"])


def _agree(one: Reader, other: Reader) -> bool:
    """Tell whether two readers find the same spans in a probe, with nearly the same scores."""
    question, passage = _PROBE
    (scores,), (other_scores,) = one.read(question, [passage]), other.read(question, [passage])
    difference = float(np.abs(scores.words - other_scores.words).mean())
    return scores.spans == other_scores.spans and difference <= _LARGEST_DIFFERENCE


def _tokenizer(folder: Path) -> Tokenizer:
    path = folder / "tokenizer.json"
    if path.exists():
        return Tokenizer.from_file(str(path))
    from transformers import AutoTokenizer

    try:
        return Tokenizer.from_str(AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer.to_str())
    except Exception as error:  # there is none, or only one without offsets
        raise ModelError(f"{folder} has no tokenizer with offsets: choose another model for --reader.") from error


def _separator(tokenizer: Tokenizer) -> int:
    """Return the id of the token between a question and a passage."""
    pair = tokenizer.encode("question", "passage")
    return int(pair.ids[pair.sequence_ids.index(1) - 1])


def _padding(transformer: Any) -> int:
    return int(getattr(transformer.config, "pad_token_id", None) or 0)


def _limit(transformer: Any) -> int:
    config = transformer.config
    positions = int(getattr(config, "max_position_embeddings", None) or LIMIT)
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        positions -= _padding(transformer) + 1  # these models number positions from there
    return min(LIMIT, positions)


class TorchNetwork:
    """A network in PyTorch."""

    def __init__(self, module: "torch.nn.Module") -> None:
        self._module = module.eval()

    def outputs(self, ids: TokenIds, mask: TokenIds, *, question: bool) -> Numbers:
        import torch

        with torch.inference_mode():
            numbers: Numbers = self._module(torch.from_numpy(ids), torch.from_numpy(mask)).float().numpy()
            return numbers
