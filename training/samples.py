"""Questions asked of temporary libraries for training, with what was read for them and which of that is right."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from qa import Assistant, Settings
from qa.evaluation import TestQuestion, unpack_squad
from qa.question.parsing import parse
from qa.question.query import Query, QuestionVectors, formulate
from qa.search.reader.loading import NONE
from qa.search.reader.reader import Reader
from qa.search.retrieval import Candidate, retrieve
from qa.search.retrieval import read as read_passages
from qa.text.coverage import Shares, Truths
from qa.types.stopwatch import Stopwatch
from qa.types.weights import PASSAGE, Weights, ordered_weights

Articles = Sequence[dict[str, Any]]  # of a SQuAD file
_PARTS = 5  # of which one is held back
_BATCH = 64  # questions embedded at once


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


def learned_from(articles: Articles) -> Articles:
    """Return the paragraphs of a set that the reader learns from: four of five."""
    return _paragraphs(articles, lambda number: number != 0)


def held_back(articles: Articles) -> Articles:
    """Return the other fifth, from which confidence is learned. A paragraph falls in the same part in every set."""
    return _paragraphs(articles, lambda number: number == 0)


def _paragraphs(articles: Articles, wanted: Callable[[int], bool]) -> Articles:
    def chosen(paragraphs: Articles) -> Articles:
        return [each for each in paragraphs if wanted(zlib.crc32(each["context"].encode()) % _PARTS)]

    kept = ({**article, "paragraphs": chosen(article["paragraphs"])} for article in articles)
    return [article for article in kept if article["paragraphs"]]


def at_most(articles: Articles, n: int, draw: random.Random) -> Articles:
    """Keep at most n questions, chosen at random, and the paragraphs that they are asked of."""
    ids = [asked["id"] for article in articles for paragraph in article["paragraphs"] for asked in paragraph["qas"]]
    kept = set(draw.sample(ids, min(n, len(ids))))

    def fewer(paragraphs: Articles) -> Articles:
        with_fewer = ({**each, "qas": [asked for asked in each["qas"] if asked["id"] in kept]} for each in paragraphs)
        return [each for each in with_fewer if each["qas"]]

    parts = ({**article, "paragraphs": fewer(article["paragraphs"])} for article in articles)
    return [article for article in parts if article["paragraphs"]]


def write(squad: Path, articles: Articles) -> None:
    """Write articles as a SQuAD file."""
    squad.write_text(json.dumps({"data": list(articles)}), encoding="utf-8")


def read(squad: Path) -> Articles:
    """Read the articles of a SQuAD file, which may be compressed by gzip."""
    data = squad.read_bytes()
    articles: Articles = json.loads(gzip.decompress(data) if squad.suffix == ".gz" else data)["data"]
    return articles


@dataclass(frozen=True, slots=True)
class Asking:
    """The settings and the reader that questions are asked with."""

    settings: Settings
    reader: Reader | None = None


def known(articles: Articles, asking: Asking, about: Articles | None = None, n: int | None = None) -> Iterator[Sample]:
    """Ask all questions on some articles, or n of them, or only those `about` some of them, of a library of them all."""
    about = articles if about is None else about
    others = [article for article in articles if article not in about]
    yield from _ask(others, about, (), n, random.Random(0), asking)


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
            yield from ask(assistant, group if n is None else draw.sample(group, min(n, len(group))), asking.reader)


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
    write(squad, articles)
    return unpack_squad(squad, folder)


def ask(assistant: Assistant, questions: Sequence[TestQuestion], reader: Reader | None = None) -> Iterator[Sample]:
    """Ask questions, and yield what is read for each. They are embedded in batches, which is faster than one by one."""
    for start in range(0, len(questions), _BATCH):
        some = questions[start : start + _BATCH]
        vectors = assistant.encoder.encode_questions([asked.question for asked in some])
        for asked, vector in zip(some, vectors, strict=True):
            yield _sample(assistant, asked, QuestionVectors(vector, None), reader)


def _sample(assistant: Assistant, asked: TestQuestion, vectors: QuestionVectors, reader: Reader | None) -> Sample:
    settings = assistant.settings
    with assistant.library.snapshot() as snapshot:
        indexes = assistant.indexes.at(snapshot, lambda: assistant.encoder.dimension)
        question = formulate(parse(asked.question), vectors, indexes.words, settings)
        found = retrieve(question, settings.n_read, indexes, snapshot, settings, Stopwatch())
    candidates = tuple(read_passages(reader, question, found, settings) if reader else found)
    gold = [asked.source is not None and each.passage.reference.source.endswith(f"/{asked.source}") for each in candidates]
    answers = [
        np.array([any(answer in sentence for answer in asked.answers) for sentence in each.passage.sentences], bool)
        for each in candidates
    ]
    return Sample(asked, question, candidates, np.array(gold, bool), tuple(answers))
