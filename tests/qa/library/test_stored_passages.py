"""Tests that fast versions of text functions agree with the plain ones."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nasty import texts

from qa.text.answer_types import AnswerType, has_type, spans_of_type
from qa.text.near_duplicates import normalize_words

KINDS: tuple[AnswerType, ...] = ("number", "date", "name", "reason")
TELLING = ["Seven", "TWENTY-five", "dozen", "because", "To", "go", "March", "1999", "7th", "century", "Anna", "3rd", "a4", ","]


@settings(max_examples=100)
@given(texts() | st.text(st.characters(max_codepoint=127)))
def test_a_text_is_compared_by_its_words_in_lower_case_set_apart_by_single_spaces(text: str) -> None:
    assert normalize_words(text) == " " + " ".join(re.findall(r"\w+", text.casefold())) + " "


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100)
@given(text=texts() | st.lists(st.sampled_from(TELLING)).map(" ".join))
def test_a_sentence_has_words_of_a_kind_where_such_words_are_found_in_it(kind: AnswerType, text: str) -> None:
    assert has_type(kind, text) == bool(spans_of_type(kind, text))


@pytest.mark.parametrize(
    ("kind", "has", "has_not"),
    [
        ("number", "SEVEN soldiers came.", "Soldiers came."),
        ("date", "It was in March.", "It was on a march."),
        ("name", "It was Anna who came.", "Anna came."),
        ("reason", "They left BECAUSE it rained.", "They left; it rained."),
    ],
)
def test_a_kind_of_words_is_told_from_others(kind: AnswerType, has: str, has_not: str) -> None:
    assert (has_type(kind, has), has_type(kind, has_not)) == (True, False)
