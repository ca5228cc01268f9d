"""Books become articles: all their text in reading order, a part for each document, and what is locked refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.epubs import CONTAINER, ONE, TWO, archive, book, package

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.office.epub import load_epub
from qa.sources.formats.parsing import parse
from qa.types.articles import Part
from qa.types.errors import ArticleUnreadable


def draft(content: bytes, limits: Limits = LIMITS) -> Draft:
    return load_epub(content, "/books/the_bridge.epub", limits)[0]


def refusal(content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        draft(content, limits)
    return str(caught.value)


def parts(draft: Draft) -> list[tuple[str, str]]:
    return [(part.name, draft.text[part.start : part.end]) for part in draft.parts]


def test_a_book_is_read_in_the_order_of_its_spine_and_whole() -> None:
    read = draft(book({"two.xhtml": TWO, "one.xhtml": ONE}, spine=["one.xhtml", "two.xhtml"]))
    first = "The Fall\n\nIt fell at noon.\n\nNobody was hurt."
    second = "Menu, share, subscribe: all of it is the book's.\n\nEven this."
    assert read.text == f"{first}\n\n{second}"
    assert parts(read) == [("chapter The Fall", first), ("section 2", second)]


def test_a_book_is_known_by_its_content() -> None:
    (parsed,) = parse(book({"one.xhtml": ONE}), "a.epub", LIMITS)
    assert parsed.text.startswith("The Fall")


def test_what_a_book_says_about_itself_is_read() -> None:
    read = draft(book({"one.xhtml": ONE}))
    assert (read.title, read.author, read.published) == ("The Bridge: a Story", "Ann Li; Cy Low", "2019-05-03")
    assert (read.language, read.site, read.tags) == ("en", "Gazette Books", ("Bridges", "Rivers"))


def test_a_book_that_says_nothing_about_itself_has_its_files_name() -> None:
    read = draft(book({"one.xhtml": ONE}, about=""))
    assert (read.title, read.author, read.published, read.language, read.tags) == ("the bridge", None, None, None, ())


@pytest.mark.parametrize(
    ("about", "author", "published"),
    [
        ("<dc:creator>Ann Li</dc:creator><dc:date>2019-05-03T00:00:00Z</dc:date>", "Ann Li", "2019-05-03T00:00+00:00"),
        ("<dc:creator>Ann\n Li</dc:creator><dc:creator>Cy</dc:creator><dc:date>1998</dc:date>", "Ann Li; Cy", None),
        ('<dc:creator opf:role="edt">Ed</dc:creator><dc:date opf:event="creation">2019-05-03</dc:date>', "Ed", None),
        ("<dc:creator></dc:creator><dc:date>0101-01-01T00:00:00+00:00</dc:date>", None, None),
    ],
)
def test_authors_and_dates_are_read_as_they_are_written(about: str, author: str | None, published: str | None) -> None:
    read = draft(book({"one.xhtml": ONE}, about=about))
    assert (read.author, read.published) == (author, published)


NAV = """<html xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc"><h1>Contents</h1><ol>
<li><a href="text/two%20words.xhtml#start">The Lorry</a></li></ol></nav></body></html>"""
NCX = """<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>The Wood</text></navLabel>
<content src="text/two%20words.xhtml"/></navPoint></navMap></ncx>"""


@pytest.mark.parametrize(("name", "contents", "title"), [("nav.xhtml", NAV, "The Lorry"), ("toc.ncx", NCX, "The Wood")])
def test_a_chapter_without_a_heading_is_called_what_the_contents_call_it(name: str, contents: str, title: str) -> None:
    content = book({name: contents, "text/two words.xhtml": TWO}, spine=["text/two%20words.xhtml"])
    assert [part for part, _ in parts(draft(content))] == [f"chapter {title}"]


def test_a_chapter_that_calls_itself_one_is_not_called_so_twice() -> None:
    content = book({"a.xhtml": "<h1>Chapter 1<br/>The Fall</h1><p>It fell.</p>"})
    assert [part for part, _ in parts(draft(content))] == ["chapter 1 The Fall"]


def test_the_table_of_contents_is_set_aside() -> None:
    read = draft(book({"nav.xhtml": NAV, "one.xhtml": ONE}))
    assert [(read.text[each.start : each.end], each.rule) for each in read.set_aside] == [
        ("Contents\n\nThe Lorry", "table of contents")
    ]
    guide = '<guide><reference type="toc" title="Contents" href="two.xhtml"/></guide>'
    read = draft(book({"one.xhtml": ONE, "two.xhtml": TWO}, end=guide))
    assert [read.text[each.start : each.end][:5] for each in read.set_aside] == ["Menu,"]


def test_documents_without_text_and_pictures_are_no_parts() -> None:
    content = book(
        {"cover.xhtml": "<body><img src='a.png'/></body>", "empty.xhtml": " ", "a.png": b"\x89PNG", "one.xhtml": ONE}
    )
    assert [part for part, _ in parts(draft(content))] == ["chapter The Fall"]


def test_a_document_named_twice_is_read_once() -> None:
    assert len(draft(book({"one.xhtml": ONE}, spine=["one.xhtml", "one.xhtml"])).parts) == 1


def test_a_document_is_read_in_its_encoding() -> None:
    cyrillic = "Мост упал в полдень."
    declared = '<?xml version="1.0" encoding="windows-1251"?>'
    content = book(
        {"a.xhtml": f"{declared}<p>{cyrillic}</p>".encode("cp1251"), "b.xhtml": f"<p>{cyrillic}</p>".encode("utf-16")}
    )
    assert draft(content).text == f"{cyrillic}\n\n{cyrillic}"


def encryption(uri: str, algorithm: str) -> str:
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
        f'xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="{algorithm}"/><CipherData>'
        f'<CipherReference URI="{uri}"/></CipherData></EncryptedData></encryption>'
    )


AES, FONTS = "http://www.w3.org/2001/04/xmlenc#aes128-cbc", "http://www.idpf.org/2008/embedding"


def test_a_locked_book_is_refused() -> None:
    content = book({"one.xhtml": ONE}, **{"META-INF/encryption.xml": encryption("OEBPS/one.xhtml", AES)})
    assert refusal(content) == "the book is locked by DRM"


@pytest.mark.parametrize(("uri", "algorithm"), [("OEBPS/a.otf", AES), ("OEBPS/f%6Fnt.TTF", AES), ("OEBPS/font", FONTS)])
def test_a_book_whose_fonts_alone_are_hidden_is_read(uri: str, algorithm: str) -> None:
    content = book({"one.xhtml": ONE}, **{"META-INF/encryption.xml": encryption(uri, algorithm)})
    assert draft(content).text.startswith("The Fall")


def test_a_book_without_text_is_refused() -> None:
    assert refusal(book({"a.xhtml": "<p/>"})) == "no text was found in it"
    assert refusal(book({})) == "no text was found in it"


def test_a_damaged_book_is_refused_with_what_is_missing() -> None:
    whole = book({"one.xhtml": ONE})
    assert refusal(whole[: len(whole) // 2]) == "this is a zip file that is damaged or cut short"
    assert "META-INF/container.xml" in refusal(archive({}))
    assert "OEBPS/book.opf" in refusal(archive({"META-INF/container.xml": CONTAINER}))
    opf = package("", ["gone.xhtml"])
    assert "OEBPS/gone.xhtml" in refusal(archive({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf}))


def test_a_book_that_declares_entities_for_itself_is_refused() -> None:
    laughs = '<!DOCTYPE package [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    opf = package("<dc:title>&b;</dc:title>", ["one.xhtml"]).replace("?><", f"?>{laughs}<", 1)
    made = archive({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf, "OEBPS/one.xhtml": ONE})
    assert "entities" in refusal(made)


def test_entities_that_a_document_declares_stand_for_nothing() -> None:
    page = '<!DOCTYPE html [<!ENTITY s SYSTEM "file:///etc/hostname">]><html><body><p>It fell. &s;</p></body></html>'
    assert draft(book({"a.xhtml": page})).text.endswith("It fell. &s;")


def test_a_document_beyond_the_limit_is_refused_before_it_is_unpacked() -> None:
    content = book({"a.xhtml": f"<p>{'It fell. ' * 300_000}</p>"})
    assert "2 MB" in refusal(content, Limits(part_bytes=2_000_000))


def test_a_path_that_leads_out_of_the_book_is_refused() -> None:
    outside = package("", ["../../outside.xhtml"])
    assert "outside.xhtml" in refusal(archive({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": outside}))


WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20).filter(lambda each: "<" not in each)


@given(st.lists(st.lists(WORDS.filter(lambda each: "&" not in each), min_size=1, max_size=4), min_size=1, max_size=4))
def test_parts_hold_the_text_of_their_documents_exactly(chapters: list[list[str]]) -> None:
    documents = {f"c{n}.xhtml": "".join(f"<p>{each}</p>" for each in words) for n, words in enumerate(chapters)}
    read = draft(book({name: f"<?xml version='1.0' encoding='utf-8'?><body>{page}</body>" for name, page in documents.items()}))
    expected = ["\n\n".join(words) for words in chapters]
    assert read.text == "\n\n".join(expected)
    assert [read.text[part.start : part.end] for part in read.parts] == expected
    assert read.parts[0] == Part(0, len(expected[0]), "section 1")
