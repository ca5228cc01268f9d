"""Tests that an answer written as JSON is read back equal, and that invalid JSON is refused."""

import json
from dataclasses import replace

import pytest

from qa import Answer, Assistant, Passage, Quote, Reference, Span
from qa.types.articles import Disagreement, Place, Scores, Sentence, TextSpan, Value
from qa.types.errors import AnswerUnreadable

HERE = Reference("0123456789ab", "The “bridge”\u2028that fell", "/articles/caf\\xe9.txt", "2019-05-03", "a" * 64)
THERE = Reference("ba9876543210", "北京 👩‍👩‍👧", "/articles/b.md", None, "b" * 64)
QUOTE = Quote(1, HERE, 22, 38, 'It "fell"\r\nat\t\x00.', 1.25, 0.5, Span(25, 31), (Place(THERE, 0, 16), Place(HERE, 90, 106)))
LED = Quote(2, THERE, 40, 48, "- noon.\n", 1.0, 0.25, None, (), TextSpan(12, 20, "It fell:"))
DIFFERENT = Disagreement("number", (Value("31", (QUOTE,)), Value("thirty", (LED, QUOTE))))
PASSAGE = Passage(
    1, THERE, 0, 16, "It fell at noon.", 0.75, Scores(1.0, 0.1, -0.25, 0.75, 0.5, 0.0), (Sentence(0, 16, 0.125, 2.5),)
)
QUOTES, TIMINGS = (QUOTE, LED), {"search": 0.25}
ANSWER = Answer("And when?", "When did it fall? And when?", True, 0.5, QUOTES, (PASSAGE,), 7, TIMINGS, (DIFFERENT,))
UNSURE = Answer("Who?", "Who?", False, 0.05, (), (PASSAGE,), 7, closest=replace(LED, rank=1))
NOTHING = Answer("Who?", "Who?", False, 0.01, (), (), 0, help="Ask about your articles.")


@pytest.mark.parametrize("answer", [ANSWER, UNSURE, NOTHING])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_answer_is_read_back_equal(answer: Answer, indent: int | None) -> None:
    back = Answer.from_json(answer.to_json(indent=indent))
    assert back == answer
    assert back.timings == answer.timings
    assert hash(back.quotes) == hash(answer.quotes)


def test_a_real_answer_is_read_back_equal(seed_assistant: Assistant) -> None:
    for question in ("How many people entered the consulate?", "Who won the tennis match in Melbourne?"):
        answer = seed_assistant.ask(question)
        assert Answer.from_json(answer.to_json()) == answer


def test_the_fields_are_those_the_readme_lists() -> None:
    data = json.loads(ANSWER.to_json())
    assert list(data) == [
        *("schema", "question", "searched_for", "found", "confidence", "quotes", "passages", "generation", "timings"),
        *("disagreements", "help", "only", "offer", "left_out", "closest", "hint"),
    ]
    assert data["schema"] == 1
    assert data["quotes"][0]["article"] == {
        "id": "0123456789ab",
        "title": "The “bridge”\u2028that fell",
        "source": "/articles/caf\\xe9.txt",
        "published": "2019-05-03",
        "version": "a" * 64,
        "author": None,
        "site": None,
        "language": None,
        "tags": [],
    }
    assert data["quotes"][0]["highlight"] == {"start": 25, "end": 31}
    assert data["quotes"][0]["also_in"][1] == {"article": data["quotes"][0]["article"], "start": 90, "end": 106}
    assert data["passages"][0]["parts"] == {
        "words": 1.0,
        "meaning": 0.1,
        "sentence": -0.25,
        "coverage": 0.75,
        "sentence_coverage": 0.5,
        "pairs": 0.0,
    }
    assert data["passages"][0]["sentences"] == [{"start": 0, "end": 16, "score": 0.125, "answer": 2.5}]


def test_an_answer_saved_before_leads_and_disagreements_is_read() -> None:
    data = json.loads(ANSWER.to_json())
    del data["disagreements"], data["help"]
    for quote in data["quotes"]:
        del quote["lead"]
    back = Answer.from_json(json.dumps(data))
    assert (back.disagreements, back.help) == ((), None)
    assert [quote.lead for quote in back.quotes] == [None, None]


def test_an_answer_saved_before_the_closest_sentence_is_read() -> None:
    data = json.loads(NOTHING.to_json())
    assert data.pop("closest") is None
    assert Answer.from_json(json.dumps(data)) == NOTHING


def test_the_closest_sentence_is_named_apart_from_the_quotes() -> None:
    data = json.loads(UNSURE.to_json())
    assert (data["found"], data["quotes"], data["closest"]["text"]) == (False, [], LED.text)
    for value in (5, "text", [5], {"a": 1}):
        with pytest.raises(AnswerUnreadable, match="This is not a saved answer"):
            Answer.from_json(json.dumps({**data, "closest": value}))


@pytest.mark.parametrize(("answer", "outcome"), [(ANSWER, "answered"), (UNSURE, "not sure"), (NOTHING, "nothing near")])
def test_an_answer_has_one_of_three_outcomes(answer: Answer, outcome: str) -> None:
    assert answer.outcome == outcome


def test_text_is_written_as_it_is() -> None:
    assert "北京 👩‍👩‍👧" in ANSWER.to_json()


def test_an_answer_of_another_schema_is_refused() -> None:
    data = json.loads(ANSWER.to_json())
    for schema in (0, 2, "1", None):
        with pytest.raises(AnswerUnreadable, match="not of schema 1"):
            Answer.from_json(json.dumps({**data, "schema": schema}))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "5", '"answer"', "{}", '{"schema": 1}', "[" * 100_000, '{"a":' * 100_000]
)
def test_a_text_that_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(AnswerUnreadable, match="This is not a saved answer"):
        Answer.from_json(text)


def broken(*path: str | int, value: object) -> str:
    data = at = json.loads(ANSWER.to_json())
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    "path",
    [
        *(
            ("quotes",),
            ("passages",),
            ("quotes", 0),
            ("quotes", 0, "article"),
            ("quotes", 0, "also_in"),
            ("quotes", 0, "highlight"),
        ),
        *(("passages", 0), ("passages", 0, "parts"), ("passages", 0, "sentences")),
    ],
)
@pytest.mark.parametrize("value", [5, "text", [5], {"a": 1}])
def test_a_part_of_the_wrong_shape_is_refused(path: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(AnswerUnreadable, match="This is not a saved answer"):
        Answer.from_json(broken(*path, value=value))


@pytest.mark.parametrize("part", [(), ("quotes", 0), ("passages", 0), ("quotes", 0, "article"), ("passages", 0, "parts")])
def test_a_field_too_many_or_too_few_is_refused(part: tuple[str | int, ...]) -> None:
    with pytest.raises(AnswerUnreadable, match="extra"):
        Answer.from_json(broken(*part, "extra", value=1))
    data = at = json.loads(ANSWER.to_json())
    for step in part:
        at = at[step]
    del at[next(key for key in at if key != "schema")]
    with pytest.raises(AnswerUnreadable, match=r"missing|KeyError"):
        Answer.from_json(json.dumps(data))
