"""Follow-up rewriting: from a follow-up and its conversation to a stand-alone question, without a language model."""

import re
from collections.abc import Iterable, Sequence

from qa.question.followup_edits import NAME, apply_correction, is_date, replace_part
from qa.text.terms import content_terms
from qa.types.articles import Turn
from qa.types.settings import LONGEST_QUESTION, Settings

_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|hers|they|them|their|theirs|it|its|this|that|these|those|there|then|former|latter)\b", re.I
)
# "it", "that" and "there" without an antecedent: "Is it true that…", "the wall that they climbed"
_EXPLETIVE = re.compile(
    r"\b(?:is|was|does|did)\s+it\s+(?:true|possible|known|clear|mean)\b(?:\s+that\b)?|\w+\s+that\s+\w+|\bis\s+there\b|\bare\s+there\b"
    r"|\bwas\s+there\b|\bwere\s+there\b|\bthere\s+(?:is|are|was|were)\b",
    re.I,
)
_CONTINUES = re.compile(r"^\W*(?:and|but|or|so|also|what about|how about|where else)\b", re.I)
_OPENING = re.compile(r"^\W*(?:(?:and|but|or|so|also|then|ok|okay)\b[\s,]*)*(?:(?:what|how)\s+about\b\s*)?", re.I)
_QUESTION_WORD = re.compile(r"^\W*(?:who|whom|whose|what|which|when|where|why|how)\b", re.I)
_MORE = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|please|can\s+you|could\s+you)\b[\s,]*)*"
    r"(?:(?:who|what|where|when|which|how|any(?:thing|one|body|where))\s+else|(?:tell|show|give)\s+me\s+more|(?:any|some)\s+(?:more|others?)"
    r"|more(?:\s+details?)?|go\s+on|continue|for\s+(?:example|instance))"
    r"(?:\s+(?:about\s+)?(?:it|that|this|them|please))*\W*$",
    re.I,
)
_NEW_TOPIC = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|and|now|right|thanks|haha|well|hm+)\b\W*)*"
    r"(?:(?:(?:something|somewhere)\s+else|(?:a\s+)?(?:new|different|another|other)\s+(?:one|topic|subject|story|thing|question|matter)"
    r"|on\s+(?:a\s+different|another)\s+\w+|(?:switching|moving\s+on|turning)\s+to|(?:let['’]?s\s+)?chang(?:e|ing)\s+(?:the\s+)?(?:topic|subject)"
    r"|back\s+to)\b)",
    re.I,
)
_OTHER_ARTICLE = 0.5  # how likely a follow-up is about an article that was quoted after another, as a share of the first's
_EDITED = 0.125  # how likely the last question with a new part is about the same article, as a share of another follow-up's
_QUOTED_TURNS = 2  # turns with quotes whose articles a follow-up may be about
_BARE_ADVERB = re.compile(r"^\W*(?:(?:and|but|so)\b\W*)?(when|where|why|how)\W*$", re.I)
_ADVERB = re.compile(
    r"^\W*(?:when|where|why|how)(?=\s+(?:is|are|was|were|do|does|did|can|could|will|would|has|have|had)\b)", re.I
)
_MOST_NAMES = 3  # carried over from a quote, so that the question's own words still count
_MOST_PART_WORDS = 6  # of a part such as "in the second half of 2005"
_TOPIC_TURNS = 3  # the user may have left what was discussed before them
_OWN_TERMS = 4  # with this many content terms a question that begins with "So" stands alone


def rewrite(question: str, history: Sequence[Turn]) -> str:
    """Rewrite a follow-up as a question that can be searched for alone. Return any other question unchanged.

    - "Who else?", a correction or a new part ("And in 2005?") repeats the last question, edited.
    - "Why?" after "When was it closed?" takes the place of "When".
    - Another continuation, such as "And in summer?", is appended to the last question.
    - A question with a pronoun gets the content words of the last question and the names in its first quote.

    The result has at most `LONGEST_QUESTION` characters.
    """
    if not history:
        return question
    repeated = repeat_last(question, history)
    if repeated is not None:
        return repeated
    if not is_follow_up(question):
        return question
    last = history[-1]
    bare = _BARE_ADVERB.match(question)
    if bare and _ADVERB.match(last.searched_for):
        return _ADVERB.sub(bare[1].capitalize(), last.searched_for.strip(), count=1)[:LONGEST_QUESTION]
    if _continues(question):
        room = max(0, LONGEST_QUESTION - len(question) - 1)  # the end of the earlier question is cut off, not the new one
        return f"{last.searched_for.strip()[:room]} {question}".lstrip()
    carried = _carried_over(question, last)
    return f"{question} {' '.join(carried)}"[:LONGEST_QUESTION] if carried else question


def repeat_last(question: str, history: Sequence[Turn]) -> str | None:
    """Return the last question, possibly edited, where a follow-up asks it again. Otherwise return None."""
    if not history or not history[-1].searched_for:
        return None
    last = history[-1].searched_for
    if asks_for_more(question):
        return last
    edited = apply_correction(last, question)
    if edited is None:
        part = _OPENING.sub("", question, count=1)
        is_part = len(part.split()) <= _MOST_PART_WORDS and not _QUESTION_WORD.match(part)
        edited = replace_part(last, part) if is_part and (part != question or is_date(part)) else None
    return edited if edited is None or len(edited) <= LONGEST_QUESTION else None


def asks_for_more(question: str) -> bool:
    """Tell whether a question asks for more and nothing else: "Who else?", "Tell me more"."""
    return _MORE.match(question) is not None


def is_follow_up(question: str) -> bool:
    """Tell whether a question cannot be understood without the turn before it."""
    if _continues(question):
        return True
    pronoun = _PRONOUN.search(_EXPLETIVE.sub(" ", question))
    return pronoun is not None and not _names(question[: question.lower().find(pronoun.group().lower())], is_question=True)


def topic(history: Sequence[Turn]) -> str:
    """Return the last questions of a conversation as one text."""
    return " ".join(turn.question for turn in history[-_TOPIC_TURNS:])[-LONGEST_QUESTION:]


def quoted_articles(question: str, history: Sequence[Turn]) -> dict[str, float]:
    """Return the ids of the articles quoted lately, and how likely a question is about each: 1 for the last first quote's.

    People stay with an article for some turns, and rarely say so. Where they announce a new topic ("another thing", "back to
    the bridge"), there are none. A new part ("And from Oban?") makes a question of its own, which may lead
    anywhere.
    """
    if _NEW_TOPIC.match(question):
        return {}
    is_edited = repeat_last(question, history) is not None and not asks_for_more(question)
    share = _EDITED if is_edited else 1.0
    quoted = [turn for turn in history if turn.quotes][-_QUOTED_TURNS:]
    ids = [quote.article.id for turn in reversed(quoted) for quote in turn.quotes]
    return {article_id: share if article_id == ids[0] else share * _OTHER_ARTICLE for article_id in dict.fromkeys(ids)}


def places_quoted(question: str, history: Sequence[Turn], settings: Settings) -> frozenset[tuple[str, int, int]]:
    """Return the places quoted before as likely answers, where more is asked for. Each is (article id, start, end)."""
    if not asks_for_more(question):
        return frozenset()
    quotes = (quote for turn in history for quote in turn.quotes if quote.rank == 1 or quote.confidence >= settings.highlighted)
    return frozenset((quote.article.id, quote.start, quote.end) for quote in quotes)


def _continues(question: str) -> bool:
    """Tell whether a question only makes sense appended to the last: "Why?", "And the children?"."""
    content = content_terms(question)
    if _CONTINUES.match(question):
        return len(content) < _OWN_TERMS and not _PRONOUN.search(question)
    is_fragment = not content or (len(content) == 1 and len(question.split()) <= 2)  # "How old?", but not "What is salt?"
    return is_fragment and not _PRONOUN.search(question)


def _carried_over(question: str, last: Turn) -> list[str]:
    """Return the names and content words of the last turn that a question lacks, without repeats."""
    known = set(content_terms(question))
    carried: list[str] = []
    quoted_names = [name for quote in last.quotes[:1] for name in _names(quote.text)][:_MOST_NAMES]
    for phrase in (*quoted_names, *_content_words(last.searched_for)):
        new_terms = [term for term in content_terms(phrase) if term not in known]
        if new_terms and not any(phrase in other for other in carried):  # "North Korea" is part of "North Korean"
            known.update(new_terms)
            carried.append(phrase)
    return carried


def _names(text: str, *, is_question: bool = False) -> list[str]:
    """Return the runs of capitalized words, in order.

    Args:
        is_question: whether the text begins a question, whose first word is always capitalized.
    """
    names = []
    for match in NAME.finditer(text):
        words = match.group().split()
        before = text[: match.start()]
        begins_sentence = not before.strip(" \t\n\"“‘'([") or before.rstrip()[-1:] in ".!?:"
        if begins_sentence and (is_question or len(words) == 1 or not content_terms(words[0])):
            words = words[1:]
        if words and content_terms(" ".join(words)):
            names.append(" ".join(words))
    return names


def _content_words(question: str) -> Iterable[str]:
    return (word for word in re.findall(r"[\w’'-]+", question) if content_terms(word))
