"""Questions to click on the page, taken from test questions that lie beside the articles."""

from collections.abc import Sequence
from pathlib import Path

from qa.evaluation.datasets.questions import load_questions
from qa.types.errors import QuestionsUnreadable

_MOST = 4


def question_files(paths: Sequence[Path]) -> list[Path]:
    """The files of test questions, `questions.jsonl`, in these folders."""
    return [path / "questions.jsonl" for path in paths if (path / "questions.jsonl").is_file()]


def examples(files: Sequence[Path]) -> list[str]:
    """A few questions from files of test questions: of different articles, and one not in them."""
    try:
        asked = [question for path in files for question in load_questions(path) if not (question.history or question.draft)]
    except QuestionsUnreadable:
        return []  # the page is of use without examples
    by_source: dict[str | None, str] = {}
    for question in asked:
        if question.answerable:
            by_source.setdefault(question.source, question.question)
    unanswerable = [question.question for question in asked if not question.answerable]
    return [*list(by_source.values())[: _MOST - 1], *unanswerable[:1]]
