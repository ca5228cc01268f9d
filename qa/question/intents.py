"""Intents: whether a text asks for a fact, for a list, for anything on a topic, or is only a title or keywords."""

import re
from typing import NamedTuple

_COMMAND = re.compile(
    r"\W*(?:please\s+|(?:can|could)\s+you\s+)?(?:list|name|enumerate|give(?:\s+me)?|show(?:\s+me)?|find|tell\s+me)\s+"
    r"(?:(?:all|every|each|any|some|the|of|a\s+list|names)\s+)*",
    re.I,
)
_ASKS_FOR_ALL = re.compile(
    r"\W*(?:please\s+)?(?:list|enumerate)\b|\W*(?:please\s+)?(?:name|give|show|find|tell)\s+(?:me\s+)?(?:all|every|each)\b"
    r"|\W*(?:what|which)\s+are\s+(?:all|some)\b|\W*which\s+(?:\w+[^aius\W]s|people)\b",
    re.I,
)
_ON_TOPIC = re.compile(
    r"\b(?:tell|show)\s+(?:me|us)\b|\b(?:describe|explain|discuss|summari[sz]e)\b|\bmore\s+(?:about|on)\b|\bwhat\s+about\b"
    r"|\bwhat\s+(?:do|does|did|is|was|are|were)\b[^?]*\b(?:say|said|reported?|writ(?:e|ten)|known|mentioned)\b",
    re.I,
)
_IS_QUESTION = re.compile(
    r"\?|\b(?:who|whom|whose|what|which|when|where|why|how|list|name|is|are|was|were|do|does|did|has|have|had|can|could|will|would"
    r"|should|tell|give|show)\b",
    re.I,
)


class Intent(NamedTuple):
    """What a text asks for."""

    is_question: bool  # or a command, and not a title or a few keywords
    for_words: bool  # a few words can answer, and not only a sentence on the topic
    for_several: bool  # a list


def parse_intent(text: str) -> Intent:
    """Parse what a text asks for."""
    is_question = _IS_QUESTION.search(text) is not None
    return Intent(is_question, is_question and _ON_TOPIC.search(text) is None, asks_for_several(text))


def asks_for_several(text: str) -> bool:
    """Tell whether a question asks for a list: "List all…", "Name every…", "Which countries…?"."""
    return _ASKS_FOR_ALL.match(text) is not None


def without_command(text: str) -> str:
    """Return a question without the command that it begins with, such as "list all" or "name every"."""
    command = _COMMAND.match(text)
    return text[command.end() :] if command else text
