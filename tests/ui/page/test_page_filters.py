"""The filters beside the question box: quiet until they are wanted, and kept while a conversation goes on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.pages import ask, objections_in_both_schemes

from ui.page.ask_tab import parse_filters

pytest_plugins = ["support.page_fixtures"]

AMBASSADOR = "Who is the Canadian ambassador?"


def test_filters_are_folded_away_counted_kept_and_asked_with(page: Page) -> None:
    expect(page.locator("#filter-source")).to_have_count(0)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Source").fill("001_")
    page.get_by_label("From").fill("2004")
    expect(page.get_by_role("button", name="Filters (2)")).to_be_visible()
    for _ in range(2):
        expect(ask(page, AMBASSADOR).locator(".answer .searched").last).to_have_text("Only articles from 2004 on, from 001_.")
    page.get_by_label("From").fill("soon")
    expect(ask(page, AMBASSADOR).locator(".trouble")).to_contain_text("must be a date")
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("button", name="Filters", exact=True)).to_be_visible()
    assert ask(page, AMBASSADOR).locator(".answer .searched").count() == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_has_nothing_against_filters_that_are_shown(visit: Callable[..., Page], width: int) -> None:
    page = visit(viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_label("Source")).to_be_visible()
    assert objections_in_both_schemes(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_fields_that_are_empty_ask_for_nothing() -> None:
    assert parse_filters(("", " ", "", "", "")) == {}
    assert parse_filters((" 2004 ", "", "bbc", "war, peace,", "en")) == {
        "after": "2004", "source": "bbc", "tag": ["war", "peace"], "language": "en",
    }  # fmt: skip
