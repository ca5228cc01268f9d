"""The filters beside the question box: quiet until they are wanted, and kept while a conversation goes on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.pages import ask, objections_in_both_schemes

from ui.page.ask_tab import filter_trouble, parse_filters

pytest_plugins = ["support.page_fixtures"]

AMBASSADOR = "Who is the Canadian ambassador?"


def test_filters_are_folded_away_counted_kept_and_asked_with(page: Page) -> None:
    expect(page.locator("#filter-source")).to_have_count(0)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Source").fill("001_")
    assert page.get_by_label("From").get_attribute("type") == "date", "the browser's own calendar"
    page.get_by_label("From").fill("2004-01-01")
    expect(page.locator("#filter-note")).to_have_text(re.compile("Without a date, and so left out: [23] articles."))
    expect(page.get_by_role("button", name="Filters (2)")).to_be_visible()
    for _ in range(2):
        searched = ask(page, AMBASSADOR).locator(".answer .searched").last
        expect(searched).to_contain_text("Only articles from 1 January 2004 on, from 001_.")
    page.get_by_label("To", exact=True).fill("2003-01-01")
    expect(ask(page, AMBASSADOR).locator(".trouble")).to_have_text("From is later than To: no day is both.")
    page.get_by_label("Language").click()
    page.get_by_role("option", name="English").click()
    expect(page.get_by_role("button", name="Filters (4)")).to_be_visible()
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
    assert parse_filters(("", " ", None, [], None)) == {}
    assert parse_filters((" 2004 ", "", "bbc", ["war", " peace", ""], "en")) == {
        "after": "2004", "source": "bbc", "tag": ["war", "peace"], "language": "en",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("only", "trouble"),
    [
        ({"after": "2004-10", "before": "2004", "source": "bbc"}, None),
        ({"after": "soon"}, "From takes a day such as 2004-10-31, or a month or year, not “soon”."),
        ({"before": "2004-02-30"}, "To takes a day such as 2004-10-31, or a month or year, not “2004-02-30”."),
        ({"after": "2005", "before": "2004"}, "From is later than To: no day is both."),
    ],
)
def test_what_is_wrong_with_days_is_told_by_the_names_of_the_fields(only: dict[str, str], trouble: str | None) -> None:
    assert filter_trouble(only) == trouble
