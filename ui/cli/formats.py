"""The formats that answers, passages and articles are printed in: `--format text|markdown|json|jsonl|csl|ris`."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.console import out, print_json

if TYPE_CHECKING:
    from qa import Answer, Passage
    from ui.html.references import Cited


class Format(StrEnum):
    """What is printed."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    JSONL = "jsonl"
    CSL = "csl"
    RIS = "ris"


FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", "-f", help="Print that. CSL JSON and RIS are for Zotero and other reference managers.", show_default="text"
    ),
]


def choose_format(chosen: Format | None, as_json: bool) -> Format:
    """Return the format, of which `--json` is a shorter name of one.

    Raises:
        UsageError: both were given, and differ.
    """
    from ui.errors import UsageError

    if as_json and chosen not in (None, Format.JSON):
        raise UsageError(f"--json and --format {chosen} exclude each other: give one of them.")
    return Format.JSON if as_json else chosen or Format.TEXT


def print_answers(answers: Sequence["Answer"], chosen: Format, *, one: bool) -> None:
    """Print answers in any format but text.

    Args:
        one: whether a single question was asked. Otherwise JSON is a list, and Markdown has a heading for each question.
    """
    from ui.html.notebook import answer_markdown, answers_markdown
    from ui.html.references import Cited

    if chosen is Format.JSON and one:
        out(answers[0].to_json(indent=2))
    elif chosen is Format.MARKDOWN:
        out(answer_markdown(answers[0]) if one else answers_markdown(answers))
    elif chosen in (Format.JSON, Format.JSONL):
        _print_data([json.loads(answer.to_json()) for answer in answers], chosen)
    else:
        _print_cited([Cited(quote.article, quote) for answer in answers for quote in answer.all_quotes], chosen)


def print_passages_as(passages: Sequence["Passage"], chosen: Format) -> None:
    """Print passages in any format but text."""
    from ui.html.notebook import to_markdown
    from ui.html.references import Cited

    if chosen is Format.MARKDOWN:
        out(to_markdown(passages).rstrip("\n"))
    elif chosen in (Format.JSON, Format.JSONL):
        _print_data([asdict(passage) for passage in passages], chosen)
    else:
        _print_cited([Cited(passage.article, passage) for passage in passages], chosen)


def print_articles_as(rows: Sequence[dict[str, Any]], articles: Sequence[Any], chosen: Format) -> None:
    """Print articles in any format but text.

    Args:
        rows: the articles as JSON shows them.
        articles: the same as references.
    """
    from qa.types.rows import Articles
    from ui.html.notebook import to_markdown
    from ui.html.references import Cited

    if chosen is Format.MARKDOWN:
        out(to_markdown(Articles(articles)).rstrip("\n"))
    elif chosen in (Format.JSON, Format.JSONL):
        _print_data(rows, chosen)
    else:
        _print_cited([Cited(article) for article in articles], chosen)


def _print_data(rows: Sequence[dict[str, Any]], chosen: Format) -> None:
    if chosen is Format.JSON:
        print_json(rows)
    else:
        for row in rows:
            out(json.dumps(row, ensure_ascii=False))


def _print_cited(items: Iterable["Cited"], chosen: Format) -> None:
    from ui.html.references import csl, ris

    if chosen is Format.CSL:
        print_json(csl(items))
    elif records := ris(items):
        out(records.rstrip("\r\n"))
