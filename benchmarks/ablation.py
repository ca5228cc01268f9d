"""What each part of the scores is worth, by switching one off at a time: `python -m benchmarks.ablation --squad dev-v1.1.json`.

Data: 1,500 questions on SQuAD's articles with odd numbers, which nothing was learned from, in one library. The weights of the
other parts stay as they are. Each of some 25 variants asks all questions again, which takes some 40 minutes on two cores.
"""

import argparse
import random
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.support.squad import is_odd, library
from qa import Assistant, Settings
from qa.evaluation import TestQuestion, evaluate
from qa.types.weights import PASSAGE, SENTENCE

_SHIPPED = Settings()


def _without(group: str, name: str) -> Settings:
    return replace(_SHIPPED, weights=_SHIPPED.weights.changed(group, **{name: 0.0}))


_VARIANTS = {
    "as shipped": _SHIPPED,
    "which to read: no BM25": replace(_SHIPPED, words=0.0),
    "which to read: no cosines": replace(_SHIPPED, meaning=0.0, sentence=0.0),
    "5 passages read": replace(_SHIPPED, n_read=5),
    "10 passages read": replace(_SHIPPED, n_read=10),
    "30 passages read": replace(_SHIPPED, n_read=30),
    **{f"passages: no {name}": _without("passage", name) for name in PASSAGE},
    **{f"sentences: no {name}": _without("sentence", name) for name in SENTENCE},
    "no refusals": replace(_SHIPPED, least_confidence=0.0),
}


def main() -> None:
    """Ask the questions with each variant and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, required=True, help="a SQuAD file; each paragraph becomes an article")
    options.add_argument("--questions", type=int, default=1500)
    options.add_argument("--seed", type=int, default=0)
    arguments = options.parse_args()
    with library(arguments.squad) as (assistant, all_questions):
        questions = [question for question in all_questions if is_odd(question)]
        random.Random(arguments.seed).shuffle(questions)
        _print(assistant, questions[: arguments.questions])


def _print(assistant: Assistant, questions: list[TestQuestion]) -> None:
    table = Table("variant", "R@1", "R@5", "quote@1", "quote@3", "quote@5", "refused", box=None, pad_edge=False)
    for name, settings in _VARIANTS.items():
        assistant.settings = settings
        figures = evaluate(assistant, questions, whole_articles=True).figures
        quotes = (figures.quote_at_1 or 0, figures.quote_at_3 or 0, figures.quote_at_5 or 0)
        shares = (figures.ranking["R@1"], figures.ranking["R@5"], *quotes, figures.wrong_refusals / figures.n_questions)
        table.add_row(name, *(f"{share:.3f}" for share in shares))
    console = Console()
    console.print(f"{len(questions)} questions on articles with odd numbers")
    console.print(table)


if __name__ == "__main__":
    main()
