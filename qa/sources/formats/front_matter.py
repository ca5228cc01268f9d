"""Front matter: what a Markdown file says of itself above its text."""

import re
from dataclasses import dataclass
from typing import Any

from qa.sources.formats.dates import publication_date

_BLOCK = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S)
_FIELD = re.compile(r"^(\w[\w-]*)\s*:\s*[\"']?(.+?)[\"']?\s*$", re.M)
_LONGEST = 20_000  # characters of a block that is parsed
_MOST_TAGS = 100


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What was said, and where it ends in the text."""

    end: int = 0
    title: str | None = None
    published: str | None = None
    author: str | None = None
    site: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()


def front_matter(text: str) -> FrontMatter:
    """Read the block of YAML at the top, where there is one; of one that is no YAML, its plain lines."""
    block = _BLOCK.match(text)
    if block is None:
        return FrontMatter()
    fields = _fields(block.group(1))

    def said(*names: str) -> list[str]:
        values: Any = next((fields[name] for name in names if fields.get(name) not in (None, "", [])), [])
        listed = values if isinstance(values, list) else [values]
        return [
            " ".join(str(each).split()) for each in listed if isinstance(each, str | int | float) or hasattr(each, "isoformat")
        ]

    tags = said("tags", "tag", "keywords", "categories", "category")
    if len(tags) == 1:
        tags = [tag.strip() for tag in re.split(r"[,;]", tags[0])]
    language = next(iter(said("language", "lang", "locale")), "")[:2].lower()
    dates = [publication_date(day, ()) for day in said("date", "published", "publishdate", "pubdate", "created")]
    return FrontMatter(
        block.end(),
        next(iter(said("title")), None),
        next(iter(dates), None),
        ", ".join(said("author", "authors", "by")) or None,
        next(iter(said("site", "publisher", "publication", "source")), None),
        language if re.fullmatch("[a-z]{2}", language) else None,
        tuple(dict.fromkeys(tag for tag in tags if tag))[:_MOST_TAGS],
    )


def _fields(block: str) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(block) if len(block) <= _LONGEST else None
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: such as a date with a 13th month
        found = None
    if not isinstance(found, dict):
        found = dict(_FIELD.findall(block))
    return {str(name).lower(): value for name, value in found.items()}
