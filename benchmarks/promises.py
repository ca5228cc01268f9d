"""Whether a calibrated library keeps its promise on other articles: `python -m benchmarks.promises --squad2 dev-v2.0.json`.

All paragraphs of SQuAD 2.0 dev are one library; half of its questions are made so that the paragraphs only seem to answer them.
The calibration is fitted on questions on articles with even numbers, as `pullquote calibrate` does, and its promise compared
with what comes of questions on articles with odd numbers; then the articles are halved at random, again and again, since 17
articles differ from 18 others by chance.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.squad import is_odd, library
from benchmarks.table import machine
from qa import Assistant
from qa.errors import CalibrationImpossible
from qa.evaluation import TestQuestion, calibrate
from qa.evaluation.calibrating import fit, try_question
from qa.evaluation.confidence import calibration_error
from qa.evaluation.fitting import Tried
from qa.reader.loading import BUNDLED
from qa.settings import Settings

_WRONG = (None, 0.5, 0.4, 0.3, 0.2, 0.1)  # shares that may be wrong
_THROUGH_ASK = 200  # questions on odd articles that are asked with the calibration in place
_console = Console(width=140)


class Kept(NamedTuple):
    """A promise and what became of it."""

    answered: float  # share of the questions
    wrong: float  # of those answered
    promised_answered: float
    promised_wrong: float
    low: float
    high: float
    error: float  # calibration error of all first quotes, as they come
    calibrated_error: float  # and calibrated


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad2", type=Path, required=True, help="SQuAD 2.0 dev")
    options.add_argument("--limit", type=int, default=1_000, help="questions on each half of the articles")
    options.add_argument("--splits", type=int, default=50, help="how often the articles are halved at random")
    options.add_argument("--reader", default=BUNDLED)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    with library(chosen.squad2, reader=chosen.reader) as (assistant, questions):
        random.Random(chosen.seed).shuffle(questions)
        even = [each for each in questions if not is_odd(each)][: chosen.limit]
        odd = [each for each in questions if is_odd(each)][: chosen.limit]
        assistant.settings = replace(assistant.settings, calibrated=False)
        tried = {each: try_question(assistant, each) for each in (*even, *odd)}
        _even_and_odd([tried[each] for each in even], [tried[each] for each in odd], chosen.seed)
        _at_random(list(tried.values()), chosen.splits, chosen.seed)
        _through_ask(assistant, even, odd[:_THROUGH_ASK], tried)
    _console.print(machine())


def kept(fitted_on: Sequence[Tried], others: Sequence[Tried], wrong: float | None, seed: int) -> Kept:
    """Fit on some questions, and count what the calibration makes of others."""
    fitted = fit(fitted_on, wrong, Settings().least_confidence, seed)
    answered = [each for each in others if each.confidence >= fitted.least_confidence]
    promise, right = fitted.promise, [each.right for each in others]
    return Kept(
        len(answered) / len(others),
        sum(not each.right for each in answered) / max(1, len(answered)),
        promise.answered,
        promise.wrong,
        promise.low,
        promise.high,
        calibration_error([each.confidence for each in others], right),
        calibration_error([fitted.curve(each.confidence) for each in others], right),
    )


def _even_and_odd(even: Sequence[Tried], odd: Sequence[Tried], seed: int) -> None:
    heads = ("promised: answered", "wrong", "95 %", "kept: answered", "wrong", "points off", "ECE as it comes", "calibrated")
    table = Table(f"{len(even):,} even, {len(odd):,} odd; wrong at most", *heads, box=None, pad_edge=False)
    for wrong in _WRONG:
        try:
            each = kept(even, odd, wrong, seed)
        except CalibrationImpossible as error:
            table.add_row(_name(wrong), str(error).split(";")[-1].strip())
            continue
        table.add_row(
            _name(wrong),
            f"{each.promised_answered:.3f}",
            f"{each.promised_wrong:.3f}",
            f"{each.low:.3f} to {each.high:.3f}",
            f"{each.answered:.3f}",
            f"{each.wrong:.3f}",
            f"{100 * (each.wrong - each.promised_wrong):+.1f}",
            f"{each.error:.3f}",
            f"{each.calibrated_error:.3f}",
        )
    _console.print(table)


def _at_random(tried: Sequence[Tried], n_splits: int, seed: int) -> None:
    """Halve the articles at random and say how far promises are off, on the average and as a rule."""
    articles = sorted({str(each.source).split("/")[0] for each in tried})
    table = Table(
        f"{n_splits} random halves; wrong at most",
        *("answered", "wrong", "points off, mean", "mean size", "within 2 points", "within the interval"),
        box=None,
        pad_edge=False,
    )
    for wrong in _WRONG:
        draw, found = random.Random(seed), []
        for _ in range(n_splits):
            half = set(draw.sample(articles, len(articles) // 2))
            inside = [each for each in tried if str(each.source).split("/")[0] in half]
            outside = [each for each in tried if str(each.source).split("/")[0] not in half]
            try:
                found.append(kept(inside, outside, wrong, seed))
            except CalibrationImpossible:
                continue
        if found:
            off = 100 * np.array([each.wrong - each.promised_wrong for each in found])
            inside_of = np.mean([each.low <= each.wrong <= each.high for each in found])
            table.add_row(
                f"{_name(wrong)} ({len(found)})",
                f"{np.mean([each.answered for each in found]):.3f}",
                f"{np.mean([each.wrong for each in found]):.3f}",
                f"{off.mean():+.2f}",
                f"{abs(off).mean():.2f}",
                f"{(abs(off) <= 2).mean():.2f}",
                f"{inside_of:.2f}",
            )
    _console.print(table)


def _through_ask(
    assistant: Assistant, even: Sequence[TestQuestion], odd: Sequence[TestQuestion], tried: dict[TestQuestion, Tried]
) -> None:
    """Keep a calibration with the library and ask through it: what is refused is what was reckoned above."""
    calibration = calibrate(assistant, even[:_THROUGH_ASK])
    assistant.calibration.save(calibration)
    assistant.settings = replace(assistant.settings, calibrated=True)
    alike = 0
    for question in odd:
        answer, told = assistant.ask(question.question), tried[question]
        same_confidence = abs(answer.confidence - calibration.curve(told.confidence)) < 1e-6
        alike += same_confidence and answer.found == (told.confidence >= calibration.least_confidence)
    _console.print(f"asked with the calibration in place: {alike} of {len(odd)} questions answered or refused as reckoned")


def _name(wrong: float | None) -> str:
    return "the trade kept" if wrong is None else f"{wrong:.0%}"


if __name__ == "__main__":
    main()
