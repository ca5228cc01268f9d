"""Conversations are kept, found again, exported, and each answer has an address under which it is compared with what is now."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.pages import NASTY, Served, ask, exact, objections, objections_in_both_schemes, separate_pages, serving

from qa import Assistant
from ui.html.citations import citation, markdown

pytest_plugins = ["support.page_fixtures"]

SEEDS = Path(__file__).parents[3] / "seeds"
AMBASSADOR = "Who is the Canadian ambassador?"
HIDING = "How many North Koreans are hiding in China?"
ZEBRAS = "What did the zebra council decide to repaint?"
Visiting = Callable[..., Page]


@contextmanager
def keeping_in(folder: Path, encoder: object) -> Iterator[Served]:
    """The page of a library of its own, whose articles are beside it."""
    articles = folder / "articles"
    articles.mkdir()
    for path in SEEDS.glob("*.txt"):
        (articles / path.name).write_bytes(path.read_bytes())
    (articles / "zebra.txt").write_bytes(NASTY.encode())
    assistant = Assistant.open(folder / "library")
    assistant._encoder = encoder  # type: ignore[assignment]
    assistant.add(articles)
    with serving(assistant) as served:
        yield served


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, encoder: object) -> Iterator[Served]:
    """The page that the tests share which change no article."""
    with keeping_in(tmp_path_factory.mktemp("kept"), encoder) as served:
        yield served


@pytest.fixture
def keeping(kept: Served) -> Iterator[Served]:
    """A page without conversations, drafts and test questions. Tests must not change its articles."""
    yield kept
    journal = kept.assistant.journal
    for conversation in journal.conversations():
        journal.delete(conversation.id)
    for draft in journal.drafts():
        journal.dismiss(draft.id)
    (kept.assistant.library.folder / "questions.jsonl").unlink(missing_ok=True)


@pytest.fixture
def changing(tmp_path: Path, encoder: object) -> Iterator[Served]:
    """The page of a library whose articles may be changed."""
    with keeping_in(tmp_path, encoder) as served:
        yield served


@pytest.fixture
def visiting(browser: Browser, no_offers: None) -> Iterator[Visiting]:
    """Opens an address in a browser of its own, in which nothing may go wrong."""
    troubles: list[str] = []
    with separate_pages(browser, lambda page: page.on("pageerror", lambda error: troubles.append(str(error)))) as open_page:
        yield open_page
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


def test_a_conversation_is_found_renamed_deleted_and_put_back(keeping: Served, visiting: Visiting) -> None:
    page, other = visiting(keeping.address), visiting(keeping.address)
    quote = exact(ask(page, AMBASSADOR).locator("blockquote").first)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)
    ask(page, ZEBRAS)
    unfold(page)
    expect(page.locator("#conversations .conversation")).to_have_count(2)
    page.get_by_label("Find").fill("zebra")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("#conversations .conversation")).to_have_text([ZEBRAS])
    unfold(other)  # which was opened before any was kept
    expect(other.locator("#conversations .conversation")).to_have_text([ZEBRAS, AMBASSADOR])
    expect(other.locator("#conversations .excerpt").last).to_have_text(" ".join(quote.split()))
    other.get_by_label("Find").fill("Caron ambassador")  # a word of the quote, and one of the question
    other.get_by_role("button", name="Find").click()
    expect(other.locator("#conversations .conversation")).to_have_text([AMBASSADOR])
    page.locator("#conversations .more summary").click()
    page.get_by_label("Title").fill("Stripes & <b>paint</b>")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#conversations .conversation").first).to_have_text("Stripes & <b>paint</b>")
    expect(page.locator("#conversations .conversation").first).to_be_visible()
    page.locator("#conversations .more summary").first.click()
    page.get_by_role("button", name="Delete this conversation").first.click()
    expect(page.locator("#conversations .conversation")).to_have_text([AMBASSADOR])
    expect(page.locator(".exchange")).to_have_count(0)  # it was the open one
    assert [each.title for each in keeping.assistant.journal.conversations()] == [AMBASSADOR]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#conversations .conversation")).to_have_count(2)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def permalink(page: Page) -> str:
    return str(page.locator(".permalink a").last.get_attribute("href"))


def test_a_link_opens_an_answer_and_says_that_it_stands(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address)
    quote = exact(ask(page, AMBASSADOR).locator("blockquote").first)
    found = visiting(f"{keeping.address}/{permalink(page)}")
    expect(found.locator(".standing")).to_contain_text("All that was quoted stands in the articles as they are now.")
    assert exact(found.locator("blockquote").first) == quote
    expect(found.locator(".exchange")).to_have_count(1)


def test_a_link_to_an_answer_whose_article_has_changed_shows_both(changing: Served, visiting: Visiting, tmp_path: Path) -> None:
    page = visiting(changing.address)
    ask(page, AMBASSADOR)
    path = next((tmp_path / "articles").glob("000_*.txt"))
    before = path.read_text()
    path.write_text("An editor's note stands here now.\n\n" + before)
    assert len(changing.assistant.add(path).updated) == 1
    found = visiting(f"{changing.address}/{permalink(page)}")
    expect(found.locator(".standing")).to_contain_text("0 of 1 quote stand")
    quote = exact(found.locator("blockquote").first)
    found.locator(".quoted .cite").first.click()
    assert exact(found.locator(".article-text")) == before
    found.locator(".standings .place").click()
    expect(found.locator(".article-text")).to_contain_text("An editor's note stands here now.")
    assert exact(found.locator("#quote")) == quote


def test_a_link_to_an_answer_whose_article_was_removed_says_so(changing: Served, visiting: Visiting) -> None:
    page = visiting(changing.address)
    ask(page, AMBASSADOR)
    article = page.locator(".cite").first.get_attribute("data-article") or ""
    changing.assistant.remove(article)
    found = visiting(f"{changing.address}/{permalink(page)}")
    expect(found.locator(".standings")).to_contain_text("the article was removed from the library")


@pytest.mark.parametrize("address", ["?answer=nobody", "?conversation=%3Cscript%3E", "?answer="])
def test_a_link_to_nothing_says_so(keeping: Served, visiting: Visiting, address: str) -> None:
    page = visiting(f"{keeping.address}/{address}")
    expect(page.locator("#conversation .trouble")).to_contain_text("There is no such")


def test_a_conversation_is_saved_with_every_quote_as_it_stands(keeping: Served, visiting: Visiting, tmp_path: Path) -> None:
    page = visiting(keeping.address)
    ask(page, ZEBRAS)
    ask(page, HIDING)
    unfold(page)
    page.locator("#conversations .more summary").first.click()
    saved = {}
    for name in ("Markdown", "HTML", "JSON"):
        with page.expect_download() as saving:
            page.get_by_role("link", name=name).click()
        saving.value.save_as(tmp_path / name)
        saved[name] = (tmp_path / name).read_text()
    (heading,) = keeping.assistant.journal.conversations()
    quotes = [quote for kept in keeping.assistant.journal.conversation(heading.id) for quote in kept.answer.quotes]
    assert len(quotes) >= 3
    assert all(markdown(quote).strip() in saved["Markdown"] for quote in quotes)
    in_json = [quote for each in json.loads(saved["JSON"])["answers"] for quote in each["answer"]["quotes"]]
    assert [quote["text"] for quote in in_json] == [quote.text for quote in quotes]
    page.set_content(saved["HTML"])
    shown = [exact(each) for each in page.locator("blockquote").all()]
    assert [quote.text.replace("\r\n", "\n") for quote in quotes] == [text.replace("\r\n", "\n") for text in shown]
    assert [exact(each) for each in page.locator(".cited").all()] == [citation(quote) for quote in quotes]
    assert page.evaluate("() => '__pwn' in window") is False


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


def test_axe_finds_nothing_to_object_to_and_nothing_is_wider_than_a_small_phone(keeping: Served, visiting: Visiting) -> None:
    page = visiting(keeping.address, viewport={"width": 320, "height": 700})
    ask(page, HIDING)
    unfold(page)
    page.locator("#conversations .more summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert objections_in_both_schemes(page) == []
    found = visiting(f"{keeping.address}/{permalink(page)}", viewport={"width": 320, "height": 700})
    expect(found.locator(".standing")).to_be_visible()
    assert objections_in_both_schemes(found) == []
