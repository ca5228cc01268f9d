"""The benchmark of promises tells what a promise is off by from what the questions differ in, and asks nothing twice."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import SEEDS

from benchmarks.promises import _articles, _try_questions, check_promise
from qa import Assistant
from qa.evaluation import load_questions
from qa.evaluation.calibration.fitting import Trial


def asked(n: int, unanswerable: float, seed: int) -> list[Trial]:
    """Questions on 20 articles: of those without an answer every first quote is wrong, of the others one in ten."""
    draw = np.random.default_rng(seed)
    answerable = draw.uniform(size=n) >= unanswerable
    right = answerable & (draw.uniform(size=n) < 0.9)
    confidences = np.clip(draw.normal(np.where(answerable, 0.7, 0.5), 0.15), 0.01, 0.99)
    rows = zip(confidences.tolist(), right.tolist(), answerable.tolist(), strict=True)
    return [Trial(c, r, a, f"{row % 20:03d}/{row}.txt") for row, (c, r, a) in enumerate(rows)]


def test_a_promise_for_other_shares_of_unanswerable_questions_is_off_by_just_that() -> None:
    alike = check_promise(asked(6_000, 0.5, 0), asked(6_000, 0.5, 1), None, 0)
    assert abs(alike.off) < 2
    assert alike.off_low < 0 < alike.off_high
    harder = check_promise(asked(6_000, 0.3, 0), asked(6_000, 0.6, 1), None, 0)
    assert harder.off > 15
    assert harder.off_low > 0
    assert abs(harder.off_weighted) < 2


def test_what_was_asked_is_kept_and_not_asked_again(seed_assistant: Assistant, tmp_path: Path) -> None:
    questions, keep = load_questions(SEEDS / "questions.jsonl")[:3], tmp_path / "kept.jsonl"
    first = _try_questions(seed_assistant, questions[:2], keep)
    lines = keep.read_text("utf-8").splitlines()
    assert len(lines) == 1 + 2
    name, _, right, answerable, source = json.loads(lines[1])
    keep.write_text("\n".join([lines[0], json.dumps([name, 0.125, right, answerable, source]), *lines[2:]]) + "\n", "utf-8")
    again = _try_questions(seed_assistant, questions, keep)
    assert again[name].confidence == 0.125
    assert again[questions[1].id] == first[questions[1].id]
    assert len(keep.read_text("utf-8").splitlines()) == 1 + 3
    keep.write_text(lines[0].replace('"reader": "', '"reader": "another ') + "\n", "utf-8")
    with pytest.raises(SystemExit, match="is of another encoder, reader or weights"):
        _try_questions(seed_assistant, questions, keep)


def test_articles_that_were_learned_from_are_left_out_by_their_titles(tmp_path: Path) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    first.write_text(json.dumps({"data": [{"title": title} for title in ("learned", "new", "also learned", "newer")]}))
    second.write_text(json.dumps({"data": [{"title": title} for title in ("newer", "also learned", "learned", "new")]}))
    assert _articles(second, first) == ["000", "003"]
    assert _articles(second, None) == ["000", "001", "002", "003"]
