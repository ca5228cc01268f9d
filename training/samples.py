"""Questions asked of temporary libraries for training, with what was read for them and which of that is right."""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qa import Assistant, Settings
from qa.evaluation import TestQuestion, unpack_squad
from qa.question.parsing import parse
from qa.question.query import Query, embed, formulate
from qa.search.reader.loading import NONE
from qa.search.reader.reader import Reader
from qa.search.retrieval import Candidate, retrieve
from qa.search.retrieval import read as read_passages
from qa.text.coverage import Shares, Truths
from qa.types.stopwatch import Stopwatch
from qa.types.weights import PASSAGE, Weights, ordered_weights

Articles = Sequence[dict[str, Any]]  # of a SQuAD file


@dataclass(frozen=True, slots=True)
class Sample:
    """A question, the candidates read for it, and which of them are right."""

    asked: TestQuestion
    question: Query
    candidates: tuple[Candidate, ...]
    gold: Truths  # (candidates,): whether the question was written on it
    answers: tuple[Truths, ...]  # for each candidate: whether each sentence holds a gold answer


def even(articles: Articles) -> Articles:
    """Return the articles to learn from."""
    return articles[0::2]


def odd(articles: Articles) -> Articles:
    """Return the articles that are only reported on."""
    return articles[1::2]


def for_the_weights(articles: Articles) -> Articles:
    """Return the articles that the weights are learned from, and the reader is not."""
    return even(articles)[2::3]


def for_the_reader(articles: Articles) -> Articles:
    """Return the articles that the reader learns from."""
    return [article for article in even(articles) if article not in for_the_weights(articles)]


def alike(articles: Articles, others: Articles) -> Articles:
    """Return the articles that share a title with others, as those of SQuAD 2.0 and 1.1 do."""
    titles = {article["title"] for article in others}
    return [article for article in articles if article["title"] in titles]


def read(squad: Path) -> Articles:
    """Read the articles of a SQuAD file."""
    articles: Articles = json.loads(squad.read_text(encoding="utf-8"))["data"]
    return articles


@dataclass(frozen=True, slots=True)
class Asking:
    """The settings and the reader that questions are asked with."""

    settings: Settings
    reader: Reader | None = None


def known(articles: Articles, asking: Asking, about: Articles | None = None) -> Iterator[Sample]:
    """Ask all questions on some articles, or only those `about` some of them, of a library of them all."""
    about = articles if about is None else about
    others = [article for article in articles if article not in about]
    yield from _ask(others, about, (), None, random.Random(0), asking)


def half_known(articles: Articles, n: int, draw: random.Random, asking: Asking, others: Articles = ()) -> Iterator[Sample]:
    """Ask questions half of which cannot be answered, since their articles are not in the library.

    Args:
        articles: asked about; half of them are left out.
        n: number of questions.
        draw: decides which articles are left out and which questions are asked.
        asking: settings and reader.
        others: articles in the library that are not asked about.
    """
    shuffled = draw.sample(articles, len(articles))
    middle = len(shuffled) // 2
    yield from _ask(others, shuffled[:middle], shuffled[middle:], n // 2, draw, asking)


def small(articles: Articles, draw: random.Random, asking: Asking) -> Iterator[Sample]:
    """Ask small libraries, of eight paragraphs of an article and four of another. Half of the questions are on others."""
    shuffled = draw.sample(articles, len(articles))
    for number, article in enumerate(shuffled):
        paragraphs = draw.sample(article["paragraphs"], len(article["paragraphs"]))
        other = shuffled[number - 1]
        held = [{**article, "paragraphs": paragraphs[:8]}, {**other, "paragraphs": other["paragraphs"][:4]}]
        yield from _ask((), held, [{**article, "paragraphs": paragraphs[8:]}], 12, draw, asking)


def ranked(sample: Sample, weights: Weights) -> Sample:
    """Rank the candidates of a sample anew with other passage weights. Which were read does not depend on them."""
    scores = passage_features(sample) @ ordered_weights(weights.passage, PASSAGE)
    order = np.argsort(-scores, kind="stable").tolist()
    candidates = tuple(replace(sample.candidates[at], score=float(scores[at])) for at in order)
    return replace(sample, candidates=candidates, gold=sample.gold[order], answers=tuple(sample.answers[at] for at in order))


def passage_features(sample: Sample) -> Shares:
    """Return the features of each candidate, (candidates, features), in the order of `PASSAGE`."""
    rows = [[getattr(candidate.parts, name) for name in PASSAGE] for candidate in sample.candidates]
    return np.array(rows, float).reshape(-1, len(PASSAGE))


def _ask(
    others: Articles, held: Articles, left_out: Articles, n: int | None, draw: random.Random, asking: Asking
) -> Iterator[Sample]:
    """Ask a library of `held` and `others` n questions on `held`, or all, and n on what was left out."""
    articles = [*held, *others]
    with library(articles, asking.settings) as (assistant, questions), TemporaryDirectory(prefix="pullquote-") as temporary:
        on_held = [each for each in questions if each.source and int(each.source.split("/")[0]) < len(held)]
        on_left_out = [replace(each, answers=()) for each in _unpack(left_out, Path(temporary, "left-out"))]
        for group in (on_held, on_left_out):
            for asked in group if n is None else draw.sample(group, min(n, len(group))):
                yield sample(assistant, asked, asking.reader)


@contextmanager
def library(articles: Articles, settings: Settings) -> Iterator[tuple[Assistant, list[TestQuestion]]]:
    """Open a temporary library of the paragraphs of some articles, with the questions on them."""
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        questions = _unpack(articles, Path(temporary, "held"))
        assistant = Assistant.open(Path(temporary, "library"), reader=NONE, settings=settings)
        assistant.add(Path(temporary, "held"))
        yield assistant, questions


def article_ids(assistant: Assistant) -> dict[str, str]:
    """Return the article id of each source that questions name."""
    return {"/".join(Path(each.source).parts[-2:]): each.id for each in assistant.articles()}


def _unpack(articles: Articles, folder: Path) -> list[TestQuestion]:
    folder.mkdir()
    squad = folder.with_suffix(".json")
    squad.write_text(json.dumps({"data": list(articles)}))
    return unpack_squad(squad, folder)


def sample(assistant: Assistant, asked: TestQuestion, reader: Reader | None = None) -> Sample:
    """Ask one question, and return what is read for it."""
    settings, encoder = assistant.settings, assistant.encoder
    with assistant.library.snapshot() as snapshot:
        indexes = assistant.indexes.at(snapshot, lambda: encoder.dimension)
        question = formulate(parse(asked.question), embed(parse(asked.question), encoder), indexes.words, settings)
        found = retrieve(question, settings.n_read, indexes, snapshot, settings, Stopwatch())
    candidates = tuple(read_passages(reader, question, found, settings) if reader else found)
    gold = [asked.source is not None and each.passage.reference.source.endswith(f"/{asked.source}") for each in candidates]
    answers = [
        np.array([any(answer in sentence for answer in asked.answers) for sentence in each.passage.sentences], bool)
        for each in candidates
    ]
    return Sample(asked, question, candidates, np.array(gold, bool), tuple(answers))
