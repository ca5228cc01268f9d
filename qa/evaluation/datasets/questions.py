"""Test questions: what to ask, and what a quote must hold."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from embeddings.atomic_write import write_output
from qa.types.errors import QuestionsUnreadable

_EXAMPLE = 'A file of test questions has one on each line, such as {"id": "1", "question": "Who won?", "answers": ["Ann Lee"]}.'


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """A question with its gold answers."""

    __test__ = False  # pytest must not collect it

    id: str
    question: str
    answers: tuple[str, ...] | None  # a quote must hold one; (): the articles do not answer; None: not known
    source: str | None  # the end of the article's source, such as its file name
    history: tuple[str, ...] = ()  # the questions asked before
    relevant: tuple[tuple[str, int], ...] = ()  # ends of sources, or ids in a corpus, each with its grade
    draft: bool = False  # proposed, and not yet accepted by a person

    @property
    def answerable(self) -> bool:
        """Whether the articles answer, or nobody said that they do not."""
        return self.answers is None or bool(self.answers)


def load_questions(path: Path) -> list[TestQuestion]:
    """Read test questions, one JSON object a line. See `load_question_set` for other formats.

    Raises:
        QuestionsUnreadable: with the file, the line and what is wrong there.
    """
    return check_unique(path, _parse_lines(path, read_text(path).split("\n")))


def save_questions(questions: Sequence[TestQuestion], path: Path) -> None:
    """Write test questions atomically, one JSON object a line.

    Raises:
        QuestionsUnreadable: the file cannot be written.
    """
    try:
        write_output(path, "".join(f"{to_json_line(question)}\n" for question in questions).encode())
    except (OSError, UnicodeEncodeError) as error:
        raise QuestionsUnreadable(f"The questions cannot be saved as {path}: {error}.") from error


def to_json_line(question: TestQuestion) -> str:
    """Return the line of JSON from which `load_questions` reads an equal question. Optional fields may be left out."""
    answers = None if question.answers is None else list(question.answers)
    data: dict[str, Any] = {"id": question.id, "question": question.question, "answers": answers, "source": question.source}
    data["history"] = list(question.history)
    if question.relevant:
        data["relevant"] = dict(question.relevant)
    if question.draft:
        data["draft"] = True
    return json.dumps(data, ensure_ascii=False)


def fingerprint(questions: Sequence[TestQuestion]) -> str:
    """Return the SHA-256 of test questions in their order, whatever file format they came from."""
    text = json.dumps([asdict(question) for question in questions], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_text(path: Path) -> str:
    """Read a UTF-8 file, with all line breaks as line feeds.

    Raises:
        QuestionsUnreadable: the file cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionsUnreadable(f"{path} is no text in UTF-8: save it as UTF-8 and try again.") from error
    except OSError as error:
        raise QuestionsUnreadable(f"{path} cannot be read: {error}.") from error


def check_unique(path: Path, numbered: Iterable[tuple[int, TestQuestion]]) -> list[TestQuestion]:
    """Return the questions of a file, given with their line numbers.

    Raises:
        QuestionsUnreadable: an id occurs twice, or there is no question.
    """
    questions: dict[str, TestQuestion] = {}
    for number, question in numbered:
        if question.id in questions:
            raise QuestionsUnreadable(f"{path}, line {number}: the id {question.id!r} is taken by an earlier line.")
        questions[question.id] = question
    if not questions:
        raise QuestionsUnreadable(f"{path} holds no questions.")
    return list(questions.values())


def _parse_lines(path: Path, lines: list[str]) -> Iterator[tuple[int, TestQuestion]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield number, _parse(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            raise QuestionsUnreadable(f"{path}, line {number}: this is no JSON. {_EXAMPLE}") from error
        except ValueError as error:
            raise QuestionsUnreadable(f"{path}, line {number}: {error}.") from error


def _parse(data: Any) -> TestQuestion:
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
    relevant, draft = _parse_grades(data.get("relevant")), data.get("draft", False)
    if not isinstance(draft, bool):
        raise ValueError("'draft' must be true or false")
    judged_only = bool(relevant) and data.get("answers") is None
    answers = None if judged_only else _parse_texts(data, "answers")
    return TestQuestion(data["id"], data["question"], answers, source, _parse_texts(data, "history"), relevant, draft)


def _parse_texts(data: dict[str, Any], name: str) -> tuple[str, ...]:
    texts = data.get(name, [] if name == "history" else None)
    if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"{name!r} must be a list of texts")
    return tuple(texts)


def _parse_grades(grades: Any) -> tuple[tuple[str, int], ...]:
    if grades is None:
        return ()
    if not isinstance(grades, dict) or not all(name and type(grade) is int for name, grade in grades.items()):
        raise ValueError("'relevant' must be an object of sources and whole numbers")
    return tuple(grades.items())
