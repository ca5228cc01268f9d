"""A calibration says what a confidence was worth on test questions, promises what held-out ones keep, and is applied."""

import json
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import SEEDS, Run
from scipy.stats import binomtest

from qa import Assistant, Settings
from qa.evaluation import TestQuestion, calibrate, evaluate, load_questions
from qa.evaluation.calibration.calibrate import fit
from qa.evaluation.calibration.fitting import (
    Trial,
    cost_threshold,
    curve_values,
    design_effect,
    estimate_promise,
    fit_isotonic,
    fit_platt,
    group_questions,
    interval,
    risk_threshold,
    split_folds,
)
from qa.library.calibration import Basis, Calibration, CalibrationFile, Isotonic, Platt, Promise
from qa.types.errors import CalibrationDamaged, CalibrationImpossible
from qa.types.weights import Weights

QUESTIONS = load_questions(SEEDS / "questions.jsonl")
UNANSWERED, ANSWERED = "What is the capital of France?", "Who is the Canadian ambassador?"


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def drawn(n: int, seed: int = 0, slope: float = 2.0, intercept: float = -1.0) -> list[Trial]:
    """Questions whose first quote is right with the probability that a known curve gives to their confidence."""
    draw = np.random.default_rng(seed)
    confidences = draw.uniform(0.02, 0.98, n)
    truth = Platt(slope, intercept)
    right = draw.uniform(size=n) < [truth(each) for each in confidences]
    return [Trial(c, bool(r), True, f"{row % 40}.txt") for row, (c, r) in enumerate(zip(confidences, right, strict=True))]


def calibration(curve: Platt | Isotonic, least: float = 0.5, basis: Basis | None = None) -> Calibration:
    return Calibration(
        curve=curve,
        least_confidence=least,
        promise=Promise(40, 10, 30, 3, 0.03, 0.26),
        wrong=None,
        log_losses={"as it comes": 0.5, "platt": 0.4, "isotonic": 0.45},
        basis=basis or Basis("e" * 64, "none", "w" * 64),
        questions_sha256="q" * 64,
        generation=1,
        date="2026-01-01T00:00:00+00:00",
    )


def fitting(assistant: Assistant, curve: Platt | Isotonic, least: float) -> Calibration:
    """A calibration of just this library and how it is asked."""
    with assistant.library.snapshot() as snapshot:
        return calibration(curve, least, assistant.basis(snapshot))


@pytest.fixture
def seeds(library: Path, seed_assistant: Assistant) -> Assistant:
    """A library of the seeds that may be changed, asked without a reader."""
    assistant = Assistant.open(library, reader="none")
    assistant._encoder = seed_assistant._encoder
    return assistant


def test_platt_is_a_logistic_curve_over_the_logit() -> None:
    assert Platt(1.0, 0.0)(0.3) == pytest.approx(0.3)
    assert Platt(2.0, -1.0)(0.8) == pytest.approx(logistic(2 * math.log(0.8 / 0.2) - 1))
    assert 0 < Platt(1.0, 0.0)(0.0) < 1e-5 < 1 - 1e-5 < Platt(1.0, 0.0)(1.0) < 1


def test_isotonic_is_straight_between_its_points_and_level_beyond_them() -> None:
    curve = Isotonic(((0.2, 0.1), (0.4, 0.1), (0.6, 0.9)))
    assert [curve(each) for each in (0.0, 0.3, 0.5, 0.6, 1.0)] == pytest.approx([0.1, 0.1, 0.5, 0.9, 0.9])


def test_platt_finds_the_curve_that_the_questions_were_drawn_from() -> None:
    tried = drawn(20_000)
    found = fit_platt(np.array([each.confidence for each in tried]), np.array([each.right for each in tried]))
    assert (found.slope, found.intercept) == (pytest.approx(2.0, abs=0.1), pytest.approx(-1.0, abs=0.1))


def test_platt_is_finite_where_right_and_wrong_do_not_overlap_and_never_falls() -> None:
    confidences, right = np.array([0.2, 0.2, 0.8, 0.8]), np.array([False, False, True, True])
    apart = fit_platt(confidences, right)
    # a curve of two numbers meets both targets: (2 + 1) / (2 + 2) for right, 1 / (2 + 2) for wrong
    assert [apart(each) for each in confidences.tolist()] == pytest.approx([0.25, 0.25, 0.75, 0.75], abs=1e-3)
    falling = fit_platt(confidences, ~right)
    assert (falling(0.1), falling(0.9)) == (pytest.approx(0.5), pytest.approx(0.5))


def test_isotonic_gives_each_block_its_share_but_nothing_certain() -> None:
    confidences = np.array([0.1, 0.2, 0.5, 0.6, 0.9])
    curve = fit_isotonic(confidences, np.array([False, False, True, False, True]))
    # .5 right and .6 wrong fall, and so are one block of 1/2; 1 / (5 + 2) is as near to 0 and 1 as it goes
    assert [curve(each) for each in confidences.tolist()] == pytest.approx([1 / 7, 1 / 7, 1 / 2, 1 / 2, 6 / 7])


def test_a_threshold_leaves_few_enough_wrong_on_what_it_was_chosen_on() -> None:
    confidences = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    right = np.array([True, True, True, False, True, False])
    # (wrong + 1) / (answered + 1), the surest first: 1/2, 1/3, 1/4, 2/5, 2/6, 3/7
    assert risk_threshold(confidences, right, 0.34) == pytest.approx((0.5 + 0.4) / 2)
    assert risk_threshold(confidences, right, 0.3) == pytest.approx((0.7 + 0.6) / 2)
    assert risk_threshold(confidences, right, 0.5) == 0.0  # all of them
    assert risk_threshold(confidences, right, 0.2) == math.inf


def test_equal_confidences_are_answered_all_or_none() -> None:
    confidences, right = np.array([0.9, 0.8, 0.8, 0.8]), np.array([True, True, False, False])
    assert risk_threshold(confidences, right, 0.34) == math.inf  # 1/2 alone; 1/3 would take one of three that are alike
    assert risk_threshold(confidences, right, 0.5) == pytest.approx((0.9 + 0.8) / 2)


def test_it_is_worth_answering_from_where_the_curve_reaches_the_probability() -> None:
    confidences = np.array([0.2, 0.4, 0.6, 0.8])
    assert cost_threshold(Platt(1.0, 0.0), confidences, 0.5) == pytest.approx((0.4 + 0.6) / 2)
    assert cost_threshold(Platt(1.0, 0.0), confidences, 0.1) == 0.0
    assert cost_threshold(Platt(1.0, 0.0), confidences, 0.9) == math.inf


def test_the_interval_of_a_promise_is_wilsons_where_no_questions_go_together() -> None:
    tried = [Trial(0.5, row >= 4, row >= 2, None) for row in range(120)]
    promise = estimate_promise(tried, np.arange(120) < 100, group_questions([None] * 120))
    assert (promise.n, promise.n_unanswerable, promise.n_answered, promise.n_wrong) == (120, 2, 100, 4)
    expected = binomtest(4, 100).proportion_ci(0.95, method="wilson")
    assert (promise.low, promise.high) == (pytest.approx(expected.low, abs=1e-6), pytest.approx(expected.high, abs=1e-6))
    assert str(promise) == "answers 83 % of questions, 4 % of those wrong, n = 120, 95 % interval 2 to 10 %"
    assert interval(np.zeros(0, bool), []) == (0, 1)


def test_questions_that_go_together_are_worth_fewer_and_so_widen_the_interval() -> None:
    # ten articles of ten questions each, all wrong on two articles and none on the others: ten questions, really
    groups, wrong = [f"{row // 10}.txt" for row in range(100)], np.arange(100) < 20
    # g / (g - 1) * (2 * (10 - 2)² + 8 * (0 - 2)²) / n² over p (1 - p) / (n - 1), with g = 10, n = 100 and p = .2
    assert design_effect(wrong, groups) == pytest.approx((10 / 9 * (2 * 8**2 + 8 * 2**2) / 100**2) / (0.2 * 0.8 / 99))
    tenth = binomtest(2, 10).proportion_ci(0.95, method="wilson")
    assert interval(wrong, groups) == pytest.approx((tenth.low, tenth.high), abs=0.03)
    apart = interval(wrong, [str(row) for row in range(100)])
    assert interval(wrong, groups)[0] < apart[0] < 0.2 < apart[1] < interval(wrong, groups)[1]


def test_groups_never_make_an_interval_narrower_nor_certain() -> None:
    even = np.arange(100) % 5 == 0  # each article alike, more than chance would have it
    groups = [f"{row // 10}.txt" for row in range(100)]
    assert design_effect(even, groups) == 1
    assert design_effect(even, ["one.txt"] * 100) == 1
    assert interval(np.zeros(100, bool), groups)[1] == pytest.approx(
        binomtest(0, 100).proportion_ci(0.95, method="wilson").high
    )


def test_the_interval_holds_where_articles_differ() -> None:
    draw, held, held_apart = np.random.default_rng(0), 0, 0
    for _ in range(300):
        groups = np.repeat(np.arange(17), 50)
        wrong = draw.uniform(size=850) < draw.beta(20, 25, 17)[groups]  # of mean 20 / 45, and a standard deviation of .07
        low, high = interval(wrong, [f"{each}.txt" for each in groups])
        held += low <= 20 / 45 <= high
        low, high = interval(wrong, [str(row) for row in range(850)])
        held_apart += low <= 20 / 45 <= high
    assert held / 300 >= 0.9
    assert held_apart / 300 < 0.85


def test_what_is_filed_together_goes_together_where_there_are_folders_enough() -> None:
    books = [f"{row % 10:02d}/{row}.txt" for row in range(40)]
    assert group_questions(books) == [f"{row % 10:02d}" for row in range(40)]
    assert group_questions(books[:4]) == books[:4]  # four folders are too few to be held out five times
    assert group_questions(["a.txt", None, None, "b.txt"]) == ["a.txt", "alone 1", "alone 2", "b.txt"]
    assert group_questions([*books, "c.txt", None])[-2:] == ["c.txt", "alone 41"]


@pytest.mark.parametrize("curve", [Platt(0.7, -0.2), Isotonic(((0.2, 0.1), (0.4, 0.1), (0.6, 0.9)))])
def test_a_curve_at_many_confidences_is_the_curve_at_each(curve: Platt | Isotonic) -> None:
    several = np.array([0.0, 0.1, 0.3, 0.5, 0.6, 1.0])
    assert curve_values(curve, several).tolist() == pytest.approx([curve(each) for each in several.tolist()])


def test_questions_of_one_article_are_never_on_both_sides() -> None:
    groups = [f"{row % 7}.txt" for row in range(70)]
    splits = split_folds(np.arange(70) % 3 == 0, groups, 0)
    assert sorted(row for _, held_out in splits for row in held_out.tolist()) == list(range(70))
    for rows, held_out in splits:
        assert {groups[row] for row in rows}.isdisjoint(groups[row] for row in held_out)
    assert len(split_folds(np.arange(40) % 3 == 0, ["one.txt"] * 40, 0)) == 5  # of one article alone, question by question


@pytest.mark.slow
def test_a_promise_is_kept_by_questions_that_were_not_seen() -> None:
    for wrong in (None, 0.3, 0.2):
        fitted = fit(drawn(4_000), wrong, 0.15, 0)
        later = [each for each in drawn(40_000, seed=1) if each.confidence >= fitted.least_confidence]
        share_wrong = sum(not each.right for each in later) / len(later)
        assert share_wrong == pytest.approx(fitted.promise.wrong, abs=0.02)
        assert len(later) / 40_000 == pytest.approx(fitted.promise.answered, abs=0.03)
        assert wrong is None or share_wrong <= wrong + 0.01
        assert fitted.log_losses["platt"] < fitted.log_losses["as it comes"]


def test_the_curve_is_taken_that_is_better_on_what_was_held_out() -> None:
    draw = np.random.default_rng(0)
    confidences = draw.uniform(0.05, 0.95, 1_200)
    chances = np.select([confidences < 0.2, confidences < 0.8], [0.02, 0.5], 0.98)  # level, but for two steps
    right = draw.uniform(size=1_200) < chances
    fitted = fit([Trial(c, bool(r), True, None) for c, r in zip(confidences.tolist(), right, strict=True)], None, 0.15, 0)
    assert isinstance(fitted.curve, Isotonic)
    assert fitted.log_losses["isotonic"] < fitted.log_losses["platt"]
    smooth = fit(drawn(100), None, 0.15, 0)
    assert isinstance(smooth.curve, Platt)
    assert smooth.log_losses["platt"] < smooth.log_losses["isotonic"]


def test_too_few_questions_or_all_of_one_kind_are_refused_with_the_reason() -> None:
    with pytest.raises(CalibrationImpossible, match="29 questions with known answers are too few"):
        fit(drawn(29), None, 0.15, 0)
    with pytest.raises(CalibrationImpossible, match="first quote is wrong for 4 of the 40 questions: 5 are needed"):
        fit([Trial(0.5, row >= 4, True, None) for row in range(40)], None, 0.15, 0)
    with pytest.raises(CalibrationImpossible, match="first quote is right for 0 of the 40 questions"):
        fit([Trial(0.5, False, True, None) for row in range(40)], None, 0.15, 0)
    with pytest.raises(CalibrationImpossible, match=r"No threshold leaves at most 1 % .* --wrong"):
        fit(drawn(60), 0.01, 0.15, 0)


def test_questions_whose_answers_nobody_knows_count_for_nothing(seeds: Assistant) -> None:
    unknown = [replace(each, answers=None) for each in QUESTIONS[20:]]
    with pytest.raises(CalibrationImpossible, match="20 questions with known answers are too few"):
        calibrate(seeds, [*QUESTIONS[:20], *unknown])


@pytest.mark.slow
def test_the_same_questions_give_the_same_calibration_and_ask_nothing_of_the_one_there_is(seeds: Assistant) -> None:
    first = calibrate(seeds, QUESTIONS)
    seeds.calibration.save(fitting(seeds, Platt(0.1, -3.0), 0.99))
    again = calibrate(seeds, QUESTIONS)
    assert replace(again, date="") == replace(first, date="")
    assert (first.promise.n, first.promise.n_unanswerable) == (61, 10)
    assert first.promise.n_answered > 40


def test_an_answer_has_the_confidence_and_the_threshold_of_the_calibration(seeds: Assistant) -> None:
    plain, refused = seeds.ask(ANSWERED), seeds.ask(UNANSWERED)
    assert (plain.found, refused.found) == (True, False)
    curve = Platt(0.5, -0.25)
    seeds.calibration.save(fitting(seeds, curve, refused.confidence))
    answer, answered = seeds.ask(ANSWERED), seeds.ask(UNANSWERED)
    assert answer.confidence == pytest.approx(curve(plain.confidence))
    assert [each.confidence for each in answer.quotes] == pytest.approx([curve(each.confidence) for each in plain.quotes])
    assert [each.text for each in answer.quotes] == [each.text for each in plain.quotes]
    assert answered.found
    seeds.calibration.save(fitting(seeds, curve, (plain.confidence + 1) / 2))
    too_unsure = seeds.ask(ANSWERED)
    assert (too_unsure.found, too_unsure.quotes, too_unsure.confidence) == (False, (), pytest.approx(curve(plain.confidence)))
    assert seeds.ask(UNANSWERED).left_out == tuple(
        replace(each, confidence=curve(each.confidence)) for each in refused.left_out
    )
    assert too_unsure.closest == replace(plain.quotes[0], highlight=None, also_in=(), confidence=too_unsure.confidence)
    assert seeds.with_settings(Settings(calibrated=False)).ask(ANSWERED) == plain
    assert seeds.calibration.remove()
    assert seeds.ask(ANSWERED) == plain


def test_where_articles_differ_the_confidences_are_calibrated_too(seeds: Assistant) -> None:
    question = "How many North Koreans are hiding in China?"
    plain = seeds.ask(question)
    curve = Platt(0.5, -0.25)
    seeds.calibration.save(fitting(seeds, curve, 0.15))
    pairs = zip(plain.disagreements, seeds.ask(question).disagreements, strict=True)
    values = [pair for one, other in pairs for pair in zip(one.values, other.values, strict=True)]
    assert len(values) == 2
    for before, after in values:
        assert after.quotes == tuple(replace(each, confidence=curve(each.confidence)) for each in before.quotes)


def test_a_run_says_which_calibration_made_it_and_a_threshold_that_is_tried_goes_first(seeds: Assistant) -> None:
    from qa.evaluation.grid import parse_grid

    assert evaluate(seeds, QUESTIONS[:1]).made.calibration is None
    kept = fitting(seeds, Platt(1.0, 0.0), 0.999)
    seeds.calibration.save(kept)
    assert evaluate(seeds, QUESTIONS[:1]).made.calibration == kept.sha256
    (cell,) = parse_grid("least_confidence=0.1")
    seeds.settings = cell.apply(seeds.settings)
    assert seeds.ask(ANSWERED).found
    assert evaluate(seeds, QUESTIONS[:1]).made.calibration is None


def test_a_calibration_of_other_confidences_is_not_applied_and_the_log_says_so_once(
    seeds: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    plain = seeds.ask(ANSWERED)
    own = fitting(seeds, Platt(0.5, -0.25), 0.99)
    others = {
        "another encoder": replace(own.basis, encoder_sha256="0" * 64),
        "another reader ('bundled', now 'none')": replace(own.basis, reader="bundled"),
        "other weights": replace(own.basis, weights_sha256="0" * 64),
    }
    for what, basis in others.items():
        caplog.clear()
        seeds.calibration.save(replace(own, basis=basis))
        with caplog.at_level(logging.WARNING, "pullquote"):
            assert [seeds.ask(ANSWERED), seeds.ask(ANSWERED)] == [plain, plain]
        (warning,) = caplog.messages
        assert f"is not applied: it was fitted with {what}" in warning
        (note,) = seeds.check().notes
        assert note == warning
        assert seeds.check().problems == ()


def test_weights_that_differ_by_anything_are_others() -> None:
    shipped = Weights.shipped()
    changed = shipped.changed("confidence", meaning=shipped.confidence["meaning"] + 1e-9)
    assert Basis.of("e", "none", shipped) == Basis.of("e", "none", Weights.shipped()) != Basis.of("e", "none", changed)


@pytest.mark.parametrize("curve", [Platt(0.5, -0.25), Isotonic(((0.1, 0.2), (0.7, 0.9)))])
def test_a_calibration_reads_back_as_it_was_saved(tmp_path: Path, curve: Platt | Isotonic) -> None:
    kept = calibration(curve)
    CalibrationFile(tmp_path).save(kept)
    assert CalibrationFile(tmp_path).load() == kept
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"]
    assert CalibrationFile(tmp_path / "elsewhere").load() is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("0.5", "0.6", 1),
        lambda text: text[:-20],
        lambda text: "{}",
        lambda text: "[]",
        lambda text: "",
        lambda text: text.replace('"schema": 1', '"schema": 2'),
        lambda text: text.replace('"sha256": "', '"sha256": "0'),
    ],
)
def test_a_damaged_calibration_is_an_error_that_says_what_to_do(seeds: Assistant, damage: Callable[[str], str]) -> None:
    seeds.calibration.save(fitting(seeds, Platt(0.5, -0.25), 0.5))
    path = seeds.calibration.path
    altered = damage(path.read_text())
    assert altered != path.read_text()
    path.write_text(altered)
    with pytest.raises(CalibrationDamaged, match="Run `pullquote calibrate` again, or delete it") as raised:
        seeds.ask(ANSWERED)
    assert str(path) in str(raised.value)
    assert seeds.check().problems == (str(raised.value),)


def test_a_calibration_is_heeded_as_soon_as_another_process_keeps_it(seeds: Assistant) -> None:
    assert seeds.ask(ANSWERED).found
    CalibrationFile(seeds.library.folder).save(fitting(seeds, Platt(1.0, 0.0), 0.9999))
    assert not seeds.ask(ANSWERED).found
    CalibrationFile(seeds.library.folder).remove()
    assert seeds.ask(ANSWERED).found


@pytest.mark.slow
def test_calibrate_says_what_it_promises_keeps_it_shows_it_and_takes_it_out(run: Run, library: Path) -> None:
    assert run("calibrate", "--show")[1].startswith("The library has no calibration")
    code, out, _ = run("calibrate", SEEDS / "questions.jsonl", "--reader", "none")
    assert code == 0
    kept = CalibrationFile(library).load()
    assert kept is not None
    assert out.startswith(f"Promise: {kept.promise}.\nFitted on 61 questions, 10 of them without an answer, ")
    assert run("calibrate", "--show", "--reader", "none")[1] == out
    assert "is not applied: it was fitted with another reader" in run("calibrate", "--show")[1]
    assert json.loads(run("calibrate", "--show", "--json")[1])["sha256"] == kept.sha256
    assert json.loads(run("ask", ANSWERED, "--reader", "none", "--json")[1])["confidence"] > 0
    assert run("calibrate", "--remove")[:2] == (0, "The calibration was removed.\n")
    assert run("calibrate", "--remove")[:2] == (0, "There was no calibration.\n")
    assert CalibrationFile(library).load() is None


def test_calibrate_refuses_too_few_questions_and_leaves_what_is_there(run: Run, library: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join((SEEDS / "questions.jsonl").read_text().splitlines(keepends=True)[:29]))
    code, _, err = run("calibrate", few, "--reader", "none")
    assert code == 2
    assert "29 questions with known answers are too few" in err
    assert not (library / "calibration.json").exists()
    assert run("calibrate")[0] == run("calibrate", few, "--remove")[0] == 2


@pytest.mark.slow
def test_a_damaged_calibration_can_be_taken_out(run: Run, library: Path) -> None:
    (library / "calibration.json").write_text("rubbish")
    code, _, err = run("ask", ANSWERED)
    assert (code, "is damaged" in err) == (2, True)
    assert run("check")[0] == 2
    assert run("calibrate", "--remove")[0] == 0
    assert run("ask", ANSWERED)[0] == 0


def test_questions_of_a_conversation_are_tried_with_what_was_said_before(seeds: Assistant) -> None:
    from qa.evaluation.calibration.calibrate import try_question

    followed = next(each for each in QUESTIONS if each.history)
    alone = replace(followed, history=())
    assert isinstance(followed, TestQuestion)
    assert try_question(seeds, followed).right
    assert try_question(seeds, followed).confidence != try_question(seeds, alone).confidence


@pytest.mark.slow
def test_a_promise_for_another_share_of_unanswerable_questions_is_what_such_questions_come_to() -> None:
    draw = np.random.default_rng(0)

    def asked(n: int, unanswerable: float) -> list[Trial]:
        answerable = draw.uniform(size=n) >= unanswerable
        right = answerable & (draw.uniform(size=n) < 0.8)
        confidences = np.clip(draw.normal(np.where(answerable, 0.7, 0.4), 0.2), 0.01, 0.99)
        return [Trial(*row, None) for row in zip(confidences.tolist(), right.tolist(), answerable.tolist(), strict=True)]

    here, there = asked(4_000, 0.2), asked(4_000, 0.6)
    plain, told = (fit(here, None, 0.15, 0, share) for share in (None, 0.6))
    there_confidences = np.array([each.confidence for each in there])
    wrong = 1 - np.array([each.right for each in there])[there_confidences >= told.least_confidence].mean()
    assert abs(told.promise.wrong - wrong) < 0.03
    assert plain.promise.wrong < wrong - 0.15
    assert told.least_confidence > plain.least_confidence
    assert told.promise.low < wrong < told.promise.high
    assert "where 60 % of the questions have no answer" in str(told.promise)
    assert fit(here, None, 0.15, 0, sum(not each.answerable for each in here) / len(here)).promise.wrong == pytest.approx(
        plain.promise.wrong
    )
    with pytest.raises(CalibrationImpossible, match="None of the 100 questions have none"):
        fit([each for each in here if each.answerable][:100], None, 0.15, 0, 0.5)


def test_how_far_the_surest_allow_to_go_is_said_of_the_questions_as_they_are_weighted() -> None:
    kinds = [(True, True)] * 20 + [(False, False)] * 20 + [(True, True), (False, True)] * 10  # right, answerable
    tried = [Trial(0.99 - row / 100, *kind, None) for row, kind in enumerate(kinds)]
    # the first 20 are right, and weigh 1.35 each where 40 of 60 answerable ones stand for nine in ten
    for unanswerable, reached in ((None, 1 / 21), (0.1, 1 / 28)):
        with pytest.raises(CalibrationImpossible, match=f"the surest allow {100 * reached:.3g} %"):
            fit(tried, 0.01, 0.15, 0, unanswerable)
