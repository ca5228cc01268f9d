"""Files are parsed by their kind, and the language of a text is identified if there is enough of it."""

import pytest

from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.parsing import parse
from qa.text.language import identify_language
from qa.types.errors import ArticleUnreadable

TEXT = b"The bridge fell at noon. Nobody was hurt, the mayor of the town said later."
TEXTS = {
    "en": "The bridge fell at noon. Nobody was hurt, the mayor said.",
    "de": "Die Brücke fiel am Mittag. Niemand wurde verletzt, sagte der Bürgermeister.",
    "fr": "Le pont est tombé à midi. Personne n'a été blessé, a dit le maire.",
    "es": "El puente cayó al mediodía. Nadie resultó herido, dijo el alcalde.",
    "zh": "大桥在中午倒塌。市长说没有人受伤。这座桥建于一九三二年,曾经是城里最长的桥,每天有数千人走过。",
}


def test_a_file_is_parsed_by_its_kind_and_its_language_identified() -> None:
    [draft] = parse(TEXT, "/a.txt", LIMITS)
    assert (draft.source, draft.title, draft.text, draft.language) == ("/a.txt", "a", TEXT.decode(), "en")


def test_a_text_over_the_limit_of_characters_is_refused() -> None:
    limits = Limits(text_characters=1_000)
    [draft] = parse("é".encode() * 1_000, "/a.txt", limits)
    assert draft.text == "é" * 1_000
    with pytest.raises(ArticleUnreadable, match=r"the text has 1,001 characters; the limit is 1,000"):
        parse("é".encode() * 1_001, "/a.txt", limits)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "the file is empty"), (b"* * *\n---\n", "no text was found in it"), (b" \n", "white space")]
)
def test_a_file_without_text_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnreadable, match=reason):
        parse(content, "/a.txt", LIMITS)


@pytest.mark.parametrize("code", TEXTS)
def test_two_sentences_are_enough(code: str) -> None:
    assert identify_language(TEXTS[code]) == code
    assert identify_language(TEXTS[code].upper() if code != "de" else TEXTS[code]) == code


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
    assert identify_language(text) is None


def test_only_the_beginning_counts() -> None:
    assert identify_language(TEXTS["de"] * 40 + TEXTS["en"] * 400) == "de"
