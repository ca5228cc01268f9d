"""The API for programs beside the page, on the same server."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.api.app import PREFIX
from ui.api.problems import problem
from ui.server.guard import ELSEWHERE, is_from_elsewhere


class ApiBeside:
    """Middleware that sends what is asked under /api/v1 to its application, and everything else on.

    It stands outside of what guards the page: scripts have tokens instead of cookies, and limits of their own.
    """

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self._app, self._api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        if is_from_elsewhere(Headers(scope=scope)):
            await problem(403, ELSEWHERE)(scope, receive, send)
            return
        inner: Mapping[str, Any] = {**scope, "root_path": scope.get("root_path", "") + PREFIX}
        await self._api(dict(inner), receive, send)
