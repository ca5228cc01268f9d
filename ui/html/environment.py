"""The Jinja environment of the templates: the only place that escapes text, and the only one with filters and globals.

A template is written with line breaks and indentation for people to read. `Whitespace` removes both. So a space stands on
the page only where a template has it within a line, and the text of a quote is shown character for character.
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from qa.evaluation.report_tables import short_source
from qa.evaluation.run import AROUND
from qa.types.settings import LONGEST_QUESTION
from ui.html import citations, words
from ui.i18n import language

_SURROGATE = re.compile("[\ud800-\udfff]")
_BESIDE_TAG = re.compile(r"(?:\A|(?<=>))\s*\n\s*|\s*\n\s*(?:(?=<)|\Z)")
_LINE_BREAK = re.compile(r"\s*\n\s*")


def render(template: str, macro: str, *args: Any, **values: Any) -> Markup:
    """Render a macro of a template in `ui/html/templates`. Every value that is not markup is escaped."""
    rendered: Markup = getattr(environment.get_template(template).module, macro)(*args, **values)
    return rendered


def escape(value: object) -> Markup:
    """Return a text as markup that a browser reads back to the same text, character for character.

    A carriage return becomes `&#13;`, since a browser would read it as a line feed. A page cannot hold NUL or half a
    surrogate pair: they are shown as U+2400 (␀) and U+FFFD, one character for one, so that offsets still count right.
    Articles hold neither, but questions may.
    """
    if isinstance(value, Markup):
        return value
    text = _SURROGATE.sub("\ufffd", str(value).replace("\0", "␀"))
    return Markup(html.escape(text, quote=True).replace("\r", "&#13;"))  # noqa: S704 - escaped here


class Whitespace(Extension):
    """Drops line breaks beside tags together with the indentation, and makes any other line break one space."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Clean the text of a template. Values are not in it."""
        for token in stream:
            if token.type == "data":
                token = Token(token.lineno, "data", _LINE_BREAK.sub(" ", _BESIDE_TAG.sub("", token.value)))
            yield token


def _gettext(message: str, **values: Any) -> str:
    """Translate a message and fill its `{names}`. If a value is markup, the result is, with all else escaped."""
    if not any(isinstance(value, Markup) for value in values.values()):
        return language.gettext(message, **values)
    escaped = {name: escape(value) if isinstance(value, str) else value for name, value in values.items()}
    return language.fill(escape(language.gettext(message)), escaped)


def _attributes(values: Mapping[str, object]) -> Markup:
    """Write attributes, each with a space before it, `_` in a name as `-`. One that is None is left out."""
    pair = Markup(' {}="{}"')
    return Markup().join(
        pair.format(name.replace("_", "-"), escape(value)) for name, value in values.items() if value is not None
    )


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("ui.html"),
        autoescape=True,
        finalize=escape,  # before Jinja's own escaping, which leaves markup as it is
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", Whitespace],
        auto_reload=False,
    )
    # Messages have Python's `{names}`, not Jinja's `%(names)s`, so that pages and Python share one catalogue.
    env.install_gettext_callables(_gettext, language.ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals |= {"pluralize": language.pluralize, "LONGEST_QUESTION": LONGEST_QUESTION, "AROUND": AROUND}
    env.filters |= {
        "attributes": _attributes,
        "bibtex": citations.bibtex,
        "by_reason": words.by_reason,
        "bytes": words.size,
        "capital": words.capital,
        "certainty": words.certainty,
        "citation": citations.citation,
        "day": words.day,
        "duration": words.duration,
        "filter_in_words": words.filter_in_words,
        "from_english": language.from_english,
        "markdown": citations.markdown,
        "number": language.format_number,
        "percent": words.percent,
        "plain": citations.plain,
        "refusal_advice": words.refusal_advice,
        "short_source": short_source,
        "source_name": words.source_name,
        "split_at_highlight": words.split_at_highlight,
        "web_link": citations.web_link,
    }
    return env


environment = _environment()
