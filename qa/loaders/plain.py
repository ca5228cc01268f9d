"""Plain text and Markdown: the text as decoded, its title, date, and the lines that belong to the page."""

import re

from qa import boilerplate
from qa.articles import SetAside
from qa.errors import ArticleUnreadable
from qa.loaders import Draft
from qa.loaders.dates import publication_date
from qa.loaders.decoding import decode

MAX_CHARACTERS = 5_000_000
_LONGEST_TITLE = 200  # characters
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S)
_HEADING = re.compile(r"^ {0,3}#{1,2}[ \t]+(.+?)[ \t#]*\r?$", re.M)
_FIELD = r"^{}\s*:\s*[\"']?(.+?)[\"']?\s*$"
_IMAGE_LINE = re.compile(r"^[ \t]*!\[[^\]\n]*\]\([^)\n]*\)[ \t]*\r?$", re.M)
_LINK_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]+\S+.*$", re.M)


def load_text(content: bytes, source: str) -> Draft:
    """A text file as a draft, nothing changed in it."""
    text = _decoded(content)
    set_aside = boilerplate.find(text)
    title, above = _title(text, set_aside)
    set_aside = sorted([*set_aside, *above], key=lambda place: place.start)
    return Draft(source, title or _from_name(source), publication_date(text, set_aside), text, tuple(set_aside))


def load_markdown(content: bytes, source: str) -> Draft:
    """A Markdown file as a draft, its markup left in the text; front matter is read and not quoted."""
    text = _decoded(content)
    front = _FRONT_MATTER.match(text)
    aside = [SetAside(front.start(), front.end(), "front matter")] if front else []
    for rule, pattern in (("image", _IMAGE_LINE), ("link definition", _LINK_DEFINITION)):
        aside += [SetAside(match.start(), match.end(), rule) for match in pattern.finditer(text)]
    aside += [place for place in boilerplate.find(text) if not any(p.start < place.end and place.start < p.end for p in aside)]
    set_aside = tuple(sorted(aside, key=lambda place: place.start))
    fields = front.group(1) if front else ""
    heading = _HEADING.search(text)
    title = _field(fields, "title") or (heading and heading.group(1).strip()) or _title(text, set_aside)[0]
    published = publication_date(_field(fields, "date") or "", ()) or publication_date(text, set_aside)
    return Draft(source, title or _from_name(source), published, text, set_aside)


def _decoded(content: bytes) -> str:
    text = decode(content)
    if len(text) > MAX_CHARACTERS:
        raise ArticleUnreadable(f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}")
    return text


def _title(text: str, set_aside: "list[SetAside] | tuple[SetAside, ...]") -> tuple[str, list[SetAside]]:
    """The first line that looks like a title, and the short lines of the page above it.

    A title has three words or stands alone; a site's name on top of other lines is neither.
    """
    above: list[SetAside] = []
    at = 0
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        start, at = at + len(line) - len(line.lstrip()), at + len(line)
        bare = line.strip()
        if not bare or any(place.start <= start < place.end for place in set_aside):
            continue
        if not any(character.isalpha() for character in bare):
            continue
        alone = number + 1 == len(lines) or not lines[number + 1].strip()
        if len(bare) <= _LONGEST_TITLE and not re.search(r"[.:;,]$", bare) and (alone or len(bare.split()) >= 3):
            return bare, above
        if len(bare.split()) >= 3:
            return "", []  # a sentence: the article begins without a title
        above.append(SetAside(start, start + len(bare), "above the title"))
    return "", []


def _field(front_matter: str, name: str) -> str | None:
    found = re.search(_FIELD.format(name), front_matter, re.M | re.I)
    return found.group(1).strip() if found else None


def _from_name(source: str) -> str:
    stem = re.sub(r"\.\w+$", "", re.split(r"[/\\]", source)[-1])
    return re.sub(r"[_\s]+", " ", stem).strip() or source
