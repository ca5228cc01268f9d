"""Different values that articles give in answer to the same question; which one is right is not said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from qa.answer.quotes import as_quote
from qa.answer.values import Value as Found
from qa.answer.values import agree, all_values, asked_for, the_value
from qa.answer.wording import Words, asks_in_words, asks_yes_or_no, verdict_of, words_of
from qa.library.records import comparable
from qa.library.snapshot import Snapshot
from qa.question.intents import asks_for_several
from qa.search.ranking import RankedSentence
from qa.search.retriever import Query
from qa.text.answer_types import AnswerType, counted
from qa.text.near_duplicates import Shingles, containment, shingles_around
from qa.types.articles import Disagreement, Quote, Span, Value
from qa.types.settings import Settings

Differing = Literal["number", "date", "words", "yes or no"]


class Claim(NamedTuple):
    """A sentence and the value that it gives in answer."""

    sentence: RankedSentence
    value: Found
    beside: list[Found]  # every number or date of the sentence, that one too; of words only those that answer

    @property
    def article_id(self) -> str:
        """Of the article it stands in."""
        return self.sentence.passage.article.id

    @property
    def span(self) -> Span:
        """Of the sentence, in the article."""
        start, end = self.sentence.passage.spans[self.sentence.at].tolist()
        return Span(start, end)

    @property
    def place(self) -> Span:
        """Of the value, in the article."""
        return Span(self.span.start + self.value.start, self.span.start + self.value.end)

    def agrees(self, other: "Claim") -> bool:
        """Whether both values may be said of one thing or cannot be compared, or either sentence gives both."""
        if agree(self.value, other.value) is not False or _mentions(self, other) or _mentions(other, self):
            return True
        return any(agree(value, other.value) for value in self.beside) or any(
            agree(value, self.value) for value in other.beside
        )


def disagreements(
    question: Query, sentences: Sequence[RankedSentence], quotes: Sequence[Quote], snapshot: Snapshot, settings: Settings
) -> tuple[Disagreement, ...]:
    """The values that articles give, where one answer excludes another and theirs differ; else none.

    Args:
        sentences: of the passages read, best first.
        quotes: of the answer. A sentence that none of them holds gets a quote of its own, ranked after them.
    """
    kind = may_differ(question.text, question.kind)
    if kind is None or not quotes or len({each.passage.article_id for each in sentences}) < 2:
        return ()
    sides = _sides(_independent(_said(question, kind, sentences, settings), settings))
    if len(sides) < 2:
        return ()
    shown, values = list(quotes), []
    for side in sides:
        marked = []
        for said in side:
            quote = _quote(said, question, shown, snapshot, settings)
            if not _holds(quote, said):
                continue  # the sentence is so long that another part of it would be quoted
            if quote.rank > len(shown):
                shown.append(quote)
            marked.append(replace(quote, highlight=said.place))
        if not marked:
            continue
        marked.sort(key=_published, reverse=True)
        values.append(Value(_text(marked[0]), tuple(marked)))
    values.sort(key=lambda value: _published(value.quotes[0]), reverse=True)
    return (Disagreement(kind, tuple(values)),) if len(values) > 1 else ()


def may_differ(question: str, kind: AnswerType | None) -> Differing | None:
    """What may differ in answer to a question; None where answers cannot be compared, or several may be right at once.

    Args:
        kind: of words that would answer.
    """
    kind = counted(kind)
    if kind in ("number", "date"):
        return kind
    if asks_yes_or_no(question):
        return "yes or no"
    return "words" if kind in ("name", None) and asks_in_words(question) and not asks_for_several(question) else None


def _said(question: Query, kind: Differing, sentences: Sequence[RankedSentence], settings: Settings) -> list[Claim]:
    """The sentences that are likely to answer and give one value, best first."""
    likely = [
        each
        for each in sentences
        if each.confidence >= settings.differing_confidence and each.covered >= settings.differing_coverage
    ]
    return [said for said in (_of_kind(question, kind, each) for each in likely) if said]


def _of_kind(question: Query, kind: Differing, sentence: RankedSentence) -> Claim | None:
    text = sentence.passage.sentences[sentence.at]
    if kind == "number" or kind == "date":
        asked = asked_for(question.text, kind, question.names)
        value = the_value(asked, text)
        return Claim(sentence, value, all_values(asked, text)) if value is not None else None
    if kind == "yes or no":
        verdict = verdict_of(text, question.weights.keys() - question.names)
        return Claim(sentence, verdict, [verdict])
    start = int(sentence.passage.spans[sentence.at, 0])
    if sentence.answer is None:
        return None
    words = words_of(text, sentence.answer.start - start, sentence.answer.end - start, question.weights)
    return Claim(sentence, words, [words]) if words else None


def _mentions(one: Claim, other: Claim) -> bool:
    """Whether the article of the one has the words of the other, wherever: then it need not say otherwise."""
    value = other.value
    return isinstance(value, Words) and comparable(value.text) in comparable(one.sentence.passage.article.text)


def _independent(said: Sequence[Claim], settings: Settings) -> list[list[Claim]]:
    """What each article says, articles of nearly the same text as one, that of the best sentence first."""
    articles: dict[str, list[Claim]] = {}
    for each in said:
        articles.setdefault(each.article_id, []).append(each)
    if len(articles) < 2:
        return []
    kept: list[tuple[Shingles, list[Claim]]] = []
    for several in articles.values():
        shingles = shingles_around(several[0].sentence.passage.article, several[0].span.start, several[0].span.end)
        if not any(containment(shingles, others) >= settings.same_text for others, _ in kept):
            kept.append((shingles, several))
    return [several for _, several in kept]


def _sides(articles: Sequence[Sequence[Claim]]) -> list[list[Claim]]:
    """Articles in groups that agree: for each group one sentence an article, all with the value of the first.

    Two articles agree where any of what one says agrees with any of what the other says, so that an article that gives several
    values differs from none that gives one of them.
    """
    groups: list[list[Sequence[Claim]]] = []
    for article in articles:
        agreeing = [g for g in groups if any(a.agrees(b) for other in g for a in other for b in article)]
        groups = [g for g in groups if g not in agreeing] + [[each for g in agreeing for each in g] + [article]]
    sides = []
    for group in groups:
        first = group[0][0]
        agreeing_with_it = (next((each for each in article if each.agrees(first)), None) for article in group)
        sides.append([each for each in agreeing_with_it if each])
    return sides


def _quote(said: Claim, question: Query, shown: Sequence[Quote], snapshot: Snapshot, settings: Settings) -> Quote:
    """The quote that holds the value, or a new one ranked after those there are."""
    for quote in shown:
        if quote.article.id == said.article_id and _holds(quote, said):
            return quote
    return as_quote(len(shown) + 1, question, said.sentence, snapshot, settings, shown)


def _holds(quote: Quote, said: Claim) -> bool:
    return quote.start <= said.place.start and said.place.end <= quote.end


def _published(quote: Quote) -> str:
    return quote.article.published or ""


def _text(quote: Quote) -> str:
    """The words that are marked."""
    assert quote.highlight is not None
    return quote.text[quote.highlight.start - quote.start : quote.highlight.end - quote.start]
