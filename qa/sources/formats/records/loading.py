"""Records: JSON and JSON Lines, with one article in each record that has a text."""

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from qa.sources.formats.dates import parse_date
from qa.sources.formats.decoding import decode_with_notes
from qa.sources.formats.draft import Draft, title_or_name, unique_source
from qa.sources.formats.html_text import html_to_text, is_html, remove_control_characters
from qa.sources.formats.limits import Limits
from qa.sources.formats.records import fields
from qa.types.errors import ArticleUnreadable, NoArticles

Record = Mapping[str, Any]

_NESTED = ("name", "rendered", "value", "text", "#text", "title")  # which field of a nested object holds its value
_MAX_DEPTH = 6  # of objects in which a list of articles is looked for
_MAX_NAMES, _MAX_NAME_CHARACTERS = 12, 300  # of columns named in an error


def load_json(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Load the articles of a JSON file: one object, a list of objects, or the first such list inside an object.

    Raises:
        ArticleUnreadable: it is not JSON, or no object has a text.
    """
    text, notes = decode_with_notes(content)
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except RecursionError as error:
        raise ArticleUnreadable("its objects are nested too deeply") from error
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # JSON Lines, whatever the file is called
            return load_json_lines(content, source, limits)
        raise ArticleUnreadable(f"this is no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise ArticleUnreadable(f"this is no JSON that can be read: {error}") from error
    return load_records(_find_records(data), source, limits, notes)


def load_json_lines(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Load the articles of a file with one JSON object a line. Skip lines that are not, unless all are.

    Raises:
        ArticleUnreadable: no line is an object, or none has a text.
    """
    records: list[Record] = []
    first_error = ""
    text, notes = decode_with_notes(content)
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            first_error = first_error or f"line {number} is no JSON ({str(error) or 'it is nested too deeply'})"
            continue
        if isinstance(record, dict):
            records.append(record)
        else:
            first_error = first_error or f"line {number} is no JSON object"
    if not records:
        raise ArticleUnreadable(first_error)
    return load_records(records, source, limits, notes)


def _find_records(data: Any) -> list[Record]:
    """Find the records in a JSON value, breadth first."""
    if isinstance(data, dict) and any(
        fields.normalize(name) in fields.TEXT and _to_text(value) for name, value in data.items()
    ):
        return [data]
    pending = deque([(data, 0)])
    while pending:
        value, depth = pending.popleft()
        if isinstance(value, list) and any(isinstance(item, dict) and fields.has_text_field(item) for item in value):
            return [item if isinstance(item, dict) else {} for item in value]
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            pending.extend((item, depth + 1) for item in value.values() if isinstance(item, dict | list))
    if isinstance(data, dict):
        return [data]
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def load_records(records: Iterable[Record], source: str, limits: Limits, notes: tuple[str, ...] = ()) -> list[Draft]:
    """Load the articles of records. Those without a text are left out, unless all are.

    Args:
        notes: on how the file was decoded, for the articles that it may have made wrong.

    Raises:
        ArticleUnreadable: there are too many, or none has a text.
    """
    drafts: list[Draft] = []
    seen: Counter[str] = Counter()
    columns: dict[str, None] = {}
    for number, record in enumerate(records, start=1):
        if number > limits.articles:
            raise too_many(limits)
        columns.update(dict.fromkeys(str(name) for name in record))
        values = {fields.normalize(name): value for name, value in reversed([*record.items()])}
        text = _article_text(values)
        if text:
            draft = _load_record(values, text, source, number, seen)
            is_ascii = text.isascii() and draft.title.isascii()
            drafts.append(draft if is_ascii else replace(draft, notes=notes))
    if not drafts and not fields.has_text_field(columns):
        raise _no_text_field(columns)
    if not drafts:
        raise ArticleUnreadable("no text was found in it")
    return drafts


def _load_record(values: Record, text: str, source: str, number: int, seen: Counter[str]) -> Draft:
    url = _first(values, fields.URL)
    is_url = re.match(r"https?://\S+$", url, re.I) is not None
    # Never the URL alone: else a file could replace a page that was fetched.
    name = f"{source}#{url if is_url else _first(values, fields.ID) or number}"
    language = re.match(r"([a-z]{2})(?:[-_]|$)", _first(values, fields.LANGUAGE).lower())
    title = _first(values, fields.TITLE)
    return Draft(
        unique_source(name, seen),
        title_or_name(html_to_text(title)[0] if is_html(title) else unescape(title), name),
        _date(values),
        text,
        author=_first(values, fields.AUTHOR) or None,
        site=_first(values, fields.SITE) or (urlsplit(url).hostname if is_url else None),
        language=language[1] if language else None,
        tags=tuple(dict.fromkeys(_split_tags(next((values[name] for name in fields.TAGS if values.get(name)), None)))),
    )


def _date(values: Record) -> str | None:
    """Return the first date among the fields for one. An object is none, as in `"data": {…}`."""
    dates = (values[name] for name in fields.DATE if isinstance(values.get(name), str | int | float))
    return next((day for date in dates if (day := parse_date(date))), None)


def _article_text(values: Record) -> str:
    for name in (*fields.TEXT, *fields.WEAK_TEXT):
        text = _to_text(values.get(name), separator="\n\n").strip()
        if text:
            return html_to_text(text)[0] if is_html(text) else text
    return ""


def _first(values: Record, names: Iterable[str]) -> str:
    """Return the first of these fields that has a value, on one line."""
    return next((text for name in names if (text := " ".join(_to_text(values.get(name)).split()))), "")


def _to_text(value: Any, separator: str = ", ", depth: int = 0) -> str:
    """Convert a value to text: all items of a list, and the field of an object that holds its value."""
    if isinstance(value, str):
        return remove_control_characters(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and depth < _MAX_DEPTH:
        return separator.join(text for item in value if (text := _to_text(item, separator, depth + 1)))
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        return next((text for name in _NESTED if (text := _to_text(value.get(name), separator, depth + 1))), "")
    return ""


def _split_tags(value: Any) -> list[str]:
    values = value if isinstance(value, list) else re.split(r"[,;|]", _to_text(value))
    return [text for item in values if (text := " ".join(_to_text(item).split()))]


def _no_text_field(names: Iterable[str]) -> NoArticles:
    columns = ", ".join(remove_control_characters(str(name)) for name in [*names][:_MAX_NAMES])
    found = columns[:_MAX_NAME_CHARACTERS] or "nothing"
    return NoArticles(f"no column holds a text: found {found}; it is looked for as text, body, content and the like")


def too_many(limits: Limits) -> ArticleUnreadable:
    """Return the error that a file holds more articles than the limit."""
    return ArticleUnreadable(f"it holds more than {limits.articles:,} articles, which is the limit: split it")
