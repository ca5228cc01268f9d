"""The page in the browser: a conversation on the left, the article cited on the right."""

import itertools
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse

from embeddings import PullquoteError
from qa import Assistant, Span
from ui.chat import Chat, unexpected
from ui.errors import PortTaken
from ui.guard import LARGEST_BODY, Guard
from ui.markup import Html, element
from ui.render import error_html
from ui.render_article import article_html, contents_html
from ui.render_chat import chat_html, masthead_html

_LOCAL = ("127.0.0.1", "localhost")
_HERE = Path(__file__).parent
_AT_ONCE = 4  # questions answered side by side
_MOST_WAITING = 50  # after that, the page says that it is busy
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": True}
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='5' "
    "fill='%239b1c1c'/%3E%3Ctext x='16' y='40' font-size='48' font-family='Georgia,serif' text-anchor='middle' fill='white'"
    "%3E%E2%80%9C%3C/text%3E%3C/svg%3E"
)


def build_app(assistant: Assistant, examples: Sequence[str] = (), *, hosts: Sequence[str] = _LOCAL) -> FastAPI:
    """The page as an application, hardened for private articles: no request leaves it and no other site can use it.

    Args:
        examples: questions to try, shown before the first is asked.
        hosts: names by which a browser may call the page; another is refused, so that no foreign name can be bound to it.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(CORSMiddleware)  # with no origin allowed, and so that Gradio allows none
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(Guard)
    app.get("/page.css")(lambda: FileResponse(_HERE / "page.css"))
    gr.mount_gradio_app(
        app,
        _Page(assistant, examples).blocks(),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=LARGEST_BODY,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        theme=_theme(),
        # linked and not given as css=, which would rewrite each selector
        head=f'<link rel="stylesheet" href="page.css"><link rel="icon" href="{_ICON}">',
    )
    return app


def serve(
    assistant: Assistant,
    examples: Sequence[str] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until interrupted.

    Args:
        port: 0 for any that is free.
        on_ready: told the page's address once it answers.

    Raises:
        PortTaken: another program has that port.
        ModelError: the library's model cannot be had.
    """
    with _bound(host, port) as listening:
        if assistant.articles():
            _ = assistant.encoder  # loaded now, so that the first question need not wait for it, nor fail for want of it

        def app() -> FastAPI:
            return build_app(assistant, examples, hosts=tuple(dict.fromkeys((*_LOCAL, host))))

        # a factory, so that Gradio finds the server's event loop instead of making some that nobody closes
        config = uvicorn.Config(app, factory=True, log_level="warning", server_header=False, limit_concurrency=500)
        server = _Server(config)
        server.on_ready = lambda: on_ready(f"http://{host}:{listening.getsockname()[1]}") if on_ready else None
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    on_ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_ready()


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # at once, so that two that start together do not both think that the port is theirs
    except (OSError, OverflowError) as error:
        listening.close()
        reason = error.strerror if isinstance(error, OSError) else error
        raise PortTaken(
            f"The page cannot be served on {host}, port {port} ({reason}): choose another port with --port, such as "
            f"`pullquote serve --port {port + 1 if port < 65_535 else 7860}`."
        ) from error
    return listening


class _Page:
    """The page's parts and what happens when they are used."""

    def __init__(self, assistant: Assistant, examples: Sequence[str]) -> None:
        self._assistant = assistant
        self._examples = list(examples)
        self._openings = itertools.count(1)

    def blocks(self) -> gr.Blocks:
        """The page."""
        js = (_HERE / "page.js").read_text("utf-8")
        blocks: gr.Blocks
        with gr.Blocks(title="Pullquote", analytics_enabled=False, fill_height=True, fill_width=True) as blocks:
            chat = gr.State(Chat())
            head = gr.HTML(self._masthead(), elem_id="masthead", apply_default_css=False, js_on_load=None)
            with gr.Row(elem_id="columns"):
                with gr.Column(elem_id="asking", min_width=0):
                    said = gr.HTML(self._chat(Chat()), elem_id="conversation", apply_default_css=False, js_on_load=js)
                    question, ask, new = self._composer()
                with gr.Column(elem_id="pane", min_width=0):
                    pane = gr.HTML(self._contents(), elem_id="article", apply_default_css=False, js_on_load=js)
            asking: dict[str, Any] = {"outputs": [chat, said, question], "concurrency_limit": _AT_ONCE, **_PRIVATE}
            asking["concurrency_id"] = "ask"
            gr.on([ask.click, question.submit], self._ask, inputs=[question, chat], **asking)
            said.example(self._ask_example, inputs=[chat], **asking)
            said.narrow(self._ask_of_some, inputs=[chat], **asking)
            opening: dict[str, Any] = {"outputs": [pane], "concurrency_limit": _AT_ONCE, **_PRIVATE}
            for part in (said, pane):
                part.open(self._open, inputs=[chat], **opening)
            pane.contents(self._contents, **opening)
            # articles may have been added since the page was built
            blocks.load(lambda: (self._masthead(), self._contents()), outputs=[head, pane], **_PRIVATE)
            new.click(self._anew, outputs=[chat, said, question, pane], **_PRIVATE)
        blocks.queue(max_size=_MOST_WAITING, api_open=False)
        return blocks

    def _composer(self) -> tuple[gr.Textbox, gr.Button, gr.Button]:
        with gr.Row(elem_id="composer"):
            question = gr.Textbox(
                label="Your question", placeholder="Ask the articles…", lines=1, max_lines=4, autofocus=True,
                value="", elem_id="question", scale=1, min_width=0,
            )  # fmt: skip
            ask = gr.Button("Ask", variant="primary", elem_id="ask", scale=0, min_width=0)
            new = gr.Button("New conversation", variant="secondary", elem_id="new", scale=0, min_width=0)
        return question, ask, new

    def _masthead(self) -> Html:
        return masthead_html(len(self._assistant.articles()))

    def _contents(self) -> Html:
        return self._opened(contents_html(self._assistant.articles()))

    def _chat(self, chat: Chat) -> Html:
        return chat_html(chat, self._examples)

    def _ask(self, question: str, chat: Chat, only: Mapping[str, Any] | None = None) -> Iterator[tuple[Chat, Html, str]]:
        """Show the question at once, and its answer when it is there."""
        yield chat, self._chat(chat.asking(question)), ""
        answered = chat.ask(self._assistant, question, only)
        yield answered, self._chat(answered), ""

    def _ask_example(self, chat: Chat, event: gr.EventData) -> Iterator[tuple[Chat, Html, str]]:
        number = _whole(event, "example")
        if number is not None and 0 <= number < len(self._examples):
            yield from self._ask(self._examples[number], chat)

    def _ask_of_some(self, chat: Chat, event: gr.EventData) -> Iterator[tuple[Chat, Html, str]]:
        """Ask again of the articles that an answer offered to keep to."""
        answer = chat.answer(_whole(event, "number"))
        if answer and answer.offer:
            yield from self._ask(answer.searched_for, chat, answer.offer)

    def _anew(self) -> tuple[Chat, Html, str, Html]:
        return Chat(), self._chat(Chat()), "", self._contents()

    def _open(self, chat: Chat, event: gr.EventData) -> Html:
        """The article of a citation, in the version cited, at its place."""
        try:
            return self._opened(self._article(chat, event))
        except PullquoteError as error:
            return self._opened(self._trouble(str(error)))
        except Exception:
            return self._opened(self._trouble(unexpected()))

    def _article(self, chat: Chat, event: gr.EventData) -> Html:
        article = self._assistant.article(_text(event, "article"), _text(event, "version"))
        start, end = _whole(event, "start"), _whole(event, "end")
        span = Span(start, end) if start is not None and end is not None else None
        answer = chat.answer(_whole(event, "number"))
        quotes = answer.quotes if answer else ()
        cited = [quote for quote in quotes if (quote.article.id, quote.article.version) == (article.id, article.version)]
        leads = [Span(quote.lead.start, quote.lead.end) for quote in cited if quote.lead]
        return article_html(article, span, [*(Span(quote.start, quote.end) for quote in cited), *leads])

    def _trouble(self, message: str) -> Html:
        return element("div", error_html(message), contents_html(self._assistant.articles()))

    def _opened(self, content: Html) -> Html:
        """What stands in the pane, never twice the same markup, so that the browser scrolls even to what is open already."""
        return element("div", content, data_opening=next(self._openings))


def _whole(event: gr.EventData, name: str) -> int | None:
    """A number that a button carried; None if it carried none, since a browser can send anything."""
    value = _carried(event, name)
    return int(value) if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 16 else None


def _text(event: gr.EventData, name: str) -> str:
    value = _carried(event, name)
    return value if isinstance(value, str) else ""


def _carried(event: gr.EventData, name: str) -> object:
    return event._data.get(name) if isinstance(event._data, dict) else None


def _theme() -> gr.themes.Base:
    """No font of this theme is fetched: they are what the reader's machine has."""
    return gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
