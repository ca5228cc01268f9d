"""The Library tab in a browser: adding files, a folder and a link, finding, removing, undoing and checking."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.pages import Served, ask, exact, objections_in_both_schemes, serving
from support.servers import answer, fetcher
from support.servers import serving as site

from embeddings import Encoder
from qa import Assistant
from ui.html.library import addition_html

pytest_plugins = ["support.page_fixtures"]

WALL = "The lighthouse keeper was called Ingrid Solberg. She kept the lamp of Skagen for forty years.\n"
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Served]:
    """A page of a library of its own, since these tests change it."""
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    assistant._encoder = encoder
    assistant.add(sorted((Path(__file__).parents[3] / "seeds").glob("*.txt")))
    with serving(assistant) as served:
        yield served


@pytest.fixture
def library(page: Page) -> Page:
    """The Library tab."""
    return shown(page)


def shown(page: Page) -> Page:
    page.get_by_role("tab", name="Library").click()
    expect(page.locator("#library .counted")).to_be_visible()
    return page


def results(page: Page) -> dict[str, str]:
    """What became of each file that was added, by its name, once all is done."""
    expect(page.locator("#addition [aria-label='What was added']")).to_be_visible(timeout=60_000)
    lines = page.locator("#addition .results li").all()
    return {exact(each.locator(".source, .title").first): exact(each.locator(".fate")) for each in lines}


def test_a_file_is_added_and_answers(library: Page, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "lighthouse.txt"
    file.write_text(WALL)
    library.locator("#pick-files").set_input_files(file)
    assert list(results(library).values()) == ["added"]
    expect(library.locator("#masthead .count")).to_have_text("4 articles")
    expect(library.locator("#library tbody .source").first).to_have_text("lighthouse.txt")
    left = (served.assistant.library.folder / "uploads").rglob("*")
    assert [file for file in left if file.is_file() and file.suffix != ".lock"] == []
    library.get_by_role("tab", name="Ask").click()
    quote = ask(library, "What was the lighthouse keeper called?").locator("blockquote").first
    expect(quote).to_contain_text("Ingrid Solberg")


def test_a_file_sent_again_is_unchanged_and_a_changed_one_updated(library: Page, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "harbour.txt"
    for text, fate in ((WALL, "added"), (WALL, "unchanged"), (WALL + "It is dark now.\n", "updated")):
        file.write_text(text)
        library.locator("#pick-files").set_input_files(file)
        expect(library.locator("#addition .fate")).to_have_text(fate, timeout=60_000)
    article = next(each for each in served.assistant.articles() if each.source == "harbour.txt")
    assert served.assistant.article(article.id).text == text


def test_a_folder_is_added_without_what_is_hidden_or_of_another_kind(library: Page, served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / "2004").mkdir(parents=True)
    for number in range(12):
        (folder / "2004" / f"report{number}.txt").write_text(f"The mill number {number} was sold to farmer {number}.\n")
    (folder / ".secret.txt").write_text(WALL)
    (folder / "picture.xyz").write_text(WALL)
    library.locator("#pick-folder").set_input_files(folder)
    found = results(library)
    assert sorted(found.values()) == [*["added"] * 12, "skipped"]
    expect(library.locator("#addition .summed")).to_have_text("12 added, 2 skipped.")
    reasons = [exact(each) for each in library.locator("#addition .reason").all()]
    assert any("1 × .xyz (picture.xyz): files of this kind are not read" in reason for reason in reasons)
    assert any("1 × hidden (.secret.txt): hidden files and folders are not searched" in reason for reason in reasons)
    sources = {each.source for each in served.assistant.articles()}
    assert {f"papers/2004/report{number}.txt" for number in range(12)} <= sources
    assert not any("secret" in source or "picture" in source for source in sources)


def test_files_are_dropped(library: Page, served: Served) -> None:
    library.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["The old bridge of Tonder was painted green.\\n"], "bridge.txt"));
            const drop = document.querySelector("#adding .drop");
            for (const type of ["dragover", "drop"]) {
              drop.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
            }
        }"""
    )
    assert list(results(library).values()) == ["added"]
    assert "bridge.txt" in {each.source for each in served.assistant.articles()}


def test_a_file_that_cannot_be_read_says_why_and_the_rest_go_in(library: Page, tmp_path: Path) -> None:
    (tmp_path / "noise.txt").write_bytes(b"\0\1\2\xff" * 100)
    (tmp_path / "<b>empty.txt").write_text("")
    (tmp_path / "tower.txt").write_text("The tower of the old town fell at noon.\n")
    library.locator("#pick-files").set_input_files(sorted(tmp_path.glob("*.txt")))
    found = results(library)
    assert found == {"noise.txt": "failed", "<b>empty.txt": "failed", "tower": "added"}
    reasons = [exact(each) for each in library.locator("#addition .reason").all()]
    assert any("something binary" in reason for reason in reasons)
    assert any("empty" in reason for reason in reasons)
    expect(library.locator("#addition .summed")).to_have_text("1 added, 2 failed.")


def test_a_file_over_the_limit_is_not_sent_and_named(library: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    library.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
    library.evaluate("() => { document.querySelector('#adding .drop').dataset.most; }")
    library.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File([new ArrayBuffer(50_000_001)], "huge.txt"));
            const input = document.querySelector("#pick-files");
            input.files = data.files;
            input.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    assert results(library) == {"huge.txt": "failed"}
    expect(library.locator("#addition .reason")).to_contain_text("50 MB")
    assert sent == []


def test_a_link_is_added(library: Page, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.sources.web.fetching.Fetcher", fetcher)
    text = "The ferry of Hirtshals sank in a storm on Monday. Nobody was hurt, said the captain of the ferry. " * 3
    page = (
        f"<html><head><title>Ferry sinks</title></head><body><article><h1>Ferry sinks</h1><p>{text}</p></article></body></html>"
    )
    with site({"/ferry.html": answer(page)}) as server:
        library.get_by_label("Link to a page, feed or sitemap").fill(server.url("/ferry.html"))
        library.get_by_label("Link to a page, feed or sitemap").press("Enter")
        assert results(library) == {"Ferry sinks": "added"}
        assert server.url("/ferry.html") in {each.source for each in served.assistant.articles()}
        library.get_by_label("Link to a page, feed or sitemap").fill(server.url("/none.html"))
        library.get_by_role("button", name="Add", exact=True).click()
        expect(library.locator("#addition .failed")).to_be_visible(timeout=60_000)
        expect(library.locator("#addition .reason")).to_contain_text("404")


def test_a_path_of_this_machine_is_no_link(library: Page, served: Served, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(WALL)
    before = served.assistant.articles()
    for address in (str(tmp_path / "secret.txt"), f"file://{tmp_path}/secret.txt", "ftp://example.org/a"):
        field = library.get_by_label("Link to a page, feed or sitemap")
        field.evaluate("(field, value) => { field.type = 'text'; field.value = value; }", address)
        field.press("Enter")
        expect(library.locator("#addition .trouble")).to_contain_text("begins with http")
        library.reload()
        shown(library)
    assert served.assistant.articles() == before


def test_what_is_removed_answers_no_more_until_that_is_undone(library: Page, served: Served, tmp_path: Path) -> None:
    (tmp_path / "crane.txt").write_text("The crane of Esbjerg harbour lifts ninety tons.\n")
    served.assistant.add(tmp_path / "crane.txt")
    library.reload()
    shown(library)
    before = [each for each in served.assistant.articles() if each.title == "crane"]
    library.get_by_role("button", name="Remove crane").click()
    expect(library.locator("#library .undo")).to_contain_text("Removed crane.")
    expect(library.get_by_role("button", name="Undo")).to_be_focused()
    assert not [each for each in served.assistant.articles() if each.title == "crane"]
    library.keyboard.press("Enter")
    expect(library.locator("#library .undo")).to_have_count(0)
    expect(library.get_by_role("button", name="Remove crane")).to_be_visible()
    assert [each for each in served.assistant.articles() if each.title == "crane"] == before


def test_articles_are_looked_for_and_put_in_order(library: Page, served: Served) -> None:
    library.get_by_label("Search the library").fill("embassy BEIJING")
    expect(library.locator("#library .counted")).to_contain_text("1 article found")
    expect(library.locator("#library tbody tr")).to_have_count(1)
    library.get_by_label("Search the library").fill("")
    library.get_by_label("New or changed since").fill("2999")
    expect(library.locator("#library .counted")).to_contain_text("0 articles found")
    library.get_by_label("New or changed since").fill("no date")
    expect(library.locator("#library")).to_contain_text("must be a date")
    library.get_by_label("New or changed since").fill("2020")
    heading = library.get_by_role("button", name="Title", exact=True)
    heading.click()
    expect(library.locator("th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    expect(heading).to_be_focused()
    titles = [exact(each) for each in library.locator("#library tbody .title").all()]
    assert titles == sorted(titles, key=str.casefold)
    assert len(titles) == len(served.assistant.articles()) > 3
    library.keyboard.press("Enter")
    expect(library.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")


def test_a_title_opens_its_article(library: Page, served: Served) -> None:
    library.get_by_label("Search the library").fill("consulate")
    expect(library.locator("#library tbody tr")).to_have_count(1)
    library.locator("#library tbody .cite").click()
    article = next(each for each in served.assistant.articles() if "consulate" in each.title)
    expect(library.locator(".reading .title")).to_have_text(article.title)
    assert exact(library.locator(".article-text")) == served.assistant.article(article.id).text


def test_the_library_is_checked(library: Page) -> None:
    library.get_by_role("button", name="Check the library").click()
    expect(library.locator("#checked .summed")).to_have_text(re.compile(r"\d+ articles.*: all as written\."))


def test_an_addition_that_goes_on_is_shown_to_who_comes_later(visit: Visit, served: Served, tmp_path: Path) -> None:
    with served.assistant.library.writing():  # another writer: it waits
        page = shown(visit())
        (tmp_path / "late.txt").write_text("The last train to Ribe leaves at midnight.\n")
        page.locator("#pick-files").set_input_files(tmp_path / "late.txt")
        expect(page.locator("#addition [data-busy]")).to_be_visible()
        other = shown(visit())
        expect(other.locator("#addition progress")).to_be_visible()
        assert ask_in(other, "Who is the Canadian ambassador?")
    for each in (page, other):
        expect(each.locator("#addition .fate")).to_have_text("added", timeout=60_000)


def ask_in(page: Page, question: str) -> str:
    page.get_by_role("tab", name="Ask").click()
    said = exact(ask(page, question))
    page.get_by_role("tab", name="Library").click()
    return said


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_has_nothing_against_the_tab_and_nothing_leaves_the_screen(visit: Visit, tmp_path: Path, width: int) -> None:
    page = shown(visit(viewport={"width": width, "height": 800}))
    (tmp_path / "noise.txt").write_bytes(b"\0\1\2\xff" * 100)
    (tmp_path / "plain.txt").write_text(f"The boat of {width} was sold.\n")
    page.locator("#pick-files").set_input_files([tmp_path / "noise.txt", tmp_path / "plain.txt"])
    results(page)
    page.get_by_role("button", name="Remove plain").click()
    expect(page.locator("#library .undo")).to_be_visible()
    page.get_by_role("button", name="Check the library").click()
    expect(page.locator("#checked .summed")).to_be_visible()
    assert objections_in_both_schemes(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        page.evaluate("() => { const tab = document.querySelector('#library-tab'); return tab.scrollWidth - tab.clientWidth; }")
        <= 0
    )


def test_nothing_is_shown_before_anything_is_added() -> None:
    assert addition_html(None) == ""
