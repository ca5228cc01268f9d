"""The network of the bundled reader, in PyTorch: for training, and to be converted once; asking does not import it."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

OUTPUTS = ("start", "end", "sentence")  # what a token gets a number for: that the answer begins or ends there, or is told there
# With dropout PyTorch has no fused attention on a processor, and a step of training takes three times as long.
_WITHOUT_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
_SHARED = "embeddings.word_embeddings.weight"  # stays as the encoder has it, and is read from there


class Network(torch.nn.Module):
    """A transformer that begins as the encoder's, with a number for each output at each token.

    The words' own vectors stay as they are.
    """

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        transformer.embeddings.word_embeddings.weight.requires_grad_(False)
        self.transformer = transformer
        self.head = torch.nn.Linear(transformer.config.hidden_size, len(OUTPUTS))

    @classmethod
    def fresh(cls, encoder: Path) -> "Network":
        """The encoder's transformer with a head that has learned nothing."""
        transformer = AutoModel.from_pretrained(encoder, add_pooling_layer=False, local_files_only=True, **_WITHOUT_DROPOUT)
        return cls(transformer)

    @classmethod
    def load(cls, encoder: Path, weights: Path) -> "Network":
        """What `save` wrote, and the encoder's folder for the words' own vectors."""
        config = AutoConfig.from_pretrained(encoder, local_files_only=True, **_WITHOUT_DROPOUT)
        network = cls(AutoModel.from_config(config, add_pooling_layer=False))
        shared = load_file(encoder / "model.safetensors")[_SHARED]
        learned = {name: value.float() for name, value in load_file(weights).items()}
        network.load_state_dict({**learned, f"transformer.{_SHARED}": shared}, strict=True)
        return network.eval()

    def save(self, weights: Path) -> None:
        """Write what was learned in half precision, all but the words' own vectors."""
        state = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        save_file({name: value for name, value in state.items() if name != f"transformer.{_SHARED}"}, weights)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Numbers, (inputs, tokens, outputs); question and passage count as one segment, which is all the encoder knows."""
        tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        numbers: torch.Tensor = self.head(tokens)
        return numbers


def as_network(model: Any, separator: int) -> torch.nn.Module:
    """A model of transformers that answers extractively, as a module of the ids and their mask alone.

    Args:
        separator: the id of the token between question and passage.
    """
    segments = int(getattr(model.config, "type_vocab_size", 0) or 0) > 1

    class Spans(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            more = {"token_type_ids": _second(input_ids, attention_mask, separator)} if segments else {}
            outputs = self.model(input_ids=input_ids, attention_mask=attention_mask, **more)
            return torch.stack([outputs.start_logits, outputs.end_logits], dim=2)

    return Spans().eval()


def _second(ids: torch.Tensor, mask: torch.Tensor, separator: int) -> torch.Tensor:
    """1 for the tokens after the first separator, as models of two segments want it."""
    is_separator = (ids == separator).long()
    return ((is_separator.cumsum(dim=1) - is_separator) > 0).long() * mask
