"""The outcome of each test question, with everything that the measures need."""

from dataclasses import dataclass, field

from qa.evaluation.datasets.questions import TestQuestion
from qa.types.articles import Quote


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """The text before and after a quote in its article, so that a report can be read without the library."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test question and its answer."""

    question: TestQuestion
    searched_for: str
    found: bool
    confidence: float  # probability that the first quote answers, 0 to 1; if refused, that of the best sentence
    quotes: tuple[Quote, ...]
    around: tuple[QuoteContext, ...]  # one per quote
    passages: tuple[str, ...]  # the ranking, best first, each as "article id:start:end"
    n_read: int  # how many of them, from the first, were read for the answer
    answer_read: bool | None  # whether one of those holds a gold answer; None if there is no gold answer
    gold_passages: dict[str, int] = field(hash=False)  # relevance grade by passage; empty if not known
    gold_articles: dict[str, int] = field(hash=False)  # relevance grade by article id
    rank: int | None  # of the first quote that holds a gold answer, from 1
    n_broken: int  # quotes that differ from their place in the article
    seconds: float  # for the question itself, without its history
    timings: dict[str, float] = field(default_factory=dict, hash=False)  # seconds by stage, as in `Answer`
    closest: Quote | None = None  # the sentence shown as the closest where nothing was quoted

    @property
    def articles(self) -> tuple[str, ...]:
        """The ids of the ranked articles, each at the rank of its best passage."""
        return tuple(dict.fromkeys(map(article_of, self.passages)))

    @property
    def answerable(self) -> bool:
        """Whether there are gold answers."""
        return bool(self.question.answers)

    @property
    def closest_answers(self) -> bool:
        """Whether the sentence shown as the closest holds a gold answer."""
        return self.closest is not None and any(answer in self.closest.text for answer in self.question.answers or ())

    @property
    def unanswerable(self) -> bool:
        """Whether the articles are known not to answer."""
        return self.question.answers is not None and not self.question.answers


def passage_key(article_id: str, start: int, end: int) -> str:
    """Return the id of a passage in a run."""
    return f"{article_id}:{start}:{end}"


def article_of(key: str) -> str:
    """Return the article id in a passage's id."""
    return key.split(":", 1)[0]
