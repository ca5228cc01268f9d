"""A run keeps what made it and what came of each question, and reads back as it was saved."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SEEDS
from support.asked import outcome, quote
from support.asked import run as run_of

from qa import Assistant, Settings
from qa.evaluation import RunInfo, TestQuestion, evaluate, figures, find_run, load_questions, load_run, save_run
from qa.evaluation.datasets.questions import fingerprint
from qa.evaluation.relevance import Judge
from qa.evaluation.saving import run_file, run_names
from qa.types.errors import RunUnreadable


@pytest.fixture
def asked(seed_assistant: Assistant) -> tuple[Assistant, list[TestQuestion]]:
    """The seeds' library, and questions of every kind on it."""
    of = {question.id: question for question in load_questions(SEEDS / "questions.jsonl")}
    followed = next(question for question in of.values() if question.history)
    refused = next(question for question in of.values() if question.answers == ())
    unknown = replace(of["canada-date"], id="unknown", answers=None, source=None, relevant=(("0_93b197122659e60d.txt", 2),))
    return seed_assistant, [of["canada-date"], of["canada-count"], followed, refused, unknown]


@pytest.mark.slow
def test_a_run_reads_back_with_the_same_figures(asked: tuple[Assistant, list[TestQuestion]], tmp_path: Path) -> None:
    run = evaluate(*asked, baselines=True, name="first")
    save_run(run, tmp_path / "runs" / "first.json")
    read = load_run(tmp_path / "runs" / "first.json")
    assert read == run
    assert read.figures == run.figures
    assert set(read.by_question) == set(read.baselines) == {"BM25 alone", "dense alone", "reciprocal rank fusion"}
    assert figures(read.outcomes[:2]) == figures(run.outcomes[:2])
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["first.json"]  # nothing half written is left


def test_a_run_says_what_made_it(asked: tuple[Assistant, list[TestQuestion]]) -> None:
    assistant, questions = asked
    made = evaluate(assistant, questions[:1], k=3, depth=20).made
    with assistant.library.snapshot() as snapshot:
        assert (made.library, made.generation) == (snapshot.meta("id"), snapshot.generation)
    assert (made.n_questions, made.questions_sha256, made.k, made.depth) == (1, fingerprint(questions[:1]), 3, 20)
    assert (made.encoder, made.encoder_sha256) == ("all-MiniLM-L6-v2", assistant.encoder.files.sha256)
    assert made.reader == "bundled"
    assert made.reader_sha256 == json.loads(Path("qa/search/reader/bundled/reader.json").read_text())["sha256"]
    assert made.settings["n_read"] == Settings().n_read
    assert made.settings["weights"]["passage"] == dict(Settings().weights.passage)
    assert made.versions["python"] == sys.version.split()[0]
    assert {"faiss-cpu", "tantivy"} <= set(made.versions)
    assert made.seconds > 0
    assert made.cores >= 1


def test_questions_have_one_fingerprint_however_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "a", "question": "Who?", "answers": ["Ada"]}\n')
    first = fingerprint(load_questions(path))
    path.write_text('\n{"answers": ["Ada"],   "question": "Who?", "id": "a", "source": null}\n')
    assert fingerprint(load_questions(path)) == first
    path.write_text('{"id": "a", "question": "Who?", "answers": ["Bo"]}\n')
    assert fingerprint(load_questions(path)) != first


def test_what_was_ranked_goes_on_where_what_was_read_ends(asked: tuple[Assistant, list[TestQuestion]]) -> None:
    assistant, questions = asked
    with assistant.library.snapshot() as snapshot:
        n = snapshot.count()[1]
    first = replace(assistant.settings, n_read=3, n_read_closely=1)
    small = Assistant(assistant.library, settings=first, reader="none")
    (came,) = evaluate(small, questions[:1], k=1).outcomes
    assert came.n_read == 3
    assert len(came.passages) == n == len(set(came.passages))
    answer = small.ask(questions[0].question, 1)
    assert came.passages[:3] == tuple(f"{each.article.id}:{each.start}:{each.end}" for each in answer.passages)
    less = evaluate(small, questions[:1], k=1, depth=5).outcomes[0].passages
    assert (len(less), less[:3]) == (5, came.passages[:3])


@pytest.mark.slow
def test_an_outcome_holds_what_stands_beside_its_quotes(asked: tuple[Assistant, list[TestQuestion]]) -> None:
    assistant, questions = asked
    for came in evaluate(assistant, questions, depth=0).outcomes:
        for said, around in zip(came.quotes, came.around, strict=True):
            text = assistant.article(said.article.id).text
            assert around.before + said.text + around.after in text
            assert (around.before == "") == (said.start == 0)


def test_articles_that_should_be_found_are_named_by_the_end_of_their_source(assistant: Assistant, tmp_path: Path) -> None:
    for name in ("10.txt", "0.txt"):
        (tmp_path / name).write_text(f"The ferry of {name} sails at noon.\n\nNobody knows why.\n")
    assistant.add([tmp_path / "10.txt", tmp_path / "0.txt"])
    ids = {Path(each.source).name: each.id for each in assistant.articles()}
    judge = Judge(assistant)
    assert judge.articles(TestQuestion("q", "?", ("noon",), "0.txt")) == {ids["0.txt"]: 1}  # a whole name first
    assert judge.articles(TestQuestion("q", "?", ("noon",), ".txt")) == dict.fromkeys(ids.values(), 1)
    graded = TestQuestion("q", "?", None, None, (), (("10.txt", 2), ("gone.txt", 1)))
    assert judge.articles(graded) == {ids["10.txt"]: 2, "gone.txt": 1}
    assert judge.passages(graded, judge.articles(graded)) == {}  # nobody said which
    assert list(judge.passages(replace(graded, answers=("noon",)), judge.articles(graded)).values()) == [2]
    assert judge.articles(TestQuestion("q", "?", (), "0.txt")) == {}


def test_a_table_has_a_row_for_each_question() -> None:
    table = run_of(
        outcome("a", ("noon",), quote("At noon.", highlight="noon")), outcome("b", ()), outcome("c", None)
    ).to_frame()
    assert table.index.tolist() == ["a", "b", "c"]
    assert table.loc["a", ["answer", "cause", "quote@1", "rank"]].tolist() == ["noon", "right", 1.0, 1]
    assert table["answerable"].tolist() == [True, False, None]
    assert table["quote@1"].mean() == 1  # of those that have it


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a saved run"),
        ("[]", "is not a saved run"),
        ('{"schema": 1}', "is not a saved run"),
        ('{"schema": 99, "outcomes": []}', "is a run of another Pullquote"),
    ],
)
def test_a_file_that_is_no_run_is_refused_by_name(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(RunUnreadable, match=f"run.json {complaint}"):
        load_run(path)


def test_a_run_that_cannot_be_saved_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunUnreadable, match=r"cannot be saved as .*file/run\.json"):
        save_run(run_of(outcome()), tmp_path / "file" / "run.json")


def test_runs_are_found_by_file_or_by_name(tmp_path: Path) -> None:
    run = run_of(outcome("a"), name="first")
    with pytest.raises(RunUnreadable, match="keeps none"):
        find_run(tmp_path, "first")
    save_run(run, run_file(tmp_path, "first"))
    assert find_run(tmp_path, "first") == find_run(tmp_path, str(tmp_path / "runs/first.json")) == run
    assert run_names(tmp_path) == ["first"]
    with pytest.raises(RunUnreadable, match="keeps first"):
        find_run(tmp_path, "second")
    with pytest.raises(RunUnreadable, match="no name for a run"):
        run_file(tmp_path, "../first")


def test_names_of_the_last_release_still_work_and_say_where_they_went() -> None:
    import qa.evaluation
    import qa.evaluation.report as old_report
    from ui.html import report

    with pytest.warns(DeprecationWarning, match="RunInfo"):
        assert qa.evaluation.Made is RunInfo
    with pytest.warns(DeprecationWarning, match="ui.html.report"):
        assert old_report.report_html is report.report_html
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = old_report.nothing
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = qa.evaluation.nothing


def test_runs_whose_folder_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, pattern: str) -> list[Path]:
        raise OSError(24, "Too many open files", str(self))

    monkeypatch.setattr(Path, "glob", fail)
    with pytest.raises(RunUnreadable, match=r"The runs in .*runs cannot be listed: .*Too many open files"):
        find_run(tmp_path, "first")
