"""An empty library: it invites to add articles in three ways, and once there are some, to ask what they answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.pages import Served, exact, objections_in_both_schemes, serving

from embeddings import Encoder
from qa import Assistant
from ui.html.conversations import Invitation, chat_html
from ui.state import samples
from ui.state.chat import Chat
from ui.state.opening_questions import OpeningQuestions

pytest_plugins = ["support.page_fixtures"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Served]:
    """A page of a library that is empty at first."""
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    assistant._encoder = encoder
    with serving(assistant) as served:
        yield served


def test_an_empty_library_takes_what_is_dropped_anywhere_and_then_offers_what_its_articles_answer(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.page.ask_tab._PATIENCE", 30)  # the page gives up sooner, and so on a busy machine
    expect(page.get_by_role("heading", name="The library is empty")).to_be_visible()
    assert objections_in_both_schemes(page) == []
    page.get_by_role("tab", name="Measure").click()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["The old bridge of Tonder was painted green.\\n"], "bridge.txt"));
            for (const type of ["dragover", "drop"]) {
              document.querySelector("#masthead").dispatchEvent(
                new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
              );
            }
        }"""
    )
    expect(page.get_by_role("tab", name="Library")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#masthead .count")).to_have_text("1 article", timeout=60_000)
    page.get_by_role("tab", name="Ask").click()
    expect(page.get_by_role("heading", name="The library is empty")).to_have_count(0)
    page.get_by_role("tab", name="Library").click()
    page.get_by_label("Search the library").fill("bridge")
    page.get_by_role("button", name="Remove bridge").click()
    expect(page.locator("#masthead .count")).to_have_text("0 articles")
    page.get_by_role("tab", name="Ask").click()
    page.get_by_role("button", name="Try the three sample articles").click()
    expect(page.locator("#masthead .count")).to_have_text("3 articles", timeout=60_000)
    page.get_by_role("tab", name="Ask").click()
    offered = page.locator(".examples button[data-event=ask]")
    expect(offered.first).to_be_visible(timeout=60_000)
    question = exact(offered.first)
    offered.first.click()
    expect(page.locator(".exchange .question")).to_have_text(question)
    expect(page.locator(".quoted").first).to_be_visible(timeout=60_000)


def test_questions_to_begin_with_are_of_the_articles_and_have_an_answer(seed_assistant: Assistant) -> None:
    questions = OpeningQuestions(seed_assistant)
    made = questions.get(60)
    assert 1 <= len(made) <= 3
    assert questions.get(0) == made, "made once for a generation"
    for question in made:
        answer = seed_assistant.ask(question)
        assert answer.found
        assert answer.confidence >= 0.5


def test_an_empty_library_invites_only_to_what_can_be_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def invites(may_add: bool, has_samples: bool) -> str:
        return str(chat_html(Chat(), invitation=Invitation(may_add, has_samples)))

    assert "Drop files" in invites(True, True)
    assert 'data-event="samples"' in invites(True, True)
    assert 'data-event="samples"' not in invites(True, False), "an installed package brings none"
    assert "Drop files" not in invites(False, True)
    assert "read only" in invites(False, True)
    assert len(samples.sample_articles()) == 3
    monkeypatch.setattr(samples, "_FOLDER", tmp_path / "seeds")
    assert samples.sample_articles() == []
