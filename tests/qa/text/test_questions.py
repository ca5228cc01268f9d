"""Tests that a sentence which only asks is told from one that tells something."""

import pytest

from qa.text.questions import is_question, is_short_reply


@pytest.mark.parametrize(
    "sentence",
    [
        "Who paid for it?",
        "“Who paid for it?”",
        '"Who paid for it?" the judge asked.',
        "Q: Who paid for it?",
        "«Où est le pont ?» demanda le garde.",
        "„Wo ist die Brücke?“ fragte sie.",
        "「橋はどこですか？」と記者が尋ねた。",
    ],
)
def test_a_question_is_known_by_its_mark_also_in_quotation_marks(sentence: str) -> None:
    assert is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The county paid.",
        'He asked: "Who paid?"',
        'Anna said "we left" and went.',
        "He wondered “who paid?” and left.",
    ],
)
def test_a_sentence_that_tells_who_asks_is_none(sentence: str) -> None:
    assert not is_question(sentence)


def test_a_reply_of_a_few_words_is_short_without_its_speaker() -> None:
    assert is_short_reply("No.")
    assert is_short_reply("Ada Lund: Not quite yet.")
    assert not is_short_reply("The guild voted against one.")
