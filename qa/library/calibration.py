"""Calibration: what the confidence is worth on a reader's own questions, kept with the library and applied when it is asked."""

import hashlib
import json
import logging
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from embeddings.atomic_write import write_atomically
from qa.types.articles import Answer, Quote, Rejected
from qa.types.errors import CalibrationDamaged
from qa.types.settings import Settings
from qa.types.weights import Weights

CALIBRATION = "calibration.json"
SCHEMA = 1
_SURE = 12.0  # logits; what is surer is no surer for this

T = TypeVar("T", Quote, Rejected)

_log = logging.getLogger("pullquote")


@dataclass(frozen=True, slots=True)
class Platt:
    """A logistic curve over the logit of a confidence. Source: Platt, Advances in Large Margin Classifiers, 1999."""

    slope: float  # not below 0
    intercept: float

    def __call__(self, confidence: float) -> float:
        """The probability that a quote of this confidence answers."""
        return 1 / (1 + math.exp(-(self.slope * logit(confidence) + self.intercept)))


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising curve through points, straight between them. Source: Zadrozny and Elkan, KDD 2002."""

    points: tuple[tuple[float, float], ...]  # confidence and probability, both rising

    def __call__(self, confidence: float) -> float:
        """The probability that a quote of this confidence answers."""
        confidences, probabilities = zip(*self.points, strict=True)
        return float(np.interp(confidence, confidences, probabilities))


Curve = Platt | Isotonic


@dataclass(frozen=True, slots=True)
class Promise:
    """How questions like those asked will fare, counted on questions that were held out when the curve was fitted."""

    n: int  # questions
    n_unanswerable: int  # of them
    n_answered: float  # whole, but where questions were weighted
    n_wrong: float  # of those answered, whose first quote does not hold an answer
    low: float  # the 95 % interval of the share of those answered that are wrong
    high: float
    unanswerable: float | None = None  # the share that it is for, where the questions were weighted to it

    @property
    def answered(self) -> float:
        """The share of questions that are answered."""
        return self.n_answered / self.n

    @property
    def wrong(self) -> float:
        """The share wrong of those answered; 0 of none."""
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
    """All that a confidence comes of, so that a calibration of one is not applied to another."""

    encoder_sha256: str
    reader: str  # its name, or "none"
    weights_sha256: str

    @classmethod
    def by(cls, encoder_sha256: str, reader: str, weights: Weights) -> "Basis":
        """With the weights' SHA-256."""
        return cls(encoder_sha256, reader, _sha256(asdict(weights)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the confidence as it comes to what it was worth on test questions, and from where on a question is answered."""

    curve: Curve
    least_confidence: float  # as it comes; below, nothing is quoted
    promise: Promise
    wrong: float | None  # the share of those answered that was to be wrong at most; None: the threshold's trade was kept
    log_losses: dict[str, float]  # of questions held out, by what the confidence was made by; less is better
    basis: Basis
    questions_sha256: str
    generation: int  # of the library that was asked
    date: str  # ISO 8601, in UTC

    @property
    def method(self) -> str:
        """How its curve was fitted, "platt" or "isotonic"."""
        return type(self.curve).__name__.lower()

    @property
    def sha256(self) -> str:
        """Of all it says."""
        return _sha256(_as_dict(self))

    def applied(self, settings: Settings) -> Settings:
        """Settings that refuse from its threshold down."""
        return replace(settings, least_confidence=self.least_confidence)

    def told(self, answer: Answer) -> Answer:
        """An answer with the confidences that its own stand for; without passages there is nothing to be sure of."""
        if not answer.passages:
            return answer
        differing = tuple(
            replace(each, values=tuple(replace(value, quotes=tuple(map(self._of, value.quotes))) for value in each.values))
            for each in answer.disagreements
        )
        return replace(
            answer,
            confidence=self.curve(answer.confidence),
            quotes=tuple(map(self._of, answer.quotes)),
            disagreements=differing,
            left_out=tuple(map(self._of, answer.left_out)),
        )

    def _of(self, one: T) -> T:
        return replace(one, confidence=self.curve(one.confidence))

    def unlike(self, basis: Basis) -> str | None:
        """Why it says nothing about confidences that come of something else, as an end of a sentence; None where it does."""
        own = self.basis
        if own.encoder_sha256 != basis.encoder_sha256:
            return f"another encoder (SHA-256 {own.encoder_sha256[:12]}…, now {basis.encoder_sha256[:12]}…)"
        if own.reader != basis.reader:
            return f"another reader ({own.reader!r}, now {basis.reader!r})"
        return "other weights than those of `qa/types/weights.json` or the settings" if own != basis else None


class CalibrationFile:
    """The calibration that a library's folder keeps, read again when the file has changed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / CALIBRATION
        self._read: tuple[tuple[int, ...], Calibration] | None = None
        self._warned: tuple[Any, ...] | None = None

    def load(self) -> Calibration | None:
        """Read the calibration; None where there is none.

        Raises:
            CalibrationDamaged: the file is not what was written.
        """
        try:
            found = self.path.stat()
        except OSError:
            return None
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._read is None or self._read[0] != stamp:
            self._read = stamp, self._parsed()
        return self._read[1]

    def fitting(self, basis: Basis) -> Calibration | None:
        """The calibration where it is one of confidences that come of this; it is said once in the log where it is not."""
        calibration = self.load()
        why = calibration.unlike(basis) if calibration else None
        if why and self._warned != (self._read, basis):
            self._warned = (self._read, basis)
            _log.warning("%s", self.not_applied(why))
        return None if why else calibration

    def not_applied(self, why: str) -> str:
        """What to say of a calibration that is of other confidences."""
        return f"{self.path} is not applied: it was fitted with {why}. Run `pullquote calibrate` again, or with --remove."

    def save(self, calibration: Calibration) -> None:
        """Keep a calibration in the place of any other.

        Raises:
            CalibrationDamaged: it cannot be written.
        """
        content = {"schema": SCHEMA, "sha256": calibration.sha256, "calibration": _as_dict(calibration)}
        try:
            write_atomically(self.path, json.dumps(content, indent=1).encode())
        except OSError as error:
            raise CalibrationDamaged(f"The calibration cannot be saved as {self.path}: {error}.") from error

    def remove(self) -> bool:
        """Take the calibration out, damaged or not; whether there was one."""
        there = self.path.exists()
        self.path.unlink(missing_ok=True)
        return there

    def _parsed(self) -> Calibration:
        again = "Run `pullquote calibrate` again, or delete it with `pullquote calibrate --remove`."
        try:
            data = json.loads(self.path.read_bytes())
            schema, content = data["schema"], data["calibration"]
            if schema != SCHEMA:
                raise CalibrationDamaged(f"{self.path} is of another Pullquote (schema {schema}, not {SCHEMA}). {again}")
            if data["sha256"] != _sha256(content):
                raise CalibrationDamaged(f"{self.path} is damaged: it does not have the checksum it was saved with. {again}")
            return _from_dict(content)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise CalibrationDamaged(f"{self.path} is damaged ({type(error).__name__}: {error}). {again}") from error


def logit(confidence: float) -> float:
    """ln(p / (1 - p)), within what can be told apart."""
    if not 0 < confidence < 1:
        return -_SURE if confidence <= 0 else _SURE
    return max(-_SURE, min(_SURE, math.log(confidence / (1 - confidence))))


def _as_dict(calibration: Calibration) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(asdict(calibration)))
    return {**data, "method": calibration.method}


def _from_dict(data: dict[str, Any]) -> Calibration:
    fields = dict(data)
    method, numbers = fields.pop("method"), fields.pop("curve")
    curve: Curve = Platt(**numbers) if method == "platt" else Isotonic(tuple((x, y) for x, y in numbers["points"]))
    promise, basis = Promise(**fields.pop("promise")), Basis(**fields.pop("basis"))
    return Calibration(curve=curve, promise=promise, basis=basis, **fields)


def _sha256(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
