"""The benchmark measures what it says: its texts are like texts, and each part runs to the end on a small library."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from benchmarks import dates
from benchmarks.disagreements import Tally
from benchmarks.speed import main
from benchmarks.support import asking, stored_library
from benchmarks.support.corpus import ARTICLES, Corpus, questions
from benchmarks.support.table import Bar, Row, alone, as_markdown, as_text, compared, figure
from benchmarks.support.vector_source import VectorSource
from benchmarks.support.workers import Worker, WorkerFailed
from qa.types.articles import Answer, Disagreement, Value

FILES = [path for room in ("benchmarks", "training") for path in sorted((ROOT / room).rglob("*.py"))]
MODULES = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in FILES]


@pytest.mark.parametrize("module", MODULES)
def test_every_benchmark_finds_what_it_imports(module: str) -> None:
    import_module(module)


def test_a_date_is_right_if_it_is_one_of_a_pages_days_and_none_where_the_page_has_none() -> None:
    assert [dates.judge(day, ["2019-05-03", "2019-05-04"]) for day in ("2019-05-04T10:00", "2019-05-05", None)] == [
        "right",
        "wrong",
        "none",
    ]
    assert [dates.judge(day, []) for day in (None, "2019-05-03")] == ["right", "wrong"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warm up with two questions. How long a question takes is not tested here."""
    for module in ("benchmarks.speed", "benchmarks.support.asking"):
        monkeypatch.setattr(f"{module}._WARM", 2)


@pytest.fixture(scope="module")
def source(cache: Path, tiny_model: Path) -> VectorSource:
    """One block encoded by the tiny model."""
    return VectorSource.prepare(cache, 0, str(tiny_model), 50)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_articles_and_another_gives_others() -> None:
    block = Corpus(3).block(1)
    assert block == Corpus(3).block(1)
    assert len(block) == ARTICLES == len({article.text for article in block})
    assert block[0] != Corpus(4).block(1)[0]
    assert questions(block, 5, 0) == questions(block, 5, 0)
    assert all(question.endswith("?") for question in questions(block, 5, 0))


def test_blocks_of_one_shape_have_as_many_passages_and_sentences_of_other_words() -> None:
    corpus = Corpus(0)
    own, lent = corpus.block(0), corpus.block(7, 0)
    shapes = [[[len(passage) for passage in article.passages] for article in block] for block in (own, lent)]
    assert shapes[0] == shapes[1]
    assert {article.source for article in own}.isdisjoint(article.source for article in lent)
    assert own[0].text != lent[0].text


@pytest.mark.slow
def test_few_words_are_frequent_and_most_are_rare() -> None:
    text = " ".join(article.text for article in Corpus(0).articles(1_000))
    counts = Counter(word.strip(".").lower() for word in text.split())
    frequent = np.array([count for _, count in counts.most_common(3_000)])
    ranks = np.arange(1, len(frequent) + 1)
    slope = np.polyfit(np.log(ranks), np.log(frequent), 1)[0]
    assert -1.3 < slope < -0.7, "Zipf's law has -1"
    assert counts.most_common(1)[0][0] == "the"
    assert sum(count == 1 for count in counts.values()) > 0.3 * len(counts)


@pytest.mark.slow
def test_a_source_lends_vectors_of_the_right_number_and_length(source: VectorSource) -> None:
    size = source.passages + 50
    first, second = source.until(size)
    sentences = [sum(map(len, article.passages)) for article in (*first.articles, *second.articles)]
    assert (source.blocks, len(second.passages)) == (1, 50)
    assert len(first.sentences) + len(second.sentences) == sum(sentences)
    np.testing.assert_allclose(np.linalg.norm(second.passages, axis=1), 1, atol=1e-3)
    cosines = (first.passages[:50] * second.passages).sum(axis=1)
    assert 0.7 < cosines.min() <= cosines.max() < 0.97
    stored = np.concatenate(list(source.passage_vectors(size)))
    np.testing.assert_allclose(stored, np.concatenate([first.passages, second.passages]), atol=1e-3)


@pytest.mark.slow
def test_asking_a_small_library_from_end_to_end(short: None, tmp_path: Path, source: VectorSource, tiny_model: Path) -> None:
    model = str(tiny_model)
    took = stored_library.build(tmp_path / "library", source, 300, model)
    assert (took["passages"], took["disk_mb"] > 0) == (300, True)
    assert stored_library.build(tmp_path / "library", source, 300, model) == took, "a library that is kept is made only once"
    asked = questions(next(source.until(300)).articles, 8, 0)
    table = asking.rows("300 passages", tmp_path / "library", {}, asked, model, rounds=2)
    assert [row.name for row in table][:2] == ["Asking: 300 passages", "a question, median"]
    assert all(row.ours for row in table[1:])
    assert asking.recall(str(tmp_path / "library"), model, 300, asked[:5], **source.arguments) == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_the_command_prints_one_table_and_leaves_no_library(
    short: None, cache: Path, source: VectorSource, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--only", "asking", "--sizes", "50", "--encoded", "50", "--questions", "4", "--rounds", "1", "--peers", ""]
    main([*arguments, "--model", str(tiny_model), "--cache", str(cache), "--markdown"])
    printed = capsys.readouterr().out
    assert "| **Asking: 50 passages** |" in printed
    assert "| recall@100 of the vector index | 1.0000 |" in printed
    assert list((cache / "libraries").iterdir()) == []
    assert source.folder.is_dir(), "vectors are kept for the next run"


def test_a_worker_that_fails_tells_why() -> None:
    with Worker() as worker, pytest.raises(WorkerFailed, match="No module named 'nothing'"):
        worker.call("nothing:at_all")


def test_the_table_is_aligned_and_tells_whether_a_bar_is_met() -> None:
    rows = [
        Row("Engines"),
        compared("passages", 300.0, 100.0, "other", unit="/s", bar=Bar(2.5, at_least=True)),
        alone("memory", 3_500.0, unit="MB", bar=Bar(3_000, at_least=False, unit="MB")),
    ]
    assert as_text(rows).splitlines() == [
        "measure   Pullquote  beside it     ratio  bar",
        "Engines",
        "passages  300 /s     other 100 /s  3.00   ≥ 2.5: met",
        "memory    3,500 MB                        ≤ 3000 MB: missed",
    ]
    assert as_markdown(rows).splitlines()[2:4] == [
        "| **Engines** |  |  |  |  |",
        "| passages | 300 /s | other 100 /s | 3.00 | ≥ 2.5: met |",
    ]
    assert [figure(value) for value in (0, 0.0123, 1.234, 12.34, 1234.5)] == ["0", "0.012", "1.23", "12.3", "1,234"]


def test_a_disagreement_is_found_where_two_of_the_documents_answers_are_listed() -> None:
    tally = Tally()
    for listed in (("1900", "3,559"), ("1900", "1900"), ("1900", "77"), ()):
        values = tuple(Value(text, ()) for text in listed)
        claims = (Disagreement("number", values),) if values else ()
        tally.add(Answer("?", "?", True, 1.0, (), (), 0, disagreements=claims), ["January 1, 1900", "3,559 people"])
    assert (tally.asked, tally.claimed, tally.found, tally.listed, tally.right) == (4, 3, 1, 6, 5)
