"""Build models of a few kilobytes with random weights from a seed. All code that loads a model treats them as real."""

import json
import string
from pathlib import Path

PROMPTS = {"query": "query: ", "document": "passage: "}
_CHARACTERS = string.ascii_lowercase + string.digits + string.punctuation
_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_CHARACTERS, *("##" + character for character in _CHARACTERS)]


def build(
    folder: Path,
    *,
    pooling: str = "mean",
    prompts: dict[str, str] | None = None,
    dimension: int = 32,
    seed: int = 0,
    longest: int = 128,
    kind: str = "bert",
    dense: bool = False,
) -> Path:
    """Build a one-layer transformer with a token for every character, and save it as sentence-transformers does.

    Args:
        kind: "bert", or "roberta", whose position ids begin after that of the padding.
        dense: whether a dense layer follows the pooling.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel, BertTokenizerFast, RobertaConfig, RobertaModel

    from embeddings.engines.torch_engine import silence_libraries

    silence_libraries()
    bert = folder / "bert"
    bert.mkdir(parents=True)
    (bert / "vocab.txt").write_text("\n".join(_WORDS))
    shape = {"hidden_size": dimension, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if kind == "bert":
            transformer = BertModel(BertConfig(vocab_size=len(_WORDS), max_position_embeddings=longest, **shape))
        else:
            positions = {"max_position_embeddings": longest + 1, "pad_token_id": 0}
            transformer = RobertaModel(RobertaConfig(vocab_size=len(_WORDS), **positions, **shape))
        transformer.save_pretrained(bert)
        layers = [Dense(dimension, dimension)] if dense else []
    BertTokenizerFast(vocab=str(bert / "vocab.txt"), do_lower_case=True, model_max_length=longest).save_pretrained(bert)
    modules = [Transformer(str(bert)), Pooling(dimension, pooling), *layers, Normalize()]
    model = SentenceTransformer(modules=modules, prompts=prompts or {}, device="cpu")
    model.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


def pickled_only(model: Path) -> None:
    """Replace a model's safetensors file with a pickle, the older format of published weights."""
    import torch
    from safetensors.torch import load_file

    weights = model / "model.safetensors"
    torch.save(load_file(weights), model / "pytorch_model.bin")
    weights.unlink()


def pooling_of(model: Path) -> str:
    """Return the pooling mode in a saved model's configuration."""
    return str(json.loads((model / "1_Pooling" / "config.json").read_text())["pooling_mode"])


def build_reader(folder: Path, *, kind: str = "bert", seed: int = 0, longest: int = 128, head: bool = True) -> Path:
    """Build a one-layer extractive question answering model with a token for every character, and save it as transformers does.

    Args:
        kind: "bert", which marks question and passage with token types, or "roberta", which does not.
        head: whether the model has a question answering head, or is only the transformer.
    """
    import torch
    from transformers import (
        BertConfig,
        BertForQuestionAnswering,
        BertTokenizerFast,
        RobertaConfig,
        RobertaForQuestionAnswering,
    )

    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if kind == "bert":
            config = BertConfig(vocab_size=len(_WORDS), max_position_embeddings=longest, initializer_range=0.5, **shape)
            model = BertForQuestionAnswering(config)
        else:
            positions = {"max_position_embeddings": longest + 1, "pad_token_id": 0, "type_vocab_size": 1}
            config = RobertaConfig(vocab_size=len(_WORDS), initializer_range=0.5, **positions, **shape)
            model = RobertaForQuestionAnswering(config)
        (model if head else model.base_model).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(_WORDS))
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True, model_max_length=longest).save_pretrained(folder)
    return folder
