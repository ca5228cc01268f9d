"""Answers and passages as terminal text. Nothing in an article can control the terminal."""

import re
from collections.abc import Callable, Collection, Sequence

from rich.console import Console
from rich.text import Text

from qa.types.articles import Answer, Article, Disagreement, Passage, Quote, Reference
from ui.html.words import certainty, filter_in_words, refusal_advice

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_LINE = 160  # characters
_MOST_PLACES = 3  # where the words of a quote stand too
_NEAREST = 3  # passages shown when there is no answer


def visible(text: str) -> str:
    """Show control characters, which could move the cursor or hide words, as symbols."""
    return _CONTROL.sub(lambda match: chr(0x2400 + ord(match.group())) if ord(match.group()) < 32 else "\ufffd", text)


def print_answer(console: Console, answer: Answer, article: Callable[[Reference], Article]) -> None:
    """Print the quotes with their citations, or the closest sentence and the nearest passages, or the help."""
    if answer.help is not None:
        console.print(Text(visible(answer.help)))
        return
    if answer.searched_for != answer.question:
        console.print(Text(f"Searched for: {visible(answer.searched_for)}", style="dim"))
    if answer.only:
        console.print(Text(f"Only articles {visible(filter_in_words(answer.only))}.", style="dim"))
    if answer.offer:
        options = " ".join(f"--{name} {value}" for name, value in answer.offer.items())
        console.print(Text(f"Of articles {visible(filter_in_words(answer.offer))} alone: {options}", style="dim"))
    if not answer.found:
        if answer.closest:
            console.print(Text("Not sure. This sentence comes closest:", style="bold"))
            _print_quote(console, "    ", answer.closest, article)
            console.print(Text(f"Confidence {answer.closest.confidence:.0%}", style="dim"))
        else:
            console.print(Text("No sentence found that answers this.", style="bold"))
        for line in refusal_advice(answer):
            console.print(Text(visible(line)))
        if answer.passages:
            console.print(Text("Nearest passages (not an answer):", style="dim"))
        for passage in answer.passages[:_NEAREST]:
            console.print(Text(f"  {one_line(passage.text)}", style="dim"), Text(_place(passage, article), style="dim"))
        return
    for disagreement in answer.disagreements:
        _print_disagreement(console, disagreement, {quote.rank for quote in answer.quotes}, article)
    for quote in answer.quotes:
        _print_quote(console, f"[{quote.rank}] ", quote, article)
        _print_places(console, quote, article)
    console.print(Text(f"{certainty(answer.confidence)} (confidence {answer.confidence:.0%})", style="dim"))


def _print_quote(console: Console, number: str, quote: Quote, article: Callable[[Reference], Article]) -> None:
    console.print(Text(number, style="bold cyan") + _lead(quote) + _quoted(quote))
    console.print(Text(f"    {_place(quote, article)}", style="dim"))
    if quote.lead:
        console.print(Text(f"    before […] {_where(quote.article, quote.lead.start, article)}", style="dim"))


def _print_places(console: Console, quote: Quote, article: Callable[[Reference], Article]) -> None:
    """Print the first places where the same words stand, and how many more there are."""
    for place in quote.also_in[:_MOST_PLACES]:
        console.print(Text(f"    also in {_where(place.article, place.start, article)}", style="dim"))
    n_more = len(quote.also_in) - _MOST_PLACES
    if n_more > 0:
        console.print(Text(f"    and in {n_more:,} more {'place' if n_more == 1 else 'places'}", style="dim"))


def print_passages(console: Console, passages: Sequence[Passage], article: Callable[[Reference], Article]) -> None:
    """Print passages with their scores."""
    for passage in passages:
        head = Text(f"{passage.rank}. ", style="bold cyan") + Text(f"{passage.score:.3f}  ", style="green")
        console.print(head + Text(visible(passage.text)))
        console.print(Text(f"    {_place(passage, article)}", style="dim"))


def _print_disagreement(
    console: Console, disagreement: Disagreement, ranks: Collection[int], article: Callable[[Reference], Article]
) -> None:
    """Print the values with their citations, and the quotes that are not among those printed below."""
    console.print(Text("Articles differ:", style="bold"))
    for value in disagreement.values:
        for quote in value.quotes:
            undated = "" if quote.article.published else " · no date"
            line = Text.assemble("  ", (visible(value.text), "bold yellow"), (f"  [{quote.rank}] ", "bold cyan"))
            console.print(line + Text(f"{_place(quote, article)}{undated}", style="dim"))
            if quote.rank not in ranks:
                console.print(Text("      ") + _lead(quote) + _quoted(quote))


def _lead(quote: Quote) -> Text:
    return Text(f"{visible(quote.lead.text)} […] " if quote.lead else "", style="dim")


def _quoted(quote: Quote) -> Text:
    if quote.highlight is None:
        return Text(visible(quote.text))
    first, last = quote.highlight.start - quote.start, quote.highlight.end - quote.start
    return Text.assemble(
        visible(quote.text[:first]), (visible(quote.text[first:last]), "bold yellow"), visible(quote.text[last:])
    )


def _place(span: Quote | Passage, article: Callable[[Reference], Article]) -> str:
    return _where(span.article, span.start, article) + (" · read from a picture" if span.read_by else "")


def _where(reference: Reference, start: int, article: Callable[[Reference], Article]) -> str:
    text = article(reference).text
    part = article(reference).part_at(start)
    where = f" · {visible(part)}" if part else f":{text.count(chr(10), 0, start) + 1}"
    date = f" · {reference.published[:10]}" if reference.published else ""
    return f"{visible(reference.title)}{date} · {visible(reference.source)}{where}"


def one_line(text: str) -> str:
    """Put the text on one line, cut where it is long."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= _LONGEST_LINE else flat[: _LONGEST_LINE - 1] + "…"
