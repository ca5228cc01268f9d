"""Filter: which articles a question is asked of, by date, source, author, language, folder and tag."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from embeddings.index.flat_index import Ids
from qa.library.snapshot import Snapshot
from qa.types.articles import Reference
from qa.types.errors import QuestionUnusable
from qa.types.filter_options import DESCRIPTIONS, Only

_LONGEST = 1_000  # characters of a value
_MOST_TAGS = 100
_MOST_CACHED = 16  # filters, each with up to 8 bytes a passage
_TEXT_FIELDS = tuple(name for name in DESCRIPTIONS if name != "tag")
_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?(?![0-9-])")


@dataclass(frozen=True, slots=True)
class Filter:
    """What an article must be for its passages to be searched. A field that is None or empty asks for nothing.

    Case and accents make no difference. An article that lacks a field does not match a filter on that field.

    Raises:
        QuestionUnusable: a field holds a value that cannot be searched for. The message names the field.
    """

    after: str | None = None  # the first day in ISO 8601, or a month or year, which starts on its first day
    before: str | None = None  # the last day, or a month or year, which ends on its last day
    source: str | None = None  # a part of the path, address or site's name, or a pattern of the path's end: "2004/*.pdf"
    author: str | None = None  # words, in any order, that words of the name begin with
    language: str | None = None  # ISO 639-1
    folder: str | None = None  # a folder around the file: its whole path, or consecutive names in the file's path
    tags: tuple[str, ...] = ()  # the article must have all of them

    def __post_init__(self) -> None:
        for name in _TEXT_FIELDS:
            object.__setattr__(self, name, _validate(name, getattr(self, name)))
        if not isinstance(self.tags, (tuple, list)) or len(self.tags) > _MOST_TAGS:
            raise QuestionUnusable(f"tags must be a list of {_MOST_TAGS} words at most, not {self.tags!r:.100}.")
        tags = (_validate("tags", tag) for tag in self.tags)
        object.__setattr__(self, "tags", tuple(dict.fromkeys(tag for tag in tags if tag)))
        if self.after and self.before and days(self.after)[0] > days(self.before)[1]:
            raise QuestionUnusable(f"after is {self.after}, which is later than before, {self.before}: no day is both.")

    def __bool__(self) -> bool:
        """Whether the filter asks for anything."""
        return self != _EVERYTHING

    def matches(self, article: Reference) -> bool:
        """Whether an article has everything that the filter asks for."""
        return (
            _is_published_between(self.after, self.before, article.published)
            and (self.source is None or _is_from(self.source, article))
            and (self.author is None or _is_by(self.author, article.author or ""))
            and (self.language is None or _fold(self.language) == _fold(article.language or ""))
            and (self.folder is None or _is_in(self.folder, article.source))
            and {*map(_fold, self.tags)} <= {*map(_fold, article.tags)}
        )

    @classmethod
    def of(cls, only: Only) -> "Filter":
        """Build the filter that keyword arguments ask for.

        Raises:
            TypeError: there is no such filter.
            QuestionUnusable: as for `Filter`.
        """
        if unknown := only.keys() - DESCRIPTIONS.keys():
            raise TypeError(f"no such filter: {', '.join(sorted(unknown))}")
        fields: dict[str, Any] = {name: only.get(name) for name in _TEXT_FIELDS}
        tag = only.get("tag") or ()
        return cls(**fields, tags=(tag,) if isinstance(tag, str) or not isinstance(tag, Iterable) else tuple(tag))

    def to_only(self) -> dict[str, Any]:
        """Return the keyword arguments that ask for this, as `of` takes them and JSON can hold them."""
        fields = {name: value for name in _TEXT_FIELDS if (value := getattr(self, name))}
        return {**fields, "tag": list(self.tags)} if self.tags else fields


class FilterCache:
    """The passages that filters match, computed once for each generation of a library. Threads may share a cache."""

    def __init__(self) -> None:
        self._ids: dict[tuple[int, Filter], Ids] = {}

    def passage_ids(self, wanted: Filter, snapshot: Snapshot) -> Ids:
        """Return the ids, ascending, of the passages of all articles that match a filter."""
        ids, key = self._ids, (snapshot.generation, wanted)
        if key not in ids:
            matching = [article.id for article in snapshot.references() if wanted.matches(article)]
            recent = {other: ids[other] for other in list(ids)[-_MOST_CACHED + 1 :] if other[0] == snapshot.generation}
            # A new dict takes the old one's place, since other threads may be reading that.
            self._ids = ids = {**recent, key: snapshot.passage_ids_of(matching)}
        return ids[key]

    def narrows(self, wanted: Filter, snapshot: Snapshot) -> bool:
        """Return whether some passages match a filter, and not all."""
        return 0 < len(self.passage_ids(wanted, snapshot)) < snapshot.count()[1]


def _validate(name: str, value: object) -> str | None:
    """Return a field's value without white space at its ends, or None for an empty one."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise QuestionUnusable(f"{name} must be text, not {type(value).__name__}.")
    value = value.strip()
    if len(value) > _LONGEST:
        raise QuestionUnusable(f"{name} has {len(value):,} characters; the limit is {_LONGEST:,}.")
    if value and name in ("after", "before"):
        try:
            days(value)
        except ValueError:
            raise QuestionUnusable(f"{name} must be a date such as 2004-10-31, 2004-10 or 2004, not {value!r:.100}.") from None
    if value and name == "language" and not re.fullmatch(r"[A-Za-z]{2}", value):
        raise QuestionUnusable(f"language must be a code of two letters such as en or de, not {value!r:.100}.")
    if value and name == "author" and not re.search(r"\w", value):
        raise QuestionUnusable(f"author holds no word to look for: {value!r:.100}.")
    return value or None


@lru_cache(10_000)
def days(text: str) -> tuple[date, date]:
    """Return the first and the last day of a date, month or year.

    Raises:
        ValueError: there is no such day.
    """
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    year, *rest = map(int, text.split("-"))
    if len(rest) == 2:
        return date(year, *rest), date(year, *rest)
    first_month, last_month = (rest[0], rest[0]) if rest else (1, 12)
    return date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1])


def _is_published_between(after: str | None, before: str | None, published: str | None) -> bool:
    """Whether every day that an article may be from lies within the bounds, each day as its own time zone counts it."""
    if after is None and before is None:
        return True
    match = _ISO.match(published or "")
    try:
        first, last = days(match.group() if match else "")
    except ValueError:
        return False
    return (after is None or first >= days(after)[0]) and (before is None or last <= days(before)[1])


def _is_from(wanted: str, article: Reference) -> bool:
    wanted, path = _fold_path(wanted), _fold_path(article.source)
    if wanted in path or wanted in _fold(article.site or ""):
        return True
    return fnmatchcase(path, wanted) or fnmatchcase(path, f"*/{wanted}")


def _is_by(wanted: str, author: str) -> bool:
    words = re.findall(r"\w+", _fold(author))
    return all(any(word.startswith(prefix) for word in words) for prefix in re.findall(r"\w+", _fold(wanted)))


def _is_in(folder: str, source: str) -> bool:
    parent = f"{_fold_path(source).rpartition('/')[0]}/"
    wanted = _fold_path(folder).removeprefix("./").rstrip("/")
    if _fold_path(folder).startswith("/") or ":" in wanted:  # a path from the root, a drive or an address
        return parent.startswith(f"{wanted}/")
    return f"/{wanted}/" in f"/{parent}"  # the source of an upload begins with a name


def _fold_path(path: str) -> str:
    return _fold(path).replace("\\", "/")


def _fold(text: str) -> str:
    """Return a text in lower case and without accents, composed or decomposed."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


_EVERYTHING = Filter()
