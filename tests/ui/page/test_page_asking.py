"""What is typed or asked is not lost: with a slow or broken connection, a server started anew, or a page loaded anew."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.pages import Served, ask, exact, separate_pages, serving, wait_until
from support.proxies import Proxy

from qa import Assistant

pytest_plugins = ["support.page_fixtures"]

ORCHARD = (
    "Orchard news\n\nThe cider press of Pomona was mended by Ines Roy in May. The apple queen opened the harvest with a drum.\n"
)
QUESTIONS = [
    "Who mended the cider press?",
    "Who opened the harvest?",
    "When was the press mended?",
    "What did the apple queen beat?",
]


class Gate:
    """Lets questions be answered, or keeps them waiting."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()


@pytest.fixture
def gate(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_offers: None) -> Iterator[Gate]:
    """What the answers of a library of one article wait for."""
    (tmp_path / "orchard.txt").write_text(ORCHARD)
    assistant.add(tmp_path / "orchard.txt")
    gate, answer = Gate(), assistant.ask

    def answer_later(*args: Any, **options: Any) -> Any:
        assert gate.open.wait(60)
        return answer(*args, **options)

    monkeypatch.setattr(assistant, "ask", answer_later)
    yield gate
    gate.open.set()


@pytest.fixture
def served_slowly(assistant: Assistant, gate: Gate) -> Iterator[Served]:
    with serving(assistant) as served:
        yield served


@pytest.fixture
def visiting(browser: Browser) -> Iterator[Callable[[str], Page]]:
    with separate_pages(browser) as open_page:
        yield partial(open_page, viewport={"width": 1280, "height": 800})


def box_of(page: Page) -> Locator:
    return page.get_by_label("Your question")


def send(page: Page, question: str) -> None:
    box_of(page).fill(question)
    box_of(page).press("Enter")


def expect_answered(page: Page, questions: list[str]) -> None:
    expect(page.locator(".exchange .answer")).to_have_count(len(questions), timeout=60_000)
    assert [exact(each) for each in page.locator("#conversation .question").all()] == questions


def test_the_page_comes_back_with_all_that_was_asked_after_the_connection_or_the_server_was_gone(
    assistant: Assistant, gate: Gate, visiting: Callable[[str], Page]
) -> None:
    with serving(assistant) as first, serving(assistant) as second, Proxy(first.port) as proxy:
        page = visiting(proxy.address)
        ask(page, QUESTIONS[0])
        page.context.set_offline(True)
        send(page, QUESTIONS[1])
        expect(page.locator(".waiting .question")).to_have_text(QUESTIONS[1])
        box_of(page).fill("typed meanwhile")
        page.context.set_offline(False)
        expect_answered(page, QUESTIONS[:2])
        expect(box_of(page)).to_have_value("typed meanwhile")
        proxy.exchange(second.port)
        send(page, QUESTIONS[2])
        expect_answered(page, QUESTIONS[:3])
        gate.open.clear()
        send(page, QUESTIONS[3])
        expect(page.locator(".exchange .reading-now")).to_be_visible()
        proxy.exchange(first.port)
        with page.expect_event("load", timeout=30_000):
            pass
        gate.open.set()
        expect_answered(page, QUESTIONS)
        (heading,) = assistant.journal.conversations()
        wait_until(page, lambda: len(assistant.journal.conversation(heading.id)) == len(QUESTIONS))


def test_what_is_typed_stays_and_what_is_sent_is_what_was_typed(
    assistant: Assistant, gate: Gate, served_slowly: Served, visiting: Callable[[str], Page]
) -> None:
    page = visiting(served_slowly.address)
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    network = page.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", slow)
    send(page, QUESTIONS[0])
    page.keyboard.type("When")
    expect(page.locator("#conversation .question")).to_have_text(QUESTIONS[0], timeout=300)  # before the server knows of it
    expect_answered(page, QUESTIONS[:1])
    expect(box_of(page)).to_have_value("When")
    network.send("Network.emulateNetworkConditions", slow | {"latency": 0})
    at_once = """(box, text) => { box.value = text; box.dispatchEvent(new Event("input", { bubbles: true }));
        box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })); }"""
    box_of(page).evaluate(at_once, QUESTIONS[1])
    expect_answered(page, QUESTIONS[:2])

    long = "why " * 600
    expect(ask(page, long).get_by_role("alert")).to_contain_text("limit is 2,000")
    expect(box_of(page)).to_have_value(long)

    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)
    gate.open.clear()
    send(page, QUESTIONS[2])
    expect(page.locator(".exchange .reading-now")).to_be_visible()
    send(page, QUESTIONS[3])
    expect(page.locator(".waiting")).to_contain_text("Waits for the question before it…")
    box_of(page).fill("typed meanwhile")
    page.reload()
    expect(page.locator(".exchange .reading-now")).to_be_visible(timeout=30_000)
    expect(box_of(page)).to_have_value("typed meanwhile")
    gate.open.set()
    expect_answered(page, QUESTIONS[2:])
    assert [heading.n_answers for heading in assistant.journal.conversations()] == [2, 2]
    page.reload()  # nothing is asked twice
    expect_answered(page, QUESTIONS[2:])


def test_filters_outlive_a_reload(served_slowly: Served, visiting: Callable[[str], Page]) -> None:
    page = visiting(served_slowly.address)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Source").fill("orchard")
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Filters (1)")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("button", name="Filters", exact=True)).to_be_visible()
    page.reload()
    expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Filters", exact=True)).to_be_visible()
