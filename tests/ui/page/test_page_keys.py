"""The page by the keyboard alone."""

from pathlib import Path

from conftest import ROOT
from playwright.sync_api import Page, expect
from support.pages import ask, objections_in_both_schemes

from ui.html.page import KEYS

pytest_plugins = ["support.page_fixtures"]

HIDING = "How many North Koreans are hiding in China?"


def test_the_keys_that_are_listed_are_those_of_the_guide() -> None:
    rows = [
        line
        for line in Path(ROOT, "docs/guide/page.md").read_text("utf-8").split("| key | |")[1].splitlines()
        if line.startswith("|")
    ]
    listed = "".join(rows)
    assert all(f"`{key}`" in listed or f"| {key} |" in listed for key, _ in KEYS)


def test_a_slash_goes_to_the_question_from_anywhere(page: Page) -> None:
    ask(page, HIDING)
    page.locator(".quoted .cite").first.focus()
    page.keyboard.press("/")
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.get_by_label("Your question")).to_have_value("")
    page.get_by_role("tab", name="Library").click()
    page.keyboard.press("/")
    expect(page.get_by_label("Your question")).to_be_focused()


def test_j_and_k_go_from_quote_to_quote_enter_opens_and_escape_goes_back(page: Page) -> None:
    ask(page, HIDING)
    cites = page.locator(".quoted .citation .cite")
    page.locator(".verdict").click()
    page.keyboard.press("j")
    expect(cites.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(cites.nth(1)).to_be_focused()
    expect(cites.nth(1)).to_be_in_viewport()
    page.keyboard.press("j")
    expect(cites.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(cites.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#quote")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".contents").first).to_be_visible()
    expect(cites.nth(0)).to_be_focused()


def test_in_an_open_article_they_step_to_the_other_quotes(page: Page) -> None:
    ask(page, HIDING)
    page.locator(".quoted .citation .cite").first.click()
    expect(page.locator("#quote")).to_contain_text("200,000")
    page.keyboard.press("j")
    expect(page.locator("#quote")).to_contain_text("100,000")
    expect(page.locator("#quote")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#quote")).to_contain_text("200,000")
    page.keyboard.press("Escape")
    expect(page.locator(".quoted .citation .cite").first).to_be_focused()


def test_none_of_them_does_anything_while_one_writes(page: Page) -> None:
    ask(page, HIDING)
    question = page.get_by_label("Your question")
    question.press_sequentially("j/k?")
    expect(question).to_have_value("j/k?")
    expect(page.locator("#keys")).to_be_hidden()
    page.locator(".quoted .citation .cite").first.click()
    page.locator("#find").press_sequentially("j/?k")
    expect(page.locator("#find")).to_have_value("j/?k")
    page.locator("#find").press("Escape")
    expect(page.locator(".article-text")).to_be_visible()
    page.locator(".quoted .citation .cite").first.focus()
    page.keyboard.press("Control+j")
    expect(page.locator(".quoted .citation .cite").first).to_be_focused()


def test_a_question_mark_lists_the_keys_and_escape_closes_the_list_alone(page: Page) -> None:
    ask(page, HIDING)
    page.locator(".quoted .citation .cite").first.click()
    expect(page.locator("#quote")).to_be_focused()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    for key, does in KEYS:
        expect(keys).to_contain_text(f"{key}{does}")
    assert objections_in_both_schemes(page) == []
    page.keyboard.press("j")
    expect(page.locator("#quote")).to_contain_text("200,000")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(page.locator(".article-text")).to_be_visible()


def test_the_question_keeps_the_focus_when_its_answer_comes(offers: None, page: Page) -> None:
    ask(page, HIDING)
    expect(page.get_by_label("Your question")).to_be_focused()
    page.locator(".offers button").first.click(timeout=60_000)
    expect(page.locator(".exchange")).to_have_count(2)
    expect(page.locator(".exchange").last.locator(".answer")).to_be_visible(timeout=60_000)
    assert page.evaluate("document.activeElement !== document.body")
