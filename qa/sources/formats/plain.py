"""Plain text and Markdown: the text as decoded, its title and date, and the lines in it that are not prose."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qa.sources.formats import boilerplate
from qa.sources.formats.dates import publication_date
from qa.sources.formats.decoding import decode_with_notes
from qa.sources.formats.draft import DATE_LINE, FIRST_LINES, FRONT_MATTER, HEADING, Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.text.language import identify_language
from qa.types.articles import Provenance, SetAside

_MAX_TITLE = 200  # characters
_HEADING = re.compile(r"^ {0,3}#{1,2}[ \t]+(.+?)[ \t#]*\r?$", re.M)
_IMAGE_LINE = re.compile(r"^[ \t]*!\[[^\]\n]*\]\([^)\n]*\)[ \t]*\r?$", re.M)
_LINK_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]+\S+.*$", re.M)

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S)
_FIELD = re.compile(r"^(\w[\w-]*)\s*:\s*[\"']?(.+?)[\"']?\s*$", re.M)
_MAX_FRONT_MATTER = 20_000  # characters that are parsed as YAML
_MAX_TAGS = 100


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a Markdown file says about itself above its text."""

    end: int = 0  # offset in the text
    title: str | None = None
    published: str | None = None
    author: str | None = None
    site: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()


def load_text(content: bytes, source: str, limits: Limits, charset: str | None = None) -> list[Draft]:
    """Load a text file as a draft, its text unchanged. The charset comes from the server."""
    text, notes = decode_with_notes(content, charset)
    set_aside = boilerplate.find(text)
    title, above_title = _find_title(text, set_aside)
    set_aside = sorted([*set_aside, *above_title], key=lambda place: place.start)
    published = publication_date(text, set_aside, identify_language(text))
    provenance = Provenance(FIRST_LINES if title else None, None, DATE_LINE if published else None)
    title = title_or_name(title, source)
    return [Draft(source, title, published, text, tuple(set_aside), notes=notes, provenance=provenance)]


def load_markdown(content: bytes, source: str, limits: Limits, charset: str | None = None) -> list[Draft]:
    """Load a Markdown file as a draft, with its markup. Front matter is read, and set aside."""
    text, notes = decode_with_notes(content, charset)
    front = parse_front_matter(text)
    places = [SetAside(0, front.end, "front matter")] if front.end else []
    for rule, pattern in (("image", _IMAGE_LINE), ("link definition", _LINK_DEFINITION)):
        places += [SetAside(match.start(), match.end(), rule) for match in pattern.finditer(text)]
    for place in boilerplate.find(text):
        if not any(other.start < place.end and place.start < other.end for other in places):
            places.append(place)
    set_aside = tuple(sorted(places, key=lambda place: place.start))
    heading = _HEADING.search(text)
    head = heading.group(1).strip() if heading else None
    first_line = _find_title(text, set_aside)[0]
    title = front.title or head or first_line
    published = front.published or publication_date(text, set_aside, front.language or identify_language(text))
    provenance = Provenance(
        FRONT_MATTER if front.title else HEADING if head else FIRST_LINES if first_line else None,
        FRONT_MATTER if front.author else None,
        FRONT_MATTER if front.published else DATE_LINE if published else None,
    )
    return [
        Draft(
            source,
            title_or_name(title, source),
            published,
            text,
            set_aside,
            front.author,
            front.site,
            front.language,
            front.tags,
            provenance=provenance,
            notes=notes,
        )
    ]


def _find_title(text: str, set_aside: Iterable[SetAside]) -> tuple[str, list[SetAside]]:
    """Return the first line that looks like a title, and the short lines above it, which belong to the page.

    A title has three words or stands alone. The name of a site above other lines does neither.
    """
    above: list[SetAside] = []
    at = 0
    lines = text.splitlines(keepends=True)
    for number, raw in enumerate(lines):
        start, at = at + len(raw) - len(raw.lstrip()), at + len(raw)
        line = raw.strip()
        if not any(character.isalpha() for character in line) or any(place.start <= start < place.end for place in set_aside):
            continue
        stands_alone = number + 1 == len(lines) or not lines[number + 1].strip()
        has_three_words = len(line.split()) >= 3
        if len(line) <= _MAX_TITLE and not re.search(r"[.:;,]$", line) and (stands_alone or has_three_words):
            return line, above
        if has_three_words:
            return "", []  # a sentence: the article begins without a title
        above.append(SetAside(start, start + len(line), "above the title"))
    return "", []


def parse_front_matter(text: str) -> FrontMatter:
    """Parse the block of YAML at the top, if there is one. If it is not valid YAML, parse its simple lines."""
    block = _FRONT_MATTER.match(text)
    if block is None:
        return FrontMatter()
    fields = _parse_yaml(block.group(1))
    tags = _values(fields, "tags", "tag", "keywords", "categories", "category")
    if len(tags) == 1:
        tags = [tag.strip() for tag in re.split(r"[,;]", tags[0])]
    language = "".join(_values(fields, "language", "lang", "locale")[:1])[:2].lower()
    dates = _values(fields, "date", "published", "publishdate", "pubdate", "created")
    return FrontMatter(
        block.end(),
        next(iter(_values(fields, "title")), None),
        publication_date(dates[0], ()) if dates else None,
        ", ".join(_values(fields, "author", "authors", "by")) or None,
        next(iter(_values(fields, "site", "publisher", "publication", "source")), None),
        language if re.fullmatch("[a-z]{2}", language) else None,
        tuple(dict.fromkeys(tag for tag in tags if tag))[:_MAX_TAGS],
    )


def _values(fields: dict[str, Any], *names: str) -> list[str]:
    """Return the values of the first of these fields that has any, each on one line."""
    value: Any = next((fields[name] for name in names if fields.get(name) not in (None, "", [])), [])
    values = value if isinstance(value, list) else [value]
    return [" ".join(str(item).split()) for item in values if isinstance(item, str | int | float) or hasattr(item, "isoformat")]


def _parse_yaml(block: str) -> dict[str, Any]:
    import yaml

    try:
        fields = yaml.safe_load(block) if len(block) <= _MAX_FRONT_MATTER else None
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: such as a date with a 13th month
        fields = None
    if not isinstance(fields, dict):
        fields = dict(_FIELD.findall(block))
    return {str(name).lower(): value for name, value in fields.items()}
