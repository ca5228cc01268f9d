"""Test questions on the command line: which library they are asked of, and the bar while they are."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from qa import Assistant
from qa.evaluation import Run, TestQuestion, evaluate, load_questions, unpack_squad
from ui.errors import UsageError


def measure(
    questions: Path | None,
    squad: Path | None,
    library: Path | None,
    open_library: Callable[[Path], Assistant],
    *,
    baselines: bool,
) -> Run:
    """Ask the questions of a library, or of a temporary one made of the articles that go with them."""
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
        return _run(assistant, asked, whole_articles=squad is not None, baselines=baselines)


def _run(assistant: Assistant, asked: list[TestQuestion], *, whole_articles: bool, baselines: bool) -> Run:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("Asking", total=len(asked))
        return evaluate(
            assistant,
            asked,
            whole_articles=whole_articles,
            baselines=baselines,
            on_question=lambda done, _: progress.update(bar, completed=done),
        )
