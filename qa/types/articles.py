"""The nouns: articles and places in them, passages, quotes and answers. All frozen, compared by value.

Every `start` and `end` counts code points of the article's exact text, half open, so that `text[start:end]` is
the thing itself.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from qa.types.display import Displayed
from qa.types.errors import AnswerUnreadable
from qa.types.frames import to_frame

if TYPE_CHECKING:
    import pandas

Outcome = Literal["answered", "not sure", "nothing near"]

SCHEMA = 1  # of an answer as JSON; docs/reference/answer.md lists every field
# Of a table with a row for each quote.
QUOTE_COLUMNS = (
    *("rank", "text", "answer", "confidence", "score", "title", "source", "published", "author", "part"),
    *("article_id", "version", "start", "end"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """A span of an article that may not be quoted, and the rule that says so. The text itself is never changed."""

    start: int
    end: int
    rule: str  # such as "navigation" or "comment form"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an article that its format defines, such as a page, as a span of the text."""

    start: int
    end: int
    name: str  # as a citation gives it: "page 3", "slide 2", "chapter The Wall", "attachment report.pdf"
    read_by: str | None = None  # "OCR" if it is a picture, whose text a program has recognized and may have misread


@dataclass(frozen=True, slots=True)
class Reference:
    """An article in one version, without its text: all that a citation needs except the span."""

    id: str  # 12 hexadecimal digits, the same for the same source in every library
    title: str
    source: str  # an absolute path or an address
    published: str | None  # ISO 8601 date, or date and time, if the source gives one
    version: str  # SHA-256 of the text, 64 hexadecimal digits
    author: str | None = field(default=None, kw_only=True)
    site: str | None = field(default=None, kw_only=True)  # the publisher, by name or address
    language: str | None = field(default=None, kw_only=True)  # ISO 639-1
    tags: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an article's title, author and date were found, such as "meta tag" or "byline". None where that is not known."""

    title: str | None = None
    author: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Article(Reference, Displayed):
    """An article as stored, its text exactly as decoded."""

    text: str
    set_aside: tuple[SetAside, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()  # what the user should know of how it was read, such as pages without text
    provenance: Provenance = field(default=Provenance(), kw_only=True)
    file_date: str | None = field(default=None, kw_only=True)  # ISO 8601: when the file was made, which is never cited

    @property
    def reference(self) -> Reference:
        """The same article without its text."""
        return Reference(**{each.name: getattr(self, each.name) for each in fields(Reference)})

    def read_by_at(self, start: int, end: int) -> str | None:
        """Return "OCR" if any of a span was read from a picture, or None if its text is that of the file."""
        return next((part.read_by for part in self.parts if part.read_by and part.start < end and start < part.end), None)

    def part_at(self, place: int) -> str | None:
        """Name the parts that hold a position, outermost first: "attachment report.pdf, page 3". Return None outside of all."""
        return ", ".join(part.name for part in self.parts if part.start <= place < part.end) or None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, and how well it matches the query."""

    start: int
    end: int
    score: float
    answer: float | None = None  # the reader's logit of its best span against "no answer here"; None: not read


@dataclass(frozen=True, slots=True)
class Scores:
    """The features of a passage's score."""

    words: float  # BM25 score divided by the best passage's, 0 to 1
    meaning: float  # cosine of query and passage
    sentence: float  # cosine of query and best sentence
    coverage: float  # share of the query's terms that the passage holds, weighted by rarity, 0 to 1
    sentence_coverage: float  # the largest share that one of its sentences holds
    pairs: float  # the largest share of the query's bigrams that one of its sentences holds


@dataclass(frozen=True, slots=True)
class Passage(Displayed):
    """A run of sentences that was retrieved for a question."""

    rank: int  # from 1
    article: Reference
    start: int
    end: int
    text: str
    score: float
    parts: Scores
    sentences: tuple[Sentence, ...]  # in the order of the text
    part: str | None = None  # the part of the article that it begins in, as for `Quote`
    read_by: str | None = None  # as for `Quote`


@dataclass(frozen=True, slots=True)
class Place:
    """Another occurrence of a quote or of one of its sentences, or its near duplicate in another version of the story."""

    article: Reference
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A span of an article with its text: `article.text[start:end] == text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Quote(Displayed):
    """A span of an article that answers: `article.text[start:end] == text`."""

    rank: int  # from 1
    article: Reference
    start: int
    end: int
    text: str
    score: float
    confidence: float  # probability that this quote answers, 0 to 1
    highlight: Span | None  # the answering words inside the quote, in the article's coordinates
    also_in: tuple[Place, ...] = ()  # the same words, or the same story, elsewhere
    lead: TextSpan | None = None  # earlier words of the article that it needs, shown before it and […]
    part: str | None = None  # the part of the article that holds it, such as "page 3", if the format has parts
    read_by: str | None = None  # "OCR" if a program has read it from a picture, and may have misread it

    @property
    def highlighted(self) -> str | None:
        """The words that answer, or None if none are marked."""
        if self.highlight is None:
            return None
        return self.text[self.highlight.start - self.start : self.highlight.end - self.start]

    def stands_in(self, text: str) -> bool:
        """Whether the quote and its lead are verbatim at their spans of an article's text."""
        return all(text[each.start : each.end] == each.text for each in (self, self.lead) if each)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sentence that was considered and not quoted, with the reason: `article.text[start:end] == text`."""

    article: Reference
    start: int
    end: int
    text: str
    confidence: float  # probability that it answers, 0 to 1
    why: str  # such as "too unsure" or "a heading"


@dataclass(frozen=True, slots=True)
class Value:
    """A value that quotes give in answer to a question, as the newest of them writes it."""

    text: str
    quotes: tuple[Quote, ...]  # newest first; the value is their highlight


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Different values that articles give for the same thing, without a verdict."""

    kind: str  # the type of the values, such as "number" or "date"
    values: tuple[Value, ...]  # at least two, the newest article's first


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation, and what a follow-up may refer to."""

    question: str
    searched_for: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Answer(Displayed):
    """Quotes that answer a question, or none, and then the closest sentence if one may answer. Nothing in it is generated.

    `timings` are seconds by stage, in order:

    - `indexes`: from the call until both indexes are at the library's generation, waiting for a writer if there is one
    - `encode`: correcting the question's spelling, and its vector
    - `words`: the BM25 search
    - `vectors`: the vector search
    - `read`: the candidates read from the library
    - `score`: ranking them
    - `reader`: the reader over the best of them
    - `quote`: choosing the quotes
    - `total`: from the call to the answer
    """

    question: str
    searched_for: str
    found: bool
    confidence: float  # probability that the first quote answers, 0 to 1
    quotes: tuple[Quote, ...]
    passages: tuple[Passage, ...]  # the evidence, best first
    generation: int  # of the library, when it was asked
    timings: dict[str, float] = field(default_factory=dict, compare=False)
    disagreements: tuple[Disagreement, ...] = ()
    help: str | None = None  # how to use Pullquote, after small talk; nothing was searched
    only: dict[str, Any] = field(default_factory=dict, hash=False)  # the filter, as `ask` was given it
    offer: dict[str, Any] = field(default_factory=dict)  # a filter that a date in the question suggests; it was not applied
    left_out: tuple[Rejected, ...] = ()  # the best sentences that were not quoted, best first
    closest: Quote | None = None  # where nothing is quoted: the best sentence, if it may answer. It is no quote of the answer
    hint: str | None = None  # why nothing is quoted and what to do, where the question itself tells: it is in another language

    @property
    def outcome(self) -> Outcome:
        """Whether there are quotes, or only a sentence that may answer, or neither."""
        return "answered" if self.found else "not sure" if self.closest else "nothing near"

    @property
    def all_quotes(self) -> tuple[Quote, ...]:
        """The quotes, then those shown only in a disagreement, each place once, whatever words are marked in it."""
        differing = (quote for each in self.disagreements for value in each.values for quote in value.quotes)
        by_place: dict[tuple[str, str, int, int], Quote] = {}
        for quote in (*self.quotes, *differing):
            by_place.setdefault((quote.article.id, quote.article.version, quote.start, quote.end), quote)
        return tuple(by_place.values())

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with a row for each quote, in pandas."""
        return to_frame(map(quote_row, self.quotes), QUOTE_COLUMNS)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the answer as JSON, `"schema": 1`. `from_json` reads it back to an equal answer."""
        return _dump(self, indent)

    @classmethod
    def from_json(cls, text: str) -> "Answer":
        """Read an answer from JSON.

        Raises:
            AnswerUnreadable: the text is not an answer of schema 1.
        """
        return _load(text)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be added, and the reason as shown to the user."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Files of a folder that were not taken, all of one kind."""

    folder: str  # the one that was given, or the one that holds a file without articles
    kind: str  # their ending, such as ".jpg", or "no ending", "hidden", "a link", "no regular file", "ignored"
    reason: str  # why, and what to do
    n: int
    examples: tuple[str, ...]  # the paths of the first few below the folder


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an addition, for each file."""

    added: tuple[Reference, ...] = ()
    updated: tuple[Reference, ...] = ()
    unchanged: tuple[Reference, ...] = ()
    failed: tuple[Failure, ...] = ()
    removed: tuple[Reference, ...] = ()  # articles that their source no longer holds
    skipped: tuple[Skipped, ...] = ()  # what the folders hold beside articles

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table in pandas with a row for each article, and for each file that failed."""
        fates = ("added", "updated", "unchanged", "removed")
        rows = [
            {"fate": fate, "source": article.source, "title": article.title, "article_id": article.id, "reason": None}
            for fate in fates
            for article in getattr(self, fate)
        ]
        rows += [{"fate": "failed", "source": failure.source, "reason": failure.reason} for failure in self.failed]
        return to_frame(rows, ("fate", "source", "title", "article_id", "reason"))


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry in the list of conversations."""

    id: str
    title: str  # its first question, unless renamed; empty at first
    begun: str  # ISO 8601, UTC
    changed: str  # likewise
    n_answers: int
    excerpt: str = ""  # the first quote of its first answer, or the first with a word that was searched for


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer kept in the journal as it was given."""

    id: str
    conversation_id: str
    asked: str  # ISO 8601, UTC
    answer: Answer


@dataclass(frozen=True, slots=True)
class Draft:
    """A test question collected on the page, before someone accepts it."""

    id: str
    question: str
    answers: tuple[str, ...]  # a quote must contain one of them; empty if unknown
    source: str | None
    history: tuple[str, ...]  # earlier questions
    why: str  # "thumbs down" or "gold span"
    made: str  # ISO 8601, UTC


def quote_row(quote: Quote) -> dict[str, Any]:
    """Return a quote as a row of a table, its columns those of `QUOTE_COLUMNS`."""
    own = {name: getattr(quote, name) for name in ("rank", "text", "confidence", "score", "part", "start", "end")}
    cited = {name: getattr(quote.article, name) for name in ("title", "source", "published", "author", "version")}
    return {**own, **cited, "answer": quote.highlighted, "article_id": quote.article.id}


def _dump(answer: Answer, indent: int | None) -> str:
    """Write an answer as JSON without escaping it to ASCII."""
    return json.dumps({"schema": SCHEMA, **asdict(answer)}, ensure_ascii=False, indent=indent)


def _load(text: str) -> Answer:
    """Read an answer, including one saved before newer fields existed.

    Raises:
        AnswerUnreadable: the text is not JSON, has another schema, or lacks a field.
    """
    try:
        data = json.loads(text)
        if data.pop("schema") != SCHEMA:
            raise AnswerUnreadable(f"This answer is not of schema {SCHEMA}: it was saved by another Pullquote.")
        data["quotes"] = tuple(quote_from_dict(quote) for quote in data["quotes"])
        data["passages"] = tuple(_passage(passage) for passage in data["passages"])
        data["disagreements"] = tuple(_disagreement(each) for each in data.get("disagreements", ()))
        data["left_out"] = tuple(_left_out(each) for each in data.get("left_out", ()))
        data["closest"] = quote_from_dict(data["closest"]) if data.get("closest") is not None else None
        return Answer(**data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AnswerUnreadable(f"This is not a saved answer ({type(error).__name__}: {error}).") from error


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
