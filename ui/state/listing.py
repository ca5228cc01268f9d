"""The table of articles: which of them, in which order, and which page of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qa.library.filters import Filter, days
from qa.types.article_summary import ArticleSummary
from ui.i18n.language import gettext_noop

ROWS = 50  # of a page; ten thousand would be sent each time


@dataclass(frozen=True, slots=True)
class Listing:
    """What is looked for and how it is shown; what is asked for can be anything, and is put right."""

    words: str = ""  # all of which title, source, author or tags hold
    since: str = ""  # the first day, in ISO 8601, on which an article came or changed
    language: str = ""
    by: str = "added"
    descending: bool = True
    page: int = 1

    def sorted_by(self, key: str) -> "Listing":
        """By another column, or by the same the other way round."""
        if key not in COLUMNS:
            return self
        down = not self.descending if key == self.by else COLUMNS[key].falls
        return replace(self, by=key, descending=down, page=1)

    def chosen(self, holdings: Sequence[ArticleSummary]) -> list[ArticleSummary]:
        """All articles that are looked for, in order."""
        words, since, language = self.words.casefold().split(), _first_day(self.since), self.language.strip().casefold()
        found = [
            each
            for each in holdings
            if (not words or _holds(each, words))
            and (not since or (each.changed or "") >= since)
            and (not language or each.article.language == language)
        ]
        return sorted(found, key=COLUMNS[self.by].key, reverse=self.descending)

    def shown(self, chosen: Sequence[ArticleSummary]) -> tuple[Sequence[ArticleSummary], int, int]:
        """One page of them, its number, and how many pages there are."""
        n_pages = max(1, -(-len(chosen) // ROWS))
        page = min(max(self.page, 1), n_pages)
        return chosen[(page - 1) * ROWS : page * ROWS], page, n_pages


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be sorted by."""

    name: str
    key: Callable[[ArticleSummary], Any]
    falls: bool = False  # whether it is of use the largest first


def _when(holding: ArticleSummary) -> tuple[str, str]:
    return holding.changed or "", holding.article.source


COLUMNS = {
    "title": Column(gettext_noop("Title"), lambda each: each.article.title.casefold()),
    "source": Column(gettext_noop("Source"), lambda each: each.article.source.casefold()),
    "published": Column(gettext_noop("Date"), lambda each: each.article.published or "", falls=True),
    "language": Column(gettext_noop("Language"), lambda each: each.article.language or ""),
    "passages": Column(gettext_noop("Passages"), lambda each: each.n_passages, falls=True),
    "added": Column(gettext_noop("Added"), _when, falls=True),
}


def _holds(holding: ArticleSummary, words: Sequence[str]) -> bool:
    article = holding.article
    said = " ".join((article.title, article.source, article.author or "", article.site or "", *article.tags)).casefold()
    return all(word in said for word in words)


def _first_day(since: str) -> str:
    """A day, month or year as the first day of it; empty for what is none.

    Raises:
        QuestionUnusable: it is no date.
    """
    wanted = Filter(after=since).after
    return days(wanted)[0].isoformat() if wanted else ""
