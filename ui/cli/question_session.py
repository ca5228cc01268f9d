"""Test questions on the command line: the library that they are asked of, and the progress bar meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qa import Assistant
from qa.evaluation import Run, TestQuestion, check_questions, evaluate, load_question_set
from ui.cli.console import complain, progress_bar
from ui.errors import UsageError

OpenLibrary = Callable[[Path, str | None, str], Assistant]  # takes the library's folder, the encoder and the reader


@dataclass(frozen=True, slots=True)
class QuestionSession:
    """Test questions and the library that they are asked of."""

    questions: list[TestQuestion]
    articles: Path | None  # added to the library first
    library: Path | None  # None: a temporary one for each encoder
    temporary: Path  # where temporary libraries go
    open_library: OpenLibrary
    whole_articles: bool  # whether articles are judged as relevant, rather than passages of them

    def assistant(self, model: str | None, reader: str) -> Assistant:
        """Open an Assistant on the library, with the articles in it."""
        folder = self.library or self.temporary / (model or "default").replace("/", "-")
        assistant = self.open_library(folder, model, reader)
        if self.articles is not None:
            report = assistant.add(self.articles)
            if not assistant.articles():
                reason = report.failed[0].reason if report.failed else "it is empty"
                raise UsageError(f"{self.articles} holds no articles to ask ({reason}): name a library with --library.")
        return assistant


@contextmanager
def open_session(
    path: Path, library: Path | None, open_library: OpenLibrary, *, drafts: bool = False, **options: Any
) -> Iterator[QuestionSession]:
    """Read test questions. Temporary libraries are deleted afterwards.

    Args:
        drafts: whether to ask those that nobody has accepted as well.
        options: as for `load_question_set`.
    """
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        question_set = load_question_set(path, articles=Path(temporary, "articles"), **options)
        questions = [question for question in question_set.questions if drafts or not question.draft]
        if not questions:
            raise UsageError(f"{path} holds drafts only: accept them with `pullquote questions accept`, or take --drafts.")
        articles = question_set.articles or (path.parent if library is None else None)
        whole_articles = question_set.format in ("squad", "beir", "trec")
        yield QuestionSession(questions, articles, library, Path(temporary, "libraries"), open_library, whole_articles)


def warn_of_problems(assistant: Assistant, questions: Sequence[TestQuestion]) -> None:
    """Say on standard error how many questions do not fit the library, if any."""
    n = len({problem.question for problem in check_questions(assistant, questions)})
    if n:
        subject = "1 question does" if n == 1 else f"{n} questions do"
        complain(f"{subject} not fit the articles: see `pullquote questions check`.")


def run_questions(assistant: Assistant, questions: Sequence[TestQuestion], title: str = "Asking", **options: Any) -> Run:
    """Ask the questions, with a progress bar where standard error is a terminal.

    Args:
        options: as for `evaluate`.
    """
    with progress_bar(title, len(questions)) as update:
        return evaluate(assistant, questions, on_question=lambda done, _: update(done), **options)
