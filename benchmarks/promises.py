"""Whether a calibrated library keeps its promise: `python -m benchmarks.promises --squad2 dev-v2.0.json --squad dev-v1.1.json`.

Data: all paragraphs of SQuAD 2.0 dev as one library. Half of its questions only seem to be answered by them. The calibration
is fitted to questions on every other article, as `pullquote calibrate` does, and its promise compared with the results on the
other articles. Then the other way round. Then articles are halved at random, again and again, and questions too. That tells
how much of a difference is due to articles that differ, and how much to few questions.

With --squad, only articles that nothing was learned from are asked about. On articles that the reader learned from its
confidence is worth more than on a user's own. Asking 11,873 questions takes half an hour. --keep FILE saves the result of each
question, and asks only those that are not in the file.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.support.squad import library
from benchmarks.support.table import machine
from qa import Assistant
from qa.evaluation import TestQuestion, calibrate
from qa.evaluation.calibration.calibrate import fit, try_question
from qa.evaluation.calibration.fitting import Bools, Trial, curve_values
from qa.evaluation.metrics.confidence import calibration_error
from qa.search.reader.loading import BUNDLED
from qa.types.errors import CalibrationImpossible
from qa.types.settings import Settings
from training import samples

_WRONG = (None, 0.5, 0.4, 0.3, 0.2, 0.1)  # shares of answered questions that may be wrong
_THROUGH_ASK = 200  # questions asked with the calibration in place
_SAMPLES = 10_000  # bootstrap samples of articles
_console = Console(width=160)


class Check(NamedTuple):
    """A promise, and the result on other questions."""

    answered: float  # share of the questions
    wrong: float  # of those answered
    promised_answered: float
    promised_wrong: float
    low: float
    high: float
    off: float  # points; above 0 if more was wrong than promised
    off_low: float  # 95 % interval over samples of articles
    off_high: float
    off_weighted: float  # points, with the promise weighted to the share of unanswerable questions among the others
    error: float  # calibration error of all first quotes, uncalibrated
    calibrated_error: float  # calibrated


def main() -> None:
    """Ask the questions and print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad2", type=Path, required=True, help="SQuAD 2.0 dev")
    options.add_argument("--squad", type=Path, help="SQuAD 1.1 dev: ask only about its articles with odd numbers")
    options.add_argument("--limit", type=int, help="questions on each half of the articles, by default all")
    options.add_argument("--splits", type=int, default=50, help="how often articles, and questions, are halved at random")
    options.add_argument("--keep", type=Path, help="a file for the results of the questions, to continue from")
    options.add_argument("--reader", default=BUNDLED)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    with library(chosen.squad2, reader=chosen.reader) as (assistant, questions):
        random.Random(chosen.seed).shuffle(questions)
        articles = _articles(chosen.squad2, chosen.squad)
        even, odd = ([q for q in questions if _folder(q.source) in half] for half in (articles[::2], articles[1::2]))
        even, odd = even[: chosen.limit], odd[: chosen.limit]
        assistant.settings = replace(assistant.settings, calibrated=False)
        trials = _try_questions(assistant, [*even, *odd], chosen.keep)
        _check_halves([trials[question.id] for question in even], [trials[question.id] for question in odd], chosen.seed)
        all_trials = list(trials.values())
        _check_random_halves("articles", all_trials, [_article(trial) for trial in all_trials], chosen.splits, chosen.seed)
        _check_random_halves("questions", all_trials, range(len(all_trials)), chosen.splits, chosen.seed)
        _check_asking(assistant, even, odd[:_THROUGH_ASK], trials)
    _console.print(machine())


def _articles(squad2: Path, squad: Path | None) -> list[str]:
    """Return the folders of the articles that are asked about."""
    unseen = {article["title"] for article in samples.odd(samples.read(squad))} if squad else None
    titles = [article["title"] for article in samples.read(squad2)]
    return [f"{number:03d}" for number, title in enumerate(titles) if unseen is None or title in unseen]


def _try_questions(assistant: Assistant, questions: Sequence[TestQuestion], keep: Path | None) -> dict[str, Trial]:
    """Try each question and return the results by id.

    Args:
        assistant: of the library.
        questions: with known answers.
        keep: a file of results to reuse and extend. It must be of the same encoder, reader and weights.
    """
    with assistant.library.snapshot() as snapshot:
        basis = asdict(assistant.basis(snapshot))
    lines = keep.read_text("utf-8").splitlines() if keep and keep.exists() else [json.dumps(basis)]
    if json.loads(lines[0]) != basis:
        raise SystemExit(f"{keep} is of another encoder, reader or weights: name another file.")
    trials = {name: Trial(*values) for name, *values in map(json.loads, lines[1:])}
    for question in questions:
        if question.id not in trials:
            trials[question.id] = try_question(assistant, question)
            lines.append(json.dumps([question.id, *trials[question.id]]))
    if keep:
        keep.write_text("\n".join(lines) + "\n", "utf-8")
    return {question.id: trials[question.id] for question in questions}


def check_promise(fitted_on: Sequence[Trial], others: Sequence[Trial], wrong: float | None, seed: int) -> Check:
    """Fit on some questions, and check the promise on others.

    Raises:
        CalibrationImpossible: it cannot be fitted.
    """
    fitted = fit(fitted_on, wrong, Settings().least_confidence, seed)
    confidences, right = np.array([trial.confidence for trial in others]), [trial.right for trial in others]
    answered: Bools = confidences >= fitted.least_confidence
    promise, share = fitted.promise, _share_wrong(others, answered)
    unanswerable = float(np.mean([not trial.answerable for trial in others]))
    weighted = fit(fitted_on, wrong, Settings().least_confidence, seed, unanswerable)
    off_weighted = _share_wrong(others, confidences >= weighted.least_confidence) - weighted.promise.wrong
    low, high = _bootstrap_interval(fitted_on, fitted.answered, others, answered, seed)
    return Check(
        float(answered.mean()),
        share,
        promise.answered,
        promise.wrong,
        promise.low,
        promise.high,
        100 * (share - promise.wrong),
        low,
        high,
        100 * off_weighted,
        calibration_error(confidences.tolist(), right),
        calibration_error(curve_values(fitted.curve, confidences).tolist(), right),
    )


def _share_wrong(trials: Sequence[Trial], answered: Bools) -> float:
    right = [trial.right for trial, is_answered in zip(trials, answered.tolist(), strict=True) if is_answered]
    return right.count(False) / max(len(right), 1)


def _bootstrap_interval(
    fitted_on: Sequence[Trial], held_out: Bools, others: Sequence[Trial], answered: Bools, seed: int
) -> tuple[float, float]:
    """Compute the 95 % interval of the points off, by a bootstrap of the articles of both halves."""
    rng = np.random.default_rng(seed)
    shares = []
    for trials, mask in ((fitted_on, held_out), (others, answered)):
        names = sorted({_article(trial) for trial in trials})
        counts = np.zeros((len(names), 2))  # answered and wrong, by article
        for trial, is_answered in zip(trials, mask.tolist(), strict=True):
            counts[names.index(_article(trial))] += (is_answered, is_answered and not trial.right)
        n, n_wrong = (rng.multinomial(len(names), [1 / len(names)] * len(names), _SAMPLES) @ counts).T
        shares.append(n_wrong / np.maximum(n, 1))
    low, high = np.percentile(100 * (shares[1] - shares[0]), [2.5, 97.5])
    return float(low), float(high)


def _check_halves(even: Sequence[Trial], odd: Sequence[Trial], seed: int) -> None:
    heads = ("promised: answered", "wrong", "95 %", "kept: answered", "wrong", "points off", "95 %", "share told", "ECE")
    table = Table("fitted on", "wrong at most", *heads, "calibrated", box=None, pad_edge=False)
    shares = [np.mean([not trial.answerable for trial in half]) for half in (even, odd)]
    for name, here, there in (("one half", even, odd), ("the other", odd, even)):
        for wrong in _WRONG:
            try:
                check = check_promise(here, there, wrong, seed)
            except CalibrationImpossible as error:
                table.add_row(name, _name(wrong), str(error).split("; ")[-1].split(". ")[0])
                continue
            table.add_row(
                name,
                _name(wrong),
                f"{check.promised_answered:.3f}",
                f"{check.promised_wrong:.3f}",
                f"{check.low:.3f} to {check.high:.3f}",
                f"{check.answered:.3f}",
                f"{check.wrong:.3f}",
                f"{check.off:+.1f}",
                f"{check.off_low:+.1f} to {check.off_high:+.1f}",
                f"{check.off_weighted:+.1f}",
                f"{check.error:.3f}",
                f"{check.calibrated_error:.3f}",
            )
    _console.print(
        f"{len(even):,} questions on one half, {shares[0]:.3f} unanswerable; {len(odd):,} on the other, {shares[1]:.3f}"
    )
    _console.print(table)


def _check_random_halves(what: str, trials: Sequence[Trial], groups: Sequence[str | int], n_splits: int, seed: int) -> None:
    """Halve the groups at random, again and again, and tabulate how far promises are off."""
    names = sorted(set(groups))
    table = Table(
        f"{n_splits} random halves of the {what}; wrong at most",
        *("answered", "wrong", "points off, mean", "mean size", "within 2 points", "within its interval"),
        *("share told: mean size", "within 2 points"),
        box=None,
        pad_edge=False,
    )
    for wrong in _WRONG:
        draw, checks = random.Random(seed), []
        for _ in range(n_splits):
            half = set(draw.sample(names, len(names) // 2))
            inside = [trial for trial, group in zip(trials, groups, strict=True) if group in half]
            outside = [trial for trial, group in zip(trials, groups, strict=True) if group not in half]
            try:
                checks.append(check_promise(inside, outside, wrong, seed))
            except CalibrationImpossible:
                continue
        if checks:
            off, weighted = (np.array([getattr(check, name) for check in checks]) for name in ("off", "off_weighted"))
            table.add_row(
                f"{_name(wrong)} ({len(checks)})",
                f"{np.mean([check.answered for check in checks]):.3f}",
                f"{np.mean([check.wrong for check in checks]):.3f}",
                f"{off.mean():+.2f}",
                f"{abs(off).mean():.2f}",
                f"{(abs(off) <= 2).mean():.2f}",
                f"{np.mean([check.low <= check.wrong <= check.high for check in checks]):.2f}",
                f"{abs(weighted).mean():.2f}",
                f"{(abs(weighted) <= 2).mean():.2f}",
            )
    _console.print(table)


def _check_asking(
    assistant: Assistant, even: Sequence[TestQuestion], odd: Sequence[TestQuestion], trials: dict[str, Trial]
) -> None:
    """Save a calibration with the library and ask through it. The same questions must be refused as computed above."""
    calibration = calibrate(assistant, even[:_THROUGH_ASK])
    assistant.calibration.save(calibration)
    assistant.settings = replace(assistant.settings, calibrated=True)
    n_alike = 0
    for question in odd:
        answer, trial = assistant.ask(question.question), trials[question.id]
        same_confidence = abs(answer.confidence - calibration.curve(trial.confidence)) < 1e-6
        n_alike += same_confidence and answer.found == (trial.confidence >= calibration.least_confidence)
    _console.print(f"asked with the calibration in place: {n_alike} of {len(odd)} questions answered or refused as reckoned")


def _article(trial: Trial) -> str:
    return _folder(trial.source)


def _folder(source: str | None) -> str:
    """Return the folder of a paragraph, which stands for its article."""
    return str(source).split("/")[0]


def _name(wrong: float | None) -> str:
    return "the trade kept" if wrong is None else f"{wrong:.0%}"


if __name__ == "__main__":
    main()
