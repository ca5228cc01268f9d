"""Compute reference vectors with sentence-transformers, to compare every engine's vectors with."""

from functools import cache
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from embeddings import Encoder, PassageText
from embeddings.engines.conversion import AGREEMENT
from embeddings.model_spec import Vectors


@cache
def library(folder: Path) -> SentenceTransformer:
    return SentenceTransformer(str(folder), device="cpu")


def at_least(ours: Vectors, theirs: Vectors, least: float = AGREEMENT) -> None:
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(np.linalg.norm(ours, axis=-1), 1, atol=1e-5)
    cosines = (ours * theirs).sum(axis=-1) / np.linalg.norm(theirs, axis=-1)
    assert cosines.min() >= least, cosines


def of_sentence(
    encoder: Encoder, model: SentenceTransformer, passage: PassageText, place: tuple[int, int], prompt: str
) -> Vectors:
    """Return the expected vector of a sentence, from the tokens and outputs of sentence-transformers.

    Args:
        place: start and end of the sentence in the passage's text.
    """
    start, end = place
    if not encoder.pools_sentences_in_context:
        alone: Vectors = model.encode(passage.text[start:end], prompt=prompt, show_progress_bar=False)
        return alone
    tokens = model.encode(prompt + passage.text, prompt="", output_value="token_embeddings", show_progress_bar=False).numpy()
    offsets = model.tokenizer(prompt + passage.text, return_offsets_mapping=True)["offset_mapping"]
    own = [row for row, (a, b) in enumerate(offsets) if a < end + len(prompt) and b > start + len(prompt) and b > a]
    mean: Vectors = tokens[own].mean(axis=0)
    return mean
