"""A page from a server is read in the charset that the server names, and has a site to be filtered by."""

import codecs

import pytest
from support.servers import answer, fetcher, serving

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.parsing import parse
from qa.sources.sandbox.parser_pool import shared_pool

WORDS = "Мост рухнул в полдень. Никто не пострадал, сказал мэр города."
PAGE = "<html><head><meta charset={}><title>Мост</title></head><body><p>" + WORDS + "</p></body></html>"


def drafted(content: bytes, content_type: str, path: str = "/a") -> Draft:
    with serving({path: answer(content, content_type=content_type)}) as server:
        page = fetcher().fetch(server.url(path))
    [draft] = shared_pool.parse(page.content, page.url, page.charset)
    return draft


@pytest.mark.parametrize(
    ("encoding", "said", "declared", "mark"),
    [
        ("cp1251", "windows-1251", "koi8-r", b""),  # the server goes before the page
        ("koi8-r", None, "koi8-r", b""),  # the page where the server is silent
        ("utf-8", "windows-1251", "koi8-r", codecs.BOM_UTF8),  # the mark before both
        ("utf-16-le", "windows-1251", "koi8-r", codecs.BOM_UTF16_LE),
        ("utf-8", "windows-1251", "koi8-r", b""),  # and what is UTF-8 throughout is that
    ],
)
def test_a_page_is_read_by_its_mark_then_by_what_the_server_says_then_by_its_own_word(
    encoding: str, said: str | None, declared: str, mark: bytes
) -> None:
    content_type = "text/html" + (f"; charset={said}" if said else "")
    draft = drafted(mark + PAGE.format(declared).encode(encoding), content_type)
    assert WORDS in draft.text


@pytest.mark.parametrize("path", ["/a.txt", "/a.md", "/a"])
@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("cp1251", "windows-1251"),
        ("koi8-r", "KOI8-R"),
        ("cp866", "ibm866"),
        ("utf-8", "windows-1251"),  # what is UTF-8 throughout is that
        ("utf-8-sig", "koi8-r"),
        ("utf-16", "utf-8"),
    ],
)
def test_a_plain_text_is_read_in_the_charset_that_the_server_says(encoding: str, said: str, path: str) -> None:
    draft = drafted(WORDS[:30].encode(encoding), f"text/plain; charset={said}", path)
    assert draft.text.removeprefix("\ufeff") == WORDS[:30]


def test_utf_16_of_other_than_latin_letters_is_read_where_the_server_says_so() -> None:
    assert drafted(WORDS.encode("utf-16-le"), "text/plain; charset=utf-16le", "/a.txt").text == WORDS


@pytest.mark.parametrize("said", ["utf-8", "windows-1251", "ascii", "utf-7", "idna", "base64"])
def test_a_charset_that_is_evidently_another_is_not_believed(said: str) -> None:
    text = "The bridge fell at noon – nobody in the café was hurt. " * 4
    assert drafted(text.encode("utf-16-le"), f"text/plain; charset={said}", "/a.txt").text == text
    assert drafted(text.encode(), f"text/plain; charset={said}", "/a.txt").text == text


def test_a_page_that_names_no_site_has_its_host_as_its_site() -> None:
    page = PAGE.format("utf-8").encode()
    assert [each.site for each in parse(page, "https://www.example.org/a", LIMITS)] == ["example.org"]
    assert [each.site for each in parse(WORDS.encode(), "https://news.example.org/a.txt", LIMITS)] == ["news.example.org"]
    assert [each.site for each in parse(WORDS.encode(), "/in/a.txt", LIMITS)] == [None]
    named = page.replace(b"<title>", b'<meta property="og:site_name" content="The Gazette"><title>')
    assert [each.site for each in parse(named, "https://www.example.org/a", LIMITS)] == ["The Gazette"]
