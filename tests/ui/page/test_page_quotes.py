"""What can be done with a quote on the page: copied with its citation, and more like it found in other articles."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

from playwright.sync_api import Locator, Page, expect
from support.pages import NASTY, Served, ask, exact, objections_in_both_schemes
from support.rendering import passage, quote, reference

from qa.types.articles import Passage
from ui.html.citations import bibtex, markdown, plain
from ui.page.quote_actions import QuoteActions

pytest_plugins = ["support.page_fixtures"]

HIDING = "How many North Koreans are hiding in China?"
ZEBRAS = "What did the zebra council decide to repaint?"
FORMATS = [("Copy quote and citation", plain), ("Copy as Markdown", markdown), ("Copy as BibTeX", bibtex)]


def first(exchange: Locator) -> Locator:
    return exchange.locator(".answer > .quotes > .quoted").first


def press(quoted: Locator, name: str) -> None:
    quoted.hover()
    quoted.get_by_role("button", name=name, exact=True).click()


def test_a_quote_is_copied_with_its_citation(page: Page, served: Served) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for question in (HIDING, ZEBRAS):
        quoted = first(ask(page, question))
        quote = served.assistant.ask(question).quotes[0]
        for button, write in FORMATS:
            page.evaluate("navigator.clipboard.writeText('')")
            press(quoted, button)
            page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
            expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
            assert page.evaluate("navigator.clipboard.readText()") == write(quote)
        assert f"“{exact(quoted.locator('blockquote'))}”" in plain(quote)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".exchange")).to_have_count(0)


def test_copying_works_where_the_browser_has_no_clipboard_for_pages(page: Page, served: Served) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    quoted = first(ask(page, ZEBRAS))
    page.evaluate("Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })")
    press(quoted, "Copy quote and citation")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    expect(quoted.get_by_role("button", name="Copy quote and citation")).to_be_focused()
    page.get_by_label("Your question").focus()
    page.keyboard.press("Control+V")
    copied = plain(served.assistant.ask(ZEBRAS).quotes[0])
    assert "\n" in copied
    expect(page.get_by_label("Your question")).to_have_value(copied)


def test_more_like_a_quote_shows_passages_of_other_articles_exactly(page: Page, served: Served) -> None:
    quoted = first(ask(page, HIDING))
    own = quoted.locator(".cite").get_attribute("data-article")
    press(quoted, "More like this")
    pane = page.locator("#pane .similar")
    expect(pane.get_by_role("heading", name="More like this")).to_be_visible()
    passages = pane.locator("li")
    assert passages.count() > 0
    for shown in passages.all():
        place = {name: shown.locator(".cite").get_attribute(f"data-{name}") or "" for name in ("article", "start", "end")}
        assert place["article"] != own
        text = served.assistant.article(place["article"]).text
        assert exact(shown.locator(".passage-text"))
        assert text[int(place["start"]) : int(place["end"])] == exact(shown.locator(".passage-text"))
    passages.first.locator(".cite").click()
    expect(page.locator("#quote")).to_be_in_viewport()


def test_an_article_among_those_like_a_quote_leads_back_to_them_and_they_to_the_quote(page: Page) -> None:
    quoted = first(ask(page, HIDING))
    press(quoted, "More like this")
    similar = page.locator("#pane .similar")
    title = exact(similar.locator(".cite").last)
    similar.locator(".cite").last.click()
    expect(page.locator("#quote")).to_be_focused()
    page.get_by_role("button", name="Close article").click()
    expect(similar.get_by_role("heading", name="More like this")).to_be_visible()
    expect(similar.locator(".cite").last).to_be_focused()
    assert exact(similar.locator(".cite").last) == title
    page.keyboard.press("Enter")
    expect(page.locator("#quote")).to_be_focused()
    page.keyboard.press("Escape")
    expect(similar.locator(".cite").last).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#pane .contents")).to_be_visible()
    expect(quoted.locator(".citation .cite")).to_be_focused()


def test_a_forged_way_back_shows_nothing_that_is_not_there(page: Page) -> None:
    quoted = first(ask(page, HIDING))
    for forged in ("number=99", "rank=<b>", "number=", "article=<b>"):
        press(quoted, "More like this")
        page.locator("#pane .similar .cite").first.click()
        expect(page.locator("#quote")).to_be_focused()
        back = page.get_by_role("button", name="Close article")
        back.evaluate("(button, [name, value]) => button.dataset[name] = value", forged.split("="))
        back.click()
        expect(page.locator("#pane").locator(".similar" if forged == "article=<b>" else "[role=alert]")).to_be_visible()


def test_a_forged_quote_is_told_to_be_gone(page: Page) -> None:
    quoted = first(ask(page, HIDING))
    quoted.get_by_role("button", name="More like this").evaluate("button => button.dataset.rank = '77'")
    press(quoted, "More like this")
    expect(page.locator("#pane").get_by_role("alert")).to_contain_text("not shown any more")


def test_axe_finds_nothing_to_object_to_in_quotes_and_what_is_like_them(visit: Callable[..., Page]) -> None:
    page = visit(has_touch=True, is_mobile=True, viewport={"width": 1280, "height": 900})
    quoted = first(ask(page, ZEBRAS))
    assert objections_in_both_schemes(page) == []
    press(quoted, "More like this")
    expect(page.locator("#pane .similar")).to_be_visible()
    assert objections_in_both_schemes(page) == []


def test_nothing_is_wider_than_a_screen_of_320_pixels(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 320, "height": 700}, has_touch=True, is_mobile=True)
    quoted = first(ask(page, ZEBRAS))
    assert NASTY
    width = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(width)
    for summary in page.locator(".answer > details > summary").all():
        summary.tap()
    assert page.evaluate(width)
    quoted.get_by_role("button", name="More like this").tap()
    expect(page.locator("#pane .similar")).to_be_visible()
    assert page.evaluate(width)
    page.get_by_role("button", name="Close").tap()
    quoted.locator(".cite").tap()
    expect(page.locator("#quote")).to_be_in_viewport()
    assert page.evaluate(width)


def test_only_passages_that_are_like_a_quote_are_shown_as_more_like_it() -> None:
    def found(article_id: str, cosine: float) -> Passage:
        return replace(passage(), article=replace(reference(), id=article_id), parts=replace(passage().parts, sentence=cosine))

    found_passages = [found(quote().article.id, 1.0), found("near", 0.61), found("far", 0.31), found("near", 0.5)]
    assistant = SimpleNamespace(search=lambda *_: found_passages)
    actions = QuoteActions(assistant, None)  # type: ignore[arg-type]
    assert [each.article.id for each in actions._similar(quote())] == ["near"]
