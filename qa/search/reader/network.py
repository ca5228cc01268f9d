"""The network of the bundled reader in PyTorch, for training and conversion. Answering a question does not import it."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

OUTPUTS = ("start", "end", "sentence")  # logits of a token: the answer begins there, ends there, is in that sentence
# With dropout, PyTorch has no fused attention on a CPU, and a training step takes three times as long.
_WITHOUT_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
_SHARED = "embeddings.word_embeddings.weight"  # not trained, and read from the encoder's file


class Network(torch.nn.Module):
    """A transformer initialized with the encoder's, with a linear head for the outputs of each token.

    The word embeddings are frozen.
    """

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        transformer.embeddings.word_embeddings.weight.requires_grad_(False)
        self.transformer = transformer
        self.head = torch.nn.Linear(transformer.config.hidden_size, len(OUTPUTS))

    @classmethod
    def fresh(cls, encoder: Path) -> "Network":
        """Build a network from the encoder's transformer and an untrained head."""
        transformer = AutoModel.from_pretrained(encoder, add_pooling_layer=False, local_files_only=True, **_WITHOUT_DROPOUT)
        return cls(transformer)

    @classmethod
    def load(cls, encoder: Path, weights: Path) -> "Network":
        """Load what `save` wrote, and the word embeddings from the encoder's folder."""
        config = AutoConfig.from_pretrained(encoder, local_files_only=True, **_WITHOUT_DROPOUT)
        network = cls(AutoModel.from_config(config, add_pooling_layer=False))
        shared = load_file(encoder / "model.safetensors")[_SHARED]
        trained = {name: value.float() for name, value in load_file(weights).items()}
        network.load_state_dict({**trained, f"transformer.{_SHARED}": shared}, strict=True)
        return network.eval()

    def save(self, weights: Path) -> None:
        """Write the trained weights in half precision, without the word embeddings."""
        state = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        save_file({name: value for name, value in state.items() if name != f"transformer.{_SHARED}"}, weights)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return logits, (inputs, tokens, outputs). Question and passage are one segment, as the encoder has no other."""
        tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        logits: torch.Tensor = self.head(tokens)
        return logits


def as_network(model: Any, separator: int) -> torch.nn.Module:
    """Wrap an extractive model of transformers as a module that takes only token ids and their mask.

    Args:
        separator: the id of the token between question and passage.
    """
    segments = int(getattr(model.config, "type_vocab_size", 0) or 0) > 1

    class Spans(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            segment_ids = {"token_type_ids": _segment_ids(input_ids, attention_mask, separator)} if segments else {}
            outputs = self.model(input_ids=input_ids, attention_mask=attention_mask, **segment_ids)
            return torch.stack([outputs.start_logits, outputs.end_logits], dim=2)

    return Spans().eval()


def _segment_ids(ids: torch.Tensor, mask: torch.Tensor, separator: int) -> torch.Tensor:
    """Return 1 for each token after the first separator, and 0 for all others."""
    is_separator = (ids == separator).long()
    return ((is_separator.cumsum(dim=1) - is_separator) > 0).long() * mask
