"""How fast the page feels: `python -m benchmarks.page --squad dev-v1.1.json`.

Data: a library of SQuAD's 2,067 paragraphs, whose page a process of its own serves to Chromium on the same machine. Measured
in fresh browsers are the times to the first paint and until a question can be typed. Then the time from the key that sends a
question to the answer on the screen. It takes some five minutes on two cores.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.support.table import Bar, Row, alone, as_text
from qa import Assistant
from qa.evaluation import unpack_squad
from qa.evaluation.metrics.speed import percentile

_WARM = 5  # questions before any is timed
_LONG, _LAST = 50, 10  # questions of a long conversation, and the last ones, which are timed
_TIMED = """question => new Promise(resolve => {
    const box = document.querySelector("#question textarea"), all = document.querySelector("#conversation");
    const lastAnswered = () => // the id of the last answered question; the page shows only so many at once
        [...all.querySelectorAll(".exchange:has(.answer, .trouble) .question")].pop()?.id;
    const before = lastAnswered();
    const start = performance.now();
    const observer = new MutationObserver(() => {
        if (lastAnswered() === before) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
    });
    observer.observe(all, { childList: true, subtree: true });
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
})"""
_PAINTED = """() => new Promise(resolve => new PerformanceObserver(list => {
    for (const each of list.getEntries()) if (each.name === "first-contentful-paint") resolve(each.startTime);
}).observe({ type: "paint", buffered: true }))"""


def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--squad", type=Path, required=True, help="SQuAD 1.1 dev")
    options.add_argument("--questions", type=int, default=50)
    options.add_argument("--visits", type=int, default=5, help="fresh browsers for the first paint")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="pullquote-") as temporary:
        folder = Path(temporary)
        asked = unpack_squad(chosen.squad, folder / "articles")
        report = Assistant.open(folder / "library").add(folder / "articles")
        questions = [each.question for each in random.Random(0).sample(asked, chosen.questions + _WARM)]
        with serve_page(folder / "library") as address, open_browser() as browser:
            visits = [_visit(browser, address) for _ in range(chosen.visits)]
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(address)
            page.wait_for_selector("#pane .contents")
            page.wait_for_timeout(1000)
            first = [_ask_first(page, question) for question in questions][_WARM:]
            _begin_conversation(page)
            late = [_ask(page, question) for question in questions[:_LONG]][-_LAST:]
    painted, ready = zip(*visits, strict=True)
    rows = [
        Row(f"The page of {len(report.added):,} paragraphs of SQuAD"),
        alone("first paint in a fresh browser, median", median(painted) / 1e3, unit="s", bar=Bar(2, at_least=False, unit="s")),
        alone("until a question can be typed, median", median(ready) / 1e3, unit="s"),
        alone("from question to answer shown, median", median(first) / 1e3, unit="s", bar=Bar(0.3, at_least=False, unit="s")),
        alone("from question to answer shown, 95th percentile", percentile(first, 0.95) / 1e3, unit="s"),
        alone(f"the last {_LAST} of {_LONG} questions in one conversation, median", median(late) / 1e3, unit="s"),
    ]
    print(as_text(rows))


@contextmanager
def serve_page(library: Path, *articles: str) -> Iterator[str]:
    """Serve a library's page in a process of its own, and yield its address."""
    command = [sys.executable, "-m", "ui.cli", "serve", *articles, "--library", str(library), "--port", "0", "--no-token"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(line for line in process.stdout if line.startswith("Pullquote:")).split()[-1]
        finally:
            process.terminate()


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Open Chromium, from $PULLQUOTE_CHROMIUM or the path."""
    names = ("chromium", "google-chrome", "chromium-browser")
    executable = os.environ.get("PULLQUOTE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


def _visit(browser: Browser, address: str) -> tuple[float, float]:
    """Return the milliseconds to the first paint and until the question box is visible."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("#question textarea", state="visible")
        ready = page.evaluate("() => performance.now()")
        return float(page.evaluate(_PAINTED)), float(ready)


def _ask_first(page: Page, question: str) -> float:
    """Return the milliseconds that the first question of a conversation takes."""
    _begin_conversation(page)
    return _ask(page, question)


def _begin_conversation(page: Page) -> None:
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_function("!document.querySelector('#conversation .exchange')")


def _ask(page: Page, question: str) -> float:
    page.wait_for_timeout(1_000)  # a user reads first, while the page finishes its work
    return float(page.evaluate(_TIMED, question))


if __name__ == "__main__":
    main()
