"""Test questions on the command line: which library they are asked of, and the bar while they are."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qa import Assistant
from qa.evaluation import Run, TestQuestion, evaluate, load_questions, unpack_squad
from ui.errors import UsageError


@contextmanager
def asked_of(
    questions: Path | None, squad: Path | None, library: Path | None, open_library: Callable[[Path], Assistant]
) -> Iterator[tuple[Assistant, list[TestQuestion]]]:
    """The library that is asked, or a temporary one made of the articles that go with the questions; and the questions."""
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        articles = Path(temporary, "articles")
        if squad is not None:
            asked = unpack_squad(squad, articles)
        else:
            assert questions is not None
            asked, articles = load_questions(questions), questions.parent
        assistant = open_library(library or Path(temporary, "library"))
        if library is None or squad is not None:
            report = assistant.add(articles)
            if not assistant.articles():
                reason = report.failed[0].reason if report.failed else "it is empty"
                raise UsageError(f"{articles} holds no articles to ask ({reason}): name a library with --library.")
        yield assistant, asked


def measured(assistant: Assistant, asked: Sequence[TestQuestion], **how: Any) -> Run:
    """Ask the questions, with a bar on standard error where that is a terminal; `how` is as for `evaluate`."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("Asking", total=len(asked))
        return evaluate(assistant, asked, on_question=lambda done, _: progress.update(bar, completed=done), **how)
