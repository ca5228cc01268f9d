"""From a follow-up to a question that can be searched for by itself, without a language model."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from qa.articles import Answer, Quote, Turn
from qa.settings import LONGEST_HISTORY, LONGEST_QUESTION
from qa.words import content_terms

_POINTS_BACK = re.compile(
    r"\b(?:he|him|his|she|her|hers|they|them|their|theirs|it|its|this|that|these|those|there|then|former|latter)\b", re.I
)
# "it" and "that" that point at nothing said before: "Is it true that…", "the wall that they climbed"
_EMPTY = re.compile(
    r"\b(?:is|was|does|did)\s+it\s+(?:true|possible|known|clear|mean)\b(?:\s+that\b)?|\w+\s+that\s+\w+|\bis\s+there\b|\bare\s+there\b"
    r"|\bwas\s+there\b|\bwere\s+there\b|\bthere\s+(?:is|are|was|were)\b",
    re.I,
)
_CONTINUES = re.compile(
    r"^\W*(?:and|but|or|so|also|what about|how about|what else|who else|where else|tell me more|more)\b", re.I
)
_NAME = re.compile(r"\b[A-Z][\w’'-]*(?:\s+(?:of\s+|de\s+|the\s+)?[A-Z][\w’'-]*)*")
_MOST_NAMES = 3  # carried from a quote; more would drown the question


class Asks(Protocol):
    """Whatever answers one question given the turns before it."""

    def ask(self, question: str, k: int = 5, *, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question."""


class Conversation:
    """Questions asked one after another, each understood with the ones before it."""

    def __init__(self, assistant: Asks) -> None:
        self._assistant = assistant
        self.turns: list[Turn] = []

    def ask(self, question: str, k: int = 5) -> Answer:
        """Answer a question or follow-up and remember it."""
        answer = self._assistant.ask(question, k, history=self.turns)
        self.turns += [Turn(question, answer.searched_for, answer.quotes)] if answer.help is None else []
        del self.turns[:-LONGEST_HISTORY]
        return answer


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question to search for: the question itself, or with what it leans on from the turns before.

    A question that only continues the last one takes all of it along; one that points back with "he", "it" or "there" takes
    the names and other content words of the last question and the names in its first quote.
    """
    if not history or not leans_back(question):
        return question
    last = history[-1]
    if _continues(question):
        room = max(0, LONGEST_QUESTION - len(question) - 1)  # what is left out is the end of what was taken along before
        return f"{last.searched_for.rstrip(' ?')[:room]} {question}".lstrip()
    carried = _carried(question, last)
    return f"{question} {' '.join(carried)}" if carried else question


def near(question: str, history: Sequence[Turn]) -> frozenset[str]:
    """The articles that a follow-up is likely to be about: those of the last quotes' first."""
    if not history or not leans_back(question):
        return frozenset()
    return frozenset(quote.article.id for quote in history[-1].quotes[:1])


def leans_back(question: str) -> bool:
    """Whether a question cannot be understood by itself."""
    if _continues(question):
        return True
    found = _POINTS_BACK.search(_EMPTY.sub(" ", question))
    return found is not None and not _names(question[: question.lower().find(found.group().lower())], opening=True)


def _continues(question: str) -> bool:
    """Whether a question only makes sense as the end of the last: "Why?", "And in Vietnam?"."""
    about = content_terms(question)
    bare = not about or (len(about) == 1 and len(question.split()) <= 2)  # "How many?", "How old?", but not "What is salt?"
    return bool(_CONTINUES.match(question)) or (bare and not _POINTS_BACK.search(question))


def _carried(question: str, last: Turn) -> list[str]:
    """Names and content words that the question lacks, each once."""
    known = set(content_terms(question))
    carried = []
    for phrase in (*_quoted_names(last.quotes[:1]), *_content_words(last.searched_for)):
        new = [term for term in content_terms(phrase) if term not in known]
        if new:
            known.update(new)
            carried.append(phrase)
    return carried


def _quoted_names(quotes: Iterable[Quote]) -> list[str]:
    return [name for quote in quotes for name in _names(quote.text)][:_MOST_NAMES]


def _names(text: str, *, opening: bool = False) -> list[str]:
    """Runs of capitalised words, in order.

    Args:
        opening: the text begins a question, whose first word is capitalised whatever it is.
    """
    found = []
    for match in _NAME.finditer(text):
        words = match.group().split()
        begins = not text[: match.start()].strip(" \t\n\"“‘'([") or text[: match.start()].rstrip()[-1:] in ".!?:"
        if begins and (opening or len(words) == 1 or not content_terms(words[0])):
            words = words[1:]
        if words and content_terms(" ".join(words)):
            found.append(" ".join(words))
    return found


def _content_words(question: str) -> list[str]:
    return [word for word in re.findall(r"[\w’'-]+", question) if content_terms(word)]
