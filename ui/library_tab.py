"""The tab where the library is kept: what is in it, and what is added to it."""

from pathlib import Path

import gradio as gr

from qa import Assistant
from ui.markup import Html
from ui.render_article import contents_html

_JS = Path(__file__).with_name("page.js")


class LibraryTab:
    """The articles that can be asked."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def build(self) -> None:
        """Make the tab's parts where the page is being built."""
        js = _JS.read_text("utf-8")
        self.listed = gr.HTML(self.shown(), elem_id="library", apply_default_css=False, js_on_load=js)

    def shown(self) -> Html:
        """The articles there are."""
        return contents_html(self._assistant.articles())
