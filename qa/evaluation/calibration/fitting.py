"""Curves from confidence to probability, thresholds on them, and what both promise for held-out questions."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from qa.library.calibration import Curve, Isotonic, Platt, Promise, logit

FOLDS = 5
LEAST_FOLDERS = FOLDS  # with as many folders or more, the questions on one folder stay together
_NORMAL = 1.959964  # standard deviations that 95 % lie within
_UNREGULARIZED = 1e6  # scikit-learn's C: regularization this weak is none

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Indices = np.ndarray[Any, np.dtype[np.int64]]


class Trial(NamedTuple):
    """A test question that was asked without refusing it."""

    confidence: float  # uncalibrated
    right: bool  # whether the first quote holds a gold answer
    answerable: bool
    source: str | None


def prior_weights(answerable: Sequence[bool], unanswerable: float) -> Floats:
    """Return weights of mean 1 that make this share of the questions unanswerable.

    It assumes that the result for a question depends on whether it is answerable, and not on how many others are.

    Source: Saerens, Latinne and Decaestecker, Neural Computation 2002, on changed priors.
    """
    kinds = np.array(answerable, bool)
    share = float(kinds.mean())
    return np.where(kinds, (1 - unanswerable) / max(share, 1e-12), unanswerable / max(1 - share, 1e-12))


def fit_platt(confidences: Floats, right: Bools, weights: Floats | None = None) -> Platt:
    """Fit a logistic curve over the logit by maximum likelihood.

    With n+ right and n- wrong, the targets are (n+ + 1) / (n+ + 2) for right and 1 / (n- + 2) for wrong. So the curve is
    finite if the two do not overlap. A falling curve is replaced by a constant one.

    Source: Platt, Advances in Large Margin Classifiers, 1999.
    """
    from sklearn.linear_model import LogisticRegression

    n_right, n_wrong = int(right.sum()), int((~right).sum())
    targets = np.where(right, (n_right + 1) / (n_right + 2), 1 / (n_wrong + 2))
    logits = np.array([logit(confidence) for confidence in confidences.tolist()])[:, None]
    model = LogisticRegression(C=_UNREGULARIZED, max_iter=1_000)
    counts = _counts(weights, len(right))
    # A question with a soft target is both a positive and a negative example, weighted by the target.
    labels = np.repeat([True, False], len(right))
    label_weights = np.concatenate([counts * targets, counts * (1 - targets)])
    model.fit(np.concatenate([logits, logits]), labels, sample_weight=label_weights)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    return Platt(slope, intercept) if slope > 0 else Platt(0.0, logit(float(np.average(targets, weights=counts))))


def fit_isotonic(confidences: Floats, right: Bools, weights: Floats | None = None) -> Isotonic:
    """Fit a rising step curve by least squares, between 1 / (n + 2) and 1 - 1 / (n + 2) for n questions.

    Source: Zadrozny and Elkan, KDD 2002, by scikit-learn. The limits: Laplace's rule of succession.
    """
    from sklearn.isotonic import IsotonicRegression

    least = 1 / (len(right) + 2)
    model = IsotonicRegression(y_min=least, y_max=1 - least).fit(confidences, right.astype(np.float64), weights)
    return Isotonic(tuple(zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True)))


FITS: dict[str, Callable[[Floats, Bools, Floats | None], Curve]] = {"platt": fit_platt, "isotonic": fit_isotonic}


def log_loss(probabilities: Floats, right: Bools, weights: Floats | None = None) -> float:
    """Compute the mean of -ln of the probability given to the truth. Probabilities of 0 and 1 are clipped."""
    from sklearn import metrics

    return float(metrics.log_loss(right, probabilities, labels=[False, True], sample_weight=weights))


def group_questions(sources: Sequence[str | None]) -> list[str]:
    """Return a group name for each question. Questions of one group are more alike than chance.

    A group is a folder of articles if the questions are on at least `LEAST_FOLDERS` folders, otherwise an article. Articles
    of one folder, such as the parts of a book, are alike. Splitting them between fit and test would promise too much. A
    question without a source is a group of its own.
    """
    folders = [source.rpartition("/")[0] if source else "" for source in sources]
    by_folder = len(set(folders) - {""}) >= LEAST_FOLDERS
    names = [folder or source if by_folder else source for folder, source in zip(folders, sources, strict=True)]
    return [name or f"alone {row}" for row, name in enumerate(names)]


def split_folds(right: Bools, groups: Sequence[str], seed: int) -> list[tuple[Indices, Indices]]:
    """Split rows into at most `FOLDS` pairs of rows to fit on and rows to hold out.

    Each row is held out once, and no group is on both sides. Right and wrong are spread as evenly as the groups allow. With a
    single group, each row is a group of its own.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    numbers = np.unique(groups, return_inverse=True)[1] if len(set(groups)) > 1 else np.arange(len(groups))
    splitter = StratifiedGroupKFold(min(FOLDS, len(set(numbers.tolist()))), shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros((len(groups), 1)), right, numbers))


def curve_values(curve: Curve, confidences: Floats) -> Floats:
    """Evaluate a curve at each confidence."""
    if isinstance(curve, Isotonic):
        interpolated: Floats = np.interp(confidences, *np.array(curve.points).T)
        return interpolated
    return np.array([curve(confidence) for confidence in confidences.tolist()])


def cost_threshold(curve: Curve, confidences: Floats, least: float) -> float:
    """Return the confidence from which the curve is at least `least`. Infinite if it never is.

    A threshold of p on a true probability is best for a user to whom a wrong answer costs p / (1 - p) of what a right one is
    worth: Elkan, IJCAI 2001.
    """
    return _threshold(confidences, curve_values(curve, confidences) >= least)


def risk_threshold(confidences: Floats, right: Bools, wrong: float, weights: Floats | None = None) -> float:
    """Return the least confidence from which (wrong + 1) / (answered + 1) is at most `wrong`. Infinite if there is none.

    The added 1 corrects for choosing the threshold on the questions that are counted. Conformal risk control adds it for a
    loss of at most 1: Angelopoulos et al., ICLR 2024.
    """
    order, shares = shares_wrong(confidences, right, weights)
    last_of_ties = np.append(np.diff(confidences[order]) != 0, True)
    allowed = np.flatnonzero((shares <= wrong) & last_of_ties)
    return _threshold(confidences, confidences >= confidences[order[allowed[-1]]]) if len(allowed) else float("inf")


def shares_wrong(confidences: Floats, right: Bools, weights: Floats | None = None) -> tuple[Indices, Floats]:
    """Return the rows, the most confident first, and (wrong + 1) / (answered + 1) of the rows up to each."""
    order = np.argsort(-confidences, kind="stable")
    counts = _counts(weights, len(order))[order]
    return order, (np.cumsum(counts * ~right[order]) + 1) / (np.cumsum(counts) + 1)


def _counts(weights: Floats | None, n: int) -> Floats:
    """Return what each of n questions counts: its weight, or 1."""
    return np.ones(n) if weights is None else weights


def _threshold(confidences: Floats, answered: Bools) -> float:
    """Return the middle between the least confidence answered and the greatest below it."""
    if not answered.any():
        return float("inf")
    least = float(confidences[answered].min())
    below = confidences[confidences < least]
    return (least + float(below.max())) / 2 if len(below) else 0.0


def estimate_promise(
    trials: Sequence[Trial], answered: Bools, groups: Sequence[str], unanswerable: float | None = None
) -> Promise:
    """Estimate the share of answered questions that are wrong, with its 95 % interval.

    Args:
        trials: all questions.
        answered: which of them were answered while held out.
        groups: from `group_questions`. Questions of one group do not count as independent.
        unanswerable: the share of unanswerable questions to weight to, by default that of the trials.
    """
    wrong = np.array([not trial.right for trial in trials], bool)
    weights = (
        np.ones(len(trials)) if unanswerable is None else prior_weights([trial.answerable for trial in trials], unanswerable)
    )
    rows = np.flatnonzero(answered)
    low, high = interval(wrong[rows], [groups[row] for row in rows.tolist()], weights[rows])
    n_unanswerable = sum(not trial.answerable for trial in trials)
    n_answered, n_wrong = float(weights[rows].sum()), float((weights * wrong)[rows].sum())
    return Promise(len(trials), n_unanswerable, n_answered, n_wrong, low, high, unanswerable)


def interval(wrong: Bools, groups: Sequence[str], weights: Floats | None = None) -> tuple[float, float]:
    """Compute Wilson's 95 % interval of the share that is wrong, for questions that are not independent.

    With a design effect d, n questions are worth n / d independent ones, and never more than n. For weighted questions n is
    (sum of w)² / sum of w². A single group says nothing about other groups, so its questions count as independent. The
    interval is 0 to 1 for no questions.

    Source: Wilson, JASA 1927; the design effect: Kish, Survey Sampling, 1965; the two combined: Dean and Pagano, Journal of
    Survey Statistics and Methodology, 2015.
    """
    counts = _counts(weights, len(wrong))
    if not counts.sum():
        return 0.0, 1.0
    share = float(np.average(wrong, weights=counts))
    n = _effective_size(counts) / design_effect(wrong, groups, counts)
    middle, half = share + _NORMAL**2 / (2 * n), _NORMAL * np.sqrt(share * (1 - share) / n + _NORMAL**2 / (4 * n**2))
    low, high = (middle - half) / (1 + _NORMAL**2 / n), (middle + half) / (1 + _NORMAL**2 / n)
    return max(0.0, float(low)), min(1.0, float(high))


def design_effect(wrong: Bools, groups: Sequence[str], weights: Floats | None = None) -> float:
    """Compute by how much the groups multiply the variance of the share that is wrong, at least 1.

    The variance is that of a ratio of sums over g groups: g / (g - 1) * sum((wrong - share * n)² of each group) / n². That of
    independent questions is share * (1 - share) / (n - 1).
    """
    counts = _counts(weights, len(wrong))
    share, n, g = float(np.average(wrong, weights=counts)), _effective_size(counts), len(set(groups))
    if g < 2 or not 0 < share < 1:
        return 1.0
    deviations = np.bincount(np.unique(groups, return_inverse=True)[1], counts * (wrong - share))  # summed by group
    variance = float((deviations**2).sum()) * g / (g - 1) / float(counts.sum()) ** 2
    return max(1.0, variance * (n - 1) / (share * (1 - share)))


def _effective_size(weights: Floats) -> float:
    """Return how many questions of equal weight these are worth.

    Source: Kish, Survey Sampling, 1965.
    """
    return float(weights.sum() ** 2 / (weights**2).sum())
