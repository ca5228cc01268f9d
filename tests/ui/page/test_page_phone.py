"""Back and Forward, and what a phone's screen shows."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.pages import ask, objections_in_both_schemes

pytest_plugins = ["support.page_fixtures"]

HIDING = "How many North Koreans are hiding in China?"


def width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_back_closes_the_article_and_forward_and_a_reload_open_it(page: Page) -> None:
    ask(page, HIDING)
    page.locator(".cite").first.click()
    expect(page.locator("#quote")).to_contain_text("200,000")
    page.locator("#pane").get_by_role("button", name="Next quote").click()
    expect(page.locator("#quote")).to_contain_text("100,000")
    page.go_back()
    expect(page.locator("#pane .contents")).to_be_visible()
    expect(page.locator(".exchange")).to_have_count(1)
    assert "conversation=" in page.url
    page.go_forward()
    expect(page.locator("#quote")).to_contain_text("100,000")
    page.reload()
    expect(page.locator("#quote")).to_contain_text("100,000", timeout=30_000)
    page.get_by_role("button", name="Close article").click()
    expect(page.locator("#pane .contents")).to_be_visible()
    assert page.evaluate("history.state?.view") is None


@pytest.mark.parametrize("size", [(390, 844), (320, 640)])
def test_on_a_phone_all_is_within_the_screen_and_what_is_needed_stays_there(
    visit: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = visit(viewport={"width": size[0], "height": size[1]}, has_touch=True, is_mobile=True)
    ask(page, HIDING)
    box = page.locator("#question textarea").bounding_box()
    assert box
    assert box["width"] > size[0] - 40
    page.get_by_role("button", name="Filters").click()
    for name in ("From", "Language"):
        expect(page.locator("#filters").get_by_label(name)).to_be_in_viewport(ratio=1)
    assert width(page) <= size[0]
    assert objections_in_both_schemes(page) == []
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#filters")).to_have_count(0)
    page.locator(".cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    page.locator("#pane").evaluate("pane => pane.scrollTo(0, pane.scrollHeight)")
    for name in ("Close article", "Next quote"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Find in article")).to_be_in_viewport(ratio=1)
    assert width(page) <= size[0]
    page.go_back()
    expect(page.locator(".exchange .answer")).to_be_visible()
    expect(page.locator("#pane .contents")).to_have_count(1)
