"""The nouns: articles and places in them, passages, quotes and answers. All frozen, compared by value.

Every `start` and `end` counts code points of the article's exact text, half open, so that `text[start:end]` is the thing.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from qa.types.errors import AnswerUnreadable

SCHEMA = 1  # of an answer as JSON; docs/reference/answer.md lists every field


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """A place in an article that may not be quoted, and the rule that says so. The text itself stays as it is."""

    start: int
    end: int
    rule: str  # such as "navigation" or "comment form"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an article that its format knows of, such as a page, and where it stands in the text."""

    start: int
    end: int
    name: str  # as a citation says it: "page 3", "slide 2", "chapter The Wall", "attachment report.pdf"


@dataclass(frozen=True, slots=True)
class Reference:
    """Which article, in which version: all that a citation needs but the place."""

    id: str  # 12 hexadecimal digits, the same for the same source in every library
    title: str
    source: str  # where it came from: an absolute path or an address
    published: str | None  # ISO 8601 date or date and time, where the text gives one
    version: str  # SHA-256 of the text, 64 hexadecimal digits
    author: str | None = field(default=None, kw_only=True)
    site: str | None = field(default=None, kw_only=True)  # who published it, by name or address
    language: str | None = field(default=None, kw_only=True)  # ISO 639-1
    tags: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Article(Reference):
    """An article as stored, its text exactly as decoded."""

    text: str
    set_aside: tuple[SetAside, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def reference(self) -> Reference:
        """The article without its text."""
        return Reference(**{each.name: getattr(self, each.name) for each in fields(Reference)})

    def part_at(self, place: int) -> str | None:
        """The part that a place stands in, as a citation says it, outer before inner: "attachment report.pdf, page 3"."""
        return ", ".join(part.name for part in self.parts if part.start <= place < part.end) or None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage and how well it fits the question."""

    start: int
    end: int
    score: float
    answer: float | None = None  # how much rather its best words answer than nothing in the passage, a logit; None: not read


@dataclass(frozen=True, slots=True)
class Scores:
    """The parts a passage's score is made of."""

    words: float  # BM25 as a share of the best passage's, 0 to 1
    meaning: float  # cosine of question and passage
    sentence: float  # cosine of question and the best sentence
    coverage: float  # share of the question's words that the passage holds, each by its rarity, 0 to 1
    sentence_coverage: float  # the greatest share that one of its sentences holds
    pairs: float  # the greatest share of the question's pairs of neighbouring words that one of its sentences has


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of sentences that was read for a question."""

    rank: int  # from 1
    article: Reference
    start: int
    end: int
    text: str
    score: float
    parts: Scores
    sentences: tuple[Sentence, ...]  # in the order of the text
    part: str | None = None  # of the article that it begins in, as for `Quote`


@dataclass(frozen=True, slots=True)
class Place:
    """Where else a quote's words or a sentence of them stand, or nearly these words in another print of the article."""

    article: Reference
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Words of an article, as coordinates: `article.text[start:end] == text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an article that answer, as coordinates: `article.text[start:end] == text`."""

    rank: int  # from 1
    article: Reference
    start: int
    end: int
    text: str
    score: float
    confidence: float  # probability that this quote answers, 0 to 1
    highlight: Span | None  # the words inside the quote that answer, in the article's coordinates
    also_in: tuple[Place, ...] = ()  # elsewhere: the same words, or the same story
    lead: TextSpan | None = None  # what stands further up in the article and is needed to read it, shown before it and […]
    part: str | None = None  # of the article that it stands in, such as "page 3", where its format has such

    def stands_in(self, text: str) -> bool:
        """Whether the quote and its lead are the slices of an article's text that they say they are."""
        return all(text[each.start : each.end] == each.text for each in (self, self.lead) if each)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sentence that was read and is no quote, and why not: `article.text[start:end] == text`."""

    article: Reference
    start: int
    end: int
    text: str
    confidence: float  # probability that it answers, 0 to 1
    why: str  # such as "too unsure" or "nearly what a quote says"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that some quotes give in answer to a question, as the newest of them writes it."""

    text: str
    quotes: tuple[Quote, ...]  # newest first, the value their highlight


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Different values that articles give for the same thing. Which one is right is not said."""

    kind: str  # of values, such as "number" or "date"
    values: tuple[Value, ...]  # two at least, that of the newest article first


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and what a follow-up may lean on."""

    question: str
    searched_for: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Quotes that answer a question, or none; never a word of our own.

    Timings are seconds by stage, one stage after the other: `encode`, from the call to the question's vector; `indexes`, until
    the library is open and both indexes are at its generation, a writer waited for where there is one; `words`, the BM25
    search; `vectors`, the search by meaning; `read`, the candidates read from the library; `score`, their ranking; `reader`,
    the best of them read together with the question; `quote`, the choice of the quotes. Beside them stands `total`, from the
    call to the answer.
    """

    question: str
    searched_for: str
    found: bool
    confidence: float  # probability that the first quote answers, 0 to 1
    quotes: tuple[Quote, ...]
    passages: tuple[Passage, ...]  # the evidence: what was read, best first
    generation: int  # of the library that was asked
    timings: dict[str, float] = field(default_factory=dict, compare=False)
    disagreements: tuple[Disagreement, ...] = ()
    help: str | None = None  # how Pullquote is used, where it was greeted or asked about itself; nothing was searched for
    only: dict[str, Any] = field(default_factory=dict, hash=False)  # what articles had to be, as `ask` was told
    offer: dict[str, Any] = field(
        default_factory=dict
    )  # what they could have to be by a date in the question: it was not applied
    left_out: tuple[Rejected, ...] = ()  # the best of the sentences that were read and are no quotes, best first

    @property
    def all_quotes(self) -> tuple[Quote, ...]:
        """The quotes, and after them those that are only shown where articles differ, each once."""
        differing = (quote for each in self.disagreements for value in each.values for quote in value.quotes)
        return tuple(dict.fromkeys((*self.quotes, *differing)))

    def to_json(self, *, indent: int | None = None) -> str:
        """The answer as JSON text, `"schema": 1`; `from_json` reads it back to an equal answer."""
        return _dump(self, indent)

    @classmethod
    def from_json(cls, text: str) -> "Answer":
        """Read an answer back.

        Raises:
            AnswerUnreadable: the text is no answer of schema 1.
        """
        return _load(text)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be added, and why in words for the reader."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each file that was to be added."""

    added: tuple[Reference, ...] = ()
    updated: tuple[Reference, ...] = ()
    unchanged: tuple[Reference, ...] = ()
    failed: tuple[Failure, ...] = ()
    removed: tuple[Reference, ...] = ()  # what a source does not hold any more


@dataclass(frozen=True, slots=True)
class Heading:
    """A conversation as it is listed."""

    id: str
    title: str  # its first question, unless it was renamed; empty before either
    begun: str  # ISO 8601, UTC
    changed: str  # likewise
    n_answers: int


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was given and kept."""

    id: str
    conversation_id: str
    asked: str  # ISO 8601, UTC
    answer: Answer


@dataclass(frozen=True, slots=True)
class Draft:
    """A test question that came of using the page, before someone accepts it."""

    id: str
    question: str
    answers: tuple[str, ...]  # any one must stand in a quote; none where it is not known
    source: str | None
    history: tuple[str, ...]  # earlier questions
    why: str  # "thumbs down" or "gold span"
    made: str  # ISO 8601, UTC


def _dump(answer: Answer, indent: int | None) -> str:
    """Write an answer; text is kept as it is, not escaped to ASCII."""
    return json.dumps({"schema": SCHEMA, **asdict(answer)}, ensure_ascii=False, indent=indent)


def _load(text: str) -> Answer:
    """Read an answer, also one saved before some of the fields came.

    Raises:
        AnswerUnreadable: the text is no JSON, of another schema, or lacks a field.
    """
    try:
        data = json.loads(text)
        if data.pop("schema") != SCHEMA:
            raise AnswerUnreadable(f"This answer is not of schema {SCHEMA}: it was saved by another Pullquote.")
        data["quotes"] = tuple(quote_from_dict(quote) for quote in data["quotes"])
        data["passages"] = tuple(_passage(passage) for passage in data["passages"])
        data["disagreements"] = tuple(_disagreement(each) for each in data.get("disagreements", ()))
        data["left_out"] = tuple(_left_out(each) for each in data.get("left_out", ()))
        return Answer(**data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AnswerUnreadable(f"This is no saved answer ({type(error).__name__}: {error}).") from error


def _reference(data: dict[str, Any]) -> Reference:
    return Reference(**{**data, "tags": tuple(data.get("tags", ()))})


def quote_from_dict(data: dict[str, Any]) -> Quote:
    """A quote from what `dataclasses.asdict` made of one."""
    highlight = Span(**data["highlight"]) if data["highlight"] else None
    also_in = tuple(Place(_reference(place["article"]), place["start"], place["end"]) for place in data["also_in"])
    lead = TextSpan(**data["lead"]) if data.get("lead") else None
    article = _reference(data["article"])
    return Quote(**{**data, "article": article, "highlight": highlight, "also_in": also_in, "lead": lead})


def _left_out(data: dict[str, Any]) -> Rejected:
    return Rejected(**{**data, "article": _reference(data["article"])})


def _disagreement(data: dict[str, Any]) -> Disagreement:
    values = tuple(Value(value["text"], tuple(map(quote_from_dict, value["quotes"]))) for value in data["values"])
    return Disagreement(data["kind"], values)


def _passage(data: dict[str, Any]) -> Passage:
    sentences = tuple(Sentence(**sentence) for sentence in data["sentences"])
    parts = Scores(**data["parts"])
    return Passage(**{**data, "article": _reference(data["article"]), "parts": parts, "sentences": sentences})
