"""The encoding of a text is found from its bytes, or guessed, and a guess that may be wrong is said."""

import unicodedata

import pytest

from qa.sources.formats.decoding import CUT_SHORT, ONE_LINE, decode_with_notes
from qa.sources.formats.encoding_guess import guess_encoding, utf_16_encoding
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.parsing import parse

TEXTS = {
    "fr": "Le préfet a annoncé la réouverture du théâtre où l’on jouait « Médée ». Les élèves étaient présents à la cérémonie.",
    "pl": "Wójt gminy Łęczyca ogłosił przetarg na remont drogi. Mieszkańcy są zadowoleni, choć śnieg już spadł.",
    "cs": "Starosta řekl, že škola bude otevřena příští týden. Děti se těší, učitelé méně.",
    "hu": "A polgármester szerint az új híd építése jövőre kezdődik, többen tiltakoztak ellene, főleg a szőlősgazdák.",
    "ru": "Мэр города открыл новый мост через реку. Строительство заняло три года.",
    "el": "Ο δήμαρχος εγκαινίασε τη νέα γέφυρα. Το έργο κόστισε περισσότερο από όσο περίμεναν.",
    "tr": "Belediye başkanı yeni köprüyü açtı. İnşaat üç yıl sürdü ve beklenenden çok daha pahalıya çıktı.",
    "he": "ראש העיר פתח את הגשר החדש. הבנייה נמשכה שלוש שנים ועלתה יותר מהצפוי.",
    "ar": "افتتح رئيس البلدية الجسر الجديد. استمر البناء ثلاث سنوات وكلف أكثر مما كان متوقعا.",
    "th": "นายกเทศมนตรีเปิดสะพานใหม่ การก่อสร้างใช้เวลาสามปีและใช้งบประมาณมากกว่าที่คาดไว้",
    "vi": "Thị trưởng thành phố khánh thành cây cầu mới. Việc xây dựng kéo dài ba năm và tốn nhiều tiền hơn dự kiến.",
    "ja": "町長の鈴木花子は新しい図書館を開館させた。費用は三億円だった。",
    "zh-Hans": "县长李明为新图书馆剪彩。建设费用为三千万元，工程历时两年。",
    "zh-Hant": "縣長李明為新圖書館剪綵。建設費用為三千萬元，工程歷時兩年。",
    "ko": "군수 이영희는 새 도서관을 열었다. 공사비는 삼십억 원이었고 공사는 이 년이 걸렸다.",
}
ENCODINGS = [
    *(("fr", "cp1252"), ("pl", "iso8859-2"), ("pl", "cp1250"), ("cs", "iso8859-2"), ("cs", "cp1250"), ("hu", "cp1250")),
    *(("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "cp866"), ("el", "cp1253"), ("tr", "cp1254"), ("he", "cp1255")),
    *(("ar", "cp1256"), ("th", "cp874"), ("vi", "cp1258"), ("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp")),
    *(("zh-Hans", "gb18030"), ("zh-Hant", "big5"), ("ko", "cp949"), ("ko", "iso2022_kr")),
]
ENGLISH = "The report of the day says nothing new about the harbour.\n"


def encode(text: str, encoding: str) -> bytes:
    """Encode a text. In windows-1258 the tone of a vowel comes after it."""
    if encoding != "cp1258":
        return text.encode(encoding)
    tones = "\u0300\u0301\u0303\u0309\u0323"
    pieces = []
    for character in text:
        parts = unicodedata.normalize("NFD", character)
        letter = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        pieces.append(letter + "".join(part for part in parts if part in tones))
    return "".join(pieces).encode(encoding)


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_a_text_of_two_sentences_is_read_in_the_encoding_that_it_was_written_in(language: str, encoding: str) -> None:
    text = TEXTS[language]
    assert decode_with_notes(encode(text, encoding)).text == text
    assert decode_with_notes(encode(ENGLISH * 60 + text, encoding)).text == ENGLISH * 60 + text, "late"


@pytest.mark.parametrize(
    ("language", "encoding"), [("pl", "iso8859-2"), ("ru", "cp1251"), ("ja", "cp932"), ("zh-Hant", "big5")]
)
def test_a_page_and_a_table_that_do_not_say_their_encoding_are_read(language: str, encoding: str) -> None:
    text = TEXTS[language]
    page = f"<html><head><title>1</title></head><body><p class='lead text'>{text}</p><p>{text}</p></body></html>"
    assert text in parse(page.encode(encoding), "/a.html", LIMITS)[0].text
    rows = "title,date,text\r\n" + 80 * "A,2020-01-02,The report says nothing new.\r\n" + f'B,2020-01-02,"{text}"\r\n'
    last = parse(rows.encode(encoding), "/a.csv", LIMITS)[-1]
    assert (last.text, last.notes) == (text, ())


@pytest.mark.parametrize("language", [language for language in TEXTS if language != "fr"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark_is_told_in_every_script(language: str, encoding: str) -> None:
    text = TEXTS[language]
    assert decode_with_notes(text.encode(encoding)) == (text, ())
    assert utf_16_encoding(text.encode()) is None


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_no_other_encoding_is_taken_for_utf_16(language: str, encoding: str) -> None:
    content = encode(TEXTS[language] * 2, encoding)
    assert utf_16_encoding(content[: len(content) // 2 * 2]) is None


QUOTED = "The warden said “it is shut” — the café’s ferry cost £4m.\n"


@pytest.mark.parametrize("foreign", ["It’s the fifth ferry in Holm.", "Der Fährmann grüßt."])
def test_a_line_in_another_encoding_does_not_change_how_the_rest_of_a_file_in_utf_8_is_read(foreign: str) -> None:
    content = (QUOTED * 5).encode() + foreign.encode("cp1252") + b"\n" + QUOTED.encode()
    text, notes = decode_with_notes(content)
    assert text == QUOTED * 5 + foreign + "\n" + QUOTED
    assert notes == (ONE_LINE.format(encoding="windows-1252"),)


def test_stray_bytes_within_a_line_of_utf_8_are_read_by_themselves() -> None:
    content = QUOTED.encode().replace("café".encode(), b"caf\xe9")
    assert decode_with_notes(content).text == QUOTED
    japanese = TEXTS["ja"].encode() + b"\n" + TEXTS["ja"].encode("cp932")
    assert decode_with_notes(japanese).text == TEXTS["ja"] + "\n" + TEXTS["ja"]


def test_a_file_that_was_cut_within_a_character_says_so() -> None:
    text, notes = decode_with_notes(("Der Fährmann grüßt. Er fährt über den Fluß. " * 3 + "Grü").encode()[:-1])
    assert text.endswith("Gr\ufffd")
    assert notes == (CUT_SHORT,)


@pytest.mark.parametrize("content", [b"caf\xe9", "Łódź".encode("cp1250"), "Grüße aus Köln".encode("mac_roman")])
def test_a_guess_from_few_letters_is_told_on_the_article(content: bytes) -> None:
    [draft] = parse(content, "/a.txt", LIMITS)
    [note] = draft.notes
    assert note.startswith("its encoding is a guess, ")
    assert parse("Łódź".encode(), "/a.txt", LIMITS)[0].notes == ()


@pytest.mark.parametrize("text", ["“Yes”, he said — twice.", "It’s 21°C and costs £4m.", "5° × 3 ± 2", "© 2019 The Mill®"])
def test_typographic_signs_of_english_text_are_no_guess(text: str) -> None:
    assert decode_with_notes(text.encode("cp1252")) == (text, ())


def test_only_articles_that_may_be_wrong_are_noted() -> None:
    rows = b"text\nThe ferry left.\nThe caf\xe9 shut.\n"
    first, second = parse(rows, "/a.csv", LIMITS)
    assert (first.notes, len(second.notes)) == ((), 1)


def test_the_guess_of_nothing_is_what_most_programs_write() -> None:
    assert guess_encoding(b"plain") == ("cp1252", True)
