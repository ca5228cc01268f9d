"""A quote that is copied says what the article says, whatever Markdown and TeX would make of its characters."""

import re
from dataclasses import replace
from html import unescape

import pytest
from markdown_it import MarkdownIt

from qa.types.articles import Quote, Reference, TextSpan
from ui.html.citations import bibtex, markdown, plain, web_link

ARTICLE = Reference(
    "0123456789ab",
    "The wall",
    "https://example.org/wall.html",
    "2004-10-15T08:00:00",
    "c0ffee" * 10 + "abcd",
    author="Ann Author",
    site="The Gazette",
)
QUOTE = Quote(1, ARTICLE, 120, 142, "They climbed the wall.", 1.0, 0.9, None, part="page 3")
METACHARACTERS = [
    "*a* _b_ **c** `d` ~~e~~ $f_g$ |h|",
    "[x](javascript:alert(1)) ![y](z) <b>bold</b> <https://a.b> &amp; &#65;",
    "# heading\n- item\n+ item\n* item\n1. one\n2) two\n> quoted\n---\n===\n***",
    "    four spaces\n\ttab  \ntwo spaces at the end  \nend",
    "a\\b \\* c\\",
    "| a | b |\n|---|---|\n| c | d |",
    "```\nfence\n```",
    "first\n\nsecond\r\nthird",
    "שלום *עולם* \u202eoverride\u202c مرحبا_",
    "e\u0301 👩‍👩‍👧‍👦 a\u00a0b",
]


def test_plain_text_is_the_quote_between_quotation_marks_and_where_it_stands() -> None:
    assert plain(QUOTE) == (
        "“They climbed the wall.”\n— Ann Author, “The wall”, The Gazette, 15 October 2004, page 3, https://example.org/wall.html\n"
    )


def test_markdown_is_a_block_quote_and_a_link() -> None:
    assert markdown(QUOTE) == (
        "> They climbed the wall.\n\n"
        "— Ann Author, [The wall](<https://example.org/wall.html#:~:text=They%20climbed%20the%20wall.>), "
        "The Gazette, 15 October 2004, page 3\n"
    )


def test_bibtex_is_an_entry_with_the_place_as_its_note() -> None:
    assert bibtex(QUOTE) == (
        "@misc{pullquote-0123456789ab-120,\n"
        "  title = {{The wall}},\n"
        "  author = {{Ann Author}},\n"
        "  url = {https://example.org/wall.html},\n"
        "  organization = {The Gazette},\n"
        "  date = {2004-10-15},\n"
        "  note = {page 3, characters 120--142 of version c0ffeec0ffee},\n"
        "  annote = {They climbed the wall.},\n"
        "}\n"
    )


def test_of_a_file_only_its_name_is_told() -> None:
    article = Reference("0123456789ab", "", "/home/ann/private/wall_1.txt", None, "a" * 64)
    quote = replace(QUOTE, article=article, part=None)
    assert plain(quote) == "“They climbed the wall.”\n— “wall_1.txt”\n"
    assert markdown(quote) == "> They climbed the wall.\n\n— *wall\\_1.txt*\n"
    assert "howpublished = {wall\\_1.txt}" in bibtex(quote)
    assert not any("private" in written for written in (plain(quote), markdown(quote), bibtex(quote)))


def test_words_further_up_come_before_what_is_left_out() -> None:
    quote = replace(QUOTE, lead=TextSpan(0, 11, "There was a"))
    assert plain(quote).startswith("“There was a” […] “They climbed the wall.”\n")
    assert markdown(quote).startswith("> There was a\n>\n> […]\n>\n> They climbed the wall.\n\n")


@pytest.mark.parametrize("text", METACHARACTERS)
def test_plain_text_holds_every_character_as_it_is(text: str) -> None:
    assert plain(replace(QUOTE, text=text)).startswith(f"“{text}”\n")


@pytest.mark.parametrize("text", METACHARACTERS)
def test_markdown_is_read_back_to_the_text_and_nothing_else(text: str) -> None:
    html = MarkdownIt("gfm-like", {"linkify": False}).render(markdown(replace(QUOTE, text=text)))
    quoted = re.fullmatch(r"<blockquote>\n(.*)\n</blockquote>\n<p>.*</p>\n", html, re.S)
    assert quoted
    lines = re.sub(r"</p>\n<p>", "\n\n", quoted[1].removeprefix("<p>").removesuffix("</p>")).replace("<br />\n", "\n")
    assert "<" not in lines
    assert unescape(lines) == text.replace("\r\n", "\n")


@pytest.mark.parametrize("title", ["[x](y) *z* <b>", "a ] b", "two\nlines", "$x$ & y_z"])
def test_a_title_full_of_markup_is_a_link_in_markdown_all_the_same(title: str) -> None:
    html = MarkdownIt("gfm-like", {"linkify": False}).render(markdown(replace(QUOTE, article=replace(ARTICLE, title=title))))
    linked = re.search(r'<a href="https://example.org/wall.html#:~:text=They%20climbed%20the%20wall.">(.*?)</a>', html)
    assert linked
    assert unescape(linked[1]) == " ".join(title.split())


def test_an_address_cannot_leave_its_brackets() -> None:
    article = replace(ARTICLE, source="https://example.org/a>b c{d}\\e")
    assert "(<https://example.org/a%3Eb%20c%7Bd%7D%5Ce#:~:text=They%20climbed%20the%20wall.>)" in markdown(
        replace(QUOTE, article=article)
    )
    assert "url = {https://example.org/a%3Eb%20c%7Bd%7D%5Ce}," in bibtex(replace(QUOTE, article=article))


def test_tex_takes_no_character_for_its_own() -> None:
    written = bibtex(replace(QUOTE, text='50% of $5 & #1_a ^b ~c \\d {e} f} <g> "h"'))
    assert (
        "annote = {50\\% of \\$5 \\& \\#1\\_a \\textasciicircum{}b \\textasciitilde{}c \\textbackslash{}d "
        "\\textbraceleft{}e\\textbraceright{} f\\textbraceright{} \\textless{}g\\textgreater{} "
        "\\textquotedbl{}h\\textquotedbl{}}," in written
    )


@pytest.mark.parametrize("text", [*METACHARACTERS, "{{{", "}}}", "\\{", "%}"])
def test_braces_of_an_entry_are_balanced(text: str) -> None:
    article = replace(ARTICLE, title=text, author=text, source="https://a.b/" + text, site=text, published=text)
    depth, lowest = 0, 1
    for character in (written := bibtex(replace(QUOTE, text=text, article=article, part=text))).rstrip()[:-1]:
        depth += {"{": 1, "}": -1}.get(character, 0)
        lowest = min(lowest, depth) if depth else lowest
    assert (depth, lowest) == (1, 1)
    assert written.endswith("}\n")


def test_right_to_left_text_is_kept_in_the_order_it_is_stored_in() -> None:
    text = "هذا اقتباس (1) طويل."
    for write in (plain, markdown, bibtex):
        assert text in write(replace(QUOTE, text=text))


@pytest.mark.parametrize(
    ("source", "text", "link"),
    [
        ("/articles/wall.txt", "A wall.", None),
        ("https://a.example/x", "Well-known, they\nsaid & left.", "#:~:text=Well%2Dknown%2C%20they%20said%20%26%20left."),
        ("https://a.example/x#part", "A wall.", ":~:text=A%20wall."),
        (
            "https://a.example/x",
            "one two three four five six " * 12,
            "#:~:text=one%20two%20three%20four%20five%20six,one%20",
        ),
        ("https://a.example/x", "壁を登った。<b>", "#:~:text=%E5%A3%81%E3%82%92%E7%99%BB%E3%81%A3%E3%81%9F%E3%80%82%3Cb%3E"),
    ],
)
def test_a_quote_from_the_web_has_a_link_to_its_words(source: str, text: str, link: str | None) -> None:
    found = web_link(replace(QUOTE, text=text, article=replace(ARTICLE, source=source)))
    assert found is None if link is None else found and found.startswith(source + link)
