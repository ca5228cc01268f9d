"""A page is put in order: nothing of its article is lost or joined, and nothing beside it is read as a part of it."""

import json

import pytest

from qa.sources.formats.draft import Draft
from qa.sources.formats.html import load_html
from qa.sources.formats.limits import LIMITS

ONE = "The ropeway from Kestrel Gap to the summit was opened to walkers again on the second Sunday of June."
TWO = "It carries 240 people an hour, said its director Imre Falk, twice as many as the old one with its wooden cabins."
THREE = "The valley paid nine million crowns for it, of which a third came from the region and the rest from a loan."
NAV = "<nav><a href=/>Home</a></nav>"


def draft(body: str, head: str = "") -> Draft:
    return load_html(f"<html><head>{head}</head><body>{NAV}{body}</body></html>".encode(), "/a/ropeway.html", LIMITS)[0]


def text(body: str, head: str = "") -> str:
    return draft(body, head).text


@pytest.mark.parametrize(
    "body",
    [
        f"<div><div><div>{ONE}<br><br>{TWO}<br><br>{THREE}</div></div></div>",
        f"<div><div>{ONE}<div>{TWO}</div>{THREE}</div></div>",
        f"<main><span>{ONE}</span><p>{TWO}</p><b>{THREE}</b></main>",
        f"<table><tr><td>{ONE}<p>{TWO}</p>{THREE}</td></tr></table>",
    ],
)
def test_text_beside_line_breaks_and_boxes_is_a_paragraph(body: str) -> None:
    assert text(body).split("\n\n") == [ONE, TWO, THREE]


def test_an_article_in_several_boxes_of_a_class_comes_whole_and_comments_do_not() -> None:
    boxes = [f'<div class="chunk body"><p>{words}</p></div><div class=ad>Buy</div>' for words in (ONE, TWO, THREE)]
    comments = "".join(f"<div class=comment-text><p>{ONE[::-1]}</p></div>" for _ in range(6))
    read = text(f"<article><h1>Ropeway</h1>{''.join(boxes)}</article><div class=comments>{comments}</div>")
    assert all(words in read for words in (ONE, TWO, THREE))
    assert ONE[::-1] not in read


def test_boxes_of_newsletters_and_lines_that_lead_elsewhere_are_no_part_of_the_article() -> None:
    box = "<div class='Newsletter-box'><h3>The peak</h3><p>All that happens above the clouds, by mail.</p></div>"
    link = "<p>SEE MORE: <a href=/x>Cabin falls into the lake below Kestrel Gap</a></p>"
    assert text(f"<article><p>{ONE}</p>{box}<p>{TWO}</p>{link}<p>{THREE}</p></article>") == f"{ONE}\n\n{TWO}\n\n{THREE}"


def test_a_box_that_is_called_like_an_advertisement_and_holds_the_article_stays() -> None:
    assert (
        text(f"<div class='related-story promo-box'><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div>")
        == f"{ONE}\n\n{TWO}\n\n{THREE}"
    )


def test_numbers_of_notes_are_no_text_and_notes_are_set_aside() -> None:
    notes = (
        "<hr><ol class=footnotes><li id=fn1>Falk, Ropes of the North, p. 12. <a href=#r1>↩</a></li><li id=fn2>Ibid.</li></ol>"
    )
    marked = f"{ONE[:40]}<sup><a id=r1 href=#fn1>1</a></sup>{ONE[40:]} {TWO}<a class=footnote-ref href=#fn2>[2]</a>"
    read = draft(f"<article><p>{marked}</p><p>{THREE} Its cables weigh 8 kg/m<sup>3</sup>.</p>{notes}</article>")
    assert read.text.startswith(f"{ONE} {TWO}\n\n{THREE} Its cables weigh 8 kg/m3.")
    aside = [(read.text[place.start : place.end], place.rule) for place in read.set_aside]
    assert aside == [("Falk, Ropes of the North, p. 12.", "footnote"), ("Ibid.", "footnote")]


@pytest.mark.parametrize("link", ["<a href=#part2>2</a>", "<a href=/page/2>2</a>", "<sup><a href=/shop>TM</a></sup>"])
def test_a_link_that_is_no_number_of_a_note_stays(link: str) -> None:
    words = text(f"<article><p>{ONE} See chapter {link} of it.</p><p id=part2>{TWO}</p><p>{THREE}</p></article>")
    assert "of it." in words.split("See chapter ")[1][:12]
    assert words.split("See chapter ")[1][0] in "2T"


@pytest.mark.parametrize("surroundings", ["<div>{}</div>", f"<article><p>{ONE}</p>{{}}<p>{TWO}</p><p>{THREE}</p></article>"])
@pytest.mark.parametrize(
    "formula",
    [
        r"<math><mi>F</mi><mo>=</mo><annotation encoding='application/x-tex'>F = m g</annotation></math>",
        r"<script type='math/tex'>F = m g</script>",
        r"<span class=katex><math alttext='F = m g'><mi>F</mi></math><span class=katex-html>F=mg</span></span>",
    ],
)
def test_a_formula_is_its_source_once(surroundings: str, formula: str) -> None:
    assert r"The pull on the cable is \(F = m g\) at rest." in text(
        surroundings.format(f"<p>The pull on the cable is {formula} at rest.</p>")
    )


def test_captions_that_are_sentences_steps_and_inner_lists_are_kept() -> None:
    caption = "The cabin of 1931, which hung over the valley from one cable only."
    figure = f"<figure><img src=a><figcaption>{caption}</figcaption></figure>"
    steps = "<h3>Step 1: Oil the wheels</h3><ol><li>Open the lid<ul><li>with the long key</li></ul></li><li>Pour</li></ol>"
    read = text(f"<article><p>{ONE}</p>{figure}<p>{TWO}</p>{steps}<p>{THREE}</p></article>")
    assert caption in read
    assert "Step 1: Oil the wheels\n\nOpen the lid\nwith the long key\nPour" in read


ARTICLE = {"@type": "NewsArticle", "headline": "Ropeway open", "articleBody": f"{ONE}\n{TWO}\n{THREE}"}
BLOCKS = [{"type": "p", "text": ONE}, {"type": "html", "html": f"<p>{TWO}</p>"}, {"type": "p", "text": THREE}]
RICH = {
    "type": "doc",
    "content": [
        {"type": "p", "content": [{"type": "text", "text": each[:30]}, {"type": "text", "text": each[30:]}]}
        for each in (ONE, TWO, THREE)
    ],
}


@pytest.mark.parametrize(
    "script",
    [
        f"<script type='application/ld+json'>{json.dumps(ARTICLE)}</script>",
        f"<script id=__NEXT_DATA__ type='application/json'>{json.dumps({'props': {'article': {'body': BLOCKS}}})}</script>",
        f"<script>window.__STATE__ = {json.dumps({'story': {'content': RICH}, 'more': [{'body': ONE[::-1]}]})};go();</script>",
        f"<script>var page={json.dumps({'post': {'contentHtml': f'<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>'}})}</script>",
    ],
)
def test_an_article_that_a_script_shows_is_read_from_its_data(script: str) -> None:
    read = draft(f"<div id=root></div><noscript>Turn on JavaScript</noscript>{script}", "<title>Ropeway open</title>")
    assert (read.text, read.title) == (f"{ONE}\n\n{TWO}\n\n{THREE}", "Ropeway open")


def test_the_article_of_the_page_is_taken_and_not_the_longest_in_its_data() -> None:
    stories = [{"title": "Ropeway open", "body": [ONE, TWO]}, {"title": "Snow", "body": [f"{THREE[:-1]} indeed."] * 9}]
    data = f"<script type='application/json'>{json.dumps({'stories': stories})}</script>"
    assert text(f"<div id=root></div>{data}", "<title>Ropeway open</title>") == f"{ONE}\n\n{TWO}"
