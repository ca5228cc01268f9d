"""Topics and relevance judgements as TREC writes them."""

import re
from collections.abc import Iterator
from pathlib import Path

from qa.evaluation.datasets.questions import TestQuestion, text_of, told_apart
from qa.types.errors import QuestionsUnreadable

Judged = dict[str, dict[str, int]]  # by question: grade by what was judged

_TOP = re.compile(r"^\s*<(/?)top>\s*$", re.I)
_FIELD = re.compile(
    r"^\s*<(num|title|desc|narr)[^>]*>\s*(?:(?:number|topic|description|narrative)\s*:)?\s*(.*?)\s*(?:</\w+>)?\s*$", re.I
)
_OTHER = re.compile(r"^\s*<")


def load_topics(path: Path, qrels: Path) -> list[TestQuestion]:
    """Read TREC topics, in `<top>` blocks or an id, a tab and a text a line, with what was judged relevant to each.

    Topics without a judgement are left out, as trec_eval does. No answers are known of them.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there; also where a judgement is of no topic.
    """
    text = text_of(path)
    read = _blocks if any(_TOP.match(line) for line in text.split("\n")) else _lines
    asked = told_apart(path, read(path, text.split("\n")))
    return judged(path, asked, qrels, load_qrels(qrels))


def judged(path: Path, asked: list[TestQuestion], qrels: Path, judgements: Judged) -> list[TestQuestion]:
    """The questions that there are judgements of, with these.

    Raises:
        QuestionsUnreadable: a judgement is of a question that is not there.
    """
    unknown = judgements.keys() - {question.id for question in asked}
    if unknown:
        raise QuestionsUnreadable(f"{qrels} judges the question {min(unknown)!r}, which is not in {path}.")
    return [
        TestQuestion(each.id, each.question, None, None, relevant=tuple(judgements[each.id].items()))
        for each in asked
        if each.id in judgements
    ]


def load_qrels(path: Path) -> Judged:
    """Read relevance judgements: question, iteration, document and grade a line, or BEIR's three columns with a header.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.
    """
    found: Judged = {}
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        cells = line.split()
        if not cells or (number == 1 and cells[-1].lower() in ("score", "relevance", "rel")):
            continue
        if len(cells) not in (3, 4) or not re.fullmatch(r"-?\d{1,9}", cells[-1]):
            raise QuestionsUnreadable(f"{path}, line {number}: a judgement is a question, a document and a whole number.")
        grades = found.setdefault(cells[0], {})
        if cells[-2] in grades:
            raise QuestionsUnreadable(f"{path}, line {number}: {cells[-2]!r} was judged for {cells[0]!r} by an earlier line.")
        grades[cells[-2]] = int(cells[-1])
    if not found:
        raise QuestionsUnreadable(f"{path} holds no judgements.")
    return found


def _lines(path: Path, lines: list[str]) -> Iterator[tuple[int, TestQuestion]]:
    for number, line in enumerate(lines, start=1):
        identity, _, text = (part.strip() for part in line.partition("\t"))
        if not line.strip():
            continue
        if not (identity and text) or "\t" in text:
            raise QuestionsUnreadable(f"{path}, line {number}: a topic is an id, a tab and a text.")
        yield number, TestQuestion(identity, text, None, None)


def _blocks(path: Path, lines: list[str]) -> Iterator[tuple[int, TestQuestion]]:
    began, fields, field = 0, {"num": "", "title": ""}, ""
    for number, line in enumerate(lines, start=1):
        top, tagged = _TOP.match(line), _FIELD.match(line)
        if top and bool(top[1]) != bool(began):
            raise QuestionsUnreadable(f"{path}, line {number}: a <top> is not closed, or closed twice.")
        if top and began:
            if not (fields["num"] and fields["title"]):
                raise QuestionsUnreadable(f"{path}, line {began}: the topic has no <{'title' if fields['num'] else 'num'}>.")
            yield began, TestQuestion(fields["num"], fields["title"], None, None)
            began = 0
        elif top:
            began, fields, field = number, {"num": "", "title": ""}, ""
        elif tagged and began:
            field = tagged[1].lower()
            fields[field] = tagged[2]
        elif _OTHER.match(line):
            field = ""
        elif field and line.strip():
            fields[field] = f"{fields[field]} {line.strip()}".strip()
    if began:
        raise QuestionsUnreadable(f"{path}, line {began}: the <top> is not closed.")
