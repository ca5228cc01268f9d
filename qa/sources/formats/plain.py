"""Plain text and Markdown: the text as decoded, its title, date, and the lines that belong to the page."""

import re

from qa.sources.formats import boilerplate
from qa.sources.formats.dates import publication_date
from qa.sources.formats.decoding import decode
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.front_matter import front_matter
from qa.sources.formats.limits import Limits
from qa.types.articles import SetAside

_LONGEST_TITLE = 200  # characters
_HEADING = re.compile(r"^ {0,3}#{1,2}[ \t]+(.+?)[ \t#]*\r?$", re.M)
_IMAGE_LINE = re.compile(r"^[ \t]*!\[[^\]\n]*\]\([^)\n]*\)[ \t]*\r?$", re.M)
_LINK_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]+\S+.*$", re.M)


def load_text(content: bytes, source: str, limits: Limits, charset: str | None = None) -> list[Draft]:
    """A text file as a draft, nothing changed in it; the charset is what the server said."""
    text = decode(content, charset)
    set_aside = boilerplate.find(text)
    title, above = _title(text, set_aside)
    set_aside = sorted([*set_aside, *above], key=lambda place: place.start)
    return [Draft(source, title_or_name(title, source), publication_date(text, set_aside), text, tuple(set_aside))]


def load_markdown(content: bytes, source: str, limits: Limits, charset: str | None = None) -> list[Draft]:
    """A Markdown file as a draft, its markup left in the text; front matter is read and not quoted."""
    text = decode(content, charset)
    front = front_matter(text)
    aside = [SetAside(0, front.end, "front matter")] if front.end else []
    for rule, pattern in (("image", _IMAGE_LINE), ("link definition", _LINK_DEFINITION)):
        aside += [SetAside(match.start(), match.end(), rule) for match in pattern.finditer(text)]
    aside += [place for place in boilerplate.find(text) if not any(p.start < place.end and place.start < p.end for p in aside)]
    set_aside = tuple(sorted(aside, key=lambda place: place.start))
    heading = _HEADING.search(text)
    title = title_or_name(front.title or (heading and heading.group(1).strip()) or _title(text, set_aside)[0], source)
    published = front.published or publication_date(text, set_aside)
    return [Draft(source, title, published, text, set_aside, front.author, front.site, front.language, front.tags)]


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
