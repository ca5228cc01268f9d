"""Who may ask what, how often, and how much a request may hold: tokens, rates and sizes."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import Refused, problem
from ui.api.tokens import Scope as TokenScope
from ui.api.tokens import Token, Tokens

LARGEST_BODY = 1_000_000  # bytes
LARGEST_UPLOAD = 200_000_000  # bytes of a request to /articles/files
_RATE, _BURST = 10.0, 60.0  # requests a second for each token, and how many at once
_MOST_BUCKETS = 1_000

_NO_TOKEN = "This needs a token, as the header `Authorization: Bearer TOKEN`: `pullquote token create NAME` makes one."  # noqa: S105
_bearer = HTTPBearer(auto_error=False, description="A token that `pullquote token create` prints.")


class Rates:
    """A bucket for each token, which every request takes one drop from, and time fills (token bucket)."""

    def __init__(self, rate: float = _RATE, burst: float = _BURST, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # drops left, and when
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Take a drop and return 0, or return the seconds until there is one."""
        with self._lock:
            now = self._clock()
            left, then = self._buckets.pop(name, (self._burst, now))
            left = min(self._burst, left + (now - then) * self._rate)
            wait = 0.0 if left >= 1 else (1 - left) / self._rate
            self._buckets[name] = (left if wait else left - 1, now)
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return wait


class Access:
    """Checks the token of a request, its scope and its rate. `read` and `write` are dependencies of routes."""

    def __init__(self, tokens: Tokens, rates: Rates) -> None:
        self._tokens, self._rates = tokens, rates

    def need(self, scope: TokenScope) -> object:
        """Return a dependency that refuses whoever has no token of that scope."""

        def check(given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> Token:
            token = self._tokens.find(given.credentials) if given else None
            if token is None:
                detail = (
                    "This needs a token, as the header `Authorization: Bearer TOKEN`: `pullquote token create NAME` makes one."
                )
                raise Refused(401, detail, {"www-authenticate": "Bearer"})
            if scope == "write" and token.scope != "write":
                raise Refused(403, f"The token {token.name} may only read: create one with `--write`.")
            if wait := self._rates.wait(token.sha256):
                raise Refused(429, "Too many requests with this token: wait a moment.", {"retry-after": f"{wait + 1:.0f}"})
            return token

        return Depends(check)


class BodyLimit:
    """Middleware that refuses a body that is too large, whatever its length is said to be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LARGEST_UPLOAD if scope["path"].endswith("/articles/files") else LARGEST_BODY
        declared = Headers(scope=scope).get("content-length", "0")
        too_large = f"The request has more than {limit:,} bytes, which is the limit."
        if not declared.isdecimal() or int(declared) > limit:
            await problem(413, too_large, headers={"connection": "close"})(scope, receive, send)
            return
        n_bytes = 0

        async def count() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > limit:
                raise Refused(413, too_large)
            return message

        await self._app(scope, count, send)
