"""What correcting misspelled names is worth, and what it costs: `python -m benchmarks.typos --squad dev-v1.1.json`.

Data: SQuAD dev, with the correction and without. 1,000 questions with one random edit in a name, the same without the edit,
and 1,000 untouched questions, which should not change. And 2,000 questions to a library without every other article: a name
that is merely absent may be taken for a misspelled one, and a refusal be lost. It takes some ten minutes on two cores.
"""

import argparse
import random
import re
import string
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.support.squad import is_odd_article
from qa import Assistant, Settings
from qa.evaluation import Run, TestQuestion, evaluate, unpack_squad

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")  # not at the beginning of a question
_WITHOUT = Settings(most_respelled=0)


def main() -> None:
    """Build both libraries and print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, required=True, help="a SQuAD file; each paragraph becomes an article")
    options.add_argument("--questions", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    draw = random.Random(chosen.seed)
    with TemporaryDirectory(prefix="pullquote-") as temporary:
        articles = Path(temporary, "articles")
        questions = unpack_squad(chosen.squad, articles)
        draw.shuffle(questions)
        whole, half = (Assistant.open(Path(temporary, name)) for name in ("whole", "half"))
        whole.add(articles)
        half.add([folder for folder in sorted(articles.iterdir()) if not is_odd_article(folder.name)])
        print_tables(whole, half, questions, chosen.questions, draw)


def print_tables(whole: Assistant, half: Assistant, questions: Sequence[TestQuestion], n: int, draw: random.Random) -> None:
    """Ask all kinds of questions with the correction and without.

    Args:
        whole: the library of all articles.
        half: the library of the articles with even numbers.
        questions: on all articles, shuffled.
        n: questions of each kind.
        draw: the source of randomness.
    """
    with_name = [question for question in questions if _NAME.search(question.question)][:n]
    edited = [replace(question, question=misspell(question.question, draw)) for question in with_name]
    _compare("one edit in a name", whole, edited)
    _compare("the same questions without it", whole, with_name)
    _compare("untouched questions", whole, questions[:n])
    absent = [each if not is_odd_article(str(each.source)) else replace(each, answers=()) for each in questions[: 2 * n]]
    _compare("every other article left out", half, absent)


def misspell(question: str, draw: random.Random) -> str:
    """Return the question with one letter of a name deleted, inserted, replaced or swapped with the next."""
    name = draw.choice(list(_NAME.finditer(question)))
    at = draw.randrange(name.start() + 1, name.end() - 1)
    letter = draw.choice(string.ascii_lowercase.replace(question[at], ""))
    swapped = question[at + 1] + question[at] + question[at + 2 :]
    edited = draw.choice([question[at + 1 :], letter + question[at:], letter + question[at + 1 :], swapped])
    changed = question[:at] + edited
    return changed if changed != question else misspell(question, draw)


def _compare(title: str, assistant: Assistant, questions: Sequence[TestQuestion]) -> None:
    table = Table("correction", "R@1", "R@5", "quote@1", "quote@5", "refused", "AUROC", "corrected", "ms", box=None)
    for name, settings in (("off", _WITHOUT), ("on", Settings())):
        assistant.settings = settings
        table.add_row(name, *_row(evaluate(assistant, questions, whole_articles=True)))
    console = Console(width=120)
    console.print(f"{title}: {len(questions)} questions")
    console.print(table)


def _row(run: Run) -> list[str]:
    figures = run.figures
    refused = f"{figures.wrong_refusals} of {figures.n_answerable}"
    auroc = "–"
    if figures.n_unanswerable:
        refused += f", {figures.right_refusals} of {figures.n_unanswerable}"
        auroc = f"{figures.values['AUROC']:.4f}"
    corrected = sum(outcome.searched_for != outcome.question.question for outcome in run.outcomes)
    shares = (figures.ranking["R@1"], figures.ranking["R@5"], figures.quote_at_1 or 0, figures.quote_at_5 or 0)
    return [*(f"{share:.3f}" for share in shares), refused, auroc, str(corrected), f"{figures.median_seconds * 1000:.1f}"]


if __name__ == "__main__":
    main()
