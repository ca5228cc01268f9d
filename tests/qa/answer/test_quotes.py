"""Tests that quotes are the best sentences, each whole and once, with complete quotations, or that there are none."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from support.nasty import law_is_broken_by, texts, write

from qa import Assistant, Settings
from qa.answer.deduplication import QuotedText, find_near_duplicate
from qa.text.near_duplicates import normalize_words
from qa.text.passages import quotable_sentences
from qa.text.quotation import LONGEST_QUOTE, extend_to_quotation
from qa.types.articles import Span

Open = Callable[..., Assistant]


def quotes_of(marked: str) -> list[str]:
    """Return the quote for each sentence of a text whose sentences are separated by bars.

    The splitter keeps most short quotations whole. The bars cut them as it cuts long ones.
    """
    text, sentences = "", []
    for piece in marked.split("|"):
        start = len(text) + len(piece) - len(piece.lstrip())
        text += piece
        sentences.append(Span(start, len(text)))
    wholes = [extend_to_quotation(text, sentence, lambda: sentences) for sentence in sentences]
    return [text[whole.start : whole.end] for whole in wholes]


@pytest.mark.parametrize(("opening", "closing"), ["“”", '""', "«»", "„”"])
def test_a_quotation_over_several_sentences_is_quoted_whole_wherever_the_answer_stands(opening: str, closing: str) -> None:
    quotation = f"{opening}We came at noon. We saw the wall. We left at dusk.{closing}"
    marked = f"Nobody else was there.| {quotation.replace('. ', '.| ')}| The guards slept."
    assert quotes_of(marked) == ["Nobody else was there.", quotation, quotation, quotation, "The guards slept."]


def test_who_spoke_is_quoted_with_what_was_said() -> None:
    spoken = "“Nobody came!” she said."
    assert quotes_of("The gate was shut.| “Nobody came!”| she said.| It rained.") == [
        *("The gate was shut.", spoken, spoken, "It rained.")
    ]


def test_who_spoke_is_quoted_with_all_the_sentences_that_were_said() -> None:
    whole = '"We came. Nobody saw us!" Mr. Kong later told reporters.'
    assert quotes_of('"We came.| Nobody saw us!"| Mr. Kong later told reporters.') == [whole, whole, whole]


def test_a_sentence_that_says_more_than_who_spoke_stands_alone() -> None:
    more = "The spokesman had waited at the gate since the early morning of that day, he said."
    assert quotes_of(f"“Nobody came!”| {more}") == ["“Nobody came!”", more]


def test_a_quotation_that_is_never_closed_ends_with_its_paragraph() -> None:
    whole = "“We came at noon. We saw the wall. Then it rained."
    assert quotes_of("He left.| “We came at noon.| We saw the wall.| Then it rained.|\n\nAll was quiet.") == [
        *("He left.", whole, whole, whole, "All was quiet.")
    ]


def test_a_quotation_opened_in_the_midst_of_a_sentence_is_completed() -> None:
    whole = "He told them “we came at noon. We left.”"
    assert quotes_of("Then he sat.| He told them “we came at noon.| We left.”| It rained.") == [
        *("Then he sat.", whole, whole, "It rained.")
    ]


def test_a_quotation_does_not_run_over_a_blank_line() -> None:
    assert quotes_of("“We came at noon.|\n\nWe saw the wall.|\n\nHe left.") == [
        *("“We came at noon.", "We saw the wall.", "He left.")
    ]


def test_a_sentence_with_a_whole_quotation_in_it_stands_alone() -> None:
    assert quotes_of("He added that “a few” were hurt.| Nobody died.") == ["He added that “a few” were hurt.", "Nobody died."]


def test_one_quotation_does_not_draw_in_the_next() -> None:
    one, other = "“We came. We saw.”", "“We left. We wept.”"
    assert quotes_of("“We came.| We saw.”| Then:| “We left.| We wept.”") == [one, one, "Then:", other, other]


def test_a_text_without_quotation_marks_is_not_even_looked_around_in() -> None:
    def fail() -> Sequence[Span]:
        raise AssertionError

    assert extend_to_quotation("We came. We saw.", Span(0, 8), fail) == Span(0, 8)


@pytest.mark.parametrize("length", [100, 599, 600, 601, 2_000])
def test_a_quotation_of_up_to_six_hundred_characters_is_completed_and_a_longer_one_is_not(length: int) -> None:
    assert LONGEST_QUOTE == 600
    pieces = ["“We came at noon.", " " + "x" * (length - 29) + ".", " We left.”"]
    assert len("".join(pieces)) == length
    whole = "".join(pieces)
    assert quotes_of("|".join(pieces)) == ([whole] * 3 if length <= 600 else [piece.strip() for piece in pieces])


@settings(max_examples=100)
@given(texts())
def test_the_quote_of_any_sentence_holds_it_and_begins_and_ends_with_a_sentence(text: str) -> None:
    sentences = list(quotable_sentences(text, ()))
    for sentence in sentences:
        whole = extend_to_quotation(text, sentence, lambda: sentences)
        assert whole.start <= sentence.start < sentence.end <= whole.end
        assert whole.start in {each.start for each in sentences}
        assert whole.end in {each.end for each in sentences}
        assert whole == sentence or whole.end - whole.start <= LONGEST_QUOTE


TEXT = "The bridge\n\nThe bridge fell at noon. The tower fell at dusk. The wall fell at dawn. The gate fell at night."


def test_no_more_quotes_than_are_wanted_ranked_from_one_best_first(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=TEXT))
    every = assistant.ask("What fell?", 100).quotes
    assert sorted(quote.text for quote in every if "fell" in quote.text) == [
        *("The bridge fell at noon.", "The gate fell at night.", "The tower fell at dusk.", "The wall fell at dawn.")
    ]
    scores = [quote.score for quote in every]
    assert scores == sorted(scores, reverse=True)
    for k in (1, 2, 3):
        some = assistant.ask("What fell?", k).quotes
        assert [(quote.rank, quote.text) for quote in some] == [(rank, every[rank - 1].text) for rank in range(1, k + 1)]


def test_the_same_words_in_several_articles_are_quoted_once_with_all_their_places(assistant: Assistant, tmp_path: Path) -> None:
    words = "The bridge fell at noon."
    paths = write(tmp_path, a=f"{words} Birds sang.", b=f"Dogs barked. {words}", c="Cats slept. THE BRIDGE FELL, AT NOON!")
    assistant.add(paths)
    answer = assistant.ask("When did the bridge fall?", 20)
    (quote,) = [each for each in answer.quotes if "bridge fell" in each.text.lower()]
    places = {(quote.article.source, quote.start, quote.end)}
    places |= {(place.article.source, place.start, place.end) for place in quote.also_in}
    assert places == {(str(paths[0]), 0, 24), (str(paths[1]), 13, 37), (str(paths[2]), 12, 37)}
    assert len(quote.also_in) == 2
    assert law_is_broken_by(assistant, [answer]) == []


def test_a_story_that_several_papers_print_is_one_quote_with_its_other_sources(assistant: Assistant, tmp_path: Path) -> None:
    story = (
        "The bridge over the river fell at noon after the storm. Nobody was hurt, the fire brigade said on the spot. "
        "It was built by the army in the war and had been mended twice since then. The town will pay for a new one. "
        "Boats carry those who must cross until it stands, and the school is closed until the end of the week."
    )
    other = story.replace("fell at noon after the storm", "fell at noon, after the storm passed")
    apart = "The bridge over the river fell at noon after the big storm. Goats ate the rest of it, as goats do, and slept."
    assistant.add(write(tmp_path, a=story, b=other, c=apart))
    quotes = assistant.ask("When did the bridge over the river fall?", 20).quotes
    (quote,) = [each for each in quotes if "fell at noon" in each.text]
    sources = {Path(each.article.source).stem for each in (quote, *quote.also_in)}
    assert sources in ({"a", "b"}, {"c"}), "only another print of the same story is a further source"
    assert law_is_broken_by(assistant, [assistant.ask("When did the bridge over the river fall?", 20)]) == []


def test_a_sentence_inside_a_quote_already_given_is_not_quoted_again(assistant: Assistant, tmp_path: Path) -> None:
    quotation = "“We saw the bridge fall. The bridge fell at noon.”"
    assistant.add(write(tmp_path, a=f"Storm\n\n{quotation} Birds sang."))
    quotes = assistant.ask("When did the bridge fall?", 20).quotes
    (quote,) = [each for each in quotes if "bridge" in each.text]
    assert quote.text == quotation
    assert quote.also_in == ()


def test_below_the_least_confidence_nothing_is_quoted_but_the_passages_are_shown(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a=TEXT))
    sure = assistant.ask("What fell?")
    assistant.settings = Settings(least_confidence=sure.confidence)
    assert assistant.ask("What fell?").quotes == sure.quotes
    assistant.settings = Settings(least_confidence=math.nextafter(sure.confidence, 1))
    unsure = assistant.ask("What fell?")
    assert (unsure.found, unsure.quotes, unsure.confidence) == (False, (), sure.confidence)
    assert unsure.passages == sure.passages
    assert "The bridge fell at noon." in unsure.passages[0].text


def test_between_both_thresholds_the_best_sentence_is_the_closest_and_nothing_is_quoted(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a=TEXT))
    sure = assistant.ask("What fell?")
    above = math.nextafter(sure.confidence, 1)
    assistant.settings = Settings(least_confidence=sure.confidence, least_closest=0)
    assert (assistant.ask("What fell?").outcome, assistant.ask("What fell?").closest) == ("answered", None)
    assistant.settings = Settings(least_confidence=above, least_closest=sure.confidence)
    unsure = assistant.ask("What fell?")
    assert (unsure.outcome, unsure.found, unsure.quotes, unsure.disagreements) == ("not sure", False, (), ())
    assert unsure.closest is not None
    first = sure.quotes[0]
    assert unsure.closest == replace(first, highlight=None)
    assert unsure.confidence == unsure.closest.confidence
    assert law_is_broken_by(assistant, [unsure]) == []
    assert first.text not in [each.text for each in unsure.left_out]
    assert unsure.left_out
    assistant.settings = Settings(least_confidence=above, least_closest=above)
    nothing = assistant.ask("What fell?")
    assert (nothing.outcome, nothing.closest) == ("nothing near", None)
    assert first.text in [each.text for each in nothing.left_out]


def test_the_closest_is_no_heading_and_reads_on_its_own(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a="The bridge that fell\n\nAnna Lee built the bridge. She said that it fell at noon."))
    assistant.settings = Settings(least_confidence=2, least_closest=0)
    closest = {
        answer.closest.text
        for question in ("the fall of a bridge", "What did she say?", "Did the bridge fall at noon?")
        if (answer := assistant.ask(question)).closest
    }
    whole = "Anna Lee built the bridge. She said that it fell at noon."
    assert closest <= {"Anna Lee built the bridge.", whole}
    assert whole in closest


def test_a_list_and_a_follow_up_that_are_refused_have_a_closest_sentence_too(opened: Open, tmp_path: Path) -> None:
    assistant = opened()
    assistant.add(write(tmp_path, a=TEXT))
    conversation = assistant.conversation()
    conversation.ask("What fell at noon?")
    assistant.settings = Settings(least_confidence=2, least_closest=0)
    for answer in (conversation.ask("What else fell?"), assistant.ask("List all that fell", 3)):
        assert (answer.found, answer.closest is None) == (False, False)
    assert conversation.turns[-1].quotes == (), "a later question does not refer to the closest sentence"


def test_an_answers_confidence_is_that_of_its_first_quote(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=TEXT))
    answer = assistant.ask("When did the tower fall?")
    assert answer.confidence == answer.quotes[0].confidence
    assert 0 < answer.confidence < 1


def test_passages_beyond_those_that_are_read_give_no_quotes(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, **{f"t{n}": f"Bridge number {n} fell in storm {n * 3}." for n in range(8)}))
    assistant.settings = Settings(least_confidence=0, n_read=2)
    answer = assistant.ask("Which bridge fell in a storm?", 8)
    assert [quote.text for quote in answer.quotes if quote.text in {passage.text for passage in answer.passages[2:]}] == []
    assert len(answer.quotes) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many people entered the South Korean consulate?", "About 20"),
        ("How tall is the fence around the Canadian embassy?", "The fence stands about three meters (about 10 feet) tall."),
        ("Which TV channel interviewed the border guards?", "Asahi TV"),
        ("How does China treat North Koreans?", "China treats North Koreans as illegal immigrants and deports them home."),
    ],
)
def test_the_seeds_answer_within_their_first_three_quotes(seed_assistant: Assistant, question: str, words: str) -> None:
    answer = seed_assistant.ask(question, 3)
    assert any(words in quote.text for quote in answer.quotes), [quote.text for quote in answer.quotes]


@pytest.mark.parametrize("question", ["What is the boiling point of ethanol?", "Who wrote the opera Carmen?"])
def test_what_the_seeds_do_not_say_is_not_answered(seed_assistant: Assistant, question: str) -> None:
    answer = seed_assistant.ask(question)
    assert (answer.found, answer.quotes) == (False, ())
    assert answer.passages


def test_what_scores_far_below_the_first_is_not_quoted(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=TEXT))
    every = assistant.ask("When did the tower fall?", 20).quotes
    gap = every[0].score - every[2].score
    assert every[2].score > every[3].score
    assistant.settings = Settings(least_confidence=0, least_further=0, furthest_below=gap, highlighted=2)
    assert assistant.ask("When did the tower fall?", 20).quotes == every[:3]
    assistant.settings = Settings(least_confidence=0, least_further=0, furthest_below=math.nextafter(gap, 0), highlighted=2)
    assert assistant.ask("When did the tower fall?", 20).quotes == every[:2]
    assistant.settings = Settings(least_confidence=0, least_further=0, furthest_below=-1, highlighted=0)  # all are likely
    assert len(assistant.ask("When did the tower fall?", 20).quotes) == len(every)


def test_after_the_first_what_hardly_answers_is_not_quoted(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=TEXT))
    every = assistant.ask("When did the tower fall?", 20).quotes
    least = sorted(quote.confidence for quote in every)[-3]
    likely = tuple(quote for quote in every if quote.rank == 1 or quote.confidence >= least)
    assert len(likely) < len(every)
    some = Settings(least_confidence=0, furthest_below=math.inf, highlighted=2, least_further=least)
    assistant.settings = some
    assert [quote.text for quote in assistant.ask("When did the tower fall?", 20).quotes] == [quote.text for quote in likely]


def repeats(sentence: str, other: str) -> bool:
    said = QuotedText()
    said.add(normalize_words(other), normalize_words(other))
    return find_near_duplicate(sentence, normalize_words(sentence), said, 0.75) is not None


SAID = "Some people climbed the old wall of the embassy on a rainy day."


@pytest.mark.parametrize("nearly", ["Some people climbed the high old wall of the embassy on a rainy day.", SAID.upper()])
def test_a_near_duplicate_adds_nothing(nearly: str) -> None:
    assert repeats(nearly, SAID)


@pytest.mark.parametrize(
    "other",
    [
        *(
            "Some people climbed the old wall of the embassy on a rainy day in 1999.",
            "No people climbed the old wall of the embassy.",
        ),
        *(
            "Some people climbed the old wall of the Canada embassy on a rainy day.",
            "Some people climbed the old wall and left.",
        ),
        *("Two people climbed the old wall of the embassy on a rainy day.", "They did not climb the wall on a rainy day."),
    ],
)
def test_another_number_name_or_negation_is_worth_a_quote(other: str) -> None:
    assert not repeats(other, SAID)


def test_a_near_duplicate_is_not_quoted(assistant: Assistant, tmp_path: Path) -> None:
    assistant.add(write(tmp_path, a=f"{SAID} Birds sang.", b=SAID.replace("old", "high old"), c=SAID.replace("Some", "Two")))
    quotes = assistant.ask("Who climbed the wall of the embassy?", 20).quotes
    climbed = [quote.text for quote in quotes if "climbed" in quote.text]
    assert len(climbed) == 2
    assert SAID.replace("Some", "Two") in climbed
