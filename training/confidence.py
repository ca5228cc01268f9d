"""Fit the confidence model: `python -m training.confidence --squad dev-v1.1.json`.

Prints the weights that stand in `qa/settings.py`, and how well they are calibrated on articles they were not fitted on.

Libraries of two sizes are made from SQuAD's articles, since confidence must mean the same in both: half of the articles at
hand, and small ones of eight paragraphs of an article with four of another. Each is asked questions that it answers and
questions on what was left out of it. Articles with even numbers are fitted on, odd ones are reported.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa import Assistant, Settings
from qa.evaluation import TestQuestion, unpack_squad
from qa.evaluation.measures import first_hit
from qa.quotes import choose, rank_sentences
from qa.retriever import retrieve, understand
from qa.stopwatch import Stopwatch

_BINS = 10  # of the expected calibration error


@dataclass(frozen=True, slots=True)
class Example:
    """A question, its first quote's features, and what is true of it."""

    features: tuple[float, float, float]  # cosine, coverage, ln(passages)
    correct: bool  # the first quote holds the answer
    answerable: bool
    large: bool  # the library


def main() -> None:
    """Fit, report, print the weights."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, required=True)
    options.add_argument("--questions", type=int, default=800, help="asked of each large library, half of them answerable")
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    articles = json.loads(chosen.squad.read_text())["data"]
    draw = random.Random(chosen.seed)
    halves = {parity: list(_examples(articles[parity::2], chosen.questions, draw)) for parity in (0, 1)}
    model = LogisticRegression(C=10, max_iter=2000)
    model.fit(_matrix(halves[0]), [each.correct for each in halves[0]], sample_weight=_balanced(halves[0]))
    names = ("confidence_meaning", "confidence_coverage", "confidence_size")
    print(", ".join(f"{name} {weight:.2f}" for name, weight in zip(names, model.coef_[0], strict=True)), end=", ")
    print(f"confidence_offset {model.intercept_[0]:.2f}")
    for large in (True, False):
        held_out = [each for each in halves[1] if each.large == large]
        _report("large" if large else "small", held_out, model.predict_proba(_matrix(held_out))[:, 1])


def _examples(articles: Sequence[dict[str, object]], n: int, draw: random.Random) -> Iterator[Example]:
    shuffled = list(articles)
    draw.shuffle(shuffled)
    half = len(shuffled) // 2
    yield from _ask(shuffled[:half], shuffled[half:], n // 2, draw, large=True)
    for number, article in enumerate(shuffled):
        paragraphs: list[object] = list(article["paragraphs"])  # type: ignore[call-overload]
        draw.shuffle(paragraphs)
        other = shuffled[number - 1]
        held = [{**article, "paragraphs": paragraphs[:8]}, {**other, "paragraphs": other["paragraphs"][:4]}]  # type: ignore[index]
        yield from _ask(held, [{**article, "paragraphs": paragraphs[8:]}], 12, draw, large=False)


def _ask(held: Sequence[object], left_out: Sequence[object], n: int, draw: random.Random, *, large: bool) -> Iterator[Example]:
    """Make a library of what is held and ask it n questions on that and n on what was left out."""
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        known = _unpacked(held, Path(temporary, "held"))
        unknown = [replace(each, answers=()) for each in _unpacked(left_out, Path(temporary, "left-out"))]
        assistant = Assistant.open(Path(temporary, "library"), settings=Settings(least_confidence=0))
        assistant.add(Path(temporary, "held"))
        for question in (*draw.sample(known, min(n, len(known))), *draw.sample(unknown, min(n, len(unknown)))):
            yield _example(assistant, question, large)


def _unpacked(articles: Sequence[object], folder: Path) -> list[TestQuestion]:
    folder.mkdir()
    squad = folder.with_suffix(".json")
    squad.write_text(json.dumps({"data": articles}))
    return unpack_squad(squad, folder)


def _example(assistant: Assistant, question: TestQuestion, large: bool) -> Example:
    settings, encoder = assistant.settings, assistant.encoder
    with assistant.library.reading() as view:
        indexes = assistant.indexes.at(view, lambda: encoder.dimension)
        vector = encoder.encode_questions([question.question])[0]
        understood = understand(question.question, vector, indexes, settings)
        candidates = retrieve(understood, settings.n_read, indexes, view, settings, Stopwatch())
        first = next(rank_sentences(understood, candidates, settings))  # what the first quote is made of
        quotes, _ = choose(understood, candidates, view, 1, settings)
    correct = first_hit([quote.text for quote in quotes], question.answers) is not None
    return Example((first.cosine, first.covered, log(understood.n_passages)), correct, question.answerable, large)


def _matrix(examples: Sequence[Example]) -> np.ndarray:
    return np.array([each.features for each in examples])


def _balanced(examples: Sequence[Example]) -> list[float]:
    """Weights that make both sizes of library count alike."""
    share = sum(each.large for each in examples) / len(examples)
    return [0.5 / share if each.large else 0.5 / (1 - share) for each in examples]


def _report(name: str, examples: Sequence[Example], predicted: np.ndarray) -> None:
    correct = np.array([each.correct for each in examples])
    answerable = np.array([each.answerable for each in examples])
    bins = np.minimum((predicted * _BINS).astype(int), _BINS - 1)
    error = sum((bins == b).mean() * abs(predicted[bins == b].mean() - correct[bins == b].mean()) for b in set(bins.tolist()))
    least = Settings().least_confidence
    refused = {kind: (predicted[answerable == kind] < least).mean() for kind in (True, False)}
    print(f"{name} libraries, {len(examples)} questions on articles not fitted on:")
    print(f"  expected calibration error {error:.3f}, AUROC of answerable {roc_auc_score(answerable, predicted):.3f}")
    print(f"  at {least}: {refused[False]:.3f} of the unanswerable refused, {refused[True]:.3f} of the answerable")


if __name__ == "__main__":
    main()
