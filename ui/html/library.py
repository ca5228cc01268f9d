"""The library as HTML: the table of its articles, the form that adds some, and how an addition goes."""

from collections import Counter
from collections.abc import Sequence

from qa.ingest.batches import Fate
from qa.ingest.progress import Step
from qa.library.integrity import Checked
from qa.sources.formats import detection
from qa.sources.formats.limits import LIMITS
from qa.types.article_summary import ArticleSummary
from qa.types.articles import Failure, Reference
from ui.html.answer import error_html
from ui.html.markup import Html, element, join
from ui.html.quote import cite, source_name, title_of
from ui.i18n.language import format_number, from_english, gettext_noop, pieces, pluralize
from ui.i18n.language import gettext as _
from ui.state.additions import Addition
from ui.state.listing import COLUMNS, Listing

_MOST_RESULTS = 500  # of an addition that are listed; failures first
_LATELY = 3  # while it goes on
_SAID: dict[Fate, str] = {
    "added": gettext_noop("added"),
    "updated": gettext_noop("updated"),
    "unchanged": gettext_noop("unchanged"),
    "removed": gettext_noop("removed"),
    "failed": gettext_noop("failed"),
}
_SUMMED: dict[Fate, str] = {
    "added": gettext_noop("{n} added"),
    "updated": gettext_noop("{n} updated"),
    "unchanged": gettext_noop("{n} unchanged"),
    "removed": gettext_noop("{n} removed"),
    "failed": gettext_noop("{n} failed"),
}


def adding_html(n_newest: int) -> Html:
    """The form that adds files, folders and pages."""
    files = element("input", type="file", multiple="", id="pick-files", class_="pick")
    folder = element("input", type="file", webkitdirectory="", id="pick-folder", class_="pick")
    says = element(
        "p",
        *pieces(
            "Drop files or a folder here, or {files} or {folder}.",
            files=join([files, element("label", _("choose files"), for_="pick-files")]),
            folder=join([folder, element("label", _("a folder"), for_="pick-folder")]),
        ),
    )
    drop = element(
        "div",
        says,
        class_="drop",
        data_endings=" ".join(detection.extensions()),
        data_most=LIMITS.file_bytes,
        data_most_files=LIMITS.files,
    )
    address = element("input", type="url", id="link", placeholder="https://", required="", autocomplete="off")
    fields = join(
        [
            element("label", _("Link to a page, feed or sitemap"), for_="link"),
            address,
            element("button", _("Add"), type="submit"),
        ]
    )
    hint = _("Of a feed or sitemap the newest {n} pages.", n=n_newest)
    link = element("form", fields, element("p", hint, class_="hint"), class_="link")
    told_there = {
        "data_none": _("No file in there is of a kind that can be read."),
        "data_sending": _("Sending files: {done} of {total}."),  # the browser fills them in
        "data_failed": _("The files could not be sent."),
    }
    sending = element("p", class_="sending", role="status", **told_there)
    return element(
        "section", element("h2", _("Add articles")), drop, link, sending, class_="adding", aria_label=_("Add articles")
    )


def read_only_html() -> Html:
    """What stands in the place of the form where nothing may be added."""
    return element("p", _("This library is served to be read only: nothing can be added or removed here."), class_="read-only")


def addition_html(addition: Addition | None) -> Html:
    """How far an addition has come, or what became of each of its files."""
    if addition is None:
        return Html("")
    steps = [*(_never_came(each) for each in addition.refused), *addition.steps]
    if addition.ended.is_set():
        return _results(addition, steps)
    parts = [element("h2", _("Adding")), _bar(addition, steps)]
    if lately := steps[-_LATELY:]:
        parts.append(element("ul", *map(_result, lately), class_="results"))
    return element("section", *parts, class_="addition", aria_label=_("Adding"), data_busy=addition.number)


def _never_came(failure: Failure) -> Step:
    return Step(failure.source, "failed", 0, 0, reason=failure.reason)


def _bar(addition: Addition, steps: Sequence[Step]) -> Html:
    progress = addition.progress
    total = max(len(addition.wanted) + len(addition.refused), len(steps), progress.total if progress else 0)
    said = [_("{n} of {files}", n=len(steps), files=pluralize(total, "file"))]
    if progress:
        passages, speed = pluralize(progress.passages, "passage"), round(progress.per_second)
        said.append(_("{passages}, {speed} a second", passages=passages, speed=speed))
        if progress.seconds_left is not None:
            said.append(_("about {time} left", time=_duration(progress.seconds_left)))
    elif not addition.begun:
        said.append(_("waiting until what was begun before is done"))
    bar = element("progress", max=total, value=len(steps), aria_label=_("Files that are done"))
    return join([bar, element("p", " · ".join(said), class_="pace")])


def _results(addition: Addition, steps: Sequence[Step]) -> Html:
    fates = Counter(step.fate for step in steps)
    summed = _(", ").join(_(_SUMMED[fate], n=fates[fate]) for fate in _SUMMED if fates[fate]) or _("nothing was added")
    parts = [element("h2", _("Added")), element("p", _("{sentence}.", sentence=summed), class_="summed", role="status")]
    if addition.trouble:
        parts.append(error_html(addition.trouble))
    shown = sorted(steps, key=lambda step: step.fate != "failed")[:_MOST_RESULTS]
    parts.append(element("ul", *map(_result, shown), class_="results"))
    if len(steps) > len(shown):
        parts.append(element("p", _("And {n} more, none of which failed.", n=len(steps) - len(shown)), class_="hint"))
    return element("section", *parts, class_="addition", aria_label=_("What was added"))


def _result(step: Step) -> Html:
    fate = element("span", _(_SAID[step.fate]), class_=f"fate {step.fate}")
    name: Html = element("bdi", step.source, class_="source")
    if step.reference and step.fate != "removed":
        name = cite(title_of(step.reference), step.reference, 0, 0, class_="place")
    reason = [element("span", f" {from_english(step.reason)}", class_="reason")] if step.reason else []
    return element("li", fate, " ", name, *reason)


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    return pluralize(whole, "second") if whole < 90 else pluralize(round(whole / 60), "minute")


def library_html(
    holdings: Sequence[ArticleSummary],
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
            "section",
            *parts,
            element("p", _("No articles yet."), class_="none"),
            class_="holdings",
            aria_label=_("The library"),
        )
    chosen = listing.chosen(holdings)
    rows, page, n_pages = listing.shown(chosen)
    n_passages = sum(each.n_passages for each in holdings)
    articles, passages = pluralize(len(holdings), "article"), pluralize(n_passages, "passage")
    size = _("{articles}, {passages}, {size} on disk", articles=articles, passages=passages, size=_size(n_bytes))
    found = "" if len(chosen) == len(holdings) else _("{articles} found", articles=pluralize(len(chosen), "article")) + " · "
    parts.append(element("p", found, size, class_="counted", role="status"))
    if rows:
        heads = [_head(key, listing) for key in COLUMNS]
        bare = [] if read_only else [element("th", element("span", _("Remove"), class_="unseen"), scope="col")]
        body = (_row(each, read_only) for each in rows)
        parts.append(element("table", element("thead", element("tr", *heads, *bare)), element("tbody", *body)))
    if n_pages > 1:
        parts.append(_pages(page, n_pages))
    return element("section", *parts, class_="holdings", aria_label=_("The library"))


def _undo(number: int, reference: Reference) -> Html:
    button = element("button", _("Undo"), type="button", data_event="undo", data_number=number, data_key=f"undo-{reference.id}")
    return element(
        "p", *pieces("Removed {title}. {undo}", title=title_of(reference), undo=button), class_="undo", role="status"
    )


def _head(key: str, listing: Listing) -> Html:
    sorted_by = key == listing.by
    arrow = (" ↓" if listing.descending else " ↑") if sorted_by else ""
    says = (_(COLUMNS[key].name), element("span", arrow, aria_hidden="true"))
    name = element("button", *says, type="button", data_event="sort", data_column=key, data_key=f"sort-{key}")
    way = ("descending" if listing.descending else "ascending") if sorted_by else None
    return element("th", name, scope="col", aria_sort=way, class_=key)


def _row(holding: ArticleSummary, read_only: bool) -> Html:
    article = holding.article
    cells = [
        element(
            "td", cite(title_of(article), article, 0, 0, class_="cite", data_key=f"open-{article.id}"), class_="title-cell"
        ),
        element("td", element("bdi", source_name(article), class_="source", title=article.source), class_="source-cell"),
        element("td", *_day(article.published), class_="published"),
        element("td", article.language or "", class_="language"),
        element("td", format_number(holding.n_passages), class_="passages"),
        element("td", *_came(holding), class_="added"),
    ]
    if not read_only:
        says = _("Remove {title}", title=article.title or source_name(article))
        names = {"aria_label": says, "title": _("Remove"), "data_key": f"remove-{article.id}"}
        button = element("button", "×", type="button", data_event="remove", data_article=article.id, **names)
        cells.append(element("td", button, class_="remove"))
    return element("tr", *cells)


def _came(holding: ArticleSummary) -> list[str]:
    """The day an article came, and the day it changed where it did."""
    changed = _day(holding.changed) if holding.changed != holding.added else []
    return [
        *_day(holding.added),
        *([" ", element("span", *pieces("changed {day}", day=join(changed)), class_="changed")] if changed else []),
    ]


def _day(when: str | None) -> list[Html]:
    return [element("time", when[:10], datetime=when)] if when else []


def _pages(page: int, n_pages: int) -> Html:
    def turn(name: str, to: int, key: str) -> Html:
        off = "" if not 1 <= to <= n_pages else None
        return element("button", name, type="button", data_event="turn", data_page=to, data_key=key, disabled=off)

    where = element("span", _("Page {page} of {n}", page=page, n=n_pages))
    return element(
        "nav",
        turn(_("Previous"), page - 1, "previous"),
        where,
        turn(_("Next"), page + 1, "next"),
        aria_label=_("Pages"),
        class_="pages",
    )


def checked_html(checked: Checked | None) -> Html:
    """What a check of the library found; that it goes on, before it has."""
    if checked is None:
        return element("p", _("Reading every byte of the library…"), class_="reading-now", role="status")
    articles, versions = pluralize(checked.n_articles, "article"), pluralize(checked.n_versions, "version")
    passages, sentences = pluralize(checked.n_passages, "passage"), pluralize(checked.n_sentences, "sentence")
    read = _(", ").join((articles, versions, passages, sentences))
    said = pluralize(len(checked.problems), "problem") if checked.problems else _("all as written")
    parts = [element("p", _("{what}: {found}.", what=read, found=said), class_="summed", role="status")]
    lines = [
        *(("problem", _("problem"), from_english(each)) for each in checked.problems),
        *(("note", _("note"), from_english(each)) for each in checked.notes),
    ]
    if lines:
        parts.append(
            element(
                "ul", *(element("li", element("span", name, class_=f"fate {kind}"), " ", each) for kind, name, each in lines)
            )
        )
    return element("div", *parts, class_="checked")


def _size(n_bytes: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"
