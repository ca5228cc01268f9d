"""Middleware between the network and the page: which requests pass, how large they may be, and what a browser may run."""

import secrets
from collections.abc import Callable, Collection, Iterable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1_000_000  # bytes
ELSEWHERE = "Asked from another site"

# What the page itself requests. Gradio serves much more: uploads, files, a proxy, a description of its API, monitoring.
STYLES = ("base.css", "page.css", "article.css", "library.css", "measure.css")  # in the order in which they apply
_PAGE = frozenset(
    {
        "/",
        "/config",
        "/theme.css",
        "/uploads",
        "/favicon.ico",
        "/manifest.json",
        "/robots.txt",
        *(f"/{name}" for name in STYLES),
    }
)
_UPLOAD = "/uploads/"
_LONGEST_PART = 200  # characters of a path between two slashes
_GRADIOS_PARAMETERS = (b"page", b"deep_link")
_PAGE_PARTS = (_UPLOAD, "/export/", "/original/", "/assets/", "/static/", "/gradio_api/heartbeat/")
_CALLS = frozenset(
    f"/gradio_api/{call}"
    for call in ("info", "app_id", "queue/join", "queue/data", "run/predict", "cancel", "reset", "startup-events")
)


class Guard:
    """Middleware that passes what the page needs, and tells the browser to run only the page's own scripts."""

    def __init__(self, app: ASGIApp, *, also: Collection[str] = ()) -> None:
        """Take the application.

        Args:
            app: the application to guard.
            also: further paths that it needs.
        """
        self._app, self._also = app, also

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # the page opens no web sockets
            return
        nonce = secrets.token_urlsafe(16)
        send = _with_headers(send, nonce)
        refusal = _refusal(scope, self._also)
        if not refusal and scope["path"].startswith(_UPLOAD):  # on its way to the disk, and counted there
            await self._app(scope, receive, send)
            return
        body = b"" if refusal else await _body(receive, Headers(scope=scope))
        if refusal or body is None:
            response = refusal or PlainTextResponse(f"More than {LARGEST_BODY:,} bytes.", 413, {"connection": "close"})
            await response(scope, receive, send)
            return
        scope = _without_gradios_parameters(scope)
        if scope["path"] == "/":
            scope, send = _uncompressed(scope), _with_nonce(send, nonce)
        await self._app(scope, with_body(body, receive), send)


def _refusal(scope: Scope, also: Collection[str]) -> PlainTextResponse | None:
    path = scope["path"]
    if any(len(part) > _LONGEST_PART for part in path.split("/")):  # of which no file system has a file
        return PlainTextResponse("Not found", 404)
    if path not in _PAGE and path not in also and path not in _CALLS and not path.startswith(_PAGE_PARTS):
        return PlainTextResponse("Not found", 404)
    return PlainTextResponse(ELSEWHERE, 403) if is_from_elsewhere(Headers(scope=scope)) else None


def is_from_elsewhere(headers: Headers) -> bool:
    """Tell whether the page of another site sends a request."""
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _without_gradios_parameters(scope: Scope) -> Scope:
    """Leave out of an address what names pages that we do not have, to which Gradio answers with status 500."""
    query = scope["query_string"]
    if not any(name in query for name in _GRADIOS_PARAMETERS):
        return scope
    pairs = [pair for pair in query.split(b"&") if pair.partition(b"=")[0] not in _GRADIOS_PARAMETERS]
    return {**scope, "query_string": b"&".join(pairs)}


async def _body(receive: Receive, headers: Headers) -> bytes | None:
    """Return the whole body, or None if it is larger than allowed, whatever its length is said to be."""
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > LARGEST_BODY:
        return None
    if declared == "0" and "transfer-encoding" not in headers:
        return b""
    parts, length = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        length += len(part)
        if length > LARGEST_BODY:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(parts)


def with_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that was read already, then what else comes."""
    bodies = [body]

    async def receive_again() -> Message:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        return await receive()

    return receive_again


def _with_headers(send: Send, nonce: str) -> Send:
    # gr.HTML evaluates its template, hence 'unsafe-eval'. The template is ours and holds no value. The nonce keeps out what
    # an attacker could write into a page: script elements without it, event handlers, javascript: addresses.
    policy = (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; frame-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
    security = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",  # with no-referrer, a browser calls the origin of our own forms null
        "cross-origin-resource-policy": "same-origin",
    }

    def add(message: Message) -> None:
        MutableHeaders(scope=message).update(security)

    return _at_start(send, add)


def _at_start(send: Send, change: Callable[[Message], Any]) -> Send:
    async def send_changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            change(message)
        await send(message)

    return send_changed


def _uncompressed(scope: Scope) -> Scope:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return {**scope, "headers": [(name, value) for name, value in headers if name != b"accept-encoding"]}


def _with_nonce(send: Send, nonce: str) -> Send:
    """Return a `send` that puts the nonce on each script element of Gradio's page, which holds no text of users."""
    started: list[Message] = []
    parts: list[bytes] = []

    async def send_page(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        page = b"".join(parts).replace(b"<script", f'<script nonce="{nonce}"'.encode())
        if started[0]["status"] == 200 and any(parts):  # a HEAD has no body, and keeps its length
            MutableHeaders(scope=started[0])["content-length"] = str(len(page))
        await send(started[0])
        await send({"type": "http.response.body", "body": page})

    return send_page
