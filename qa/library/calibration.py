"""Calibration: from the raw confidence to a probability measured on test questions, in a file beside the library."""

import json
import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from embeddings.atomic_write import write_atomically
from qa.library.layout import CALIBRATION
from qa.library.sealed_json import SealBroken, content_sha256, seal, unseal
from qa.types.articles import Answer, Quote, Rejected
from qa.types.errors import CalibrationDamaged
from qa.types.settings import Settings
from qa.types.weights import Weights

SCHEMA = 1
_MOST_LOGIT = 12.0  # logits beyond are cut off

T = TypeVar("T", Quote, Rejected)

_log = logging.getLogger("pullquote")


@dataclass(frozen=True, slots=True)
class Platt:
    """A logistic curve over the logit of a confidence. Source: Platt, Advances in Large Margin Classifiers, 1999."""

    slope: float  # not below 0
    intercept: float

    def __call__(self, confidence: float) -> float:
        """Return the probability that a quote of this confidence answers."""
        return 1 / (1 + math.exp(-(self.slope * logit(confidence) + self.intercept)))


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising, piecewise linear curve. Source: Zadrozny and Elkan, KDD 2002."""

    points: tuple[tuple[float, float], ...]  # confidence and probability, both rising

    def __call__(self, confidence: float) -> float:
        """Return the probability that a quote of this confidence answers."""
        confidences, probabilities = zip(*self.points, strict=True)
        return float(np.interp(confidence, confidences, probabilities))


Curve = Platt | Isotonic


@dataclass(frozen=True, slots=True)
class Promise:
    """What to expect of similar questions, counted on questions that were held out when the curve was fitted."""

    n: int  # questions
    n_unanswerable: int  # of these, how many have no answer
    n_answered: float  # a whole number, unless the questions were weighted
    n_wrong: float  # answered with a first quote that does not hold an answer
    low: float  # of the 95 % interval of `wrong`
    high: float
    unanswerable: float | None = None  # the share of unanswerable questions that the questions were weighted to

    @property
    def answered(self) -> float:
        """The share of questions that are answered, 0 to 1."""
        return self.n_answered / self.n

    @property
    def wrong(self) -> float:
        """The share of answered questions whose answer is wrong, 0 to 1; 0 if none is answered."""
        return self.n_wrong / self.n_answered if self.n_answered else 0.0

    def __str__(self) -> str:
        interval = f"{100 * self.low:.0f} to {100 * self.high:.0f} %"
        of = "" if self.unanswerable is None else f", where {100 * self.unanswerable:.0f} % of the questions have no answer"
        return (
            f"answers {100 * self.answered:.0f} % of questions, {100 * self.wrong:.0f} % of those wrong, n = {self.n}, "
            f"95 % interval {interval}{of}"
        )


@dataclass(frozen=True, slots=True)
class Basis:
    """What a confidence depends on. A calibration is only applied to confidences with the basis that it was fitted on."""

    encoder_sha256: str
    reader: str  # its name, or "none"
    weights_sha256: str

    @classmethod
    def of(cls, encoder_sha256: str, reader: str, weights: Weights) -> "Basis":
        """Build a basis, with the SHA-256 of the weights."""
        return cls(encoder_sha256, reader, content_sha256(asdict(weights)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve from raw confidence to probability, and the raw confidence from which on a question is answered."""

    curve: Curve
    least_confidence: float  # raw; below it, nothing is quoted
    promise: Promise
    wrong: float | None  # the share of wrong answers that was allowed; None: the threshold came from the settings
    log_losses: dict[str, float]  # of held-out questions by method; lower is better
    basis: Basis
    questions_sha256: str
    generation: int  # of the library that was asked
    date: str  # ISO 8601, in UTC

    @property
    def method(self) -> str:
        """The kind of curve, "platt" or "isotonic"."""
        return type(self.curve).__name__.lower()

    @property
    def sha256(self) -> str:
        """The SHA-256 of its content."""
        return content_sha256(_as_dict(self))

    def with_threshold(self, settings: Settings) -> Settings:
        """Return settings that refuse to answer below this calibration's threshold."""
        return replace(settings, least_confidence=self.least_confidence)

    def apply(self, answer: Answer) -> Answer:
        """Return an answer with its confidences replaced by probabilities. An answer without passages stays as it is."""
        if not answer.passages:
            return answer
        disagreements = tuple(
            replace(
                disagreement,
                values=tuple(replace(value, quotes=tuple(map(self._calibrate, value.quotes))) for value in disagreement.values),
            )
            for disagreement in answer.disagreements
        )
        return replace(
            answer,
            confidence=self.curve(answer.confidence),
            quotes=tuple(map(self._calibrate, answer.quotes)),
            disagreements=disagreements,
            left_out=tuple(map(self._calibrate, answer.left_out)),
            closest=self._calibrate(answer.closest) if answer.closest else None,
        )

    def _calibrate(self, quote: T) -> T:
        return replace(quote, confidence=self.curve(quote.confidence))

    def mismatch(self, basis: Basis) -> str | None:
        """Return what differs from the basis that it was fitted on, as the end of a sentence, or None."""
        own = self.basis
        if own.encoder_sha256 != basis.encoder_sha256:
            return f"another encoder (SHA-256 {own.encoder_sha256[:12]}…, now {basis.encoder_sha256[:12]}…)"
        if own.reader != basis.reader:
            return f"another reader ({own.reader!r}, now {basis.reader!r})"
        return "other weights than those of `qa/types/weights.json` or the settings" if own != basis else None


class CalibrationFile:
    """The calibration in a library's folder, read again when the file changes."""

    def __init__(self, folder: Path, record: Callable[[str | None], None] = lambda _: None) -> None:
        """Take the calibration of a library's folder.

        Args:
            record: called with the SHA-256 of the calibration that belongs to the library, or None. While one is being saved,
                with those of the earlier one and the new one: a crash leaves either.
        """
        self.path, self._record = folder / CALIBRATION, record
        self._cached: tuple[tuple[int, ...], Calibration] | None = None  # with the state of the file
        self._warned: tuple[Any, ...] | None = None

    def load(self) -> Calibration | None:
        """Read the calibration, or return None if there is none.

        Raises:
            CalibrationDamaged: the file is damaged, or of another Pullquote.
        """
        try:
            status = self.path.stat()
        except OSError:
            return None
        state = (status.st_ino, status.st_size, status.st_mtime_ns)
        if self._cached is None or self._cached[0] != state:
            self._cached = state, self._parse()
        return self._cached[1]

    def load_for(self, basis: Basis) -> Calibration | None:
        """Read the calibration if it was fitted on this basis. If it was not, log a warning once and return None."""
        calibration = self.load()
        mismatch = calibration.mismatch(basis) if calibration else None
        if mismatch and self._warned != (self._cached, basis):
            self._warned = (self._cached, basis)
            _log.warning("%s", self.explain(mismatch))
        return None if mismatch else calibration

    def explain(self, mismatch: str) -> str:
        """Return the sentence that says why the calibration is not applied."""
        return f"{self.path} is not applied: it was fitted with {mismatch}. Run `pullquote calibrate` again, or with --remove."

    def save(self, calibration: Calibration) -> None:
        """Write a calibration, replacing any other.

        Raises:
            CalibrationDamaged: it cannot be written.
        """
        if self.path.exists():
            self._record(f"{self._earlier()} {calibration.sha256}")
        try:
            write_atomically(self.path, seal(SCHEMA, "calibration", _as_dict(calibration), indent=1))
        except OSError as error:
            raise CalibrationDamaged(f"The calibration cannot be saved as {self.path}: {error}.") from error
        self._record(calibration.sha256)

    def remove(self) -> bool:
        """Delete the calibration, damaged or not. Return whether there was one."""
        existed = self.path.exists()
        self._record(None)
        self.path.unlink(missing_ok=True)
        return existed

    def _earlier(self) -> str:
        """Return the SHA-256 of the calibration that is there, empty if it is damaged."""
        try:
            earlier = self.load()
        except CalibrationDamaged:
            return ""
        return earlier.sha256 if earlier else ""

    def _parse(self) -> Calibration:
        again = "Run `pullquote calibrate` again, or delete it with `pullquote calibrate --remove`."
        try:
            data = json.loads(self.path.read_bytes())
            if (schema := data["schema"]) != SCHEMA:
                raise CalibrationDamaged(f"{self.path} is of another Pullquote (schema {schema}, not {SCHEMA}). {again}")
            return _from_dict(unseal(data, "calibration"))
        except SealBroken as error:
            raise CalibrationDamaged(f"{self.path} is damaged: {error}. {again}") from error
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise CalibrationDamaged(f"{self.path} is damaged ({type(error).__name__}: {error}). {again}") from error


def logit(confidence: float) -> float:
    """Return ln(p / (1 - p)), at most 12 in magnitude."""
    if not 0 < confidence < 1:
        return -_MOST_LOGIT if confidence <= 0 else _MOST_LOGIT
    return max(-_MOST_LOGIT, min(_MOST_LOGIT, math.log(confidence / (1 - confidence))))


def _as_dict(calibration: Calibration) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(asdict(calibration)))
    return {**data, "method": calibration.method}


def _from_dict(data: dict[str, Any]) -> Calibration:
    fields = dict(data)
    method, numbers = fields.pop("method"), fields.pop("curve")
    curve: Curve = Platt(**numbers) if method == "platt" else Isotonic(tuple((x, y) for x, y in numbers["points"]))
    promise, basis = Promise(**fields.pop("promise")), Basis(**fields.pop("basis"))
    return Calibration(curve=curve, promise=promise, basis=basis, **fields)
