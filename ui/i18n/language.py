"""The page's words in the language of the browser that asks, where there is a translation: `ui/i18n/translations/*.po`."""

import gettext as gnu
import re
import string
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from re import Pattern
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH = "en"
LANGUAGES = (ENGLISH, "es", "ja")
# Contexts (`msgctxt`) of messages that `qa` writes in English: its sentences, and the parts of an article.
ENGLISH_TEXT, PART = "told", "part"
_FOLDER = Path(__file__).with_name("translations")
_language: ContextVar[str | None] = ContextVar("language", default=None)


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Render in that language within the `with` block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def use_language_of(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Render for the browser that sent these headers within the `with` block."""
    return use_language(preferred_language(headers.get("accept-language", "")))


def current_language() -> str:
    """Return the language to render in: that of the browser whose event is being handled, otherwise English."""
    return _language.get() or preferred_language(_accept_language())


def preferred_language(accept_language: str) -> str:
    """Return the language to use for a browser by its `Accept-Language` header (RFC 9110, 12.5.4).

    Only its first choice counts, as in Gradio's own components, so that the page is in one language.
    """
    first = re.match(r"\s*([A-Za-z]{2,3})", accept_language)
    return first[1].lower() if first and first[1].lower() in LANGUAGES else ENGLISH


def _accept_language() -> str:
    if "gradio" not in sys.modules:  # the command line, which must not wait for gradio to load
        return ""
    from gradio.context import LocalContext

    request = LocalContext.request.get(None)
    headers = getattr(request, "headers", None)
    return str(headers.get("accept-language") or "") if headers is not None else ""


def gettext(message: str, **values: str | int | float) -> str:
    """Translate a message and fill its `{names}` with values. Integers are written with the language's separators.

    Import it as `_`, so that `tests.support.messages` collects the message.
    """
    return fill(_catalogue(current_language()).gettext(message), values)


def gettext_noop(message: str) -> str:
    """Mark a message for `tests.support.messages` to collect. It is translated later, where it is shown."""
    return message


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a message that depends on a number, and fill in the number as `{n}`."""
    return fill(_catalogue(current_language()).ngettext(singular, plural, n), {"n": n})


def pluralize(n: int, noun: str) -> str:
    """Return a number and its noun: "1 quote", "1,200 articles"."""
    return ngettext(*plural_forms(noun), n)


def plural_forms(noun: str) -> tuple[str, str]:
    """Return the two message ids that `pluralize` looks up."""
    return f"{{n}} {noun}", f"{{n}} {noun}s"


def from_english(message: str, context: str = ENGLISH_TEXT) -> str:
    """Translate a finished English message of `qa`, such as an error. Return it as it is if there is no translation.

    The catalogues hold such messages as patterns, with a name in braces for each part that varies.

    Args:
        context: the message's context in the catalogues, `ENGLISH_TEXT` or `PART`.
    """
    catalogue = _catalogue(current_language())
    translation = catalogue.pgettext(context, message)
    if translation != message:
        return translation
    for pattern, message_id in _patterns(current_language(), context):
        if match := pattern.fullmatch(message):
            values = {name: _translate_value(name, value) for name, value in match.groupdict().items()}
            return catalogue.pgettext(context, message_id).format(**values)
    return message


def _translate_value(name: str, value: str) -> str:
    """Translate a value that is a message itself: a reason (`error`), a kind of file or a part of an article (`page`)."""
    return from_english(value) if name in ("error", "kind") else from_english(value, PART) if name == "page" else value


def fill(message: str, values: Mapping[str, str | int | float]) -> str:
    """Put values in the places of a message's `{names}`. A message without values is not a pattern and stays as it is."""
    shown = {name: format_number(value) if type(value) is int else value for name, value in values.items()}
    return message.format(**shown) if shown else message


def format_number(n: int) -> str:
    """Write an integer with the language's separators: "12,000", "12.000"."""
    from babel.numbers import format_decimal

    return f"{n:,}" if current_language() == ENGLISH else format_decimal(n, locale=current_language())


def format_day(day: date) -> str:
    """Write a day in words: "22 November 2026"."""
    from babel.dates import format_date

    return format_date(day, "long", locale=_locale())


def format_partial_date(value: str) -> str:
    """Write a day, month or year given in ISO 8601 in words. Return any other text as it is."""
    from babel.dates import format_skeleton

    try:
        parts = [int(part) for part in value.split("-")]
        day = date(*(*parts, 1, 1)[:3])
    except (ValueError, TypeError):
        return value
    if len(parts) < 3:
        return format_skeleton(("y", "yMMMM")[len(parts) - 1], day, locale=_locale())
    return format_day(day)


def language_name(code: str) -> str:
    """Return the name of a language by its code: "German". Return the code where the name is not known."""
    from babel.core import Locale, UnknownLocaleError

    try:
        return (Locale(code).get_display_name(_locale()) or code).capitalize()
    except (UnknownLocaleError, ValueError):
        return code


def _locale() -> str:
    return "en_GB" if current_language() == ENGLISH else current_language()


@cache
def _catalogue(language: str) -> gnu.NullTranslations:
    if language == ENGLISH:
        return gnu.NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, _messages(language))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


@cache
def _patterns(language: str, context: str) -> list[tuple[Pattern[str], str]]:
    """Return a pattern for each message with names in it, and its id, the longest first, since it says the most."""
    if language == ENGLISH:
        return []
    ids = [str(message.id) for message in _messages(language) if message.context == context and "{" in message.id]
    return [(_pattern(message_id), message_id) for message_id in sorted(ids, key=len, reverse=True)]


@cache
def _messages(language: str) -> "Catalog":
    from babel.messages.pofile import read_po

    with (_FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _pattern(message_id: str) -> Pattern[str]:
    """Compile a message id to a pattern that matches the message with any values in the places of its names."""
    parts = string.Formatter().parse(message_id)
    return re.compile("".join(re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, _, _ in parts), re.S)
