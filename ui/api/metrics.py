"""Counts of requests and of the library's contents in the text format of Prometheus."""

import threading
import time
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa import Assistant


class Metrics:
    """How many requests each route had, with which status, and how long they took."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds[method, route] += seconds  # type: ignore[assignment]

    def text(self, assistant: Assistant) -> str:
        """Write all counts."""
        with assistant.library.snapshot() as snapshot:
            n_articles, n_passages = snapshot.count()[:2]
            generation = snapshot.generation
        lines = ["# HELP pullquote_requests_total Requests by route and status.", "# TYPE pullquote_requests_total counter"]
        with self._lock:
            lines += [
                f'pullquote_requests_total{{method="{method}",route="{route}",status="{status}"}} {n}'
                for (method, route, status), n in sorted(self._requests.items())
            ]
            lines += ["# HELP pullquote_request_seconds_total Seconds spent.", "# TYPE pullquote_request_seconds_total counter"]
            lines += [
                f'pullquote_request_seconds_total{{method="{method}",route="{route}"}} {seconds:.6f}'
                for (method, route), seconds in sorted(self._seconds.items())
            ]
        gauges = {"articles": n_articles, "passages": n_passages, "generation": generation}
        for name, value in gauges.items():
            lines += [f"# HELP pullquote_{name} Of the library.", f"# TYPE pullquote_{name} gauge", f"pullquote_{name} {value}"]
        return "\n".join(lines) + "\n"


class Counting:
    """Middleware that counts requests. Routes count by their pattern, so that no address of an article becomes a label."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if route != "other" else "other"
            self._metrics.count(method, route, status, time.perf_counter() - began)
