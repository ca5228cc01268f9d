"""Tests that a misspelled word is corrected and the answer says so, and that a word the library merely lacks is not."""

import random
from pathlib import Path

import pytest
from support.nasty import write

from embeddings import Encoder
from qa import Assistant, Settings
from qa.question.spelling import find_corrections, replace_words

ARTICLES = {
    "reformer": "Philipp Melanchthon wrote the confession in Augsburg. He taught Greek at the university.",
    "council": "The government of Lindholm refused. A government must explain itself. Three ministers left over it.",
    "bridge": "The architect Benedetta Ørsted-Malmström drew the bridge in Hallingdal. Men from Ireland tested the cables.",
    "most": "Inżynier Wilk otworzył most w maju. Budowa mostów trwa, ale ten most jest już gotowy i nikt go nie zamknie.",
    "film": "The censor cut the film. Nobody cannot see why. Over there, the harbour was narrow in 1987.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Assistant:
    folder = tmp_path_factory.mktemp("typos")
    assistant = Assistant.open(folder / "library")
    assistant._encoder = encoder
    assistant.add(write(folder, **ARTICLES))
    return assistant


def corrections(library: Assistant, question: str) -> dict[str, str]:
    with library.library.snapshot() as snapshot:
        words = library.indexes.at(snapshot, lambda: library.encoder.dimension).words
        return find_corrections(question, words, snapshot, library.encoder.count_tokens, library.settings)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Melanchhon", "Melanchthon"),  # a letter deleted
        ("Melanchtthon", "Melanchthon"),  # a letter inserted
        ("Melanchthan", "Melanchthon"),  # a letter replaced
        ("Melacnhthon", "Melanchthon"),  # two letters swapped
        ("melanchhon", "Melanchthon"),  # a letter deleted, in lower case
        ("Malmstrom", None),  # the library holds it with accents
        ("Malmströn", "Malmström"),
        ("Augsbrug", "Augsburg"),
        ("goverment", "government"),  # not "over", the stem of "overment"
        ("goverments", None),  # no passage holds "governments"
        ("Malmstrøn", "Malmström"),
    ],
)
def test_a_word_one_letter_away_becomes_the_librarys_own(library: Assistant, typed: str, meant: str | None) -> None:
    assert corrections(library, f"What of {typed}?") == ({typed: meant} if meant else {})


@pytest.mark.parametrize(
    "question",
    [
        "What happened in Iceland?",  # not "Ireland": a token of the encoder's vocabulary
        "Who is Carnot?",  # not "cannot": a name is only corrected to a name
        "What is Yarrow?",  # not "narrow": the first letter is rarely wrong
        "Who wrote in 1978, or in 1988a?",  # numbers are never corrected
        "Who is Melanchtoom's father, and who Malamchthon?",  # two edits away
        "Who taught Greek in Augsburg?",
        "What did the minister explain?",  # a passage holds another form
        "Who is Gre?",  # too short to correct
    ],
)
def test_a_word_that_is_spelled_right_or_too_far_away_is_left_as_it_is(library: Assistant, question: str) -> None:
    assert corrections(library, question) == {}


@pytest.mark.parametrize(
    "question",
    [
        "¿Cuándo abrió el harbor de Augsburg, y quién es el goverment?",
        "Когда открыли мост и кто такой инженер моста?",
        "Kiedy otwarto most i kto jest inżynierem mostu?",
        "Wer ist der Architekt der Brücke, und wo ist das Goverment?",
        "inżynier mostu",  # nothing tells its language, but the passages with "most" are Polish
    ],
)
def test_words_of_another_language_are_left_as_they_are(library: Assistant, question: str) -> None:
    assert corrections(library, question) == {}


def test_the_answer_says_what_was_searched_for_and_is_that_of_the_right_spelling(library: Assistant) -> None:
    mistyped = library.ask("What did Melanchhon write in Augsbrug?")
    meant = library.ask("What did Melanchthon write in Augsburg?")
    assert mistyped.question == "What did Melanchhon write in Augsbrug?"
    assert mistyped.searched_for == "What did Melanchthon write in Augsburg?"
    assert mistyped.quotes == meant.quotes
    assert mistyped.confidence == meant.confidence
    assert meant.searched_for == meant.question
    assert meant.quotes[0].text == "Philipp Melanchthon wrote the confession in Augsburg."


def test_without_the_correction_it_is_less_sure(library: Assistant, encoder: Encoder) -> None:
    plain = Assistant(library.library, settings=Settings(most_respelled=0))
    plain._encoder = encoder
    question = "What did Melanchhon write?"
    assert plain.ask(question).searched_for == question
    assert plain.ask(question).confidence < library.ask(question).confidence


def test_a_follow_up_is_corrected_and_so_are_the_questions_after_it(library: Assistant) -> None:
    conversation = library.conversation()
    conversation.ask("What did Melanchhon write?")
    follow_up = conversation.ask("Where did he teach Grek, in Augsbrug?")
    assert "Augsburg" in follow_up.searched_for
    assert "Melanchthon" in follow_up.searched_for
    assert "Melanchhon" not in follow_up.searched_for


def test_no_more_words_are_corrected_than_the_settings_say(library: Assistant) -> None:
    typed = ["Melanchhon", "Augsbrug", "goverment", "arhcitect", "Hallingdla"]
    assert list(corrections(library, " ".join(typed))) == typed[: library.settings.most_respelled]


def test_a_search_for_passages_cannot_say_so_and_corrects_nothing(library: Assistant) -> None:
    assert all(passage.parts.words == 0 for passage in library.search("Melanchhon"))


def test_only_whole_words_are_replaced() -> None:
    meant = {"Melanchhon": "Melanchthon"}
    assert replace_words("Melanchhon's Melanchhons, (Melanchhon) Melanchhon2", meant) == (
        "Melanchthon's Melanchhons, (Melanchthon) Melanchhon2"
    )


def test_an_encoder_of_letters_cannot_tell_and_corrects_nothing(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, **ARTICLES))
    question = "What did Melanchhon write?"
    assert assistant.ask(question).searched_for == question


def test_an_empty_library_corrects_nothing(assistant: Assistant) -> None:
    assert assistant.ask("What did Melanchhon write?").searched_for == "What did Melanchhon write?"


@pytest.mark.parametrize(
    "longest", ["x" * 39, "x" * 40, "x" * 41, "é" * 20, "İİİİİstanbul", "straßße", "ﬁﬁﬁﬁ", "ǅǅǅǅ", "ᾳᾳᾳᾳᾳ"]
)
def test_a_strange_word_is_left_as_it_is(library: Assistant, longest: str) -> None:
    assert library.ask(f"Who is {longest}?").searched_for == f"Who is {longest}?"


def test_words_of_other_scripts_are_no_trouble(library: Assistant) -> None:
    assert library.ask("Где находится посольство 北京大使館 في مدينة").quotes == ()


def test_the_benchmark_misspells_one_name_by_one_letter_and_not_its_first() -> None:
    from benchmarks.typos import misspell

    question = "What did the reformer Melanchthon write in Augsburg?"
    for seed in range(50):
        typed = misspell(question, random.Random(seed))
        changed = [word for word in typed.split() if word not in question.split()]
        assert len(changed) == 1
        assert changed[0][0] in "MA"
        assert abs(len(typed) - len(question)) <= 1
