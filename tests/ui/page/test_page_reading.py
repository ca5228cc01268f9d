"""Inside an open article: steps between quotes, words found, parts, versions, its printed page, words kept as an answer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.pages import NASTY, Served, ask, exact, objections_in_both_schemes, wait_until
from support.pdfs import TWO

from qa.types.articles import Article

pytest_plugins = ["support.page_fixtures"]

HIDING = "How many North Koreans are hiding in China?"
RIVER = "What does the second page say of the river?"
WOMBATS = "When did the wombat parade begin?"
WOMBAT = (
    "🦘 The 𝒘ombat news İ\n\nNobody was sad. 🎺 The wombat parade began on Friday 👩‍👩‍👧‍👦 at ten.\n\n"
    "The wombat slept on Monday.\n"
)
ARABIC = "مسيرة الومبت\n\nبدأت المسيرة يوم الجمعة في الساعة العاشرة (10) صباحا.\n\nThe end, في المدينة: wombat!\n"


@pytest.fixture(scope="module")
def shelf(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Article]]:
    """More articles, by their files' names, while this file's tests run."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "wombat.txt").write_bytes(WOMBAT.encode())
    (folder / "arabic.txt").write_bytes(ARABIC.encode())
    (folder / "river.pdf").write_bytes(TWO)
    report = served.assistant.add(folder)
    assert not report.failed
    yield {Path(each.source).name: served.assistant.article(each.id) for each in report.added}
    for each in report.added:
        served.assistant.remove(each.id)


def open_listed(page: Page, article: Article) -> Locator:
    """The text of an article that was opened from the list in the pane."""
    page.locator(f"#pane .contents .cite[data-article='{article.id}']").click()
    text = page.locator(f".article-text[data-article='{article.id}']")
    expect(text).to_be_visible()
    return text


def found(page: Page, name: str = "found") -> list[str]:
    texts: list[str] = page.evaluate("name => [...(CSS.highlights.get(name) ?? [])].map((range) => range.toString())", name)
    return texts


def select(page: Page, start: int, end: int) -> None:
    """Select by places in UTF-16 units, as a reader's mouse would."""
    page.evaluate(
        """([start, end]) => {
            const walker = document.createTreeWalker(document.querySelector(".article-text"), NodeFilter.SHOW_TEXT);
            const ends = [];
            let before = 0;
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                for (const place of [start, end]) {
                    if (place >= before && place <= before + node.length && ends.length < (place === start ? 1 : 2)) {
                        ends.push([node, place - before]);
                    }
                }
                before += node.length;
            }
            getSelection().setBaseAndExtent(...ends[0], ...ends[1]);
        }""",
        [start, end],
    )


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# Steps


def test_buttons_step_through_the_quotes_of_the_answer_from_article_to_article(page: Page) -> None:
    ask(page, HIDING)
    page.locator(".quoted .cite").first.click()
    steps = page.get_by_role("navigation", name="Quotes of the answer")
    expect(steps).to_contain_text("Quote 1 of 2")
    expect(steps.get_by_role("button", name="Previous quote")).to_be_disabled()
    steps.get_by_role("button", name="Next quote").click()
    expect(steps).to_contain_text("Quote 2 of 2")
    expect(page.locator("#quote")).to_contain_text("100,000")
    expect(page.locator("#quote")).to_be_in_viewport()
    expect(steps.get_by_role("button", name="Next quote")).to_be_disabled()
    steps.get_by_role("button", name="Previous quote").click()
    expect(page.locator("#quote")).to_contain_text("200,000")


def test_an_article_opened_from_the_list_has_no_steps(page: Page, shelf: dict[str, Article]) -> None:
    open_listed(page, shelf["wombat.txt"])
    expect(page.locator("#pane .steps")).to_have_count(0)


# Find


def test_words_are_found_counted_and_walked_through_and_the_text_stays_as_it_is(page: Page, shelf: dict[str, Article]) -> None:
    text = open_listed(page, shelf["wombat.txt"])
    before = text.evaluate("element => element.innerHTML")
    find = page.get_by_label("Find in article")
    find.fill("WOMBAT")
    matches = page.locator("#pane .matches")
    expect(matches).to_have_text("1 of 2")  # 𝒘ombat is another word
    assert found(page) == ["wombat", "wombat"]
    find.press("Enter")
    expect(matches).to_have_text("2 of 2")
    page.get_by_role("button", name="Next match").click()
    expect(matches).to_have_text("1 of 2")
    page.get_by_role("button", name="Previous match").click()
    expect(matches).to_have_text("2 of 2")
    assert found(page, "found-now") == ["wombat"]
    assert text.evaluate("element => element.innerHTML") == before
    assert exact(text) == WOMBAT


def test_any_characters_are_found_as_they_are_white_space_as_any_white_space(page: Page, served: Served) -> None:
    nasty = next(each for each in served.assistant.articles() if "zebra" in each.source)
    text = open_listed(page, served.assistant.article(nasty.id))
    for words, expected in (
        ("(.*", []),
        ("${1+1} {{x}}", ["${1+1} {{x}}"]),
        ("   ", []),
        ("met twice, in Łódź", ["met  twice,\tin Łódź"]),
        ("nowhere", []),
        ("👧", ["👧"]),
        ("", []),
        ("שלום", ["שלום"]),
        ("not here either", []),
        ("$a_b$ *x* <b>bold</b>", ["$a_b$ *x* <b>bold</b>"]),
    ):
        page.get_by_label("Find in article").fill(words)
        expect(page.locator("#pane .matches")).to_have_text(
            f"1 of {len(expected)}" if expected else "None" if words.strip() else ""
        )
        assert found(page) == expected
        assert exact(text) == NASTY


def test_a_match_far_down_is_scrolled_into_sight(page: Page, served: Served) -> None:
    article = max(served.assistant.articles(), key=lambda each: len(served.assistant.article(each.id).text))
    text = served.assistant.article(article.id).text
    open_listed(page, served.assistant.article(article.id))
    last = text.split()[-1]
    page.get_by_label("Find in article").fill(last)
    page.get_by_label("Find in article").press("Shift+Enter")
    top = page.evaluate("[...CSS.highlights.get('found-now')][0].getBoundingClientRect().top")
    assert 0 < top < 800


def test_what_was_found_in_one_article_is_forgotten_in_the_next(page: Page, shelf: dict[str, Article]) -> None:
    open_listed(page, shelf["wombat.txt"])
    page.get_by_label("Find in article").fill("wombat")
    assert len(found(page)) == 2
    page.get_by_role("button", name="Close article").click()
    open_listed(page, shelf["arabic.txt"])
    expect(page.get_by_label("Find in article")).to_have_value("")
    expect(page.locator("#pane .matches")).to_have_text("")
    assert found(page) == []


# Versions, sources and parts


def test_an_earlier_version_says_so_and_leads_to_the_present_one(page: Page, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "numbat.txt"
    file.write_text("Numbat news\n\nThe numbat festival opened in Perth on Friday.\n", "utf-8")
    (added,) = served.assistant.add(file).added
    try:
        exchange = ask(page, "When did the numbat festival open?")
        exchange.locator(".quoted .cite").first.click()
        expect(page.locator(".reading header")).to_contain_text(f"version {added.version[:12]}, the present one")
        file.write_text("Numbat news\n\nThe numbat festival opened in Perth on Sunday.\n", "utf-8")
        (updated,) = served.assistant.add(file).updated
        exchange.locator(".quoted .cite").first.click()
        expect(page.locator(".reading header")).to_contain_text("This is an earlier version of the article.")
        expect(page.locator("#quote")).to_contain_text("Friday")
        page.get_by_role("button", name="Open the present version").click()
        expect(page.locator(".reading header")).to_contain_text(f"version {updated.version[:12]}, the present one")
        expect(page.locator(".article-text")).to_contain_text("Sunday")
    finally:
        served.assistant.remove(added.id)


def test_a_file_is_named_and_not_linked(page: Page, shelf: dict[str, Article]) -> None:
    open_listed(page, shelf["wombat.txt"])
    expect(page.locator(".reading header .source")).to_have_text("wombat.txt")
    expect(page.locator(".reading header a")).to_have_count(0)


def test_the_parts_of_an_article_lead_to_their_places(page: Page, shelf: dict[str, Article]) -> None:
    open_listed(page, shelf["river.pdf"])
    page.get_by_text("2 parts").click()
    listed = page.locator("#pane .parts li button")
    expect(listed).to_have_count(2)
    expect(listed.nth(1)).to_contain_text("page 2")
    listed.nth(1).click()
    expect(page.locator(".sheet figcaption")).to_contain_text("Page 2, as printed", timeout=30_000)


# The printed page


def test_the_page_of_a_quote_is_shown_as_it_is_printed_and_pages_are_turned(page: Page, shelf: dict[str, Article]) -> None:
    ask(page, RIVER)
    page.locator(f".quoted .cite[data-article='{shelf['river.pdf'].id}']").first.click()
    sheet = page.locator("#pane .sheet")
    image = sheet.get_by_role("img", name="Page 2 of river as it is printed")
    expect(image).to_be_visible(timeout=30_000)
    assert image.evaluate("image => image.complete && image.naturalWidth") == 1_200
    expect(page.locator("#quote")).to_be_in_viewport()
    sheet.get_by_role("button", name="Page before").click()
    expect(sheet.locator("figcaption")).to_contain_text("Page 1, as printed")
    expect(sheet.get_by_role("button", name="Page before")).to_be_disabled()
    assert exact(page.locator(".article-text")) == shelf["river.pdf"].text


def test_where_the_file_has_changed_the_page_says_why_none_is_shown(page: Page, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "creek.pdf"
    file.write_bytes(TWO.replace(b"river", b"creek"))
    (added,) = served.assistant.add(file).added
    try:
        file.write_bytes(TWO)
        page.reload()
        open_listed(page, served.assistant.article(added.id))
        expect(page.locator("#pane .sheet")).to_contain_text("has changed since this version was read", timeout=30_000)
        expect(page.locator("#pane .sheet img")).to_have_count(0)
    finally:
        served.assistant.remove(added.id)


# Words taken for an answer


def test_selected_words_are_kept_as_the_answer_at_their_place_in_code_points(
    page: Page, served: Served, shelf: dict[str, Article]
) -> None:
    journal = served.assistant.journal
    ask(page, WOMBATS)
    page.locator(f".quoted .cite[data-article='{shelf['wombat.txt'].id}']").first.click()
    expect(page.locator("#quote")).to_be_visible()
    for words in ("Friday 👩‍👩‍👧‍👦 at ten", "🎺 The wombat parade began", "İ\n\nNobody", "🦘"):
        at = WOMBAT.index(words)
        select(page, units(WOMBAT[:at]), units(WOMBAT[: at + len(words)]))
        page.get_by_role("button", name="This is the answer").click()
        dialog = page.get_by_role("dialog", name="This is the answer")
        assert exact(dialog.locator("q")) == words
        expect(dialog.get_by_label("To which question?")).to_have_value(WOMBATS)
        question = f"Which words are {words.encode().hex()}?"
        dialog.get_by_label("To which question?").fill(question)
        dialog.get_by_role("button", name="Keep as a test question").click()
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("status").filter(has_text="Kept as a draft")).to_be_visible()
        # The last draft's message may still be there, so it does not tell that this one is kept.
        wait_until(page, lambda: any(each.question == question for each in journal.drafts()))  # noqa: B023, called at once
        (draft,) = (each for each in journal.drafts() if each.question == question)
        assert (draft.answers, draft.why) == ((words,), "gold span")
        journal.dismiss(draft.id)


def test_words_that_are_not_the_articles_at_that_place_are_not_kept(
    page: Page, served: Served, shelf: dict[str, Article]
) -> None:
    before = served.assistant.journal.drafts()
    open_listed(page, shelf["wombat.txt"])
    page.locator(".article-text").evaluate("text => text.firstChild.data = 'Elsewhere ' + text.firstChild.data")
    select(page, 0, 9)
    page.get_by_role("button", name="This is the answer").click()
    dialog = page.get_by_role("dialog", name="This is the answer")
    dialog.get_by_label("To which question?").fill("Where?")
    dialog.get_by_role("button", name="Keep as a test question").click()
    expect(page.get_by_role("status").filter(has_text="There are no such words")).to_be_visible()
    assert served.assistant.journal.drafts() == before


def test_the_offer_goes_with_the_selection_and_a_cancelled_form_keeps_nothing(
    page: Page, served: Served, shelf: dict[str, Article]
) -> None:
    before = served.assistant.journal.drafts()
    open_listed(page, shelf["wombat.txt"])
    offer = page.get_by_role("button", name="This is the answer")
    expect(offer).to_have_count(0)
    select(page, 0, 10)
    expect(offer).to_be_visible()
    page.evaluate("getSelection().removeAllRanges()")
    expect(offer).to_have_count(0)
    select(page, 0, 10)
    offer.click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog", name="This is the answer")).to_be_hidden()
    page.wait_for_timeout(300)
    assert served.assistant.journal.drafts() == before


# How it looks


def test_an_article_from_right_to_left_is_exact_and_reads_from_the_right(page: Page, shelf: dict[str, Article]) -> None:
    text = open_listed(page, shelf["arabic.txt"])
    assert exact(text) == ARABIC
    where = """place => {
        const node = document.querySelector(".article-text").firstChild;
        const range = new Range();
        range.setStart(node, place);
        range.setEnd(node, place + 1);
        return range.getBoundingClientRect().left;
    }"""
    first, tenth = (page.evaluate(where, place) for place in (0, 9))
    box = text.bounding_box()
    assert box
    assert first > tenth
    assert first > box["x"] + 0.8 * box["width"]
    english = ARABIC.index("The end")
    assert page.evaluate(where, english) < box["x"] + 0.2 * box["width"]
    page.get_by_label("Find in article").fill("الجمعة")
    assert found(page) == ["الجمعة"]


def test_axe_finds_nothing_to_object_to_in_an_article(page: Page, shelf: dict[str, Article]) -> None:
    ask(page, RIVER)
    page.locator(f".quoted .cite[data-article='{shelf['river.pdf'].id}']").first.click()
    expect(page.locator("#pane .sheet img")).to_be_visible(timeout=30_000)
    page.get_by_text("2 parts").click()
    page.get_by_label("Find in article").fill("river")
    assert objections_in_both_schemes(page) == []
    select(page, 0, 10)
    expect(page.get_by_role("button", name="This is the answer")).to_be_visible()
    assert objections_in_both_schemes(page) == []
    page.get_by_role("button", name="This is the answer").click()
    expect(page.get_by_role("dialog", name="This is the answer")).to_be_visible()
    assert objections_in_both_schemes(page) == []


def test_on_a_screen_of_320_pixels_an_article_is_no_wider_than_it(
    visit: Callable[..., Page], shelf: dict[str, Article]
) -> None:
    page = visit(viewport={"width": 320, "height": 700}, has_touch=True, is_mobile=True)
    ask(page, RIVER)
    page.locator(f".quoted .cite[data-article='{shelf['river.pdf'].id}']").first.tap()
    expect(page.locator("#pane .sheet img")).to_be_visible(timeout=30_000)
    page.get_by_text("2 parts").tap()
    page.get_by_label("Find in article").fill("river")
    pane = "[document.documentElement, document.querySelector('#pane')].every((each) => each.scrollWidth <= window.innerWidth)"
    assert page.evaluate(pane)
    select(page, 0, 10)
    page.get_by_role("button", name="This is the answer").tap()
    assert page.evaluate(pane)
    page.get_by_role("button", name="Cancel").tap()
    page.get_by_role("button", name="Close article").tap()
    expect(page.get_by_label("Your question")).to_be_in_viewport()
