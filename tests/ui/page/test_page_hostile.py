"""Hostile texts in titles, texts, file names, authors, questions and errors: shown as they are, and nothing of them happens."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect
from support.hostile import PAYLOADS
from support.pages import Served, ask, exact, serving

from embeddings import Encoder
from qa import Assistant
from qa.types.errors import LibraryError

pytest_plugins = ["support.page_fixtures"]

_TOGETHER = 4  # payloads in one article and one question; what is shown is compared with all of it, so none hides another
GROUPS = [" | ".join(PAYLOADS[start : start + _TOGETHER]) for start in range(0, len(PAYLOADS), _TOGETHER)]
_AT_ONCE = 10  # groups a visit
CHUNKS = [range(start, min(start + _AT_ONCE, len(GROUPS))) for start in range(0, len(GROUPS), _AT_ONCE)]


def name_of(number: int) -> str:
    """Return a file name with the payloads of a group, as many as a file system takes."""
    return f"{number:02d} {GROUPS[number]}".replace("/", "∕").encode()[:200].decode(errors="ignore") + ".txt"


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Served]:
    """The page of a library in which every article is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, payloads in enumerate(GROUPS):
        paragraphs = (
            f"Keeper {number} and {payloads}",
            f"Keeper number {number} painted {payloads} on the lighthouse door.",
            "Nobody minded.",
        )
        text = "\n\n".join(paragraphs)
        (folder / name_of(number)).write_bytes(text.encode())
    told = {"title": "Harbour", "text": "The harbour was dredged in spring by four boats.", "url": "javascript:__pwn=1"}
    lines = [
        json.dumps({**told, "id": f"{number}", "author": payload, "tags": [payload], "site": payload, "language": payload[:8]})
        for number, payload in enumerate(PAYLOADS)
    ]
    (folder / "records.jsonl").write_text("\n".join(lines))
    assistant = Assistant.open(tmp_path_factory.mktemp("library"), reader="none")  # what a page escapes is the same without
    assistant._encoder = encoder
    report = assistant.add(folder)
    assert (len(report.added), report.failed) == (len(GROUPS) + len(PAYLOADS), ())
    with serving(assistant, examples=PAYLOADS) as served:
        yield served


@pytest.fixture
def watched(browser: Browser, besieged: Served) -> Iterator[Page]:
    """Opens the page, and at the end holds that nothing ran, nothing was asked of the world and no dialog opened."""
    troubles: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})

    def requested(request: Request) -> None:
        if not request.url.startswith((besieged.address, "data:", "blob:")):
            troubles.append(request.url)

    page = context.new_page()
    page.on("request", requested)
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("popup", lambda popup: troubles.append(popup.url))
    page.goto(besieged.address)
    expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
    yield page
    assert page.evaluate("() => '__pwn' in window") is False
    assert page.url.startswith(besieged.address)
    context.close()
    assert troubles == []


@pytest.mark.parametrize("numbers", CHUNKS, ids=str)
def test_a_payload_in_text_title_file_name_and_question_is_shown_as_it_is(
    watched: Page, besieged: Served, numbers: range
) -> None:
    for number in numbers:
        question = f"What did keeper number {number} paint: {GROUPS[number]}?"
        exchange = ask(watched, question)
        assert exact(exchange.locator(".question")) == question
        for quote in exchange.locator(".quoted").all():
            button = quote.locator(".cite").first
            place = {name: button.get_attribute(f"data-{name}") or "" for name in ("article", "version", "start", "end")}
            text = besieged.assistant.article(place["article"], place["version"]).text
            assert exact(quote.locator("blockquote")) == text[int(place["start"]) : int(place["end"])]
        opening = watched.locator("#pane [data-opening]").get_attribute("data-opening")
        exchange.locator("button[data-event=open]").first.dispatch_event("click")
        expect(watched.locator(f"#pane [data-opening]:not([data-opening='{opening}']) .reading")).to_be_visible()
    watched.wait_for_timeout(500)


def test_the_list_of_articles_and_the_examples_show_payloads_as_they_are(watched: Page, besieged: Served) -> None:
    titles = {article.title for article in besieged.assistant.articles()}
    shown = {exact(title) for title in watched.locator("#article .contents .title").all()}
    assert shown == titles
    assert [exact(example) for example in watched.locator(".examples button").all()] == list(PAYLOADS)
    watched.get_by_role("tab", name="Library").click()
    expect(watched.locator("#library")).to_be_visible()
    watched.wait_for_timeout(500)


def test_an_error_that_repeats_a_payload_shows_it_as_it_is(
    watched: Page, besieged: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for payload in PAYLOADS[:20]:

        def fail(*_: object, told: str = payload, **__: object) -> None:
            raise LibraryError(f"The library {told} cannot be read.")

        monkeypatch.setattr(besieged.assistant, "ask", fail)
        assert exact(ask(watched, "anything there").locator(".trouble")) == f"The library {payload} cannot be read."


def test_an_article_with_a_payload_in_its_details_opens_as_it_is(watched: Page, besieged: Served) -> None:
    records = [article for article in besieged.assistant.articles() if article.title == "Harbour"]
    assert {article.author for article in records} >= {PAYLOADS[0], PAYLOADS[7]}
    for article in records[:15]:
        watched.locator(f"#article button[data-article='{article.id}']").click()
        expect(watched.locator(".article-text")).to_have_text("The harbour was dredged in spring by four boats.")
        watched.get_by_role("button", name="Close article").click()
        expect(watched.locator(".reading")).to_have_count(0)
