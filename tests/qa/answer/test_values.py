"""Tests that numbers and dates of a sentence are parsed correctly, and that only the value that answers is used."""

import math

import pytest
from hypothesis import given
from support.nasty import texts

from qa.answer.values import agree, all_values, parse_request, the_value
from qa.text.amounts import find_amounts
from qa.text.dates import find_dates

NO_NAMES: frozenset[str] = frozenset()


def written(sentence: str) -> list[str]:
    return [sentence[each.start : each.end] for each in find_amounts(sentence)]


def dated(sentence: str) -> list[str]:
    return [sentence[each.start : each.end] for each in find_dates(sentence)]


def answering(question: str, kind: str, sentence: str, names: frozenset[str] = NO_NAMES) -> str | None:
    value = the_value(parse_request(question, kind, names), sentence)  # type: ignore[arg-type]
    return value and sentence[value.start : value.end]


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("He saw 3 ships.", 3),
        ("He saw three ships.", 3),
        ("He saw forty-four ships.", 44),
        ("He saw 100,000 ships.", 100_000),
        ("He saw 1.5 million ships.", 1_500_000),
        ("He saw three hundred and five ships.", 305),
        ("He saw a dozen ships.", 12),
        ("He saw two thousand ships.", 2000),
        ("In the sea off Ys 12 ships sank.", 12),
    ],
)
def test_a_number_is_read_in_digits_and_in_words(sentence: str, number: float) -> None:
    (found,) = find_amounts(sentence)
    assert found.exact == (number,)


@pytest.mark.parametrize(
    "sentence",
    [
        *(
            "He saw a few ships.",
            "Hundreds of ships came.",
            "The 20th ship sank.",
            "They came at 12:30.",
            "See [13] and [ 14 ].",
        ),
        *("It was in 1921.", "On 15 October 2004 it fell.", "From 1368–1644 it stood.", "Apartment 221B is let.", "9" * 400),
        *("They came by Apollo 11.", "It fell in the 18th century."),
    ],
)
def test_what_is_no_amount_is_not_read_as_one(sentence: str) -> None:
    assert find_amounts(sentence) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("44 men", "forty-four men", True),
        ("44 men", "40 men", True),  # 40 may be rounded
        ("44 men", "45 men", False),
        ("40 men", "50 men", False),
        ("12 men", "10 men", False),  # rounded, but too far off
        ("about 200 men", "203 men", True),
        ("200 men", "203 men", True),
        ("about 200 men", "240 men", False),
        ("more than 460 men", "468 men", True),
        ("more than 460 men", "600 men", True),
        ("more than 460 men", "300 men", False),
        ("460 men or more", "as many as 500 men", True),
        ("up to 100,000 men", "50,000 men", True),
        ("as many as 100,000 men", "about 200,000 men", False),
        ("between 100 and 200 men", "150 men", True),
        ("100-200 men", "250 men", False),
        ("5 to 10 million men", "7 million men", True),
        ("5 to 10 million men", "7 men", False),
        ("three meters", "300 cm", True),
        ("three meters", "10 feet", True),
        ("three meters", "5 m", False),
        ("two-three men", "2–3 men", True),
        ("two-three men", "five men", False),
        ("two weeks", "14 days", True),
        ("$5", "5 percent", None),
        ("$5", "5 dollars", True),
        ("3 men", "3 days", None),
    ],
)
def test_numbers_agree_where_both_may_be_said_of_one_thing(one: str, other: str, expected: bool | None) -> None:
    (a,), (b,) = find_amounts(f"He saw {one}."), find_amounts(f"He saw {other}.")
    assert agree(a, b) is expected
    assert agree(b, a) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("on 15 October 2004", "on October 15, 2004", True),
        ("on 15 October 2004", "on Oct. 15th, 2004", True),
        ("on 15 October 2004", "2004-10-15", True),
        ("on 15 October 2004", "in October 2004", True),
        ("on 15 October 2004", "in 2004", True),
        ("on 15 October 2004", "on 16 October 2004", False),
        ("on 15 October 2004", "on 15 November 2004", False),
        ("on 15 October 2004", "in 2005", False),
        ("on 15 October 2004", "in the 2000s", True),
        ("in 1861", "1861–1862", True),
        ("in 1861", "1861-62", True),
        ("in 1864", "between 1861 and 1862", False),
        ("in about 1835", "in 1838", True),
        ("in about 1835", "in 1841", False),
        ("on Sept. 29", "in 2004", None),
        ("on Sept. 29", "in September 2004", True),
    ],
)
def test_dates_agree_where_no_part_that_both_give_differs(one: str, other: str, expected: bool | None) -> None:
    (a,), (b,) = find_dates(f"It fell {one}."), find_dates(f"It fell {other}.")
    assert agree(a, b) is expected
    assert agree(b, a) is expected


@pytest.mark.parametrize(
    "sentence",
    [
        "On Friday it fell.",
        "It may fall.",
        "He saw 2,004 ships.",
        "In the 18th century it fell.",
        "Under the Ming, 1368–1644, it stood.",
    ],
)
def test_what_is_no_date_or_tells_none_closely_is_not_read_as_one(sentence: str) -> None:
    assert dated(sentence) == []


def test_a_number_and_a_date_are_not_compared() -> None:
    assert agree(find_amounts("He saw 3 ships.")[0], find_dates("It was in 1921.")[0]) is None


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        ("How many ships sank?", "In the storm 12 ships and 30 men were lost.", "12"),
        ("How many ships sank?", "Many ships sailed, and about 200 are missing.", "200"),
        ("How many ships sank?", "The ships carried 300 men.", None),  # counts something else
        ("How many ships sank?", "In March 12 ships sank, in May 30 ships.", None),  # ambiguous
        ("How many people sank?", "In the storm 30 sailors were lost.", "30"),
        ("How many days did it last?", "The 12 ships were lost within 3 days.", "3"),
        ("How tall is the fence?", "The fence, of 300 boards, stands three meters (about 10 feet) tall.", "three"),
        ("What percentage of ships sank?", "Of 300 ships 20 percent sank.", "20"),
        ("What is the population of Ys?", "Of 3,000 houses, Ys has a population of 14,000 in 4 quarters.", "14,000"),
        ("What is the population of Ys?", "There were 14,000 people in 3,000 houses.", "14,000"),
        ("What is the population of Ys?", "Ys has a population density of 70 and 300 houses.", None),
        ("How much did it cost?", "The 12 ships cost $30.", "30"),
    ],
)
def test_the_number_that_counts_what_was_asked_for_is_taken(question: str, sentence: str, value: str | None) -> None:
    assert answering(question, "number", sentence) == value


@pytest.mark.parametrize(
    ("question", "sentence", "value"),
    [
        ("When was the mill built?", "The mill was built in 1856.", "1856"),
        ("When was the mill built?", "Built in 1856, the mill was left to the town by its last owners in 1921.", "1856"),
        (
            "When was the mill built?",
            "The mill stood by the river, where in all the long years of peace no man of Ys had any fear, till 1921.",
            None,
        ),
        ("When was the mill built?", "It burned in 1921.", None),
        ("When was Ada born?", "Ada (10 December 1815 – 27 November 1852) was a countess.", "10 December 1815"),
        ("When did Ada die?", "Ada (10 December 1815 – 27 November 1852) was a countess.", "27 November 1852"),
        ("What year was that?", "It was in May 1856.", "May 1856"),
    ],
)
def test_the_date_of_the_event_is_taken(question: str, sentence: str, value: str | None) -> None:
    assert answering(question, "date", sentence) == value


@given(texts())
def test_any_text_is_read_without_an_error_and_each_value_stands_in_it(text: str) -> None:
    for kind in ("number", "date"):
        asked = parse_request("How many people came?", kind, NO_NAMES)  # type: ignore[arg-type]
        for value in (*all_values(asked, text), *filter(None, [the_value(asked, text)])):
            assert 0 <= value.start < value.end <= len(text)
            assert agree(value, value) is not False
    assert all(0 <= each.low <= each.high and not math.isnan(each.low) for each in find_amounts(text))
