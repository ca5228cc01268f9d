"""The printed page beside the text of an article: it stays in sight, is as large as is wanted, and above it on a phone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.pages import Served, ask, exact, objections
from support.pdfs import page as sheet
from support.pdfs import pdf

from qa.types.articles import Article

pytest_plugins = ["support.page_fixtures"]

QUESTION = "On which day did the quokka council paint the lighthouse?"
FILLED = [f"In week {week} the quokka council met again and wrote down what was said." for week in range(1, 41)]
LONG = pdf(sheet(FILLED), sheet([*FILLED[:20], "The quokka council painted the lighthouse on Tuesday.", *FILLED[20:]]))
WIDE, SMALL = [(1280, 800), (1920, 1080)], [(390, 844), (1024, 768)]


@pytest.fixture(scope="module")
def quokka(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Article]:
    """An article of two full pages, while this file's tests run."""
    file = tmp_path_factory.mktemp("shelf") / "quokka.pdf"
    file.write_bytes(LONG)
    (added,) = served.assistant.add(file).added
    yield served.assistant.article(added.id)
    served.assistant.remove(added.id)


def open_cited(page: Page, article: Article) -> Locator:
    """The printed page of the first quote from an article, once it is drawn."""
    ask(page, QUESTION)
    page.locator(f".quoted .cite[data-article='{article.id}']").first.click()
    image = page.locator("#pane .sheet img")
    expect(image).to_be_visible(timeout=30_000)
    return image


def box(locator: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom in the window."""
    found = locator.bounding_box()
    assert found
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


@pytest.mark.parametrize("size", WIDE)
def test_on_a_wide_screen_the_page_is_beside_the_text_and_stays_in_sight_while_it_scrolls(
    visit: Callable[..., Page], quokka: Article, size: tuple[int, int]
) -> None:
    page = visit(viewport={"width": size[0], "height": size[1]})
    image, text = open_cited(page, quokka), page.locator(".article-text")
    for place in ("quote", "end"):
        if place == "end":
            page.locator("#pane").evaluate("pane => pane.scrollTo(0, pane.scrollHeight)")
        expect(image).to_be_in_viewport(ratio=1)
        assert box(text)[2] < box(image)[0]
        assert box(page.locator("#pane .tools"))[3] < box(image)[1]
        if place == "quote":
            expect(page.locator("#quote")).to_be_in_viewport()
            expect(page.locator("#conversation .cite[aria-current]")).to_be_in_viewport()  # though its column is narrower now
    expect(page.get_by_role("button", name="As printed")).to_be_hidden()
    assert exact(text) == quokka.text
    assert objections(page) == []


@pytest.mark.parametrize("size", SMALL)
def test_on_a_smaller_screen_the_page_is_above_the_text_and_the_quote_in_sight(
    visit: Callable[..., Page], quokka: Article, size: tuple[int, int]
) -> None:
    page = visit(viewport={"width": size[0], "height": size[1]})
    image = open_cited(page, quokka)
    expect(page.locator("#quote")).to_be_in_viewport()
    assert box(image)[3] < box(page.locator(".article-text"))[1]
    expect(page.get_by_role("button", name="Larger page")).to_be_hidden()
    page.get_by_role("button", name="As printed").click()
    expect(page.locator(".sheet figcaption")).to_be_in_viewport()


def test_the_page_can_be_as_wide_as_the_pane_and_go_back_beside_the_text(page: Page, quokka: Article) -> None:
    image = open_cited(page, quokka)
    left, _, right, _ = box(image)
    larger = page.get_by_role("button", name="Larger page")
    larger.click()
    expect(larger).to_have_attribute("aria-pressed", "true")
    assert box(image)[2] - box(image)[0] > 1.6 * (right - left)
    assert box(image)[3] < box(page.locator(".article-text"))[1]
    expect(page.locator(".sheet figcaption")).to_be_in_viewport()
    page.get_by_role("button", name="Page before").click()
    expect(page.locator(".sheet figcaption")).to_contain_text("Page 1, as printed")
    expect(larger).to_have_attribute("aria-pressed", "true")
    larger.click()
    expect(larger).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#quote")).to_be_in_viewport()
    assert box(page.locator(".article-text"))[2] < box(image)[0]


def test_where_no_page_can_be_shown_no_room_is_left_for_one(page: Page, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "numbat.pdf"
    file.write_bytes(LONG.replace(b"quokka", b"numbat"))
    (added,) = served.assistant.add(file).added
    try:
        file.unlink()
        page.reload()
        page.locator(f"#pane .contents .cite[data-article='{added.id}']").click()
        sheet = page.locator("#pane .sheet")
        expect(sheet).to_contain_text("cannot be", timeout=30_000)
        assert box(sheet)[3] < box(page.locator(".article-text"))[1]
    finally:
        served.assistant.remove(added.id)


def test_an_uploaded_file_is_shown_as_printed_and_its_original_is_opened(page: Page, served: Served) -> None:
    uploaded = LONG.replace(b"quokka", b"possum")
    page.get_by_role("tab", name="Library").click()
    page.locator("#adding input[type=file]").first.set_input_files({"name": "possum.pdf", "mimeType": "", "buffer": uploaded})
    place = page.locator("#addition .results .place")
    expect(place).to_be_visible(timeout=60_000)
    article = next(each for each in served.assistant.articles() if each.source == "possum.pdf")
    try:
        expect(page.locator("#library .counted")).to_contain_text("for the files that were uploaded")
        place.click()
        expect(page.locator("#pane .sheet img")).to_be_visible(timeout=30_000)
        with page.expect_download() as saving:
            page.get_by_role("link", name="Open the original").click()
        assert saving.value.suggested_filename == "possum.pdf"
        assert Path(saving.value.path()).read_bytes() == uploaded
    finally:
        served.assistant.remove(article.id)
