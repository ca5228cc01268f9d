"""Collect the page's messages from the code, and update the translations: `python -m tests.support.messages`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import extract_from_ast

from embeddings import PullquoteError
from qa.answer import answers, hints
from qa.evaluation.failure_reasons import CAUSES, FAILURES
from qa.evaluation.metrics.metric_docs import MEANINGS
from qa.ingest import batches
from qa.question import greetings
from qa.sources import discovery
from qa.sources.formats import boilerplate, decoding, detection, html
from qa.sources.formats.draft import PLACES
from qa.sources.formats.office import word
from qa.sources.formats.pdf import document, legibility
from qa.sources.sandbox import parser_pool
from qa.types import errors
from ui.html.environment import environment
from ui.i18n.language import ENGLISH, ENGLISH_TEXT, LANGUAGES, PART, plural_forms

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "ui" / "html" / "templates"
FOLDER = ROOT / "ui" / "i18n" / "translations"
# Modules whose errors a user of the page can see without damaged files or a wrong setup.
_RAISING = (
    *(
        "qa/question/parsing.py",
        "qa/library/corrections.py",
        "qa/library/filters.py",
        "qa/library/journal*.py",
        "qa/library/trash.py",
        "qa/answer/page_image.py",
        "qa/sources/**/*.py",
    ),
    *(
        "ui/page/conversations.py",
        "ui/page/measure_tab.py",
        "ui/state/question_sets.py",
        "ui/state/uploads.py",
        "ui/state/additions.py",
        "ui/state/measurement.py",
        "ui/page/quote_actions.py",
    ),
)
_ERRORS = {each.__name__ for each in vars(errors).values() if isinstance(each, type) and issubclass(each, PullquoteError)}
_PARTS = (
    "page {n}",
    "picture",
    "sheet {name}",
    "note {n}",
    "section {n}",
    "row {n}",
    "rows {first} to {last}",
    "slide {n}",
    "notes of slide {n}",
    "attachment {name}",
    "chapter {n}",
    "message from {name}",
    "forwarded message",
)
_RULES = (
    "front matter",
    "image",
    "link definition",
    "above the title",
    "quoted message",
    "mail header",
    "signature",
    "table of contents",
    "footnote",
)
_PDF_RULES = ("page header", "page footer", "footnote", "line numbers", "unreadable")
_SUMMED = (
    "{right} of {n} questions are answered by the first quote.",
    "{n} of {all} that the articles do not answer are refused.",
    "{n} questions that they do answer are refused.",
    "1 question that they do answer is refused.",
    "{n} questions were asked.",
)


def collected() -> Catalog:
    """Return every message with its context, and with a plural if it contains a number."""
    found = Catalog()
    for path in sorted(TEMPLATES.glob("*.html")):
        for message in in_template(path.read_text(encoding="utf-8")):
            found.add(message)
    for path in sorted(ROOT.joinpath("ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                message = _literal(node)
                if message is not None:
                    found.add(message)
    for message in _english_texts():
        found.add(message, context=ENGLISH_TEXT)
    for message in _PARTS:
        found.add(message, context=PART)
    return found


def in_template(source: str) -> Iterator[str | tuple[str, str]]:
    """Yield the messages that a template looks up."""
    calls = extract_from_ast(environment.parse(source), gettext_functions=("_", "pluralize"), babel_style=False)
    for _line, function, strings in calls:
        yield plural_forms(strings[0]) if function == "pluralize" else strings[0]


def _literal(call: ast.Call) -> str | tuple[str, str] | None:
    """Return the literal message of a call of a translation function, or None if it has none."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    at = {"_": 0, "label": 0, "gettext_noop": 0, "pluralize": 1}.get(name)
    if at is None or len(call.args) <= at or not isinstance(call.args[at], ast.Constant):
        return None
    message = str(ast.literal_eval(call.args[at]))
    return plural_forms(message) if name == "pluralize" else message


def _english_texts() -> Iterator[str]:
    for pattern in _RAISING:
        for path in sorted(ROOT.glob(pattern)):
            yield from _raised(ast.parse(path.read_text(encoding="utf-8")))
    yield from (*FAILURES.values(), *MEANINGS.values(), *CAUSES, *_RULES, *_PDF_RULES, *_SUMMED)
    yield from (answers.FAR_BELOW, answers.ENOUGH, answers.SAID_ALREADY, answers.TOO_UNSURE, answers.HEADING, answers.QUESTION)
    yield hints.OTHER_LANGUAGE
    yield from (parser_pool._CRASHED, document._LOCKED, document._NO_TEXT, document._NO_LETTERS, document._DAMAGED)
    yield from (*legibility.MESSAGES, *PLACES)
    yield html.CUT_OFF
    yield from (decoding.GUESSED, decoding.ONE_LINE, decoding.LINES, decoding.CUT_SHORT, word.UNREAD_CHUNK, batches.SKIPPED)
    yield from (*detection.skip_reasons(), *discovery.SKIP_REASONS, *discovery.SKIP_REASONS.values(), detection.NO_ENDING)
    yield from (name for name, _ in (*boilerplate._LINE_RULES, *boilerplate._INLINE_RULES))
    yield greetings._WELCOME
    yield f"{greetings._WHAT} {greetings._NONE_YET}"
    yield f"{greetings._WHAT} There is 1 article. {greetings._HOW}"
    yield f"{greetings._WHAT} There are {{n}} articles. {greetings._HOW}"


def _raised(module: ast.Module) -> Iterator[str]:
    """Yield the messages of the errors that a module raises or constructs."""
    raised = {id(node.exc) for node in ast.walk(module) if isinstance(node, ast.Raise)}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            is_made = isinstance(node.func, ast.Name) and node.func.id in _ERRORS
            for text in (_text(each) for each in node.args) if is_made or id(node) in raised else ():
                if text and len(re.sub(r"\{\w+\}", "", text)) > 8:
                    yield text


def _text(node: ast.expr) -> str | None:
    """Return a literal string, with each field of an f-string as a name in braces. Return None for other expressions."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    names: dict[str, str] = {}
    said = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            code = ast.unparse(part.value)
            name = next(
                (word.lower() for word in re.findall(r"[A-Za-z]\w*", code)[::-1] if word not in ("len", "str")), "value"
            )
            while names.setdefault(name, code) != code:
                name += "_"
            said += f"{{{name}}}"
        else:
            said += str(part.value) if isinstance(part, ast.Constant) else ""
    return said


def catalogue(language: str) -> Catalog:
    """Load the translations of a language from its file."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def main() -> None:
    """Update the translation files: add new messages, untranslated, and drop those that the code no longer contains."""
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        there = catalogue(language) if (FOLDER / f"{language}.po").exists() else Catalog(locale=language)
        made = there.creation_date
        there.update(collected(), no_fuzzy_matching=True)
        there.obsolete.clear()
        there.creation_date = made
        with (FOLDER / f"{language}.po").open("wb") as file:
            write_po(file, there, width=0, no_location=True, omit_header=False, sort_output=False)


if __name__ == "__main__":
    main()
