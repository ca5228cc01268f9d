"""Records of articles: JSON, JSON Lines and tables in CSV, one article a record that has a text."""

import csv
import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

from qa.sources.formats.dates import publication_date
from qa.sources.formats.decoding import decode
from qa.sources.formats.draft import Draft, title_or_name, unique_source
from qa.sources.formats.limits import Limits
from qa.sources.formats.visible import clean, is_html, visible_text
from qa.types.errors import ArticleUnreadable, NoArticles

Record = Mapping[str, Any]

# Names of fields, the best first, without capitals, spaces, "_" and "-".
_TEXT = ("text", "body", "content", "article", "fulltext", "maintext", "articlebody", "contenttext", "contenthtml", "story")
_WEAK_TEXT = ("message", "description")  # also said of what is no article
_TITLE = ("title", "headline", "name", "subject")
_DATE = ("date", "published", "publishedat", "publicationdate", "pubdate", "datepublished", "createdat", "timestamp")
_URL = ("url", "link", "href", "sourceurl", "permalink")
_AUTHOR = ("author", "authors", "byline")
_LANGUAGE = ("language", "lang")
_TAGS = ("tags", "keywords", "categories")
_SITE = ("site", "publisher", "source", "outlet")
_ID = ("id", "uid", "guid", "key")
_INNER = ("name", "rendered", "value", "text", "#text", "title")  # where a nested object holds what it is about
_DELIMITERS = (",", ";", "\t", "|")
_DEEP = 6  # objects inside objects in which a list of articles is looked for
_SECONDS, _MILLISECONDS = (1e8, 1e11), (1e11, 1e14)  # since 1970: from 1973 on
_NUMBER = re.compile(r"\d{9,14}(?:\.\d+)?")
_CLOCK = re.compile(r"\d:\d\d")


def load_json(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """The articles of a JSON file: an object, a list of them, or the first list of them inside an object.

    Raises:
        ArticleUnreadable: it is no JSON, or no object in it has a text.
    """
    text = decode(content).removeprefix("\ufeff")
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise ArticleUnreadable("its objects are nested too deeply") from error
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":  # one object a line, whatever the file's name says
            return load_json_lines(content, source, limits)
        raise ArticleUnreadable(f"this is no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise ArticleUnreadable(f"this is no JSON that can be read: {error}") from error
    return _drafts(_records(found), source, limits)


def load_json_lines(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """The articles of a file with a JSON object a line; lines that are none are passed over where others are.

    Raises:
        ArticleUnreadable: no line is an object, or none has a text.
    """
    records: list[Record] = []
    first_bad = ""
    for number, line in enumerate(decode(content).removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            first_bad = first_bad or f"line {number} is no JSON ({str(error) or 'it is nested too deeply'})"
            continue
        if isinstance(record, dict):
            records.append(record)
        else:
            first_bad = first_bad or f"line {number} is no JSON object"
    if not records:
        raise ArticleUnreadable(first_bad)
    return _drafts(records, source, limits)


def load_csv(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """The articles of a table whose first row names its columns, these apart by comma, semicolon, tab or bar.

    Raises:
        ArticleUnreadable: no column has the name of a text, or the table cannot be read.
    """
    text = decode(content).removeprefix("\ufeff").lstrip("\r\n").replace("\0", "")
    before = csv.field_size_limit(limits.text_characters)
    try:
        rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
        header = next(rows)
        records = []
        for row in rows:
            records.append(dict(reversed([*zip(header, row, strict=False)])))  # of two columns of a name the first
            if len(records) > limits.articles:
                raise _too_many(limits)
    except csv.Error as error:
        raise ArticleUnreadable(f"the table cannot be read ({error})") from error
    finally:
        csv.field_size_limit(before)
    if not _has_text_field(header):
        raise _no_text_field(header)
    return _drafts(records, source, limits)


def iso_date(value: object) -> str | None:
    """A date in ISO 8601, from that, seconds or milliseconds since 1970, a mail's date, or a date written out in English."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    try:
        if _NUMBER.fullmatch(text):
            return _since_1970(float(text))
        return _iso(text)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        if _CLOCK.search(text):
            return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    return publication_date(text[:200], ())


def _iso(text: str) -> str:
    if re.fullmatch(r"\d{4}-?\d\d-?\d\d", text):
        return date.fromisoformat(text).isoformat()
    return datetime.fromisoformat(text).isoformat()


def _since_1970(number: float) -> str | None:
    for (low, high), unit in ((_SECONDS, 1), (_MILLISECONDS, 1000)):
        if low <= number < high:
            return datetime.fromtimestamp(number / unit, UTC).isoformat(timespec="seconds")
    return None


def _delimiter(text: str) -> str:
    """What the columns are apart by: what makes one of them a text, or else what makes most of them.

    The names say more than `csv.Sniffer` can guess from articles full of commas.
    """
    headers = {each: next(csv.reader(StringIO(text, newline=""), delimiter=each), []) for each in _DELIMITERS}
    return max(_DELIMITERS, key=lambda each: (_has_text_field(headers[each]), len(headers[each])))


def _records(found: Any) -> list[Record]:
    if isinstance(found, dict) and any(_plain(name) in _TEXT and _text(value) for name, value in found.items()):
        return [found]
    waiting = deque([(found, 0)])
    while waiting:
        value, depth = waiting.popleft()
        if isinstance(value, list) and any(isinstance(each, dict) and _has_text_field(each) for each in value):
            return [each if isinstance(each, dict) else {} for each in value]
        if isinstance(value, dict) and depth < _DEEP:
            waiting.extend((each, depth + 1) for each in value.values() if isinstance(each, dict | list))
    if isinstance(found, dict):
        return [found]
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _drafts(records: Iterable[Record], source: str, limits: Limits) -> list[Draft]:
    drafts: list[Draft] = []
    seen: Counter[str] = Counter()
    columns: dict[str, None] = {}
    for number, record in enumerate(records, start=1):
        if number > limits.articles:
            raise _too_many(limits)
        columns.update(dict.fromkeys(str(name) for name in record))
        fields = {_plain(name): value for name, value in reversed([*record.items()])}
        text = _article(fields)
        if text:
            drafts.append(_draft(fields, text, source, number, seen))
    if not drafts and not _has_text_field(columns):
        raise _no_text_field(columns)
    if not drafts:
        raise ArticleUnreadable("no text was found in it")
    return drafts


def _draft(fields: Record, text: str, source: str, number: int, seen: Counter[str]) -> Draft:
    url = _first(fields, _URL)
    is_url = re.match(r"https?://\S+$", url, re.I) is not None
    # never the address alone: a file could take the place of a page that was fetched
    name = f"{source}#{url if is_url else _first(fields, _ID) or number}"
    language = re.match(r"([a-z]{2})(?:[-_]|$)", _first(fields, _LANGUAGE).lower())
    title = _first(fields, _TITLE)
    return Draft(
        unique_source(name, seen),
        title_or_name(visible_text(title)[0] if is_html(title) else unescape(title), name),
        next((found for each in _DATE if (found := iso_date(fields.get(each)))), None),
        text,
        author=_first(fields, _AUTHOR) or None,
        site=_first(fields, _SITE) or (urlsplit(url).hostname if is_url else None),
        language=language[1] if language else None,
        tags=tuple(dict.fromkeys(_tags(next((fields[each] for each in _TAGS if fields.get(each)), None)))),
    )


def _article(fields: Record) -> str:
    for each in (*_TEXT, *_WEAK_TEXT):
        text = _text(fields.get(each), between="\n\n").strip()
        if text:
            return visible_text(text)[0] if is_html(text) else text
    return ""


def _first(fields: Record, names: Iterable[str]) -> str:
    """The first of some fields that says something, on one line."""
    return next((text for each in names if (text := " ".join(_text(fields.get(each)).split()))), "")


def _text(value: Any, between: str = ", ", depth: int = 0) -> str:
    """A value as text: of a list all, of an object what it is about."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and depth < _DEEP:
        return between.join(text for each in value if (text := _text(each, between, depth + 1)))
    if isinstance(value, dict) and depth < _DEEP:
        return next((text for each in _INNER if (text := _text(value.get(each), between, depth + 1))), "")
    return ""


def _tags(value: Any) -> list[str]:
    values = value if isinstance(value, list) else re.split(r"[,;|]", _text(value))
    return [text for each in values if (text := " ".join(_text(each).split()))]


def _plain(name: object) -> str:
    return re.sub(r"[\s_-]", "", str(name)).lower()


def _has_text_field(names: Iterable[str]) -> bool:
    return any(_plain(name) in (*_TEXT, *_WEAK_TEXT) for name in names)


def _no_text_field(names: Iterable[str]) -> NoArticles:
    found = ", ".join(clean(str(name)) for name in [*names][:12])[:300] or "nothing"
    return NoArticles(f"no column holds a text: found {found}; it is looked for as text, body, content and the like")


def _too_many(limits: Limits) -> ArticleUnreadable:
    return ArticleUnreadable(f"it holds more than {limits.articles:,} articles, which is the limit: split it")
