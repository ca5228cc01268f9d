"""Filter: of which articles a question is asked, by date, source, author, language, folder and tag."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, TypedDict

from embeddings.index.flat_index import Ids
from qa.types.articles import Reference
from qa.types.errors import QuestionUnusable

_LONGEST = 1_000  # characters of a value
_MOST_TAGS = 100
_MOST_KEPT = 16  # filters, each with up to 8 bytes a passage
_WAYS = {
    "after": "from {} on",
    "before": "up to {}",
    "source": "from {}",
    "author": "by {}",
    "language": "in {}",
    "folder": "in {}",
}
_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?(?![0-9-])")


class Only(TypedDict, total=False):
    """What articles must be, as `ask` and `search` take it; see `Filter`."""

    after: str | None
    before: str | None
    source: str | None
    author: str | None
    language: str | None
    folder: str | None
    tag: str | Sequence[str] | None  # one or several, all of which they must have


@dataclass(frozen=True, slots=True)
class Filter:
    """What an article must be for its passages to be searched; what is None or empty asks for nothing.

    Upper and lower case and accents make no difference anywhere. An article that does not say something does not match a
    filter that asks for it.

    Raises:
        QuestionUnusable: a field holds what cannot be looked for; the message names it.
    """

    after: str | None = None  # the first day, in ISO 8601, or the month or year that begins with it: 2004-10-31, 2004-10, 2004
    before: str | None = None  # the last day, or the month or year that ends with it
    source: str | None = None  # a part of the path, address or site's name, or a pattern with * and ? of its end: "2004/*.pdf"
    author: str | None = None  # words that those of the name begin with, in any order
    language: str | None = None  # ISO 639-1
    folder: str | None = None  # that the file is anywhere in: the whole path, or names that follow each other in it
    tags: tuple[str, ...] = ()  # all of which it must have

    def __post_init__(self) -> None:
        for name in ("after", "before", "source", "author", "language", "folder"):
            object.__setattr__(self, name, _usable(name, getattr(self, name)))
        if not isinstance(self.tags, (tuple, list)) or len(self.tags) > _MOST_TAGS:
            raise QuestionUnusable(f"tags must be a list of {_MOST_TAGS} words at most, not {self.tags!r:.100}.")
        tags = (_usable("tags", tag) for tag in self.tags)
        object.__setattr__(self, "tags", tuple(dict.fromkeys(tag for tag in tags if tag)))
        if self.after and self.before and days(self.after)[0] > days(self.before)[1]:
            raise QuestionUnusable(f"after is {self.after}, which is later than before, {self.before}: no day is both.")

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return self != _EVERYTHING

    def matches(self, article: Reference) -> bool:
        """Whether an article is all that is asked for."""
        return (
            _is_from(self.after, self.before, article.published)
            and (self.source is None or _is_of(self.source, article))
            and (self.author is None or _is_by(self.author, article.author or ""))
            and (self.language is None or _plain(self.language) == _plain(article.language or ""))
            and (self.folder is None or _is_in(self.folder, article.source))
            and {*map(_plain, self.tags)} <= {*map(_plain, article.tags)}
        )

    @classmethod
    def of(cls, only: Only) -> "Filter":
        """The filter that keyword arguments ask for; a tag may be one word or several."""
        tags = only.get("tag") or ()
        rest = {name: value for name, value in only.items() if name != "tag"}
        if unknown := rest.keys() - Only.__optional_keys__:
            raise TypeError(f"no such filter: {', '.join(sorted(unknown))}")
        return cls(**rest, tags=(tags,) if isinstance(tags, str) else tuple(tags))  # type: ignore[arg-type]

    def said(self) -> dict[str, Any]:
        """What is asked for, as `of` takes it and JSON holds it."""
        found = {name: getattr(self, name) for name in ("after", "before", "source", "author", "language", "folder")}
        return {name: value for name, value in found.items() if value} | ({"tag": list(self.tags)} if self.tags else {})


class Chosen:
    """The passages that filters let through, worked out once for each generation of a library; threads may share it."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, Filter], Ids] = {}

    def passages(
        self,
        wanted: Filter,
        generation: int,
        articles: Callable[[], Iterable[Reference]],
        passages_of: Callable[[list[str]], Ids],
    ) -> Ids:
        """The ids, ascending, of the passages of all articles that match.

        Args:
            wanted: what they must match.
            generation: of the library.
            articles: gives all of its articles.
            passages_of: the ids, ascending, of the passages of some articles by theirs.
        """
        kept = self._kept
        if (generation, wanted) not in kept:
            found = passages_of([article.id for article in articles() if wanted.matches(article)])
            # Put in the old one's place as a whole, since other threads may be looking into that.
            same = {key: ids for key, ids in list(kept.items())[-_MOST_KEPT + 1 :] if key[0] == generation}
            self._kept = kept = {**same, (generation, wanted): found}
        return kept[generation, wanted]


def _usable(name: str, value: object) -> str | None:
    """A field's value with its ends trimmed, None for an empty one."""
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
    """The first and the last day of a date, month or year.

    Raises:
        ValueError: there is no such day.
    """
    if not _ISO.fullmatch(text):
        raise ValueError(text)
    year, *rest = map(int, text.split("-"))
    month, last_month = (rest[0], rest[0]) if rest else (1, 12)
    if len(rest) == 2:
        return date(year, *rest), date(year, *rest)
    return date(year, month, 1), date(year, last_month, monthrange(year, last_month)[1])


def _is_from(after: str | None, before: str | None, published: str | None) -> bool:
    """Whether all days that an article may be from lie within the bounds; its own time zone says which day it was."""
    if after is None and before is None:
        return True
    match = _ISO.match(published or "")
    try:
        first, last = days(match.group() if match else "")
    except ValueError:
        return False
    return (after is None or first >= days(after)[0]) and (before is None or last <= days(before)[1])


def _is_of(wanted: str, article: Reference) -> bool:
    wanted, place = _place(wanted), _place(article.source)
    if wanted in place or wanted in _plain(article.site or ""):
        return True
    return fnmatchcase(place, wanted) or fnmatchcase(place, f"*/{wanted}")


def _is_by(wanted: str, author: str) -> bool:
    words = re.findall(r"\w+", _plain(author))
    return all(any(word.startswith(begins) for word in words) for begins in re.findall(r"\w+", _plain(wanted)))


def _is_in(folder: str, source: str) -> bool:
    inside = f"{_place(source).rpartition('/')[0]}/"
    wanted = _place(folder).removeprefix("./").rstrip("/")
    if _place(folder).startswith("/") or ":" in wanted:  # a drive's or an address's
        return inside.startswith(f"{wanted}/")
    return f"/{wanted}/" in f"/{inside}"  # an upload's begins with a name


def _place(path: str) -> str:
    return _plain(path).replace("\\", "/")


def _plain(text: str) -> str:
    """A text in lower case and without accents, however the two are encoded."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


_EVERYTHING = Filter()
