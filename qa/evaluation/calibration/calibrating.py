"""Calibrating: what the confidence is worth, and from where on to answer, fitted on a reader's own test questions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from qa.assistant import Assistant
from qa.evaluation.calibration.fitting import (
    FITS,
    Numbers,
    Rows,
    Tried,
    Truths,
    as_few_wrong,
    folds,
    log_loss,
    promised,
    shares_wrong,
    together,
    values,
    weighed,
    worth_it,
)
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.metrics.quoting import first_hit
from qa.evaluation.run_info import fingerprint
from qa.library.calibration import Basis, Calibration, Curve, Promise
from qa.types.articles import Answer
from qa.types.errors import CalibrationImpossible

LEAST_QUESTIONS = 30
LEAST_OF_A_KIND = 5


class Fitted(NamedTuple):
    """A curve and threshold, and what they are worth."""

    curve: Curve
    least_confidence: float
    promise: Promise
    log_losses: dict[str, float]  # of held-out questions by method, and of the confidence as it comes
    answered: Truths  # of each question, whether it was while it was held out


def calibrate(
    assistant: Assistant,
    questions: Sequence[TestQuestion],
    *,
    wrong: float | None = None,
    unanswerable: float | None = None,
    seed: int = 0,
    on_question: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Fit the confidence and the threshold of an Assistant on test questions, for `assistant.calibration.save`.

    The questions should be such as will be asked, those that the articles do not answer among them as often as they will be:
    the promise holds for questions like these. Those of which nobody said what the answers are count for nothing.

    Args:
        assistant: whose library the questions are about; a calibration that it has is not applied meanwhile.
        wrong: at most this share of the questions answered is to be wrong, 0 to 1. With it or without, none is answered whose
            probability is below `Settings.least_confidence`: the trade that this makes is kept, now that it is what it says.
        unanswerable: the share of the questions asked in use that the articles do not answer, 0 to 1, where it is another than
            among the test questions; they are weighted to it.
        seed: of what is held out when, so that the same questions always give the same calibration.
        on_question: told how many questions are done, and of how many.

    Raises:
        CalibrationImpossible: the questions are too few or too much alike, or none may be answered with so few wrong.
    """
    asked = [question for question in questions if question.answers is not None]
    _refuse_few(len(asked))
    plain = assistant.with_settings(replace(assistant.settings, calibrated=False))
    tried = []
    for done, question in enumerate(asked, start=1):
        tried.append(try_question(plain, question))
        if on_question:
            on_question(done, len(asked))
    fitted = fit(tried, wrong, assistant.settings.least_confidence, seed, unanswerable)
    with assistant.library.snapshot() as snapshot:
        basis: Basis = assistant.basis(snapshot)
        generation = snapshot.generation
    return Calibration(
        curve=fitted.curve,
        least_confidence=fitted.least_confidence,
        promise=fitted.promise,
        wrong=wrong,
        log_losses=fitted.log_losses,
        basis=basis,
        questions_sha256=fingerprint(asked),
        generation=generation,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def try_question(assistant: Assistant, question: TestQuestion) -> Tried:
    """Ask a question so that nothing is refused, after those of its history, which may be."""
    conversation = assistant.conversation()
    for earlier in question.history:
        conversation.ask(earlier)
    never_refusing = assistant.with_settings(replace(assistant.settings, least_confidence=0.0))
    answer: Answer = never_refusing.ask(question.question, history=conversation.turns)
    right = bool(answer.quotes) and first_hit([answer.quotes[0].text], question.answers or ()) == 1
    return Tried(answer.confidence, right, question.answerable, question.source)


def fit(tried: Sequence[Tried], wrong: float | None, least: float, seed: int, unanswerable: float | None = None) -> Fitted:
    """The curve that holds out better, a threshold on it, and what both promise, from predictions of questions held out.

    For the promise the whole fit, its threshold too, is repeated without each fold, which is then answered or refused by it.

    Args:
        wrong: as for `calibrate`.
        least: the probability below which not to answer.
        unanswerable: as for `calibrate`.

    Raises:
        CalibrationImpossible: as for `calibrate`.
    """
    _refuse_few(len(tried))
    confidences = np.array([each.confidence for each in tried], np.float64)
    right = np.array([each.right for each in tried], bool)
    _refuse_alike(int(right.sum()), len(tried))
    weights = np.ones(len(tried)) if unanswerable is None else _weights(tried, unanswerable)
    groups = together([each.source for each in tried])
    splits = folds(right, groups, seed)

    def threshold(curve: Curve, rows: Rows) -> float:
        worth = worth_it(curve, confidences[rows], least)
        return worth if wrong is None else max(worth, as_few_wrong(confidences[rows], right[rows], wrong, weights[rows]))

    losses = {"as it comes": log_loss(confidences, right, weights)}
    answered: dict[str, Truths] = {}
    for method, fitting in FITS.items():
        likely: Numbers = np.zeros(len(tried))
        answered[method] = np.zeros(len(tried), bool)
        for rows, held_out in splits:
            curve = fitting(confidences[rows], right[rows], weights[rows])
            likely[held_out] = values(curve, confidences[held_out])
            answered[method][held_out] = confidences[held_out] >= threshold(curve, rows)
        losses[method] = log_loss(likely, right, weights)
    best = min(FITS, key=lambda method: losses[method])
    curve = FITS[best](confidences, right, weights)
    found = threshold(curve, np.arange(len(tried)))
    if not np.isfinite(found):
        raise CalibrationImpossible(_none(wrong, confidences, right, weights))
    return Fitted(curve, found, promised(tried, answered[best], groups, unanswerable), losses, answered[best])


def _refuse_few(n: int) -> None:
    if n < LEAST_QUESTIONS:
        raise CalibrationImpossible(
            f"{n} questions with known answers are too few to say how often Pullquote is wrong; {LEAST_QUESTIONS} at least are "
            "needed: were so many answered and half of them wrong, that would still mean 33 to 67 %. Add questions."
        )


def _refuse_alike(n_right: int, n: int) -> None:
    wanted = {"right": "questions that the articles answer", "wrong": "harder ones, and some that the articles do not answer"}
    for kind, found in (("right", n_right), ("wrong", n - n_right)):
        if found < LEAST_OF_A_KIND:
            raise CalibrationImpossible(
                f"The first quote is {kind} for {found} of the {n} questions: {LEAST_OF_A_KIND} are needed to tell such "
                f"questions from the others. Add {wanted[kind]}."
            )


def _weights(tried: Sequence[Tried], unanswerable: float) -> Numbers:
    n_answerable = sum(each.answerable for each in tried)
    lacking = [each for each, n in (("have an answer", n_answerable), ("have none", len(tried) - n_answerable)) if n == 0]
    if lacking:
        raise CalibrationImpossible(
            f"None of the {len(tried)} questions {lacking[0]}, so they say nothing of a library that is asked "
            f"{100 * unanswerable:.0f} % without: add some, or leave --unanswerable out."
        )
    return weighed([each.answerable for each in tried], unanswerable)


def _none(wrong: float | None, confidences: Numbers, right: Truths, weights: Numbers) -> str:
    if wrong is None:
        return "No question would be answered, whatever its confidence: check the questions with `pullquote questions check`."
    reached = float(shares_wrong(confidences, right, weights)[1].min())
    return (
        f"No threshold leaves at most {100 * wrong:.3g} % of the answered questions wrong, as far as {len(right)} questions "
        f"can tell; the surest allow {100 * reached:.3g} %. Ask for more with --wrong, or add questions."
    )
