"""Test questions in any format, and the articles that some formats bring along."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from qa.evaluation.datasets.beir import is_beir, unpack_beir
from qa.evaluation.datasets.csv_questions import is_csv_header, load_csv
from qa.evaluation.datasets.questions import TestQuestion, load_questions, read_text
from qa.evaluation.datasets.squad import unpack_squad
from qa.evaluation.datasets.trec import load_topics
from qa.types.errors import QuestionsUnreadable

Format = Literal["jsonl", "csv", "squad", "beir", "trec"]
_SNIFFED = 2_000  # characters that the format is detected from


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Test questions and where they came from."""

    questions: list[TestQuestion]
    format: Format
    articles: Path | None  # the folder that the articles were unpacked into; None if the format brings none


def load_question_set(
    path: Path,
    *,
    format: Format | None = None,  # noqa: A002 - the word a user would use
    qrels: Path | None = None,
    split: str = "test",
    articles: Path | None = None,
) -> QuestionSet:
    """Read test questions: our JSON lines, CSV, SQuAD 1.1 or 2.0, a BEIR folder, or TREC topics.

    Args:
        path: a file, or a BEIR folder.
        format: by default detected from the content.
        qrels: the judgements of TREC topics, which need them.
        split: the judgements to take from a BEIR folder.
        articles: a folder to write the articles of SQuAD and BEIR to. None writes none.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there, or with what the format needs.
    """
    chosen = format or detect_format(path, topics=qrels is not None)
    if chosen not in get_args(Format):
        raise QuestionsUnreadable(f"There is no format {chosen!r} of test questions: {', '.join(get_args(Format))}.")
    if chosen == "trec":
        if qrels is None:
            raise QuestionsUnreadable(f"{path} holds TREC topics: name the file with their judgements as well (qrels).")
        return QuestionSet(load_topics(path, qrels), chosen, None)
    if qrels is not None:
        raise QuestionsUnreadable(f"{qrels}: judgements go with TREC topics, and {path} is read as {chosen}.")
    if chosen == "beir":
        return QuestionSet(unpack_beir(path, articles, split), chosen, articles)
    if chosen == "squad":
        return QuestionSet(unpack_squad(path, articles), chosen, articles)
    return QuestionSet(load_csv(path) if chosen == "csv" else load_questions(path), chosen, None)


def detect_format(path: Path, *, topics: bool = False) -> Format:
    """Detect the format of test questions from their content.

    Args:
        path: a file or folder.
        topics: whether judgements came with it. Then lines of an id, a tab and a text are topics.

    Raises:
        QuestionsUnreadable: a folder is not in BEIR's format, or the file cannot be read.
    """
    if path.is_dir():
        if is_beir(path):
            return "beir"
        raise QuestionsUnreadable(f"{path} is a folder, and not of BEIR's format: it has no corpus.jsonl and queries.jsonl.")
    text = read_text(path)[:_SNIFFED].lstrip()
    first_line = text.split("\n", 1)[0]
    if topics or re.search(r"^\s*<top>", text, re.I | re.M):
        return "trec"
    if text.startswith("{"):
        return "squad" if re.match(r'\{\s*"(?:version|data)"\s*:', text) else "jsonl"
    if is_csv_header(first_line):
        return "csv"
    if re.match(r"[^\t]+\t[^\t]+$", first_line):
        return "trec"
    return "jsonl"  # its errors say what a line should be
