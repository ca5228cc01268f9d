"""FictionBook: chapters and notes in order, verses whole, and XML made to hurt."""

from support.office import parts_of, refusal

from qa.sources.formats.limits import LIMITS
from qa.sources.formats.office.fictionbook import load_fictionbook
from qa.sources.formats.parsing import parse

BOOK = """<?xml version="1.0" encoding="{encoding}"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">
<description><title-info><genre>prose</genre><author><first-name>Илка</first-name><last-name>Рей</last-name></author>
<book-title>The Long Quay</book-title><keywords>tide, harbour</keywords><date>2011-05-03</date><lang>en</lang></title-info>
<publish-info><publisher>Tolver Press</publisher></publish-info></description>
<body><title><p>The Long Quay</p></title><epigraph><p>All is water.</p></epigraph>
<section><title><p>Chapter One</p><p>Tides</p></title><p>The tide came <strong>at six</strong>.</p><empty-line/>
<poem><stanza><v>One line,</v><v>two lines.</v></stanza></poem><section><p>It went at noon.</p></section></section>
<section><table><tr><th>Pier</th><th>Depth</th></tr><tr><td>7</td><td>17 m</td></tr></table></section></body>
<body name="notes"><section id="n1"><title><p>[1]</p></title><p>A spring tide.</p></section></body>
<binary id="c" content-type="image/png">{picture}</binary></FictionBook>"""


def book(encoding: str = "utf-8", picture: str = "AAAA") -> bytes:
    return BOOK.format(encoding=encoding, picture=picture).encode(encoding)


def test_a_book_is_read_in_order_with_its_chapters_and_notes() -> None:
    [draft] = parse(book(), "/quay.fb2", LIMITS)
    assert parts_of(draft) == [
        ("chapter One Tides", "Chapter One\n\nTides\n\nThe tide came at six.\n\nOne line,\ntwo lines.\n\nIt went at noon."),
        ("section 2", "Pier: 7; Depth: 17 m"),
        ("note 1", "[1]\n\nA spring tide."),
    ]
    assert draft.text.startswith("The Long Quay\n\nAll is water.\n\nChapter One")
    assert (draft.title, draft.author, draft.site, draft.language) == ("The Long Quay", "Илка Рей", "Tolver Press", "en")
    assert (draft.published, draft.tags) == ("2011-05-03", ("tide", "harbour"))


def test_its_encoding_is_the_one_it_declares_and_its_pictures_may_be_large() -> None:
    [draft] = load_fictionbook(book("windows-1251", "A" * 11_000_000), "/a", LIMITS)
    assert draft.author == "Илка Рей"


def test_entities_and_damage_are_refused() -> None:
    evil = book().replace(b"<FictionBook", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><FictionBook', 1)
    assert refusal(lambda: load_fictionbook(evil, "/a", LIMITS)) == "it declares XML entities, which no document needs"
    assert refusal(lambda: parse(book()[:900], "/a.fb2", LIMITS)) == "it is damaged: a part of it is no XML"
    assert refusal(lambda: parse(b"Once upon a time.", "/a.fb2", LIMITS)).startswith("this is no fb2 file")
