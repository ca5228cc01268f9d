"""A long conversation: each exchange is sent once, and what was said before stays as the reader left it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.pages import Served, ask, exact

from ui.html.conversations import chat_html, latest_html
from ui.state.chat import Chat

pytest_plugins = ["support.page_fixtures"]

AMBASSADOR = "Who is the Canadian ambassador?"
HIDING = "How many North Koreans are hiding in China?"
FRANCE = "What is the capital of France?"
ZEBRAS = "What did the zebra council decide to repaint?"


def asked_together(page: Page, served: Served, monkeypatch: pytest.MonkeyPatch, question: str) -> Callable[[], None]:
    """Ask, and let the answer come when what is returned is called."""
    answering, answered = served.assistant.ask, threading.Event()

    def waiting(*args: Any, **options: Any) -> Any:
        assert answered.wait(60)
        return answering(*args, **options)

    monkeypatch.setattr(served.assistant, "ask", waiting)
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".reading-now")).to_be_visible()
    return answered.set


def numbers(page: Page) -> list[str | None]:
    return [each.get_attribute("data-number") for each in page.locator(".exchange").all()]


def test_a_question_brings_its_own_exchange_and_none_of_those_before(page: Page) -> None:
    streams, received = set(), [0]
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def requested(event: dict[str, Any]) -> None:
        if "/queue/data" in event["request"]["url"]:
            streams.add(event["requestId"])

    def came(event: dict[str, Any]) -> None:
        received[-1] += event["dataLength"] if event["requestId"] in streams else 0

    network.on("Network.requestWillBeSent", requested)
    network.on("Network.dataReceived", came)
    for _ in range(6):
        ask(page, HIDING)
        page.wait_for_timeout(300)
        received.append(0)
    assert received[0] > 5_000
    assert received[5] < 1.2 * received[1]


@pytest.mark.slow
def test_the_newest_exchange_is_rendered_as_the_last_of_the_whole(served: Served) -> None:
    chat = Chat().ask(served.assistant, HIDING).ask(served.assistant, AMBASSADOR)
    newest = latest_html(chat)
    assert newest.count("<h2") == 1
    section = newest.partition("<section")[2].removesuffix("</div>")
    assert chat_html(chat).endswith(f"<section{section}</div>")


def test_every_quote_of_a_long_conversation_is_the_stored_text_and_opens_at_its_place(page: Page, served: Served) -> None:
    for question in (HIDING, ZEBRAS, AMBASSADOR, FRANCE, ZEBRAS):
        ask(page, question)
    assert numbers(page) == ["1", "2", "3", "4", "5"]
    quotes = page.locator(".quoted").all()
    assert len(quotes) >= 5
    for quote in quotes:
        button = quote.locator(".citation .cite").first
        place = {name: button.get_attribute(f"data-{name}") or "" for name in ("article", "version", "start", "end")}
        article = served.assistant.article(place["article"], place["version"])
        assert exact(quote.locator("blockquote")) == article.text[int(place["start"]) : int(place["end"])]
    page.locator(".exchange").first.locator(".quoted .cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    assert exact(page.locator("#quote")) == exact(page.locator("blockquote").first)


def test_what_the_reader_unfolded_and_judged_stays_when_another_question_is_asked(page: Page) -> None:
    first = ask(page, HIDING)
    earlier = page.locator(".exchange").first
    first.get_by_text("What was searched").click()
    first.get_by_label("Searched for").fill("something else")
    earlier.locator(".thumb.up").first.click()
    expect(earlier.locator(".thumb.up").first).to_have_attribute("aria-pressed", "true")
    ask(page, AMBASSADOR)
    expect(earlier.get_by_label("Searched for")).to_be_visible()
    expect(earlier.get_by_label("Searched for")).to_have_value("something else")
    expect(earlier.locator(".thumb.up").first).to_have_attribute("aria-pressed", "true")
    earlier.locator(".thumb.up").first.click()
    expect(earlier.locator(".thumb.up").first).to_have_attribute("aria-pressed", "false")


def test_the_newest_question_stands_at_the_top_and_has_the_focus_that_was_among_those_before(page: Page) -> None:
    ask(page, HIDING)
    first = ask(page, FRANCE)
    first.get_by_text("What was searched").click()
    first.get_by_role("button", name="Search again").press("Enter")
    expect(page.locator(".exchange")).to_have_count(3)
    newest = page.locator(".exchange").last
    expect(newest.locator("h2")).to_be_focused()
    expect(newest.locator(".answer")).to_be_visible(timeout=60_000)
    expect(newest.locator("h2")).to_be_focused()
    expect(newest.locator("h2")).to_be_in_viewport()
    assert (
        newest.evaluate("each => each.getBoundingClientRect().top - each.closest('#conversation').getBoundingClientRect().top")
        < 5
    )


def test_no_more_exchanges_stand_there_than_the_conversation_shows(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.state.chat.MOST_SHOWN", 3)
    for number, question in enumerate((HIDING, FRANCE, AMBASSADOR, ZEBRAS, FRANCE), start=1):
        page.get_by_label("Your question").fill(question)
        page.get_by_label("Your question").press("Enter")
        expect(page.locator(f".exchange[data-number='{number}'] .answer")).to_be_visible(timeout=60_000)
    assert numbers(page) == ["3", "4", "5"]


def test_a_conversation_begun_while_an_answer_comes_gives_way_to_the_one_that_is_answered(
    page: Page, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(page, HIDING)
    answer = asked_together(page, served, monkeypatch, AMBASSADOR)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".opening")).to_be_visible()
    answer()
    expect(page.locator(".exchange .answer")).to_have_count(2)
    expect(page.locator(".opening")).to_have_count(0)
    ask(page, FRANCE)
    assert numbers(page) == ["1", "2", "3"]
    assert [exact(each) for each in page.locator(".exchange .question").all()] == [HIDING, AMBASSADOR, FRANCE]


def test_what_was_lost_on_the_way_is_fetched_before_the_next(page: Page) -> None:
    ask(page, HIDING)
    ask(page, AMBASSADOR)
    page.locator(".exchange").last.evaluate("each => each.remove()")
    page.get_by_label("Your question").fill(FRANCE)
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".exchange .answer")).to_have_count(3, timeout=60_000)
    assert [exact(each) for each in page.locator(".exchange .question").all()] == [HIDING, AMBASSADOR, FRANCE]


def test_a_new_conversation_is_empty_however_many_were_begun_before(page: Page) -> None:
    for _ in range(3):
        ask(page, FRANCE)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".exchange")).to_have_count(0)
        expect(page.locator(".opening")).to_be_visible()
