"""A run as TREC has it is read by the tools that read such runs."""

from dataclasses import replace
from pathlib import Path

import ir_measures
import pytest
from support.asked import outcome
from support.asked import run as run_of

from qa.evaluation import Outcome, Run, save_qrels, save_trec_run
from qa.types.errors import RunUnreadable


def ranked(identity: str, passages: tuple[str, ...], gold: dict[str, int]) -> Outcome:
    articles = {key.split(":")[0]: grade for key, grade in gold.items()}
    return outcome(identity, passages=passages, gold_passages=gold, gold_articles=articles)


@pytest.fixture
def found() -> Run:
    first = ranked("what now", ("a:0:9", "b:0:9", "a:9:20"), {"a:9:20": 1, "b:0:9": 2})
    return run_of(first, ranked("50%", ("c:0:9",), {"d:0:4": 1}), ranked("nothing", (), {}), name="first try")


def test_a_line_has_six_columns_and_scores_fall(found: Run, tmp_path: Path) -> None:
    save_trec_run(found, tmp_path / "run.txt")
    assert (tmp_path / "run.txt").read_text() == (
        "what%20now Q0 a:0:9 1 3 first%20try\n"
        "what%20now Q0 b:0:9 2 2 first%20try\n"
        "what%20now Q0 a:9:20 3 1 first%20try\n"
        "50%25 Q0 c:0:9 1 1 first%20try\n"
    )
    save_qrels(found, tmp_path / "qrels.txt", "article")
    assert (tmp_path / "qrels.txt").read_text() == "what%20now 0 a 1\nwhat%20now 0 b 2\n50%25 0 d 1\n"


@pytest.mark.parametrize("level", ["passage", "article"])
def test_other_tools_find_the_same_figures(found: Run, tmp_path: Path, level: str) -> None:
    save_trec_run(found, tmp_path / "run.txt", level)
    save_qrels(found, tmp_path / "qrels.txt", level)
    expected = found.figures.passages if level == "passage" else found.figures.articles
    read = (ir_measures.read_trec_qrels(str(tmp_path / "qrels.txt")), ir_measures.read_trec_run(str(tmp_path / "run.txt")))
    values = ir_measures.calc_aggregate([ir_measures.parse_measure(name) for name in expected], *read)
    assert {str(name): value for name, value in values.items()} == pytest.approx(expected, abs=5e-5)
    pytrec_eval = pytest.importorskip("pytrec_eval")
    with (tmp_path / "qrels.txt").open() as qrels, (tmp_path / "run.txt").open() as run:
        evaluator = pytrec_eval.RelevanceEvaluator(pytrec_eval.parse_qrel(qrels), {"recall.5", "ndcg_cut.10"})
        by_trec_eval = evaluator.evaluate(pytrec_eval.parse_run(run))
    assert sum(each["recall_5"] for each in by_trec_eval.values()) / 2 == pytest.approx(expected["R@5"], abs=5e-5)
    assert sum(each["ndcg_cut_10"] for each in by_trec_eval.values()) / 2 == pytest.approx(expected["nDCG@10"], abs=5e-5)


def test_articles_go_by_the_names_that_judgements_give_them(tmp_path: Path) -> None:
    came = ranked("q", ("0123456789ab:0:9", "b:0:9"), {"0123456789ab:0:9": 1})
    judged = replace(came, question=replace(came.question, relevant=(("MED-10", 1),)))
    run = replace(run_of(judged), sources={"0123456789ab": "/corpus#MED-10", "b": "/corpus#MED-110"})
    save_trec_run(run, tmp_path / "run.txt", "article")
    assert [line.split()[2] for line in (tmp_path / "run.txt").read_text().splitlines()] == ["MED-10", "b"]


def test_a_file_that_cannot_be_written_is_named(found: Run, tmp_path: Path) -> None:
    with pytest.raises(RunUnreadable, match="cannot be written"):
        save_trec_run(found, tmp_path / "none" / "run.txt")
