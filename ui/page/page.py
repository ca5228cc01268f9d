"""The page in the browser: tabs on the left, the article that is cited on the right."""

from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from qa import Assistant
from ui.html.chat import masthead_html
from ui.html.markup import Html
from ui.i18n.language import gettext as _
from ui.page.api import Api
from ui.page.article_view import ArticlePane
from ui.page.ask_tab import AskTab
from ui.page.conversations import Talks
from ui.page.events import QUICK
from ui.page.library_tab import LibraryTab
from ui.page.measure_tab import MeasureTab
from ui.page.quote_actions import Desk
from ui.state.additions import Additions
from ui.state.uploads import UploadStore

_MOST_WAITING = 50  # after that, the page says that it is busy


class Page:
    """The page's parts, a module a tab, and how they hang together."""

    def __init__(
        self,
        assistant: Assistant,
        examples: Sequence[str],
        question_files: Sequence[Path],
        trays: UploadStore | None = None,
        *,
        mcp: bool = False,
    ) -> None:
        """Take what the parts show.

        Args:
            trays: where uploads lie; None where the library may only be read.
            mcp: whether asking, searching and reading are tools for MCP too.
        """
        self._assistant, self._mcp = assistant, mcp
        self._additions = Additions(assistant)
        self._api = Api(assistant, self._additions if trays else None)
        talks = Talks(assistant) if trays else None
        self._ask = AskTab(assistant, examples, talks)
        self._library = LibraryTab(assistant, self._additions, trays)
        self._measure = MeasureTab(assistant, question_files, keeps=trays is not None)
        self._pane = ArticlePane(assistant)
        self._desk = Desk(assistant, talks)

    def blocks(self) -> gr.Blocks:
        """The page."""
        blocks: gr.Blocks
        with gr.Blocks(title="Pullquote", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
            head = gr.HTML(self._masthead(), elem_id="masthead", apply_default_css=False, js_on_load=None)
            with gr.Row(elem_id="columns"):
                with gr.Column(elem_id="doing", min_width=0), gr.Tabs(elem_id="tabs"):
                    with gr.Tab(_("Ask"), id="ask", elem_id="ask-tab"):
                        self._ask.build()
                    with gr.Tab(_("Library"), id="library", elem_id="library-tab"):
                        self._library.build()
                    with gr.Tab(_("Measure"), id="measure", elem_id="measure-tab") as measuring:
                        self._measure.build()
                with gr.Column(elem_id="pane", min_width=0):
                    self._pane.build()
            self._desk.build()
            self._ask.connect(self._pane, self._desk)
            self._measure.connect(measuring)
            self._pane.connect(
                self._ask.chat, self._ask.said, self._library.listed, self._library.addition, self._measure.shown
            )
            self._library.connect(self._fresh, [head, self._pane.part, self._measure.choosing])
            self._desk.connect(self._ask.chat, self._pane)
            # articles may have been added since the page was built
            blocks.load(self._fresh, outputs=[head, self._pane.part, self._measure.choosing], **QUICK)
            self._library.show(blocks)
            self._api.connect(tools=self._mcp)
        blocks.queue(max_size=_MOST_WAITING, api_open=False)
        return blocks

    def _fresh(self) -> tuple[Html, Html, Html]:
        return self._masthead(), self._pane.contents(), self._measure.choices()

    def _masthead(self) -> Html:
        return masthead_html(len(self._assistant.articles()))
