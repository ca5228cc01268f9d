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


@pytest.mark.parametrize(
    "text",
    [
        "Okoro et al. [2011] measured the tide.",
        "He relied on Art. 12 para. 3 of the charter and on Vol. 2, p. 114.",
        "The ferry leaves at 6 p.m. Monday and returns on Tues. Oct. 4.",
        "The series Jeopardy! was shown in forty countries.",
        "Bus No. 5 stops near the shop of Norton Inc. Canada in Elm St. and waits.",
        '"No," said the porter, "it is not here."',
        '"Is the bridge open?" Hale asked the guard.',
        "Am 3. Oktober zahlte die Fa. Kessler gem. Art. 5 Abs. 1 GG ca. 2 Mio. Euro.",
        "Dhr. Bakker en mevr. De Boer kwamen bijv. om 9 uur.",
        "Le gén. Martin et J.-P. Garnier habitent au 12, av. Foch.",
        "El Sr. Molina viajó a EE. UU. según el art. 8 núm. 3 de la ley.",
        "Il dott. Ferri e l'avv. Galli vivono in via G. Verdi 12, int. 4.",
        "O Sr. Lopes mora na Av. Central, n.º 3, e a Dra. Pinto na R. Augusta.",
        "W 1950 r. Nowak mieszkał przy ul. Lipowej 3 w Poznaniu.",
        "В 1970 г. Семёнов жил на ул. Мира, д. 4, по словам А. П. Орлова.",
        "Enligt 8 § 2 st. kom kapt. Ros den 3 sept. till S:t Erik.",
        "「いつ開くのですか？」と記者が尋ねた。",
        "“什么时候开？”记者问。",
    ],
)
def test_an_abbreviation_or_a_title_in_any_language_does_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "She left the U.S.| Her brother stayed.",
        "The flight left Washington, D.C.| It landed at dawn.",
        "Add salt, etc.| Stir for two minutes.",
        "So do I.| Nobody knew.",
        "He came by car.| (The road was closed.)| It was late.",
        '"It failed at 3 a.m."| "You may go," she said.',
        "Es gab Äpfel usw.| Danach kam die Birne.",
        "Это было 3 мая 2001 г.| Шёл дождь.",
        "彼は帰った。|「もう遅い」と母は言った。",
        "没有人来……|第二天早上，雨停了。",
    ],
)
def test_an_abbreviation_may_end_a_sentence(text: str) -> None:
    assert sentences(text.replace("|", "")) == [part.strip() for part in text.split("|")]


def test_a_long_paragraph_in_another_language_is_cut_by_its_own_rules() -> None:
    english = "The council met in the old hall, and nobody spoke of the bridge. " * 30
    german = "Der Vertrag trat am 3. Oktober in Kraft, und die Fa. Kessler zahlte an die Stadt. " * 3
    assert sentences(f"{english.strip()}\n\n{german.strip()}")[30:] == [german[: len(german) // 3].strip()] * 3


def test_a_text_without_capitals_is_cut_at_its_full_stops() -> None:
    assert sentences("it was late. nobody came. ok then.") == ["it was late.", "nobody came.", "ok then."]


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


def test_a_long_paragraph_of_thai_is_cut_at_spaces_where_no_conjunction_follows() -> None:
    pieces = [
        "สะพานใหม่เปิดให้ใช้งานเมื่อวันจันทร์ที่ผ่านมา  ",  # a wide space
        "ชาวบ้านต่างดีใจ การก่อสร้างใช้เวลาสามปี และใช้งบประมาณกว่า 200 ล้านบาท ",
        "นายกเทศมนตรีกล่าวว่าสะพานจะช่วยลดเวลาเดินทางของประชาชนทั้งสองฝั่งแม่น้ำ ",
        "ผู้โดยสารเรือข้ามฟากลดลงอย่างมากหลังจากเปิดสะพาน แต่เจ้าของเรือยังหวังว่านักท่องเที่ยวจะกลับมาใช้บริการอีกครั้งในฤดูหนาว ",
        "โรงเรียนในพื้นที่เปลี่ยนเวลาเข้าเรียนให้ตรงกับรถประจำทางสายใหม่ที่วิ่งผ่านสะพานทุกสิบนาที",
    ]
    text = "".join(pieces)
    assert [text[span.start : span.end] for span in split_sentences(text)] == pieces
    short = "ชาวบ้านต่างดีใจ การก่อสร้างใช้เวลาสามปี"
    assert len(split_sentences(short)) == 1
