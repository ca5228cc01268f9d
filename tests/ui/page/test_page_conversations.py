"""Conversations are kept, found again, exported, and each answer has an address under which it is compared with what is now."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.pages import NASTY, Served, ask, exact, objections, serving

from qa import Assistant
from ui.html.citations import citation, markdown

pytest_plugins = ["support.page_fixtures"]

SEEDS = Path(__file__).parents[3] / "seeds"
AMBASSADOR = "Who is the Canadian ambassador?"
HIDING = "How many North Koreans are hiding in China?"
ZEBRAS = "What did the zebra council decide to repaint?"
Visiting = Callable[..., Page]


@pytest.fixture
def keeping(tmp_path: Path, encoder: object) -> Iterator[Served]:
    """The page of a library of its own."""
    articles = tmp_path / "articles"
    articles.mkdir()
    for path in SEEDS.glob("*.txt"):
        (articles / path.name).write_bytes(path.read_bytes())
    (articles / "zebra.txt").write_bytes(NASTY.encode())
    assistant = Assistant.open(tmp_path / "library")
    assistant._encoder = encoder  # type: ignore[assignment]
    assistant.add(articles)
    with serving(assistant) as served:
        yield served


@pytest.fixture
def visiting(browser: Browser) -> Iterator[Visiting]:
    """Opens an address in a browser of its own, in which nothing may go wrong."""
    contexts, troubles = [], []

    def opening(address: str, **options: object) -> Page:
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(address)
        expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
        return page

    yield opening
    for context in contexts:
        context.close()
    assert troubles == []


def unfold(page: Page) -> None:
    page.locator("#conversations .conversations > summary").click()


def test_after_a_restart_a_conversation_is_still_there_and_goes_on(
    keeping: Served, visiting: Visiting, encoder: object
) -> None:
    ask(visiting(keeping.address), AMBASSADOR)
    again = Assistant.open(keeping.assistant.library.folder)
    again._encoder = encoder  # type: ignore[assignment]
    with serving(again) as restarted:
        page = visiting(restarted.address)
        unfold(page)
        page.locator("#conversations .conversation", has_text=AMBASSADOR).click()
        expect(page.locator(".exchange .quoted")).to_have_count(1)
        expect(ask(page, "What did he tell reporters?").locator(".searched")).to_be_visible()
        (heading,) = again.journal.conversations()
        assert heading.n_answers == 2


def test_the_address_leads_back_to_the_conversation_that_is_open(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    ask(page, AMBASSADOR)
    page.wait_for_url("**/?conversation=*")
    same = visiting(page.url)
    expect(same.locator(".exchange .question")).to_have_text(AMBASSADOR)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)
    assert page.url.rstrip("/") == keeping.address


def test_a_conversation_is_found_renamed_and_deleted(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    ask(page, AMBASSADOR)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)
    ask(page, ZEBRAS)
    unfold(page)
    expect(page.locator("#conversations .conversation")).to_have_count(2)
    page.get_by_label("Find").fill("zebra")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#conversations .conversation")).to_have_text([ZEBRAS])
    page.locator("#conversations .more summary").click()
    page.get_by_label("Title").fill("Stripes & <b>paint</b>")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#conversations .conversation").first).to_have_text("Stripes & <b>paint</b>")
    expect(page.locator("#conversations .conversation").first).to_be_visible()
    page.locator("#conversations .more summary").first.click()
    page.get_by_role("button", name="Delete this conversation for good").first.click()
    expect(page.locator("#conversations .conversation")).to_have_text([AMBASSADOR])
    expect(page.locator(".exchange")).to_have_count(0)  # it was the open one
    assert [each.title for each in keeping.assistant.journal.conversations()] == [AMBASSADOR]


def permalink(page: Page) -> str:
    return str(page.locator(".permalink a").last.get_attribute("href"))


def test_a_link_opens_an_answer_and_says_that_it_stands(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    quote = exact(ask(page, AMBASSADOR).locator("blockquote").first)
    found = visiting(f"{keeping.address}/{permalink(page)}")
    expect(found.locator(".standing")).to_contain_text("All that was quoted stands in the articles as they are now.")
    assert exact(found.locator("blockquote").first) == quote
    expect(found.locator(".exchange")).to_have_count(1)


def test_a_link_to_an_answer_whose_article_has_changed_shows_both(keeping: Served, visiting: Visiting, tmp_path: Path) -> None:
    page = visiting(keeping.address)
    ask(page, AMBASSADOR)
    path = next((tmp_path / "articles").glob("000_*.txt"))
    before = path.read_text()
    path.write_text("An editor's note stands here now.\n\n" + before)
    assert len(keeping.assistant.add(path).updated) == 1
    found = visiting(f"{keeping.address}/{permalink(page)}")
    expect(found.locator(".standing")).to_contain_text("0 of 1 quote stand")
    quote = exact(found.locator("blockquote").first)
    found.locator(".quoted .cite").first.click()
    assert exact(found.locator(".article-text")) == before
    found.locator(".standings .place").click()
    expect(found.locator(".article-text")).to_contain_text("An editor's note stands here now.")
    assert exact(found.locator("#quote")) == quote


def test_a_link_to_an_answer_whose_article_was_removed_says_so(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    ask(page, AMBASSADOR)
    article = page.locator(".cite").first.get_attribute("data-article") or ""
    keeping.assistant.remove(article)
    found = visiting(f"{keeping.address}/{permalink(page)}")
    expect(found.locator(".standings")).to_contain_text("the article was removed from the library")


@pytest.mark.parametrize("address", ["?answer=nobody", "?conversation=%3Cscript%3E", "?answer="])
def test_a_link_to_nothing_says_so(keeping: Served, visiting: Visiting, address: str) -> None:
    page = visiting(f"{keeping.address}/{address}")
    expect(page.locator("#conversation .trouble")).to_contain_text("There is no such")


@pytest.mark.parametrize("ending", ["md", "html", "json"])
def test_a_conversation_is_saved_with_every_quote_as_it_stands(
    keeping: Served, visiting: Visiting, ending: str, tmp_path: Path
) -> None:
    page = visiting(keeping.address)
    ask(page, ZEBRAS)
    ask(page, HIDING)
    unfold(page)
    page.locator("#conversations .more summary").first.click()
    with page.expect_download() as saving:
        page.get_by_role("link", name={"md": "Markdown", "html": "HTML", "json": "JSON"}[ending]).click()
    file = tmp_path / f"saved.{ending}"
    saving.value.save_as(file)
    (heading,) = keeping.assistant.journal.conversations()
    quotes = [quote for kept in keeping.assistant.journal.conversation(heading.id) for quote in kept.answer.quotes]
    assert len(quotes) >= 3
    if ending == "json":
        saved = [quote for each in json.loads(file.read_text())["answers"] for quote in each["answer"]["quotes"]]
        assert [quote["text"] for quote in saved] == [quote.text for quote in quotes]
    elif ending == "html":
        looked = visiting(keeping.address)
        looked.set_content(file.read_text())
        shown = [exact(each) for each in looked.locator("blockquote").all()]
        assert [quote.text.replace("\r\n", "\n") for quote in quotes] == [text.replace("\r\n", "\n") for text in shown]
        assert [exact(each) for each in looked.locator(".cited").all()] == [citation(quote) for quote in quotes]
        assert looked.evaluate("() => '__pwn' in window") is False
    else:
        assert all(markdown(quote).strip() in file.read_text() for quote in quotes)


def test_only_conversations_are_sent(keeping: Served) -> None:
    for path in ("nobody.md", "../library.db", "x.exe"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{keeping.address}/export/{path}")


def test_a_thumb_down_and_marked_words_become_drafts(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    ask(page, AMBASSADOR)
    thumb = page.locator(".thumb.down").first
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    assert [(each.question, each.why) for each in keeping.assistant.journal.drafts()] == [(AMBASSADOR, "thumbs down")]
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "false")
    assert keeping.assistant.journal.drafts() == ()


def test_a_draft_is_accepted_with_its_answer_and_can_be_measured_with(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    ask(page, AMBASSADOR)
    page.locator(".thumb.down").first.click()
    expect(page.locator(".thumb.down").first).to_have_attribute("aria-pressed", "true")
    page.get_by_role("tab", name="Measure").click()
    page.locator("#drafts summary").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#drafts .trouble")).to_contain_text("Say what the answer is")
    page.get_by_label("Answer, word for word").fill("Joseph Caron")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#drafts li")).to_have_count(0)
    page.get_by_label("Test questions").select_option(label="library/questions.jsonl")
    page.get_by_role("button", name="Measure").click()
    expect(page.locator(".run .lead")).to_contain_text("1 of 1 questions are answered by the first quote", timeout=30_000)
    assert keeping.assistant.journal.drafts() == ()


def test_marked_words_become_a_test_question(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    ask(page, AMBASSADOR)
    page.locator(".quoted .cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#quote'))")
    page.get_by_role("button", name="This is the answer").click()
    page.get_by_role("button", name="Keep as a test question").click()
    expect(page.locator("#status")).to_contain_text("Kept as a draft")
    (draft,) = keeping.assistant.journal.drafts()
    assert (draft.question, draft.answers) == (AMBASSADOR, (exact(page.locator("#quote")),))
    page.get_by_role("tab", name="Measure").click()
    page.locator("#drafts summary").click()
    assert objections(page) == []
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#drafts li")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to_and_nothing_is_wider_than_a_small_phone(
    keeping: Served, visiting: Visiting, scheme: str
) -> None:
    page = visiting(keeping.address, color_scheme=scheme, viewport={"width": 320, "height": 700})
    ask(page, HIDING)
    unfold(page)
    page.locator("#conversations .more summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert objections(page) == []
    found = visiting(f"{keeping.address}/{permalink(page)}", color_scheme=scheme, viewport={"width": 320, "height": 700})
    expect(found.locator(".standing")).to_be_visible()
    assert objections(found) == []
