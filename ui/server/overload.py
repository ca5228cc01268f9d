"""What who asks is told while too many wait: our words in place of Gradio's."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop, use_language_of

BUSY = gettext_noop("Many are asking just now: wait a moment and ask again.")
_JOIN = "/gradio_api/queue/join"
_FULL = b"Queue is full"  # as Gradio says it, which says 503 while it stops, too


class Busy:
    """Says in our words that the queue is full.

    Gradio's page shows words of its own for 503 and the server's for any other status, hence 429 for browsers; its client for
    programs knows that the queue is full by 503 alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _JOIN:
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def sending(message: Message) -> None:
            if not held and message.get("status") != 503:
                await send(message)
                return
            held.append(message)
            if message["type"] != "http.response.body" or message.get("more_body"):
                return
            if _FULL not in b"".join(each.get("body", b"") for each in held):
                for each in held:
                    await send(each)
                return
            headers = Headers(scope=scope)
            is_browser = "origin" in headers
            with use_language_of(headers):
                said = _(BUSY)
            await JSONResponse({"detail": said}, 429 if is_browser else 503, {"retry-after": "5"})(scope, receive, send)

        await self._app(scope, receive, sending)
