"""Tests that the number which a question asks for is told by the words of its clause."""

import pytest

from qa.answer.clauses import choose_number
from qa.text.synonyms import canonicalize
from qa.text.terms import content_terms
from qa.types.articles import Span

SHIPS = "In 2016 the yard built 3,200 boats; in 2017 it built 1,450; in 2018, 980."
SEATS = "The guild won 52 seats in the valley, 14 in the hills and 6 on the coast."
VOTE = "The vote was 9 for, 5 against and 3 abstentions."
SALES = "Sales fell 14 percent to 70 million dollars, while wages rose 2 percent to 50 million."
DEBT = "Debt rose from 1.2 million euros in 2015 to 4.4 million euros in 2019."


@pytest.mark.parametrize(
    ("sentence", "question", "read", "number"),
    [
        (SHIPS, "How many boats did the yard build in 2016?", "3,200", "3,200"),
        (SHIPS, "How many boats did the yard build in 2017?", "3,200", "1,450"),
        (SHIPS, "How many boats did the yard build in 2018?", "3,200 boats", "980"),
        (SEATS, "How many seats did the guild win in the valley?", "52", "52"),
        (SEATS, "How many seats did the guild win in the hills?", "52", "14"),
        (SEATS, "How many seats did the guild win on the coast?", "52 seats in the valley", "6"),
        (VOTE, "How many voted against?", "9 for, 5", "5"),
        (VOTE, "How many abstentions were there?", "9", "3"),
        (SALES, "How much were the sales?", "14 percent to 70 million dollars", "70 million dollars"),
        (SALES, "By how much did the sales fall?", "14 percent", "14 percent"),
        (DEBT, "How much was the debt in 2019?", "1.2 million euros", "4.4 million euros"),
        (DEBT, "How much was the debt in 2015?", "1.2 million euros", "1.2 million euros"),
        ("The mill, 40 metres high, was built by 300 men.", "How high is the mill built there?", "40 metres", "40 metres"),
        ("It has 12 rooms.", "How many rooms does it have?", "12 rooms", "12 rooms"),
    ],
)
def test_the_number_is_that_of_the_clause_with_the_questions_words(
    sentence: str, question: str, read: str, number: str
) -> None:
    start = sentence.index(read)
    weights = dict.fromkeys(canonicalize(content_terms(question)), 1.0)
    span = choose_number(sentence, Span(start, start + len(read)), weights, question)
    assert sentence[span.start : span.end] == number
