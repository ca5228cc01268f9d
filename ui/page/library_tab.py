"""The tab where the library is kept: its articles, what is added and removed, and whether it is intact."""

import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from embeddings import PullquoteError
from qa import Assistant
from qa.library.trash import Removed
from qa.sources.discovery import is_url
from qa.sources.formats.limits import LIMITS, MB
from qa.sources.web import NEWEST
from qa.types.article_summary import ArticleSummary
from qa.types.articles import Failure
from qa.types.errors import LibraryBusy
from ui import static
from ui.html.library import adding_html, addition_html, checked_html, library_html, read_only_html
from ui.html.page import error_html
from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop
from ui.page.events import QUICK, clean_text, event_int, event_text
from ui.state.additions import Addition, Additions
from ui.state.chat import log_unexpected
from ui.state.listing import Listing
from ui.state.uploads import UploadStore, group_skipped
from ui.state.users import upload_owner

_UPDATE_EVERY = 0.4  # seconds between two looks at how far an addition has come
_MOST_UNDONE = 5  # removals that one user can undo
_MOST_REFUSED = 1_000

Table = tuple[Listing, tuple[Removed, ...], Markup]  # what is listed, what can be undone, and the HTML of both
Progress = tuple[Any, Any, Markup]  # the timer, the number of the addition, and the HTML of how far it has come


class LibraryTab:
    """The articles that can be asked."""

    def __init__(self, assistant: Assistant, additions: Additions, uploads: UploadStore | None = None) -> None:
        """Take what is shown.

        Args:
            additions: what adds articles.
            uploads: where uploaded files lie; None for a library that may only be read.
        """
        self._assistant, self._additions, self._uploads = assistant, additions, uploads
        self._checking = threading.Lock()

    def build(self, label: Callable[[str], str]) -> None:
        """Make the tab's components where the page is being built."""
        html: dict[str, Any] = {"apply_default_css": False, "elem_classes": "shelf", "padding": False}
        focus, adding = (static.text(name) for name in ("focus.js", "adding.js"))
        self._listing, self._removed = gr.State(Listing()), gr.State(())
        self._adding = gr.HTML("", elem_id="adding", js_on_load=adding if self._uploads else None, **html)
        self._addition = gr.HTML("", elem_id="addition", js_on_load=focus, **html)
        self._number = gr.State(None)
        self._timer = gr.Timer(_UPDATE_EVERY, active=False)
        with gr.Row(elem_id="looking"):
            self._words, self._since, self._language = (
                gr.Textbox(label=label(name), placeholder=label(hint), elem_id=elem_id, scale=scale, min_width=0)
                for name, hint, elem_id, scale in (
                    (gettext_noop("Search the library"), gettext_noop("Title, source, author or tag"), "words", 3),
                    (gettext_noop("New or changed since"), "2026-11-25", "since", 2),
                    (gettext_noop("Language"), "en", "language", 1),
                )
            )
        self._table = gr.HTML("", elem_id="library", js_on_load=focus, **html)
        self._check_button = gr.Button(label("Check the library"), elem_id="check", scale=0, min_width=0)
        self._checked = gr.HTML("", elem_id="checked", js_on_load=None, **html)

    def connect(self, events: gr.HTML, refresh: Callable[[], tuple[Any, ...]], parts: Sequence[gr.HTML]) -> None:
        """Connect what the tab does.

        Args:
            events: the component on which buttons trigger events.
            refresh: what other parts of the page show of the articles.
            parts: these parts.
        """
        state = [self._listing, self._removed]
        table: dict[str, Any] = {"inputs": state, "outputs": [*state, self._table], **QUICK}
        fields = [self._words, self._since, self._language]
        searched = table | {"inputs": [*state, *fields], "trigger_mode": "always_last"}
        gr.on([field.change for field in fields], self._search, **searched)
        events.sort(self._sort, **table)
        events.turn(self._turn, **table)
        checking = self._check_button.click(lambda: checked_html(None), outputs=[self._checked], **QUICK)
        checking.then(self._check, outputs=[self._checked], **QUICK)
        if not self._uploads:
            return
        refreshed: dict[str, Any] = {"fn": refresh, "outputs": list(parts), **QUICK}
        events.remove(self._remove, **table).then(**refreshed)
        events.undo(self._undo, **table).then(**refreshed)
        progress: dict[str, Any] = {"outputs": [self._timer, self._number, self._addition], **QUICK}
        self._adding.sent(self._add_files, **progress)
        self._adding.link(self._add_link, **progress)

        def follow(listing: Listing, removed: tuple[Removed, ...], number: int | None) -> tuple[Any, ...]:
            """Show how far an addition has come and, once it has ended, the articles that there are now."""
            addition = self._additions.find(number)
            shown = addition_html(addition)
            if addition and not addition.done.is_set():
                return (*(gr.skip() for _ in articles), shown)
            return (gr.Timer(active=False), *self._show(listing, removed), *refresh(), shown)

        articles = [self._timer, *state, self._table, *parts]
        self._timer.tick(follow, inputs=[*state, self._number], outputs=[*articles, self._addition], **QUICK)

    def show_on(self, blocks: gr.Blocks) -> None:
        """Fill the tab when the page is opened, also with an addition that is under way."""
        state = [self._listing, self._removed]
        blocks.load(self._show, inputs=state, outputs=[*state, self._table], **QUICK)
        outputs = [self._adding, self._timer, self._number, self._addition]

        def show_latest(request: gr.Request) -> tuple[Any, ...]:
            return self._adding_html(), *self._watch(self._additions.latest_of(request.username))

        blocks.load(show_latest, outputs=outputs, **QUICK)

    def _adding_html(self) -> Markup:
        return adding_html(NEWEST) if self._uploads else read_only_html()

    def _show(self, listing: Listing, removed: tuple[Removed, ...], trouble: str | None = None) -> Table:
        """Show the table as it is now."""
        try:
            size, undone = _n_bytes(self._assistant.library.folder), [article.reference for article in removed]
            html = library_html(self._summaries(), listing, size, undone, trouble, read_only=self._uploads is None)
        except PullquoteError as error:
            html = error_html(str(error))
        return listing, removed, html

    def _summaries(self) -> list[ArticleSummary]:
        with self._assistant.library.snapshot() as snapshot:
            generation = snapshot.generation
        return _summaries(self._assistant, generation)

    def _search(self, listing: Listing, removed: tuple[Removed, ...], *fields: object) -> Table:
        words, since, language = map(clean_text, fields)
        return self._show(replace(listing, words=words, since=since, language=language, page=1), removed)

    def _sort(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Table:
        return self._show(listing.sort(event_text(event, "column")), removed)

    def _turn(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Table:
        return self._show(replace(listing, page=event_int(event, "page") or 1), removed)

    def _remove(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Table:
        try:
            removed = (*removed, self._assistant.take_out(event_text(event, "article")))[-_MOST_UNDONE:]
        except PullquoteError as error:
            return self._show(listing, removed, self._reason(error))
        return self._show(listing, removed)

    def _undo(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Table:
        number = event_int(event, "number")
        if number is None or number >= len(removed):
            return self._show(listing, removed)
        others = (*removed[:number], *removed[number + 1 :])
        try:
            self._assistant.put_back(removed[number])
        except LibraryBusy as error:
            return self._show(listing, removed, self._reason(error))
        except PullquoteError as error:
            return self._show(listing, others, str(error))
        return self._show(listing, others)

    def _reason(self, error: PullquoteError) -> str:
        if isinstance(error, LibraryBusy) and self._additions.is_busy:
            return _("Articles are being added just now: try again when that is done.")
        return str(error)

    def _check(self) -> Markup:
        if not self._checking.acquire(blocking=False):
            return error_html(_("The library is being checked for another reader: try again in a minute."))
        try:
            return checked_html(self._assistant.check())
        except PullquoteError as error:
            return error_html(str(error))
        except Exception:
            return error_html(log_unexpected())
        finally:
            self._checking.release()

    def _add_files(self, event: gr.EventData, request: gr.Request) -> Progress:
        """Add the files that a browser uploaded."""
        assert self._uploads
        owner = upload_owner(request.username, request.client)
        try:
            sent = self._uploads.take(event_text(event, "tray"), owner)
            too_large = _("the file has more than {n} MB, which is the limit", n=LIMITS.file_bytes // MB)
            refused = [Failure(name, too_large) for name in _names(event_text(event, "large"))]
            refused += [Failure(name, _("it could not be sent")) for name in _names(event_text(event, "lost"))]
            skipped = group_skipped(_names(event_text(event, "skipped")))
            return self._watch(self._additions.start(Addition(sent.uploads, refused, sent.delete, skipped, request.username)))
        except PullquoteError as error:
            return gr.skip(), gr.skip(), error_html(str(error))

    def _add_link(self, event: gr.EventData, request: gr.Request) -> Progress:
        """Add the page, or the newest pages of the feed or sitemap, at an address."""
        address = event_text(event, "address").strip()
        if not is_url(address):  # anything else would be a path on this machine
            return gr.skip(), gr.skip(), error_html(_("A link begins with http:// or https://."))
        try:
            return self._watch(self._additions.start(Addition([address], user=request.username)))
        except PullquoteError as error:
            return gr.skip(), gr.skip(), error_html(str(error))

    def _watch(self, addition: Addition | None) -> Progress:
        """Show an addition, and look at it again every moment until it has ended."""
        return gr.Timer(active=addition is not None), addition and addition.number, addition_html(addition)


def _names(value: str) -> list[str]:
    """Return the names in a JSON list, or none: a browser can send anything."""
    try:
        names = json.loads(value or "[]")
    except ValueError:
        return []
    return [name[:1_000] for name in names[:_MOST_REFUSED] if isinstance(name, str)] if isinstance(names, list) else []


@lru_cache(maxsize=4)
def _summaries(assistant: Assistant, generation: int) -> list[ArticleSummary]:
    return assistant.holdings()


def _n_bytes(folder: Path) -> int:
    """Return the bytes that a library takes on disk. A file that goes meanwhile counts as empty."""
    total = 0
    for where, _folders, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(where, name), follow_symlinks=False).st_size
            except OSError:
                continue
    return total
