"""What a Markdown file says of itself can be filtered by, and nothing in it breaks the reading."""

import pytest

from qa.sources.formats.front_matter import FrontMatter, front_matter


def test_what_is_said_is_read_in_all_the_ways_that_people_write_it() -> None:
    said = "title: The Wall\ndate: 2019-05-03\nauthor: Anna Berg\nlang: en-GB\ntags: [bridges, Army]\nsite: The Mill"
    text = f"---\n{said}\n---\nText."
    assert front_matter(text) == FrontMatter(
        text.index("Text."), "The Wall", "2019-05-03", "Anna Berg", "The Mill", "en", ("bridges", "Army")
    )
    other = front_matter(
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
    assert front_matter(f"---\n{block}\n---\nText.").title == "The Wall"


def test_aliases_that_multiply_cost_nothing() -> None:
    rows = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" if n else "l0: &l0 [ha, ha]" for n in range(12)]
    found = front_matter("---\n" + "\n".join([*rows, "tags: *l11", "title: The Wall"]) + "\n---\nText.")
    assert (found.title, found.tags) == ("The Wall", ())


def test_without_a_block_nothing_is_said() -> None:
    assert front_matter("Text.\n---\ntitle: no\n---\n") == FrontMatter()
    assert front_matter("---\n- a\n- list\n---\nText.").title is None
