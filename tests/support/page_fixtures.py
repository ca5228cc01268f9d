"""A page served as `pullquote serve` does, from a real library with the real encoder, and a browser to look at it with."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright
from support.pages import EXAMPLES, NASTY, Served, serving

from qa import Assistant

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page of a library with the seeds and a nasty article; it is served until the tests end."""
    nasty = tmp_path_factory.mktemp("articles") / 'zebra\'s "council" <b>.txt'
    nasty.write_bytes(NASTY.encode())
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    report = assistant.add([*sorted(SEEDS.glob("*.txt")), nasty])
    assert not report.failed
    with serving(assistant, EXAMPLES) as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    named = ("chromium", "google-chrome", "chromium-browser")
    found = os.environ.get("PULLQUOTE_CHROMIUM") or next(filter(None, map(shutil.which, named)), None)
    if not found:
        pytest.skip("no Chromium: install it (apt-get install chromium) to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """Opens the page in a browser of its own, and at the end holds that nothing was asked of the world nor went wrong."""
    contexts: list[BrowserContext] = []
    outside: list[str] = []
    troubles: list[str] = []

    def requested(request: Request) -> None:
        if not request.url.startswith((served.address, "data:", "blob:")):
            outside.append(request.url)

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(message.text)

    def visiting(**options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("request", requested)
        page.on("console", said)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(served.address)
        # it comes once the page listens
        expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
        return page

    yield visiting
    pwned = [page.url for context in contexts for page in context.pages if page.evaluate("() => '__pwn' in window")]
    for context in contexts:
        context.close()
    assert (outside, troubles, pwned) == ([], [], [])


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """The page on a desktop."""
    return visit(viewport={"width": 1280, "height": 800})


@pytest.fixture
def phone(visit: Callable[..., Page]) -> Page:
    """The page on a phone."""
    return visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
