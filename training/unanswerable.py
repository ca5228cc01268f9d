"""Questions that a passage seems to answer and does not, made of those that it does answer.

People who wrote such questions changed a name or a number, turned a word into its opposite, negated, or asked of something
else; the same is done here by rule. Source: the categories of Rajpurkar, Jia and Liang, ACL 2018, arXiv 1806.03822, table 2.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from qa.text.terms import content_terms
from training.examples import Example, Read

_OPPOSITES = (
    "first last|before after|north south|northern southern|east west|eastern western|largest smallest|larger smaller|big small"
    "|large small|highest lowest|higher lower|high low|most least|more less|many few|increase decrease|increased decreased"
    "|best worst|better worse|good bad|early late|earlier later|earliest latest|old new|oldest newest|older younger|begin end"
    "|began ended|beginning end|start finish|started finished|win lose|won lost|buy sell|bought sold|give take|gave took"
    "|like dislike|liked disliked|love hate|loved hated|support oppose|supported opposed|allow forbid|allowed forbidden"
    "|public private|major minor|male female|men women|man woman|son daughter|father mother|brother sister|husband wife"
    "|same different|similar dissimilar|always never|common rare|strong weak|stronger weaker|inside outside|above below"
    "|top bottom|left right|long short|longest shortest|easy difficult|hard soft|cheap expensive|fast slow|hot cold|light heavy"
    "|include exclude|included excluded|with without|accept reject|accepted rejected|positive negative|possible impossible"
    "|necessary unnecessary|able unable|important unimportant|maximum minimum|added removed|found lost|enter leave"
    "|opened closed|alive dead|winter summer|day night|internal external|upper lower|entire partial|recommend condemn"
)
_OPPOSITE = {
    word: other for pair in _OPPOSITES.split("|") for word, other in (pair.split(), reversed(pair.split())) if word != other
}
_AUXILIARY = re.compile(r"\b(is|are|was|were|did|does|do|has|had|could|would|should)\b(?!n['’]t| not\b)")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_NAME = re.compile(r"(?<=[a-z,]\s)[A-Z][\w-]+(?:\s+[A-Z][\w-]+)*")
_NOUN = re.compile(
    r"(?:(?<=\bthe\s)|(?<=\bof\s)|(?<=\ba\s)|(?<=\b[Ww]hat\s)|(?<=\b[Ww]hich\s)|(?<=\bin\s)|(?<=\bmany\s))"
    r"[a-z]{4,}\b(?!['’])"
)
_WORD = re.compile(r"\b[a-z]{3,}\b")
_WORTH = {"names": 4, "numbers": 4, "opposites": 4, "nouns": 2, "negations": 1}  # how often each is chosen where it can be
_REST_AT = 1  # rank among the wrong passages of the right one without its answer


def changed(examples: Sequence[Example], share: float, draw: random.Random) -> Iterator[Example]:
    """For some of the examples the same with a question that its passage does not answer any more, first the passage.

    Args:
        share: of the examples that are drawn; a question that cannot be changed gives none.
    """
    others = [example.question for example in examples]
    for example in examples:
        if example.right is None or draw.random() >= share:
            continue
        question = _changed(example.question, example.right, draw.choice(others), draw)
        if question is not None:
            read = replace(example.right, answers=())
            yield Example(f"{example.id}-changed", question, None, (read, *example.wrong))


def with_the_rest(example: Example) -> Example:
    """The example with one more wrong passage: the right one without the sentences that answer, where something is left."""
    right = example.right
    if right is None:
        return example
    told = {right.text[start:end].lower() for start, end in right.answers}
    kept = [place for place in right.sentences if not any(word in right.text[slice(*place)].lower() for word in told)]
    if len(kept) < 2 or len(kept) == len(right.sentences):
        return example
    texts, places, at = [], [], 0
    for start, end in kept:
        texts.append(right.text[start:end])
        places.append((at, at + end - start))
        at += end - start + 1
    rest = Read(" ".join(texts), tuple(places), ())
    return replace(example, wrong=(*example.wrong[:_REST_AT], rest, *example.wrong[_REST_AT:]))


def _changed(question: str, read: Read, other: str, draw: random.Random) -> str | None:
    """The question changed in one place, by one of the ways that it allows; None where it allows none."""
    ways: dict[str, Callable[[], str | None]] = {
        "names": lambda: _exchanged(question, _NAME, _NAME.findall(read.text), draw),
        "numbers": lambda: _exchanged(question, _NUMBER, _NUMBER.findall(read.text), draw),
        "opposites": lambda: _opposite(question, draw),
        "nouns": lambda: _exchanged(question, _NOUN, _NOUN.findall(other), draw),
        "negations": lambda: _AUXILIARY.sub(r"\1n't", question, count=1),
    }
    while ways:
        way = draw.choices(list(ways), [_WORTH[name] for name in ways])[0]
        found = ways.pop(way)()
        if found is not None and found != question:
            return found
    return None


def _exchanged(question: str, pattern: re.Pattern[str], others: Sequence[str], draw: random.Random) -> str | None:
    """One part of the question for another of its kind that the question does not hold already."""
    asked = set(content_terms(question))
    parts = [match for match in pattern.finditer(question) if content_terms(match.group())]
    others = [other for other in others if content_terms(other) and not asked & set(content_terms(other))]
    if not parts or not others:
        return None
    part = draw.choice(parts)
    return question[: part.start()] + draw.choice(others) + question[part.end() :]


def _opposite(question: str, draw: random.Random) -> str | None:
    words = [match for match in _WORD.finditer(question) if match.group() in _OPPOSITE]
    if not words:
        return None
    word = draw.choice(words)
    return question[: word.start()] + _OPPOSITE[word.group()] + question[word.end() :]
