"""Fitting a curve from confidence to probability and a threshold on it, and what both are worth on questions held out."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from qa.library.calibration import Curve, Isotonic, Platt, Promise, logit

FOLDS = 5
LEAST_FOLDERS = FOLDS  # from so many on, what is in one folder goes together
_NORMAL = 1.959964  # standard deviations that 95 % lie within
_FREE = 1e6  # so weak a regularisation is none

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Truths = np.ndarray[Any, np.dtype[np.bool_]]
Rows = np.ndarray[Any, np.dtype[np.int64]]


class Tried(NamedTuple):
    """What came of a test question that nothing was allowed to refuse."""

    confidence: float  # as it comes
    right: bool  # whether the first quote holds a gold answer
    answerable: bool
    source: str | None


def weighed(answerable: Sequence[bool], unanswerable: float) -> Numbers:
    """Weights, their mean 1, with which questions count as if this share of them were unanswerable.

    What comes of a question is taken to depend on whether it can be answered and not on how many of the others can.

    Source: Saerens, Latinne and Decaestecker, Neural Computation 2002, of priors that change.
    """
    kinds = np.array(answerable, bool)
    share = float(kinds.mean())
    return np.where(kinds, (1 - unanswerable) / max(share, 1e-12), unanswerable / max(1 - share, 1e-12))


def fit_platt(confidences: Numbers, right: Truths, weights: Numbers | None = None) -> Platt:
    """The logistic curve over the logit that makes what was seen likeliest.

    With n+ right and n- wrong, it is fitted to (n+ + 1) / (n+ + 2) for right and 1 / (n- + 2) for wrong, so that it is finite
    where the two do not overlap. A falling curve is made level.

    Source: Platt, Advances in Large Margin Classifiers, 1999.
    """
    from sklearn.linear_model import LogisticRegression

    n_right, n_wrong = int(right.sum()), int((~right).sum())
    targets = np.where(right, (n_right + 1) / (n_right + 2), 1 / (n_wrong + 2))
    logits = np.array([logit(each) for each in confidences.tolist()])[:, None]
    model = LogisticRegression(C=_FREE, max_iter=1_000)
    each = counts_of(weights, len(right))
    kinds, counts = np.repeat([True, False], len(right)), np.concatenate([each * targets, each * (1 - targets)])
    model.fit(np.concatenate([logits, logits]), kinds, sample_weight=counts)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    return Platt(slope, intercept) if slope > 0 else Platt(0.0, logit(float(np.average(targets, weights=each))))


def fit_isotonic(confidences: Numbers, right: Truths, weights: Numbers | None = None) -> Isotonic:
    """The rising curve that is nearest to what was seen, never nearer to 0 or 1 than 1 / (n + 2) for n questions.

    Source: Zadrozny and Elkan, KDD 2002, by scikit-learn; the ends by Laplace's rule of succession.
    """
    from sklearn.isotonic import IsotonicRegression

    least = 1 / (len(right) + 2)
    model = IsotonicRegression(y_min=least, y_max=1 - least).fit(confidences, right.astype(np.float64), weights)
    return Isotonic(tuple(zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True)))


FITS: dict[str, Callable[[Numbers, Truths, Numbers | None], Curve]] = {"platt": fit_platt, "isotonic": fit_isotonic}


def log_loss(likely: Numbers, right: Truths, weights: Numbers | None = None) -> float:
    """The mean of -ln of the probability given to what was true; what is given 0 or 1 counts as nearly that."""
    from sklearn.metrics import log_loss as of

    return float(of(right, likely, labels=[False, True], sample_weight=weights))


def together(sources: Sequence[str | None]) -> list[str]:
    """A name for each question that those share which are more alike than chance: on articles of one folder, or on one article.

    Folders count where questions are on articles in as many of them as there are folds, or more: what is filed together, such
    as the parts of a book, is of one kind, and held out apart it would promise too much. A question without a source is on
    its own.
    """
    folders = [source.rpartition("/")[0] if source else "" for source in sources]
    by_folder = len(set(folders) - {""}) >= LEAST_FOLDERS
    named = [folder or source if by_folder else source for folder, source in zip(folders, sources, strict=True)]
    return [name or f"alone {row}" for row, name in enumerate(named)]


def folds(right: Truths, groups: Sequence[str], seed: int) -> list[tuple[Rows, Rows]]:
    """Rows to fit on and rows to hold out, five times or fewer, so that each is held out once and no group is on both sides.

    Right and wrong are spread evenly as far as the groups allow. Where there is but one group, rows are on their own.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    numbers = np.unique(groups, return_inverse=True)[1] if len(set(groups)) > 1 else np.arange(len(groups))
    split = StratifiedGroupKFold(min(FOLDS, len(set(numbers.tolist()))), shuffle=True, random_state=seed)
    return list(split.split(np.zeros((len(groups), 1)), right, numbers))


def values(curve: Curve, confidences: Numbers) -> Numbers:
    """The curve at each confidence."""
    at: Numbers
    if isinstance(curve, Isotonic):
        at = np.interp(confidences, *np.array(curve.points).T)
    else:
        at = np.array([curve(each) for each in confidences.tolist()])
    return at


def worth_it(curve: Curve, confidences: Numbers, least: float) -> float:
    """The confidence from which on the curve is at least this; infinite where it never is.

    A threshold of p on a true probability is the best one for whom a wrong answer costs p / (1 - p) of what a right one is
    worth: Elkan, IJCAI 2001.
    """
    return _above(confidences, values(curve, confidences) >= least)


def as_few_wrong(confidences: Numbers, right: Truths, wrong: float, weights: Numbers | None = None) -> float:
    """The least confidence from which on (wrong + 1) / (answered + 1) is at most this share; infinite where there is none.

    The 1 is there because the threshold is chosen on the very questions counted: conformal risk control, Angelopoulos and
    others, ICLR 2024, adds it for a loss of at most 1.
    """
    order, shares = shares_wrong(confidences, right, weights)
    last_of_equals = np.append(np.diff(confidences[order]) != 0, True)
    kept = np.flatnonzero((shares <= wrong) & last_of_equals)
    return _above(confidences, confidences >= confidences[order[kept[-1]]]) if len(kept) else float("inf")


def shares_wrong(confidences: Numbers, right: Truths, weights: Numbers | None = None) -> tuple[Rows, Numbers]:
    """Rows by their confidence, the surest first, and for each (wrong + 1) / (answered + 1) of those up to it."""
    order = np.argsort(-confidences, kind="stable")
    counts = counts_of(weights, len(order))[order]
    return order, (np.cumsum(counts * ~right[order]) + 1) / (np.cumsum(counts) + 1)


def counts_of(weights: Numbers | None, n: int) -> Numbers:
    """What each of n questions counts: 1 where they are not weighted."""
    return np.ones(n) if weights is None else weights


def _above(confidences: Numbers, answered: Truths) -> float:
    """A threshold in the middle between the confidences that are answered and those that are not."""
    if not answered.any():
        return float("inf")
    least = float(confidences[answered].min())
    below = confidences[confidences < least]
    return (least + float(below.max())) / 2 if len(below) else 0.0


def promised(tried: Sequence[Tried], answered: Truths, groups: Sequence[str], unanswerable: float | None = None) -> Promise:
    """What came of questions some of which were answered, with the interval of the share of those that is wrong.

    Args:
        groups: of `together`; questions of one group are not taken to be independent of each other.
        unanswerable: the share of unanswerable questions that it is for; by default as many as there are.
    """
    wrong = np.array([not each.right for each in tried], bool)
    weights = np.ones(len(tried)) if unanswerable is None else weighed([each.answerable for each in tried], unanswerable)
    told = np.flatnonzero(answered)
    low, high = interval(wrong[told], [groups[row] for row in told.tolist()], weights[told])
    n_unanswerable = sum(not each.answerable for each in tried)
    n_answered, n_wrong = float(weights[told].sum()), float((weights * wrong)[told].sum())
    return Promise(len(tried), n_unanswerable, n_answered, n_wrong, low, high, unanswerable)


def interval(wrong: Truths, groups: Sequence[str], weights: Numbers | None = None) -> tuple[float, float]:
    """The 95 % interval of the share that is wrong, Wilson's, of as many independent questions as these are worth.

    With the design effect d, how many times the variance of the share between groups is that of independent questions,
    n questions are worth n / d, and never more than n. Of one group nothing is known of what others would differ by, so its
    questions count as independent. Of weighted questions n is (sum of w)² / sum of w². 0 to 1 of no questions.

    Source: Wilson, JASA 1927; the design effect: Kish, Survey Sampling, 1965; both together, where they hold better than other
    intervals: Dean and Pagano, Journal of Survey Statistics and Methodology, 2015.
    """
    counts = counts_of(weights, len(wrong))
    if not counts.sum():
        return 0.0, 1.0
    share, n = float(np.average(wrong, weights=counts)), _worth(counts) / design_effect(wrong, groups, counts)
    middle, half = share + _NORMAL**2 / (2 * n), _NORMAL * np.sqrt(share * (1 - share) / n + _NORMAL**2 / (4 * n**2))
    low, high = (middle - half) / (1 + _NORMAL**2 / n), (middle + half) / (1 + _NORMAL**2 / n)
    return max(0.0, float(low)), min(1.0, float(high))


def design_effect(wrong: Truths, groups: Sequence[str], weights: Numbers | None = None) -> float:
    """How many times the variance of a share is what it would be of independent questions, 1 at least.

    The variance is that of a ratio of sums over groups: g / (g - 1) * sum((wrong - share * n)² of each group) / n², that of
    independent questions share * (1 - share) / (n - 1).
    """
    counts = counts_of(weights, len(wrong))
    share, n, g = float(np.average(wrong, weights=counts)), _worth(counts), len(set(groups))
    if g < 2 or not 0 < share < 1:
        return 1.0
    apart = np.bincount(np.unique(groups, return_inverse=True)[1], counts * (wrong - share))  # sums by group
    variance = float((apart**2).sum()) * g / (g - 1) / float(counts.sum()) ** 2
    return max(1.0, variance * (n - 1) / (share * (1 - share)))


def _worth(weights: Numbers) -> float:
    """How many questions of one weight these are worth.

    Source: Kish, Survey Sampling, 1965.
    """
    return float(weights.sum() ** 2 / (weights**2).sum())
