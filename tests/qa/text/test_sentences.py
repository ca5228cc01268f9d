"""Tests that a text is split into sentences that join to the same text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.nasty import FIXED, texts

from qa.text.sentences import split_sentences, trim
from qa.types.articles import Span


def pieces(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


def sentences(text: str) -> list[str]:
    """Return the sentences trimmed, without blank ones."""
    return [piece.strip() for piece in pieces(text) if piece.strip()]


def assert_partition(text: str) -> None:
    spans = split_sentences(text)
    assert "".join(text[span.start : span.end] for span in spans) == text
    assert all(span.start < span.end for span in spans)
    borders = [0, *(span.end for span in spans)]
    assert [span.start for span in spans] == borders[:-1]


@pytest.mark.parametrize("text", FIXED)
def test_the_sentences_of_an_awkward_text_joined_are_the_text(text: str) -> None:
    assert_partition(text)


@pytest.mark.slow
@given(st.one_of(texts(), st.text(st.characters(exclude_categories=("Cs",)), max_size=300)))
@example("a\r\n\r\nb")
@settings(max_examples=100)
def test_the_sentences_of_any_text_joined_are_the_text(text: str) -> None:
    assert_partition(text)


@pytest.mark.slow
@pytest.mark.parametrize("unit", [". ", '"', "(", "“a. ", ".", "a. ", "\n", "1. ", "Mr. ", "a\n", "\u2028"])
def test_two_hundred_thousand_characters_of_what_kills_splitters_are_split(unit: str) -> None:
    assert_partition((unit * 200_000)[:200_000])


def test_a_line_of_ten_thousand_words_is_cut_at_its_full_stops() -> None:
    text = "The wall stood. " * 10_000
    assert split_sentences(text) == [Span(start, start + 16) for start in range(0, 160_000, 16)]


@pytest.mark.parametrize(
    "text",
    [
        "He drove to Ft. Worth on Sunday.",
        "The letter went to Ms. Park in Seoul.",
        "It was signed by Gov. Brown in May.",
        "It was stormed on Sept. 29 by more than 40 people.",
        "Polls close at 5 p.m. EST on Tuesday.",
        "Dr. Caron met Mr. Kong and Mrs. Li.",
        "Shares of Acme Inc. rose 3.5 percent to $1,200.75.",
        "He asked Lt. Kim, Col. Park and Maj. Lee for approx. 40 men.",
        "The U.S. embassy refused.",
        "See www.example.com for more.",
    ],
)
def test_an_abbreviation_does_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


def test_after_five_o_clock_a_new_sentence_may_begin() -> None:
    assert sentences("It closed at 5 p.m. Nobody came.") == ["It closed at 5 p.m.", "Nobody came."]


def test_a_question_and_an_exclamation_end_a_sentence() -> None:
    assert sentences("Who came? Nobody! It was late.") == ["Who came?", "Nobody!", "It was late."]


def test_white_space_after_a_sentence_belongs_to_it_and_a_blank_line_stands_alone() -> None:
    assert pieces("One came.  Two left.\n\nThree stayed.\n") == ["One came.  ", "Two left.\n", "\n", "Three stayed.\n"]


def test_lines_that_an_editor_wrapped_are_one_sentence() -> None:
    text = (
        "The people who climbed over the wall of the consulate on\n"
        "Friday had come on foot from a village in the mountains\n"
        "near the border. They were taken to the south in a bus."
    )
    assert sentences(text) == [
        "The people who climbed over the wall of the consulate on\nFriday had come on foot from a village in the mountains\n"
        "near the border.",
        "They were taken to the south in a bus.",
    ]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_a_heading_is_a_sentence_of_its_own_under_every_line_break(line_break: str) -> None:
    text = "Refugees storm consulate|About 20 people entered.||Hard hats|They fled.".replace("|", line_break)
    assert sentences(text) == ["Refugees storm consulate", "About 20 people entered.", "Hard hats", "They fled."]


def test_items_of_a_list_are_not_joined_and_keep_their_numbers() -> None:
    text = "They brought:\n- two ladders\n- ten mattresses\n1. The wall was high.\n2. The gate was shut."
    assert sentences(text) == [
        "They brought:",
        "- two ladders",
        "- ten mattresses",
        "1. The wall was high.",
        "2. The gate was shut.",
    ]


def test_the_mark_that_closes_a_quotation_stays_with_its_sentence() -> None:
    text = '"We stay here." He sat down. “Go home,” she said.'
    assert sentences(text) == ['"We stay here."', "He sat down.", "“Go home,” she said."]


def test_a_blank_line_ends_a_sentence_without_a_full_stop() -> None:
    assert sentences("They entered the compound\n\nand then the house was quiet again.") == [
        "They entered the compound",
        "and then the house was quiet again.",
    ]


def test_trimming_takes_white_space_from_both_ends_and_nothing_else() -> None:
    text = " \u00a0 a b \u2003\n"
    assert trim(text, Span(0, len(text))) == Span(3, 6)
    assert trim("   ", Span(0, 3)) == Span(3, 3)
