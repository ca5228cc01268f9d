"""The page's words in the language of the browser that asks, where there is a translation: `ui/i18n/translations/*.po`."""

import gettext
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

from ui.html.markup import Html

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH = "en"
LANGUAGES = (ENGLISH, "es", "ja")
TOLD, PART = "told", "part"  # contexts of what other parts of Pullquote say in English, in the catalogues
_HERE = Path(__file__).with_name("translations")
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is rendered meanwhile is rendered in that language."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def speaking_to(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """What is rendered meanwhile is rendered for the browser that sent these headers."""
    return speaking(of_browser(headers.get("accept-language", "")))


def current() -> str:
    """The language of what is being rendered: that of the browser whose event is being handled, else English."""
    return _spoken.get() or of_browser(_accepted())


def of_browser(accepted: str) -> str:
    """The language for a browser, by its `Accept-Language` (RFC 9110, 12.5.4).

    Only what it likes best counts, as in Gradio's own parts, so that the page speaks one language.
    """
    first = re.match(r"\s*([A-Za-z]{2,3})", accepted)
    return first[1].lower() if first and first[1].lower() in LANGUAGES else ENGLISH


def _accepted() -> str:
    if "gradio" not in sys.modules:  # a command, which waits for none of it
        return ""
    from gradio.context import LocalContext

    request = LocalContext.request.get(None)
    headers = getattr(request, "headers", None)
    return str(headers.get("accept-language") or "") if headers is not None else ""


def t(message: str, **values: str | int | float) -> str:
    """A message in the current language, its `{names}` replaced by values, whole numbers written as people there do."""
    return _filled(_catalogue(current()).gettext(message), values)


def later(message: str) -> str:
    """Mark a message as one of the page's that is translated where it is shown."""
    return message


def counted(n: int, noun: str) -> str:
    """A number and its noun: "1 quote", "1,200 articles"."""
    one, many = singular_and_plural(noun)
    return _filled(_catalogue(current()).ngettext(one, many, n), {"n": n})


def singular_and_plural(noun: str) -> tuple[str, str]:
    """The messages of `counted`, as the catalogues have them."""
    return f"{{n}} {noun}", f"{{n}} {noun}s"


def told(message: str, context: str = TOLD) -> str:
    """What another part of Pullquote said, in the current language; as it is where there is no translation.

    The catalogues hold such messages as patterns, with a name in braces for what differs from one to the next.

    Args:
        context: of these messages in the catalogues.
    """
    catalogue = _catalogue(current())
    found = catalogue.pgettext(context, message)
    if found != message:
        return found
    for pattern, of in _patterns(current(), context):
        if match := pattern.fullmatch(message):
            return catalogue.pgettext(context, of).format(
                **{name: _inner(name, value) for name, value in match.groupdict().items()}
            )
    return message


def _inner(name: str, value: str) -> str:
    """A value in what was said: a message itself where it is a reason or a page, and a reader's own words else."""
    return told(value) if name == "error" else told(value, PART) if name == "page" else value


def pieces(message: str, **parts: str) -> list[str]:
    """A message with markup in the places of its `{names}`, to be put into an element."""
    found: list[str] = []
    for before, name, _, _ in string.Formatter().parse(_catalogue(current()).gettext(message)):
        found += [before, *([parts[name]] if name else [])]
    return [each for each in found if each or isinstance(each, Html)]


def number(n: int) -> str:
    """A whole number as people write it."""
    from babel.numbers import format_decimal

    return f"{n:,}" if current() == ENGLISH else format_decimal(n, locale=current())


def long_day(day: date) -> str:
    """A day as people write it: "22 November 2026"."""
    from babel.dates import format_date

    return format_date(day, "long", locale=_locale())


def written_day(value: str) -> str:
    """A day, month or year in ISO 8601 as people write it; anything else as it is."""
    from babel.dates import format_skeleton

    try:
        parts = [int(part) for part in value.split("-")]
        day = date(*(*parts, 1, 1)[:3])
    except (ValueError, TypeError):
        return value
    if len(parts) < 3:
        return format_skeleton(("y", "yMMMM")[len(parts) - 1], day, locale=_locale())
    return long_day(day)


def _locale() -> str:
    return "en_GB" if current() == ENGLISH else current()


def _filled(message: str, values: dict[str, str | int | float]) -> str:
    shown = {name: number(value) if type(value) is int else value for name, value in values.items()}
    return message.format(**shown) if shown else message


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, _messages(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _patterns(language: str, context: str) -> list[tuple[Pattern[str], str]]:
    """Messages of other parts that hold names, those with the most words of their own first."""
    if language == ENGLISH:
        return []
    messages = [str(each.id) for each in _messages(language) if each.context == context and "{" in each.id]
    return [(_pattern(each), each) for each in sorted(messages, key=len, reverse=True)]


@cache
def _messages(language: str) -> "Catalog":
    from babel.messages.pofile import read_po

    with (_HERE / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _pattern(message: str) -> Pattern[str]:
    parts = string.Formatter().parse(message)
    return re.compile("".join(re.escape(before) + (f"(?P<{name}>.+?)" if name else "") for before, name, _, _ in parts), re.S)
