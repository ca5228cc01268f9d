"""While more wait than the page takes, who asks is told so, and keeps the question."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from support.pages import Served, exact, serving

from benchmarks.crowd import Asked, Site
from qa import Assistant
from ui.page.events import AT_ONCE
from ui.server.overload import BUSY, Busy

pytest_plugins = ["support.page_fixtures"]
pytestmark = pytest.mark.slow  # they serve a page of their own

SEEDS = Path(__file__).parents[3] / "seeds"
AMBASSADOR = "Who is the Canadian ambassador?"


@dataclass
class Crowded:
    """A page on which as many questions are being answered and wait as it takes, until they are let go."""

    served: Served
    site: Site
    asked: list[Any]
    go_on: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def crowded(tmp_path: Path, encoder: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crowded]:
    monkeypatch.setattr("ui.page.page._MOST_WAITING", 1)
    assistant = Assistant.open(tmp_path / "library")
    assistant._encoder = encoder  # type: ignore[assignment]
    assistant.add(sorted(SEEDS.glob("*.txt")))
    with serving(assistant) as served, ThreadPoolExecutor(AT_ONCE + 1) as readers:
        answering, begun, go_on = assistant.ask, threading.Semaphore(0), threading.Event()

        def waiting(*args: Any, **options: Any) -> Any:
            begun.release()
            assert go_on.wait(120)
            return answering(*args, **options)

        monkeypatch.setattr(assistant, "ask", waiting)
        site = Site(served.address)
        asked = []
        for _ in range(AT_ONCE):
            asked.append(readers.submit(site.ask, AMBASSADOR))
            assert begun.acquire(timeout=60)
        asked.append(readers.submit(site.ask, AMBASSADOR))
        time.sleep(1)  # until it has come there
        try:
            yield Crowded(served, site, asked, go_on)
        finally:
            go_on.set()


def test_a_reader_is_told_and_keeps_the_question(crowded: Crowded, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(crowded.served.address)
    expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
    box = page.get_by_label("Your question")
    box.fill(AMBASSADOR)
    box.press("Enter")
    told = page.get_by_test_id("toast-body")
    expect(told).to_contain_text(BUSY)
    expect(told).not_to_contain_text("application")
    expect(box).to_have_value(AMBASSADOR)
    crowded.go_on.set()
    assert [each.result().refused for each in crowded.asked] == [""] * (AT_ONCE + 1)
    box.press("Enter")
    expect(page.locator(".exchange .answer")).to_be_visible(timeout=60_000)
    assert exact(page.locator(".exchange .question")) == AMBASSADOR
    page.close()


def test_a_program_is_told_by_the_status_that_gradios_client_knows(crowded: Crowded) -> None:
    refused: Asked = crowded.site.ask(AMBASSADOR)
    assert BUSY in refused.refused
    body = {"data": [AMBASSADOR, 5, *[None] * 7], "fn_index": crowded.site._named["ask"], "session_hash": "x"}
    join = f"{crowded.served.address}/gradio_api/queue/join"
    assert httpx.post(join, json=body).status_code == 503
    assert httpx.post(join, json=body, headers={"origin": crowded.served.address}).status_code == 429


@pytest.mark.parametrize(
    ("said", "status"), [("Queue is stopped.", 503), ("Session hash not found.", 400), ("Queue is full", 200)]
)
def test_what_else_is_said_stays_as_it_is(said: str, status: int) -> None:
    async def join(_: object) -> JSONResponse:
        return JSONResponse({"detail": said}, status)

    app = Busy(Starlette(routes=[Route("/gradio_api/queue/join", join, methods=["POST"])]))
    told = TestClient(app).post("/gradio_api/queue/join", headers={"origin": "http://testserver"})
    assert (told.status_code, told.json()) == (status, {"detail": said})
