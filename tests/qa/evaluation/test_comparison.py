"""Two runs are told apart as far as chance allows, and the grid and the gate read what they are given."""

from dataclasses import replace
from itertools import product
from statistics import mean

import numpy as np
import pytest
from support.asked import outcome, quote
from support.asked import run as run_of

from qa import Settings
from qa.evaluation import Outcome, compare, compare_with_baseline, figures
from qa.evaluation.comparison import bootstrap, randomisation
from qa.evaluation.gate import Bound, find_violations, parse_bounds
from qa.evaluation.grid import best_rows, parse_grid
from qa.types.errors import GridUnreadable, MeasureUnknown, RunsDiffer


def right(identity: str) -> Outcome:
    return outcome(identity, ("noon",), quote("At noon."))


def wrong(identity: str) -> Outcome:
    return outcome(identity, ("noon",), quote("At nine."))


def exact_p(differences: list[float]) -> float:
    """The share of all swappings that give as great a mean."""
    seen = abs(mean(differences))
    signs = product([1, -1], repeat=len(differences))
    means = [abs(mean(s * d for s, d in zip(each, differences, strict=True))) for each in signs]
    return mean(each >= seen - 1e-12 for each in means)


def test_chance_is_what_all_swappings_of_the_scores_give() -> None:
    few = [0.5, 1.0, -0.25, 0.75, 0.0, 1.0, 0.5]
    column = np.array(few)[:, None]
    p = randomisation(column, np.ones_like(column, bool), np.random.default_rng(0))
    assert p[0] == pytest.approx(exact_p(few), abs=0.01)
    assert exact_p(few) == 8 / 128  # -.25 and 0 may have either sign, all that or its opposite


def test_runs_that_are_alike_differ_by_nothing() -> None:
    same = run_of(*(right(str(n)) for n in range(9)))
    found = compare(same, same).of("quote@1")
    assert (found.difference, found.low, found.high, found.p, found.won, found.lost) == (0, 0, 0, 1, (), ())


def test_what_was_won_and_lost_is_named_and_less_may_be_better() -> None:
    a = run_of(right("one"), wrong("two"), outcome("three"), wrong("four"))
    b = run_of(right("one"), right("two"), wrong("three"), outcome("four"))
    found = compare(a, b)
    assert (found.of("quote@1").a, found.of("quote@1").b, found.of("quote@1").difference) == (1 / 4, 2 / 4, 1 / 4)
    assert (found.of("quote@1").won, found.of("quote@1").lost) == (("two",), ())
    assert (found.of("wrongly refused").won, found.of("wrongly refused").lost) == (("three",), ("four",))
    with pytest.raises(KeyError):
        found.of("rightly refused")


def test_the_interval_is_that_of_the_mean_over_many_questions() -> None:
    draw = np.random.default_rng(3)
    column = draw.normal(0.1, 0.5, (400, 1))
    low, high = bootstrap(column, np.ones_like(column, bool), draw)
    error = 1.96 * column.std() / 20
    assert (low[0], high[0]) == pytest.approx((column.mean() - error, column.mean() + error), abs=0.01)


def test_questions_without_a_measure_are_no_part_of_its_chance() -> None:
    column = np.array([0.5, 1.0, -0.25, 0.75, 0.0, 1.0, 0.5])[:, None]
    longer, has = np.vstack([column, np.zeros((50, 1))]), np.arange(57)[:, None] < 7
    alone = randomisation(column, np.ones_like(column, bool), np.random.default_rng(0))
    assert randomisation(longer, has, np.random.default_rng(0))[0] == pytest.approx(alone[0], abs=0.01)
    low, high = bootstrap(longer, has, np.random.default_rng(0))
    assert (low[0], high[0]) == pytest.approx([v[0] for v in bootstrap(column, has[:7], np.random.default_rng(0))], abs=0.1)


def test_a_comparison_comes_out_the_same_every_time() -> None:
    a, b = run_of(*(right(str(n)) for n in range(30))), run_of(*((wrong if n % 4 == 0 else right)(str(n)) for n in range(30)))
    assert compare(a, b) == compare(a, b)
    assert compare(a, b).of("quote@1").p == pytest.approx(2 / 2**8, abs=0.002)  # eight of them, all one way
    assert compare(a, b, seed=1).of("quote@1").low == pytest.approx(compare(a, b).of("quote@1").low, abs=0.05)


def test_only_the_same_questions_are_compared() -> None:
    a, b = run_of(right("one"), wrong("two")), run_of(right("two"), right("three"))
    with pytest.raises(RunsDiffer, match="1 are in both, 2 and 2 in each"):
        compare(a, b)
    found = compare(a, b, common=True)
    assert (found.n_questions, found.n_left_out, found.of("quote@1").won) == (1, 1, ("two",))
    otherwise = run_of(right("one"), outcome("two", ("nine",), quote("At nine.")))
    with pytest.raises(RunsDiffer, match="1 are in both"):
        compare(a, otherwise)
    with pytest.raises(RunsDiffer, match="no question in common"):
        compare(a, run_of(right("four")), common=True)


def test_what_made_the_runs_different_is_told() -> None:
    a = run_of(right("one"))
    other = replace(a.made, reader="bundled", settings={"n_read": 5, "weights": {"passage": {"words": 0.1}}}, date="2027-01-01")
    b = replace(a, made=other)
    found = compare(a, b).changed
    assert found == {"reader": ("none", "bundled"), "n_read": (None, 5), "weights.passage.words": (None, 0.1)}


def test_a_run_is_compared_with_a_simpler_ranking_question_by_question() -> None:
    golds = [("a:0:1", "b:0:1"), ("b:0:1", "a:0:1"), ("a:0:1",)]
    came = [outcome(str(n), passages=ranked, gold_passages={"a:0:1": 1}) for n, ranked in enumerate(golds)]
    run = run_of(
        *came, outcome("unknown"), by_question={"BM25 alone": {"R@1": (1.0, 1.0, 0.0, None), "R@5": (1.0, 1.0, 0.0, None)}}
    )
    found = compare_with_baseline(run, "BM25 alone")
    assert (found.of("R@1").a, found.of("R@1").b) == (2 / 3, 2 / 3)
    assert (found.of("R@1").won, found.of("R@1").lost) == (("2",), ("1",))
    assert [each.measure for each in found.differences] == ["R@1", "R@5"]
    with pytest.raises(RunsDiffer, match="not measured beside 'dense alone'"):
        compare_with_baseline(run, "dense alone")


def test_a_grid_is_every_value_with_every_other() -> None:
    found = parse_grid("k=3,5 n_read=5 reader=none,bundled")
    assert [each.name for each in found] == [
        f"k={k} n_read=5 reader={reader}" for k in (3, 5) for reader in ("none", "bundled")
    ]
    assert (found[0]["k"], found[0]["reader"], found[0]["model"]) == (3, "none", None)
    assert found[0].apply(Settings()) == replace(Settings(), n_read=5)
    assert parse_grid("words=.5 model=a/b")[0].file_name == "words=0.5_model=a-b"


@pytest.mark.parametrize(
    ("grid", "complaint"),
    [
        ("", "The grid is empty"),
        ("k", "'k' is no part of a grid"),
        ("k=,", "'k=,' is no part of a grid"),
        ("sauce=1", "There is no setting 'sauce'; there are k, reader, model, n_nearest, words"),
        ("weights=1", "There is no setting 'weights'"),
        ("n_read=0", "n_read cannot be '0': it must be a whole number of 1 or more"),
        ("n_read=2.5", "n_read cannot be '2.5'"),
        ("words=nan", "words cannot be 'nan': it must be a number of 0 or more"),
        ("k=101", "k cannot be '101': it must be a whole number from 1 to 100"),
        ("k=1 k=2", "The grid has k twice"),
    ],
)
def test_a_grid_that_cannot_be_read_says_why(grid: str, complaint: str) -> None:
    with pytest.raises(GridUnreadable) as raised:
        parse_grid(grid)
    assert complaint in str(raised.value)


def test_the_best_of_a_column_may_be_the_least_or_shared() -> None:
    rows = [{"F1": 0.5, "p50": 2.0}, {"F1": 0.7, "p50": 1.0}, {"F1": 0.7}]
    assert best_rows(rows, "F1", less=False) == {1, 2}
    assert best_rows(rows, "p50", less=True) == {1}
    assert best_rows(rows, "R@1", less=False) == set()


def test_bounds_are_read_with_their_names_as_they_are_printed() -> None:
    assert parse_bounds(" quote@1=.8, article R@5=0.95,") == (Bound("quote@1", 0.8), Bound("article R@5", 0.95))
    for wrong_one in ("quote@1", "R@5=", "R@5=high", "R@5=nan", "=.5"):
        with pytest.raises(MeasureUnknown):
            parse_bounds(wrong_one)


def test_a_figure_falls_short_on_the_side_that_is_worse() -> None:
    found = figures([right("one"), wrong("two")])
    assert find_violations(found, parse_bounds("quote@1=.5,wrongly refused=0,ECE=1")) == []
    assert find_violations(found, parse_bounds("quote@1=.51,AURC=.1,R@5=.1")) == [
        "quote@1 is 0.5000, less than 0.51.",
        "AURC is 0.2500, more than 0.1.",
        "R@5 was not measured: no question says what it needs.",
    ]
