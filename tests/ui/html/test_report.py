"""The report of a run: its figures are the run's, whatever stands in it is text, and it needs nothing but itself."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from conftest import Run as Command
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, BrowserContext, Page
from support import asked
from support.hostile import PAYLOADS
from support.pages import exact, objections

from qa.evaluation import Outcome, Run, cause, load_run, save_run
from qa.evaluation.failure_reasons import FAILURES
from qa.evaluation.metrics.measures import NAMES, SECONDS, recall_curve, reliability
from qa.evaluation.metrics.metric_docs import MEANINGS
from qa.evaluation.metrics.outcomes import QuoteContext
from qa.evaluation.plots import plots
from qa.evaluation.report_tables import Table, figure_tables
from qa.types.articles import Reference
from ui.html.report import report_html, report_markdown

pytest_plugins = ["support.page_fixtures"]

POLICY = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')
STAGES = {"encode": 0.002, "reader": 0.09, "total": 0.1}
GOLD = {"gold_passages": {"a:0:9": 1, "b:0:9": 2}, "gold_articles": {"a": 1, "b": 1}, "timings": STAGES}


def some_of_each() -> Run:
    """A run in which each thing that can go wrong does, once."""
    noon = asked.quote("The ferry leaves at noon.", highlight="noon")
    late = asked.quote("The ferry is late.", confidence=0.55)
    outcomes = [
        asked.outcome("right", ("noon",), noon, passages=("a:0:9", "c:0:9", "b:0:9"), n_read=3, answer_read=True, **GOLD),
        asked.outcome("sentence", ("noon",), late, passages=("c:0:9", "a:0:9"), n_read=2, answer_read=True, **GOLD),
        asked.outcome("article", ("noon",), late, passages=("c:0:9",), n_read=1, answer_read=False, **GOLD),
        asked.outcome("passage", ("noon",), passages=("a:9:18",), n_read=1, answer_read=False, **GOLD),
        asked.outcome("refused", ("noon",), passages=("a:0:9",), n_read=1, answer_read=True, history=("Earlier?",), **GOLD),
        asked.outcome("said", (), noon, timings=STAGES),
        asked.outcome("unsaid", (), timings=STAGES),
    ]
    return asked.run(*outcomes, name="each", baselines={"BM25 alone": {"R@1": 0.25}}, sources={"a": "/home/me/ferry.txt"})


def hostile(payload: str) -> Outcome:
    """A failure in which all texts are a payload."""
    article = Reference("0123456789ab", payload, payload, None, "f" * 64)
    quote = replace(asked.quote(payload), article=article, part=payload)
    outcome = asked.outcome("q", (payload,), quote, rank=None, around=(QuoteContext(payload, payload),), answer_read=True)
    question = replace(outcome.question, id=payload, question=payload, history=(payload,))
    return replace(outcome, question=question, searched_for=f"{payload} again", timings={payload: 0.1})


@pytest.fixture
def reading(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a report from a file, offline, and at the end holds that nothing was asked for, ran or was complained of."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def opening(run: Run, *, policy: bool = True, **options: object) -> Page:
        path, html = tmp_path / "report.html", report_html(run)
        assert len(POLICY.findall(html)) == 1
        path.write_text(html if policy else POLICY.sub("", html), encoding="utf-8")
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        contexts[-1].set_offline(True)
        page = contexts[-1].new_page()
        page.on("request", lambda request: troubles.append(request.url) if request.url != path.as_uri() else None)
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("popup", lambda popup: troubles.append(popup.url))
        page.goto(path.as_uri())
        return page

    yield opening
    pwned = [context.pages[0].evaluate("() => '__pwn' in window") for context in contexts]
    for context in contexts:
        context.close()
    assert (troubles, set(pwned)) == ([], {False})


def test_every_measure_and_every_cause_of_failure_has_a_meaning() -> None:
    assert set(MEANINGS) == set(NAMES)
    assert {why for why, _ in causes(some_of_each())} == set(FAILURES)


def causes(run: Run) -> list[tuple[str, str]]:
    return [(why, outcome.question.id) for outcome in run.outcomes if (why := cause(outcome)) != "right"]


def rows(table: Table) -> dict[str, tuple[str, ...]]:
    return {row.name: row.cells for row in table.rows}


def test_the_tables_hold_every_figure_of_the_run() -> None:
    run = some_of_each()
    figures, by_caption = run.figures, {table.caption: table for table in figure_tables(run)}
    passages = {name: cells[0] for name, cells in rows(by_caption["What was found"]).items()}
    articles = {f"article {name}": cells[1] for name, cells in rows(by_caption["What was found"]).items()}
    alone = {name for name in figures.values if name not in passages and name not in articles}
    follow_ups = rows(by_caption.pop("Follow-ups alone"))
    assert follow_ups["wrongly refused"] == ("1.0000", "1")
    whole = {name: cells for table in by_caption.values() for name, cells in rows(table).items()}
    for name in alone:
        expected = f"{figures.values[name] * 1000:,.2f} ms" if name in SECONDS else f"{figures.values[name]:.4f}"
        assert whole[name] == (expected, f"{figures.of[name]:,}")
    for name in figures.values.keys() - alone:
        assert {**passages, **articles}[name] == f"{figures.values[name]:.4f}"
    assert rows(by_caption["Beside simpler rankings of passages"])["BM25 alone"][1] == "0.2500"
    assert rows(by_caption["Time by stage"]) == {"encode": ("2.00 ms", "2.00 ms"), "reader": ("90.00 ms", "90.00 ms")}


def test_the_curves_go_through_the_figures() -> None:
    run = some_of_each()
    for level, prefix in (("passage", ""), ("article", "article ")):
        line = recall_curve(run.outcomes, level)  # type: ignore[arg-type]
        assert [line[k - 1] for k in (1, 5, 10, 100)] == pytest.approx(
            [run.figures.values[f"{prefix}R@{k}"] for k in (1, 5, 10, 100)]
        )
    assert recall_curve(run.outcomes)[:3] == pytest.approx(
        [(1 / 2 + 0 + 0 + 0 + 1 / 2) / 5, (1 / 2 * 3) / 5, (1 + 1 / 2 * 2) / 5]
    )
    bins = reliability(run.outcomes)
    assert [(each.n, each.right) for each in bins] == [(2, 0.0), (2, 0.5)]
    gap = sum(each.n * abs(each.confidence - each.right) for each in bins) / sum(each.n for each in bins)
    assert gap == pytest.approx(run.figures.values["ECE"])


@pytest.mark.slow
def test_plots_are_the_same_each_time_and_share_no_id_with_those_of_another_run() -> None:
    run = some_of_each()
    assert plots(run, "one") == plots(run, "one")
    ids = [set(re.findall(r' id="([^"]+)"', plot.svg)) for name in ("one", "two") for plot in plots(run, name)]
    assert len(ids) == 8
    assert all(ids)
    assert sum(map(len, ids)) == len(set().union(*ids))


def test_a_plot_says_in_words_what_it_shows_and_takes_the_colour_of_the_text() -> None:
    run = some_of_each()
    drawn = {plot.caption: plot for plot in plots(run)}
    assert list(drawn) == ["Recall at k", "Risk and coverage", "Calibration", "Time by stage"]
    for plot in drawn.values():
        root = ET.fromstring(plot.svg)
        assert (root.get("role"), root[0].text) == ("img", plot.caption)
        assert "currentColor" in plot.svg
        assert not re.search(r"#0+1020+3|<style|<metadata|<script|<image|DejaVu|#000000", plot.svg)
        used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', plot.svg))
        assert {a or b for a, b in used} <= set(re.findall(r' id="([^"]+)"', plot.svg))
    said = str(ET.fromstring(drawn["Recall at k"].svg).get("aria-label"))
    assert f"of passages, {run.figures.values['R@1']:.3f} at 1" in said
    assert f"AURC {run.figures.values['AURC']:.4f}" in drawn["Risk and coverage"].svg
    assert "reader 90.00 and 90.00" in drawn["Time by stage"].svg


def test_what_nothing_is_known_of_is_not_drawn() -> None:
    assert plots(asked.run()) == ()
    times = plots(asked.run(asked.outcome("q", None)))
    assert [plot.caption for plot in times] == ["Time of a question"]
    assert "100.0 milliseconds" in times[0].svg
    assert "<h2>What went wrong</h2><p>Nothing.</p>" in report_html(asked.run())


def test_every_failure_stands_under_its_cause_with_what_was_expected_and_what_came(reading: Callable[..., Page]) -> None:
    run = some_of_each()
    page = reading(run)
    shown = page.locator(".failures > *").evaluate_all("all => all.map(each => [each.tagName, each.firstChild.textContent])")
    heading, found = "", []
    for tag, text in shown:
        heading = text if tag == "H3" else heading
        if tag == "DETAILS":
            found.append((heading, text))
    assert sorted(found) == sorted((f"{FAILURES[why]}: 1", f"{name}?") for why, name in causes(run))  # type: ignore[index]
    failure = page.locator(".failure", has_text="sentence?")
    failure.locator("summary").click()
    assert exact(failure.locator("blockquote mark")) == "The ferry is late."
    assert "Expected“noon”" in exact(failure)
    assert "In" + "ferry.txt, b" in exact(failure)
    assert "/home/me" not in page.content()


def test_a_quote_is_shown_in_its_context(reading: Callable[..., Page]) -> None:
    wrong = asked.outcome(
        "q", ("noon",), asked.quote("It is late."), answer_read=True, around=(QuoteContext("Before. ", " After."),)
    )
    page = reading(asked.run(wrong))
    assert exact(page.locator("blockquote")) == "Before. It is late. After."
    assert page.locator(".from, .to").count() == 0  # the article begins and ends there
    long = replace(wrong, around=(QuoteContext("b" * 200, "a" * 200),))
    assert reading(asked.run(long)).locator(".from, .to").count() == 2


@pytest.mark.parametrize("start", range(0, len(PAYLOADS), 20))
def test_a_payload_is_text_wherever_it_stands(reading: Callable[..., Page], start: int) -> None:
    some = PAYLOADS[start : start + 20]
    made = {"settings": {payload: payload for payload in some}, "encoder": some[0], "machine": some[1]}
    run = asked.run(*map(hostile, some), name=some[0])
    page = reading(replace(run, made=replace(run.made, **made)), policy=False)  # escaping alone holds
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    shown = [text.replace("\r", "\n") for text in some]
    for place in (".failure > summary", "blockquote mark"):
        assert [exact(each) for each in page.locator(place).all()] == shown
    assert [exact(each) for each in page.locator("blockquote").all()] == [text * 3 for text in shown]
    assert exact(page.locator("h1")) == f"Run {some[0]}"
    page.mouse.move(100, 300)
    page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    elements = {"script", "img", "iframe", "object", "embed", "link", "form", "input", "a", "base", "video"}
    assert page.locator(", ".join(elements)).count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to_and_nothing_is_wider_than_a_small_phone(
    reading: Callable[..., Page], scheme: str
) -> None:
    run = some_of_each()
    long = hostile("Donaudampfschifffahrtsgesellschaft" * 9)
    page = reading(replace(run, outcomes=(*run.outcomes, long)), color_scheme=scheme, viewport={"width": 320, "height": 700})
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == {
        "light": "rgb(251, 249, 244)",
        "dark": "rgb(23, 22, 20)",
    }.get(scheme)
    assert objections(page) == []


class Tags(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_markdown_has_the_figures_and_the_failures_and_payloads_are_text_in_it() -> None:
    run = some_of_each()
    told = report_markdown(run)
    assert f"| quote@1 | {run.figures.values['quote@1']:.4f} | 5 | the first quote holds a gold answer |" in told
    assert "- sentence?\n  - Id: sentence\n  - Expected: “noon”" in told
    for payload in PAYLOADS:
        page = Tags(MarkdownIt("commonmark").enable("table").render(report_markdown(asked.run(hostile(payload), name=payload))))
        assert page.tags <= {
            *("h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "blockquote", "strong")
        }
        assert " ".join(page.text.split()).count(" ".join(payload.split())) >= 8, payload


@pytest.mark.slow
def test_the_command_writes_a_page_and_markdown_of_a_kept_run(run: Command, library: Path, tmp_path: Path) -> None:
    save_run(replace(some_of_each(), name="kept"), library / "runs" / "kept.json")
    kept = load_run(library / "runs" / "kept.json")
    page, text = tmp_path / "report.html", tmp_path / "report.md"
    assert run("report", "kept", "--html", page, "--markdown", text) == (0, "", "")
    assert (page.read_text(), text.read_text()) == (report_html(kept), report_markdown(kept))
    assert run("report", "kept", "--library", library) == (0, report_markdown(kept), "")
    code, _, err = run("report", "kept", "--html", tmp_path / "none" / "report.html")
    assert (code, err.count("\n")) == (2, 1)
    assert "The report cannot be written to" in err
    code, _, err = run("report", "nothing")
    assert code == 2
    assert "no run of that name" in err


def test_eval_writes_the_report_of_its_run(run: Command, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry leaves at noon from the old pier.\n")
    (tmp_path / "q.jsonl").write_text(
        '{"id": "a", "question": "When does the ferry leave?", "answers": ["noon"], "source": null}'
    )
    saved, page = tmp_path / "run.json", tmp_path / "report.html"
    assert run("eval", tmp_path / "q.jsonl", "--report", page, "--save", saved)[0] == 0
    assert page.read_text() == report_html(load_run(saved))
    assert "1 of 1 questions are answered by the first quote." in page.read_text()
    code, _, err = run("eval", tmp_path / "q.jsonl", "--report", page, "--grid", "n_read=5,15")
    assert code == 2
    assert "--report" in err
