"""Which reader: the bundled one, another extractive model, or none; converted to OpenVINO once, as the encoder is."""

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
from embeddings.engines import model_cache
from embeddings.engines.token_model import Ids
from embeddings.engines.torch_engine import quiet
from embeddings.errors import first_line
from embeddings.models import file_sha256
from qa.search.reader.reader import Numbers, Reader

if TYPE_CHECKING:
    import torch

BUNDLED, NONE = "bundled", "none"

_loading = Lock()
_log = logging.getLogger("pullquote")
LIMIT = 384  # tokens of an input
_NEAR = 0.5  # of a logit: how far a converted model's numbers may be from PyTorch's, on the average
_PROBE = (
    "Who closed the harbour?",
    PassageText("The harbour was closed after the flood. Its cranes were sold by the mayor in 1989.", ((0, 39), (40, 83))),
)


def load(name: str = BUNDLED) -> Reader | None:
    """Load a reader, once for all who ask of this process.

    Args:
        name: "bundled", "none", or another extractive question answering model: a folder or a name on the hub.

    Raises:
        ModelError: it cannot be had, or is no such model.
    """
    if name == NONE:
        return None
    with _loading:
        return _loaded(name)


def sha256_of(name: str) -> str | None:
    """SHA-256 of a reader's weights; None of none.

    Raises:
        ModelError: it cannot be had.
    """
    return None if name == NONE else _source(name).sha256


def unconverted(name: str) -> Reader:
    """A reader as PyTorch runs it in single precision, to compare with."""
    return _by_torch(_source(name))[0]


def _source(name: str) -> "_Bundled | _Other":
    return _Bundled() if name == BUNDLED else _Other(name)


class _Bundled:
    """The reader that comes with Pullquote; the words' own vectors are the default encoder's."""

    name = BUNDLED

    def __init__(self) -> None:
        self.weights = Path(str(files("qa.search.reader"))) / "bundled" / "reader.safetensors"
        self.facts = json.loads(self.weights.with_name("reader.json").read_text(encoding="utf-8"))
        self.folder = locate(DEFAULT_MODEL).folder
        if file_sha256(self.weights) != self.facts["sha256"]:
            raise ModelError(f"{self.weights} is not the file it should be: reinstall pullquote, or take `--reader none`.")

    @property
    def sha256(self) -> str:
        return str(self.facts["sha256"])

    def module(self) -> tuple["torch.nn.Module", Any]:
        from qa.search.reader.network import Network

        network = Network.load(self.folder, self.weights)
        return network, network.transformer


class _Other:
    """Any extractive model that transformers knows, from safetensors only and running none of its own code."""

    def __init__(self, name: str) -> None:
        try:
            found = locate(name)
        except ModelError as error:  # which speaks of encoders
            raise ModelError(
                f"The reader {name!r} cannot be had: {str(error).split('. ')[0]}. Name an extractive question answering model, "
                "or leave --reader out for the bundled one."
            ) from error
        self.name, self.folder, self.sha256 = name, found.folder, found.sha256

    def module(self) -> tuple["torch.nn.Module", Any]:
        from transformers import AutoModelForQuestionAnswering

        from qa.search.reader.network import as_network

        try:
            model, unfit = AutoModelForQuestionAnswering.from_pretrained(
                self.folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True
            )
        except Exception as error:  # whatever the files make the library raise, the reader can only choose others
            raise ModelError(f"The reader in {self.folder} cannot be loaded: {first_line(error)}") from error
        if unfit["missing_keys"]:
            raise ModelError(f"The model in {self.folder} was not trained to answer questions: choose another for --reader.")
        return as_network(model, _separator(_tokenizer(self.folder))), model


@cache
def _loaded(name: str) -> Reader:
    source = _source(name)
    try:
        return _reader(source, *model_cache.read(_place(source)))
    except (OSError, ImportError, ValueError, KeyError, TypeError, RuntimeError):
        pass  # missing or damaged: it is converted anew
    _log.info("Preparing the %s reader for this processor, once.", source.name)
    by_torch, module, transformer, facts = _by_torch(source)
    try:
        with model_cache.making(_place(source)) as folder:
            # In bfloat16 it would mark other words in one question of ninety.
            model_cache.write(folder, model_cache.traced(module, transformer), _tokenizer(source.folder), facts, exact=True)
            converted = _reader(source, *model_cache.read(folder))
            if not _agree(converted, by_torch):
                raise ValueError("it would say other things")
            return converted
    except Exception as error:  # whatever a converter may raise over a model it does not know
        _log.warning("The %s reader runs by PyTorch, more slowly than by OpenVINO: %s.", source.name, first_line(error))
        return by_torch


def _place(source: _Bundled | _Other) -> Path:
    return model_cache.place_of(f"reader-{source.sha256[:12]}", [source.sha256], source.folder)


def _by_torch(source: _Bundled | _Other) -> tuple[Reader, "torch.nn.Module", Any, dict[str, int]]:
    quiet()
    module, transformer = source.module()
    facts = {"padding": _padding(transformer), "limit": _limit(transformer)}
    return _reader(source, TorchNetwork(module), _tokenizer(source.folder), facts), module, transformer, facts


def _reader(source: _Bundled | _Other, network: Any, tokenizer: Tokenizer, facts: dict[str, Any]) -> Reader:
    return Reader(source.name, tokenizer, network, limit=facts["limit"], padding=facts["padding"])


def _agree(one: Reader, other: Reader) -> bool:
    """Whether both find the same words in a probe and weigh them alike."""
    question, passage = _PROBE
    (here,), (there,) = one.read(question, [passage]), other.read(question, [passage])
    return here.spans == there.spans and float(np.abs(here.words - there.words).mean()) <= _NEAR


def _tokenizer(folder: Path) -> Tokenizer:
    kept = folder / "tokenizer.json"
    if kept.exists():
        return Tokenizer.from_file(str(kept))
    from transformers import AutoTokenizer

    try:
        return Tokenizer.from_str(AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer.to_str())
    except Exception as error:  # a slow tokenizer, or none
        raise ModelError(f"{folder} holds no tokenizer that tells places in a text: choose another for --reader.") from error


def _separator(tokenizer: Tokenizer) -> int:
    """The id of the token that stands between a question and a passage."""
    both = tokenizer.encode("question", "passage")
    return int(both.ids[both.sequence_ids.index(1) - 1])


def _padding(transformer: Any) -> int:
    return int(getattr(transformer.config, "pad_token_id", None) or 0)


def _limit(transformer: Any) -> int:
    config = transformer.config
    positions = int(getattr(config, "max_position_embeddings", None) or LIMIT)
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        positions -= _padding(transformer) + 1  # these count positions from there
    return min(LIMIT, positions)


class TorchNetwork:
    """A network run by PyTorch."""

    def __init__(self, module: "torch.nn.Module") -> None:
        self._module = module.eval()

    def outputs(self, ids: Ids, mask: Ids, *, question: bool) -> Numbers:
        import torch

        with torch.inference_mode():
            numbers: Numbers = self._module(torch.from_numpy(ids), torch.from_numpy(mask)).float().numpy()
            return numbers
