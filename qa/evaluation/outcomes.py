"""The nouns of a measurement: what came of each test question, and what made the run."""

from dataclasses import dataclass, field
from typing import Any

from qa.evaluation.datasets.questions import TestQuestion
from qa.types.articles import Quote


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and after a quote in its article, for who reads of it without the library."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test question and what came of it, with all that the measures need."""

    question: TestQuestion
    searched_for: str
    found: bool
    confidence: float  # probability that the first quote answers, 0 to 1; of a refused question, that of the best sentence
    quotes: tuple[Quote, ...]
    around: tuple[Around, ...]  # of each quote
    passages: tuple[str, ...]  # what was ranked, best first, each as "article id:start:end"
    n_read: int  # so many of them, the first, were read for the answer
    answer_read: bool | None  # whether one of those holds a gold answer; None where there is no gold answer
    gold_passages: dict[str, int] = field(hash=False)  # what should have been ranked, with its grade; empty: not known
    gold_articles: dict[str, int] = field(hash=False)  # by article id
    rank: int | None  # of the first quote that holds a gold answer, from 1
    n_broken: int  # quotes that are not the slice they say they are
    seconds: float  # of the question itself, its history not counted
    timings: dict[str, float] = field(default_factory=dict, hash=False)  # seconds by stage, as `Answer` has them

    @property
    def articles(self) -> tuple[str, ...]:
        """The ids of the articles ranked, each at the place of its best passage."""
        return tuple(dict.fromkeys(map(article_of, self.passages)))

    @property
    def answerable(self) -> bool:
        """Whether there are gold answers."""
        return bool(self.question.answers)

    @property
    def unanswerable(self) -> bool:
        """Whether the articles are known not to say."""
        return self.question.answers is not None and not self.question.answers


@dataclass(frozen=True, slots=True)
class RunInfo:
    """Everything that made a run, so that it can be made again, or told why it cannot."""

    date: str  # ISO 8601, in UTC, when the first question was asked
    seconds: float  # until the last was answered
    questions_sha256: str  # of the questions as they were read, not of their file
    n_questions: int
    library: str  # its id
    generation: int  # of the library
    encoder: str
    encoder_sha256: str
    reader: str  # its name, or "none"
    reader_sha256: str | None
    k: int  # quotes asked for
    depth: int  # passages ranked
    settings: dict[str, Any] = field(hash=False)  # by name, as `qa.settings.Settings` has them
    versions: dict[str, str] = field(hash=False)  # of Python, Pullquote and the libraries that find
    commit: str | None  # of the checkout it ran from, with "-dirty" where files were changed; None: no checkout
    machine: str
    cores: int  # that the process may use
    calibration: str | None = None  # SHA-256 of that which was applied


def passage_key(article_id: str, start: int, end: int) -> str:
    """What a passage is called in a run."""
    return f"{article_id}:{start}:{end}"


def article_of(key: str) -> str:
    """The id of the article that a passage is of."""
    return key.split(":", 1)[0]
