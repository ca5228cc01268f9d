"""The table of articles: which of them, in which order, and which page of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qa.library.filters import Filter, days
from qa.types.article_summary import ArticleSummary
from ui.i18n.language import gettext_noop

ROWS = 50  # of a page, since ten thousand would be sent each time


@dataclass(frozen=True, slots=True)
class Listing:
    """What is searched for in the table and how it is sorted. Any value is allowed: a browser can send anything."""

    words: str = ""  # all of which title, source, author, site or tags hold
    since: str = ""  # the first day, in ISO 8601, on which an article came or changed
    language: str = ""
    sort_key: str = "added"  # a key of `COLUMNS`
    descending: bool = True
    page: int = 1

    def sort(self, key: str) -> "Listing":
        """Sort by another column, or by the same column the other way round."""
        if key not in COLUMNS:
            return self
        descending = not self.descending if key == self.sort_key else COLUMNS[key].descending
        return replace(self, sort_key=key, descending=descending, page=1)

    def select(self, summaries: Sequence[ArticleSummary]) -> list[ArticleSummary]:
        """Return all articles that are searched for, in order.

        Raises:
            QuestionUnusable: `since` is no date.
        """
        words, since, language = self.words.casefold().split(), _first_day(self.since), self.language.strip().casefold()
        selected = [
            summary
            for summary in summaries
            if (not words or _has_words(summary, words))
            and (not since or (summary.changed or "") >= since)
            and (not language or summary.article.language == language)
        ]
        return sorted(selected, key=COLUMNS[self.sort_key].key, reverse=self.descending)

    def paginate(self, selected: Sequence[ArticleSummary]) -> tuple[Sequence[ArticleSummary], int, int]:
        """Return one page of the articles, its number from 1, and the number of pages."""
        n_pages = max(1, -(-len(selected) // ROWS))
        page = min(max(self.page, 1), n_pages)
        return selected[(page - 1) * ROWS : page * ROWS], page, n_pages


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the table can be sorted by."""

    name: str
    key: Callable[[ArticleSummary], Any]
    descending: bool = False  # at first


def _change(summary: ArticleSummary) -> tuple[str, str]:
    return summary.changed or "", summary.article.source


COLUMNS = {
    "title": Column(gettext_noop("Title"), lambda summary: summary.article.title.casefold()),
    "source": Column(gettext_noop("Source"), lambda summary: summary.article.source.casefold()),
    "published": Column(gettext_noop("Date"), lambda summary: summary.article.published or "", descending=True),
    "language": Column(gettext_noop("Language"), lambda summary: summary.article.language or ""),
    "passages": Column(gettext_noop("Passages"), lambda summary: summary.n_passages, descending=True),
    "added": Column(gettext_noop("Added"), _change, descending=True),
}


def _has_words(summary: ArticleSummary, words: Sequence[str]) -> bool:
    article = summary.article
    text = " ".join((article.title, article.source, article.author or "", article.site or "", *article.tags)).casefold()
    return all(word in text for word in words)


def _first_day(since: str) -> str:
    """Return the first day of a day, month or year, or "" if it is empty."""
    date = Filter(after=since).after
    return days(date)[0].isoformat() if date else ""
