"""What a confidence is worth is reckoned as its sources define it, and the weights are learned from what is right."""

import numpy as np
import pytest

from qa.evaluation.metrics.confidence import CoveragePoint, area, auroc, calibration_error, risk_coverage
from training.weights import _listwise


def test_the_calibration_error_is_the_mean_gap_of_the_bins_by_their_size() -> None:
    # .1 to .2: said .15, true 0 of 2; .9 to 1: said .95, true 1 of 2
    assert calibration_error([0.15, 0.15, 0.95, 0.95], [False, False, True, False]) == pytest.approx((0.15 + 0.45) / 2)
    assert calibration_error([0.15, 0.95, 0.95, 0.95], [False, True, True, True]) == pytest.approx(0.15 / 4 + 3 * 0.05 / 4)
    assert calibration_error([1.0, 1.0], [True, True]) == 0
    assert calibration_error([], []) == 0


def test_auroc_is_the_share_of_pairs_in_order_ties_counting_half() -> None:
    assert auroc([0.9, 0.4, 0.6, 0.1], [True, True, False, False]) == pytest.approx(3 / 4)
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5, 0.7], [True, True]) is None


def test_the_risk_at_a_coverage_is_that_of_the_surest_questions() -> None:
    curve = risk_coverage([0.2, 0.9, 0.6, 0.4], [False, True, False, True])
    assert curve == [
        CoveragePoint(0.25, 0.0, 0.9),
        CoveragePoint(0.5, 0.5, 0.6),
        CoveragePoint(0.75, pytest.approx(1 / 3), 0.4),
        CoveragePoint(1.0, 0.5, 0.2),
    ]
    assert area(curve) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert (risk_coverage([], []), area([])) == ([], None)


def test_weights_are_learned_that_put_what_is_right_first() -> None:
    draw = np.random.default_rng(0)
    tables = [draw.normal(size=(draw.integers(2, 9), 3)) for _ in range(400)]
    right = [np.arange(len(table)) == np.argmax(table @ [1.0, -2.0, 0.0]) for table in tables]
    learned = _listwise(tables, right)
    assert learned[0] > 0
    assert learned[1] / learned[0] == pytest.approx(-2, rel=0.1)
    assert abs(learned[2]) < 0.1 * learned[0]
    assert np.mean([truth[np.argmax(table @ learned)] for table, truth in zip(tables, right, strict=True)]) > 0.95


def test_groups_without_anything_right_teach_nothing() -> None:
    table = np.array([[1.0], [0.0]])
    with_it = _listwise([table, table, -table], [np.array([True, False])] * 2 + [np.array([False, False])])
    assert with_it == pytest.approx(_listwise([table, table], [np.array([True, False])] * 2))
