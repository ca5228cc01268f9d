"""What stands folded under an answer, and what is offered to be asked next."""

from playwright.sync_api import Page, expect
from support.pages import ATTACK, Served, ask, exact, objections_in_both_schemes

pytest_plugins = ["support.page_fixtures"]

HIDING = "How many North Koreans are hiding in China?"
AMBASSADOR = "Who is the Canadian ambassador?"
FRANCE = "What is the capital of France?"
DESERTERS = "Who was sent to China to arrest the deserters?"


def test_what_was_searched_can_be_changed_and_searched_again_by_itself(page: Page) -> None:
    ask(page, AMBASSADOR)
    exchange = ask(page, "What did he tell reporters?")
    searched = exchange.locator(".searched q").first
    exchange.get_by_text("What was searched").click()
    field = exchange.get_by_label("Searched for")
    expect(field).to_have_value(exact(searched))
    field.fill("What did the spokesman say?")
    exchange.get_by_role("button", name="Search again").click()
    expect(page.locator(".exchange")).to_have_count(3)
    again = page.locator(".exchange").last
    expect(again.locator(".answer")).to_be_visible(timeout=60_000)
    expect(again.locator(".question")).to_have_text("What did the spokesman say?")
    expect(again.locator(".searched")).to_have_count(0)


def test_enter_in_the_field_searches_again_and_shift_enter_breaks_the_line(page: Page) -> None:
    exchange = ask(page, FRANCE)
    exchange.get_by_text("What was searched").click()
    field = exchange.get_by_label("Searched for")
    field.fill(f"{ATTACK}")
    field.press("Shift+Enter")
    expect(page.locator(".exchange")).to_have_count(1)
    field.fill(ATTACK)
    field.press("Enter")
    expect(page.locator(".exchange")).to_have_count(2)
    assert exact(page.locator(".question").last) == ATTACK


def test_what_was_set_aside_is_told_with_the_reason_and_opens(page: Page, served: Served) -> None:
    for question in (HIDING, FRANCE):
        exchange = ask(page, question)
        exchange.get_by_text("What was set aside").click()
        left_out = served.assistant.ask(question).left_out
        shown = exchange.locator(".left-out li .passage-text").all()
        reasons = list(dict.fromkeys(each.why for each in left_out))
        assert [exact(each) for each in shown] == [each.text for why in reasons for each in left_out if each.why == why]
        for why in reasons:
            expect(exchange.locator(".left-out .why", has_text=why.capitalize())).to_have_count(1)
        exchange.locator(".left-out .place").first.click()
        expect(page.locator("#quote")).to_be_in_viewport()
        assert exact(page.locator("#quote")) == left_out[0].text
        page.get_by_role("button", name="Close article").click()
        expect(page.locator("#quote")).to_have_count(0)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".exchange")).to_have_count(0)


def test_questions_are_offered_that_have_an_answer(offers: None, page: Page) -> None:
    ask(page, HIDING)
    offered = page.locator(".offers button")
    expect(offered.first).to_be_visible(timeout=60_000)
    assert 1 <= offered.count() <= 3
    question = exact(offered.first)
    offered.first.click()
    expect(page.locator(".exchange")).to_have_count(2)
    answered = page.locator(".exchange").last
    expect(answered.locator(".question")).to_have_text(question)
    expect(answered.locator(".quoted").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="New conversation").click()
    expect(offered).to_have_count(0)


def test_where_nothing_was_found_nothing_is_offered(offers: None, page: Page) -> None:
    ask(page, HIDING)
    expect(page.locator(".offers button").first).to_be_visible(timeout=60_000)
    ask(page, FRANCE)
    expect(page.locator(".offers button")).to_have_count(0)


def test_the_question_is_shown_at_once_and_what_is_done_for_it_until_the_answer_is_there(page: Page) -> None:
    ask(page, HIDING)
    page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const doing = document.querySelector(".reading-now")?.textContent;
                if (doing && doing !== window.seen.at(-1)) window.seen.push(doing);
            }).observe(document.querySelector("#conversation"), { childList: true, subtree: true, characterData: true });
        }"""
    )
    ask(page, AMBASSADOR)
    seen = page.evaluate("window.seen")
    assert seen[0] == "Searching…"
    assert set(seen) <= {"Searching…", "Reading…"}


def test_where_it_is_not_sure_the_closest_sentence_is_shown_and_opens_its_article(page: Page, served: Served) -> None:
    exchange = ask(page, DESERTERS)
    closest = served.assistant.ask(DESERTERS).closest
    assert closest is not None
    expect(exchange.locator(".verdict")).to_have_text("Not sure.")
    shown = exchange.get_by_role("group", name="This sentence comes closest:")
    assert exact(shown.locator("blockquote")) == closest.text
    expect(exchange.locator(".quoted, .actions")).to_have_count(0)
    assert objections_in_both_schemes(page) == []
    shown.locator(".cite").click()
    expect(page.locator("#quote")).to_be_in_viewport()
    assert exact(page.locator("#quote")) == closest.text


def test_axe_finds_nothing_to_object_to_under_an_answer(offers: None, page: Page) -> None:
    exchange = ask(page, HIDING)
    expect(page.locator(".offers button").first).to_be_visible(timeout=60_000)
    for summary in exchange.locator(".answer > details > summary").all():
        summary.click()
    assert objections_in_both_schemes(page) == []
