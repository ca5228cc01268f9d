"""The library as HTML: the table of its articles, the form that adds some, and how an addition goes."""

from collections import Counter
from collections.abc import Sequence

from qa.adding import Step
from qa.articles import Failure, Reference
from qa.batches import Fate
from qa.check import Checked
from qa.holdings import Holding
from qa.loaders import kinds
from qa.loaders.limits import LIMITS
from ui.additions import Addition
from ui.listing import COLUMNS, Listing
from ui.markup import Html, element, join
from ui.render import error_html
from ui.render_quote import cite, counted, source_name, title_of

_MOST_RESULTS = 500  # of an addition that are listed; failures first
_LATELY = 3  # while it goes on
_FATES: tuple[Fate, ...] = ("added", "updated", "unchanged", "removed", "failed")


def adding_html(n_newest: int) -> Html:
    """The form that adds files, folders and pages."""
    files = element("input", type="file", multiple="", id="pick-files", class_="pick")
    folder = element("input", type="file", webkitdirectory="", id="pick-folder", class_="pick")
    says = element(
        "p",
        "Drop files or a folder here, or ",
        join([files, element("label", "choose files", for_="pick-files")]),
        " or ",
        join([folder, element("label", "a folder", for_="pick-folder")]),
        ".",
    )
    drop = element(
        "div",
        says,
        class_="drop",
        data_endings=" ".join(kinds.endings()),
        data_most=LIMITS.file_bytes,
        data_most_files=LIMITS.files,
    )
    address = element("input", type="url", id="link", placeholder="https://", required="", autocomplete="off")
    fields = join(
        [element("label", "Link to a page, feed or sitemap", for_="link"), address, element("button", "Add", type="submit")]
    )
    hint = f"Of a feed or sitemap the newest {n_newest} pages."
    link = element("form", fields, element("p", hint, class_="hint"), class_="link")
    sending = element("p", class_="sending", role="status")
    return element("section", element("h2", "Add articles"), drop, link, sending, class_="adding", aria_label="Add articles")


def read_only_html() -> Html:
    """What stands in the place of the form where nothing may be added."""
    return element("p", "This library is served to be read only: nothing can be added or removed here.", class_="read-only")


def addition_html(addition: Addition | None) -> Html:
    """How far an addition has come, or what became of each of its files."""
    if addition is None:
        return Html("")
    steps = [*(_never_came(each) for each in addition.refused), *addition.steps]
    if addition.ended.is_set():
        return _results(addition, steps)
    parts = [element("h2", "Adding"), _bar(addition, steps)]
    if lately := steps[-_LATELY:]:
        parts.append(element("ul", *map(_result, lately), class_="results"))
    return element("section", *parts, class_="addition", aria_label="Adding", data_busy=addition.number)


def _never_came(failure: Failure) -> Step:
    return Step(failure.source, "failed", 0, 0, reason=failure.reason)


def _bar(addition: Addition, steps: Sequence[Step]) -> Html:
    progress = addition.progress
    total = max(len(addition.wanted) + len(addition.refused), len(steps), progress.total if progress else 0)
    said = [f"{len(steps):,} of {counted(total, 'file')}"]
    if progress:
        said.append(f"{counted(progress.passages, 'passage')}, {progress.per_second:,.0f} a second")
        if progress.seconds_left is not None:
            said.append(f"about {_duration(progress.seconds_left)} left")
    elif not addition.begun:
        said.append("waiting until what was begun before is done")
    bar = element("progress", max=total, value=len(steps), aria_label="Files that are done")
    return join([bar, element("p", " · ".join(said), class_="pace")])


def _results(addition: Addition, steps: Sequence[Step]) -> Html:
    fates = Counter(step.fate for step in steps)
    summed = ", ".join(f"{fates[fate]:,} {fate}" for fate in _FATES if fates[fate]) or "nothing was added"
    parts = [element("h2", "Added"), element("p", f"{summed}.", class_="summed", role="status")]
    if addition.trouble:
        parts.append(error_html(addition.trouble))
    shown = sorted(steps, key=lambda step: step.fate != "failed")[:_MOST_RESULTS]
    parts.append(element("ul", *map(_result, shown), class_="results"))
    if len(steps) > len(shown):
        parts.append(element("p", f"And {len(steps) - len(shown):,} more, none of which failed.", class_="hint"))
    return element("section", *parts, class_="addition", aria_label="What was added")


def _result(step: Step) -> Html:
    fate = element("span", step.fate, class_=f"fate {step.fate}")
    name: Html = element("bdi", step.source, class_="source")
    if step.reference and step.fate != "removed":
        name = cite(title_of(step.reference), step.reference, 0, 0, class_="place")
    reason = [element("span", f" {step.reason}", class_="reason")] if step.reason else []
    return element("li", fate, " ", name, *reason)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    return counted(round(seconds / 60), "minute")


def library_html(
    holdings: Sequence[Holding],
    listing: Listing,
    n_bytes: int,
    removed: Sequence[Reference] = (),
    trouble: str | None = None,
    *,
    read_only: bool = False,
) -> Html:
    """The table of articles.

    Args:
        n_bytes: of the library on disk.
        removed: what was removed and can be put back, the latest last.
        trouble: what went wrong when something was asked for.
    """
    parts = [] if trouble is None else [error_html(trouble)]
    parts.extend(_undo(number, each) for number, each in enumerate(removed))
    if not holdings:
        return element(
            "section", *parts, element("p", "No articles yet.", class_="none"), class_="holdings", aria_label="The library"
        )
    chosen = listing.chosen(holdings)
    rows, page, n_pages = listing.shown(chosen)
    n_passages = sum(each.n_passages for each in holdings)
    size = f"{counted(len(holdings), 'article')}, {counted(n_passages, 'passage')}, {_size(n_bytes)} on disk"
    found = "" if len(chosen) == len(holdings) else f"{counted(len(chosen), 'article')} found · "
    parts.append(element("p", found, size, class_="counted", role="status"))
    if rows:
        heads = [_head(key, listing) for key in COLUMNS]
        bare = [] if read_only else [element("th", element("span", "Remove", class_="unseen"), scope="col")]
        body = (_row(each, read_only) for each in rows)
        parts.append(element("table", element("thead", element("tr", *heads, *bare)), element("tbody", *body)))
    if n_pages > 1:
        parts.append(_pages(page, n_pages))
    return element("section", *parts, class_="holdings", aria_label="The library")


def _undo(number: int, reference: Reference) -> Html:
    button = element("button", "Undo", type="button", data_event="undo", data_number=number, data_key=f"undo-{reference.id}")
    return element("p", "Removed ", title_of(reference), ". ", button, class_="undo", role="status")


def _head(key: str, listing: Listing) -> Html:
    sorted_by = key == listing.by
    arrow = (" ↓" if listing.descending else " ↑") if sorted_by else ""
    says = (COLUMNS[key].name, element("span", arrow, aria_hidden="true"))
    name = element("button", *says, type="button", data_event="sort", data_column=key, data_key=f"sort-{key}")
    way = ("descending" if listing.descending else "ascending") if sorted_by else None
    return element("th", name, scope="col", aria_sort=way, class_=key)


def _row(holding: Holding, read_only: bool) -> Html:
    article = holding.article
    cells = [
        element(
            "td", cite(title_of(article), article, 0, 0, class_="cite", data_key=f"open-{article.id}"), class_="title-cell"
        ),
        element("td", element("bdi", source_name(article), class_="source", title=article.source), class_="source-cell"),
        element("td", *_day(article.published), class_="published"),
        element("td", article.language or "", class_="language"),
        element("td", f"{holding.n_passages:,}", class_="passages"),
        element("td", *_came(holding), class_="added"),
    ]
    if not read_only:
        says = f"Remove {article.title or source_name(article)}"
        names = {"aria_label": says, "title": "Remove", "data_key": f"remove-{article.id}"}
        button = element("button", "×", type="button", data_event="remove", data_article=article.id, **names)
        cells.append(element("td", button, class_="remove"))
    return element("tr", *cells)


def _came(holding: Holding) -> list[str]:
    """The day an article came, and the day it changed where it did."""
    changed = _day(holding.changed) if holding.changed != holding.added else []
    return [*_day(holding.added), *([element("span", " changed ", *changed, class_="changed")] if changed else [])]


def _day(when: str | None) -> list[str]:
    return [element("time", when[:10], datetime=when)] if when else []


def _pages(page: int, n_pages: int) -> Html:
    def turn(name: str, to: int, key: str) -> Html:
        off = "" if not 1 <= to <= n_pages else None
        return element("button", name, type="button", data_event="turn", data_page=to, data_key=key, disabled=off)

    where = element("span", f"Page {page:,} of {n_pages:,}")
    return element(
        "nav", turn("Previous", page - 1, "previous"), where, turn("Next", page + 1, "next"), aria_label="Pages", class_="pages"
    )


def checked_html(checked: Checked | None) -> Html:
    """What a check of the library found; that it goes on, before it has."""
    if checked is None:
        return element("p", "Reading every byte of the library…", class_="reading-now", role="status")
    read = (
        f"{counted(checked.n_articles, 'article')}, {counted(checked.n_versions, 'version')}, "
        f"{counted(checked.n_passages, 'passage')}, {counted(checked.n_sentences, 'sentence')}"
    )
    said = counted(len(checked.problems), "problem") if checked.problems else "all as written"
    parts = [element("p", f"{read}: {said}.", class_="summed", role="status")]
    lines = [*(("problem", each) for each in checked.problems), *(("note", each) for each in checked.notes)]
    if lines:
        parts.append(
            element("ul", *(element("li", element("span", kind, class_=f"fate {kind}"), " ", each) for kind, each in lines))
        )
    return element("div", *parts, class_="checked")


def _size(n_bytes: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"
