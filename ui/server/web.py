"""The page as it is served: its address, its guard and its look."""

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse
from starlette.routing import Mount

from qa import Assistant
from ui.errors import PortTaken
from ui.i18n.translated import translated
from ui.page.page import Page
from ui.server.downloads import send_conversations
from ui.server.guard import LARGEST_BODY, STYLES, Guard
from ui.server.overload import Busy
from ui.server.passwords import Login, Passwords
from ui.state.uploads import UploadStore, receive_uploads

_LOCAL = ("127.0.0.1", "localhost")
_STATIC = Path(__file__).parents[1] / "static"
_MCP = ("/gradio_api/mcp", "/gradio_api/mcp/")
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='5' "
    "fill='%239b1c1c'/%3E%3Ctext x='16' y='40' font-size='48' font-family='Georgia,serif' text-anchor='middle' fill='white'"
    "%3E%E2%80%9C%3C/text%3E%3C/svg%3E"
)


def build_app(
    assistant: Assistant,
    examples: Sequence[str] = (),
    *,
    question_files: Sequence[Path] = (),
    hosts: Sequence[str] = _LOCAL,
    read_only: bool = False,
    passwords: Passwords | None = None,
    mcp: bool = False,
) -> FastAPI:
    """The page as an application, hardened for private articles: no request leaves it and no other site can use it.

    Args:
        examples: questions to try, shown before the first is asked.
        question_files: of test questions, to measure with.
        hosts: names by which a browser may call the page; another is refused, so that no foreign name can be bound to it.
        read_only: nothing is added, removed or kept of what is asked.
        passwords: of those who may use it; by default everybody who reaches it.
        mcp: ask, search and read are tools of an MCP server too, at /gradio_api/mcp/.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Busy)
    if passwords:
        app.add_middleware(Login, known=lambda cookies: _has_logged_in(app, cookies))
    app.add_middleware(CORSMiddleware)  # with no origin allowed, and so that Gradio allows none
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(Guard, also=(*(("/login",) if passwords else ()), *(_MCP if mcp else ())))
    for name in STYLES:
        app.get(f"/{name}")(_file(_STATIC / name))
    trays = None if read_only else UploadStore(assistant.library.folder)
    if trays:
        receive_uploads(app, trays)
        send_conversations(app, assistant.journal)
    blocks, words = translated(lambda: Page(assistant, examples, question_files, trays, mcp=mcp).blocks())
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        i18n=words,
        auth=passwords.lets_in if passwords else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=LARGEST_BODY,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=mcp,
        theme=_theme(),
        # linked and not given as css=, which would rewrite each selector
        head="".join(f'<link rel="stylesheet" href="{name}">' for name in STYLES) + f'<link rel="icon" href="{_ICON}">',
    )
    return app


def _file(path: Path) -> Callable[[], FileResponse]:
    return lambda: FileResponse(path)


def serve(
    assistant: Assistant,
    examples: Sequence[str] = (),
    *,
    question_files: Sequence[Path] = (),
    host: str = "127.0.0.1",
    port: int = 7860,
    on_ready: Callable[[str], None] | None = None,
    ended: threading.Event | None = None,
    read_only: bool = False,
    passwords: Passwords | None = None,
    mcp: bool = False,
) -> None:
    """Serve the page until interrupted.

    Args:
        examples: as for `build_app`.
        question_files: as for `build_app`.
        host: where to listen.
        port: 0 for any that is free.
        on_ready: told the page's address once it answers.
        ended: set to serve no longer, since a thread cannot be interrupted.

    Raises:
        PortTaken: another program has that port.
        ModelError: the library's model cannot be had.
    """
    with _bound(host, port) as listening:
        if assistant.articles():
            _ = assistant.encoder  # loaded now, so that the first question need not wait for it, nor fail for want of it

        def app() -> FastAPI:
            hosts = tuple(dict.fromkeys((*_LOCAL, host)))
            return build_app(
                assistant,
                examples,
                question_files=question_files,
                hosts=hosts,
                read_only=read_only,
                passwords=passwords,
                mcp=mcp,
            )

        # a factory, so that Gradio finds the server's event loop instead of making some that nobody closes
        config = uvicorn.Config(app, factory=True, log_level="warning", server_header=False, limit_concurrency=500)
        server = _Server(config)
        server.ended = ended or threading.Event()
        server.on_ready = lambda: on_ready(f"http://{host}:{listening.getsockname()[1]}") if on_ready else None
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says when it answers, and can be ended from another thread."""

    on_ready: Callable[[], None]
    ended: threading.Event

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self.ended.is_set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_ready()


def _has_logged_in(app: FastAPI, cookies: Mapping[str, str]) -> bool:
    """Whether Gradio, which serves everything below the root, gave one of these cookies to someone who logged in."""
    gradio: Any = next(route.app for route in app.routes if isinstance(route, Mount))
    names = (f"access-token-{gradio.cookie_id}", f"access-token-unsecure-{gradio.cookie_id}")
    return any(gradio.tokens.get(cookies.get(name)) for name in names)


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


def _theme() -> gr.themes.Base:
    """No font of this theme is fetched: they are what the reader's machine has."""
    return gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
