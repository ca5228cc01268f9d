"""An answer as JSON and back, schema 1. README lists every field."""

import json
from dataclasses import asdict
from typing import Any

from qa.types.articles import (
    Answer,
    Disagreement,
    Passage,
    Place,
    Quote,
    Reference,
    Rejected,
    Scores,
    Sentence,
    Span,
    TextSpan,
    Value,
)
from qa.types.errors import AnswerUnreadable

SCHEMA = 1


def dump(answer: Answer, indent: int | None) -> str:
    """Write an answer; text is kept as it is, not escaped to ASCII."""
    return json.dumps({"schema": SCHEMA, **asdict(answer)}, ensure_ascii=False, indent=indent)


def load(text: str) -> Answer:
    """Read an answer, also one saved before some of the fields came.

    Raises:
        AnswerUnreadable: the text is no JSON, of another schema, or lacks a field.
    """
    try:
        data = json.loads(text)
        if data.pop("schema") != SCHEMA:
            raise AnswerUnreadable(f"This answer is not of schema {SCHEMA}: it was saved by another Pullquote.")
        data["quotes"] = tuple(quote_from_dict(quote) for quote in data["quotes"])
        data["passages"] = tuple(_passage(passage) for passage in data["passages"])
        data["disagreements"] = tuple(_disagreement(each) for each in data.get("disagreements", ()))
        data["left_out"] = tuple(_left_out(each) for each in data.get("left_out", ()))
        return Answer(**data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AnswerUnreadable(f"This is no saved answer ({type(error).__name__}: {error}).") from error


def _reference(data: dict[str, Any]) -> Reference:
    return Reference(**{**data, "tags": tuple(data.get("tags", ()))})


def quote_from_dict(data: dict[str, Any]) -> Quote:
    """A quote from what `dataclasses.asdict` made of one."""
    highlight = Span(**data["highlight"]) if data["highlight"] else None
    also_in = tuple(Place(_reference(place["article"]), place["start"], place["end"]) for place in data["also_in"])
    lead = TextSpan(**data["lead"]) if data.get("lead") else None
    article = _reference(data["article"])
    return Quote(**{**data, "article": article, "highlight": highlight, "also_in": also_in, "lead": lead})


def _left_out(data: dict[str, Any]) -> Rejected:
    return Rejected(**{**data, "article": _reference(data["article"])})


def _disagreement(data: dict[str, Any]) -> Disagreement:
    values = tuple(Value(value["text"], tuple(map(quote_from_dict, value["quotes"]))) for value in data["values"])
    return Disagreement(data["kind"], values)


def _passage(data: dict[str, Any]) -> Passage:
    sentences = tuple(Sentence(**sentence) for sentence in data["sentences"])
    parts = Scores(**data["parts"])
    return Passage(**{**data, "article": _reference(data["article"]), "parts": parts, "sentences": sentences})
