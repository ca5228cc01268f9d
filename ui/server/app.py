"""The page as an application and its server: routes, middleware, address and look."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from embeddings import PullquoteError
from qa import Assistant
from qa.library.journal import Journal
from ui.api.app import build_api
from ui.errors import PortTaken
from ui.html.conversations import TYPES, export
from ui.i18n.language import use_language_of
from ui.page.page import build_page
from ui.server.access_token import TokenGate, cookie_name
from ui.server.api_mount import ApiBeside
from ui.server.calls import CallCheck, Functions
from ui.server.connections import Connections, Punctual
from ui.server.gate import Gate
from ui.server.guard import LARGEST_BODY, STYLES, Guard
from ui.server.login import Login, Passwords
from ui.server.originals import add_original_route
from ui.server.overload import Busy
from ui.state.uploads import UploadStore, add_upload_routes
from ui.state.users import USER, upload_owner

_PATIENCE = 3  # seconds that a server which is to end waits for requests under way
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
    token: str | None = None,
    mcp: bool = False,
    connections: Connections | None = None,
) -> FastAPI:
    """Build the application, hardened for private articles: no request leaves it, and no other site can use it.

    Args:
        assistant: what answers.
        examples: questions to try, shown before the first is asked.
        question_files: test questions to measure with.
        hosts: names by which a browser may call the page. Others are refused, so that no foreign name can be bound to it.
        read_only: whether nothing is added, removed, or kept of what is asked.
        passwords: of those who may use the page; by default everybody who reaches it.
        token: what a browser or a program must have, unless there are passwords; by default nothing.
        connections: those of the server, whose number and time are limited.
        mcp: whether ask, search and read are tools of an MCP server too, at /gradio_api/mcp/.
    """
    folder = assistant.library.folder
    uploads = None if read_only else UploadStore(folder)
    blocks, i18n = build_page(assistant, examples, question_files, uploads, login=passwords is not None, mcp=mcp)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if uploads:
            uploads.close()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(Busy)
    app.add_middleware(CallCheck, functions=Functions.of(blocks))
    if passwords:
        on_logout = (lambda user: uploads.release(upload_owner(user, None))) if uploads else (lambda _user: None)
        login = Login(passwords, cookie_name(folder, "login"), on_logout)
        login.add_routes(app)
        app.add_middleware(Gate, stop=login.stop)
    elif token:
        app.add_middleware(Gate, stop=TokenGate(token, cookie_name(folder, "token")).stop)
    app.add_middleware(CORSMiddleware)  # allows no origin, and keeps Gradio from allowing some
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    also = (*(("/login", "/logout") if passwords else ()), *(_MCP if mcp else ()))
    app.add_middleware(Guard, also=also)
    api = build_api(assistant, read_only=read_only, hosts=hosts, has_users=passwords is not None)
    app.add_middleware(ApiBeside, api=api)
    if connections:
        app.add_middleware(Punctual, connections=connections)
    for name in STYLES:
        app.get(f"/{name}")(_file(_STATIC / name))
    add_original_route(app, assistant)
    if uploads:
        add_upload_routes(app, uploads, lambda request: upload_owner(_user_of(request), request.client))
        _send_conversations(app, assistant.journal)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        i18n=i18n,
        auth_dependency=_user_of if passwords else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=LARGEST_BODY,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=mcp,
        # fonts that the user's machine has, since none may be fetched
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        # linked and not given as css=, because Gradio would rewrite each selector
        head="".join(f'<link rel="stylesheet" href="{name}">' for name in STYLES) + f'<link rel="icon" href="{_ICON}">',
    )
    return app


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
    token: str | None = None,
    mcp: bool = False,
) -> None:
    """Serve the page until interrupted.

    Args:
        assistant: as for `build_app`.
        examples: as for `build_app`.
        question_files: as for `build_app`.
        host: where to listen.
        port: 0 for any free one.
        on_ready: called with the page's address, which has the token in it, once it answers.
        ended: set to stop serving, since a thread cannot be interrupted.
        read_only: as for `build_app`.
        passwords: as for `build_app`.
        token: as for `build_app`.
        mcp: as for `build_app`.

    Raises:
        PortTaken: another program has that port.
        ModelError: the library's model cannot be loaded.
    """
    with _bind(host, port) as listening:
        if assistant.articles():
            _ = assistant.encoder  # loaded now, so that the first question need not wait for it, nor fail without it
        connections = Connections()

        def app() -> FastAPI:
            hosts = tuple(dict.fromkeys((*_LOCAL, host)))
            return build_app(
                assistant,
                examples,
                question_files=question_files,
                hosts=hosts,
                read_only=read_only,
                passwords=passwords,
                token=token,
                mcp=mcp,
                connections=connections,
            )

        # a factory, so that Gradio finds the server's event loop instead of making some that nobody closes
        config = uvicorn.Config(
            app,
            factory=True,
            http=connections.protocol(),
            ws="none",
            log_level="error",  # anyone can cause a warning, such as that a request is no HTTP
            server_header=False,
            proxy_headers=False,  # by which a client could count as another
        )
        server = _Server(config)
        server.ended = ended or threading.Event()
        server.connections = connections
        query = f"/?token={token}" if token and not passwords else ""
        server.on_ready = lambda: on_ready(f"http://{host}:{listening.getsockname()[1]}{query}") if on_ready else None
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that says when it answers, and that another thread can stop."""

    on_ready: Callable[[], None]
    ended: threading.Event
    connections: Connections

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self.ended.is_set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        ending = asyncio.get_running_loop().call_later(_PATIENCE, self.connections.close_all)
        await super().shutdown(sockets)
        ending.cancel()


def _file(path: Path) -> Callable[[], FileResponse]:
    return lambda: FileResponse(path)


def _send_conversations(app: FastAPI, journal: Journal) -> None:
    """Answer `/export/<conversation>.md`, `.html` and `.json` with a file for the browser to save."""

    def send(request: Request, conversation_id: str, ending: str) -> Response:
        try:
            own = journal.of(_user_of(request))
            answers = own.conversation(conversation_id)
            title = own.title(conversation_id)
        except PullquoteError as error:
            return PlainTextResponse(str(error), 500)
        if not answers or ending not in TYPES:
            return PlainTextResponse("There is no such conversation.", 404)
        with use_language_of(request.headers):
            content = export(title, answers, ending)
        headers = {"content-disposition": f'attachment; filename="conversation.{ending}"', "cache-control": "no-store"}
        return Response(content, media_type=TYPES[ending], headers=headers)

    app.get("/export/{conversation_id}.{ending}", response_model=None)(send)


def _user_of(request: Request) -> str | None:
    """Return the name of the user whom the gate has let in, or None without a login."""
    user: str | None = request.scope.get(USER)
    return user


def _bind(host: str, port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # at once, so that of two servers started together only one gets the port
    except (OSError, OverflowError) as error:
        listening.close()
        reason = error.strerror if isinstance(error, OSError) else error
        raise PortTaken(
            f"The page cannot be served on {host}, port {port} ({reason}): choose another port with --port, such as "
            f"`pullquote serve --port {port + 1 if port < 65_535 else 7860}`."
        ) from error
    return listening
