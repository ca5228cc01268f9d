"""Test questions on the command line: which library they are asked of, and the bar while they are."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qa import Assistant
from qa.evaluation import Run, TestQuestion, check_questions, evaluate, load_question_set
from ui.cli.console import complain
from ui.errors import UsageError

Open = Callable[[Path, str | None, str], Assistant]  # a library's folder, the encoder and the reader


@dataclass(frozen=True, slots=True)
class Asked:
    """Test questions and the library they are asked of, or where a temporary one is made of the articles beside them."""

    questions: list[TestQuestion]
    articles: Path | None  # what is put into the library first
    library: Path | None  # None: a temporary one for each encoder
    temporary: Path
    open_library: Open
    whole_articles: bool  # whether articles are what should be found, rather than passages of them

    def assistant(self, model: str | None, reader: str) -> Assistant:
        """An Assistant on the library, with the articles in it."""
        folder = self.library or self.temporary / (model or "default").replace("/", "-")
        assistant = self.open_library(folder, model, reader)
        if self.articles is not None:
            report = assistant.add(self.articles)
            if not assistant.articles():
                reason = report.failed[0].reason if report.failed else "it is empty"
                raise UsageError(f"{self.articles} holds no articles to ask ({reason}): name a library with --library.")
        return assistant


@contextmanager
def prepared(questions: Path, library: Path | None, open_library: Open, *, drafts: bool = False, **how: Any) -> Iterator[Asked]:
    """Read the questions, `how` as for `load_question_set`; what is made to ask them is gone afterwards.

    Args:
        drafts: whether those that nobody has accepted are asked as well.
    """
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        found = load_question_set(questions, articles=Path(temporary, "articles"), **how)
        asked = [question for question in found.questions if drafts or not question.draft]
        if not asked:
            raise UsageError(f"{questions} holds drafts only: accept them with `pullquote questions accept`, or take --drafts.")
        beside = questions.parent if library is None else None
        libraries, whole = Path(temporary, "libraries"), found.format in ("squad", "beir", "trec")
        yield Asked(asked, found.articles or beside, library, libraries, open_library, whole)


def warn_of_problems(assistant: Assistant, asked: Sequence[TestQuestion]) -> None:
    """Say on standard error how many questions do not fit the library, if any."""
    wrong = len({problem.question for problem in check_questions(assistant, asked)})
    if wrong:
        what = "1 question does" if wrong == 1 else f"{wrong} questions do"
        complain(f"{what} not fit the articles: see `pullquote questions check`.")


def measured(assistant: Assistant, asked: Sequence[TestQuestion], what: str = "Asking", **how: Any) -> Run:
    """Ask the questions, with a bar on standard error where that is a terminal; `how` is as for `evaluate`."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task(what, total=len(asked))
        return evaluate(assistant, asked, on_question=lambda done, _: progress.update(bar, completed=done), **how)
