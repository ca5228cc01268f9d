"""Tests of other intents: titles and keywords, lists across articles, and questions that name a source."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.nasty import write

from embeddings import Encoder
from qa import Assistant, Quote
from qa.question.intents import asks_for_several
from qa.question.parsing import parse
from qa.question.query import Query, embed, formulate
from qa.question.source_mentions import mentions
from qa.search.reader.loading import NONE
from qa.search.retrieval import by_named_source, retrieve
from qa.types.stopwatch import Stopwatch

ARTICLES = {
    "gazette/harbour": "Cracks shut Lindholm harbour\n\nPublished: 12 March 2019\n\nThe council of Lindholm closed the "
    "harbour on Monday because the mole had cracked in the storm. Divers will look at it.\n",
    "courier/harbour": "Ferries lie idle\n\nPublished: 13 March 2019\n\nThe harbour of Lindholm was closed by its council "
    "after a storm. Forty ferries wait outside the harbour of Lindholm. The council of Lindholm met twice.\n",
    "gazette/apples": "Apples grown in Hallingdal\n\nThe farmers of Hallingdal grow apples of the kind Gravenstein. They grow "
    "apples of the kind Aroma too. They grow apples of the kind Summerred. Farmers grow apples of the kind Discovery.\n",
    "courier/orchards": "Orchards of Ulvik\n\nIn Ulvik the farmers grow apples of the kind Rubinstep. Cider is made there.\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Assistant:
    folder = tmp_path_factory.mktemp("shapes")
    for paper in ("gazette", "courier"):
        (folder / "articles" / paper).mkdir(parents=True)
    assistant = Assistant.open(folder / "library", reader=NONE)  # tests the rules without the reader
    assistant._encoder = encoder
    report = assistant.add(write(folder / "articles", **ARTICLES))
    assert len(report.added) == 4
    return assistant


def paper(quote: Quote) -> str:
    return Path(quote.article.source).parent.name


@pytest.mark.parametrize(
    "query",
    ["Cracks shut Lindholm harbour", "cracks shut lindholm harbour", "Lindholm harbour, cracks shut", "Orchards of Ulvik"],
)
def test_a_title_finds_the_article_and_its_first_sentence_is_quoted(library: Assistant, query: str) -> None:
    answer = library.ask(query)
    first = answer.quotes[0]
    assert set(query.casefold().replace(",", "").split()) == set(first.article.title.casefold().split())
    text = library.article(first.article.id).text
    assert text.index(first.text) == first.start > len(first.article.title)
    assert first.text.startswith(("The council of Lindholm closed", "In Ulvik the farmers"))
    assert first.article.title not in [quote.text for quote in answer.quotes]
    assert answer.confidence == first.confidence > 0.5


def test_a_question_on_the_words_of_a_title_is_no_title(library: Assistant) -> None:
    answer = library.ask("Which cracks shut Lindholm harbour?")
    assert answer.quotes[0].confidence == answer.confidence
    assert ("Cracks shut Lindholm harbour", "a heading") in [(each.text, each.why) for each in answer.left_out]


def test_a_few_keywords_find_the_article(library: Assistant) -> None:
    answer = library.ask("Rubinstep Ulvik")
    assert answer.quotes[0].text == "In Ulvik the farmers grow apples of the kind Rubinstep."


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("List all kinds of apples that are grown.", True),
        ("Name every kind of apple that farmers grow", True),
        ("please list the apples", True),
        ("Which apples do the farmers grow?", True),
        ("Which apple do the farmers grow?", False),
        ("Which bus goes to Ulvik?", False),
        ("What is listed on the stock exchange?", False),
        ("Who listed all apples?", False),
        ("What happens to all the apples?", False),
    ],
)
def test_a_question_that_asks_for_a_list_is_recognized(question: str, several: bool) -> None:
    assert asks_for_several(question) == several


def test_a_list_is_gathered_over_articles(library: Assistant) -> None:
    one = library.ask("What kind of apples do farmers grow?", 4)
    assert [Path(quote.article.source).stem for quote in one.quotes[:3]].count("apples") == 3
    several = library.ask("List all kinds of apples that farmers grow", 4)
    stems = [Path(quote.article.source).stem for quote in several.quotes]
    assert stems[:3].count("apples") == 2
    assert "orchards" in stems[:3]


def test_a_list_goes_on_where_another_answer_would_stop(library: Assistant) -> None:
    usual = library.settings
    library.settings = replace(usual, furthest_below=0.0, highlighted=2.0)
    try:
        assert len(library.ask("What kind of apples do farmers grow?", 9).quotes) == 1
        several = library.ask("List all kinds of apples that farmers grow", 9).quotes
    finally:
        library.settings = usual
    assert len(several) > 2
    assert all(quote.confidence >= usual.least_confidence for quote in several)


def test_the_words_of_a_command_need_not_be_in_a_quote(library: Assistant) -> None:
    plain = library.ask("kinds of apples that farmers grow", 1).confidence
    assert library.ask("List all kinds of apples that farmers grow", 1).confidence > 0.8 * plain


@pytest.mark.parametrize("source", ["gazette", "courier"])
@pytest.mark.parametrize(
    "question", ["What did the {} say about the harbour of Lindholm?", "Who closed the harbour, according to the {}?"]
)
def test_a_source_that_the_question_names_is_read_first(library: Assistant, question: str, source: str) -> None:
    answer = library.ask(question.format(source.capitalize()))
    assert [paper(quote) for quote in answer.quotes][:1] == [source]
    assert Path(answer.passages[0].article.source).parent.name == source
    assert answer.confidence > 0.5


def test_a_question_that_names_nothing_but_a_source_gets_the_first_sentence_of_its_article(library: Assistant) -> None:
    for date in ("on 13 March 2019", "in March 2019"):
        answer = library.ask(f"What did the Courier report {date}?")
        assert answer.searched_for == "Ferries lie idle"
        assert answer.quotes[0].text == "The harbour of Lindholm was closed by its council after a storm."
    unknown = library.ask("What did the Tribune report in March 2019?")
    assert unknown.searched_for == unknown.question


def test_what_a_source_says_is_not_read_for_words_and_a_title_stands_for_a_question_without_others(library: Assistant) -> None:
    def narrowed(text: str) -> Query:
        settings, question = library.settings, parse(text)
        with library.library.snapshot() as snapshot:
            indexes = library.indexes.at(snapshot, lambda: library.encoder.dimension)
            query = formulate(question, embed(question, library.encoder), indexes.words, settings)
            candidates = retrieve(query, settings.n_read, indexes, snapshot, settings, Stopwatch())
            return next(by_named_source(query, candidates, settings.n_read, settings))[0]

    assert not narrowed("What did the Gazette say about the harbour of Lindholm?").intent.for_words
    assert narrowed("Who closed the harbour, according to the Gazette?").intent.for_words
    alone = narrowed("What did the Courier report in March 2019?")
    assert alone.read_as == alone.text == "Ferries lie idle"


def test_a_source_that_is_not_there_makes_no_answer_surer(library: Assistant) -> None:
    known = library.ask("What did the Gazette say about the harbour of Lindholm?")
    unknown = library.ask("What did the Tribune say about the harbour of Lindholm?")
    assert unknown.confidence < known.confidence


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What did the BBC say in October 2004?", [{"bbc"}, "2004-10"]),
        ("What did the BBC say on 15 October 2004?", [{"bbc"}, "2004-10-15"]),
        ("What did the BBC report on October 15, 2004?", [{"bbc"}, "2004-10-15"]),
        ("What was in the news of 2004-10-15?", ["2004-10-15"]),
        ("What did the papers write in 2004?", ["2004"]),
        ("What did Radio Free Asia say in May?", [{"radio", "free", "asia"}, r"\d{4}-05"]),
        ("How many were there, according to YTN?", [{"ytn"}]),
        ("What did the Courier report in March 2019?", [{"courier"}, "2019-03"]),
        ("What is in notes.txt?", [{"note", "txt"}]),
        ("Who climbed the wall in October 2004?", []),
        ("What may the guards report?", []),
        ("What did he say?", []),
    ],
)
def test_the_sources_and_dates_of_a_question(question: str, found: list[object]) -> None:
    named = mentions(question)
    assert [each.date.pattern if each.date else set(each.source) for each in named] == found


def test_the_source_on_a_pages_masthead_counts(seed_assistant: Assistant) -> None:
    answer = seed_assistant.ask("How many people are hiding in China, according to the BBC?")
    assert "200,000" in answer.quotes[0].text
    answer = seed_assistant.ask("What did the BBC say about the Canadian embassy in October 2004?")
    assert answer.quotes[0].article.published is not None
    assert "Canadian embassy" in answer.quotes[0].text
    answer = seed_assistant.ask("What did the BBC say in October 2004?")
    assert answer.quotes[0].text.startswith("About 20 people claiming to be North Korean asylum seekers")


def test_a_word_of_a_pages_navigation_is_no_source(seed_assistant: Assistant) -> None:
    europe = seed_assistant.ask("What did Europe say about the Canadian embassy?")
    assert {passage.article.title for passage in europe.passages[:5]} > {"Refugees storm Beijing consulate"}


def test_what_the_source_does_not_say_is_not_answered_by_another(seed_assistant: Assistant) -> None:
    assert seed_assistant.ask("Which TV channel interviewed the border guards?", 1).found
    assert not seed_assistant.ask("What did the BBC say about guards?").found


def test_what_a_source_that_is_not_there_said_is_still_refused(seed_assistant: Assistant) -> None:
    assert not seed_assistant.ask("What did the Swedish government say about the refugees?").found


@pytest.mark.parametrize(
    ("question", "settling"),
    [
        ("Was anybody injured while entering the compound?", '"a few" were injured'),
        ("Were all of them from North Korea?", "whether all of them were was unclear"),
        ("Is the fence taller than two meters?", "about three meters"),
    ],
)
def test_a_yes_or_no_question_gets_the_sentence_that_settles_it(
    seed_assistant: Assistant, question: str, settling: str
) -> None:
    assert settling in seed_assistant.ask(question).quotes[0].text
