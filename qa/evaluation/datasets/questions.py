"""Test questions: what is asked, and what must stand in a quote."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.index.vector_index import write_whole
from qa.types.errors import QuestionsUnreadable


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """A question with its gold answers."""

    __test__ = False  # pytest is not to collect it

    id: str
    question: str
    answers: tuple[str, ...] | None  # any one must stand in a quote; (): the articles do not say; None: nobody said
    source: str | None  # how the name of the article's source ends
    history: tuple[str, ...] = ()  # the questions asked before
    relevant: tuple[tuple[str, int], ...] = ()  # how the names of sources end, or ids in a corpus, each with its grade
    draft: bool = False  # proposed, and not yet accepted by a person

    @property
    def answerable(self) -> bool:
        """Whether the articles say, or nobody said that they do not."""
        return self.answers is None or bool(self.answers)


def load_questions(path: Path) -> list[TestQuestion]:
    """Read test questions, one JSON object a line; see `load_question_set` for other formats.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.
    """
    return told_apart(path, _read(path, text_of(path).split("\n")))


def save_questions(questions: Sequence[TestQuestion], path: Path) -> None:
    """Write test questions, one JSON object a line; a file in its place is replaced when all is written.

    Raises:
        QuestionsUnreadable: they cannot be written there.
    """
    try:
        write_whole(path, "".join(f"{as_line(question)}\n" for question in questions).encode())
    except (OSError, UnicodeEncodeError) as error:
        raise QuestionsUnreadable(f"The questions cannot be saved as {path}: {error}.") from error


def as_line(question: TestQuestion) -> str:
    """A test question as the line of JSON that `load_questions` reads back to it; what it need not say is left out."""
    answers = None if question.answers is None else list(question.answers)
    data: dict[str, Any] = {"id": question.id, "question": question.question, "answers": answers, "source": question.source}
    data["history"] = list(question.history)
    if question.relevant:
        data["relevant"] = dict(question.relevant)
    if question.draft:
        data["draft"] = True
    return json.dumps(data, ensure_ascii=False)


def text_of(path: Path) -> str:
    """A file's text, its line breaks made one kind.

    Raises:
        QuestionsUnreadable: it cannot be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsUnreadable(f"{path} cannot be read: {error}.") from error


def told_apart(path: Path, numbered: Iterable[tuple[int, TestQuestion]]) -> list[TestQuestion]:
    """Questions of a file, each with the number of its line: no id twice, and one question at least.

    Raises:
        QuestionsUnreadable: otherwise.
    """
    questions: dict[str, TestQuestion] = {}
    for number, question in numbered:
        if question.id in questions:
            raise QuestionsUnreadable(f"{path}, line {number}: the id {question.id!r} is taken by an earlier line.")
        questions[question.id] = question
    if not questions:
        raise QuestionsUnreadable(f"{path} holds no questions.")
    return list(questions.values())


def _read(path: Path, lines: list[str]) -> Iterator[tuple[int, TestQuestion]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, _question(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise QuestionsUnreadable(f"{path}, line {number}: {error}.") from error


def _question(data: Any) -> TestQuestion:
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    unknown = data.keys() - {"id", "question", "answers", "source", "history", "relevant", "draft"}
    if unknown:
        raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
    for name in ("id", "question"):
        if not isinstance(data.get(name), str) or not data[name].strip():
            raise ValueError(f"{name!r} must be text")
    source = data.get("source")
    if source is not None and not isinstance(source, str):
        raise ValueError("'source' must be a file name or null")
    relevant, draft = _grades(data.get("relevant")), data.get("draft", False)
    if not isinstance(draft, bool):
        raise ValueError("'draft' must be true or false")
    judged_only = bool(relevant) and data.get("answers") is None
    answers = None if judged_only else _texts(data, "answers")
    return TestQuestion(data["id"], data["question"], answers, source, _texts(data, "history"), relevant, draft)


def _texts(data: dict[str, Any], name: str) -> tuple[str, ...]:
    texts = data.get(name, [] if name == "history" else None)
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"{name!r} must be a list of texts")
    return tuple(texts)


def _grades(found: Any) -> tuple[tuple[str, int], ...]:
    if found is None:
        return ()
    if not isinstance(found, dict) or not all(name and type(grade) is int for name, grade in found.items()):
        raise ValueError("'relevant' must be an object of sources and whole numbers")
    return tuple(found.items())
