"""What fusing words and meaning is worth beside either alone: `python -m benchmarks.fusing --squad FILE --policyqa FILE`.

SQuAD: all paragraphs are one library. PolicyQA: a library for each policy, since its questions do not name theirs. Paragraphs
are what should be found. The differences are paired, question by question, as `pullquote compare` makes them.
"""

import argparse
import random
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.squad import is_odd, libraries, library
from benchmarks.table import machine
from qa import Assistant
from qa.evaluation import Run, TestQuestion, compare_with_baseline, evaluate
from qa.search.reader.loading import NONE

_MEASURES = ("nDCG@10", "R@5", "RR@10")
_console = Console(width=140)


def main(arguments: list[str] | None = None) -> None:
    """Print a table for each of the data sets that are given."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad", type=Path, help="SQuAD 1.1 dev; of its articles with odd numbers nothing was learned")
    options.add_argument("--policyqa", type=Path, help="PolicyQA dev, in SQuAD's format")
    options.add_argument("--limit", type=int, help="questions of SQuAD, by chance, by default all on articles with odd numbers")
    options.add_argument("--reader", default=NONE)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args(arguments)
    if chosen.squad:
        with library(chosen.squad, reader=chosen.reader) as (assistant, questions):
            odd = [each for each in questions if is_odd(each)]
            random.Random(chosen.seed).shuffle(odd)
            _console.print(differences("SQuAD 1.1, odd articles", asked([(assistant, odd[: chosen.limit])])))
    if chosen.policyqa:
        _console.print(differences("PolicyQA", asked(libraries(chosen.policyqa, reader=chosen.reader))))
    _console.print(machine())


def asked(several: Iterable[tuple[Assistant, list[TestQuestion]]]) -> Run:
    """One run of the questions of several libraries, each asked of its own, with the simpler rankings."""
    runs = []
    for assistant, questions in several:
        runs.append(evaluate(assistant, questions, whole_articles=True, baselines=True))
        print(f"{sum(len(run.outcomes) for run in runs):,} questions asked", file=sys.stderr)
    return joined(runs)


def joined(runs: Sequence[Run]) -> Run:
    """The outcomes of runs on different questions in one, made as the first of them was."""
    by_question: dict[str, dict[str, tuple[float | None, ...]]] = {}
    for name in runs[0].by_question:
        for measure in {each for run in runs for each in run.by_question[name]}:
            found = [run.by_question[name].get(measure) or (None,) * len(run.outcomes) for run in runs]
            by_question.setdefault(name, {})[measure] = tuple(chain.from_iterable(found))
    outcomes = tuple(chain.from_iterable(run.outcomes for run in runs))
    return Run(outcomes, runs[0].made, runs[0].level, by_question=by_question)


def differences(name: str, run: Run) -> Table:
    """Pullquote less each simpler ranking, in a row for each measure."""
    heads = ("measure", "Pullquote", "alone", "difference", "95 % interval", "p", "won", "lost")
    table = Table(f"{name}, {run.figures.of.get('article R@1', 0):,} questions; less", *heads, box=None, pad_edge=False)
    for other in run.by_question:
        found = compare_with_baseline(run, other)
        for measure in _MEASURES:
            each = found.of(f"article {measure}")
            numbers = (f"{each.b:.4f}", f"{each.a:.4f}", f"{each.difference:+.4f}", f"{each.low:+.4f} to {each.high:+.4f}")
            table.add_row(other, measure, *numbers, f"{each.p:.4f}", str(len(each.won)), str(len(each.lost)))
    return table


if __name__ == "__main__":
    main()
