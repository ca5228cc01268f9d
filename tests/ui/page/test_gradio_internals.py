"""What we use of Gradio that is not its public API. After an upgrade of Gradio, a failure here names the code to look at."""

import inspect
from contextvars import ContextVar
from typing import Any

import gradio
import pytest
from fastapi import FastAPI
from gradio import queueing
from gradio.context import LocalContext
from starlette.routing import Mount
from support.loops import run_alone

from qa import Assistant
from ui.server import app as server
from ui.server import guard, overload

CHECKED_WITH = "6.31"


def moved(what: str, where: str) -> str:
    return f"Gradio {gradio.__version__} has no {what} (last seen in {CHECKED_WITH}): see {where}"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """A page."""
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))

    async def build() -> FastAPI:  # in an event loop, as when it is served
        return server.build_app(assistant, hosts=["testserver"])

    return run_alone(build())


def test_an_event_without_a_value_has_no_attribute_of_that_name() -> None:
    where = "ui/page/events.py"
    event = gradio.EventData(None, {"number": "7"})
    assert event.number == "7", moved("values as attributes of EventData", where)
    assert getattr(event, "other", None) is None, moved("AttributeError of EventData", where)
    with pytest.raises(TypeError):
        getattr(gradio.EventData(None, None), "number", None)


def test_the_request_of_an_event_is_in_the_local_context() -> None:
    found = getattr(LocalContext, "request", None)
    assert isinstance(found, ContextVar), moved("LocalContext.request", "ui/i18n/language.py")


def test_the_routes_that_the_guard_lets_through_are_gradios(app: FastAPI) -> None:
    gradio_app: Any = next(route.app for route in app.routes if isinstance(route, Mount))
    paths = gradio_app.openapi()["paths"]
    for call in guard._CALLS:
        path = call.replace("run/predict", "run/{api_name}")
        assert {path, f"{path}/"} & paths.keys(), moved(f"route {call}", "ui/server/guard.py")


def test_a_full_queue_is_said_as_it_was() -> None:
    assert overload._FULL.decode() in inspect.getsource(queueing), moved("'Queue is full'", "ui/server/overload.py")
