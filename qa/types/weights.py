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
# What the reader adds to both; numbers are logits against "this passage does not answer", 0 in passages it did not read.
READ = (
    "answer",  # that of the sentence's best words
    "telling",  # that of the sentence as a whole
    "unread",  # 1 where the reader did not read the passage
)
GROUPS = {
    "passage": PASSAGE,
    "sentence": SENTENCE,
    "confidence": CONFIDENCE,
    "sentence_read": (*SENTENCE, *READ),
    "confidence_read": (*CONFIDENCE, *READ),
}


@dataclass(frozen=True)
class Weights:
    """What each thing counts: by its name, in a score and in the logistic model of the confidence."""

    passage: Mapping[str, float]
    sentence: Mapping[str, float]
    confidence: Mapping[str, float]
    sentence_read: Mapping[str, float]  # where the reader read some of the passages
    confidence_read: Mapping[str, float]

    @classmethod
    @cache
    def shipped(cls) -> "Weights":
        """Those in `weights.json`, which also says how they were made."""
        read = json.loads(files("qa.types").joinpath("weights.json").read_text(encoding="utf-8"))
        return cls(**{group: read[group] for group in GROUPS})

    @classmethod
    def none(cls, **given: Mapping[str, float]) -> "Weights":
        """All 0 but those given, by group."""
        return cls(**{group: {name: given.get(group, {}).get(name, 0.0) for name in names} for group, names in GROUPS.items()})

    def changed(self, of: str, **given: float) -> "Weights":
        """With others for some names of a group."""
        everything = {group: getattr(self, group) for group in GROUPS}
        return Weights(**{**everything, of: {**everything[of], **given}})


def ordered_weights(weights: Mapping[str, float], names: tuple[str, ...]) -> Vector:
    """The weights in the order of a table's columns."""
    return np.array([weights[name] for name in names])
