"""Two runs on the same questions: the difference in each measure, and whether it may be due to chance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.evaluation.metrics.measures import LESS_IS_BETTER, MEANS, Scores, rank_scores, scores
from qa.evaluation.metrics.outcomes import Outcome
from qa.evaluation.run import Run
from qa.evaluation.run_info import RunInfo
from qa.types.display import Displayed
from qa.types.errors import RunsDiffer
from qa.types.frames import to_frame

if TYPE_CHECKING:
    import pandas

PERMUTATIONS = 10_000
_BATCH = 2_000_000  # random numbers held in memory at once
_EPSILON = 1e-12  # rounding error of a mean

Matrix = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two runs."""

    measure: str
    n: int  # questions that have it in both runs
    a: float
    b: float
    difference: float  # b - a
    low: float  # the 95 % interval of the difference
    high: float
    p: float  # two-sided p-value of the paired randomisation test
    won: tuple[str, ...]  # ids of questions that are better in b
    lost: tuple[str, ...]  # ids of questions that are better in a


@dataclass(frozen=True, slots=True)
class Comparison(Displayed):
    """Two runs, over the questions that both were asked."""

    n_questions: int
    n_left_out: int  # questions that differ or are in one run only
    differences: tuple[Difference, ...]  # in the order of `measures.MEANS`
    changed: dict[str, tuple[Any, Any]]  # what differs in the runs' settings, models and versions, by name

    def of(self, measure: str) -> Difference:
        """Return the difference in a measure.

        Raises:
            KeyError: one of the runs does not have it.
        """
        for difference in self.differences:
            if difference.measure == measure:
                return difference
        raise KeyError(measure)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table in pandas with a row for each measure."""
        names = [each.name for each in fields(Difference)]
        return to_frame(({name: getattr(each, name) for name in names} for each in self.differences), names)


def compare(a: Run, b: Run, *, common: bool = False, seed: int = 0) -> Comparison:
    """Compare two runs in every measure that is a mean over questions.

    Args:
        a: the run to compare with.
        b: the run that may be better.
        common: leave out questions that only one run was asked.
        seed: of the random numbers, so that the same runs always give the same result.

    Raises:
        RunsDiffer: the runs have no question in common, or other questions as well and `common` is not given.
    """
    pairs = _pair_outcomes(a.outcomes, b.outcomes)
    n_left_out = max(len(a.outcomes), len(b.outcomes)) - len(pairs)
    if n_left_out and pairs and not common:
        raise RunsDiffer(
            f"The runs were not asked the same questions: {len(pairs)} are in both, {len(a.outcomes)} and {len(b.outcomes)} "
            "in each. Compare those in both with --common."
        )
    if not pairs:
        raise RunsDiffer("The runs have no question in common.")
    scores_a, scores_b = (scores([pair[which] for pair in pairs]) for which in (0, 1))
    differences = _differences([outcome.question.id for outcome, _ in pairs], scores_a, scores_b, seed)
    return Comparison(len(pairs), n_left_out, differences, diff_run_info(a.made, b.made))


def compare_with_baseline(run: Run, name: str, *, seed: int = 0) -> Comparison:
    """Compare a run with one of its baselines. The baseline is `a`, the run is `b`.

    Args:
        run: that was evaluated with `baselines=True`.
        name: of the baseline, one of those in `run.by_question`.
        seed: as for `compare`.

    Raises:
        RunsDiffer: the baseline was not measured with the run.
    """
    if name not in run.by_question:
        raise RunsDiffer(f"The run was not measured beside {name!r}: leave --no-baselines out of `pullquote eval`.")
    baseline = {measure: np.array(values, np.float64) for measure, values in run.by_question[name].items()}
    ids = [outcome.question.id for outcome in run.outcomes]
    return Comparison(len(ids), 0, _differences(ids, baseline, rank_scores(run.outcomes), seed), {})


def _pair_outcomes(a: Sequence[Outcome], b: Sequence[Outcome]) -> list[tuple[Outcome, Outcome]]:
    """Pair the outcomes of the questions that both runs were asked, in the order of the first."""
    by_id = {outcome.question.id: outcome for outcome in b}
    pairs = [(outcome, by_id[outcome.question.id]) for outcome in a if outcome.question.id in by_id]
    return [(first, second) for first, second in pairs if first.question == second.question]


def _differences(ids: Sequence[str], a: Mapping[str, Scores], b: Mapping[str, Scores], seed: int) -> tuple[Difference, ...]:
    names = [name for name in MEANS if name in a and name in b and np.isfinite(a[name] - b[name]).any()]
    if not names:
        return ()
    matrix = np.column_stack([b[name] - a[name] for name in names])  # (questions, measures), NaN if a question has none
    has = np.isfinite(matrix)
    known = np.where(has, matrix, 0.0)
    p = randomisation(known, has, np.random.default_rng(seed))
    low, high = bootstrap(known, has, np.random.default_rng(seed))
    tests = zip(p.tolist(), low.tolist(), high.tolist(), strict=True)
    return tuple(_difference(name, a[name], b[name], ids, *test) for name, test in zip(names, tests, strict=True))


def _difference(name: str, a: Scores, b: Scores, ids: Sequence[str], p: float, low: float, high: float) -> Difference:
    has = np.isfinite(a - b)
    gain = (b - a) * (-1 if name in LESS_IS_BETTER else 1)
    mean_a, mean_b = float(a[has].mean()), float(b[has].mean())
    won = tuple(ids[row] for row in np.flatnonzero(has & (gain > _EPSILON)).tolist())
    lost = tuple(ids[row] for row in np.flatnonzero(has & (gain < -_EPSILON)).tolist())
    return Difference(name, int(has.sum()), mean_a, mean_b, mean_b - mean_a, low, high, p, won, lost)


def randomisation(differences: Matrix, has: Mask, rng: np.random.Generator) -> Matrix:
    """Compute the two-sided p-values of the paired randomisation test, (measures,).

    If both runs were equally good, each question's two scores could be swapped. With B random swaps, of which n give a mean
    difference at least as large, p = (n + 1) / (B + 1). The added 1 counts the observed order.

    Args:
        differences: (questions, measures), 0 if a question has none.
        has: (questions, measures), whether it has one.
        rng: the source of randomness.

    Source: Smucker, Allan and Carterette, CIKM 2007. The added 1: Phipson and Smyth, SAGMB 2010.
    """
    n = has.sum(axis=0)
    observed = np.abs(differences.sum(axis=0)) / n
    n_larger = np.zeros(differences.shape[1])
    for rows in _batch_sizes(len(differences)):
        signs = rng.integers(0, 2, (rows, len(differences)), np.int8) * 2.0 - 1.0
        n_larger += (np.abs(signs @ differences) / n >= observed - _EPSILON).sum(axis=0)
    p: Matrix = (n_larger + 1) / (PERMUTATIONS + 1)
    return p


def bootstrap(differences: Matrix, has: Mask, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    """Compute the 95 % intervals of the mean differences by the paired bootstrap, (measures,) each.

    Args:
        differences: as for `randomisation`.
        has: as for `randomisation`.
        rng: as for `randomisation`.

    Source: the percentile interval, Efron and Tibshirani, 1993; for paired systems: Sakai, SIGIR 2006.
    """
    n, means = len(differences), []
    for rows in _batch_sizes(n):
        drawn = rng.integers(0, n, (rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):  # a sample may hold no question that has a measure
            means.append((counts @ differences) / (counts @ has))
    low, high = np.nanpercentile(np.concatenate(means), [2.5, 97.5], axis=0)
    return low, high


def _batch_sizes(n: int) -> Iterator[int]:
    """Split all permutations of n questions into batches that fit into memory."""
    left, largest = PERMUTATIONS, max(1, _BATCH // max(n, 1))
    while left:
        yield min(left, largest)
        left -= min(left, largest)


def diff_run_info(a: RunInfo, b: RunInfo) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two runs' libraries, models, settings and versions, by name. Times are left out."""
    flat_a, flat_b = _flatten_info(a), _flatten_info(b)
    return {name: (flat_a.get(name), flat_b.get(name)) for name in flat_a | flat_b if flat_a.get(name) != flat_b.get(name)}


def _flatten_info(info: RunInfo) -> dict[str, Any]:
    names = ("library", "generation", "encoder", "encoder_sha256", "reader", "reader_sha256", "k", "depth", "commit", "machine")
    return {name: getattr(info, name) for name in names} | _flatten(info.settings) | _flatten(info.versions)


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        leaves |= _flatten(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return leaves
