"""Training examples for the reader: a question, the passage that answers it, and the best of those that do not.

The passages are those that Pullquote finds for the question, since the reader has to choose among these.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa import Settings
from qa.library.records import StoredPassage
from qa.text.passages import join_sentences
from training import samples
from training.samples import Articles, Sample

_WRONG = 6  # passages kept for each question that do not answer; each epoch draws from them
Places = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Read:
    """A passage as the reader's input."""

    text: str
    sentences: tuple[tuple[int, int], ...]  # [start, end) in the text
    answers: tuple[tuple[int, int], ...]  # [start, end) of gold answers in the text; empty if it does not answer


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the passage that answers it, if any, and others, best first."""

    id: str
    question: str
    right: Read | None
    wrong: tuple[Read, ...]


def answerable(articles: Articles) -> Iterator[Example]:
    """Yield the questions of a SQuAD file that have an answer, asked of a library of its articles."""
    return (example for example in from_squad2(articles) if example.right)


def impossible(articles: Articles) -> Iterator[Example]:
    """Yield the impossible questions of a SQuAD 2.0 file. The passages that seem to answer come first."""
    return (example for example in from_squad2(articles) if example.right is None)


def from_squad2(articles: Articles) -> Iterator[Example]:
    """Yield all questions of a SQuAD 2.0 file, asked of a library of its articles."""
    gold = _gold(articles)
    for sample, golden, others in _ask(articles):
        places = gold[sample.asked.id]
        right = next((read for read in (as_read(passage, places) for passage in golden) if read.answers), None)
        misleading = [] if sample.asked.answerable else golden  # its own passage only seems to answer
        wrong = tuple(as_read(passage, ()) for passage in [*misleading, *others][:_WRONG])
        if (right and wrong) or not sample.asked.answerable:
            yield Example(sample.asked.id, sample.asked.question, right, wrong)


def save(path: Path, examples: Sequence[Example]) -> None:
    """Write examples atomically, one a line."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(each)) + "\n" for each in examples)
    temporary.replace(path)


def load(path: Path) -> list[Example]:
    """Read the examples of a file."""
    with path.open(encoding="utf-8") as file:
        rows = map(json.loads, file)
        return [
            Example(row["id"], row["question"], _read(row["right"]) if row["right"] else None, tuple(map(_read, row["wrong"])))
            for row in rows
        ]


def _read(data: dict[str, Any]) -> Read:
    return Read(data["text"], tuple(map(tuple, data["sentences"])), tuple(map(tuple, data["answers"])))


def _ask(articles: Articles) -> Iterator[tuple[Sample, list[StoredPassage], list[StoredPassage]]]:
    """Yield each question, the passages of its own paragraph, and the passages found that do not answer."""
    with samples.library(articles, Settings()) as (assistant, questions):
        ids = samples.article_ids(assistant)
        answering: defaultdict[str, set[str]] = defaultdict(set)  # a question may be asked of several paragraphs
        for asked in questions:
            if asked.answerable and asked.source in ids:
                answering[asked.question].add(ids[asked.source])
        for sample in samples.ask(assistant, questions):
            asked = sample.asked
            with assistant.library.snapshot() as snapshot:
                golden = snapshot.article_passages(ids[asked.source]) if asked.source in ids else []
            yield sample, golden, _others(sample, answering[asked.question])


def _gold(articles: Articles) -> dict[str, Places]:
    """Return the places of each question's answers in its paragraph, by question id."""
    gold: dict[str, Places] = {}
    for article in articles:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            for asked in paragraph["qas"]:
                answers = [(answer["answer_start"], answer["text"]) for answer in asked["answers"]]
                gold[str(asked["id"])] = sorted(
                    {(start, start + len(answer)) for start, answer in answers if text[start : start + len(answer)] == answer}
                )
    return gold


def _others(sample: Sample, answering: Collection[str]) -> list[StoredPassage]:
    """Return the passages found that neither answer the question, as far as the data says, nor hold an answer by chance.

    Args:
        sample: a question and what was found for it.
        answering: ids of the articles that answer.
    """
    return [
        candidate.passage
        for candidate, gold, answers in zip(sample.candidates, sample.gold, sample.answers, strict=True)
        if not gold and not answers.any() and candidate.passage.reference.id not in answering
    ]


def as_read(passage: StoredPassage, answers: Places) -> Read:
    """Convert a passage to the reader's input, with those answers (places in the article) that stand in it."""
    text, spans = join_sentences(passage.sentences), passage.spans.tolist()

    def place_in_text(offset: int) -> int | None:
        places = zip(text.sentences, spans, strict=True)
        return next((into + offset - start for (into, _), (start, end) in places if start <= offset <= end), None)

    ends = [(place_in_text(start), place_in_text(end)) for start, end in answers]
    places = tuple((start, end) for start, end in ends if start is not None and end is not None and start < end)
    return Read(text.text, text.sentences, places)
