"""Build tiny models with the transformers, tokenizers and pooling of well-known model families."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

LINES = (
    "The harbour of Näkkilä was closed after the flood, and its cranes were sold.",
    "Forty-four people scaled the wall in 1989; nobody was hurt.",
    "Die Brücke wurde gesperrt, weil der Fluss über die Ufer trat.",
    "La crue a emporté le pont de l'évêque.",
    "港は洪水のあと閉鎖された。誰も怪我をしなかった。",
    "Плотина не выдержала, и город эвакуировали.",
)
LONGEST = 128
_SHAPE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
_ROBERTAS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def pieces(kind: str) -> Any:
    """Train a tokenizer on `LINES`: "wordpiece", "cased" (WordPiece too), "mpnet", byte-level "bpe" or "unigram"."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import BertTokenizer, MPNetTokenizer, RobertaTokenizer, XLMRobertaTokenizer

    def trained(model: Any, before: Any, trainer: Any, normalizer: Any = None) -> tuple[Any, dict[str, Any]]:
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = before
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        tokenizer.train_from_iterator(LINES, trainer)
        return tokenizer, json.loads(tokenizer.to_str())["model"]

    def subwords(n: int, before: Any, normalizer: Any = None) -> list[str]:
        """Return the pieces in merge order. Only the BPE trainer is deterministic, so all kinds take their pieces from it."""
        _, found = trained(models.BPE(), before, trainers.BpeTrainer(vocab_size=n, show_progress=False), normalizer)
        return sorted(found["vocab"], key=found["vocab"].__getitem__)

    if kind == "bpe":
        options = {"vocab_size": 350, "initial_alphabet": pre_tokenizers.ByteLevel.alphabet(), "show_progress": False}
        trainer = trainers.BpeTrainer(special_tokens=_ROBERTAS, **options)
        _, found = trained(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False), trainer)
        merges = [tuple(pair) for pair in found["merges"]]
        return RobertaTokenizer(vocab=found["vocab"], merges=merges, model_max_length=LONGEST)
    if kind == "unigram":
        before = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
        learned = subwords(150, before)
        likely = [(piece, -math.log(at + 2)) for at, piece in enumerate(learned)]  # the first merges are the most frequent
        vocabulary = [*((piece, 0.0) for piece in _ROBERTAS[:4]), *likely, ("<mask>", 0.0)]
        return XLMRobertaTokenizer(vocab=vocabulary, model_max_length=LONGEST)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] if kind != "mpnet" else ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]
    lower = kind != "cased"
    learned = subwords(100, pre_tokenizers.BertPreTokenizer(), normalizers.BertNormalizer(lowercase=lower))
    words = [*special, *learned, *(f"##{piece}" for piece in learned)]
    made = MPNetTokenizer if kind == "mpnet" else BertTokenizer
    return made(vocab={word: number for number, word in enumerate(words)}, do_lower_case=lower, model_max_length=LONGEST)


def _bert(size: int) -> Any:
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig(vocab_size=size, max_position_embeddings=LONGEST, **_SHAPE))


def _xlm_roberta(size: int) -> Any:
    from transformers import XLMRobertaConfig, XLMRobertaModel

    return XLMRobertaModel(XLMRobertaConfig(vocab_size=size, max_position_embeddings=LONGEST + 2, type_vocab_size=1, **_SHAPE))


def _roberta(size: int) -> Any:
    from transformers import RobertaConfig, RobertaModel

    return RobertaModel(RobertaConfig(vocab_size=size, max_position_embeddings=LONGEST + 2, type_vocab_size=1, **_SHAPE))


def _mpnet(size: int) -> Any:
    from transformers import MPNetConfig, MPNetModel

    return MPNetModel(MPNetConfig(vocab_size=size, max_position_embeddings=LONGEST + 2, **_SHAPE))


def _distilbert(size: int) -> Any:
    from transformers import DistilBertConfig, DistilBertModel

    shape = {"dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2}
    return DistilBertModel(DistilBertConfig(vocab_size=size, max_position_embeddings=LONGEST, **shape))


def _modernbert(size: int) -> Any:
    from transformers import ModernBertConfig, ModernBertModel

    layers = {"global_attn_every_n_layers": 2, "local_attention": 16}
    return ModernBertModel(ModernBertConfig(vocab_size=size, max_position_embeddings=256, pad_token_id=1, **layers, **_SHAPE))


def _nomic_bert(size: int) -> Any:
    from transformers import NomicBertConfig, NomicBertModel

    return NomicBertModel(NomicBertConfig(vocab_size=size, **_SHAPE))


def _gte(size: int) -> Any:
    from transformers import GteConfig, GteModel

    return GteModel(GteConfig(vocab_size=size, pad_token_id=1, **_SHAPE))


TRANSFORMERS: dict[str, Callable[[int], Any]] = {
    "bert": _bert,
    "xlm-roberta": _xlm_roberta,
    "roberta": _roberta,
    "mpnet": _mpnet,
    "distilbert": _distilbert,
    "modernbert": _modernbert,
    "nomic-bert": _nomic_bert,
    "gte": _gte,
}


def build(
    folder: Path,
    transformer: str,
    tokenizer: str,
    pooling: str,
    *,
    prompts: dict[str, str] | None = None,
    default_prompt_name: str | None = None,
    include_prompt: bool = True,
    dense: int | None = None,
    scaled: bool = True,
) -> Path:
    """Save a model to a folder as sentence-transformers does. The folder can have the name of the real model.

    Args:
        transformer: one of `TRANSFORMERS`.
        tokenizer: a kind of tokenizer that `pieces` trains.
        dense: the output dimension of a dense layer after the pooling. None adds no layer.
        scaled: whether the model normalizes its vectors itself.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    from embeddings.engines.torch_engine import silence_libraries

    silence_libraries()
    parts = folder.parent / f"{folder.name}.parts"
    cut = pieces(tokenizer)
    with torch.random.fork_rng():
        torch.manual_seed(2)  # of a few seeds, the one whose models give texts the most distinct vectors
        model = TRANSFORMERS[transformer](len(cut))
        for parameter in model.parameters():  # as varied as trained weights, or all texts would get the same vector
            if parameter.dim() > 1:
                parameter.data.normal_(0, 0.3)
        model.save_pretrained(parts)
        further = [Dense(32, dense)] if dense else []
    cut.save_pretrained(parts)
    modules = [
        Transformer(str(parts), max_seq_length=LONGEST),
        Pooling(32, pooling, include_prompt=include_prompt),
        *further,
        *([Normalize()] if scaled else []),
    ]
    whole = SentenceTransformer(modules=modules, prompts=prompts or {}, default_prompt_name=default_prompt_name, device="cpu")
    whole.save(str(folder), create_model_card=False)
    return folder
