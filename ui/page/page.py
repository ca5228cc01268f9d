"""The page in the browser: tabs on the left, the article that is cited on the right."""

from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from markupsafe import Markup

from qa import Assistant
from ui.html.page import aids_html, masthead_html
from ui.i18n.labels import Labels
from ui.page.api import Api
from ui.page.article_view import ArticleView
from ui.page.ask_tab import AskTab
from ui.page.events import QUICK
from ui.page.library_tab import LibraryTab
from ui.page.measure_tab import MeasureTab
from ui.page.quote_actions import QuoteActions
from ui.state.additions import Additions
from ui.state.uploads import UploadStore

_MOST_WAITING = 50  # events in the queue; beyond that, the page says that it is busy


def build_page(
    assistant: Assistant,
    examples: Sequence[str],
    question_files: Sequence[Path],
    uploads: UploadStore | None = None,
    *,
    login: bool = False,
    mcp: bool = False,
) -> tuple[gr.Blocks, gr.I18n]:
    """Build the page and the translations of its labels. All else is rendered per request, in the language of the browser.

    Args:
        assistant: what answers.
        examples: questions to try, shown before the first is asked.
        question_files: test questions to measure with.
        uploads: where uploaded files lie; None for a library that may only be read.
        login: whether users have logged in, and so can log out.
        mcp: whether asking, searching and reading are tools of an MCP server too.
    """
    label, keeps = Labels(), uploads is not None
    additions = Additions(assistant)
    view = ArticleView(assistant, may_edit=keeps)
    actions = QuoteActions(assistant, view, keeps=keeps)
    ask = AskTab(assistant, examples, keeps=keeps)
    library = LibraryTab(assistant, additions, uploads)
    measure = MeasureTab(assistant, question_files, keeps=keeps)
    with gr.Blocks(title="Pullquote", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
        masthead = gr.HTML("", elem_id="masthead", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="columns"):
            with gr.Column(elem_id="doing", min_width=0), gr.Tabs(elem_id="tabs"):
                with gr.Tab(label("Ask"), id="ask", elem_id="ask-tab"):
                    ask.build(label)
                with gr.Tab(label("Library"), id="library", elem_id="library-tab"):
                    library.build(label)
                with gr.Tab(label("Measure"), id="measure", elem_id="measure-tab") as measure_tab:
                    measure.build()
            with gr.Column(elem_id="pane", min_width=0):
                view.build()
        actions.build()

        def of_articles() -> tuple[Markup, Markup, Markup]:
            return masthead_html(len(assistant.articles()), login=login), view.contents(), measure.choices()

        shown = [masthead, view.part, measure.choosing]
        ask.connect(actions.events, view)
        view.connect(actions.events, ask.chat)
        measure.connect(actions.events, measure_tab)
        library.connect(actions.events, of_articles, shown)
        actions.connect(ask.chat)
        blocks.load(lambda: (*of_articles(), aids_html()), outputs=[*shown, actions.dialogs], **QUICK)
        ask.show_on(blocks)
        library.show_on(blocks)
        Api(assistant, additions, uploads).connect(tools=mcp)
    blocks.queue(max_size=_MOST_WAITING, api_open=False)
    return blocks, label.translations()
