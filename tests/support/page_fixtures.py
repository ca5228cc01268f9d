"""Fixtures of a page served as by `pullquote serve`, with a real library and encoder, and of a browser that opens it."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright
from support.pages import EXAMPLES, NASTY, Served, serving

from embeddings import Encoder
from qa import Assistant
from qa.question.suggestions import suggest

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Served]:
    """Serve the page of a library with the seeds and a hostile article until the tests end."""
    nasty = tmp_path_factory.mktemp("articles") / 'zebra\'s "council" <b>.txt'
    nasty.write_bytes(NASTY.encode())
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    assistant._encoder = encoder
    report = assistant.add([*sorted(SEEDS.glob("*.txt")), nasty])
    assert not report.failed
    with serving(assistant, EXAMPLES) as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # The first opens no windows, which takes half the processor time.
    named = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
    executable = os.environ.get("PULLQUOTE_CHROMIUM") or next(filter(None, map(shutil.which, named)), None)
    if not executable:
        pytest.skip("no Chromium: install it (apt-get install chromium) to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that makes a browser context. The same options give the same context, which caches Gradio's scripts."""
    contexts: dict[str, BrowserContext] = {}

    def context_with(**options: object) -> BrowserContext:
        key = repr(sorted(options.items()))
        if key not in contexts:
            contexts[key] = browser.new_context(**options)  # type: ignore[arg-type]
        return contexts[key]

    yield context_with
    for context in contexts.values():
        context.close()


@pytest.fixture
def no_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer no questions to ask next. Each answer would have several tried, which takes longer than itself."""
    monkeypatch.setattr("ui.page.ask_tab.suggest", lambda *_: ())


@pytest.fixture
def visit(context: Callable[..., BrowserContext], served: Served, no_offers: None) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the page. Check at the end for outside requests, logged errors and injected scripts."""
    pages: list[Page] = []
    outside: list[str] = []
    troubles: list[str] = []

    def check_request(request: Request) -> None:
        if not request.url.startswith((served.address, "data:", "blob:")):
            outside.append(request.url)

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(message.text)

    def open_page(**options: object) -> Page:
        page = context(**options).new_page()
        pages.append(page)
        page.on("request", check_request)
        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(served.address)
        expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)  # visible once the page handles events
        return page

    yield open_page
    attacked = [page.url for page in pages if page.evaluate("() => '__pwn' in window")]
    for page in pages:
        page.context.clear_permissions()
        page.close()
    assert (outside, troubles, attacked) == ([], [], [])


@pytest.fixture
def offers(no_offers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer questions to ask next, however long they take to be tried. The page gives up early, and so on a busy machine."""
    monkeypatch.setattr("ui.page.ask_tab.suggest", partial(suggest, seconds=30))


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """Open the page on a desktop."""
    return visit(viewport={"width": 1280, "height": 800})


@pytest.fixture
def phone(visit: Callable[..., Page]) -> Page:
    """Open the page on a phone."""
    return visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
