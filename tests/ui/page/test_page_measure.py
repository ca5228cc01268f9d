"""The tab where the library is measured: a run, its failures, another compared with it."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.pages import Served, exact, objections_in_both_schemes, serving

from embeddings import Encoder
from qa import Assistant
from qa.evaluation import Run, find_run, load_questions, save_run
from qa.evaluation.saving import run_file
from qa.types.errors import QuestionsUnreadable
from ui.page.measure_tab import MeasureTab

pytest_plugins = ["support.page_fixtures"]

SEEDS = Path(__file__).parents[3] / "seeds"
WRONG = "Who is the Canadian ambassador, wrongly expected?"
LINES = [
    {"id": "a", "question": "What is the capital of France?", "answers": []},
    {
        "id": "b",
        "question": "How many North Koreans are hiding in China?",
        "answers": ["200,000"],
        "source": "001_dd0412be176635a6.txt",
    },
    {"id": "c", "question": WRONG, "answers": ["ladders"], "source": "000_93b197122659e60d.txt"},
]


@pytest.fixture(scope="module")
def measurable(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Served]:
    """The page of the seeds, which can be measured with a few questions, one of which expects what is wrong."""
    questions = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    questions.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    assistant = Assistant.open(tmp_path_factory.mktemp("library"))
    assistant._encoder = encoder
    assistant.add(sorted(SEEDS.glob("*.txt")))
    with serving(assistant, question_files=[questions, SEEDS / "questions.jsonl"]) as served:
        yield served


@pytest.fixture
def tab(context: Callable[..., BrowserContext], measurable: Served) -> Iterator[Callable[..., Page]]:
    """Opens the tab."""
    pages: list[Page] = []

    def open_tab(**options: object) -> Page:
        page = context(**options).new_page()
        pages.append(page)
        page.goto(measurable.address)
        expect(page.locator("#pane .contents")).to_be_visible(timeout=30_000)
        page.get_by_role("tab", name="Measure").click()
        return page

    yield open_tab
    for page in pages:
        page.close()


def measure(page: Page, name: str) -> None:
    page.get_by_label("Name of the run").fill(name)
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("heading", name=f"Run {name}")).to_be_visible(timeout=60_000)


def test_a_run_shows_its_figures_and_is_kept_in_the_library(tab: Callable[..., Page], measurable: Served) -> None:
    page = tab()
    measure(page, "first")
    run = find_run(measurable.assistant.library.folder, "first")
    expect(page.locator(".run .lead")).to_contain_text("1 of 2 questions are answered by the first quote")
    expect(page.locator(".run .lead")).to_contain_text("1 of 1 that the articles do not answer are refused")
    row = page.locator("#measured tr", has=page.locator("th", has_text="quote@1"))
    assert exact(row.locator("td").first) == f"{run.figures.quote_at_1:.3f}" == "0.500"


def test_a_run_is_drawn_and_the_drawings_leave_the_page_as_it_is(tab: Callable[..., Page]) -> None:
    page = tab()
    measure(page, "drawn")
    drawings = page.locator("#measured figure svg")
    assert [exact(each) for each in page.locator("#measured figcaption").all()] == [
        *("Recall at k", "Risk and coverage", "Calibration", "Time by stage"),
    ]
    expect(drawings.first).to_have_attribute("aria-label", re.compile("^Recall at k. Recall of passages, "))
    assert page.locator("#measured style").count() == 0
    width = drawings.first.evaluate("drawing => drawing.getBoundingClientRect().width")
    assert width > 200


def test_a_failure_says_what_was_expected_and_opens_the_article_there(tab: Callable[..., Page], measurable: Served) -> None:
    page = tab()
    measure(page, "failing")
    page.locator(".failures summary").first.click()
    failure = page.locator(".failures li").first
    assert exact(failure.locator(".question")) == WRONG
    expect(failure.locator(".expected")).to_contain_text("ladders")
    failure.locator(".expected .place").click()
    expect(page.locator("#quote")).to_be_in_viewport()
    expect(page.locator("#quote")).to_contain_text("ladders")


def test_a_run_is_compared_with_an_earlier_one(tab: Callable[..., Page], measurable: Served) -> None:
    page = tab()
    measure(page, "before")
    measure(page, "after")
    page.get_by_label("Show", exact=True).select_option("after")
    page.get_by_label("Compared with").select_option("before")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="after compared with before")).to_be_visible(timeout=30_000)
    expect(page.locator("#measured")).to_contain_text("No question came out differently.")


def test_a_question_that_was_not_answered_in_an_earlier_run_is_named(tab: Callable[..., Page], measurable: Served) -> None:
    page = tab()
    measure(page, "better")
    folder = measurable.assistant.library.folder
    run = find_run(folder, "better")
    unanswered = [replace(each, quotes=(), around=(), rank=None, found=False) for each in run.outcomes]
    save_run(replace(run, outcomes=tuple(unanswered), name="worse"), run_file(folder, "worse"))
    page.reload()
    page.get_by_role("tab", name="Measure").click()
    page.get_by_label("Show", exact=True).select_option("better")
    page.get_by_label("Compared with").select_option("worse")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="better compared with worse")).to_be_visible(timeout=30_000)
    row = page.get_by_label("Comparison").locator("tr", has=page.locator("th", has_text="quote@1"))
    assert [exact(cell) for cell in row.locator("td").all()][:3] == ["0.000", "0.500", "+0.500"]
    expect(page.get_by_text("Answered now, and not before: 1")).to_be_visible()


def test_a_file_of_the_readers_is_measured_with_and_a_bad_one_named(tab: Callable[..., Page], tmp_path: Path) -> None:
    page = tab()
    brought = tmp_path / "mine.jsonl"
    brought.write_text(json.dumps(LINES[1]))
    page.get_by_label("Test questions").select_option("file")
    page.get_by_label("File").set_input_files(brought)
    measure(page, "mine")
    expect(page.locator(".run .lead")).to_contain_text("1 of 1 questions are answered")
    expect(page.locator("#measured")).to_contain_text("Nothing went wrong.")
    brought.write_text(json.dumps(LINES[1]) + "\n{not json}\n")
    page.get_by_label("Test questions").select_option("file")
    page.get_by_label("File").set_input_files(brought)
    page.get_by_role("button", name="Measure").click()
    expect(page.locator("#measured .trouble")).to_contain_text("The file, line 2")


def test_a_name_that_is_none_is_refused(tab: Callable[..., Page]) -> None:
    page = tab()
    for name in ("../../etc/passwd", "a b", "<b>"):
        page.get_by_label("Name of the run").fill(name)
        page.get_by_role("button", name="Measure").click()
        expect(page.locator("#measured .trouble")).to_contain_text(f"{name!r} is no name for a run")


def test_questions_can_be_asked_while_a_run_is_measured(tab: Callable[..., Page], measurable: Served) -> None:
    assert len(load_questions(SEEDS / "questions.jsonl")) > 40
    page = tab()
    page.get_by_label("Test questions").select_option(label="seeds/questions.jsonl")
    page.get_by_label("Name of the run").fill("long")
    page.get_by_role("button", name="Measure").click()
    expect(page.locator(".working")).to_be_visible()
    page.get_by_role("tab", name="Ask").click()
    page.get_by_label("Your question").fill("Who is the Canadian ambassador?")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".exchange .answer")).to_be_visible()
    assert not (measurable.assistant.library.folder / "runs" / "long.json").exists()
    page.get_by_role("tab", name="Measure").click()
    expect(page.get_by_role("heading", name="Run long")).to_be_visible(timeout=90_000)


def test_axe_finds_nothing_to_object_to_and_nothing_is_wider_than_a_small_phone(tab: Callable[..., Page]) -> None:
    page = tab(viewport={"width": 320, "height": 700})
    measure(page, "narrow")
    measure(page, "other")
    page.locator(".failures summary").first.click()
    page.get_by_label("Compared with").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_label("Comparison")).to_be_visible(timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert objections_in_both_schemes(page) == []


def test_a_run_goes_on_without_the_page_and_is_shown_again_when_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    goes_on = threading.Event()

    def evaluate(*_args: object, on_question: Callable[[int, int], None], **_options: object) -> Run:
        on_question(2, 3)
        goes_on.wait(10)
        raise QuestionsUnreadable("This is how it ended.")

    monkeypatch.setattr("ui.state.measurement.evaluate", evaluate)
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    tab = MeasureTab(Assistant.open(tmp_path / "library"), [questions])
    ann = gr.Request(username="ann")
    begin = gr.EventData(None, {"questions": "0", "name": "one"})
    assert tab._resume(ann) == (gr.skip(), gr.skip(), gr.skip())
    tab._measure(begin, ann)
    assert "Another run is being measured" in tab._measure(begin, ann)[2]
    timer, _, shown = tab._resume(ann)
    assert timer.active
    assert "2 of 3 questions asked" in shown
    assert tab._resume(gr.Request(username="ben")) == (gr.skip(), gr.skip(), gr.skip())
    goes_on.set()
    with suppress(QuestionsUnreadable):
        assert tab._measurements.latest
        tab._measurements.latest.result()
    timer, _, shown = tab._follow(ann)
    assert not timer.active
    assert "This is how it ended." in shown
    assert tab._resume(ann)[0] == gr.skip()
