"""Test questions in whatever format they come, and the articles that some formats bring along."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from qa.evaluation.datasets.beir import is_beir, unpack_beir
from qa.evaluation.datasets.questions import TestQuestion, load_questions, text_of
from qa.evaluation.datasets.squad import unpack_squad
from qa.evaluation.datasets.tables import is_table, load_table
from qa.evaluation.datasets.trec import load_topics
from qa.types.errors import QuestionsUnreadable

Format = Literal["jsonl", "csv", "squad", "beir", "trec"]
_FIRST = 2_000  # characters that tell a format


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Test questions with what is known of where they are from."""

    questions: list[TestQuestion]
    format: Format
    articles: Path | None  # the folder that the articles were unpacked into; None where the format brings none


def load_question_set(
    path: Path,
    *,
    format: Format | None = None,  # noqa: A002 - the word that a reader would say
    qrels: Path | None = None,
    split: str = "test",
    articles: Path | None = None,
) -> QuestionSet:
    """Read test questions: our JSON lines, CSV, SQuAD 1.1 or 2.0, a BEIR folder, or TREC topics.

    Args:
        format: None tells it from what the file holds.
        qrels: the judgements of TREC topics, which need them.
        split: of a BEIR folder, which judgements to take.
        articles: a folder to write the articles to that SQuAD and BEIR bring along; None writes none.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there, or what the format needs.
    """
    told = format or told_format(path, topics=qrels is not None)
    if told not in get_args(Format):
        raise QuestionsUnreadable(f"There is no format {told!r} of test questions: {', '.join(get_args(Format))}.")
    if told == "trec":
        if qrels is None:
            raise QuestionsUnreadable(f"{path} holds TREC topics: name the file with their judgements as well (qrels).")
        return QuestionSet(load_topics(path, qrels), told, None)
    if qrels is not None:
        raise QuestionsUnreadable(f"{qrels}: judgements go with TREC topics, and {path} is read as {told}.")
    if told == "beir":
        return QuestionSet(unpack_beir(path, articles, split), told, articles)
    if told == "squad":
        return QuestionSet(unpack_squad(path, articles), told, articles)
    return QuestionSet(load_table(path) if told == "csv" else load_questions(path), told, None)


def told_format(path: Path, *, topics: bool = False) -> Format:
    """The format that a file or folder of test questions is in, by what it holds.

    Args:
        topics: judgements came with it, so that an id, a tab and a text a line are topics.

    Raises:
        QuestionsUnreadable: it is in none of them.
    """
    if path.is_dir():
        if is_beir(path):
            return "beir"
        raise QuestionsUnreadable(f"{path} is a folder, and not of BEIR's format: it has no corpus.jsonl and queries.jsonl.")
    begins = text_of(path)[:_FIRST].lstrip()
    first = begins.split("\n", 1)[0]
    if topics or re.search(r"^\s*<top>", begins, re.I | re.M):
        return "trec"
    if begins.startswith("{"):
        return "squad" if re.match(r'\{\s*"(?:version|data)"\s*:', begins) else "jsonl"
    if is_table(first):
        return "csv"
    if re.match(r"[^\t]+\t[^\t]+$", first):
        return "trec"
    return "jsonl"  # whose errors say what a line should be
