"""Plain text and Markdown become drafts with title and date; front matter gives fields, and nothing in it breaks loading."""

from collections.abc import Sequence

import pytest

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.plain import FrontMatter, load_markdown, load_text, parse_front_matter


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


def test_what_is_said_is_read_in_all_the_ways_that_people_write_it() -> None:
    said = "title: The Wall\ndate: 2019-05-03\nauthor: Anna Berg\nlang: en-GB\ntags: [bridges, Army]\nsite: The Mill"
    text = f"---\n{said}\n---\nText."
    assert parse_front_matter(text) == FrontMatter(
        text.index("Text."), "The Wall", "2019-05-03", "Anna Berg", "The Mill", "en", ("bridges", "Army")
    )
    other = parse_front_matter(
        "---\nTitle: 'A: B'\nauthors:\n  - Anna Berg\n  - Bo\nkeywords: one, two ; three\ndate: 3 May 2019\n...\n"
    )
    assert (other.title, other.author, other.tags) == ("A: B", "Anna Berg, Bo", ("one", "two", "three"))
    assert other.published == "2019-05-03"


@pytest.mark.parametrize(
    "block",
    [
        "title: The Wall\ntags: [unclosed",
        "title: The Wall\n\tdate: tabs",
        "title: The Wall\ndate: 2019-13-45",
        "title: The Wall\nx: !!python/object:os.system ls",
    ],
)
def test_what_is_no_yaml_still_gives_its_plain_lines(block: str) -> None:
    assert parse_front_matter(f"---\n{block}\n---\nText.").title == "The Wall"


def test_aliases_that_multiply_cost_nothing() -> None:
    rows = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" if n else "l0: &l0 [ha, ha]" for n in range(12)]
    found = parse_front_matter("---\n" + "\n".join([*rows, "tags: *l11", "title: The Wall"]) + "\n---\nText.")
    assert (found.title, found.tags) == ("The Wall", ())


def test_without_a_block_nothing_is_said() -> None:
    assert parse_front_matter("Text.\n---\ntitle: no\n---\n") == FrontMatter()
    assert parse_front_matter("---\n- a\n- list\n---\nText.").title is None
