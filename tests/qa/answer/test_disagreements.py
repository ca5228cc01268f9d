"""Tests that an answer lists the different numbers or dates of articles, with quotes. Copies never disagree."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nasty import law_is_broken_by, texts, write

from embeddings import Encoder
from qa import Answer, Assistant, Settings
from qa.answer.citation_status import check_answer
from qa.text.near_duplicates import containment, shingles_around

QUESTION = "How many ships sank off Ys?"
HIDING = "How many North Koreans are hiding in China?"
STORM = "The storm reached the coast at dawn. Nobody had expected it so early in the year. "
TOWN = "Ys is a town by the sea. Its harbour was built long ago by fishermen from the north. "
MARKET = "The market was closed all week. Fishermen mended their nets in the meantime. "
Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path, encoder: Encoder) -> Ask:
    """Return a function that asks a new library of these texts."""

    def asking(*articles: str, question: str = QUESTION, k: int = 5) -> Answer:
        assistant = Assistant.open(tmp_path / "library")
        assistant._encoder = encoder
        assistant.add(write(tmp_path, **{f"t{n}": text for n, text in enumerate(articles)}))
        answer = assistant.ask(question, k)
        assert law_is_broken_by(assistant, [answer]) == []
        assert check_answer(assistant.library, answer) == []
        return answer

    return asking


def values(answer: Answer) -> list[str]:
    return [value.text for each in answer.disagreements for value in each.values]


def test_the_seeds_differ_on_how_many_are_hiding_the_dated_article_first(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask(HIDING)
    (found,) = answer.disagreements
    assert (found.kind, [value.text for value in found.values]) == ("number", ["200,000", "100,000"])
    assert [quote.article.published for value in found.values for quote in value.quotes] == ["2004-10-15T06:39+00:00", None]
    assert law_is_broken_by(seed_assistant, [answer]) == []
    for value in found.values:
        for quote in value.quotes:
            assert quote.highlight is not None
            text = seed_assistant.article(quote.article.id).text
            assert text[quote.highlight.start : quote.highlight.end] == value.text
    assert Answer.from_json(answer.to_json()) == answer


def test_a_value_whose_sentence_is_no_quote_of_the_answer_has_its_own(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask(HIDING, 1)
    quotes = [quote for value in answer.disagreements[0].values for quote in value.quotes]
    assert [quote.rank for quote in quotes] == [1, 2]
    assert (len(answer.quotes), quotes[0].text) == (1, answer.quotes[0].text)
    assert "100,000" in quotes[1].text


def test_two_articles_with_different_numbers_differ(ask: Ask) -> None:
    answer = ask(f"{STORM}Off Ys 12 ships sank.", f"{TOWN}In the night 30 ships sank off Ys.")
    assert sorted(values(answer)) == ["12", "30"]


def test_two_articles_with_different_percentages_differ(ask: Ask) -> None:
    said = "The percentage of ships that sank off Ys was"
    answer = ask(f"{STORM}{said} 40 percent.", f"{TOWN}{said} 60 percent.", question="What percentage of ships sank off Ys?")
    (found,) = answer.disagreements
    assert found.kind == "number"
    assert {value.text.split()[0] for value in found.values} == {"40", "60"}


def test_two_articles_with_different_dates_differ(ask: Ask) -> None:
    one, other = f"{STORM}The Ys lighthouse was built in 1856.", f"{TOWN}The Ys lighthouse was built in 1873."
    answer = ask(one, other, question="When was the Ys lighthouse built?")
    assert [each.kind for each in answer.disagreements] == ["date"]
    assert sorted(values(answer)) == ["1856", "1873"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "other",
    [
        "In the night twelve ships sank off Ys.",  # the same number in words
        "In the night more than 10 ships sank off Ys.",
        "In the night between 10 and 30 ships sank off Ys.",
        "In the night ships sank off Ys with 30 men.",  # counts something else
        "In the night a few ships sank off Ys.",
        "First 12 and later 30 ships sank off Ys.",  # gives both numbers
        "Off Brest 30 ships ran aground.",  # another place and event
    ],
)
def test_what_agrees_or_cannot_be_told_is_no_disagreement(ask: Ask, other: str) -> None:
    assert values(ask(f"{STORM}Off Ys 12 ships sank.", f"{TOWN}{other}")) == []


def test_one_article_alone_does_not_differ_from_itself(ask: Ask) -> None:
    assert values(ask(f"{STORM}Off Ys 12 ships sank. {TOWN}In the night 30 ships sank off Ys.", MARKET)) == []


def test_an_article_that_gives_several_values_differs_from_none_that_gives_one_of_them(ask: Ask) -> None:
    both = f"{STORM}Off Ys 12 ships sank. {MARKET}A year later 30 ships sank off Ys."
    assert values(ask(both, f"{TOWN}In the night 30 ships sank off Ys.")) == []
    assert len(values(ask(both, f"{TOWN}In the night 57 ships sank off Ys."))) == 2


def test_the_same_story_in_two_papers_counts_once(ask: Ask) -> None:
    story = f"{STORM}{MARKET}Off Ys 12 ships sank. "
    answer = ask(f"{story}Herald.", f"{story}Tribune.", f"{TOWN}In the night 30 ships sank off Ys.")
    assert sorted(values(answer)) == ["12", "30"]
    assert [len(value.quotes) for value in answer.disagreements[0].values] == [1, 1]


def test_a_story_and_its_copy_with_another_number_do_not_differ(ask: Ask) -> None:
    story = f"{STORM}{MARKET}{TOWN}{STORM.upper()}Off Ys {{}} ships sank. {MARKET.lower()}"
    assert values(ask(story.format(12), story.format(30))) == []


def test_articles_that_agree_stand_together_under_one_value_newest_first(ask: Ask) -> None:
    head = "Last Updated: Friday, {} October, 2004, 06:39 GMT\n\n"
    articles = (
        head.format(15) + f"{STORM}Off Ys 12 ships sank.",
        head.format(22) + f"{MARKET}Twelve ships sank off Ys.",
        head.format(8) + f"{TOWN}In the night 30 ships sank off Ys.",
    )
    (found,) = ask(*articles).disagreements
    days = [[(quote.article.published or "")[:10] for quote in value.quotes] for value in found.values]
    assert days == [["2004-10-22", "2004-10-15"], ["2004-10-08"]]
    assert [value.text for value in found.values] == ["Twelve", "30"]


def test_a_question_that_asks_for_no_number_or_date_finds_none(ask: Ask) -> None:
    articles = (f"{STORM}Off Ys 12 ships sank.", f"{TOWN}In the night 30 ships sank off Ys.")
    assert values(ask(*articles, question="What sank off Ys?")) == []


def test_an_unsure_sentence_is_not_compared(ask: Ask, seed_assistant: Assistant) -> None:
    unsure = Assistant(seed_assistant.library, settings=replace(Settings(), differing_confidence=0.99))
    unsure._encoder = seed_assistant._encoder
    assert unsure.ask(HIDING).disagreements == ()


def test_what_holds_too_few_of_the_questions_terms_is_not_compared(seed_assistant: Assistant) -> None:
    strict = Assistant(seed_assistant.library, settings=replace(Settings(), differing_coverage=1.01))
    strict._encoder = seed_assistant._encoder
    assert strict.ask(HIDING).disagreements == ()


def test_a_shortened_copy_is_contained_and_another_text_is_not(seed_assistant: Assistant) -> None:
    one, other, _ = (seed_assistant.article(each.id) for each in seed_assistant.articles())
    short = replace(one, text=one.text[:1500])
    whole, cut = shingles_around(one, 0, 10), shingles_around(short, 0, 10)
    assert containment(whole, cut) == containment(cut, whole) > 0.98
    assert containment(whole, shingles_around(other, 0, 10)) < 0.1
    assert containment(whole, shingles_around(replace(one, text="?"), 0, 1)) == 0


@pytest.mark.slow
@settings(max_examples=15)
@given(
    st.lists(st.tuples(texts(12), st.sampled_from(["12", "thirty", "40", "1,200"]), texts(12)), min_size=2, max_size=5),
)
def test_the_law_holds_for_every_quote_whatever_stands_around(
    opened: Callable[..., Assistant], tmp_path_factory: pytest.TempPathFactory, articles: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    assistant = opened(folder / "library")
    assistant.settings = replace(assistant.settings, differing_confidence=0.0, differing_coverage=0.0)
    written = {f"t{n}": f"{one}\n\nOff Ys {number} ships sank.\n\n{two}" for n, (one, number, two) in enumerate(articles)}
    assistant.add(write(folder, **written))
    answer = assistant.ask(QUESTION)
    assert law_is_broken_by(assistant, [answer]) == []
    for disagreement in answer.disagreements:
        assert len(disagreement.values) > 1
        ids = [quote.article.id for value in disagreement.values for quote in value.quotes]
        assert len(ids) == len(set(ids))
        for value in disagreement.values:
            quote = value.quotes[0]
            assert quote.highlight is not None
            assert quote.text[quote.highlight.start - quote.start : quote.highlight.end - quote.start] == value.text


def test_the_property_above_does_meet_disagreements(opened: Callable[..., Assistant], tmp_path: Path) -> None:
    assistant = opened(tmp_path / "library")
    assistant.settings = replace(assistant.settings, differing_confidence=0.0, differing_coverage=0.0)
    assistant.add(write(tmp_path, a="Off Ys 12 ships sank.", b=f"{TOWN}\n\nOff Ys thirty ships sank."))
    assert sorted(values(assistant.ask(QUESTION))) == ["12", "thirty"]
