"""Web pages become articles: what surrounds an article is left out, and what is in it comes whole, in order and apart."""

import codecs
import quopri
from contextlib import suppress
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.article_bodies import Shares, measure, shares
from qa.sources.formats.draft import Draft
from qa.sources.formats.html import load_html
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.mhtml import load_mhtml
from qa.sources.formats.parsing import parse
from qa.types.errors import ArticleUnreadable

FIRST = "The old bridge over the river fell at noon on Monday, and nobody in the town was hurt, the council said."
SECOND = "It had been closed since March, when a lorry that was far too heavy for it cracked two of its wooden beams."
THIRD = "A new bridge of steel is to be built in its place by next summer, for which the state will pay one half."
SITE = f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>The bridge that fell | The Gazette</title>
<meta property="og:title" content="The bridge that fell"><meta property="og:site_name" content="The Gazette">
<meta name="author" content="Ann Li"><meta property="article:published_time" content="2019-05-03T10:15:00Z">
<meta property="article:section" content="Town"><meta name="keywords" content="bridges, rivers"></head><body>
<nav><ul><li><a href="/">Home page</a></li><li><a href="/sport">Sport of today</a></li></ul></nav>
<div class="cookie-banner"><p>We use cookies to make this site work for you.</p></div>
<article><h1>The bridge that fell</h1><p>{FIRST}</p><h2>What happened before</h2><p>{SECOND}</p>
<ul><li>It was built in 1910.</li><li>It was mended in 1950.</li></ul><p>{THIRD}</p></article>
<div class="related-posts"><h3>Read these too</h3><ul><li><a href="/a">Ten ducks seen on the lake</a></li></ul></div>
<section id="comments"><h3>Comments</h3><div class="comment"><p>Bob: I never liked that bridge at all.</p></div></section>
<footer><p>All of it is ours since 2003.</p></footer></body></html>"""


def draft(page: str | bytes, limits: Limits = LIMITS) -> Draft:
    return load_html(page.encode() if isinstance(page, str) else page, "/articles/a_page.html", limits)[0]


def text(page: str | bytes) -> str:
    return draft(page).text


def refusal(page: str | bytes) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        draft(page)
    return str(caught.value)


def test_the_article_is_read_and_nothing_that_surrounds_it() -> None:
    lists = "It was built in 1910.\nIt was mended in 1950."
    assert text(SITE) == "\n\n".join(["The bridge that fell", FIRST, "What happened before", SECOND, lists, THIRD])


def test_what_a_page_says_about_itself_is_read() -> None:
    read = draft(SITE)
    assert (read.title, read.author, read.published) == ("The bridge that fell", "Ann Li", "2019-05-03")
    assert (read.site, read.language, read.tags) == ("The Gazette", "en", ("Town", "bridges, rivers"))


def test_a_page_that_says_nothing_about_itself_has_its_files_name() -> None:
    read = draft(f"<p>{FIRST}")
    assert (read.title, read.author, read.published, read.site, read.language) == ("a page", None, None, None, None)


def test_a_date_that_a_sentence_tells_of_is_not_taken_for_the_pages() -> None:
    assert draft("<p>Much has changed since 2014. On 3 May 2009 we met in Rome.</p><p>© 2021 Ann Li</p>").published is None


def test_a_date_in_a_line_of_its_own_is_the_pages() -> None:
    assert draft(f"<h1>The bridge</h1><p>Posted on 3 May 2019</p><p>{FIRST}</p>").published == "2019-05-03"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("<h2>Head</h2>Loose.<div>In a <b>b</b>ox.</div>", "Head\n\nLoose.\n\nIn a box."),
        ("<p>It  fell\n at\tnoon.</p>", "It fell at noon."),
        ("<ul><li>One<li>Two<ul><li>Inner</ul><li>Three</ul>After", "One\nTwo\nInner\nThree\n\nAfter"),
        ("<ul><li><p>One</p><li><p>Two</p><p>More</p><li>Three</ul>", "One\nTwo\n\nMore\nThree"),
        ("<dl><dt>Word<dd>Meaning</dl>", "Word\nMeaning"),
        ("Roses<br>Violets<br> <br/>Sugar", "Roses\nViolets\n\nSugar"),
        ("<pre>one\ntwo\n\nthree</pre>four\nfive", "one\ntwo\n\nthree\n\nfour five"),
        ("<table><tr><th>Name<th>Age<tr><td><p>Ann</p><td>3<tr><td><td>4</table>", "Name: Ann; Age: 3\n\nAge: 4"),
        ("<table><tr><td><p>One.</p><p>Two.</p><td>Three.</table>", "One.\n\nTwo.\n\nThree."),
        ("<p>He said <q>yes</q>, <code>twice</code>.</p>", "He said yes, twice."),
        ("Schiff&shy;fahrt&#8203;, क्\u200dष", "Schifffahrt, क्\u200dष"),
        ("a<script>b</script>c<style>d</style><template>e</template><svg><text>f</text></svg>", "ac"),
        ("seen<span hidden>unseen</span> <div style='color:red;display: none'>unseen</div>too", "seen too"),
        ("&#0&#31;5&#x1Fe;&#310;", "5ǾĶ"),
        ("&#150;&#1;&#x1D;&amp;&nbsp;&lt;b&gt;\x0cx\x00y", "–& <b> xy"),
        ("<!-- a > comment -->x<?php y ?>", "x"),
    ],
)
def test_text_is_what_a_browser_shows_in_paragraphs_and_lines(body: str, expected: str) -> None:
    assert text(f"<html><body>{body}</body></html>") == expected


@pytest.mark.parametrize("surroundings", ["{}", "<nav><a href='/'>Home</a></nav><main>{}</main>"])
def test_a_short_page_keeps_its_paragraphs_apart(surroundings: str) -> None:
    assert text(surroundings.format("<h1>Note</h1><p>Buy milk.</p><p>Call Ann.</p>")) == "Note\n\nBuy milk.\n\nCall Ann."


def test_an_article_keeps_its_tables_and_the_lines_of_its_verses() -> None:
    table = "<table><tr><th>Bridge</th><th>Built</th></tr><tr><td>Old one</td><td>1910</td></tr></table>"
    added = SITE.replace(f"<p>{THIRD}</p>", f"{table}<pre>One line,\nanother line.</pre><p>{THIRD}</p>")
    assert text(added).endswith(f"Bridge: Old one; Built: 1910\n\nOne line,\nanother line.\n\n{THIRD}")


def test_paragraphs_that_are_told_apart_by_two_line_breaks_are_paragraphs() -> None:
    page = SITE.replace(f"<p>{THIRD}</p>", f"<div>{FIRST[::-1]}<br><br>{THIRD}</div>")
    assert text(page).endswith(f"{FIRST[::-1]}\n\n{THIRD}")


def test_a_page_inside_a_form_is_read() -> None:
    assert text("<form action='/'><p>Buy milk and bread.</p></form>") == "Buy milk and bread."


def test_a_heading_in_a_plain_pages_header_is_read() -> None:
    assert text(f"<header><h1>The bridge</h1></header><p>{FIRST}</p>") == f"The bridge\n\n{FIRST}"


def test_of_a_page_without_an_article_all_is_read_but_what_every_page_has() -> None:
    links = "".join(f"<p><a href='/{number}'>Bridge {number}</a></p>" for number in range(3))
    assert "Bridge 0\n\nBridge 1\n\nBridge 2" in text(f"<nav>Home</nav>{links}<footer>Ours</footer>")
    assert "Ours" not in text(f"<nav>Home</nav>{links}<footer>Ours</footer>")


def test_lines_that_belong_to_the_page_are_set_aside() -> None:
    read = draft(f"<p>{FIRST}</p><p>Follow us on all channels</p>")
    assert [(read.text[place.start : place.end], place.rule) for place in read.set_aside] == [
        ("Follow us on all channels", "call to action")
    ]


CYRILLIC = "Старый мост через реку упал в полдень, и никто не пострадал."


@pytest.mark.parametrize(
    ("start", "encoding", "words"),
    [
        ("<meta charset=windows-1251>", "cp1251", CYRILLIC),
        ("<meta http-equiv='Content-Type' content='text/html; charset=koi8-r'>", "koi8-r", CYRILLIC),
        ("<?xml version='1.0' encoding='Shift_JIS'?><html>", "cp932", "橋が正午に落ちた①。"),
        ("<meta charset=gb2312>", "gb18030", "桥在中午倒塌了，没有人受伤，镕"),
        ("<meta charset=iso-8859-1>", "cp1252", "The “old” café – it fell."),
        ("<meta charset=iso-2022-jp>", "iso-2022-jp", "橋が正午に落ちた。"),
        ("<meta charset=iso-8859-1>", "utf-8", "The “old” café – it fell."),  # declared before it was saved anew
        ("<meta charset=utf-8>", "cp1252", "The “old” café – it fell."),
        ("<meta charset=utf-16>", "ascii", "The old bridge – it fell.".replace("–", "-")),
        ("<meta charset=no-such>", "utf-8", "The “old” café – it fell."),
        ("<meta charset=hex>", "cp1252", "The “old” café – it fell at noon, and nobody was hurt there."),
        ("<meta charset=punycode>", "cp1252", "The “old” café – it fell at noon, and nobody was hurt there."),
        ("", "utf-8", CYRILLIC),
        ("", "cp1252", "The “old” café – it fell."),
    ],
)
def test_a_page_is_read_in_its_encoding(start: str, encoding: str, words: str) -> None:
    assert text(f"{start}<p>{words}</p>".encode(encoding)) == words


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_the_mark_of_an_encoding_comes_before_what_is_declared(mark: bytes, encoding: str) -> None:
    assert text(mark + f"<meta charset=koi8-r><p>{CYRILLIC}</p>".encode(encoding)) == CYRILLIC


def test_one_damaged_character_does_not_change_how_the_others_are_read() -> None:
    assert text(f"<meta charset=utf-8><p>{CYRILLIC}</p>".encode()[:-6]) == CYRILLIC[:-2] + "\ufffd"


def test_an_empty_element_of_an_xhtml_page_ends_where_it_says() -> None:
    page = f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>{FIRST}</p></body></html>'
    assert [each.text for each in parse(page.encode(), "a.xhtml", LIMITS)] == [FIRST]


@pytest.mark.parametrize("page", ["<html></html>", "<!-- nothing -->", "<img src=a.png>", "<frameset><frame></frameset>"])
def test_a_page_without_text_is_refused(page: str) -> None:
    assert refusal(page) == "no text was found in it"


@pytest.mark.parametrize(
    "body",
    [
        "<div id=root></div><script src=a.js></script>",
        "<noscript>Turn it on</noscript><div>Loading...</div><script>x()</script>",
    ],
)
def test_a_page_that_scripts_make_is_refused_with_what_to_do(body: str) -> None:
    assert refusal(body) == "the page is made by scripts when it is opened: save it from the browser as MHTML or PDF"


def test_a_note_of_few_words_is_read_though_there_is_a_script_in_it() -> None:
    assert text("<p>Buy milk.</p><script>count()</script>") == "Buy milk."


def test_something_binary_is_refused() -> None:
    assert refusal(b"<html>" + bytes(range(256)) * 8) == "this is not a text file but something binary"


@pytest.mark.slow
def test_two_hundred_thousand_links_are_read_as_they_are() -> None:
    read = text("<nav>Home</nav>" + "".join(f"<p><a href='/{number}'>Link {number}</a></p>" for number in range(200_000)))
    assert (read[:16], read[-11:]) == ("Link 0\n\nLink 1\n\n", "Link 199999")


def test_elements_in_each_other_are_read_to_the_end_or_refused() -> None:
    assert text("<div>" * 1_500 + FIRST + "</div>" * 1_500 + f"<p>{SECOND}</p>") == f"{FIRST}\n\n{SECOND}"
    said = "the page has too many elements inside each other: save it from the browser as PDF"
    assert refusal("<div>" * 100_000 + FIRST) == said
    assert refusal("</b>" * 1_000 + "<div>" * 100_000 + FIRST) == said  # after more errors than the parser keeps


def test_tables_in_each_other_are_read_to_the_end() -> None:
    nested = "<table><tr><td>" * 500 + FIRST + "</td></tr></table>" * 500
    assert text(f"<nav>Home</nav>{nested * 10}<p>{SECOND}</p>").endswith(f"{FIRST}\n\n{SECOND}")


def test_a_page_with_too_many_tags_is_refused() -> None:
    assert refusal("<p>" * 1_000_001) == "the page has more than 1,000,000 tags, which is the limit"


@pytest.mark.slow
def test_a_paragraph_beyond_the_parsers_ten_megabytes_is_read_whole() -> None:
    words = f"{FIRST} " * (11_000_000 // len(FIRST))
    read = draft(f"<p>{words}</p><p>{SECOND}</p>", Limits(text_characters=12_000_000))
    assert read.text == f"{words.strip()}\n\n{SECOND}"


def test_a_text_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ArticleUnreadable, match=r"^the text has 101 characters; the limit is 100$"):
        draft(f"<p>{'x' * 101}</p>", Limits(text_characters=100))


def test_an_attribute_of_fifteen_megabytes_is_passed_over() -> None:
    assert text(f"<p title='{'x' * 15_000_000}'>{FIRST}</p>") == FIRST


def test_entities_that_a_page_declares_stand_for_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The password is swordfish.")
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    page = (
        f'<!DOCTYPE html [<!ENTITY l0 "ha">{laughs}<!ENTITY s SYSTEM "{secret.as_uri()}">]><html><p>{FIRST} &l9;&s;</p></html>'
    )
    assert text(page).endswith(f"{FIRST} &l9;&s;")


@pytest.mark.parametrize("cut", range(100, len(SITE), 150))
def test_a_page_that_is_cut_off_anywhere_is_read_or_refused(cut: int) -> None:
    with suppress(ArticleUnreadable):
        assert text(SITE[:cut])


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Cf"]), min_size=1).map(lambda each: " ".join(each.split()))


@given(st.lists(WORDS.filter(bool), min_size=1))
def test_every_paragraph_comes_word_for_word_and_in_order(paragraphs: list[str]) -> None:
    page = "<html><body>" + "".join(f"<p>{escape(each)}</p>" for each in paragraphs) + "</body></html>"
    assert text(b"\xef\xbb\xbf" + page.encode()) == "\n\n".join(paragraphs)


@given(st.text(alphabet="<>/=&;#!-[]'\" \nabpdivtrlscx019", max_size=300))
def test_any_tags_are_read_or_refused(page: str) -> None:
    with suppress(ArticleUnreadable):
        assert text(f"<html>x{page}").strip()


ADDRESS = "https://www.example.org/2019/bridge.html"


def saved(page: bytes, content_type: str = "text/html", **headers: str) -> bytes:
    """A page as a browser saves it, a style sheet before it."""
    top = {"From": "<Saved by Blink>", "Subject": "The bridge, as it fell", "MIME-Version": "1.0", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in top.items())
    boundary = 'Content-Type: multipart/related; type="text/html"; boundary="x--y"\r\n\r\n'
    style = "--x--y\r\nContent-Type: text/css\r\n\r\np { color: red }\r\n"
    part = f"--x--y\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return (head + boundary + style + part).encode() + quopri.encodestring(page) + b"\r\n--x--y--\r\n"


def test_a_page_saved_in_one_file_is_read_with_the_host_it_came_from() -> None:
    content = saved(SITE.encode(), Snapshot_Content_Location=ADDRESS)
    (parsed,) = parse(content, "/articles/a.mhtml", LIMITS)
    assert parsed.text == text(SITE)
    assert (parsed.title, parsed.site, parsed.language) == ("The bridge that fell", "www.example.org", "en")


def test_a_saved_page_without_a_title_has_the_files_and_its_own_address() -> None:
    content = saved(f"<p>{FIRST}</p>".encode(), f"text/html\r\nContent-Location: {ADDRESS}")
    (draft,) = load_mhtml(content, "/articles/a.mhtml", LIMITS)
    assert (draft.title, draft.site, draft.text) == ("The bridge, as it fell", "www.example.org", FIRST)


def test_an_address_that_is_none_is_no_site() -> None:
    for address in ("cid:frame@mhtml.blink", "http://[", "file:///a.html"):
        (draft,) = load_mhtml(saved(b"<p>Buy milk.</p>", Snapshot_Content_Location=address), "/a.mhtml", LIMITS)
        assert draft.site is None


def test_the_encoding_declared_beside_a_saved_page_comes_before_its_own() -> None:
    page = f"<meta charset=utf-8><p>{CYRILLIC}</p>".encode("koi8-r")
    (draft,) = load_mhtml(saved(page, "text/html; charset=koi8-r"), "/a.mhtml", LIMITS)
    assert draft.text == CYRILLIC


def test_a_saved_file_without_a_page_is_refused() -> None:
    with pytest.raises(ArticleUnreadable, match=r"^there is no page in it$"):
        load_mhtml(saved(b"x", "text/plain"), "/a.mhtml", LIMITS)


@given(st.binary(max_size=200))
def test_any_bytes_called_a_saved_page_are_read_or_refused(content: bytes) -> None:
    with suppress(ArticleUnreadable):
        assert load_mhtml(b"Content-Type: text/html\r\n" + content, "/a.mhtml", LIMITS)[0].text


def test_the_measure_counts_runs_of_four_words_as_often_as_they_occur() -> None:
    assert shares("a b c d e", "a b c d e") == Shares(1, 0, 0)
    assert shares("a b c d e", "a, b, c, d! x") == Shares(1 / 3, 1 / 3, 1 / 3)
    assert shares("a b c d a b c d", "a b c d") == Shares(1 / 5, 0, 4 / 5)
    assert shares("a b", "a b") == Shares(1, 0, 0)


def test_the_measure_is_made_of_the_pages_means() -> None:
    f1, precision, recall = measure([Shares(1, 0, 0), Shares(0.25, 0.25, 0.5)])
    assert (precision, recall) == ((1 + 1 / 2) / 2, (1 + 1 / 3) / 2)
    assert f1 == 2 * precision * recall / (precision + recall)
