"""Whether a calibrated library keeps its promise on other articles: `python -m benchmarks.promises --squad2 dev-v2.0.json`.

All paragraphs of SQuAD 2.0 dev are one library; half of its questions are made so that the paragraphs only seem to answer them.
The calibration is fitted on questions on every other article, as `pullquote calibrate` does, and its promise compared with what
comes of questions on the articles between, and the other way round. Then articles are halved at random, again and again, and
questions too, which says how much of it is that articles differ and how much that questions are few.

With `--squad` only articles are asked about that nothing was learned from: on those that the reader learned from the same
confidence is worth more than on others, and a library of a reader's own holds none of them. Asking 11,873 questions takes half
an hour: `--keep FILE` keeps what came of each, and asks no more than what is not in there.
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

from benchmarks.squad import library
from benchmarks.table import machine
from qa import Assistant
from qa.evaluation import TestQuestion, calibrate
from qa.evaluation.calibration.calibrate import fit, try_question
from qa.evaluation.calibration.fitting import Bools, Trial, curve_values
from qa.evaluation.metrics.confidence import calibration_error
from qa.search.reader.loading import BUNDLED
from qa.types.errors import CalibrationImpossible
from qa.types.settings import Settings
from training import samples

_WRONG = (None, 0.5, 0.4, 0.3, 0.2, 0.1)  # shares that may be wrong
_THROUGH_ASK = 200  # questions on odd articles that are asked with the calibration in place
_SAMPLES = 10_000  # of the articles of both halves
_console = Console(width=160)


class Kept(NamedTuple):
    """A promise and what became of it."""

    answered: float  # share of the questions
    wrong: float  # of those answered
    promised_answered: float
    promised_wrong: float
    low: float
    high: float
    off: float  # points; above 0, more was wrong than was promised
    off_low: float  # 95 % of the differences of other articles in their places
    off_high: float
    off_told: float  # points, of the promise for as many unanswerable questions as there are among the others
    error: float  # calibration error of all first quotes, as they come
    calibrated_error: float  # and calibrated


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--squad2", type=Path, required=True, help="SQuAD 2.0 dev")
    options.add_argument("--squad", type=Path, help="SQuAD 1.1 dev: leave out its articles with even numbers, learned from")
    options.add_argument("--limit", type=int, help="questions on each half of the articles, by default all")
    options.add_argument("--splits", type=int, default=50, help="how often articles, and questions, are halved at random")
    options.add_argument("--keep", type=Path, help="a file for what came of each question, to go on from")
    options.add_argument("--reader", default=BUNDLED)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    with library(chosen.squad2, reader=chosen.reader) as (assistant, questions):
        random.Random(chosen.seed).shuffle(questions)
        articles = _articles(chosen.squad2, chosen.squad)
        even, odd = ([each for each in questions if _folder(each.source) in half] for half in (articles[::2], articles[1::2]))
        even, odd = even[: chosen.limit], odd[: chosen.limit]
        assistant.settings = replace(assistant.settings, calibrated=False)
        tried = _tried(assistant, [*even, *odd], chosen.keep)
        _even_and_odd([tried[each.id] for each in even], [tried[each.id] for each in odd], chosen.seed)
        everything = list(tried.curve_values())
        _at_random("articles", everything, [_article(each) for each in everything], chosen.splits, chosen.seed)
        _at_random("questions", everything, range(len(everything)), chosen.splits, chosen.seed)
        _through_ask(assistant, even, odd[:_THROUGH_ASK], tried)
    _console.print(machine())


def _articles(squad2: Path, squad: Path | None) -> list[str]:
    """The folders of the articles that are asked about."""
    unseen = {each["title"] for each in samples.odd(samples.read(squad))} if squad else None
    titles = [each["title"] for each in samples.read(squad2)]
    return [f"{number:03d}" for number, title in enumerate(titles) if unseen is None or title in unseen]


def _tried(assistant: Assistant, questions: Sequence[TestQuestion], keep: Path | None) -> dict[str, Trial]:
    """What comes of each question, by its id; what a file says of a library asked likewise is taken from there."""
    with assistant.library.snapshot() as snapshot:
        basis = asdict(assistant.basis(snapshot))
    lines = keep.read_text("utf-8").splitlines() if keep and keep.exists() else [json.dumps(basis)]
    if json.loads(lines[0]) != basis:
        raise SystemExit(f"{keep} is of another encoder, reader or weights: name another file.")
    tried = {name: Trial(*what) for name, *what in map(json.loads, lines[1:])}
    for question in questions:
        if question.id not in tried:
            tried[question.id] = try_question(assistant, question)
            lines.append(json.dumps([question.id, *tried[question.id]]))
    if keep:
        keep.write_text("\n".join(lines) + "\n", "utf-8")
    return {question.id: tried[question.id] for question in questions}


def kept(fitted_on: Sequence[Trial], others: Sequence[Trial], wrong: float | None, seed: int) -> Kept:
    """Fit on some questions, and count what the calibration makes of others.

    Raises:
        CalibrationImpossible: it cannot be fitted.
    """
    fitted = fit(fitted_on, wrong, Settings().least_confidence, seed)
    confidences, right = np.array([each.confidence for each in others]), [each.right for each in others]
    answered: Bools = confidences >= fitted.least_confidence
    promise, share = fitted.promise, _share_wrong(others, answered)
    told = fit(fitted_on, wrong, Settings().least_confidence, seed, float(np.mean([not each.answerable for each in others])))
    told_apart = _share_wrong(others, confidences >= told.least_confidence) - told.promise.wrong
    low, high = _resampled(fitted_on, fitted.answered, others, answered, seed)
    return Kept(
        float(answered.mean()),
        share,
        promise.answered,
        promise.wrong,
        promise.low,
        promise.high,
        100 * (share - promise.wrong),
        low,
        high,
        100 * told_apart,
        calibration_error(confidences.tolist(), right),
        calibration_error(curve_values(fitted.curve, confidences).tolist(), right),
    )


def _share_wrong(tried: Sequence[Trial], answered: Bools) -> float:
    told = [each.right for each, is_told in zip(tried, answered.tolist(), strict=True) if is_told]
    return told.count(False) / max(len(told), 1)


def _resampled(
    fitted_on: Sequence[Trial], held_out: Bools, others: Sequence[Trial], answered: Bools, seed: int
) -> tuple[float, float]:
    """Between what the points off lie in 95 % of samples of the articles of both: a bootstrap of whole articles."""
    draw = np.random.default_rng(seed)
    shares = []
    for tried, told in ((fitted_on, held_out), (others, answered)):
        names = sorted({_article(each) for each in tried})
        counts = np.zeros((len(names), 2))
        for each, is_told in zip(tried, told.tolist(), strict=True):
            counts[names.index(_article(each))] += (is_told, is_told and not each.right)
        n, n_wrong = (draw.multinomial(len(names), [1 / len(names)] * len(names), _SAMPLES) @ counts).T
        shares.append(n_wrong / np.maximum(n, 1))
    low, high = np.percentile(100 * (shares[1] - shares[0]), [2.5, 97.5])
    return float(low), float(high)


def _even_and_odd(even: Sequence[Trial], odd: Sequence[Trial], seed: int) -> None:
    heads = ("promised: answered", "wrong", "95 %", "kept: answered", "wrong", "points off", "95 %", "share told", "ECE")
    table = Table("fitted on", "wrong at most", *heads, "calibrated", box=None, pad_edge=False)
    shares = [np.mean([not each.answerable for each in half]) for half in (even, odd)]
    for name, here, there in (("one half", even, odd), ("the other", odd, even)):
        for wrong in _WRONG:
            try:
                each = kept(here, there, wrong, seed)
            except CalibrationImpossible as error:
                table.add_row(name, _name(wrong), str(error).split("; ")[-1].split(". ")[0])
                continue
            table.add_row(
                name,
                _name(wrong),
                f"{each.promised_answered:.3f}",
                f"{each.promised_wrong:.3f}",
                f"{each.low:.3f} to {each.high:.3f}",
                f"{each.answered:.3f}",
                f"{each.wrong:.3f}",
                f"{each.off:+.1f}",
                f"{each.off_low:+.1f} to {each.off_high:+.1f}",
                f"{each.off_told:+.1f}",
                f"{each.error:.3f}",
                f"{each.calibrated_error:.3f}",
            )
    _console.print(
        f"{len(even):,} questions on one half, {shares[0]:.3f} unanswerable; {len(odd):,} on the other, {shares[1]:.3f}"
    )
    _console.print(table)


def _at_random(what: str, tried: Sequence[Trial], groups: Sequence[str | int], n_splits: int, seed: int) -> None:
    """Halve the groups at random and say how far promises are off, on the average and as a rule."""
    names = sorted(set(groups))
    table = Table(
        f"{n_splits} random halves of the {what}; wrong at most",
        *("answered", "wrong", "points off, mean", "mean size", "within 2 points", "within its interval"),
        *("share told: mean size", "within 2 points"),
        box=None,
        pad_edge=False,
    )
    for wrong in _WRONG:
        draw, found = random.Random(seed), []
        for _ in range(n_splits):
            half = set(draw.sample(names, len(names) // 2))
            inside = [each for each, group in zip(tried, groups, strict=True) if group in half]
            outside = [each for each, group in zip(tried, groups, strict=True) if group not in half]
            try:
                found.append(kept(inside, outside, wrong, seed))
            except CalibrationImpossible:
                continue
        if found:
            off, told = np.array([each.off for each in found]), np.array([each.off_told for each in found])
            table.add_row(
                f"{_name(wrong)} ({len(found)})",
                f"{np.mean([each.answered for each in found]):.3f}",
                f"{np.mean([each.wrong for each in found]):.3f}",
                f"{off.mean():+.2f}",
                f"{abs(off).mean():.2f}",
                f"{(abs(off) <= 2).mean():.2f}",
                f"{np.mean([each.low <= each.wrong <= each.high for each in found]):.2f}",
                f"{abs(told).mean():.2f}",
                f"{(abs(told) <= 2).mean():.2f}",
            )
    _console.print(table)


def _through_ask(
    assistant: Assistant, even: Sequence[TestQuestion], odd: Sequence[TestQuestion], tried: dict[str, Trial]
) -> None:
    """Keep a calibration with the library and ask through it: what is refused is what was reckoned above."""
    calibration = calibrate(assistant, even[:_THROUGH_ASK])
    assistant.calibration.save(calibration)
    assistant.settings = replace(assistant.settings, calibrated=True)
    alike = 0
    for question in odd:
        answer, told = assistant.ask(question.question), tried[question.id]
        same_confidence = abs(answer.confidence - calibration.curve(told.confidence)) < 1e-6
        alike += same_confidence and answer.found == (told.confidence >= calibration.least_confidence)
    _console.print(f"asked with the calibration in place: {alike} of {len(odd)} questions answered or refused as reckoned")


def _article(tried: Trial) -> str:
    return _folder(tried.source)


def _folder(source: str | None) -> str:
    """Of a paragraph, which is that of its article."""
    return str(source).split("/")[0]


def _name(wrong: float | None) -> str:
    return "the trade kept" if wrong is None else f"{wrong:.0%}"


if __name__ == "__main__":
    main()
