"""Serve a page under test, and ask and read on it as a user does."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from qa import Assistant
from ui.server.app import serve

EXAMPLES = ["Who is the Canadian ambassador?", "How many North Koreans are hiding in China?"]

ATTACK = (
    'a <script>__pwn=1</script> <img src="https://example.com/x.png" onerror="__pwn=2"> <style>*{display:none}</style> '
    '<svg onload="__pwn=3"></svg> <iframe srcdoc="<script>__pwn=4</script>"></iframe> [x](javascript:__pwn=5) '
    "![](https://example.com/y.png) ${__pwn=6} `${7*7}` {{value}} {{#each}} $a_b$ $$x^2$$ *x* _y_ &lt;b&gt; </div></blockquote>"
)
NASTY = (
    f"Zebra council {ATTACK}\r\n\r\n"
    "  The zebra council\u00a0met  twice,\tin Łódź: ${1+1} {{x}} $a_b$ *x* <b>bold</b> 👩‍👩‍👧‍👦 e\u0301.\r\n"
    f"The zebra council decided to repaint {ATTACK} on Monday.\r\n\r\n"
    "\u05e9\u05dc\u05d5\u05dd \u202eoverride\u202c \u200b.\r\n"
    "&amp; &#13; The end\u2028of it all.\n\r\n"
)


@dataclass(frozen=True)
class Served:
    """A served page, and the assistant that answers on it."""

    address: str
    assistant: Assistant

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


@contextmanager
def serving(assistant: Assistant, examples: Sequence[str] = (), **options: Any) -> Iterator[Served]:
    """Serve the page of a library within the `with` block. A server left running would slow the tests that follow."""
    addresses: queue.Queue[str] = queue.Queue()
    ended = threading.Event()
    options |= {"port": 0, "on_ready": addresses.put, "ended": ended}
    threading.Thread(target=serve, args=(assistant, examples), kwargs=options, daemon=True).start()
    try:
        yield Served(addresses.get(timeout=120), assistant)
    finally:
        ended.set()


@contextmanager
def separate_pages(browser: Browser, on_page: Callable[[Page], object] = lambda _page: None) -> Iterator[Callable[..., Page]]:
    """Yield a function that opens an address in a browser context of its own, which is closed at the end.

    Args:
        on_page: called with each page before it is loaded.
    """
    contexts: list[BrowserContext] = []

    def open_page(address: str, **options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        on_page(page)
        page.goto(address)
        expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


def ask(page: Page, question: str) -> Locator:
    """Ask by the keyboard, and return the exchange once it has ended."""
    exchanges = page.locator(".exchange")
    number = exchanges.count()
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    expect(exchanges).to_have_count(number + 1)
    expect(exchanges.last.locator(".answer, .trouble")).to_be_visible(timeout=60_000)
    return exchanges.last


def wait_until(page: Page, condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something that the page does not show has come to be."""
    for _ in range(round(seconds / 0.05)):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it has not come to be")


def exact(locator: Locator) -> str:
    """Return the text of an element, character for character."""
    text: str = locator.evaluate("element => element.textContent")
    return text


def objections(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe-core objects to on the page: each rule, and the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    violations = page.evaluate("async () => (await axe.run()).violations")
    return [(violation["id"], [node["html"][:200] for node in violation["nodes"]]) for violation in violations]


def objections_in_both_schemes(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe-core objects to in light or in dark colours, each once the colours have stopped changing."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(
            """dark => document.body.classList.contains("dark") === dark
                && document.getAnimations().every((each) => !(each instanceof CSSTransition))""",
            arg=scheme == "dark",
        )
        found += objections(page)
    return found
