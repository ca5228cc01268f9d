"""Questions that a passage only seems to answer, made by rule from those that it answers.

People who wrote such questions changed a name or a number, replaced a word by its opposite, negated, or asked about something
else. The rules do the same.

Source: the categories of Rajpurkar, Jia and Liang, ACL 2018, arXiv 1806.03822, table 2.
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
_WEIGHTS = {"names": 4, "numbers": 4, "opposites": 4, "nouns": 2, "negations": 1}  # how often each applicable rule is chosen
_REMAINDER_AT = 1  # index, among the wrong passages, of the right one without its answer


def change_questions(examples: Sequence[Example], share: float, draw: random.Random) -> Iterator[Example]:
    """Yield some examples with a question that their passage no longer answers. That passage comes first among the wrong.

    Args:
        examples: with and without an answer.
        share: of the examples to change. A question that cannot be changed gives none.
        draw: the source of randomness.
    """
    others = [example.question for example in examples]
    for example in examples:
        if example.right is None or draw.random() >= share:
            continue
        question = _change(example.question, example.right, draw.choice(others), draw)
        if question is not None:
            read = replace(example.right, answers=())
            yield Example(f"{example.id}-changed", question, None, (read, *example.wrong))


def with_remainder(example: Example) -> Example:
    """Add a wrong passage: the right one without the sentences that answer, if any are left."""
    right = example.right
    if right is None:
        return example
    answers = {right.text[start:end].lower() for start, end in right.answers}
    left = [place for place in right.sentences if not any(text in right.text[slice(*place)].lower() for text in answers)]
    if len(left) < 2 or len(left) == len(right.sentences):
        return example
    texts, places, at = [], [], 0
    for start, end in left:
        texts.append(right.text[start:end])
        places.append((at, at + end - start))
        at += end - start + 1
    remainder = Read(" ".join(texts), tuple(places), ())
    return replace(example, wrong=(*example.wrong[:_REMAINDER_AT], remainder, *example.wrong[_REMAINDER_AT:]))


def _change(question: str, read: Read, other: str, draw: random.Random) -> str | None:
    """Change a question in one place by a random rule. Return None if no rule applies."""
    rules: dict[str, Callable[[], str | None]] = {
        "names": lambda: _exchange(question, _NAME, _NAME.findall(read.text), draw),
        "numbers": lambda: _exchange(question, _NUMBER, _NUMBER.findall(read.text), draw),
        "opposites": lambda: _use_opposite(question, draw),
        "nouns": lambda: _exchange(question, _NOUN, _NOUN.findall(other), draw),
        "negations": lambda: _AUXILIARY.sub(r"\1n't", question, count=1),
    }
    while rules:
        rule = draw.choices(list(rules), [_WEIGHTS[name] for name in rules])[0]
        changed = rules.pop(rule)()
        if changed is not None and changed != question:
            return changed
    return None


def _exchange(question: str, pattern: re.Pattern[str], others: Sequence[str], draw: random.Random) -> str | None:
    """Replace one part of the question by another of its kind that shares no term with the question."""
    asked = set(content_terms(question))
    parts = [match for match in pattern.finditer(question) if content_terms(match.group())]
    others = [other for other in others if content_terms(other) and not asked & set(content_terms(other))]
    if not parts or not others:
        return None
    part = draw.choice(parts)
    return question[: part.start()] + draw.choice(others) + question[part.end() :]


def _use_opposite(question: str, draw: random.Random) -> str | None:
    words = [match for match in _WORD.finditer(question) if match.group() in _OPPOSITE]
    if not words:
        return None
    word = draw.choice(words)
    return question[: word.start()] + _OPPOSITE[word.group()] + question[word.end() :]
