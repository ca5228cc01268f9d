"""What a page says of its article is told from what it says of itself, of its template and of other articles."""

import json
from typing import Any

import pytest

from qa.sources.formats.draft import Draft
from qa.sources.formats.html import CUT_OFF, load_html
from qa.sources.formats.limits import LIMITS
from qa.sources.formats.mhtml import load_mhtml
from qa.types.articles import Provenance

BODY = (
    "<p>The council of Ostrava Bay has bought eleven trams, which will run from the harbour to the hospital.</p>"
    "<p>The first of them is expected in March, said Petra Novakova, who is responsible for transport there.</p>"
)


def page(
    head: str = "", above: str = "", *, heading: str = "Eleven trams for the bay", after: str = "", lang: str = ""
) -> Draft:
    html = (
        f"<html{f' lang={lang}' if lang else ''}><head>{head}</head><body><article><h1>{heading}</h1>{above}{BODY}</article>"
        f"{after}</body></html>"
    )
    return load_html(html.encode(), "/articles/trams.html", LIMITS)[0]


def data(*items: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(item)}</script>' for item in items)


ARTICLE = {"@type": "NewsArticle", "headline": "Eleven trams for the bay", "datePublished": "2022-08-09T07:00:00+02:00"}
WEB_PAGE = {"@type": "WebPage", "datePublished": "2011-01-01", "dateModified": "2023-01-01"}


@pytest.mark.parametrize(
    "head",
    [
        data(ARTICLE),
        data({"@graph": [{"@type": "WebSite", "name": "Bay News"}, WEB_PAGE, ARTICLE]}),
        data([WEB_PAGE, {**ARTICLE, "@type": ["Thing", "http://schema.org/ReportageNewsArticle"]}]),
        data({**WEB_PAGE, "mainEntity": ARTICLE}),
        data({**ARTICLE, "hasPart": {**ARTICLE, "datePublished": "2020-01-01"}}),
        data({**ARTICLE, "headline": "Ferries for the bay", "datePublished": "2020-01-01"}, ARTICLE),
        f"<script type=application/ld+json>\n<!--\n{json.dumps(ARTICLE)[:-1]},}}\n//-->\n</script>",
        '<script type="application/ld+json">{"@type": "Report", "name": "A "bad" one", "datePublished": "2022-08-09"}</script>',
    ],
)
def test_the_date_is_that_of_the_article_in_structured_data(head: str) -> None:
    draft = page(head + '<meta property="article:modified_time" content="2024-02-02">')
    assert (draft.published, draft.provenance.published) == ("2022-08-09", "structured data")


@pytest.mark.parametrize(
    "head",
    [
        data(WEB_PAGE),
        data({**ARTICLE, "datePublished": "0001-01-01T00:00:00Z"}),
        data({**ARTICLE, "datePublished": None, "dateModified": "2022-08-09"}),
        data({"@type": "ItemList", "itemListElement": [ARTICLE]}),
        data({**ARTICLE, "headline": "Ferries"}, {**ARTICLE, "headline": "Buses"}),  # neither is the page's
        '<meta property="article:modified_time" content="2022-08-09"><meta property="og:updated_time" content="2022-08-09">',
        '<meta http-equiv="last-modified" content="Tue, 09 Aug 2022 07:00:00 GMT">',
    ],
)
def test_a_date_of_the_page_or_of_its_last_change_is_not_that_of_the_article(head: str) -> None:
    draft = page(head, "<p>Updated 9 August 2022</p>")
    assert (draft.published, draft.provenance.published) == (None, None)


@pytest.mark.parametrize(
    ("head", "above", "place"),
    [
        ('<meta name="DC.date.issued" content="2022-08-09">', "", "meta tag"),
        ('<meta itemprop="datePublished" content="9 August 2022">', "", "meta tag"),
        ("", "<span itemprop=datePublished content=2022-08-09>Tuesday</span>", "structured data"),
        ("", "<time class='entry-date published' datetime=2022-08-09T10:00>on Tuesday</time>", "structured data"),
        ("", "<p>Tuesday <time datetime=2022-08-09T10:00>3 days ago</time></p>", "date line"),
        ("", "<time class=updated datetime=2023-01-01>2023</time><p>By Ann Rule | 9 August 2022</p>", "date line"),
        ("", "<p>Von Ann Rule veröffentlicht am 9. August 2022</p>", "date line"),
        ("", "<p>Published 9 Aug 2022 | Updated 1 Jan 2023</p>", "date line"),
        ("", "<p>Last modified: 1 Jan 2023. Posted: 9 Aug 2022</p>", "date line"),
        ("", "<p>OSTRAVA BAY, August 9, 2022 (Bay Wire) – The mayor has signed.</p>", "date line"),
        ('<link rel=canonical href="https://bay.example/2022/08/09/trams">', "", "address"),
        ('<meta property="og:url" content="https://bay.example/news/2022/aug/09/trams">', "", "address"),
    ],
)
def test_each_date_is_given_with_its_place(head: str, above: str, place: str) -> None:
    draft = page(head, above)
    assert (draft.published, draft.provenance.published) == ("2022-08-09", place)


@pytest.mark.parametrize(
    ("line", "lang"),
    [
        ("9 августа 2022", ""),
        ("2022年8月9日 8時30分", "ja"),
        ("2022년 8월 9일", ""),
        ("9 Ağustos 2022 Salı", "tr"),
        ("9 สิงหาคม 2565", "th"),
        ("2022. augusztus 9.", ""),
        ("mardi 9 août 2022 à 14h30", "fr"),
        ("9 de agosto de 2022", "pt-BR"),
        ("09/08/2022", "pt-BR"),
        ("08/09/2022", "en-US"),
        ("09.08.2022", "de"),
    ],
)
def test_dates_are_read_in_the_languages_of_the_world(line: str, lang: str) -> None:
    assert page("", f"<p>{line}</p>", lang=lang).published == "2022-08-09"


def test_a_date_in_numbers_that_may_be_either_of_two_days_is_none() -> None:
    assert page("", "<p>08/09/2022</p>", lang="en").published is None


def test_the_date_of_another_article_beside_this_one_is_not_taken() -> None:
    others = '<div class="related"><time class=published datetime=2021-01-01>1 January 2021</time></div>'
    assert page(after=others).published is None


def test_the_title_is_what_the_page_gives_twice() -> None:
    live = {
        "@type": "LiveBlogPosting",
        "headline": "Storm over the bay: latest",
        "datePublished": "2022-08-09",
        "liveBlogUpdate": [{"@type": "BlogPosting", "headline": "Trees down", "datePublished": "2022-08-10"}],
    }
    draft = page(data(live) + "<title>Storm over the bay: latest | Bay News</title>", heading="Storm over the bay: latest")
    assert (draft.title, draft.published) == ("Storm over the bay: latest", "2022-08-09")
    draft = page('<meta property="og:site_name" content="Bay News"><title>Eleven trams - Bay News</title>', heading="Bay News")
    assert (draft.title, draft.provenance.title) == ("Eleven trams", "page title")


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ({"@type": "Person", "name": "Ann Rule"}, "Ann Rule"),
        (["Ann Rule", {"name": "Bo Li"}], "Ann Rule; Bo Li"),
        ({"@id": "#ann"}, "Ann Rule"),
        ("By Ann Rule", "Ann Rule"),
        ({"@type": "Organization", "name": "Bay News"}, None),
        ({"@type": "Person", "name": "admin"}, None),
    ],
)
def test_authors_are_persons_that_the_page_names(author: Any, expected: str | None) -> None:
    person = {"@type": "Person", "@id": "#ann", "name": "Ann Rule"}
    items = {"@graph": [{**ARTICLE, "author": author}, *([person] if isinstance(author, dict) and "@id" in author else [])]}
    draft = page(data(items))
    assert (draft.author, draft.provenance.author) == (expected, "structured data" if expected else None)


def test_the_day_on_which_a_page_was_saved_is_the_files() -> None:
    saved = f"Date: Tue, 9 Aug 2022 07:00:00 -0000\r\nContent-Type: text/html\r\n\r\n<p>{BODY}</p>"
    (draft,) = load_mhtml(saved.encode(), "/a.mhtml", LIMITS)
    assert (draft.published, draft.file_date, draft.provenance) == (None, "2022-08-09", Provenance())


LOCKED = {"@type": "NewsArticle", "headline": "Eleven trams for the bay", "isAccessibleForFree": False}


@pytest.mark.parametrize(
    ("said", "after", "is_cut"),
    [
        ({}, "<p>Subscribe to continue reading.</p>", True),
        ({"isAccessibleForFree": "False"}, "<footer><p>Already a subscriber? Log in</p></footer>", False),  # on every page
        ({"isAccessibleForFree": "http://schema.org/False", "wordCount": 900}, "", True),
        ({"wordCount": 40}, "<p>Subscribe to continue reading.</p>", False),  # all words are there
        ({}, "<p>The depot of the old ones will be …</p>", True),
        ({}, "", False),  # as a subscriber saved it
        ({"isAccessibleForFree": True}, "<p>Subscribe to continue reading.</p>", False),
    ],
)
def test_a_page_for_subscribers_that_is_cut_off_says_so(said: dict[str, Any], after: str, *, is_cut: bool) -> None:
    notes = page(data(LOCKED | said), after=f"<main>{after}</main>" if "<footer" not in after else after).notes
    assert notes == ((CUT_OFF,) if is_cut else ())
