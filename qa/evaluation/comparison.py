"""Two runs on the same questions: by how much one is better, and whether that may be chance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qa.evaluation.metrics.measures import LESS_IS_BETTER, MEANS, Scores, rank_scores, scores
from qa.evaluation.outcomes import Outcome, RunInfo
from qa.evaluation.run import Run
from qa.types.errors import RunsDiffer

PERMUTATIONS = 10_000
_AT_ONCE = 2_000_000  # random numbers held in memory
_EQUAL = 1e-12  # what rounding may make of a mean

Table = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of two runs."""

    measure: str
    n: int  # questions that have it in both
    a: float
    b: float
    difference: float  # b - a
    low: float  # the 95 % interval of the difference
    high: float
    p: float  # how likely so great a difference, either way, is between runs that are equally good
    won: tuple[str, ...]  # ids of questions that are better in b
    lost: tuple[str, ...]  # of those that are better in a


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, over the questions that both were asked."""

    n_questions: int
    n_left_out: int  # asked in one of them only, or otherwise
    differences: tuple[Difference, ...]  # in the order of `measures.MEANS`
    changed: dict[str, tuple[Any, Any]]  # what made them, as far as it differs, by name

    def of(self, measure: str) -> Difference:
        """The difference in a measure.

        Raises:
            KeyError: the runs do not both have it.
        """
        for each in self.differences:
            if each.measure == measure:
                return each
        raise KeyError(measure)


def compare(a: Run, b: Run, *, common: bool = False, seed: int = 0) -> Comparison:
    """Compare two runs measure by measure, for every measure that is a mean over questions.

    Args:
        common: leave out what only one of them was asked.
        seed: of the random numbers, so that the same runs always compare alike.

    Raises:
        RunsDiffer: they were not asked the same questions and `common` is not given, or have none in common.
    """
    pairs = _pairs(a.outcomes, b.outcomes)
    left_out = max(len(a.outcomes), len(b.outcomes)) - len(pairs)
    if left_out and pairs and not common:
        raise RunsDiffer(
            f"The runs were not asked the same questions: {len(pairs)} are in both, {len(a.outcomes)} and {len(b.outcomes)} "
            "in each. Compare those in both with --common."
        )
    if not pairs:
        raise RunsDiffer("The runs have no question in common.")
    before, after = (scores([pair[which] for pair in pairs]) for which in (0, 1))
    differences = _differences([first.question.id for first, _ in pairs], before, after, seed)
    return Comparison(len(pairs), left_out, differences, changed(a.made, b.made))


def compare_with_baseline(run: Run, name: str, *, seed: int = 0) -> Comparison:
    """Compare what a run found with what a simpler ranking would have; the run is the second of the two.

    Args:
        name: of the ranking, one of those in `run.by_question`.
        seed: as for `compare`.

    Raises:
        RunsDiffer: the ranking was not measured with the run.
    """
    if name not in run.by_question:
        raise RunsDiffer(f"The run was not measured beside {name!r}: leave --no-baselines out of `pullquote eval`.")
    before = {measure: np.array(values, np.float64) for measure, values in run.by_question[name].items()}
    ids = [outcome.question.id for outcome in run.outcomes]
    return Comparison(len(ids), 0, _differences(ids, before, rank_scores(run.outcomes), seed), {})


def _differences(ids: Sequence[str], a: Mapping[str, Scores], b: Mapping[str, Scores], seed: int) -> tuple[Difference, ...]:
    names = [name for name in MEANS if name in a and name in b and np.isfinite(a[name] - b[name]).any()]
    tested = _tested(np.column_stack([b[name] - a[name] for name in names]), seed) if names else ()
    return tuple(_difference(name, a[name], b[name], ids, *of) for name, of in zip(names, tested, strict=True))


def _pairs(a: Sequence[Outcome], b: Sequence[Outcome]) -> list[tuple[Outcome, Outcome]]:
    """What came of the questions that both were asked, in the order of the first."""
    of_b = {outcome.question.id: outcome for outcome in b}
    both = [(each, of_b[each.question.id]) for each in a if each.question.id in of_b]
    return [(one, other) for one, other in both if one.question == other.question]


def _difference(name: str, before: Scores, after: Scores, ids: Sequence[str], p: float, low: float, high: float) -> Difference:
    has = np.isfinite(before - after)
    better = (after - before) * (-1 if name in LESS_IS_BETTER else 1)
    a, b = float(before[has].mean()), float(after[has].mean())
    won, lost = (tuple(ids[row] for row in np.flatnonzero(has & each).tolist()) for each in (better > _EQUAL, better < -_EQUAL))
    return Difference(name, int(has.sum()), a, b, b - a, low, high, p, won, lost)


def _tested(differences: Table, seed: int) -> Iterator[tuple[float, float, float]]:
    """The p-value and the 95 % interval of each column of (questions, measures), NaN where a question has none."""
    has = np.isfinite(differences)
    known = np.where(has, differences, 0.0)
    p = randomisation(known, has, np.random.default_rng(seed))
    low, high = bootstrap(known, has, np.random.default_rng(seed))
    yield from zip(p.tolist(), low.tolist(), high.tolist(), strict=True)


def randomisation(differences: Table, has: np.ndarray[Any, np.dtype[np.bool_]], draw: np.random.Generator) -> Table:
    """The paired randomisation test: how often random signs give a mean as far from 0, (measures,).

    Were both runs equally good, each question's two scores might as well be swapped. With B random swappings, of which n make
    the mean difference at least as great either way: p = (n + 1) / (B + 1), the swapping that was seen counted too.

    Args:
        differences: (questions, measures), 0 where a question has none.
        has: where it has one.
        draw: where chance comes from.

    Source: Smucker, Allan and Carterette, CIKM 2007; the 1 added: Phipson and Smyth, SAGMB 2010.
    """
    n = has.sum(axis=0)
    seen = np.abs(differences.sum(axis=0)) / n
    beyond = np.zeros(differences.shape[1])
    for rows in _in_parts(len(differences)):
        signs = draw.integers(0, 2, (rows, len(differences)), np.int8) * 2.0 - 1.0
        beyond += (np.abs(signs @ differences) / n >= seen - _EQUAL).sum(axis=0)
    p: Table = (beyond + 1) / (PERMUTATIONS + 1)
    return p


def bootstrap(differences: Table, has: np.ndarray[Any, np.dtype[np.bool_]], draw: np.random.Generator) -> tuple[Table, Table]:
    """The paired bootstrap: between what the mean difference lies in 95 % of samples of the questions, (measures,) each.

    Args:
        differences: as for `randomisation`.
        has: as for `randomisation`.
        draw: as for `randomisation`.

    Source: the percentile interval, Efron and Tibshirani, 1993; for paired systems: Sakai, SIGIR 2006.
    """
    n, means = len(differences), []
    for rows in _in_parts(n):
        drawn = draw.integers(0, n, (rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):  # a sample may hold no question that has a measure
            means.append((times @ differences) / (times @ has))
    low, high = np.nanpercentile(np.concatenate(means), [2.5, 97.5], axis=0)
    return low, high


def _in_parts(n: int) -> Iterator[int]:
    """How many of the permutations of n questions are made at once, until all are."""
    left, most = PERMUTATIONS, max(1, _AT_ONCE // max(n, 1))
    while left:
        yield min(left, most)
        left -= min(left, most)


def changed(a: RunInfo, b: RunInfo) -> dict[str, tuple[Any, Any]]:
    """What differs in what made two runs, but for when and how long: by name, the settings and versions by their own."""
    one, other = _flat(a), _flat(b)
    return {name: (one.get(name), other.get(name)) for name in one | other if one.get(name) != other.get(name)}


def _flat(made: RunInfo) -> dict[str, Any]:
    plain = ("library", "generation", "encoder", "encoder_sha256", "reader", "reader_sha256", "k", "depth", "commit", "machine")
    return {name: getattr(made, name) for name in plain} | _leaves(made.settings) | _leaves(made.versions)


def _leaves(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in tree.items():
        found |= _leaves(value, f"{above}{name}.") if isinstance(value, Mapping) else {f"{above}{name}": value}
    return found
