"""Records: JSON, JSON Lines and CSV, with one article in each record that has a text."""

import csv
import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

from qa.sources.formats.dates import parse_date
from qa.sources.formats.decoding import decode
from qa.sources.formats.draft import Draft, title_or_name, unique_source
from qa.sources.formats.html_text import html_to_text, is_html, remove_control_characters
from qa.sources.formats.limits import Limits
from qa.types.errors import ArticleUnreadable, NoArticles

Record = Mapping[str, Any]

# Names of fields, the best first, without capitals, spaces, "_" and "-".
_TEXT = ("text", "body", "content", "article", "fulltext", "maintext", "articlebody", "contenttext", "contenthtml", "story")
_WEAK_TEXT = ("message", "description")  # also used for what is not an article
_TITLE = ("title", "headline", "name", "subject")
_DATE = ("date", "published", "publishedat", "publicationdate", "pubdate", "datepublished", "createdat", "timestamp")
_URL = ("url", "link", "href", "sourceurl", "permalink")
_AUTHOR = ("author", "authors", "byline")
_LANGUAGE = ("language", "lang")
_TAGS = ("tags", "keywords", "categories")
_SITE = ("site", "publisher", "source", "outlet")
_ID = ("id", "uid", "guid", "key")
_NESTED = ("name", "rendered", "value", "text", "#text", "title")  # which field of a nested object holds its value
_DELIMITERS = (",", ";", "\t", "|")
_MAX_DEPTH = 6  # of objects in which a list of articles is looked for
_MAX_NAMES, _MAX_NAME_CHARACTERS = 12, 300  # of columns named in an error


def load_json(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Load the articles of a JSON file: one object, a list of objects, or the first such list inside an object.

    Raises:
        ArticleUnreadable: it is not JSON, or no object has a text.
    """
    text = decode(content).removeprefix("\ufeff")
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise ArticleUnreadable("its objects are nested too deeply") from error
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # JSON Lines, whatever the file is called
            return load_json_lines(content, source, limits)
        raise ArticleUnreadable(f"this is no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise ArticleUnreadable(f"this is no JSON that can be read: {error}") from error
    return _load(_find_records(data), source, limits)


def load_json_lines(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Load the articles of a file with one JSON object a line. Skip lines that are not, unless all are.

    Raises:
        ArticleUnreadable: no line is an object, or none has a text.
    """
    records: list[Record] = []
    first_error = ""
    for number, line in enumerate(decode(content).removeprefix("\ufeff").split("\n"), start=1):
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
    return _load(records, source, limits)


def load_csv(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Load the articles of a table. Its first row names the columns, separated by comma, semicolon, tab or bar.

    Raises:
        ArticleUnreadable: no column has the name of a text, or the table cannot be parsed.
    """
    text = decode(content).removeprefix("\ufeff").lstrip("\r\n").replace("\0", "")
    previous_limit = csv.field_size_limit(limits.text_characters)
    try:
        rows = csv.reader(StringIO(text, newline=""), delimiter=_detect_delimiter(text))
        header = next(rows)
        records = []
        for row in rows:
            records.append(dict(reversed([*zip(header, row, strict=False)])))  # the first of two columns with the same name
            if len(records) > limits.articles:
                raise _too_many(limits)
    except csv.Error as error:
        raise ArticleUnreadable(f"the table cannot be read ({error})") from error
    finally:
        csv.field_size_limit(previous_limit)
    if not _has_text_field(header):
        raise _no_text_field(header)
    return _load(records, source, limits)


def _detect_delimiter(text: str) -> str:
    """Return the delimiter that makes one column a text, or else the one that makes most columns.

    The names of columns say more than `csv.Sniffer` can guess from articles full of commas.
    """
    headers = {mark: next(csv.reader(StringIO(text, newline=""), delimiter=mark), []) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: (_has_text_field(headers[mark]), len(headers[mark])))


def _find_records(data: Any) -> list[Record]:
    """Find the records in a JSON value, breadth first."""
    if isinstance(data, dict) and any(_normalize(name) in _TEXT and _to_text(value) for name, value in data.items()):
        return [data]
    pending = deque([(data, 0)])
    while pending:
        value, depth = pending.popleft()
        if isinstance(value, list) and any(isinstance(item, dict) and _has_text_field(item) for item in value):
            return [item if isinstance(item, dict) else {} for item in value]
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            pending.extend((item, depth + 1) for item in value.values() if isinstance(item, dict | list))
    if isinstance(data, dict):
        return [data]
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _load(records: Iterable[Record], source: str, limits: Limits) -> list[Draft]:
    drafts: list[Draft] = []
    seen: Counter[str] = Counter()
    columns: dict[str, None] = {}
    for number, record in enumerate(records, start=1):
        if number > limits.articles:
            raise _too_many(limits)
        columns.update(dict.fromkeys(str(name) for name in record))
        fields = {_normalize(name): value for name, value in reversed([*record.items()])}
        text = _article_text(fields)
        if text:
            drafts.append(_load_record(fields, text, source, number, seen))
    if not drafts and not _has_text_field(columns):
        raise _no_text_field(columns)
    if not drafts:
        raise ArticleUnreadable("no text was found in it")
    return drafts


def _load_record(fields: Record, text: str, source: str, number: int, seen: Counter[str]) -> Draft:
    url = _first(fields, _URL)
    is_url = re.match(r"https?://\S+$", url, re.I) is not None
    # Never the URL alone: else a file could replace a page that was fetched.
    name = f"{source}#{url if is_url else _first(fields, _ID) or number}"
    language = re.match(r"([a-z]{2})(?:[-_]|$)", _first(fields, _LANGUAGE).lower())
    title = _first(fields, _TITLE)
    return Draft(
        unique_source(name, seen),
        title_or_name(html_to_text(title)[0] if is_html(title) else unescape(title), name),
        next((day for field in _DATE if (day := parse_date(fields.get(field)))), None),
        text,
        author=_first(fields, _AUTHOR) or None,
        site=_first(fields, _SITE) or (urlsplit(url).hostname if is_url else None),
        language=language[1] if language else None,
        tags=tuple(dict.fromkeys(_split_tags(next((fields[field] for field in _TAGS if fields.get(field)), None)))),
    )


def _article_text(fields: Record) -> str:
    for field in (*_TEXT, *_WEAK_TEXT):
        text = _to_text(fields.get(field), separator="\n\n").strip()
        if text:
            return html_to_text(text)[0] if is_html(text) else text
    return ""


def _first(fields: Record, names: Iterable[str]) -> str:
    """Return the first of these fields that has a value, on one line."""
    return next((text for name in names if (text := " ".join(_to_text(fields.get(name)).split()))), "")


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


def _normalize(name: object) -> str:
    return re.sub(r"[\s_-]", "", str(name)).lower()


def _has_text_field(names: Iterable[str]) -> bool:
    return any(_normalize(name) in (*_TEXT, *_WEAK_TEXT) for name in names)


def _no_text_field(names: Iterable[str]) -> NoArticles:
    columns = ", ".join(remove_control_characters(str(name)) for name in [*names][:_MAX_NAMES])
    found = columns[:_MAX_NAME_CHARACTERS] or "nothing"
    return NoArticles(f"no column holds a text: found {found}; it is looked for as text, body, content and the like")


def _too_many(limits: Limits) -> ArticleUnreadable:
    return ArticleUnreadable(f"it holds more than {limits.articles:,} articles, which is the limit: split it")
