"""The commands that measure, called as a shell calls them."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import ir_measures
import pytest
from conftest import SEEDS, Run

from qa.evaluation import load_run


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Three of the seeds' questions: two that are answered rightly and one that the articles do not answer."""
    lines = (SEEDS / "questions.jsonl").read_text().splitlines()
    unanswerable = next(line for line in lines if json.loads(line)["answers"] == [])
    path = tmp_path / "few.jsonl"
    path.write_text("\n".join([*lines[:2], unanswerable]))
    return path


@pytest.mark.slow
def test_eval_prints_the_figures_of_the_articles_beside_the_questions(run: Run, few: Path, tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    code, out, _ = run("eval", few.replace(tmp_path / "seeds" / "questions.jsonl"))
    assert code == 0
    assert "quote@1" in out
    assert "broken quotes 0" in " ".join(out.split())
    assert "BM25 alone" in out


def test_eval_lists_failures(run: Run, tmp_path: Path) -> None:
    (tmp_path / "consulate.txt").write_text("At noon 20 people entered the consulate of Lindholm.\n")
    asked = {"id": "one", "question": "How many people entered the consulate?", "source": None, "history": []}
    right, wrong, none = {"answers": ["20 people"]}, {"id": "two", "answers": ["twenty-one"]}, {"id": "three", "answers": []}
    questions = [{**asked, **right}, {**asked, **wrong}, {**asked, **none}]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)))
    code, out, _ = run("eval", tmp_path / "questions.jsonl", "--failures")
    assert code == 0
    assert "one: " not in out
    assert "two: How many people entered the consulate? — passage not found, no quote holds the answer" in out
    assert "three: How many people entered the consulate? — wrongly answered, not in the articles, but quoted: " in out


@pytest.mark.slow
def test_eval_keeps_a_run_in_a_file_or_in_the_library(run: Run, tmp_path: Path, library: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join((SEEDS / "questions.jsonl").read_text().splitlines()[:2]))
    saved, options = tmp_path / "saved.json", ("--library", library, "--no-baselines")
    assert run("eval", few, *options, "--run", "first", "--save", saved)[0] == 0
    kept = load_run(saved)
    assert load_run(library / "runs" / "first.json") == kept
    assert (kept.name, len(kept.outcomes)) == ("first", 2)
    code, out, err = run("eval", few, "--run", "first")
    assert (code, out) == (2, "")
    assert "name one with --library, or take --save" in err
    assert run("check")[0] == 0  # a library with runs in it is whole


@pytest.mark.slow
def test_runs_are_compared_by_name_and_by_file(run: Run, few: Path, library: Path, tmp_path: Path) -> None:
    options = ("--library", library, "--no-baselines")
    run("eval", few, *options, "--run", "first")
    run("eval", few, *options, "--reader", "none", "--save", tmp_path / "second.json")
    code, out, _ = run("compare", "first", tmp_path / "second.json", "--list", "--measure", "F1")
    assert code == 0
    assert "reader: bundled → none" in out
    assert "3 questions; p by a paired randomisation test" in out
    assert "The same for every question: quote@1," in out
    assert all(len(line) <= 80 for line in out.splitlines() if line.startswith(("measure", "F1", "overlap")))
    found = json.loads(run("compare", "first", tmp_path / "second.json", "--json")[1])
    assert next(each for each in found["differences"] if each["measure"] == "quote@1")["p"] == 1
    code, out, err = run("compare", "first", "third")
    assert (code, out) == (2, "")
    assert "no run of that name: the library in" in err
    code, _, err = run("compare", "first", "first", "--list", "--measure", "quote@2")
    assert code == 2
    assert "Both runs have no measure 'quote@2'; they have quote@1, " in err


@pytest.mark.slow
def test_a_run_is_compared_with_the_simpler_rankings_measured_with_it(run: Run, few: Path, tmp_path: Path) -> None:
    options = ("--library", tmp_path / "library", "--reader", "none")
    run("eval", few, *options, "--save", tmp_path / "run.json")
    code, out, _ = run("compare", tmp_path / "run.json")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("A: ")] == [
        f"A: {name}, B: Pullquote" for name in ("BM25 alone", "dense alone", "reciprocal rank fusion")
    ]
    run("eval", few, *options, "--no-baselines", "--save", tmp_path / "run.json")
    code, _, err = run("compare", tmp_path / "run.json")
    assert code == 2
    assert "No simpler rankings were measured with this run" in err


@pytest.mark.slow
def test_only_runs_on_the_same_questions_are_compared(run: Run, few: Path, tmp_path: Path) -> None:
    options = ("--library", tmp_path / "library", "--no-baselines", "--reader", "none")
    run("eval", few, *options, "--save", tmp_path / "all.json")
    few.write_text("\n".join(few.read_text().splitlines()[1:]))
    run("eval", few, *options, "--save", tmp_path / "two.json")
    code, out, err = run("compare", tmp_path / "all.json", tmp_path / "two.json")
    assert (code, out) == (2, "")
    assert "2 are in both, 3 and 2 in each. Compare those in both with --common." in err
    code, out, _ = run("compare", tmp_path / "all.json", tmp_path / "two.json", "--common")
    assert code == 0
    assert "2 questions, 1 not in both left out" in out


@pytest.mark.parametrize("level", [(), ("--articles",)], ids=["passages", "articles"])
def test_an_exported_run_measures_the_same_elsewhere(run: Run, few: Path, tmp_path: Path, level: tuple[str, ...]) -> None:
    saved = tmp_path / "run.json"
    run("eval", few, "--library", tmp_path / "library", "--no-baselines", "--reader", "none", "--save", saved)
    assert run("export-run", saved, "--trec", tmp_path / "run.txt", "--qrels", tmp_path / "qrels.txt", *level)[0] == 0
    figures = load_run(saved).figures
    expected = figures.articles if level else figures.passages
    measures = [ir_measures.parse_measure(name) for name in expected]
    read = (ir_measures.read_trec_qrels(str(tmp_path / "qrels.txt")), ir_measures.read_trec_run(str(tmp_path / "run.txt")))
    found = ir_measures.calc_aggregate(measures, *read)
    assert {str(name): value for name, value in found.items()} == pytest.approx(expected, abs=5e-5)


@pytest.mark.slow
def test_a_grid_tries_everything_with_everything_and_marks_the_best(run: Run, few: Path, tmp_path: Path, library: Path) -> None:
    options = ("--library", library, "--grid", "n_read=1,15 reader=none,bundled")
    code, out, err = run("eval", few, *options, "--save", tmp_path / "grid")
    assert code == 0
    (warning,) = [line for line in err.splitlines() if "settings" in line]
    assert (
        warning
        == "pullquote: the best of 4 settings on the same 3 questions looks better than it is: measure it again on others."
    )
    assert out.splitlines()[0].split() == ["n_read", "reader", "quote@1", "quote@5", "F1", "R@1", "R@5", "AURC", "p50", "ms"]
    assert len(out.splitlines()) == 1 + 4 + 1
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "*" in out
    names = {path.name for path in (tmp_path / "grid").iterdir()}
    assert names == {f"n_read={n}_reader={reader}.json" for n in (1, 15) for reader in ("none", "bundled")}
    kept = load_run(tmp_path / "grid" / "n_read=1_reader=none.json")
    assert (kept.made.settings["n_read"], kept.made.reader, kept.outcomes[0].n_read) == (1, "none", 5)  # as many as quotes
    assert [each["cell"]["n_read"] for each in json.loads(run("eval", few, *options, "--json")[1])] == [1, 1, 15, 15]


@pytest.mark.slow
def test_a_grid_of_one_chooses_nothing_and_does_not_warn(run: Run, few: Path, library: Path) -> None:
    code, _, err = run("eval", few, "--library", library, "--grid", "reader=none")
    assert code == 0
    assert "settings" not in err


@pytest.mark.slow
def test_a_grid_of_encoders_makes_a_library_for_each(run: Run, few: Path, tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "beside").mkdir()
    few = few.rename(tmp_path / "beside" / "few.jsonl")
    for article in SEEDS.glob("*.txt"):
        (tmp_path / "beside" / article.name).write_bytes(article.read_bytes())
    grid = f"model=all-MiniLM-L6-v2,{tiny_model} reader=none"
    code, _, _ = run("eval", few, "--grid", grid, "--save", tmp_path / "grid")
    assert code == 0
    made = [load_run(path).made for path in (tmp_path / "grid").iterdir()]
    assert {each.encoder for each in made} == {"all-MiniLM-L6-v2", str(tiny_model)}
    code, _, err = run("eval", few, "--grid", grid, "--library", tmp_path / "library")
    assert code == 2
    assert "A library has one encoder" in err


@pytest.mark.slow
def test_a_build_fails_where_a_measure_falls_short(run: Run, few: Path, tmp_path: Path) -> None:
    options = ("--library", tmp_path / "library", "--no-baselines", "--reader", "none")
    assert run("eval", few, *options, "--fail-under", "quote@1=1, wrongly refused=0,p95=60")[0] == 0
    code, out, err = run("eval", few, *options, "--fail-under", "quote@5=.5,F1=1,p50=0")
    assert code == 1
    assert "quote@1" in out
    assert [line.split(" is ")[0] for line in err.splitlines()] == ["pullquote: F1", "pullquote: p50"]
    code, out, err = run("eval", few, *options, "--fail-under", "quote@2=.5")
    assert (code, out) == (2, "")
    assert "There is no measure 'quote@2'; there are quote@1, " in err


@pytest.mark.slow
def test_a_build_server_is_told_what_was_expected_and_what_came(run: Run, few: Path, tmp_path: Path) -> None:
    asked = json.loads(few.read_text().splitlines()[1])
    few.write_text(few.read_text() + "\n" + json.dumps({**asked, "id": "wrong\u0001", "answers": ["at <noon>"]}))
    options = ("--library", tmp_path / "library", "--no-baselines", "--reader", "none")
    assert run("eval", few, *options, "--junit", tmp_path / "junit.xml")[0] == 0
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]
    assert (suite.tag, suite.get("tests"), suite.get("failures")) == ("testsuite", "4", "1")
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    failure = cases["wrong\ufffd"].find("failure")
    assert failure is not None
    assert (failure.get("type"), len(cases)) == ("passage not found", 4)
    assert failure.text is not None
    assert failure.text.splitlines()[:3] == [f"asked: {asked['question']}", "expected: at <noon>", "came:"]
    assert "Sept. 29" in failure.text


def test_what_is_about_one_run_does_not_go_with_a_grid(run: Run, few: Path, tmp_path: Path) -> None:
    code, _, err = run("eval", few, "--grid", "k=1,2", "--junit", tmp_path / "junit.xml")
    assert code == 2
    assert "--grid makes several" in err


@pytest.mark.slow
def test_eval_asks_a_beir_folder_and_topics_with_judgements(run: Run, tmp_path: Path) -> None:
    beir = tmp_path / "beir"
    (beir / "qrels").mkdir(parents=True)
    texts = {"D-1": "The ferry to Lindholm leaves at noon.", "D-2": "Dues are paid to the harbour master."}
    records = [json.dumps({"_id": each, "title": "", "text": text}) for each, text in texts.items()]
    (beir / "corpus.jsonl").write_text("\n".join(records))
    (beir / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "When does the ferry leave?"}))
    (beir / "qrels/dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tD-1\t1\n")
    code, out, _ = run("eval", beir, "--split", "dev", "--no-baselines", "--json")
    assert code == 0
    assert json.loads(out)["figures"]["values"]["article R@1"] == 1.0
    topics = tmp_path / "topics"
    topics.mkdir()
    (topics / "ferry.txt").write_text(texts["D-1"])
    (topics / "topics.tsv").write_text("q1\tWhen does the ferry leave?\n")
    (topics / "qrels").write_text("q1 0 ferry.txt 1\n")
    code, out, _ = run("eval", topics / "topics.tsv", "--qrels", topics / "qrels", "--no-baselines", "--json")
    assert code == 0, out
    assert "question" in out
