"""Take the pictures of the page in `docs/screenshots`: `python -m benchmarks.screenshots`.

The page of the seeds, served by a process of its own, in Chromium: on a desktop, on a phone and in the dark. It takes a minute
or two.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.page import open_browser, serve_page
from qa import Assistant

_ROOT = Path(__file__).parents[1]
_ASKED = ("Who is the Canadian ambassador?", "How many North Koreans are hiding in China?")
_LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
}


def main() -> None:
    """Take a picture of each tab in each look."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--output", type=Path, default=_ROOT / "docs" / "screenshots")
    chosen = options.parse_args()
    chosen.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pullquote-") as temporary:
        library = Path(temporary, "library")
        Assistant.open(library).add(_ROOT / "seeds")
        with serve_page(library, str(_ROOT / "seeds")) as address, open_browser() as browser:
            for look, context_options in _LOOKS.items():
                for tab, show in _TABS.items():
                    _take(browser, address, context_options, show, chosen.output / f"{tab}-{look}.png")


def _take(browser: Browser, address: str, context_options: dict[str, Any], show: Callable[[Page], None], path: Path) -> None:
    with browser.new_context(**context_options) as context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("#pane [data-opening]:not([data-opening='1']) .contents")
        show(page)
        page.wait_for_timeout(700)
        page.screenshot(path=path)
        print(path)


def _ask(page: Page) -> None:
    for number, question in enumerate(_ASKED, start=1):
        page.get_by_label("Your question").fill(question)
        page.get_by_label("Your question").press("Enter")
        page.wait_for_function(f"document.querySelectorAll('.exchange .answer').length === {number}")
        page.wait_for_timeout(1000)


def _ask_and_open(page: Page) -> None:
    _ask(page)
    page.locator(".exchange:last-child .quoted .cite").first.click()
    page.wait_for_selector("#quote")


def _library(page: Page) -> None:
    page.get_by_role("tab", name="Library").click()


def _measure(page: Page) -> None:
    page.get_by_role("tab", name="Measure").click()
    page.get_by_role("button", name="Measure").click()
    page.wait_for_selector(".run", timeout=120_000)


_TABS = {"ask": _ask, "article": _ask_and_open, "library": _library, "measure": _measure}

if __name__ == "__main__":
    main()
