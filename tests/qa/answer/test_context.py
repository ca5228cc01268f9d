"""Tests that a quote can be read alone: the sentence before it is included, or a lead, within 600 characters."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nasty import WORDS, law_is_broken_by, texts, write

from embeddings import Encoder
from qa import Assistant, Settings
from qa.answer.anaphora import Anaphora, find_anaphora
from qa.answer.context import Context, add_context
from qa.answer.excerpts import excerpt
from qa.text.passages import quotable_sentences
from qa.text.quotation import LONGEST_QUOTE
from qa.types.articles import SetAside, Span

Open = Callable[..., Assistant]
TESLA = "Tesla was hired by Edison in 1884."


def shown_for(answering: str, text: str, *set_aside: SetAside) -> tuple[str | None, str]:
    """Return the texts of the lead and the quote for the sentence that contains these words."""
    sentences = list(quotable_sentences(text, set_aside))
    sentence = next(each for each in sentences if answering in text[each.start : each.end])
    return words_of(text, add_context(text, sentence, set_aside, lambda: sentences))


def words_of(text: str, context: Context) -> tuple[str | None, str]:
    lead, quote = context.lead, context.quote
    return text[lead.start : lead.end] if lead else None, text[quote.start : quote.end]


EXAMPLES: dict[Anaphora | None, tuple[str, ...]] = {
    Anaphora.PERSON: (
        *("He left.", "His house fell.", "But she stayed.", "In 1905, he moved to Bergen, Norway.", "In July 1905 he left."),
        *("That night he left.", "“We left,” he said.", "Once she saw it, it ran.", "“We left,” said she."),
    ),
    Anaphora.PRONOUN: (
        "They left.",
        "It was used to carry salt.",
        "Among them were two boys.",
        "Its use grew.",
        "“We left,” they said.",
    ),
    Anaphora.SENTENCE: (
        *("This was bad.", "The latter fell.", "After that, Rome fell.", "“We left.”", "To this end Rome fell."),
        *("One of them fell.", "The following day was dry.", "Another reason was salt."),
    ),
    Anaphora.CONNECTIVE: (
        "But Rome fell.",
        "However, Rome fell.",
        "As a result, Rome fell.",
        "So Rome fell.",
        "Because of this Rome fell.",
    ),
    None: (
        *("IT staff left.", "It is known that he left.", "After his defeat, Napoleon left.", "So far Rome stood."),
        *(
            "This year Rome fell.",
            "Those who stayed fell.",
            "In this paper we show it.",
            "Her Majesty left.",
            "It seems that he left.",
        ),
        *(
            "“We left,” Mr. Kim said.",
            "The following are banned:",
            "Then-president Bush left.",
            "After that was done, Rome fell.",
        ),
        *(
            "ils sont partis",
            "Sie gingen.",
            "那里有墙。",
            "“",
            "However much it rained, Rome stood.",
            "x",
            "Both he and I left.",
        ),
    ),
}


@pytest.mark.parametrize(("sentence", "expected"), [(each, expected) for expected, some in EXAMPLES.items() for each in some])
def test_an_anaphor_at_the_start_of_a_sentence_is_found(sentence: str, expected: Anaphora | None) -> None:
    assert find_anaphora(f"Before. {sentence} After.", Span(8, 8 + len(sentence))) is expected


def test_a_pronoun_at_the_start_adds_the_sentence_before() -> None:
    both = f"{TESLA} He redesigned the motor."
    assert shown_for("redesigned", f"The city grew. {both} It rained.") == (None, both)


def test_an_antecedent_further_up_becomes_the_lead() -> None:
    text = f"{TESLA} He worked hard. The motor ran. It was sold. He died in 1943."
    assert shown_for("1943", text) == (TESLA, "He died in 1943.")
    assert shown_for("sold", text) == (None, "The motor ran. It was sold.")


def test_a_personal_pronoun_is_resolved_by_a_sentence_with_a_name() -> None:
    text = f"{TESLA} The motor ran well. He died in 1943."
    assert shown_for("1943", text) == (TESLA, "He died in 1943.")
    assert shown_for("died", "The old man was ill. He died.") == (None, "The old man was ill. He died.")


def test_this_adds_the_sentence_before_and_what_resolves_that() -> None:
    text = f"{TESLA} The motor ran. He worked on it. This made him rich."
    assert shown_for("rich", text) == (TESLA, "He worked on it. This made him rich.")


def test_a_connective_adds_one_sentence_if_that_has_no_anaphor() -> None:
    assert shown_for("wall", "The gate fell. But the wall stood.") == (None, "The gate fell. But the wall stood.")
    assert shown_for("wall", f"{TESLA} He left. But the wall stood.") == (None, "But the wall stood.")


def test_a_sentence_without_an_antecedent_stands_alone() -> None:
    assert shown_for("left", "He left. She stayed.") == (None, "He left.")
    assert shown_for("stayed", "He left. She stayed.") == (None, "She stayed.")


def test_a_quotation_adds_its_speaker_and_who_that_is() -> None:
    text = 'Spokesman Kong Quan was angry. "They are incited," he said. "We have long opposed this."'
    assert shown_for("opposed", text) == (None, text)


def test_no_other_paragraph_is_added() -> None:
    text = f"Edison was rich. {TESLA}\n\nHe died in 1943. It rained."
    assert shown_for("1943", text) == (None, "He died in 1943.")
    long = f"Edison was rich and lived in the greatest of the many houses of the city that he had helped to light. {TESLA}"
    assert shown_for("1943", f"{long}\nHe died in 1943. It rained.") == (None, "He died in 1943.")


def test_in_news_each_sentence_is_a_paragraph_and_the_one_before_is_added() -> None:
    text = f"{TESLA}\n\nHe died in 1943.\n\nIt rained."
    assert shown_for("1943", text) == (None, f"{TESLA}\n\nHe died in 1943.")
    assert shown_for("1943", f"Nikola Tesla\n\n{text[len(TESLA) + 2 :]}") == (None, "He died in 1943."), (
        "a heading is no sentence"
    )


def test_a_wrapped_line_is_no_paragraph() -> None:
    before = f"The city of New York grew fast. {TESLA[:-1]} for\nthe motor of the city."
    text = f"{before} He died in 1943 in a hotel of the city, and\nwas buried."
    assert shown_for("1943", text)[1].startswith(TESLA[:-1])


LIST = "It rained.\n\nThe following are banned:\n\n- knives\n- guns\n  of any kind.\n- He who carries ropes\n\nCats are not."


def test_a_list_item_gets_its_introduction() -> None:
    assert shown_for("knives", LIST) == (None, "The following are banned:\n\n- knives")
    assert shown_for("guns", LIST) == ("The following are banned:", "- guns")
    assert shown_for("ropes", LIST) == ("The following are banned:", "- He who carries ropes")
    assert shown_for("Cats", LIST) == (None, "Cats are not.")


@pytest.mark.parametrize("marker", ["1. ", "(a) ", "* ", "• ", ""])
def test_a_list_is_known_by_its_markers_or_its_short_lines(marker: str) -> None:
    text = f"All is well. These things are banned:\n{marker}knives\n{marker}guns\n\n{marker}ropes"
    assert shown_for("ropes", text) == ("These things are banned:", f"{marker}ropes")


def test_an_item_of_an_inner_list_gets_the_item_above_it_and_the_next_outer_item_does_not() -> None:
    text = "Banned are:\n- weapons:\n  - knives\n  - guns\n- ropes"
    assert shown_for("guns", text) == ("- weapons:", "- guns")
    assert shown_for("ropes", text) == ("Banned are:", "- ropes")


def test_a_line_after_a_paragraph_is_no_item() -> None:
    assert shown_for("Hats", "They came at noon: all of them.\n\nIt rained.\n\nHats and shoes") == (None, "Hats and shoes")
    assert shown_for("fell", "Summary:\n\nRain fell.") == (None, "Rain fell.")


def test_what_would_make_a_quote_too_long_becomes_its_lead() -> None:
    for length, grown in ((LONGEST_QUOTE, True), (LONGEST_QUOTE + 1, False)):
        first = "Edison " + "x" * (length - 25) + "."
        text = f"{first} He died in 1943."
        assert len(text) == length
        assert shown_for("1943", text) == ((None, text) if grown else (first, "He died in 1943."))


def test_text_set_aside_is_never_added_not_even_between() -> None:
    text = f"{TESLA} Click here. He died in 1943."
    place = SetAside(len(TESLA) + 1, len(TESLA) + 12, "call to action")
    assert shown_for("1943", text, place) == (None, "He died in 1943.")
    listed = "Banned are:\nShare this\n- knives"
    assert shown_for("knives", listed, SetAside(12, 22, "call to action")) == (None, "- knives")
    assert shown_for("knives", listed, SetAside(0, 11, "call to action")) == (None, "- knives")


LEANING = (
    "He said no. ",
    "This was it. ",
    "But they left. ",
    "“We came. ",
    "Nobody saw us!” ",
    "\n- an item\n",
    "Here are:\n",
    "\n\n",
    TESLA,
)
MIXED = st.lists(st.sampled_from((*LEANING, *WORDS, " ", "\n", "x" * 300, "x" * 700)), max_size=30).map("".join)  # fmt: skip


@settings(max_examples=100)
@given(st.one_of(texts(), MIXED), st.lists(st.tuples(st.integers(0, 400), st.integers(1, 30)), max_size=3))
def test_whatever_the_text_a_quote_holds_its_sentence_and_keeps_the_laws(text: str, aside: list[tuple[int, int]]) -> None:
    places: list[SetAside] = []
    for start, length in sorted(aside):
        if (not places or start >= places[-1].end) and start + length <= len(text):
            places.append(SetAside(start, start + length, "navigation"))
    sentences = list(quotable_sentences(text, places))
    for sentence in sentences:
        if sentence.end - sentence.start > LONGEST_QUOTE:
            reading = excerpt(text, sentence, {"said": 1.0}, "number")
            assert sentence.start <= reading.quote.start < reading.quote.end <= sentence.end
        else:
            reading = add_context(text, sentence, places, lambda: sentences)
            assert reading.quote.start <= sentence.start < sentence.end <= reading.quote.end
        for span in filter(None, reading):
            assert 0 <= span.start < span.end <= len(text)
            assert span.end - span.start <= LONGEST_QUOTE
            assert not text[span.start].isspace()
            assert not text[span.end - 1].isspace()
            assert not any(place.start < span.end and span.start < place.end for place in places)
        assert reading.lead is None or reading.lead.end <= reading.quote.start


def clauses(n: int, **marked: str) -> str:
    """Make a sentence of n clauses of 30 characters. `n7="…"` replaces clause 7."""
    return "; ".join(marked.get(f"n{at}", f"clause {at:03} has nothing in it at") for at in range(n)) + "."


def excerpt_of(text: str, *terms: str) -> Context:
    return excerpt(text, Span(0, len(text)), dict.fromkeys(terms, 1.0), None)


def test_of_a_very_long_sentence_the_part_that_answers_is_quoted_and_its_beginning_is_the_lead() -> None:
    text = clauses(60, n30="the bridge fell at the third hour")
    reading = excerpt_of(text, "bridg", "fell")
    lead, quoted = words_of(text, reading)
    assert "; the bridge fell at the third hour;" in quoted
    assert quoted.startswith("clause ")
    assert quoted.endswith(";")
    assert 500 < len(quoted) <= LONGEST_QUOTE
    assert lead is not None
    assert text.startswith(lead)
    assert 100 < len(lead) <= 160


def test_of_a_very_long_sentence_that_answers_at_its_beginning_there_is_no_lead() -> None:
    text = clauses(40, n3="the bridge fell at the third hour")
    reading = excerpt_of(text, "bridg", "fell")
    assert (reading.quote.start, reading.lead) == (0, None)
    assert "the bridge fell" in words_of(text, reading)[1]


@pytest.mark.parametrize("text", ["牆" * 2_000, "x" * 2_000, "e\u0301" * 1_000, "x, " * 700])
def test_a_very_long_sentence_is_cut_even_where_there_are_no_clauses_or_no_white_space(text: str) -> None:
    reading = excerpt_of(text.strip(), "牆")
    assert 400 < len(words_of(text, reading)[1]) <= LONGEST_QUOTE
    assert text[reading.quote.end] != "\u0301"


def test_the_answering_sentence_is_highlighted_in_a_quote_with_context(assistant: Assistant, tmp_path: Path) -> None:
    text = f"The motor ran. {TESLA} He redesigned the motor and the lamp."
    assistant.add(write(tmp_path, a=text))
    quotes = assistant.ask("Who redesigned the motor and the lamp?").quotes
    quote = next(each for each in quotes if "lamp" in each.text)
    assert quote.text == f"{TESLA} He redesigned the motor and the lamp."
    assert quote.highlight is not None
    assert text[quote.highlight.start : quote.highlight.end] == "He redesigned the motor and the lamp."


def test_a_lead_has_coordinates_of_its_own(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=LIST))
    answer = assistant.ask("Are guns banned?", 20)
    quote = next(each for each in answer.quotes if each.text == "- guns")
    assert quote.lead is not None
    assert (quote.lead.start, quote.lead.end, quote.lead.text) == (12, 37, LIST[12:37])
    assert law_is_broken_by(assistant, [answer]) == []


def test_where_the_sentence_before_is_quoted_already_it_is_not_quoted_twice(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=f"{TESLA} He redesigned the motor."))
    quotes = assistant.ask("When was Tesla hired by Edison?").quotes
    assert [quote.text for quote in quotes] == [TESLA, "He redesigned the motor."]
    assert [quote.lead for quote in quotes] == [None, None]


@pytest.mark.slow
def test_a_very_long_sentence_in_several_articles_is_quoted_once_with_the_place_of_the_same_part(
    tmp_path: Path, encoder: Encoder
) -> None:
    assistant = Assistant.open(tmp_path / "library", settings=Settings(least_confidence=0, least_further=0))
    assistant._encoder = encoder
    settlements = ["the inhabitants of the neighbouring mountain settlements remained altogether indifferent"] * 10
    long = "; ".join([*settlements[:8], "the bridge fell at noon", *settlements[8:]]) + "."
    assistant.add(write(tmp_path, a=long, b=f"Rain fell. {long}"))
    answer = assistant.ask("When did the bridge fall?", 20)
    assert law_is_broken_by(assistant, [answer]) == []
    (quote,) = [each for each in answer.quotes if "bridge fell" in each.text.lower()]
    assert len(quote.text) <= LONGEST_QUOTE < len(long)
    assert quote.lead is not None
    places = [quote, *quote.also_in]
    found = [assistant.article(each.article.id).text[each.start : each.end] for each in places]
    assert found == [quote.text] * 2
    assistant.add(write(tmp_path, c=f"Snow fell. {long.upper()}"))
    shouted = assistant.ask("When did the bridge fall?", 20)  # in upper case the quoted part is not found verbatim
    assert len([each for each in shouted.quotes if "bridge fell" in each.text.lower()]) == 1
    assert law_is_broken_by(assistant, [shouted]) == []


@pytest.mark.slow
@settings(max_examples=15)
@given(st.lists(MIXED, min_size=1, max_size=8))
def test_the_law_holds_for_leads_and_parts_of_sentences(
    opened: Open, tmp_path_factory: pytest.TempPathFactory, articles: Sequence[str]
) -> None:
    folder = tmp_path_factory.mktemp("articles")
    assistant = opened(folder / "library")
    assistant.add(write(folder, **{f"t{n}": text for n, text in enumerate(articles)}))
    answers = [assistant.ask(question, 9) for question in ("Who said no?", "What was hired in 1884?")]
    assert law_is_broken_by(assistant, answers) == []


FAQ = """The new mill

Who paid for it?
The county paid two thirds of it.

Will there be a fee?

No. The guild voted against one in May.

Q: When was it built?

A: In 1931.

It rained. "Did you know of the leak?" the judge asked. "Since 2009," Ferro said. He left."""


@pytest.mark.parametrize(
    ("answering", "quote"),
    [
        ("county", "Who paid for it?\nThe county paid two thirds of it."),
        ("No.", "Will there be a fee?\n\nNo. The guild voted against one in May."),
        ("guild", "The guild voted against one in May."),
        ("1931", "Q: When was it built?\n\nA: In 1931."),
        ("2009", '"Did you know of the leak?" the judge asked. "Since 2009," Ferro said.'),
        ("rained", "It rained."),
    ],
)
def test_a_reply_gets_its_question(answering: str, quote: str) -> None:
    assert shown_for(answering, FAQ) == (None, quote)


def test_a_question_that_was_set_aside_is_not_added() -> None:
    start = FAQ.index("Who paid")
    assert shown_for("county", FAQ, SetAside(start, start + 16, "test")) == (None, "The county paid two thirds of it.")


def test_a_question_in_the_middle_of_a_paragraph_is_not_added_to_a_whole_sentence() -> None:
    text = "The mill burned. Who set the fire? The county paid for a new one."
    assert shown_for("county", text) == (None, "The county paid for a new one.")
