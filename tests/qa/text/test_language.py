"""Tests that the language of a text or a question is told by its words."""

import pytest

from qa.text.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who is El Greco?", "en"),
        ("What did Angela Merkel do in Die Welt?", "en"),
        ("¿Cuándo abrió el museo?", "es"),
        ("Quand a ouvert le musée ?", "fr"),
        ("Wann öffnete das Museum?", "de"),
        ("Quando aprì il museo?", "it"),
        ("Quando abriu o museu e quem o dirige?", "pt"),
        ("Wanneer is het museum geopend?", "nl"),
        ("Kiedy otwarto muzeum i kto nim kieruje?", "pl"),
        ("Когда открыли музей?", "ru"),
        ("Коли відкрили музей і хто ним керує?", "uk"),
        ("När öppnade museet?", "sv"),
        ("博物馆什么时候开放？", "zh"),
        ("博物館はいつ開きましたか？", "ja"),
        ("박물관은 언제 열었습니까?", "ko"),
        ("พิพิธภัณฑ์เปิดเมื่อไร", "th"),
        ("museum", None),
        ("1984", None),
    ],
)
def test_the_language_of_a_question_is_told(text: str, language: str | None) -> None:
    assert detect_language(text) == language


def test_a_few_foreign_words_do_not_change_the_language_of_an_article() -> None:
    assert detect_language("The magazine printed “Der Turm ist hoch” below the picture of the tower. It was his last.") == "en"
