"""Tests that the fusion benchmark compares questions of several libraries as if they were one run."""

import pytest
from conftest import SEEDS

from benchmarks.fusing import ask_all, differences, join_runs
from qa import Assistant
from qa.evaluation import compare_with_baseline, evaluate, load_questions


@pytest.fixture
def unread(seed_assistant: Assistant) -> Assistant:
    """The library of the seeds, asked without a reader, which takes most of a question's time."""
    assistant = Assistant(seed_assistant.library, reader="none")
    assistant._encoder = seed_assistant.encoder
    return assistant


@pytest.mark.slow
def test_runs_of_several_libraries_compare_like_one_run(unread: Assistant) -> None:
    questions = load_questions(SEEDS / "questions.jsonl")[:12]
    once = evaluate(unread, questions, whole_articles=True, baselines=True)
    several = ask_all([(unread, questions[:5]), (unread, questions[5:])])
    assert [each.question for each in several.outcomes] == questions
    for name in once.by_question:
        assert compare_with_baseline(several, name).differences == compare_with_baseline(once, name).differences
    rows = differences("seeds", several)
    assert rows.row_count == 3 * 3  # simpler rankings times measures


def test_a_measure_that_one_run_lacks_is_of_the_other_questions(seed_assistant: Assistant) -> None:
    questions = load_questions(SEEDS / "questions.jsonl")
    named = next(each for each in questions if each.source)
    anywhere = next(each for each in questions if not each.source)
    runs = [evaluate(seed_assistant, [each], whole_articles=True, baselines=True) for each in (named, anywhere)]
    both = join_runs(runs)
    values = both.by_question["BM25 alone"]["article R@1"]
    assert len(values) == 2
    assert values[1] is None
    assert compare_with_baseline(both, "BM25 alone").of("article R@1").n == 1
