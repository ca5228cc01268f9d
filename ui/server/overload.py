"""What users see while too many wait: our words in place of Gradio's."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.i18n.language import gettext as _
from ui.i18n.language import gettext_noop, use_language_of

BUSY = gettext_noop("Many are asking just now: wait a moment and ask again.")
_JOIN = "/gradio_api/queue/join"
_FULL = b"Queue is full"  # Gradio's words; it says 503 while it stops, too


class Busy:
    """Middleware that says in our words that the queue is full.

    Browsers get status 429: with 503, Gradio's page shows words of its own. Its client for programs gets 503, by which alone
    it knows that the queue is full.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _JOIN:
            await self._app(scope, receive, send)
            return
        refusal: list[Message] = []

        async def send_in_our_words(message: Message) -> None:
            if not refusal and message.get("status") != 503:
                await send(message)
                return
            refusal.append(message)
            if message["type"] != "http.response.body" or message.get("more_body"):
                return
            if _FULL not in b"".join(part.get("body", b"") for part in refusal):
                for part in refusal:
                    await send(part)
                return
            headers = Headers(scope=scope)
            is_browser = "origin" in headers
            with use_language_of(headers):
                detail = _(BUSY)
            await JSONResponse({"detail": detail}, 429 if is_browser else 503, {"retry-after": "5"})(scope, receive, send)

        await self._app(scope, receive, send_in_our_words)
