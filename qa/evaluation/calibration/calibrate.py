"""Calibrate an Assistant: fit its confidence and its threshold to a user's own test questions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from qa.assistant import Assistant
from qa.evaluation.calibration.fitting import (
    FITS,
    Bools,
    Floats,
    Indices,
    Trial,
    cost_threshold,
    curve_values,
    estimate_promise,
    group_questions,
    log_loss,
    prior_weights,
    risk_threshold,
    shares_wrong,
    split_folds,
)
from qa.evaluation.datasets.questions import TestQuestion, fingerprint
from qa.evaluation.metrics.quoting import first_hit
from qa.library.calibration import Basis, Calibration, Curve, Promise
from qa.types.articles import Answer
from qa.types.errors import CalibrationImpossible

LEAST_QUESTIONS = 30
LEAST_OF_A_KIND = 5


class Fit(NamedTuple):
    """A fitted curve and threshold, and what they promise."""

    curve: Curve
    least_confidence: float
    promise: Promise
    log_losses: dict[str, float]  # of held-out questions by method, and of the uncalibrated confidence
    answered: Bools  # whether each question was answered while it was held out


def calibrate(
    assistant: Assistant,
    questions: Sequence[TestQuestion],
    *,
    wrong: float | None = None,
    unanswerable: float | None = None,
    seed: int = 0,
    on_question: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Fit the confidence and the threshold of an Assistant to test questions, for `assistant.calibration.save`.

    The promise holds for questions like these. So they should be such as users will ask, with as many unanswerable ones among
    them. Questions without known answers are ignored.

    Args:
        assistant: whose library the questions are about. Its present calibration is not applied meanwhile.
        questions: at least `LEAST_QUESTIONS` with known answers.
        wrong: the share of answered questions that may be wrong, at most, 0 to 1. Questions whose calibrated probability is
            below `Settings.least_confidence` are refused in any case.
        unanswerable: the share of unanswerable questions in use, 0 to 1, if it differs from that of the test questions. They
            are weighted accordingly.
        seed: of the cross-validation, so that the same questions always give the same calibration.
        on_question: called after each question with how many are done and how many there are.

    Raises:
        CalibrationImpossible: there are too few questions, too few are right or wrong, or no threshold keeps `wrong`.
    """
    answered = [question for question in questions if question.answers is not None]
    _require_questions(len(answered))
    uncalibrated = assistant.with_settings(replace(assistant.settings, calibrated=False))
    trials = []
    for n_done, question in enumerate(answered, start=1):
        trials.append(try_question(uncalibrated, question))
        if on_question:
            on_question(n_done, len(answered))
    result = fit(trials, wrong, assistant.settings.least_confidence, seed, unanswerable)
    with assistant.library.snapshot() as snapshot:
        basis: Basis = assistant.basis(snapshot)
        generation = snapshot.generation
    return Calibration(
        curve=result.curve,
        least_confidence=result.least_confidence,
        promise=result.promise,
        wrong=wrong,
        log_losses=result.log_losses,
        basis=basis,
        questions_sha256=fingerprint(answered),
        generation=generation,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def try_question(assistant: Assistant, question: TestQuestion) -> Trial:
    """Ask a question without refusing it. The questions of its history may be refused."""
    conversation = assistant.conversation()
    for earlier in question.history:
        conversation.ask(earlier)
    never_refusing = assistant.with_settings(replace(assistant.settings, least_confidence=0.0))
    answer: Answer = never_refusing.ask(question.question, history=conversation.turns)
    right = bool(answer.quotes) and first_hit([answer.quotes[0].text], question.answers or ()) == 1
    return Trial(answer.confidence, right, question.answerable, question.source)


def fit(trials: Sequence[Trial], wrong: float | None, least: float, seed: int, unanswerable: float | None = None) -> Fit:
    """Fit the better of two curves and a threshold on it, by cross-validation.

    The promise comes from held-out questions: curve and threshold are fitted without each fold, which they then answer or
    refuse.

    Args:
        trials: at least `LEAST_QUESTIONS`.
        wrong: as for `calibrate`.
        least: the probability below which a question is refused.
        seed: as for `calibrate`.
        unanswerable: as for `calibrate`.

    Raises:
        CalibrationImpossible: as for `calibrate`.
    """
    _require_questions(len(trials))
    confidences = np.array([trial.confidence for trial in trials], np.float64)
    right = np.array([trial.right for trial in trials], bool)
    _require_both_kinds(int(right.sum()), len(trials))
    weights = np.ones(len(trials)) if unanswerable is None else _question_weights(trials, unanswerable)
    groups = group_questions([trial.source for trial in trials])
    folds = split_folds(right, groups, seed)

    def threshold(curve: Curve, rows: Indices) -> float:
        by_cost = cost_threshold(curve, confidences[rows], least)
        if wrong is None:
            return by_cost
        return max(by_cost, risk_threshold(confidences[rows], right[rows], wrong, weights[rows]))

    losses = {"as it comes": log_loss(confidences, right, weights)}
    answered: dict[str, Bools] = {}
    for method, fit_curve in FITS.items():
        probabilities: Floats = np.zeros(len(trials))
        answered[method] = np.zeros(len(trials), bool)
        for rows, held_out in folds:
            curve = fit_curve(confidences[rows], right[rows], weights[rows])
            probabilities[held_out] = curve_values(curve, confidences[held_out])
            answered[method][held_out] = confidences[held_out] >= threshold(curve, rows)
        losses[method] = log_loss(probabilities, right, weights)
    best = min(FITS, key=lambda method: losses[method])
    curve = FITS[best](confidences, right, weights)
    least_confidence = threshold(curve, np.arange(len(trials)))
    if not np.isfinite(least_confidence):
        raise CalibrationImpossible(_no_threshold(wrong, confidences, right, weights))
    promise = estimate_promise(trials, answered[best], groups, unanswerable)
    return Fit(curve, least_confidence, promise, losses, answered[best])


def _require_questions(n: int) -> None:
    if n < LEAST_QUESTIONS:
        raise CalibrationImpossible(
            f"{n} questions with known answers are too few to say how often Pullquote is wrong; {LEAST_QUESTIONS} at least are "
            "needed: were so many answered and half of them wrong, that would still mean 33 to 67 %. Add questions."
        )


def _require_both_kinds(n_right: int, n: int) -> None:
    remedies = {"right": "questions that the articles answer", "wrong": "harder ones, and some that the articles do not answer"}
    for kind, count in (("right", n_right), ("wrong", n - n_right)):
        if count < LEAST_OF_A_KIND:
            raise CalibrationImpossible(
                f"The first quote is {kind} for {count} of the {n} questions: {LEAST_OF_A_KIND} are needed to tell such "
                f"questions from the others. Add {remedies[kind]}."
            )


def _question_weights(trials: Sequence[Trial], unanswerable: float) -> Floats:
    n_answerable = sum(trial.answerable for trial in trials)
    kinds = (("have an answer", n_answerable), ("have none", len(trials) - n_answerable))
    missing = [kind for kind, n in kinds if n == 0]
    if missing:
        raise CalibrationImpossible(
            f"None of the {len(trials)} questions {missing[0]}, so they say nothing of a library that is asked "
            f"{100 * unanswerable:.0f} % without: add some, or leave --unanswerable out."
        )
    return prior_weights([trial.answerable for trial in trials], unanswerable)


def _no_threshold(wrong: float | None, confidences: Floats, right: Bools, weights: Floats) -> str:
    if wrong is None:
        return "No question would be answered, whatever its confidence: check the questions with `pullquote questions check`."
    reached = float(shares_wrong(confidences, right, weights)[1].min())
    return (
        f"No threshold leaves at most {100 * wrong:.3g} % of the answered questions wrong, as far as {len(right)} questions "
        f"can tell; the surest allow {100 * reached:.3g} %. Ask for more with --wrong, or add questions."
    )
