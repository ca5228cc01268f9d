"""The page in a browser: what is asked, what is shown, and that every character shown is the article's own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.pages import ATTACK, EXAMPLES, NASTY, Served, ask, exact, objections_in_both_schemes

from qa.types.articles import Article

pytest_plugins = ["support.page_fixtures"]

AMBASSADOR = "Who is the Canadian ambassador?"
HIDING = "How many North Koreans are hiding in China?"
FRANCE = "What is the capital of France?"
ZEBRAS = "What did the zebra council decide to repaint?"


def cited(page: Page, served: Served) -> Article:
    """The article of the first citation on the page."""
    button = page.locator(".cite").first
    return served.assistant.article(button.get_attribute("data-article") or "", button.get_attribute("data-version"))


def test_every_quote_is_the_stored_text_at_the_place_it_cites(page: Page, served: Served) -> None:
    for question in (AMBASSADOR, HIDING, ZEBRAS):
        exchange = ask(page, question)
        expect(exchange.locator(".verdict")).to_contain_text("quote")
        quotes = exchange.locator(".quoted")
        assert quotes.count() > 0
        for quote in quotes.all():
            button = quote.locator(".cite")
            place = {name: button.get_attribute(f"data-{name}") or "" for name in ("article", "version", "start", "end")}
            article = served.assistant.article(place["article"], place["version"])
            assert exact(quote.locator("blockquote")) == article.text[int(place["start"]) : int(place["end"])]


@pytest.mark.smoke
def test_a_citation_opens_the_article_exactly_as_stored_with_the_quote_marked_in_sight(page: Page, served: Served) -> None:
    quote = exact(ask(page, HIDING).locator("blockquote").first)
    page.locator(".cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    assert exact(page.locator("#quote")) == quote
    assert exact(page.locator(".article-text")) == cited(page, served).text
    assert page.evaluate("window.scrollY") == 0


def test_where_articles_differ_each_value_opens_its_article_at_the_place(page: Page, served: Served) -> None:
    differing = ask(page, HIDING).locator(".differing")
    assert [exact(value) for value in differing.locator(".value").all()] == ["200,000", "100,000"]
    for number, value in enumerate(["200,000", "100,000"]):
        differing.locator(".cite").nth(number).click()
        expect(page.locator("#quote")).to_contain_text(value)
        expect(page.locator("#quote")).to_be_in_viewport()


def test_an_article_full_of_markup_and_strange_characters_is_shown_as_it_is(page: Page, served: Served) -> None:
    quote = exact(ask(page, ZEBRAS).locator("blockquote").first)
    assert ATTACK in quote
    page.locator(".cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    assert exact(page.locator("#quote")) == quote
    assert exact(page.locator(".article-text")) == cited(page, served).text == NASTY
    assert exact(page.locator(".reading .title")) == cited(page, served).title


def test_an_article_is_opened_and_closed_by_the_keyboard(page: Page) -> None:
    ask(page, AMBASSADOR)
    page.locator(".cite").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#quote")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".contents")).to_be_visible()
    expect(page.locator(".cite").first).to_be_focused()


def test_a_citation_followed_twice_comes_back_into_sight(page: Page) -> None:
    ask(page, AMBASSADOR)
    page.locator(".cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    page.locator("#pane").evaluate("pane => pane.scrollTop = pane.scrollHeight")
    expect(page.locator("#quote")).not_to_be_in_viewport()
    page.locator(".cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()


def test_the_articles_are_listed_and_open_whole(page: Page, served: Served) -> None:
    first = served.assistant.articles()[0]
    page.locator(".contents .cite").first.click()
    expect(page.locator(".article-text")).to_be_visible()
    assert exact(page.locator(".article-text")) == served.assistant.article(first.id).text
    page.get_by_role("button", name="Close article").click()
    expect(page.locator(".contents")).to_be_visible()


def test_what_the_articles_do_not_say_is_not_answered(page: Page) -> None:
    exchange = ask(page, FRANCE)
    expect(exchange.locator(".verdict")).to_have_text("No sentence found that answers this.")
    expect(exchange.locator("blockquote")).to_have_count(0)
    nearest = exchange.get_by_role("group", name="The nearest passage, which is not an answer:")
    expect(nearest.locator(".passage-text")).to_be_visible()
    expect(exchange.locator(".passage-text").nth(1)).to_be_hidden()
    exchange.get_by_text("More passages nearby (not an answer)").click()
    expect(exchange.locator(".passage-text").nth(1)).to_be_visible()


def test_a_follow_up_says_what_was_searched_for(page: Page) -> None:
    expect(ask(page, AMBASSADOR).locator(".searched")).to_have_count(0)
    expect(ask(page, "What did he tell reporters?").locator(".searched")).to_contain_text("Searched for: What did he tell")


def test_a_new_conversation_forgets_the_last(page: Page) -> None:
    ask(page, AMBASSADOR)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".exchange")).to_have_count(0)
    expect(page.locator(".examples li")).to_have_count(len(EXAMPLES))
    expect(ask(page, "What did he tell reporters?").locator(".searched")).to_have_count(0)


def test_an_example_is_asked_when_clicked(page: Page) -> None:
    page.get_by_role("button", name=EXAMPLES[1]).click()
    expect(page.locator(".question")).to_have_text(EXAMPLES[1])
    expect(page.locator(".quoted").first).to_be_visible()


def test_the_button_asks_as_the_enter_key_does(page: Page) -> None:
    page.get_by_label("Your question").fill(AMBASSADOR)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".quoted").first).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value("")


def test_a_question_sent_while_another_is_answered_waits_its_turn(page: Page) -> None:
    box = page.get_by_label("Your question")
    for number, question in enumerate((AMBASSADOR, HIDING, FRANCE), start=1):
        box.fill(question)
        box.press("Enter")
        expect(page.locator(".exchange")).to_have_count(number)
    expect(page.locator(".exchange .answer")).to_have_count(3)
    assert [exact(each) for each in page.locator(".exchange .question").all()] == [AMBASSADOR, HIDING, FRANCE]
    expect(box).to_have_value("")


def test_a_question_full_of_markup_is_shown_as_it_was_typed(page: Page) -> None:
    assert exact(ask(page, ATTACK).locator(".question")) == ATTACK


def test_a_question_that_cannot_be_searched_for_is_told_why(page: Page) -> None:
    for question, message in (("", "ask something"), ("?!", "ask something"), ("why " * 600, "limit is 2,000")):
        expect(ask(page, question).get_by_role("alert")).to_contain_text(message)


def test_an_unexpected_error_shows_an_id_and_nothing_of_the_inside(
    page: Page, served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("/home/secret/path")

    monkeypatch.setattr(served.assistant, "ask", fail)
    message = exact(ask(page, AMBASSADOR).get_by_role("alert"))
    name = message.partition("(id ")[2].partition(")")[0]
    assert message.startswith("Something went wrong")
    assert "secret" not in message
    assert f"Unexpected error {name}" in caplog.text
    assert AMBASSADOR not in caplog.text


def test_a_citation_of_an_article_that_is_gone_says_so(page: Page, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "quokka.txt"
    file.write_text("Quokka news\n\nThe quokka festival opened on Rottnest Island on Friday.\n", "utf-8")
    (added,) = served.assistant.add(file).added
    ask(page, "When did the quokka festival open?")
    served.assistant.remove(added.id)
    page.locator(f".cite[data-article='{added.id}']").first.click()
    expect(page.locator("#pane").get_by_role("alert")).to_contain_text("The library holds no")


def test_a_forged_place_opens_the_article_and_changes_none_of_its_text(page: Page, served: Served) -> None:
    ask(page, AMBASSADOR)
    article = cited(page, served)
    cite = page.locator(".cite").first
    for forged in ("start=1e9", "start=-1", "end=99999999999999", "start=<b>", "number=7", "number=x"):
        name, value = forged.split("=")
        true = cite.get_attribute(f"data-{name}")
        opening = page.locator("#pane [data-opening]").get_attribute("data-opening")
        cite.evaluate("(button, [name, value]) => button.dataset[name] = value", [name, value])
        cite.click()
        expect(page.locator(f"#pane [data-opening]:not([data-opening='{opening}']) .article-text")).to_be_visible()
        assert exact(page.locator(".article-text")) == article.text, forged
        cite.evaluate("(button, [name, value]) => button.dataset[name] = value", [name, true])


def test_a_forged_article_is_no_article(page: Page) -> None:
    ask(page, AMBASSADOR)
    cite, told = page.locator(".cite").first, page.locator("#pane").get_by_role("alert")
    for forged in ("article=<b>", "article=", "version=../../etc/passwd", "version="):
        name, value = forged.split("=")
        true = cite.get_attribute(f"data-{name}")
        cite.evaluate("(button, [name, value]) => button.dataset[name] = value", [name, value])
        cite.click()
        expect(told).to_contain_text("The library holds no")
        cite.evaluate("(button, [name, value]) => button.dataset[name] = value", [name, true])
        cite.click()
        expect(page.locator(".article-text")).to_be_visible()
        expect(told).to_have_count(0)


def test_two_browsers_share_no_conversation(page: Page, visit: Callable[..., Page]) -> None:
    ask(page, AMBASSADOR)
    other = visit()
    expect(other.locator(".exchange")).to_have_count(0)
    expect(ask(other, "What did he tell reporters?").locator(".searched")).to_have_count(0)
    expect(page.locator(".exchange")).to_have_count(1)


def test_on_a_phone_nothing_is_wider_than_the_screen_and_an_article_lies_over_the_conversation(phone: Page) -> None:
    ask(phone, ZEBRAS)
    phone.locator(".evidence summary").click()
    width = "document.documentElement.scrollWidth <= window.innerWidth"
    assert phone.evaluate(width)
    phone.locator(".cite").first.tap()
    expect(phone.locator("#quote")).to_be_in_viewport()
    assert phone.evaluate(width)
    phone.get_by_role("button", name="Close article").tap()
    expect(phone.locator("#quote")).to_have_count(0)
    expect(phone.get_by_label("Your question")).to_be_in_viewport()


def test_axe_finds_nothing_to_object_to(page: Page) -> None:
    ask(page, FRANCE)
    ask(page, HIDING)
    for summary in page.locator("#conversation summary").all():
        summary.click()
    page.locator(".quoted .cite").first.click()
    expect(page.locator("#quote")).to_be_in_viewport()
    assert objections_in_both_schemes(page) == []
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("#library")).to_be_visible()
    assert objections_in_both_schemes(page) == []
