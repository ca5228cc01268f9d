"""Test questions: what is asked, and what must stand in a quote."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import QuestionsUnreadable


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
        """Whether the articles say."""
        return bool(self.answers)


def load_questions(path: Path) -> list[TestQuestion]:
    """Read test questions, one JSON object a line.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsUnreadable(f"{path} cannot be read: {error}.") from error
    questions = list(_read(path, lines))
    if not questions:
        raise QuestionsUnreadable(f"{path} holds no questions.")
    return questions


def _read(path: Path, lines: list[str]) -> Iterator[TestQuestion]:
    ids: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = _question(json.loads(line))
        except ValueError as error:
            raise QuestionsUnreadable(f"{path}, line {number}: {error}.") from error
        if question.id in ids:
            raise QuestionsUnreadable(f"{path}, line {number}: the id {question.id!r} is taken by an earlier line.")
        ids.add(question.id)
        yield question


def _question(data: Any) -> TestQuestion:
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    unknown = data.keys() - {"id", "question", "answers", "source", "history"}
    if unknown:
        raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
    for name in ("id", "question"):
        if not isinstance(data.get(name), str) or not data[name].strip():
            raise ValueError(f"{name!r} must be text")
    source = data.get("source")
    if source is not None and not isinstance(source, str):
        raise ValueError("'source' must be a file name or null")
    return TestQuestion(data["id"], data["question"], _texts(data, "answers"), source, _texts(data, "history"))


def _texts(data: dict[str, Any], name: str) -> tuple[str, ...]:
    texts = data.get(name, [] if name == "history" else None)
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"{name!r} must be a list of texts")
    return tuple(texts)
