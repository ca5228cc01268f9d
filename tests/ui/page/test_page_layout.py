"""Where things stand: nothing covers an answer, nothing that is needed scrolls away, and paper and large screens are used."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from support.pages import ask, objections_in_both_schemes

pytest_plugins = ["support.page_fixtures"]

HIDING = "How many North Koreans are hiding in China?"
FRANCE = "What is the capital of France?"


def is_on_top(place: Locator) -> bool:
    """Tell whether nothing covers the middle of an element."""
    return bool(
        place.evaluate(
            """element => {
                const { left, top, width, height } = element.getBoundingClientRect();
                return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
            }"""
        )
    )


def test_nothing_covers_an_answer_and_what_belongs_to_it_stays_in_sight(offers: None, visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 1024, "height": 768})
    first = ask(page, HIDING)
    expect(page.locator(".exchange .offers button").first).to_be_visible(timeout=60_000)
    citation = first.locator(".quoted .cite").first
    assert is_on_top(citation)
    expect(first.locator(".actions").first).to_have_css("opacity", "1")
    before = citation.bounding_box()
    citation.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    assert citation.bounding_box() == before
    page.locator("#pane").evaluate("pane => pane.scrollTop = pane.scrollHeight")
    for part in (
        page.get_by_role("button", name="Close article"),
        page.locator("#article-title"),
        page.get_by_label("Find in"),
    ):
        expect(part).to_be_in_viewport()
        assert is_on_top(part)
    assert objections_in_both_schemes(page) == []
    first.get_by_role("button", name="Copy quote and citation").first.click()
    toast = page.locator("#status").bounding_box()
    assert toast
    assert toast["y"] < 80
    ask(page, FRANCE)
    expect(page.locator("#pane .contents")).to_be_visible()
    expect(page.locator(".reading")).to_have_count(0)
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.locator(".offers:visible")).to_have_count(0)


def test_paper_has_marks_and_dark_ink_and_a_large_screen_large_letters(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    exchange = ask(page, HIDING)
    exchange.locator(".quoted .cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    page.emulate_media(media="print")
    expect(exchange.locator("blockquote mark").first).to_have_css("print-color-adjust", "exact")
    expect(exchange.locator("blockquote").first).to_have_css("color", "rgb(0, 0, 0)")
    number = exchange.locator(".cite[aria-current] .number")
    expect(number).to_have_css("color", "rgb(155, 28, 28)")
    expect(number).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 3840, "height": 2160})
    quotes, shown = page.locator(".exchanges").bounding_box(), page.locator("#conversation").bounding_box()
    assert quotes
    assert shown
    assert quotes["width"] > 0.6 * shown["width"]
