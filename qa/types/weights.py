"""The features of passages, sentences and confidence, and their weights, learned by `python -m training.weights`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

Vector = np.ndarray[Any, np.dtype[np.float64]]

# The features of a passage's score, in the order of the columns.
PASSAGE = (
    "words",  # its BM25 score as a share of the best passage's
    "meaning",  # its cosine with the query
    "sentence",  # its best sentence's cosine
    "coverage",  # share of the query's terms that it holds, by weight
    "sentence_coverage",  # the largest share that one of its sentences holds
    "pairs",  # the largest share of the query's bigrams that one of its sentences holds
)
# The features of a sentence's score.
SENTENCE = (
    "meaning",  # its cosine with the query
    "coverage",  # share of the query's terms that it holds, by weight
    "with_previous",  # share that it and the sentence before it hold together
    "pairs",  # share of the query's bigrams that it holds
    "passage",  # its passage's score
    "has_answer_type",  # 1 if it has a span of the expected answer type
    "heading",  # 1 if it is a heading, which names a topic but rarely answers
)
# The features of the confidence: of the sentence, of its passage, and of the query.
CONFIDENCE = (
    *("meaning", "coverage", "with_previous", "pairs"),  # as for the sentence's score
    "lacks_answer_type",  # 1 if an answer type is expected and it has no span of it
    "passage_coverage",  # share of the query's terms that its passage holds, by weight
    "missing_names",  # share of the query's names that its passage does not hold, by weight
    "words",  # its passage's BM25 score as a share of the best passage's
    "margin",  # its score minus the best score of a sentence in another passage
    "length",  # ln(1 + number of weighted terms of the query)
    "constant",  # 1
)
# The reader's features, added to both. Its scores are logits against "no answer in this passage", 0 if it did not read it.
READ = (
    "span_logit",  # logit of the best span in the sentence
    "sentence_logit",  # logit of the whole sentence
    "unread",  # 1 if the reader did not read the passage
)
# The reader's features of the confidence alone. All are 0 if it did not read the passage.
COMPARED = (
    "span_margin",  # the logit of the best span minus the best in any other passage that it read, or minus 0
    "sentence_margin",  # likewise for the whole sentence
    "span_probability",  # the probability that the best span answers, by its logit alone
    "missing_numbers",  # share of the query's numbers that the passage does not hold, by weight
)
GROUPS = {
    "passage": PASSAGE,
    "sentence": SENTENCE,
    "confidence": CONFIDENCE,
    "sentence_read": (*SENTENCE, *READ),
    "confidence_read": (*CONFIDENCE, *READ, *COMPARED),
}


@dataclass(frozen=True)
class Weights:
    """Weights by name of feature, for the linear scores and for the logistic regression of the confidence."""

    passage: Mapping[str, float]
    sentence: Mapping[str, float]
    confidence: Mapping[str, float]
    sentence_read: Mapping[str, float]  # used if the reader read any of the passages
    confidence_read: Mapping[str, float]

    @classmethod
    @cache
    def shipped(cls) -> "Weights":
        """Return the weights in `weights.json`, which also records how they were trained."""
        read = json.loads(files("qa.types").joinpath("weights.json").read_text(encoding="utf-8"))
        return cls(**{group: read[group] for group in GROUPS})

    @classmethod
    def none(cls, **given: Mapping[str, float]) -> "Weights":
        """Return weights that are all 0 except those given, by group."""
        return cls(**{group: {name: given.get(group, {}).get(name, 0.0) for name in names} for group, names in GROUPS.items()})

    def changed(self, of: str, **given: float) -> "Weights":
        """Return a copy with new weights for some features of one group."""
        everything = {group: getattr(self, group) for group in GROUPS}
        return Weights(**{**everything, of: {**everything[of], **given}})


def ordered_weights(weights: Mapping[str, float], names: tuple[str, ...]) -> Vector:
    """Return the weights as a vector, (features,), in the order of the names."""
    return np.array([weights[name] for name in names])
