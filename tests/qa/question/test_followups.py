"""Tests that each form of follow-up finds its answer in a small library, and that a first question is unaffected."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.nasty import law_is_broken_by, write

from embeddings import Encoder
from qa import Assistant, Quote, Reference, Settings
from qa.answer.answers import new_quotes_first
from qa.question.followup_edits import apply_correction, replace_part
from qa.question.followups import asks_for_more, places_quoted, rewrite, topic
from qa.question.parsing import Question, parse
from qa.types.articles import Turn
from qa.types.settings import LONGEST_HISTORY, LONGEST_QUESTION

FERRY = "How many passengers did the ferry from Larne carry in 2004?"
REGATTA = "How long did the Swedish boat need for the regatta?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Assistant:
    folder = tmp_path_factory.mktemp("followups")
    assistant = Assistant.open(folder / "library")
    assistant._encoder = encoder
    larne = "In 2004 the ferry from Larne carried 410 passengers. In 2005 the ferry from Larne carried 655 passengers."
    chapel = "Anna Brandt painted the chapel of Reet. Otto Lind painted the chapel of Reet too. The chapel has two bells."
    regatta = "The Swedish boat needed four hours for the regatta. The Japanese boat needed nine hours for the regatta."
    bridge = "The bridge at Hollin was shut in March. The bridge at Hollin was closed because its cables had rusted."
    loaf = "A loaf of rye bread keeps for a week. The baker of Ansk uses a sourdough from 1921."
    oban = "In 2004 the ferry from Oban carried 120 passengers. Its captain was a woman."
    snails = "Snails sleep through dry summers. One of the risks to them is the hedgehog."
    mill = "The old mill of Varde stood on the river for ninety years. There was a risk of flooding each spring."
    assistant.add(write(folder, larne=larne, oban=oban, chapel=chapel, regatta=regatta, bridge=bridge, loaf=loaf))
    assistant.add(write(folder, snails=snails, mill=mill))
    return assistant


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "then", "answers"),
    [
        pytest.param(FERRY, "what about 2005?", "655 passengers", id="another year"),
        pytest.param(FERRY, "2005?", "655 passengers", id="another year alone"),
        pytest.param(FERRY, "And from Oban?", "120 passengers", id="another place"),
        pytest.param("When was the bridge at Hollin closed?", "Why?", "cables had rusted", id="why"),
        pytest.param(REGATTA, "No, the Japanese one", "nine hours", id="correction"),
        pytest.param(REGATTA, "not the Swedish boat but the Japanese boat", "nine hours", id="not this but that"),
        pytest.param(FERRY, "No, I meant how long rye bread keeps", "a week", id="another question was meant"),
        pytest.param(FERRY, "How long does a loaf of rye bread keep?", "a week", id="topic change"),
    ],
)
def test_a_follow_up_finds_what_it_asks_for(library: Assistant, first: str, then: str, answers: str) -> None:
    conversation = library.conversation()
    conversation.ask(first, k=1)
    answer = conversation.ask(then)
    assert answers in answer.quotes[0].text, (answer.searched_for, [quote.text for quote in answer.quotes])
    assert [quote.rank for quote in answer.quotes] == list(range(1, len(answer.quotes) + 1))
    assert answer.confidence == answer.quotes[0].confidence
    assert law_is_broken_by(library, [answer]) == []


@pytest.mark.parametrize("then", ["Who else?", "Tell me more"])
def test_who_else_and_more_bring_what_was_not_quoted_yet(library: Assistant, then: str) -> None:
    conversation = library.conversation()
    (first,) = conversation.ask("Who painted the chapel of Reet?", k=1).quotes
    painters = {"Anna Brandt", "Otto Lind"}
    (named,) = [name for name in painters if name in first.text]
    (other,) = painters - {named}
    assert other in conversation.ask(then).quotes[0].text


def test_what_was_quoted_comes_after_what_is_new_but_stays(library: Assistant) -> None:
    conversation = library.conversation()
    first = conversation.ask("Who painted the chapel of Reet?", k=1)
    more = conversation.ask("Who else?", k=5)
    assert first.quotes[0].text in [quote.text for quote in more.quotes[1:]]
    assert len(conversation.ask("Anyone else?", k=1).quotes) == 1


def test_a_vague_question_reads_on_the_topic_and_a_clear_one_anywhere(library: Assistant) -> None:
    history = [Turn("Tell me about the mill of Varde", "Tell me about the mill of Varde", ())]
    with_topic = library.ask("What are the risks?", history=history)
    assert "mill" in with_topic.passages[0].text
    assert "hedgehog" in library.ask("What are the risks?").passages[0].text
    clear = library.ask("Is the hedgehog a risk to snails in dry summers?", history=history)
    assert "hedgehog" in clear.passages[0].text


@pytest.mark.parametrize("question", ["What about 2005?", "What are the risks?", "Who else?", "No, the bread"])
def test_a_first_question_is_never_rewritten(library: Assistant, question: str) -> None:
    assert parse(question) == Question(question, question, question)
    plain = library.ask(question)
    shipped = library.settings
    try:
        library.settings = replace(shipped, topic=50.0, vague=50.0, carried=9.0, same_article=9.0)
        other = library.ask(question)
    finally:
        library.settings = shipped
    assert (other.quotes, other.passages, other.searched_for) == (plain.quotes, plain.passages, question)


@pytest.mark.parametrize(
    ("question", "part", "changed"),
    [
        (FERRY, "2005?", "How many passengers did the ferry from Larne carry in 2005?"),
        (FERRY, "in 2005", "How many passengers did the ferry from Larne carry in 2005?"),
        ("Who came on 3 May 2004?", "4 June 2005", "Who came on 4 June 2005?"),
        ("Who came in July 2004?", "in August", "Who came in August 2004?"),
        ("Who won on Monday?", "Tuesday", "Who won on Tuesday?"),
        ("Which 3 boats won?", "4", "Which 4 boats won?"),
        ("Who sailed from Oban to Larne?", "from Ansk?", "Who sailed from Ansk to Larne?"),
        ("Who sailed from Oban to Larne?", "Ansk?", None),
        ("Who is Norway's captain?", "Sweden?", "Who is Sweden's captain?"),
        ("How old is the Swedish boat?", "the Japanese boat", "How old is the Japanese boat?"),
        ("How old is the Swedish boat?", "the Danish harbour", "How old is the Danish harbour?"),
        ("How old is the Swedish boat?", "the Swedish boat", None),
        ("How old is the boat?", "the harbour", None),
        ("Why?", "2005", None),
        ("Which year, 2004 or 2006?", "2005", None),
        (FERRY, "", None),
        (FERRY, "the", None),
    ],
)
def test_a_part_replaces_the_only_one_of_its_type(question: str, part: str, changed: str | None) -> None:
    assert replace_part(question, part) == changed


@pytest.mark.parametrize(
    ("reply", "meant"),
    [
        ("No, the Japanese one.", "How long did the Japanese boat need for the regatta?"),
        ("no - not the Swedish boat but the ferry", "How long did the ferry need for the regatta?"),
        ("Not the regatta, the race", "How long did the Swedish boat need for the race?"),
        ("I meant the Danish boat", "How long did the Danish boat need for the regatta?"),
        ("Sorry, I meant how much bread is eaten", "how much bread is eaten"),
        ("I meant bread", f"{REGATTA} bread"),
        ("No one came", None),
        ("Not a boat came", None),
        ("No, not that", None),
        ("Is it not the ferry but the boat?", None),
    ],
)
def test_a_correction_replaces_what_it_names(reply: str, meant: str | None) -> None:
    assert apply_correction(REGATTA, reply) == meant


@pytest.mark.parametrize("question", ["Who else?", "what else", "Tell me more!", "And anything else?", "more", "Go on."])
def test_more_is_asked_for(question: str) -> None:
    assert asks_for_more(question)


@pytest.mark.parametrize("question", ["Who else was there?", "Tell me more about the bells", "More or less?", "Moreover"])
def test_more_is_not_asked_for(question: str) -> None:
    assert not asks_for_more(question)


def test_a_question_that_opens_with_so_but_says_all_it_asks_is_left_as_it_is() -> None:
    question = "So, do captains of Danish ferries earn more than bakers?"
    assert rewrite(question, [Turn(FERRY, FERRY, ())]) == question


def test_the_topic_is_what_was_asked_last() -> None:
    history = [Turn(f"question {number}", "x", ()) for number in range(9)]
    assert topic(history).endswith("question 7 question 8")
    assert "question 0" not in topic(history)
    assert len(topic([Turn("word " * 390, "x", ())] * 3)) <= LONGEST_QUESTION
    assert topic([]) == ""


def test_only_likely_answers_count_as_quoted_and_unlikely_ones_never_come_before_them() -> None:
    article = Reference("0123456789ab", "Boats", "/a.txt", None, "a" * 64)
    quotes = [
        Quote(rank, article, rank, rank + 1, "x", 1.0, sure, None) for rank, sure in ((1, 0.9), (2, 0.6), (3, 0.3), (4, 0.01))
    ]
    places = places_quoted("Who else?", [Turn("Who?", "Who?", tuple(quotes))], Settings())
    assert places == {(article.id, 1, 2), (article.id, 2, 3)}
    assert [quote.start for quote in new_quotes_first(quotes, places, Settings())] == [3, 1, 2, 4]
    assert places_quoted("Who?", [Turn("Who?", "Who?", tuple(quotes))], Settings()) == frozenset()


_WORDS = [
    "No,",
    "not",
    "but",
    "I meant",
    "the",
    "Japanese",
    "one",
    "what about",
    "2005?",
    "in",
    "Vietnam?",
    "Who else?",
    "he",
    "’s",
]
_PIECES = st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join)
_SAID = st.one_of(st.text(max_size=80), _PIECES, st.text("aA .,’'-1", max_size=LONGEST_QUESTION))


@settings(max_examples=50)
@given(st.lists(_SAID, min_size=LONGEST_HISTORY, max_size=LONGEST_HISTORY), st.text(max_size=60))
def test_a_conversation_of_twenty_turns_always_gives_a_text_within_the_limit(questions: list[str], quoted: str) -> None:
    article = Reference("0123456789ab", "Boats", "/a.txt", None, "a" * 64)
    history: list[Turn] = []
    for question in questions:
        text = rewrite(question, history)
        assert len(text) <= LONGEST_QUESTION
        assert parse(question, history).standalone == text
        history.append(Turn(question, text, (Quote(1, article, 0, len(quoted), quoted, 1.0, 0.9, None),)))
