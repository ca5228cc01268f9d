"""The tab where the library is kept: what is in it, what is added to it and taken out, and whether it is whole."""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

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
from ui.html.answer import error_html
from ui.html.library import adding_html, addition_html, checked_html, library_html, read_only_html
from ui.html.markup import Html
from ui.i18n.language import gettext as _
from ui.page.events import QUICK, text, typed, whole
from ui.state.additions import Addition, Additions
from ui.state.chat import unexpected
from ui.state.listing import Listing
from ui.state.uploads import UploadStore

_MOST_UNDONE = 5  # removals that one reader can undo
_MOST_REFUSED = 1_000

Shown = tuple[Listing, tuple[Removed, ...], Html]


class LibraryTab:
    """The articles that can be asked."""

    def __init__(self, assistant: Assistant, additions: Additions, trays: UploadStore | None = None) -> None:
        """Take what is shown.

        Args:
            trays: where uploads lie; None where nothing may be added or removed.
        """
        self._assistant, self._additions, self._trays = assistant, additions, trays
        self._checks = threading.Lock()

    def build(self) -> None:
        """Make the tab's parts where the page is being built."""
        html: dict[str, Any] = {"apply_default_css": False, "elem_classes": "shelf", "padding": False}
        js = static.text("library.js")
        adding = static.text("adding.js")
        self._listing, self._removed = gr.State(Listing()), gr.State(())
        if self._trays:
            self._adding = gr.HTML(adding_html(NEWEST), elem_id="adding", js_on_load=adding, **html)
        else:
            gr.HTML(read_only_html(), elem_id="adding", js_on_load=None, **html)
        self.addition = gr.HTML("", elem_id="addition", js_on_load=js, **html)
        with gr.Row(elem_id="looking"):
            self._words = gr.Textbox(
                label=_("Search the library"),
                placeholder=_("Title, source, author or tag"),
                elem_id="words",
                scale=3,
                min_width=0,
            )
            self._since = gr.Textbox(
                label=_("New or changed since"), placeholder="2026-11-25", elem_id="since", scale=2, min_width=0
            )
            self._language = gr.Textbox(label=_("Language"), placeholder="en", elem_id="language", scale=1, min_width=0)
        self.listed = gr.HTML("", elem_id="library", js_on_load=js, **html)
        self._check = gr.Button(_("Check the library"), variant="secondary", elem_id="check", scale=0, min_width=0)
        self._checked = gr.HTML("", elem_id="checked", js_on_load=None, **html)

    def connect(self, after: Callable[[], tuple[Any, ...]], parts: list[Any]) -> None:
        """Say what happens when the tab is used.

        Args:
            after: what the parts show of the articles once there are others.
            parts: the parts of the page that do.
        """
        state = [self._listing, self._removed]
        shown: dict[str, Any] = {"outputs": [*state, self.listed], **QUICK}
        fields = [self._words, self._since, self._language]
        gr.on([each.change for each in fields], self._look, inputs=[*state, *fields], trigger_mode="always_last", **shown)
        self.listed.sort(self._sort, inputs=state, **shown)
        self.listed.turn(self._turn, inputs=state, **shown)
        check = self._check.click(lambda: checked_html(None), outputs=[self._checked], **QUICK)
        check.then(self._checked_now, outputs=[self._checked], **QUICK)
        if self._trays:
            fresh: dict[str, Any] = {"fn": after, "outputs": parts, **QUICK}
            self.listed.remove(self._remove, inputs=state, **shown).then(**fresh)
            self.listed.undo(self._undo, inputs=state, **shown).then(**fresh)
            for event, begin in ((self._adding.sent, self._add_sent), (self._adding.link, self._add_link)):
                event(begin, outputs=[self.addition], **QUICK)
            self.addition.look(self._how_it_goes, outputs=[self.addition], **QUICK)
            self.addition.ended(self._again, inputs=state, **shown).then(**fresh)

    def show(self, blocks: gr.Blocks) -> None:
        """Fill the tab when the page is opened, also with an addition that goes on."""
        state = [self._listing, self._removed]
        blocks.load(self._again, inputs=state, outputs=[*state, self.listed], **QUICK)
        blocks.load(lambda: addition_html(self._additions.latest), outputs=[self.addition], **QUICK)

    def _again(self, listing: Listing, removed: tuple[Removed, ...], trouble: str | None = None) -> Shown:
        """The table as it is by now."""
        try:
            size, undone = _n_bytes(self._assistant.library.folder), [each.reference for each in removed]
            html = library_html(self._holdings(), listing, size, undone, trouble, read_only=self._trays is None)
        except PullquoteError as error:
            html = error_html(str(error))
        return listing, removed, html

    def _holdings(self) -> list[ArticleSummary]:
        with self._assistant.library.snapshot() as snapshot:
            generation = snapshot.generation
        return _held(self._assistant, generation)

    def _look(self, listing: Listing, removed: tuple[Removed, ...], *fields: object) -> Shown:
        words, since, language = map(typed, fields)
        return self._again(replace(listing, words=words, since=since, language=language, page=1), removed)

    def _sort(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Shown:
        return self._again(listing.sorted_by(text(event, "column")), removed)

    def _turn(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Shown:
        return self._again(replace(listing, page=whole(event, "page") or 1), removed)

    def _remove(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Shown:
        try:
            removed = (*removed, self._assistant.take_out(text(event, "article")))[-_MOST_UNDONE:]
        except PullquoteError as error:
            return self._again(listing, removed, self._why(error))
        return self._again(listing, removed)

    def _undo(self, listing: Listing, removed: tuple[Removed, ...], event: gr.EventData) -> Shown:
        number = whole(event, "number")
        if number is None or number >= len(removed):
            return self._again(listing, removed)
        left = (*removed[:number], *removed[number + 1 :])
        try:
            self._assistant.put_back(removed[number])
        except LibraryBusy as error:
            return self._again(listing, removed, self._why(error))
        except PullquoteError as error:
            return self._again(listing, left, str(error))
        return self._again(listing, left)

    def _why(self, error: PullquoteError) -> str:
        if isinstance(error, LibraryBusy) and self._additions.latest:
            return _("Articles are being added just now: try again when that is done.")
        return str(error)

    def _checked_now(self) -> Html:
        if not self._checks.acquire(blocking=False):
            return error_html(_("The library is being checked for another reader: try again in a minute."))
        try:
            return checked_html(self._assistant.check())
        except PullquoteError as error:
            return error_html(str(error))
        except Exception:
            return error_html(unexpected())
        finally:
            self._checks.release()

    def _add_sent(self, event: gr.EventData) -> Html:
        """Add the files that a browser put into a tray."""
        assert self._trays
        try:
            sent = self._trays.take(text(event, "tray"))
            large = _names(text(event, "large"))
            refused = [
                Failure(name, _("the file has more than {n} MB, which is the limit", n=LIMITS.file_bytes // MB))
                for name in large
            ]
            refused += [Failure(name, _("it could not be sent")) for name in _names(text(event, "lost"))]
            return addition_html(self._additions.begin(Addition(sent.uploads, refused, sent.clear)))
        except PullquoteError as error:
            return error_html(str(error))

    def _add_link(self, event: gr.EventData) -> Html:
        """Add the page, or the newest pages of the feed or sitemap, at an address."""
        address = text(event, "address").strip()
        if not is_url(address):  # anything else would be a path of this machine
            return error_html(_("A link begins with http:// or https://."))
        try:
            return addition_html(self._additions.begin(Addition([address])))
        except PullquoteError as error:
            return error_html(str(error))

    def _how_it_goes(self, event: gr.EventData) -> Html:
        return addition_html(self._additions.known(whole(event, "number")))


def _names(value: str) -> list[str]:
    """The names in a JSON list, or none: a browser can send anything."""
    try:
        names = json.loads(value or "[]")
    except ValueError:
        return []
    return [each[:1_000] for each in names[:_MOST_REFUSED] if isinstance(each, str)] if isinstance(names, list) else []


@lru_cache(maxsize=4)
def _held(assistant: Assistant, generation: int) -> list[ArticleSummary]:
    return assistant.holdings()


def _n_bytes(folder: Path) -> int:
    """What a library takes on disk; what goes while it is counted takes nothing."""
    total = 0
    for where, _folders, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(where, name), follow_symlinks=False).st_size
            except OSError:
                continue
    return total
