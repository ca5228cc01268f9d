"""Tests that titles, headings, captions and bylines are told from lines that answer, and from lists, tables and poems."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from support.nasty import FIXED, law_is_broken_by, texts, write

from embeddings import Encoder
from qa import Assistant, Settings
from qa.answer.answers import HEADING
from qa.question.intents import asks_for_heading
from qa.search.reader.loading import NONE
from qa.text.headings import is_heading
from qa.text.passages import quotable_sentences

BODY = "The harbour of Lindholm was closed on Monday because the mole had cracked in the storm."


def headings(text: str, title: str = "Storm shuts the harbour") -> list[str]:
    sentences = quotable_sentences(text, ())
    return [text[sentence.start : sentence.end] for sentence in sentences if is_heading(text, sentence, title)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Storm shuts the harbour\n\n{BODY}", ["Storm shuts the harbour"]),
        (f"Storm shuts the harbour\r\n\r\n{BODY}\r\n", ["Storm shuts the harbour"]),
        (f"Storm shuts the harbour\n{BODY}", ["Storm shuts the harbour"]),
        (f"  STORM  shuts the Harbour\n\n{BODY}", ["STORM  shuts the Harbour"]),
        (f"Storm shuts the harbour\n\nBy Anna Lee\n\n{BODY}", ["Storm shuts the harbour", "By Anna Lee"]),
        (f"Storm shuts the harbour\nPhoto: Jan Holm/AP\n{BODY}", ["Storm shuts the harbour", "Photo: Jan Holm/AP"]),
        (f"Storm shuts the harbour\nThe storm at the harbour\n{BODY}", ["Storm shuts the harbour", "The storm at the harbour"]),
        (f"Storm shuts the harbour\nThe mole that cracked\n{BODY}", ["Storm shuts the harbour", "The mole that cracked"]),
        (f"{BODY}\n\nWhat the divers saw\n\nDivers saw long cracks.", []),
        (f"{BODY}\n\nWhat the divers saw\n\nDivers saw long cracks in it.", ["What the divers saw"]),
        ("# Harbour 2019\nShort text.\n\n## Divers\n- Anna\n- Jan\n", ["# Harbour 2019", "## Divers"]),
        ("港の閉鎖\n\n市長の佐藤健一は月曜日、新しい橋を開通させた。建設費は四億二千万円だった。", ["港の閉鎖"]),
    ],
)
def test_titles_headings_captions_and_bylines_are_recognized(text: str, expected: list[str]) -> None:
    assert headings(text) == expected


def test_a_title_in_a_script_without_spaces_is_recognized() -> None:
    assert headings("港の閉鎖\n\n市長の佐藤健一は月曜日、新しい橋を開通させた。", "港の閉鎖") == ["港の閉鎖"]


@pytest.mark.parametrize(
    "text",
    [
        "Storm shuts the harbour",  # a note of one line
        "Storm shuts the harbour\n",
        "Storm shuts the harbour\nThe ferries lie idle\nThe mole is cracked",  # a list
        "Storm shuts the harbour\n\nThe ferries lie idle\n\nThe mole is cracked",
        f"Storm shuts the harbour. {BODY}",  # a sentence of a paragraph
        "Milk\n\nEggs\n\nMix both for two minutes and let it rest.",
        f"Ingredients:\n\nFlour\n\n{BODY}",
        f"{BODY}\n\n- the mole\n\n{BODY}",
        f"{BODY}\n\nPier 7 | 1931 | Lennox\n\n{BODY}",
        f"{BODY}\n\nPier\t1931\n\n{BODY}",
        f"{BODY}\n\nOpen from 9 to 5\n\n{BODY}",
        f"{BODY}\n\nHarbour master: Anna Lee\n\n{BODY}",
        f"{BODY}\n\nThe mole is cracked\n\n{BODY}",
        f"{BODY}\n\nThe mole\nthe ferries\n\n{BODY}",
        f"{BODY}\n\nAnna Lee",  # a signature
        "Rough winds do shake the buds\n\nAnd summer ends\n\nToo soon.",
        f"{BODY} He added that a few were hurt\n\n{BODY}",
    ],
)
def test_lists_tables_poems_notes_and_statements_are_no_headings(text: str) -> None:
    assert headings(text) == []


def test_a_title_that_is_a_sentence_answers() -> None:
    assert headings(f"The harbour is shut.\n\n{BODY}", "The harbour is shut.") == []


@settings(max_examples=100)
@given(texts())
def test_any_text_can_be_asked_for_its_headings(text: str) -> None:
    assert set(headings(text, text[:40])) <= {text[s.start : s.end] for s in quotable_sentences(text, ())}


def test_a_long_line_is_not_read_again_for_every_sentence() -> None:
    text = "x" * 1_000_000 + "\n\nHarbour\n\n" + "y " * 500_000
    assert headings(text, "Harbour") == ["Harbour"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the title of the article on the harbour?", True),
        ("What is its title?", True),
        ("Which article is called after a storm?", True),
        ("What is the article about the harbour called?", True),
        ("What was the headline on the storm?", True),
        ("Which story is titled after a storm?", True),
        ("Who wrote the article on the harbour?", True),
        ("What does the caption say?", True),
        ("Which title did the king hold?", False),
        ("What is the mole called?", False),
        ("Who wrote the opera Carmen?", False),
        ("Who closed the harbour?", False),
    ],
)
def test_a_question_that_asks_for_a_heading_is_recognized(question: str, expected: bool) -> None:
    assert asks_for_heading(question) == expected


ARTICLE = f"Storm shuts Lindholm harbour\n\nBy Anna Lee\n\n{BODY} Forty ferries wait outside.\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Assistant:
    folder = tmp_path_factory.mktemp("headings")
    assistant = Assistant.open(folder / "library", reader=NONE, settings=Settings(least_confidence=0, least_further=0))
    assistant._encoder = encoder
    assistant.add(write(folder, storm=ARTICLE, note="Door code of the harbour office: blue fish"))
    return assistant


@pytest.mark.parametrize("question", ["What shuts Lindholm harbour?", "Who is Anna Lee?", "storm at the harbour"])
def test_a_heading_is_no_quote_and_is_listed_with_the_reason(library: Assistant, question: str) -> None:
    answer = library.ask(question, 20)
    own = {"Storm shuts Lindholm harbour", "By Anna Lee"}
    assert not own & {quote.text for quote in answer.all_quotes}
    assert {each.text for each in answer.left_out if each.why == HEADING} == own
    assert law_is_broken_by(library, [answer]) == []


def test_a_title_is_quoted_where_it_is_asked_for(library: Assistant) -> None:
    answer = library.ask("What is the title of the article on Lindholm harbour?", 20)
    assert "Storm shuts Lindholm harbour" in [quote.text for quote in answer.quotes]


def test_an_article_of_one_line_is_quoted(library: Assistant) -> None:
    answer = library.ask("What is the door code of the office?")
    assert answer.quotes[0].text == "Door code of the harbour office: blue fish"


def test_an_article_of_nothing_but_a_title_is_quoted_for_that_title(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a="The old bridge"))
    assert [quote.text for quote in assistant.ask("the old bridge").quotes] == ["The old bridge"]


@pytest.mark.parametrize("text", FIXED)
def test_no_passage_is_left_without_a_quotable_sentence(opened: Callable[..., Assistant], tmp_path: Path, text: str) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a=f"Title of it\n\n{text}"))
    with assistant.library.snapshot() as snapshot:
        passages = list(snapshot.added_since(-1))
        assert all(not passage.headings.all() for passage in passages)
