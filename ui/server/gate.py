"""The gate before the page: middleware that passes only who may use it, and what a page of the gate is made of itself."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.i18n.language import use_language_of
from ui.server.guard import STYLES

# They hold nothing of the library.
_OPEN = frozenset({"/login", "/favicon.ico", "/robots.txt", *(f"/{name}" for name in STYLES)})
_LINKS = ("conversation", "answer")  # what an address of the page names
_LONGEST_NAME = 100  # characters


class Gate:
    """Middleware that asks before each request whether it may pass."""

    def __init__(self, app: ASGIApp, stop: Callable[[Request], Response | None]) -> None:
        """Take the application.

        Args:
            app: Gradio's routes and ours.
            stop: returns the answer to a request that may not pass, and None for one that may.
        """
        self._app, self._stop = app, stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = self._stop(Request(scope)) if scope["type"] == "http" and scope["path"] not in _OPEN else None
        await (response or self._app)(scope, receive, send)


def turn_away(request: Request, page: Callable[[], Markup], message: str, status: int = 401) -> Response:
    """Return a page that says how to get in to whoever opens the page, and a line of text for any other request."""
    if request.url.path not in ("/", "/login"):
        return PlainTextResponse(message, status)
    with use_language_of(request.headers):
        return HTMLResponse(page(), status, {"cache-control": "no-store"})


def links_of(values: Mapping[str, object]) -> dict[str, str]:
    """Return the conversation or answer that an address or a form names, which is to be opened afterwards."""
    return {name: value[:_LONGEST_NAME] for name in _LINKS if isinstance(value := values.get(name), str)}


def address_of(links: Mapping[str, str]) -> str:
    """Return the address of the page, at a conversation or answer."""
    return f"/?{urlencode(links)}" if links else "/"
