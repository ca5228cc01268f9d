"""Feeds and sitemaps of every kind give their newest pages, and hostile ones an answer in bounded time."""

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers import Server, answer, dated_feed, fetcher, serving

from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.sources.sandbox.parser_pool import ParserPool, shared_pool
from qa.sources.web import NEWEST, WebPage, feeds
from qa.sources.web.crawl import crawl
from qa.sources.web.feeds import Kind, Link, detect_kind, newest, parse_links, validate_links
from qa.types.articles import Failure
from qa.types.errors import ArticleUnreadable

BASE = "https://example.org/news/feed"
RSS_2 = """<?xml version="1.0"?><!-- made by hand --><rss version="2.0"><channel><title>News</title><link>/</link>
<item><title>Old &amp; &lt;b&gt;bold&lt;/b&gt;</title><link>/old#top</link>
<pubDate>Fri, 03 May 2019 12:15:00 +0200</pubDate></item>
<item><title>New</title><link>new?id=1</link><pubDate>Sat, 04 May 2019 00:00:00 GMT</pubDate></item>
<item><title>Undated</title><guid isPermaLink="true">https://example.org/undated</guid></item>
<item><title>No page</title><guid isPermaLink="false">17</guid></item></channel></rss>"""
RSS_1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org/"><title>News</title></channel>
<item rdf:about="https://example.org/a"><title>A</title><link>https://example.org/a</link>
<dc:date>2019-05-03T10:15:00Z</dc:date></item></rdf:RDF>"""
RSS_090 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">
<channel><title>News</title></channel><item><title>A</title><link>https://example.org/a</link></item></rdf:RDF>"""
RSS_091 = """<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>News</title>
<item><title>A</title><link>https://example.org/a</link></item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/base/">
<title>News</title><entry><title type="html">Brücke &amp;amp; Fluß</title>
<link rel="enclosure" href="https://example.org/sound.mp3"/><link rel="alternate" href="a"/>
<published>2019-05-03T10:15:00Z</published><updated>2024-01-01T00:00:00Z</updated></entry>
<entry><title>B</title><link href="b"/><updated>2019-05-04T10:15:00+02:00</updated></entry></feed>"""
JSON_FEED = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [
        {"id": "1", "url": "/a", "title": "A", "date_published": "2019-05-03T10:15:00Z"},
        {"id": "2", "external_url": "https://other.example/b", "date_modified": "2019-05-04T10:15:30+02:00"},
        {"id": "3", "content_text": "a note without a page"}, "no item", {"url": 7},
    ],
})  # fmt: skip
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
SITEMAP = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {NS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://example.org/a?x=1&amp;y=2</loc><lastmod>2019-05-03</lastmod>
<image:image><image:loc>https://example.org/a.png</image:loc></image:image></url>
<url><loc>
  https://example.org/b
</loc><lastmod>2019-05-04T10:15:30.25Z</lastmod><priority>0.5</priority></url>
<url><loc>https://example.org/c</loc><lastmod>May 2019</lastmod></url><url><lastmod>2020-01-01</lastmod></url></urlset>"""
INDEX = f"""<sitemapindex {NS}><sitemap><loc>https://example.org/1.xml</loc><lastmod>2019-05-03</lastmod></sitemap>
<sitemap><loc>/2.xml.gz</loc><lastmod>2020-05-03</lastmod></sitemap></sitemapindex>"""
HTML = '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><p>&lt;rss&gt;</html>'


def found(content: str | bytes, most: int = 20, url: str = BASE) -> list[tuple[str, str | None, str | None]]:
    encoded = content.encode() if isinstance(content, str) else content
    [links] = parse_links(encoded, url, LIMITS)
    return [(link.url, link.title, link.published) for link in links.pages[:most]]


def sitemaps(content: str) -> tuple[Link, ...]:
    [links] = parse_links(content.encode(), BASE, LIMITS)
    return links.sitemaps


def refusal(content: bytes) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        parse_links(content, BASE, LIMITS)
    return str(caught.value)


# What it is


@pytest.mark.parametrize(
    ("content", "content_type", "what"),
    [
        *((feed, "text/html", "feed") for feed in (RSS_2, RSS_1, RSS_090, RSS_091, ATOM, JSON_FEED)),
        (JSON_FEED.replace("/", "\\/"), None, "feed"),
        ("\ufeff \n" + RSS_2, None, "feed"),
        ('<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>' + RSS_2.partition("?>")[2], None, "feed"),
        ("not xml at all", "application/rss+xml", "feed"),
        (SITEMAP, "text/plain", "sitemap"),
        (INDEX, None, "sitemap"),
        (HTML, "text/html", "page"),
        (HTML, "application/rss+xml", "page"),
        ("A text about <rss> and <urlset>.", "text/plain", "page"),
        ("<feed><cow/></feed>", "text/xml", "page"),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "application/rdf+xml", "page"),
        ('{"version": 1}', "application/json", "page"),
        ("%PDF-1.7", "application/pdf", "page"),
        ("<!-- never closed <rss>", None, "page"),
        ("", None, "page"),
    ],
)
def test_feeds_and_sitemaps_are_known_by_what_they_are(content: str, content_type: str | None, what: Kind) -> None:
    assert detect_kind(content.encode(), content_type) == what


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_feed_in_another_encoding_is_known_and_read(encoding: str) -> None:
    content = ATOM.replace('encoding="utf-8"', f'encoding="{encoding[:6].rstrip("-")}"').encode(encoding)
    assert detect_kind(content, None) == "feed"
    assert found(content)[1][1] == "Brücke & Fluß"


def test_a_packed_sitemap_is_known_and_read() -> None:
    packed = gzip.compress(SITEMAP.encode())
    assert detect_kind(packed, "application/gzip") == "sitemap"
    assert found(packed) == found(SITEMAP)
    assert detect_kind(gzip.compress(b"an archive"), "application/gzip") == "page"
    assert detect_kind(packed[:9], None) == "page"


# What it names


def test_an_rss_feed_gives_its_pages_the_newest_first() -> None:
    assert found(RSS_2) == [
        ("https://example.org/news/new?id=1", "New", "2019-05-04T00:00+00:00"),
        ("https://example.org/old", "Old & bold", "2019-05-03T10:15+00:00"),
        ("https://example.org/undated", "Undated", None),
    ]
    assert [url for url, *_ in found(RSS_2, most=1)] == ["https://example.org/news/new?id=1"]


@pytest.mark.parametrize(
    ("feed", "published"), [(RSS_1, "2019-05-03T10:15+00:00"), (RSS_090, None), (RSS_091, None)], ids=["1.0", "0.90", "0.91"]
)
def test_an_early_rss_feed_gives_its_pages(feed: str, published: str | None) -> None:
    assert found(feed) == [("https://example.org/a", "A", published)]


def test_an_atom_feed_gives_its_pages_by_when_they_were_published_or_else_updated() -> None:
    assert found(ATOM) == [
        ("https://example.org/base/b", "B", "2019-05-04T08:15+00:00"),
        ("https://example.org/base/a", "Brücke & Fluß", "2019-05-03T10:15+00:00"),
    ]


def test_a_json_feed_gives_its_pages() -> None:
    assert found(JSON_FEED) == [
        ("https://other.example/b", None, "2019-05-04T10:15+02:00"),
        ("https://example.org/a", "A", "2019-05-03T10:15+00:00"),
    ]


def test_a_sitemap_gives_its_pages_and_no_pictures() -> None:
    assert found(SITEMAP) == [
        ("https://example.org/b", None, "2019-05-04T10:15+00:00"),
        ("https://example.org/a?x=1&y=2", None, "2019-05-03"),
        ("https://example.org/c", None, None),
    ]


def test_a_sitemap_of_sitemaps_gives_those_and_no_pages() -> None:
    assert found(INDEX) == []
    assert sitemaps(INDEX) == (
        Link("https://example.org/2.xml.gz", None, "2020-05-03"),
        Link("https://example.org/1.xml", None, "2019-05-03"),
    )
    assert sitemaps(SITEMAP) == sitemaps(RSS_2) == ()


def rss(*links: str, tag: str = "") -> str:
    return f"<rss version='2.0'><channel>{tag}{''.join(f'<item><link>{link}</link></item>' for link in links)}</channel></rss>"


def test_a_page_that_is_named_twice_comes_once() -> None:
    assert [url for url, *_ in found(rss("/a?utm_source=feed", "/a#part", "/a", "/b"))] == [
        "https://example.org/a?utm_source=feed",
        "https://example.org/b",
    ]


def test_only_pages_of_the_web_are_named(tmp_path: Path) -> None:
    links = ("file:///etc/passwd", "ftp://example.org/a", "javascript:alert(1)", "mailto:ann@example.org", "http://[bad", "/a")
    assert [url for url, *_ in found(rss(*links))] == ["https://example.org/a"]


def test_a_feed_that_is_broken_in_one_place_gives_what_can_be_read() -> None:
    assert [url for url, *_ in found(rss("/a", "/b", tag="<title>Fish & Chips</title>"))] == [
        "https://example.org/a",
        "https://example.org/b",
    ]


def test_dates_with_and_without_a_time_zone_are_put_in_order_and_odd_ones_are_none() -> None:
    stamps = ["2019-05-03", "2019-05-03T00:30", "2019-05-03T01:00+02:00", "0001-01-01T00:00+14:00", "2019-02-30", "9999-99", ""]
    urls = "".join(f"<url><loc>/{n}</loc><lastmod>{stamp}</lastmod></url>" for n, stamp in enumerate(stamps))
    assert [url[-1] for url, *_ in found(f"<urlset {NS}>{urls}</urlset>")] == list("1023456")


@given(st.lists(st.datetimes(timezones=st.timezones() | st.none()), max_size=30), st.integers(0, 10))
def test_the_newest_are_those_a_sort_of_all_would_give(moments: list[datetime], most: int) -> None:
    given = [Link(f"https://example.org/{n}", None, moment.isoformat()) for n, moment in enumerate(moments)]
    utc = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in moments]
    order = sorted(range(len(utc)), key=lambda n: utc[n] - datetime(2000, 1, 1, tzinfo=UTC), reverse=True)
    assert newest(given, most) == [given[n] for n in order][:most]


# Hostile


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SITEMAP[:300], "the sitemap is damaged"),
        (f"<urlset {NS}>" + "<a>" * 2_000_000, "the sitemap is damaged (elements are too deep in one another)"),
        ("<urlset>" + "<url><loc>/a</loc></url>" * 50_001 + "</urlset>", "the sitemap holds more than 50,000 entries"),
        ('<?xml version="1.0" encoding="klingon"?><urlset/>', "the sitemap is damaged"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>',
         "the sitemap declares entities, which are not read"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "the feed is damaged (it is no JSON)"),
        ('{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 999_999, "the feed is damaged (it is no JSON)"),
        ("<rss>" + "<a>" * 500_001, "the feed has more than 500,000 tags"),
        ("<rss><channel><item", "the feed is damaged"),
    ],
)  # fmt: skip
def test_what_is_damaged_or_a_trap_is_refused_with_the_reason(content: str, reason: str) -> None:
    assert refusal(content.encode()).startswith(reason)


def test_entities_of_a_feed_are_neither_fetched_nor_multiplied(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    grown = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(10))
    item = "<rss><channel><item><link>/a</link><title>&s;&e9;</title></item></channel></rss>"
    ((url, title, _),) = found(f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{secret.as_uri()}">{grown}]>{item}')
    assert url == "https://example.org/a"
    assert "secret" not in (title or "")
    assert len(title or "") < 100


def test_bytes_that_are_the_name_of_a_file_or_an_address_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS_2)
    with serving({"/feed": answer(RSS_2)}) as server:
        for name in (str(path), server.url("/feed")):
            assert refusal(name.encode()).startswith("the feed is damaged")
    assert server.requests == []


def test_what_unpacks_beyond_the_limit_is_refused_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "SITEMAP_BYTES", 1_000_000)
    assert refusal(gzip.compress(b"<urlset>" + b" " * 5_000_000)) == "it unpacks to more than 1 MB"
    assert refusal(b"<urlset>" + b" " * 1_000_000) == "the sitemap has more than 1 MB"
    assert refusal(gzip.compress(SITEMAP.encode())[:-9]) == "it cannot be unpacked (it is cut short)"


def test_a_feed_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "FEED_BYTES", 1_000_000)
    for content in (RSS_2, JSON_FEED):
        assert refusal(content.encode() + b" " * 1_000_000) == "the feed has more than 1 MB"


@given(st.sampled_from([RSS_2, RSS_1, ATOM, JSON_FEED, SITEMAP, INDEX]), st.data())
def test_damage_anywhere_ends_in_entries_or_a_reason(content: str, data: st.DataObject) -> None:
    encoded = content.encode()
    at = data.draw(st.integers(0, len(encoded)))
    cut = data.draw(st.integers(0, 20))
    damaged = encoded[:at] + data.draw(st.binary(max_size=20)) + encoded[at + cut :]
    detect_kind(damaged, None)
    try:
        [links] = parse_links(damaged, BASE, LIMITS)
    except ArticleUnreadable:
        return
    assert all(link.url.startswith(("http://", "https://")) for link in (*links.pages, *links.sitemaps))


# From an address to pages


def crawled(server: Server, path: str, k: int = NEWEST, pool: ParserPool = shared_pool) -> list[tuple[str, str]]:
    """Each page as its path and text, each failure as its path and reason."""
    return [
        (page.source.removeprefix(server.url("")), page.content.decode() if isinstance(page, WebPage) else page.reason)
        for page in crawl(server.url(path), k=k, fetcher=fetcher(), pool=pool)
    ]


def test_the_address_of_a_page_gives_that_page_under_its_canonical_name() -> None:
    with serving({"/a?id=1&utm_source=x": answer(HTML)}) as server:
        assert crawled(server, "/a?id=1&utm_source=x#top") == [("/a?id=1", HTML)]


def test_a_page_that_cannot_be_had_is_a_failure() -> None:
    with serving({}) as server:
        assert crawled(server, "/a") == [("/a", "the server answered 404 (not found)")]
    assert list(crawl("nonsense", fetcher=fetcher())) == [Failure("nonsense", "only http and https addresses can be fetched")]


def test_a_feed_gives_its_newest_pages_twenty_unless_told() -> None:
    paths = [f"/{n}" for n in range(25)]
    with serving({"/feed": answer(dated_feed(paths)), **{path: answer(path) for path in paths}}) as server:
        assert crawled(server, "/feed") == [(path, path) for path in paths[:20]]
        assert crawled(server, "/feed", 2) == [("/0", "/0"), ("/1", "/1")]


def test_a_page_that_fails_stops_none_of_the_others_and_one_with_two_addresses_comes_once() -> None:
    site = {
        "/feed": answer(dated_feed(["/gone", "/a", "http://10.0.0.1/", "/also-a", "/b"])),
        "/a": answer("a"), "/also-a": answer("", "302 Found", location="/a"), "/b": answer("b"),
    }  # fmt: skip
    with serving(dict(site)) as server:
        assert crawled(server, "/feed") == [
            ("/gone", "the server answered 404 (not found)"),
            ("/a", "a"),
            ("http://10.0.0.1/", "the address leads to 10.0.0.1, which is not public"),
            ("/b", "b"),
        ]


@pytest.mark.parametrize("content", ["<rss><channel></channel></rss>", rss("mailto:ann@example.org")])
def test_a_feed_without_pages_is_a_failure(content: str) -> None:
    with serving({"/feed": answer(content)}) as server:
        assert crawled(server, "/feed") == [("/feed", "the feed names no page")]


def test_a_damaged_sitemap_is_a_failure() -> None:
    with serving({"/sitemap.xml": answer(SITEMAP[:300])}) as server:
        ((path, reason),) = crawled(server, "/sitemap.xml")
    assert (path, reason[:22]) == ("/sitemap.xml", "the sitemap is damaged")


def located(element: str, *places: tuple[str, str]) -> str:
    inner = "url" if element == "urlset" else "sitemap"
    return (
        f"<{element} {NS}>{''.join(f'<{inner}><loc>{p}</loc><lastmod>{d}</lastmod></{inner}>' for p, d in places)}</{element}>"
    )


def test_of_a_sitemap_of_sitemaps_the_newest_pages_of_all_come_and_older_sitemaps_are_not_asked_for() -> None:
    index = located("sitemapindex", ("/old.xml", "2020-01-01"), ("/1.xml.gz", "2024-05-04"), ("/2.xml", "2024-05-03"))
    site = {
        "/index.xml": answer(index),
        "/1.xml.gz": answer(gzip.compress(located("urlset", ("/a", "2024-05-04"), ("/c", "2023-01-01")).encode())),
        "/2.xml": answer(located("urlset", ("/b", "2024-05-03"), ("/d", "2022-01-01"))),
        **{f"/{name}": answer(name) for name in "abcd"},
    }
    with serving(dict(site)) as server:
        assert crawled(server, "/index.xml", 2) == [("/a", "a"), ("/b", "b")]
    assert server.pages == ["/index.xml", "/1.xml.gz", "/2.xml", "/a", "/b"]


def test_a_sitemap_that_fails_or_leads_deeper_is_a_failure_and_stops_none_of_the_others() -> None:
    site = {
        "/index.xml": answer(located("sitemapindex", ("/gone.xml", ""), ("/index.xml", ""), ("/1.xml", ""), ("/page", ""))),
        "/1.xml": answer(located("urlset", ("/a", ""))),
        "/page": answer(HTML),
        "/a": answer("a"),
    }
    deeper = "a sitemap of sitemaps names this, and it is no sitemap of pages"
    with serving(dict(site)) as server:
        assert crawled(server, "/index.xml") == [
            ("/gone.xml", "the server answered 404 (not found)"), ("/index.xml", deeper), ("/page", deeper), ("/a", "a"),
        ]  # fmt: skip


def test_of_many_sitemaps_ten_are_read_and_that_is_said() -> None:
    names = [f"/{n}.xml" for n in range(12)]
    site = {"/index.xml": answer(located("sitemapindex", *((name, "") for name in names)))}
    site |= {name: answer(located("urlset", (f"/page{name}", ""))) for name in names}
    site |= {f"/page{name}": answer(name) for name in names}
    with serving(dict(site)) as server:
        first, *others = crawled(server, "/index.xml")
    assert first == ("/index.xml", "it names 12 sitemaps; only the first 10 were read, the newest first")
    assert others == [(f"/page{name}", name) for name in names[:10]]


# In the sandbox


# Both are below all limits of a feed.
SLOW = "<rss><channel>" + 80_000 * "<item><link>/a</link><title>t</title></item>" + "</channel></rss>"
LARGE = "<rss><channel>" + 9 * f"<item><link>/a</link><title>{150_000 * '&amp;t '}</title></item>" + "</channel></rss>"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "limits", "reason"),
    [
        (SLOW, Limits(cpu_seconds=1, wall_seconds=60.0), "reading it took more than 1 s of processor time"),
        (SLOW, Limits(cpu_seconds=60, wall_seconds=3.0), "reading it took more than 3 s"),
        (LARGE, Limits(memory_bytes=150 * MB, wall_seconds=60.0), "reading it took more than 150 MB of memory"),
    ],
    ids=["processor time", "time", "memory"],
)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked for this")
def test_a_feed_that_takes_too_much_is_one_failure_and_the_next_is_read(content: str, limits: Limits, reason: str) -> None:
    site = {"/hostile": answer(content), "/feed": answer(dated_feed(["/a"])), "/a": answer("a")}
    with serving(dict(site)) as server, ParserPool(limits) as pool:
        assert crawled(server, "/hostile", pool=pool) == [("/hostile", reason)]
        pool._limits = Limits()  # on a busy machine any feed may take longer than the three seconds of one case
        assert crawled(server, "/feed", pool=pool) == [("/a", "a")]


def test_a_feed_is_not_parsed_in_this_process() -> None:
    code = (
        "import sys\nfrom support.servers import answer, fetcher, serving\nfrom qa.sources.web.crawl import crawl\n"
        "site = {'/feed': answer('<rss><channel><item><link>/a</link></item></channel></rss>'), '/a': answer('a')}\n"
        "with serving(site) as server:\n    print(len(list(crawl(server.url('/feed'), fetcher=fetcher()))))\n"
        "print({'feedparser', 'defusedxml'} & sys.modules.keys())"
    )
    here = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout == "1\nset()\n", done.stderr


def links_data(**changed: object) -> dict[str, object]:
    return {"pages": [{"url": "http://a.org/1", "title": "One", "published": "2024-05-01"} | changed], "sitemaps": []}


@pytest.mark.parametrize(
    "changed",
    [
        *({"url": url} for url in (None, 7, "/1", "javascript:alert(1)", "http://a.org/1#x", "file:///etc/passwd")),
        *({"title": 7}, {"title": "\ud800"}, {"published": "yesterday"}, {"published": 2024}),
    ],
    ids=str,
)
def test_an_answer_with_an_invalid_link_is_refused(changed: dict[str, object]) -> None:
    assert validate_links(links_data(), BASE).pages == (Link("http://a.org/1", "One", "2024-05-01"),)
    with pytest.raises((TypeError, ValueError)):
        validate_links(links_data(**changed), BASE)


@pytest.mark.parametrize("given", [7, None, {}, {"pages": 7, "sitemaps": []}, {"pages": [], "sitemaps": [[]]}], ids=str)
def test_nonsense_is_no_list_of_links(given: object) -> None:
    with pytest.raises((TypeError, LookupError)):
        validate_links(given, BASE)
