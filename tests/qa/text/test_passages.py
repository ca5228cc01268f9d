"""Tests that a text is cut into passages that hold each quotable sentence once and fit the encoder."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.nasty import FIXED, texts

from embeddings import Encoder
from qa.sources.formats import boilerplate
from qa.text.passages import Window, chunk, quotable_sentences
from qa.types.articles import SetAside, Span


def count_words(pieces: Sequence[str]) -> list[int]:
    """Count one token per word, unlike a real tokenizer, so that sizes are easy to check."""
    return [len(piece.split()) for piece in pieces]


def shown(text: str, windows: Sequence[Window]) -> list[list[str]]:
    return [[text[sentence.start : sentence.end] for sentence in window.sentences] for window in windows]


def assert_laws(text: str, set_aside: Sequence[SetAside], size: int) -> None:
    windows = chunk(text, set_aside, count_words, size)
    placed = [sentence for window in windows for sentence in window.sentences]
    assert all(before.end <= after.start for before, after in pairwise(placed)), "out of order or twice"
    assert all(count_words([window.encoded.text])[0] <= size for window in windows)
    covered = {at for sentence in placed for at in range(sentence.start, sentence.end)}
    wanted = {
        at for span in quotable_sentences(text, set_aside) for at in range(span.start, span.end) if not text[at].isspace()
    }
    assert wanted <= covered
    assert not {at for place in set_aside for at in range(place.start, place.end)} & covered
    for window in windows:
        assert (window.start, window.end) == (window.sentences[0].start, window.sentences[-1].end)
        for place, (start, end) in zip(window.sentences, window.encoded.sentences, strict=True):
            assert window.encoded.text[start:end] == text[place.start : place.end]
            assert text[place.start : place.end].strip()


@pytest.mark.parametrize("text", FIXED)
def test_awkward_texts_keep_the_laws(text: str) -> None:
    assert_laws(text, boilerplate.find(text), 20)


@given(texts(), st.integers(1, 30))
def test_any_text_keeps_the_laws(text: str, size: int) -> None:
    assert_laws(text, boilerplate.find(text), size)


@given(texts(), st.data())
def test_places_set_aside_anywhere_are_in_no_sentence(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    places = [SetAside(start, end, "test") for start, end in zip(ends[::2], ends[1::2], strict=False)]
    assert_laws(text, places, 12)


@given(texts())
def test_under_a_real_tokenizer_no_passage_is_longer_than_it_may_be(tiny_encoder: Encoder, text: str) -> None:
    windows = chunk(text, (), tiny_encoder.count_tokens, 24)
    assert all(count <= 24 for count in tiny_encoder.count_tokens([window.encoded.text for window in windows] or [""]))
    placed = "".join(text[each.start : each.end] for window in windows for each in window.sentences)
    wanted = "".join(text[span.start : span.end] for span in quotable_sentences(text, ()))
    assert "".join(placed.split()) == "".join(wanted.split())


TEXT = "One two three. Four five six. Seven eight nine. Ten eleven twelve."


def test_sentences_fill_a_passage_until_the_next_does_not_fit() -> None:
    # Three words each: 3 + 3 = 6 fit in 7, and a third sentence would make 9.
    assert shown(TEXT, chunk(TEXT, (), count_words, 7)) == [
        ["One two three.", "Four five six."],
        ["Seven eight nine.", "Ten eleven twelve."],
    ]


def test_a_passage_of_exactly_the_size_is_not_split() -> None:
    assert shown(TEXT, chunk(TEXT, (), count_words, 12)) == [TEXT.replace(". ", ".|").split("|")]


def test_a_passage_ends_with_its_paragraph_once_it_is_six_tenths_full() -> None:
    text = "One two three. Four five six.\n\nSeven eight nine."
    # 6 of 10 words are 0.6, so the passage ends with the paragraph. 6 of 11 are less.
    assert shown(text, chunk(text, (), count_words, 10)) == [["One two three.", "Four five six."], ["Seven eight nine."]]
    assert shown(text, chunk(text, (), count_words, 11)) == [["One two three.", "Four five six.", "Seven eight nine."]]


def test_a_sentence_longer_than_a_passage_is_cut_into_pieces_that_hold_all_its_words() -> None:
    text = "Short one. " + " ".join(f"w{number}" for number in range(25)) + "."
    pieces = [piece for window in shown(text, chunk(text, (), count_words, 10)) for piece in window]
    assert pieces[0] == "Short one."
    assert " ".join(pieces[1:]) == text[11:]
    assert max(count_words(pieces)) <= 10


def test_a_word_that_is_one_token_but_endless_is_cut_too() -> None:
    text = "a" * 5_000
    pieces = [piece for window in shown(text, chunk(text, (), count_words, 100)) for piece in window]
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 800  # eight characters per token


def test_joined_sentences_that_count_more_than_one_by_one_are_halved() -> None:
    def count(pieces: Sequence[str]) -> list[int]:
        return [len(piece.split()) + 2 * piece.count(". ") for piece in pieces]

    # Each counts 3, joined 12 + 3 × 2 = 18 > 12. The halves count 6 + 2 = 8.
    assert shown(TEXT, chunk(TEXT, (), count, 12)) == [
        ["One two three.", "Four five six."],
        ["Seven eight nine.", "Ten eleven twelve."],
    ]


def test_what_stands_before_and_after_a_place_set_aside_is_quotable_apart() -> None:
    text = "We came. [oops] We stayed."
    spans = list(quotable_sentences(text, [SetAside(9, 15, "server error")]))
    assert spans == [Span(0, 8), Span(16, 26)]


def test_a_place_over_several_sentences_takes_all_of_them() -> None:
    text = "We came. We saw. We won. We left."
    spans = list(quotable_sentences(text, [SetAside(4, 21, "test")]))
    assert [text[span.start : span.end] for span in spans] == ["We c", "on.", "We left."]


def test_a_line_without_letter_or_digit_is_not_quotable() -> None:
    text = "* * *\n\nWe came.\n\n-----\n\n7"
    assert [text[span.start : span.end] for span in quotable_sentences(text, ())] == ["We came.", "7"]


def test_a_text_with_nothing_to_quote_has_no_passage() -> None:
    assert chunk("* * *\n---\n", (), count_words, 10) == []
    assert chunk("", (), count_words, 10) == []
