"""Questions asked of libraries made for training, with everything that was known of what was read."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qa import Assistant, Settings
from qa.coverage import Shares, Truths
from qa.evaluation import TestQuestion, unpack_squad
from qa.retriever import Candidate, Question, retrieve, understand
from qa.stopwatch import Stopwatch
from qa.weights import PASSAGE, Weights, in_order

Articles = Sequence[dict[str, Any]]  # of a SQuAD file


@dataclass(frozen=True, slots=True)
class Sample:
    """A question, what was read for it, and which of that is right."""

    asked: TestQuestion
    question: Question
    candidates: tuple[Candidate, ...]
    gold: Truths  # of each candidate: whether the question was written on it
    answers: tuple[Truths, ...]  # of each candidate: whether each sentence holds a gold answer


def even(articles: Articles) -> Articles:
    """Those that are learned from."""
    return articles[0::2]


def odd(articles: Articles) -> Articles:
    """Those that are reported on, and nothing else."""
    return articles[1::2]


def read(squad: Path) -> Articles:
    """The articles of a SQuAD file."""
    found: Articles = json.loads(squad.read_text(encoding="utf-8"))["data"]
    return found


def known(articles: Articles, settings: Settings) -> Iterator[Sample]:
    """All questions on some articles, asked of a library of them."""
    yield from _ask(articles, (), None, random.Random(0), settings)


def half_known(articles: Articles, n: int, draw: random.Random, settings: Settings) -> Iterator[Sample]:
    """Questions of which half cannot be answered, since the articles that they are on were left out of the library.

    Args:
        n: how many.
        draw: which articles are left out and which questions are asked.
    """
    shuffled = draw.sample(articles, len(articles))
    middle = len(shuffled) // 2
    yield from _ask(shuffled[:middle], shuffled[middle:], n // 2, draw, settings)


def small(articles: Articles, draw: random.Random, settings: Settings) -> Iterator[Sample]:
    """Questions to small libraries, of eight paragraphs of an article and four of another; half are on other paragraphs."""
    shuffled = draw.sample(articles, len(articles))
    for number, article in enumerate(shuffled):
        paragraphs = draw.sample(article["paragraphs"], len(article["paragraphs"]))
        other = shuffled[number - 1]
        held = [{**article, "paragraphs": paragraphs[:8]}, {**other, "paragraphs": other["paragraphs"][:4]}]
        yield from _ask(held, [{**article, "paragraphs": paragraphs[8:]}], 12, draw, settings)


def ranked(sample: Sample, weights: Weights) -> Sample:
    """The sample as it would be with other weights of passages, which are read whatever their weights are."""
    scores = passage_features(sample) @ in_order(weights.passage, PASSAGE)
    order = np.argsort(-scores, kind="stable").tolist()
    candidates = tuple(replace(sample.candidates[at], score=float(scores[at])) for at in order)
    return replace(sample, candidates=candidates, gold=sample.gold[order], answers=tuple(sample.answers[at] for at in order))


def passage_features(sample: Sample) -> Shares:
    """What the score of each candidate is made of, (candidates, features), the columns as `PASSAGE` names them."""
    rows = [[getattr(each.parts, name) for name in PASSAGE] for each in sample.candidates]
    return np.array(rows, float).reshape(-1, len(PASSAGE))


def _ask(held: Articles, left_out: Articles, n: int | None, draw: random.Random, settings: Settings) -> Iterator[Sample]:
    """Make a library of what is held and ask n questions on that, or all, and n on what was left out."""
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        on_held = _unpacked(held, Path(temporary, "held"))
        on_left_out = [replace(each, answers=()) for each in _unpacked(left_out, Path(temporary, "left-out"))]
        assistant = Assistant.open(Path(temporary, "library"), settings=settings)
        assistant.add(Path(temporary, "held"))
        for questions in (on_held, on_left_out):
            for asked in questions if n is None else draw.sample(questions, min(n, len(questions))):
                yield sample(assistant, asked)


def _unpacked(articles: Articles, folder: Path) -> list[TestQuestion]:
    folder.mkdir()
    squad = folder.with_suffix(".json")
    squad.write_text(json.dumps({"data": list(articles)}))
    return unpack_squad(squad, folder)


def sample(assistant: Assistant, asked: TestQuestion) -> Sample:
    """One question and what is read for it."""
    settings, encoder = assistant.settings, assistant.encoder
    with assistant.library.reading() as view:
        indexes = assistant.indexes.at(view, lambda: encoder.dimension)
        vector = encoder.encode_questions([asked.question])[0]
        question = understand(asked.question, vector, indexes, settings)
        candidates = tuple(retrieve(question, settings.n_read, indexes, view, settings, Stopwatch()))
    gold = [asked.source is not None and each.passage.reference.source.endswith(f"/{asked.source}") for each in candidates]
    answers = [
        np.array([any(answer in sentence for answer in asked.answers) for sentence in each.passage.sentences], bool)
        for each in candidates
    ]
    return Sample(asked, question, candidates, np.array(gold, bool), tuple(answers))
