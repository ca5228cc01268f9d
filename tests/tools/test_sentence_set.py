"""Tests that the sentences of twelve languages are cut as well as the bars say."""

import pytest

from benchmarks.sentences import DATA, cut_by_pullquote, is_seen, judge, read

FILES = sorted(DATA.glob("*.txt"))


def test_the_set_has_four_hundred_sentences_in_twelve_languages_and_a_third_unseen() -> None:
    paragraphs = [paragraph for path in FILES for paragraph in read(path)]
    assert len(FILES) == 12
    assert sum(map(len, paragraphs)) >= 400
    assert 0.2 < sum(not is_seen(paragraph) for paragraph in paragraphs) / len(paragraphs) < 0.45


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_bar_is_met_in_every_language(path) -> None:  # type: ignore[no-untyped-def]
    right = judge(read(path), path.stem, cut_by_pullquote)
    assert sum(right) / len(right) >= (0.98 if path.stem == "en" else 0.95)
