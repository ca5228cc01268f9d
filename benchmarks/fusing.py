"""What fusing BM25 and vectors is worth beside either alone: `python -m benchmarks.fusing --squad FILE --policyqa FILE`.

Data: SQuAD, whose paragraphs are one library, and PolicyQA, with a library for each policy, since its questions do not name
theirs. Paragraphs are the relevant articles. Differences are paired by question, as in `pullquote compare`. Without the
reader a question takes some 10 ms, so that 5,173 and 3,809 questions take a few minutes beside adding the articles.
"""

import argparse
import random
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.support.squad import is_odd, libraries, library
from benchmarks.support.table import machine
from qa import Assistant
from qa.evaluation import Run, TestQuestion, compare_with_baseline, evaluate
from qa.search.reader.loading import NONE

_MEASURES = ("nDCG@10", "R@5", "RR@10")
_console = Console(width=140)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print a table for each data set given."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, help="SQuAD 1.1 dev; of its articles with odd numbers nothing was learned")
    options.add_argument("--policyqa", type=Path, help="PolicyQA dev, in SQuAD's format")
    options.add_argument("--limit", type=int, help="random questions of SQuAD, by default all on articles with odd numbers")
    options.add_argument("--reader", default=NONE)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args(arguments)
    if chosen.squad:
        with library(chosen.squad, reader=chosen.reader) as (assistant, questions):
            odd = [question for question in questions if is_odd(question)]
            random.Random(chosen.seed).shuffle(odd)
            _console.print(differences("SQuAD 1.1, odd articles", ask_all([(assistant, odd[: chosen.limit])])))
    if chosen.policyqa:
        _console.print(differences("PolicyQA", ask_all(libraries(chosen.policyqa, reader=chosen.reader))))
    _console.print(machine())


def ask_all(libraries_with_questions: Iterable[tuple[Assistant, list[TestQuestion]]]) -> Run:
    """Ask several libraries their own questions, baselines included, and return one run."""
    runs = []
    for assistant, questions in libraries_with_questions:
        runs.append(evaluate(assistant, questions, whole_articles=True, baselines=True))
        print(f"{sum(len(run.outcomes) for run in runs):,} questions asked", file=sys.stderr)
    return join_runs(runs)


def join_runs(runs: Sequence[Run]) -> Run:
    """Join runs on different questions. The info is that of the first."""
    by_question: dict[str, dict[str, tuple[float | None, ...]]] = {}
    for name in runs[0].by_question:
        for measure in {measure for run in runs for measure in run.by_question[name]}:
            columns = [run.by_question[name].get(measure) or (None,) * len(run.outcomes) for run in runs]
            by_question.setdefault(name, {})[measure] = tuple(chain.from_iterable(columns))
    outcomes = tuple(chain.from_iterable(run.outcomes for run in runs))
    return Run(outcomes, runs[0].made, runs[0].level, by_question=by_question)


def differences(name: str, run: Run) -> Table:
    """Tabulate Pullquote less each baseline, with a row for each measure."""
    heads = ("measure", "Pullquote", "alone", "difference", "95 % interval", "p", "won", "lost")
    table = Table(f"{name}, {run.figures.of.get('article R@1', 0):,} questions; less", *heads, box=None, pad_edge=False)
    for baseline in run.by_question:
        comparison = compare_with_baseline(run, baseline)
        for measure in _MEASURES:
            row = comparison.of(f"article {measure}")
            numbers = (f"{row.b:.4f}", f"{row.a:.4f}", f"{row.difference:+.4f}", f"{row.low:+.4f} to {row.high:+.4f}")
            table.add_row(baseline, measure, *numbers, f"{row.p:.4f}", str(len(row.won)), str(len(row.lost)))
    return table


if __name__ == "__main__":
    main()
