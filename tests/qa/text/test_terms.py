"""Tests that the words of scripts without spaces become terms, and that other texts keep theirs."""

import pytest

from qa.text.terms import content_terms, separate, terms


def test_chinese_becomes_bigrams_between_its_particles_and_question_words() -> None:
    assert terms("新桥的建设费用是多少？") == ["新桥", "建设", "设费", "费用"]
    assert terms("建设费用为四亿元。") == ["建设", "设费", "费用", "用为", "为四", "四亿", "亿元"]


def test_japanese_becomes_bigrams_of_each_script_and_its_endings_carry_no_topic() -> None:
    assert content_terms("新しい橋の建設費はいくらですか？") == ["新", "橋", "建設", "設費"]
    assert content_terms("コーヒーを飲んだ") == ["コー", "ーヒ", "ヒー", "飲"]


def test_dates_and_latin_words_inside_stay_whole() -> None:
    assert terms("2021年5月3日、IBM社") == ["2021", "年", "5", "月", "3", "日", "ibm", "社"]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("박물관", "박물관은 오월에 열었다."),
        ("พิพิธภัณฑ์", "เขาไปพิพิธภัณฑ์เมื่อวานนี้"),
        ("ພິພິທະພັນ", "ຂ້ອຍໄປພິພິທະພັນມື້ວານ"),
        ("သမိုင်း", "ကျွန်တော်သမိုင်းစာအုပ်ဖတ်တယ်"),
        ("ប្រាសាទ", "ខ្ញុំទៅប្រាសាទម្សិលមិញ"),
    ],
)
def test_a_word_is_found_inside_a_text_without_spaces(word: str, text: str) -> None:
    assert terms(word)
    assert set(terms(word)) <= set(terms(text))


@pytest.mark.parametrize("text", ["The wall stood.", "Málaga, à l'été 1987", "Строительство моста", ""])
def test_a_text_with_spaces_stays_as_it_is(text: str) -> None:
    assert separate(text) == text
