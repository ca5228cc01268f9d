"""Files become articles: every encoding decoded, every file that is no article refused with its reason."""

import codecs
from collections.abc import Sequence

import pytest

from qa.sources.formats.decoding import decode
from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.plain import load_markdown, load_text
from qa.types.errors import ArticleUnreadable

TEXT = "The café fell at noon.\r\nNobody “was” hurt — 北京.\n"
GERMAN = "Die Brücke über den Fluß fiel am Mittag. Niemand wurde verletzt, sagte der Bürgermeister später."


def refusal(content: bytes) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        load_text(content, "/a.txt", LIMITS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_unicode_is_read_exactly_and_without_its_mark(mark: bytes, encoding: str) -> None:
    assert decode(mark + TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_western_page_without_declaration_is_read(encoding: str) -> None:
    assert decode(GERMAN.encode(encoding)) == GERMAN


def test_a_short_western_text_is_not_taken_for_something_eastern() -> None:
    assert decode(b"caf\xe9") == "café"
    assert decode(b"\x93Yes\x94, he said \x97 twice.") == "“Yes”, he said — twice."


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00",
        b"\x7fELF\x02\x01\x01" + bytes(64),
        b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(256)),
        bytes(range(256)) * 8,
        b"plain at first " + b"\x00\x01\x02" * 40,
    ],
    ids=["png", "elf", "zip", "all bytes", "late"],
)
def test_something_binary_called_txt_is_refused(content: bytes) -> None:
    assert refusal(content) == "this is not a text file but something binary"


def test_a_text_with_a_stray_control_character_is_still_a_text() -> None:
    assert decode(b"The bridge\x00 fell at noon.\x1b") == "The bridge\x00 fell at noon.\x1b"


@pytest.mark.parametrize("content", [b" ", b"\r\n\t\r\n", "\u2028\u00a0".encode(), codecs.BOM_UTF8])
def test_a_file_of_white_space_is_refused(content: bytes) -> None:
    assert refusal(content) == "the file holds nothing but white space"


def text_draft(text: str) -> Draft:
    [draft] = load_text(text.encode(), "/articles/2019_the_old-bridge.txt", LIMITS)
    return draft


def markdown_draft(text: str) -> Draft:
    [draft] = load_markdown(text.encode(), "/a.md", LIMITS)
    return draft


def asides(draft: Draft) -> Sequence[tuple[str, str]]:
    return [(place.rule, draft.text[place.start : place.end]) for place in draft.set_aside]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The bridge that fell\n\nIt fell at noon.", "The bridge that fell"),
        ("Bridges\n\nThey fall.", "Bridges"),
        ("\n\n  A bridge falls  \r\nIt fell at noon.", "A bridge falls"),
        ("It fell at noon. Nobody was hurt.\n\nBridges", "2019 the old-bridge"),
        ("Last updated: 3 May 2019\nA bridge falls\nIt fell.", "A bridge falls"),
        ("***\nA bridge falls\nIt fell.", "A bridge falls"),
        ("x" * 201 + "\n\nBridges fall\n\n", "Bridges fall"),
    ],
)
def test_the_title_is_the_first_line_that_looks_like_one_or_the_files_name(text: str, title: str) -> None:
    assert text_draft(text).title == title


def test_a_sites_name_above_the_title_is_set_aside() -> None:
    draft = text_draft("Gazette\nA bridge falls\n\nIt fell at noon.")
    assert draft.title == "A bridge falls"
    assert asides(draft) == [("above the title", "Gazette")]


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("3 May 2019", "2019-05-03"),
        ("May 3rd, 2019", "2019-05-03"),
        ("Published: 2019-05-03", "2019-05-03"),
        ("Published: 2019-05-03T10:15:30Z", "2019-05-03T10:15+00:00"),
        ("Last updated: Friday, 3 May, 2019, 10:15 GMT", "2019-05-03T10:15+00:00"),
        ("By Ann Li, 3 Sept. 2019 at 9:05", "2019-09-03T09:05"),
        ("Posted on 30 February 2019", None),
        ("Published: 2019-05-03T99:99", None),
        ("Published: 2019-13-45", None),
        ("03/04/2019", None),
        ("The bridge that fell on 3 May 2019 has been rebuilt with money from the state, as was promised.", None),
    ],
)
def test_a_date_is_read_where_it_is_whole_and_about_the_page(line: str, published: str | None) -> None:
    assert text_draft(f"The bridge that fell\n{line}\n\nIt fell at noon.").published == published


MARKDOWN = """---
title: "The bridge: a story"
date: 2019-05-03
tags: [a]
---
# Another heading

![x](y.png)

It fell at noon.

[1]: http://example.com
"""


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_front_matter_gives_title_and_date_and_is_not_quoted(line_break: str) -> None:
    text = MARKDOWN.replace("\n", line_break)
    draft = markdown_draft(text)
    assert (draft.title, draft.published, draft.text) == ("The bridge: a story", "2019-05-03", text)
    front, image, link = draft.set_aside
    assert (front.start, front.rule) == (0, "front matter")
    assert text[front.end :].startswith("# Another heading")
    assert (image.rule, text[image.start : image.end].strip()) == ("image", "![x](y.png)")
    assert (link.rule, text[link.start : link.end].strip()) == ("link definition", "[1]: http://example.com")


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    draft = markdown_draft("Intro.\n\n## The bridge ##\n\nIt fell.")
    assert (draft.title, draft.published) == ("The bridge", None)


def test_front_matter_that_is_never_closed_is_text() -> None:
    draft = markdown_draft("---\ntitle: x\n\nIt fell at noon.")
    assert draft.set_aside == ()
