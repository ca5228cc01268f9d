"""What `Assistant` returns many of, as lists and tuples that a notebook shows and that turn into tables."""

from typing import TYPE_CHECKING, Any

from qa.types.article_summary import ArticleSummary
from qa.types.articles import QUOTE_COLUMNS, Answer, Passage, Reference, quote_row
from qa.types.display import Displayed
from qa.types.frames import to_frame

if TYPE_CHECKING:
    import pandas

_ARTICLE_COLUMNS = ("id", "title", "source", "published", "author", "site", "language", "tags", "version")
_PASSAGE_COLUMNS = ("rank", "text", "score", "title", "source", "published", "part", "article_id", "version", "start", "end")


class Passages(tuple[Passage, ...], Displayed):
    """The passages of a search, best first."""

    __slots__ = ()

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with a row for each passage."""
        return to_frame((_passage_row(passage) for passage in self), _PASSAGE_COLUMNS)


class Answers(tuple[Answer, ...], Displayed):
    """The answers to many questions, in the order of the questions."""

    __slots__ = ()

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with a row for each question: its outcome, and the first quote if there is one."""
        own = ("question", "searched_for", "outcome")
        return to_frame(map(_answer_row, self), dict.fromkeys((*own, "n_quotes", *QUOTE_COLUMNS)))


class Articles(list[Reference], Displayed):
    """The articles of a library, sorted by source."""

    __slots__ = ()

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with a row for each article."""
        return to_frame(map(_article_row, self), _ARTICLE_COLUMNS)


class Holdings(list[ArticleSummary]):
    """Summaries of the articles of a library, sorted by source."""

    __slots__ = ()

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with a row for each article."""
        own = ("n_passages", "added", "changed", "file_date")
        rows = ({**_article_row(each.article), **{name: getattr(each, name) for name in own}} for each in self)
        return to_frame(rows, (*_ARTICLE_COLUMNS, *own))


def _article_row(article: Reference) -> dict[str, Any]:
    return {name: getattr(article, name) for name in _ARTICLE_COLUMNS}


def _passage_row(passage: Passage) -> dict[str, Any]:
    article = passage.article
    own = {name: getattr(passage, name) for name in ("rank", "text", "score", "part", "start", "end")}
    named = {name: getattr(article, name) for name in ("title", "source", "published", "version")}
    return {**own, **named, "article_id": article.id}


def _answer_row(answer: Answer) -> dict[str, Any]:
    first = quote_row(answer.quotes[0]) if answer.quotes else {}
    own = {"question": answer.question, "searched_for": answer.searched_for, "outcome": answer.outcome}
    return {**first, **own, "n_quotes": len(answer.quotes), "confidence": answer.confidence}
