"""Weights: what each thing that is known of a passage or sentence counts, learned by `python -m training.weights`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

Vector = np.ndarray[Any, np.dtype[np.float64]]

# What a passage's score is made of, in the order of the columns.
PASSAGE = (
    "words",  # its BM25 as a share of the best passage's
    "meaning",  # its cosine
    "sentence",  # its best sentence's cosine
    "coverage",  # share of the question's words that it holds
    "sentence_coverage",  # the greatest share that one of its sentences holds
    "pairs",  # the greatest share of the question's pairs of neighbouring words that one of its sentences has
)
# What a sentence's score is made of.
SENTENCE = (
    "meaning",  # its cosine
    "coverage",  # share of the question's words that it holds
    "with_previous",  # share that it and the sentence before it hold between them
    "pairs",  # share of the question's pairs of neighbouring words that it has
    "passage",  # its passage's score
    "kind",  # 1 where it has words of the kind asked for
    "heading",  # 1 where it is a heading, which names a thing but seldom tells it
)
# What the confidence is made of: what is known of the sentence, of its passage, and of the question.
CONFIDENCE = (
    *("meaning", "coverage", "with_previous", "pairs"),  # the sentence's, as for its score
    "no_kind",  # 1 where a kind of words is asked for that it does not have
    "passage_coverage",  # share of the question's words that its passage holds
    "missing_names",  # share of the question's names that its passage does not hold, by their weights
    "words",  # its passage's BM25 as a share of the best passage's
    "margin",  # its score less that of the best other sentence of another passage
    "length",  # ln(1 + words that the question is about)
    "constant",  # 1
)


@dataclass(frozen=True)
class Weights:
    """What each thing counts: by its name, in a score and in the logistic model of the confidence."""

    passage: Mapping[str, float]
    sentence: Mapping[str, float]
    confidence: Mapping[str, float]

    @classmethod
    @cache
    def shipped(cls) -> "Weights":
        """Those in `weights.json`, which also says how they were made."""
        read = json.loads(files("qa").joinpath("weights.json").read_text(encoding="utf-8"))
        return cls(read["passage"], read["sentence"], read["confidence"])

    @classmethod
    def none(cls, **given: Mapping[str, float]) -> "Weights":
        """All 0 but those given, by "passage", "sentence" or "confidence"."""
        names = {"passage": PASSAGE, "sentence": SENTENCE, "confidence": CONFIDENCE}
        return cls(**{of: {name: given.get(of, {}).get(name, 0.0) for name in names[of]} for of in names})

    def changed(self, of: str, **given: float) -> "Weights":
        """With others for some names of "passage", "sentence" or "confidence"."""
        everything = {"passage": self.passage, "sentence": self.sentence, "confidence": self.confidence}
        return Weights(**{**everything, of: {**everything[of], **given}})


def in_order(weights: Mapping[str, float], names: tuple[str, ...]) -> Vector:
    """The weights in the order of a table's columns."""
    return np.array([weights[name] for name in names])
