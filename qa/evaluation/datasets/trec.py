"""TREC topics and relevance judgements."""

import re
from collections.abc import Iterator
from pathlib import Path

from qa.evaluation.datasets.questions import TestQuestion, check_unique, read_text
from qa.types.errors import QuestionsUnreadable

Judgements = dict[str, dict[str, int]]  # by question and document: the grade

_TOP = re.compile(r"^\s*<(/?)top>\s*$", re.I)
_FIELD = re.compile(
    r"^\s*<(num|title|desc|narr)[^>]*>\s*(?:(?:number|topic|description|narrative)\s*:)?\s*(.*?)\s*(?:</\w+>)?\s*$", re.I
)
_OTHER = re.compile(r"^\s*<")


def load_topics(path: Path, qrels: Path) -> list[TestQuestion]:
    """Read TREC topics with their relevance judgements.

    Topics are `<top>` blocks, or lines of an id, a tab and a text. Topics without a judgement are left out, as trec_eval does.
    Their answers are not known.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there, or if a judgement is of an unknown topic.
    """
    lines = read_text(path).split("\n")
    parse = _parse_blocks if any(_TOP.match(line) for line in lines) else _parse_lines
    return attach_judgements(path, check_unique(path, parse(path, lines)), qrels, load_qrels(qrels))


def attach_judgements(path: Path, questions: list[TestQuestion], qrels: Path, judgements: Judgements) -> list[TestQuestion]:
    """Return the judged questions with their judgements.

    Args:
        path: of the questions, for error messages.
        questions: judged or not.
        qrels: the file of the judgements, for error messages.
        judgements: of these questions.

    Raises:
        QuestionsUnreadable: a judgement is of an unknown question.
    """
    unknown = judgements.keys() - {question.id for question in questions}
    if unknown:
        raise QuestionsUnreadable(f"{qrels} judges the question {min(unknown)!r}, which is not in {path}.")
    return [
        TestQuestion(question.id, question.question, None, None, relevant=tuple(judgements[question.id].items()))
        for question in questions
        if question.id in judgements
    ]


def load_qrels(path: Path) -> Judgements:
    """Read relevance judgements, a line each.

    A line is a question, an iteration, a document and a grade, or the three columns of BEIR with a header.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.
    """
    judgements: Judgements = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        cells = line.split()
        if not cells or (number == 1 and cells[-1].lower() in ("score", "relevance", "rel")):
            continue
        if len(cells) not in (3, 4) or not re.fullmatch(r"-?\d{1,9}", cells[-1]):
            raise QuestionsUnreadable(f"{path}, line {number}: a judgement is a question, a document and a whole number.")
        grades = judgements.setdefault(cells[0], {})
        if cells[-2] in grades:
            raise QuestionsUnreadable(f"{path}, line {number}: {cells[-2]!r} was judged for {cells[0]!r} by an earlier line.")
        grades[cells[-2]] = int(cells[-1])
    if not judgements:
        raise QuestionsUnreadable(f"{path} holds no judgements.")
    return judgements


def _parse_lines(path: Path, lines: list[str]) -> Iterator[tuple[int, TestQuestion]]:
    for number, line in enumerate(lines, start=1):
        identity, _, text = (part.strip() for part in line.partition("\t"))
        if not line.strip():
            continue
        if not (identity and text) or "\t" in text:
            raise QuestionsUnreadable(f"{path}, line {number}: a topic is an id, a tab and a text.")
        yield number, TestQuestion(identity, text, None, None)


def _parse_blocks(path: Path, lines: list[str]) -> Iterator[tuple[int, TestQuestion]]:
    start, fields, field = 0, {"num": "", "title": ""}, ""  # start: the line of an open <top>, 0 outside
    for number, line in enumerate(lines, start=1):
        top, tag = _TOP.match(line), _FIELD.match(line)
        if top and bool(top[1]) != bool(start):
            raise QuestionsUnreadable(f"{path}, line {number}: a <top> is not closed, or closed twice.")
        if top and start:
            if not (fields["num"] and fields["title"]):
                raise QuestionsUnreadable(f"{path}, line {start}: the topic has no <{'title' if fields['num'] else 'num'}>.")
            yield start, TestQuestion(fields["num"], fields["title"], None, None)
            start = 0
        elif top:
            start, fields, field = number, {"num": "", "title": ""}, ""
        elif tag and start:
            field = tag[1].lower()
            fields[field] = tag[2]
        elif _OTHER.match(line):
            field = ""
        elif field and line.strip():
            fields[field] = f"{fields[field]} {line.strip()}".strip()
    if start:
        raise QuestionsUnreadable(f"{path}, line {start}: the <top> is not closed.")
