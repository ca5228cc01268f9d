"""Calls of the page's functions as browsers and programs send them. What Gradio answers with a traceback is refused before."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from gradio import Blocks
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.server.guard import with_body

_CANCEL = "/gradio_api/cancel"
_CHECKED = ("/gradio_api/queue/join", "/gradio_api/run/predict", _CANCEL)
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)


class Functions:
    """The functions of a page, by number, each with the number of values that it takes."""

    def __init__(self, n_values: Mapping[int, int]) -> None:
        self._n_values = dict(n_values)

    @classmethod
    def of(cls, blocks: Blocks) -> "Functions":
        """Return the functions of a page that is built."""
        return cls({function["id"]: len(function["inputs"]) for function in blocks.get_config_file()["dependencies"]})

    def problem(self, path: str, body: bytes) -> str | None:
        """Return why a body is not passed on to a path of Gradio, or None if nothing speaks against it."""
        try:
            call = json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            return f"This is not JSON as it is expected here: {_in_one_line(error)}."
        if not isinstance(call, dict):
            return "A JSON object is expected here."
        return _problem_of_names(call) or (None if path == _CANCEL else self._problem_of_values(call))

    def _problem_of_values(self, call: Mapping[str, Any]) -> str | None:
        number, values = call.get("fn_index"), call.get("data")
        if not isinstance(number, int) or isinstance(number, bool) or number not in self._n_values:
            return "There is no function of this fn_index: /config lists them all."
        if not isinstance(values, list) or len(values) != self._n_values[number]:
            return f"data must be a list of {self._n_values[number]} values for this fn_index."
        return None


class CallCheck:
    """Middleware that refuses calls with such bodies."""

    def __init__(self, app: ASGIApp, functions: Functions) -> None:
        self._app, self._functions = app, functions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in _CHECKED:
            await self._app(scope, receive, send)
            return
        body = (await receive()).get("body", b"")  # whole, as the guard has read it
        if problem := self._functions.problem(scope["path"], body):
            await JSONResponse({"detail": problem}, 400)(scope, receive, send)
            return
        await self._app(scope, with_body(body, receive), send)


def _problem_of_names(call: Mapping[str, Any]) -> str | None:
    for name in ("session_hash", "event_id"):
        value = call.get(name)
        if value is not None and not (isinstance(value, str) and _NAME.fullmatch(value)):
            return f"{name} must be 1 to 100 letters, digits, dots or hyphens."
    return None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _in_one_line(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]
