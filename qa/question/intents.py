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
    r"|\bwhat\s+(?:do|does|did|is|was|are|were)\b[^?]*\b(?:reported?|writ(?:e|ten)|known|mentioned)\b"
    r"|\bwhat\s+(?:do|does|did)\b[^?]*\bsay(?:\s+(?:in|on)\b[^?]*)?\W*$",  # on any topic; "say about…" asks for a fact
    re.I,
)
_IS_QUESTION = re.compile(
    r"\?|\b(?:who|whom|whose|what|which|when|where|why|how|list|name|is|are|was|were|do|does|did|has|have|had|can|could|will|would"
    r"|should|tell|give|show)\b",
    re.I,
)
_ARTICLE = r"(?:articles?|stor(?:y|ies)|posts?|essays?|reports?|papers?|pieces?|pages?|texts?|documents?|letters?)"
_FOR_HEADING = re.compile(
    r"\b(?:headlines?|headings?|subtitles?|bylines?|captions?|titled|entitled)\b"
    rf"|\btitles?\b[^?]*\b{_ARTICLE}\b|\b{_ARTICLE}\b[^?]*\b(?:titles?|called|named)\b|\b(?:called|named)\b[^?]*\b{_ARTICLE}\b"
    r"|\bwhat\s*(?:['’]?s|is|are|was|were)\s+(?:the|its|their)\s+titles?\W*$"
    rf"|\bwho\s+(?:wrote|reported|photographed|took)\b[^?]*\b(?:{_ARTICLE}|photos?|photographs?|pictures?)\b",
    re.I,
)

_FOR_QUESTION = re.compile(r"\b(?:ask(?:s|ed|ing)?|questions?|inquir(?:e[ds]?|y|ies)|wonder(?:s|ed)?)\b", re.I)
_WHAT_WAS_SAID = re.compile(r"\bwhat\s+(?:do|does|did)\b[^?]*\bsay\b", re.I)


class Intent(NamedTuple):
    """What a text asks for."""

    is_question: bool  # or a command, and not a title or a few keywords
    for_words: bool  # a few words can answer, and not only a sentence on the topic
    for_several: bool  # a list
    for_heading: bool  # a title, a heading, or who wrote an article
    for_question: bool  # what someone asked; no other question is answered by one


def parse_intent(text: str) -> Intent:
    """Parse what a text asks for."""
    is_question = _IS_QUESTION.search(text) is not None
    is_on_topic = _ON_TOPIC.search(text) is not None
    return Intent(
        is_question,
        is_question and not is_on_topic,
        asks_for_several(text),
        asks_for_heading(text),
        not is_question or _FOR_QUESTION.search(text) is not None,
    )


def asks_for_several(text: str) -> bool:
    """Tell whether a question asks for a list: "List all…", "Name every…", "Which countries…?"."""
    return _ASKS_FOR_ALL.match(text) is not None


def asks_for_heading(text: str) -> bool:
    """Tell whether a question asks for a title, a headline, a caption, or for who wrote an article."""
    return _FOR_HEADING.search(text) is not None


def asks_what_was_said(text: str) -> bool:
    """Tell whether a question asks what someone or a source says: "What did the Gazette say about the harbour?"."""
    return _WHAT_WAS_SAID.search(text) is not None


def without_command(text: str) -> str:
    """Return a question without the command that it begins with, such as "list all" or "name every"."""
    command = _COMMAND.match(text)
    return text[command.end() :] if command else text
