"""The library as HTML: the form that adds articles, how an addition goes, the table of articles, and a check."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qa.ingest.batches import skip_line
from qa.ingest.progress import Step
from qa.library.upkeep.integrity import Checked
from qa.sources.formats import detection
from qa.sources.formats.limits import LIMITS
from qa.types.article_summary import ArticleSummary
from qa.types.articles import Reference
from ui.html.environment import render
from ui.state.additions import Addition
from ui.state.listing import COLUMNS, Column, Listing

_MOST_RESULTS = 500  # of an addition that are listed, failures first
_LATEST = 3  # results shown while an addition goes on


@dataclass(frozen=True, slots=True)
class _Table:
    """One page of the table of articles."""

    listing: Listing
    rows: Sequence[ArticleSummary]
    page: int  # from 1
    n_pages: int
    n_found: int | None  # articles that are searched for, None if all are shown
    n_articles: int
    n_passages: int
    n_bytes: int
    n_originals: int  # bytes of it
    columns: Sequence[tuple[str, Column]] = tuple(COLUMNS.items())


def adding_html(n_newest: int) -> Markup:
    """Return the form that adds files, folders and web pages.

    Args:
        n_newest: how many pages of a feed or sitemap are added.
    """
    return render("library.html", "adding", n_newest, detection.extensions(), LIMITS)


def read_only_html() -> Markup:
    """Return what stands in the place of the form where nothing may be added."""
    return render("library.html", "read_only")


def addition_html(addition: Addition | None) -> Markup:
    """Return how far an addition has come, or what became of each of its files."""
    if addition is None:
        return Markup()
    refused = [Step(failure.source, "failed", 0, 0, reason=failure.reason) for failure in addition.failures]
    not_sent = [Step(each.folder, "skipped", 0, 0, reason=skip_line(each), skipped=each) for each in addition.skipped]
    steps = [*refused, *addition.steps, *not_sent]
    if addition.done.is_set():
        shown = sorted(steps, key=lambda step: (step.fate != "failed", not step.notes))[:_MOST_RESULTS]
        counts = Counter(step.fate for step in steps)
        counts["skipped"] = sum(step.skipped.n for step in steps if step.skipped)
        return render("library.html", "addition_results", addition, counts, shown, len(steps) - len(shown))
    n_known = addition.progress.total if addition.progress else 0
    total = max(len(addition.sources) + len(addition.failures), len(steps), n_known)
    return render("library.html", "addition_in_progress", addition, steps, total, steps[-_LATEST:])


def library_html(
    summaries: Sequence[ArticleSummary],
    listing: Listing,
    n_bytes: int,
    removed: Sequence[Reference] = (),
    error: str | None = None,
    *,
    read_only: bool = False,
    n_originals: int = 0,
) -> Markup:
    """Return the table of articles.

    Args:
        n_bytes: of the library on disk.
        removed: articles that were removed and can be put back, the latest last.
        error: the error message if the user's last action failed.
        read_only: whether nothing may be removed.
        n_originals: the bytes of the files that were uploaded, which are among `n_bytes`.
    """
    table = _table(summaries, listing, n_bytes, n_originals) if summaries else None
    return render("library.html", "library", table, removed, error, read_only)


def _table(summaries: Sequence[ArticleSummary], listing: Listing, n_bytes: int, n_originals: int) -> _Table:
    found = listing.select(summaries)
    n_found = None if len(found) == len(summaries) else len(found)
    rows, page, n_pages = listing.paginate(found)
    n_passages = sum(summary.n_passages for summary in summaries)
    return _Table(listing, rows, page, n_pages, n_found, len(summaries), n_passages, n_bytes, n_originals)


def checked_html(report: Checked | None) -> Markup:
    """Return what a check of the library found, or that it goes on (None)."""
    return render("library.html", "check", report)
