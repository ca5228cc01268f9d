"""The language of a text is guessed where there is enough of it, and not said where there is not."""

import pytest

from qa.sources.formats import language

TEXTS = {
    "en": "The bridge fell at noon. Nobody was hurt, the mayor said.",
    "de": "Die Brücke fiel am Mittag. Niemand wurde verletzt, sagte der Bürgermeister.",
    "fr": "Le pont est tombé à midi. Personne n'a été blessé, a dit le maire.",
    "es": "El puente cayó al mediodía. Nadie resultó herido, dijo el alcalde.",
    "zh": "大桥在中午倒塌。市长说没有人受伤。这座桥建于一九三二年,曾经是城里最长的桥,每天有数千人走过。",
}


@pytest.mark.parametrize("code", TEXTS)
def test_two_sentences_are_enough(code: str) -> None:
    assert language.guess(TEXTS[code]) == code
    assert language.guess(TEXTS[code].upper() if code != "de" else TEXTS[code]) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The bridge fell at noon.",  # too short
        "Ann Li, Bob Hu, Otto Kranz, Maria Lopez, Jean Dupont, Yuki Tanaka",  # of none
        "1 + 1 = 2; 3 × 4 = 12. " * 50,
        "def f(x): return x + 1\nfor i in range(10):\n    print(f(i)); z = f(i) ** 2",
        "\ud800" * 100,
    ],
    ids=["none", "short", "names", "numbers", "code", "surrogates"],
)
def test_nothing_is_said_of_what_could_be_any(text: str) -> None:
    assert language.guess(text) is None


def test_only_the_beginning_counts() -> None:
    assert language.guess(TEXTS["de"] * 40 + TEXTS["en"] * 400) == "de"
