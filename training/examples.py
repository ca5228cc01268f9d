"""Examples that the reader learns from: a question, the passage that answers it, and the best of those that do not.

The passages are those that Pullquote itself finds for the question, since it is among these that the reader has to choose.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa import Settings
from qa.library.records import StoredPassage
from qa.text.passages import joined
from training import samples
from training.samples import Articles, Sample

_WRONG = 6  # passages that do not answer, kept for each question; each epoch draws from them
Places = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Read:
    """A passage as the reader is given it."""

    text: str
    sentences: tuple[tuple[int, int], ...]  # [start, end) in the text
    answers: tuple[tuple[int, int], ...]  # places of gold answers in the text; none where it does not answer


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the passage that answers it, if any does, and with others, best first."""

    id: str
    question: str
    right: Read | None
    wrong: tuple[Read, ...]


def answerable(articles: Articles) -> Iterator[Example]:
    """Questions on some articles of a SQuAD file, asked of a library of these articles."""
    gold = _gold(articles)
    for sample, golden, others in _asked(articles):
        places = gold[sample.asked.id]
        right = next((read for read in (as_read(passage, places) for passage in golden) if read.answers), None)
        wrong = tuple(as_read(passage, ()) for passage in others)[:_WRONG]
        if right and wrong:
            yield Example(sample.asked.id, sample.asked.question, right, wrong)


def impossible(articles: Articles) -> Iterator[Example]:
    """Those questions of a SQuAD 2.0 file that its paragraphs seem to answer and do not, first those they seem to."""
    for sample, golden, others in _asked(articles):
        if not sample.asked.answerable:
            wrong = tuple(as_read(passage, ()) for passage in [*golden, *others])[:_WRONG]
            yield Example(sample.asked.id, sample.asked.question, None, wrong)


def save(path: Path, examples: Sequence[Example]) -> None:
    """Write examples, one a line, all or none."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(each)) + "\n" for each in examples)
    temporary.replace(path)


def load(path: Path) -> list[Example]:
    """Read what was saved."""
    with path.open(encoding="utf-8") as file:
        rows = map(json.loads, file)
        return [
            Example(row["id"], row["question"], _read(row["right"]) if row["right"] else None, tuple(map(_read, row["wrong"])))
            for row in rows
        ]


def _read(data: dict[str, Any]) -> Read:
    return Read(data["text"], tuple(map(tuple, data["sentences"])), tuple(map(tuple, data["answers"])))


def _asked(articles: Articles) -> Iterator[tuple[Sample, list[StoredPassage], list[StoredPassage]]]:
    """Each question, the passages of the paragraph that it was written on, found or not, and those found that do not answer."""
    with samples.library(articles, Settings()) as (assistant, questions):
        ids = samples.article_ids(assistant)
        answering: defaultdict[str, set[str]] = defaultdict(set)  # a question may be asked of several paragraphs
        for asked in questions:
            if asked.answerable and asked.source in ids:
                answering[asked.question].add(ids[asked.source])
        for asked in questions:
            sample = samples.sample(assistant, asked)
            with assistant.library.snapshot() as snapshot:
                golden = snapshot.article_passages(ids[asked.source]) if asked.source in ids else []
            yield sample, golden, _others(sample, answering[asked.question])


def _gold(articles: Articles) -> dict[str, Places]:
    """Where each question's answers stand in its paragraph, by the question's id."""
    found: dict[str, Places] = {}
    for article in articles:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            for asked in paragraph["qas"]:
                answers = [(answer["answer_start"], answer["text"]) for answer in asked["answers"]]
                found[str(asked["id"])] = sorted(
                    {(start, start + len(answer)) for start, answer in answers if text[start : start + len(answer)] == answer}
                )
    return found


def _others(sample: Sample, answering: Collection[str]) -> list[StoredPassage]:
    """The passages found that do not answer the question, so far as the data says, nor hold an answer by chance.

    Args:
        answering: ids of the articles that do.
    """
    several = zip(sample.candidates, sample.gold, sample.answers, strict=True)
    return [
        each.passage
        for each, gold, answers in several
        if not gold and not answers.any() and each.passage.reference.id not in answering
    ]


def as_read(passage: StoredPassage, answers: Places) -> Read:
    """A passage as the reader is given it, with those of the answers, places in the article, that stand in it."""
    whole, spans = joined(passage.sentences), passage.spans.tolist()

    def placed(offset: int) -> int | None:
        places = zip(whole.sentences, spans, strict=True)
        return next((into + offset - start for (into, _), (start, end) in places if start <= offset <= end), None)

    found = [(placed(start), placed(end)) for start, end in answers]
    places = tuple((start, end) for start, end in found if start is not None and end is not None and start < end)
    return Read(whole.text, whole.sentences, places)
