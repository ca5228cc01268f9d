"""Whatever a text holds, the page shows that text: nothing of it becomes markup, and no character is lost or changed."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rendering import ATTACKS, Page, answer, article, passage, quote, reference

from qa.answer.citation_status import CitationStatus, Status
from qa.answer.hints import OTHER_LANGUAGE
from qa.ingest.progress import Step
from qa.types.articles import (
    Answer,
    Article,
    Disagreement,
    KeptAnswer,
    Place,
    Provenance,
    Reference,
    SetAside,
    Span,
    TextSpan,
    Value,
)
from ui.html.answer import answer_html
from ui.html.article import article_html, contents_html
from ui.html.conversations import chat_html, export
from ui.html.environment import environment, escape
from ui.html.library import addition_html
from ui.html.page import error_html, masthead_html
from ui.html.words import certainty, refusal_advice
from ui.state.additions import Addition
from ui.state.chat import Chat, Exchange

UI = Path(__file__).parents[3] / "ui"
texts = st.one_of(st.sampled_from(ATTACKS), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
some_texts = texts.filter(bool)


@given(texts)
def test_a_text_comes_back_from_its_markup_character_for_character(text: str) -> None:
    assert Page(escape(text)).text == text


def test_what_html_cannot_hold_is_shown_by_one_character_for_each() -> None:
    assert escape("a\0b\ud800c") == "a␀b\ufffdc"


def rendered(source: str, **values: object) -> str:
    return environment.from_string(source).render(values)


@given(texts, texts)
def test_no_text_becomes_markup_as_content_or_as_an_attribute(content: str, value: str) -> None:
    source = """<p title="{{ value }}"{{ {"data_a": value}|attributes }}>{{ content }}{{ _("{x}", x=content) }}</p>"""
    page = Page(rendered(source, content=content, value=value))
    ((tag, attributes),) = page.tags
    assert (tag, page.text) == ("p", content * 2)
    assert attributes == {"title": value, "data-a": value}


def test_a_message_with_markup_in_it_is_markup_and_all_else_in_it_is_escaped() -> None:
    source = """{% set x %}<b>{{ "1 < 2" }}</b>{% endset %}{{ _("{x} & {y}", x=x, y=y) }}"""
    assert rendered(source, y="<i>\r") == "<b>1 &lt; 2</b> &amp; &lt;i&gt;&#13;"
    assert rendered("""{{ _("{x} & {n}", x="<b>", n=12000) }}""") == "&lt;b&gt; &amp; 12,000"


def test_line_breaks_of_a_template_are_no_text_and_those_of_a_value_are() -> None:
    source = """
      <p class="a"
         id="b">
        {{ x }}
        {% if x %}
          {{ x }} and
          more
        {% endif %}
      </p>
    """
    assert rendered(source, x=" \n ") == """<p class="a" id="b"> \n  \n  and more</p>"""


def test_templates_trust_no_markup_but_our_style_sheet_and_our_drawings() -> None:
    trusted = {
        match for path in UI.rglob("*.html") for match in re.findall(r"([\w.]+)\s*\|\s*safe", path.read_text(encoding="utf-8"))
    }
    assert trusted == {"style", "plot.svg"}
    assert not [
        path for path in UI.rglob("*.py") if path.name != "environment.py" and re.search(r"Markup\([^)]", path.read_text())
    ]


@given(some_texts)
def test_a_quote_is_shown_exactly_whatever_it_holds(text: str) -> None:
    assert Page(answer_html(answer(quote(text)), 1)).inside("blockquote") == [text]


@given(some_texts, st.integers(0, 50), st.integers(0, 50))
def test_a_highlight_changes_no_character_of_its_quote(text: str, start: int, length: int) -> None:
    highlight = Span(100 + start, 100 + start + length)
    page = Page(answer_html(answer(quote(text, highlight=highlight)), 1))
    assert page.inside("blockquote") == [text]
    assert page.inside("mark") == [text[start : start + length]]


@pytest.mark.parametrize("attack", ATTACKS)
def test_titles_sources_dates_questions_and_messages_are_text_and_nothing_else(attack: str) -> None:
    plain = reference("A title", "a.txt", "a date")
    nasty = reference(attack, attack, attack)

    def pages(text: str, of: Reference) -> list[str]:
        shown = answer(replace(quote(of=of), also_in=(Place(of, 1, 2),)), question=text, searched_for=f"{text}!")
        chat = Chat((Exchange(1, text, shown), Exchange(2, text, error=text), Exchange(3, text)))
        read = Article(of.id, of.title, of.source, of.published, of.version, text, (SetAside(0, 1, text),))
        return [chat_html(chat), chat_html(Chat(), [text]), article_html(read), contents_html([of]), error_html(text)]

    def shape(markup: str) -> list[tuple[str, list[str]]]:
        return [(tag, list(attributes)) for tag, attributes in Page(markup).tags]

    assert [shape(markup) for markup in pages(attack, nasty)] == [shape(markup) for markup in pages("plain", plain)]


@given(texts, st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), min_size=1, max_size=6))
def test_an_article_is_shown_whole_and_exactly_wherever_it_is_marked(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(*place) for place in places]
    aside = [SetAside(min(max(place.start, 0), len(text)), place.end, "navigation") for place in spans[::2]]
    assert Page(article_html(article(text, *aside), spans[0], spans)).inside("article-text") == [text]


def test_the_place_cited_is_marked_and_the_other_quotes_lightly() -> None:
    page = Page(article_html(article("One. Two. Three. Four."), Span(5, 9), [Span(5, 9), Span(17, 22)]))
    assert (page.inside("quote"), page.inside("other")) == (["Two."], ["Four."])


def test_what_may_not_be_quoted_is_dimmed_and_says_by_which_rule() -> None:
    page = Page(article_html(article("Home | News. Text.", SetAside(0, 12, "navigation"))))
    assert page.inside("set-aside") == ["Home | News."]
    assert ("span", {"class": "set-aside", "title": "Not quoted: navigation"}) in page.tags


def test_notes_on_how_a_file_was_read_are_shown_with_the_article_and_where_it_was_added() -> None:
    note = "3 of 4 pages hold no text: they are <probably> scans"
    read = replace(article("The wall fell."), notes=(note,))
    assert Page(article_html(read)).inside("hint note") == [note]
    addition = Addition(["a.pdf"], steps=[Step("b.pdf", "added", 1, 2), Step("a.pdf", "added", 2, 2, notes=(note,))])
    addition.done.set()
    assert Page(addition_html(addition)).inside("reason") == [f" {note}"]


def test_an_article_says_where_its_title_author_and_date_were_found_and_takes_corrections() -> None:
    read = replace(article("It fell."), provenance=Provenance("heading", None, "correction"), file_date="2013-12-23")
    page = Page(article_html(read, may_edit=True))
    fields = [attributes for tag, attributes in page.tags if tag == "input" and attributes.get("id", "").startswith("about-")]
    assert [(each["name"], each["value"]) for each in fields] == [
        ("title", read.title),
        ("author", read.author or ""),
        ("published", read.published or ""),
    ]
    forms = [attributes for tag, attributes in page.tags if attributes.get("data-event") == "correct"]
    assert [(each["data-article"], each.get("data-undo")) for each in forms] == [(read.id, None), (read.id, "1")]
    shown = article_html(read, may_edit=True)
    assert all(words in shown for words in ("from: heading", "from: correction", "File from 2013-12-23, which is not cited"))
    assert "Take all corrections back" not in article_html(read)


def test_an_answer_begins_with_how_sure_it_is_and_from_how_many_articles() -> None:
    other = replace(reference(), id="ba9876543210")
    page = Page(answer_html(answer(quote(), quote(of=other), quote()), 1))
    assert page.inside("verdict") == ["Likely · 3 quotes from 2 articles"]


def test_how_sure_is_said_once_in_a_word_and_the_numbers_unfold_from_it() -> None:
    weak = replace(quote("One fell."), rank=2, confidence=0.14)
    strong = replace(quote("Two stood."), rank=3, confidence=0.57)
    page = Page(answer_html(replace(answer(quote(), weak, strong), confidence=0.35), 1))
    assert page.inside("verdict") == ["Perhaps · 3 quotes from 1 article"]
    assert "%" not in "".join(page.inside("citation"))
    (folded,) = page.inside("sure")
    assert "Probability that the first quote answers: 35 %." in folded
    assert "1: 95 %, 2: 14 %, 3: 57 %." in folded


@pytest.mark.parametrize(
    ("confidence", "word"), [(0.9, "Sure"), (0.89, "Likely"), (0.5, "Likely"), (0.49, "Perhaps"), (0, "Perhaps")]
)
def test_each_word_begins_at_its_confidence(confidence: float, word: str) -> None:
    assert certainty(confidence) == word


def test_a_quote_cites_title_file_and_date_and_its_place_in_the_version_it_is_from() -> None:
    page = Page(answer_html(answer(quote()), 7))
    assert page.inside("citation") == ["1 A title a.txt · 15 October 2004"]
    assert ("blockquote", {"cite": f"urn:sha256:{'ab' * 32}#char=100,114", "dir": "auto"}) in page.tags
    button = next(attributes for tag, attributes in page.tags if tag == "button")
    expected = {"data-article": "0123456789ab", "data-version": "ab" * 32, "data-start": "100", "data-end": "114"}
    assert expected.items() <= button.items()
    assert (button["type"], button["data-number"]) == ("button", "7")


def test_repeated_text_says_where_else_it_stands() -> None:
    other = replace(reference("Another title"), id="ba9876543210")
    shown = replace(quote(), also_in=(Place(other, 5, 9), Place(reference(), 300, 304)))
    assert Page(answer_html(answer(shown), 1)).inside("also") == ["Also in Another title, the same article, elsewhere"]


def test_of_very_many_places_of_a_quote_the_first_are_shown_and_the_others_counted() -> None:
    shown = replace(quote(), also_in=tuple(Place(reference(), 20 * n, 20 * n + 14) for n in range(10, 209)))
    page = Page(answer_html(answer(shown), 1))
    [also] = page.inside("also")
    assert also.startswith("+ 199 more sources")
    assert also.count("the same article, elsewhere") == 10
    assert also.endswith("and 189 more places")


def test_no_answer_says_so_and_shows_the_nearest_passage_as_no_answer() -> None:
    near = replace(answer(), passages=(passage(), passage("Another."), passage("A third.")))
    page = Page(answer_html(near, 1))
    assert page.inside("verdict none") == ["No sentence found that answers this."]
    assert page.inside("closest-label") == ["The nearest passage, which is not an answer:"]
    assert page.inside("summary")[0] == "More passages nearby (not an answer)"
    assert page.inside("passage-text") == ["A passage.", "Another.", "A third."]
    assert page.inside("blockquote") == []
    assert Page(answer_html(answer(), 1)).inside("summary")[0] == "What was searched"


@pytest.mark.parametrize(
    ("refused", "lines"),
    [
        (answer(), ["Try other words: those that an article would use."]),
        (replace(answer(), passages=()), ["The library holds no articles yet: add some first."]),
        (
            replace(answer(), only={"after": "2004"}),
            ["Filters are in force: other articles may answer.", "Try other words: those that an article would use."],
        ),
        (
            replace(answer(), only={"after": "2004"}, passages=()),
            ["There are no articles from 2004 on: change the filters."],
        ),
        (replace(answer(), hint=OTHER_LANGUAGE), [OTHER_LANGUAGE]),
    ],
)
def test_a_refusal_says_what_to_do_each_only_where_it_is_so(refused: Answer, lines: list[str]) -> None:
    page = Page(answer_html(refused, 3))
    assert page.inside("hint") == lines == refusal_advice(refused)
    widen = [attributes["data-number"] for tag, attributes in page.tags if attributes.get("data-event") == "widen"]
    assert widen == (["3"] if refused.only else [])
    kept = [KeptAnswer("a", "c", "2026-01-01T00:00:00", refused)]
    written = " ".join(("No sentence found that answers this.", *lines))
    assert written in export("Talk", kept, "md").replace("\\", "")
    assert escape(written) in export("Talk", kept, "html")


def test_a_hint_stands_below_not_sure() -> None:
    page = Page(answer_html(replace(unsure(), hint=OTHER_LANGUAGE), 1))
    assert (page.inside("verdict none"), page.inside("hint")) == (["Not sure."], [OTHER_LANGUAGE])


def unsure() -> Answer:
    led = replace(quote("She said so."), confidence=0.06, lead=TextSpan(10, 25, "Anna Lee spoke."))
    return replace(answer(), confidence=0.06, closest=led)


def test_the_closest_sentence_is_cited_and_is_no_quote_of_the_answer() -> None:
    page = Page(answer_html(unsure(), 7))
    assert page.inside("verdict none") == ["Not sure."]
    assert page.inside("closest-label") == ["This sentence comes closest:"]
    assert "Probability that the sentence below answers: 6 %." in page.inside("sure")[0]
    assert (page.inside("blockquote"), page.inside("quoted"), page.inside("mark")) == (["She said so."], [], [])
    assert page.inside("citation")[0] == "A title a.txt · 15 October 2004"
    assert page.inside("before") == ["Anna Lee spoke. […]"]
    assert page.inside("number") == page.inside("actions") == []
    assert page.inside("summary")[1] == "Nearest passages (not an answer)"
    (label,) = [attributes["id"] for tag, attributes in page.tags if attributes.get("class") == "closest-label"]
    assert ("div", {"class": "closest", "role": "group", "aria-labelledby": label}) in page.tags
    opened = [attributes for tag, attributes in page.tags if tag == "button" and attributes.get("class") == "cite"]
    assert (opened[0]["data-start"], opened[0]["data-end"], opened[0]["data-number"]) == ("100", "112", "7")


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_closest_sentence_is_shown_exactly_whatever_it_holds(attack: str) -> None:
    shown = replace(answer(), closest=quote(attack, of=reference(attack)))
    assert Page(answer_html(shown, 1)).inside("blockquote") == [attack]


def test_a_saved_conversation_says_that_the_closest_sentence_is_no_answer() -> None:
    kept = [KeptAnswer("a", "c", "2026-01-01T00:00:00", unsure())]
    words = "Not sure. This sentence comes closest:"
    written = export("Talk", kept, "md")
    assert f"{words}\n\n> Anna Lee spoke.\n>\n> […]\n>\n> She said so." in written
    page = export("Talk", kept, "html")
    assert page.index(f"<p>{words}</p>") < page.index('<blockquote class="closest"') < page.index("She said so.")
    saved = json.loads(export("Talk", kept, "json"))["answers"][0]["answer"]
    assert (saved["quotes"], saved["closest"]["text"]) == ([], "She said so.")


def test_a_quote_from_the_web_links_to_its_words_there_and_in_json_says_where_they_stand() -> None:
    web = quote("Ten were seen.", of=reference(source="https://a.example/ten"))
    links = [attributes.get("href") for tag, attributes in Page(answer_html(answer(web), 1)).tags if tag == "a"]
    assert links == ["https://a.example/ten#:~:text=Ten%20were%20seen."]
    saved = json.loads(export("Talk", [KeptAnswer("a", "c", "2026-01-01T00:00:00", answer(web))], "json"))["answers"][0]
    (place,) = saved["selectors"]
    assert place["source"] == "https://a.example/ten"
    assert place["selector"] == [
        {"type": "TextQuoteSelector", "exact": "Ten were seen."},
        {"type": "TextPositionSelector", "start": 100, "end": 114},
    ]


def test_a_quote_has_its_bar_where_its_script_begins() -> None:
    page = Page(answer_html(replace(answer(quote("שלום עולם.")), disagreements=()), 1))
    assert [attributes["dir"] for tag, attributes in page.tags if tag == "blockquote"] == ["auto"]


def test_exports_say_where_articles_differ() -> None:
    ten, nine = quote("Ten *fell*.", highlight=Span(100, 103)), replace(quote("Nine fell."), rank=2, start=300, end=310)
    differing = Disagreement("number", (Value("Ten", (ten,)), Value("*Nine*", (nine,))))
    kept = [KeptAnswer("a", "c", "2026-01-01T00:00:00", replace(answer(ten), disagreements=(differing,)))]
    written = export("Talk", kept, "md")
    assert "Articles differ:\n\n- **Ten** — *A title*, 15 October 2004, a.txt\n- **\\*Nine\\*** — *A title*" in written
    assert written.index("Articles differ:") < written.index("> Ten") < written.index("> Nine fell.")
    shown = Page(export("Talk", kept, "html").removeprefix("<!doctype html>"))
    assert "Articles differ:Ten — “A title”, 15 October 2004, a.txt*Nine* — " in shown.text.replace("\n", "")


def test_an_answer_that_is_opened_later_says_what_became_of_its_closest_sentence() -> None:
    def opened(status: Status) -> Page:
        closest = CitationStatus(quote(), status, is_closest=True)
        exchange = Exchange(1, "Who?", unsure(), asked_at="2026-01-01T00:00:00", citation_statuses=(closest,))
        return Page(chat_html(Chat((exchange,))))

    assert opened("unchanged").inside("standing") == ["Answered on 1 January 2026. Nothing was quoted."]
    assert opened("unchanged").inside("standings") == []
    told = "The closest sentence cannot be compared: the article was removed from the library."
    assert [text.strip() for text in opened("removed").inside("standings")] == [told]


def test_the_question_searched_for_is_shown_only_where_it_is_another() -> None:
    assert Page(answer_html(answer(quote()), 1)).inside("searched") == []
    page = Page(answer_html(answer(quote(), searched_for="How many refugees?"), 1))
    assert page.inside("searched") == ["Searched for: How many refugees?"]


def test_the_passages_read_are_shown_with_rank_scores_and_seconds() -> None:
    page = Page(answer_html(answer(quote()), 1))
    assert page.inside("summary")[1:] == ["What was searched", "1 passage read in 0.875 seconds"]
    assert page.inside("td") == [
        "1",
        "A title characters 0 to 10",
        "1.25",
        "1.00",
        "0.50",
        "0.25",
        "0.75",
        "0.50",
        "0.00",
        "not read",
    ]


def test_a_library_without_articles_says_how_to_add_them() -> None:
    assert "pullquote add PATH" in Page(contents_html([])).text
    assert "0 articles" in Page(masthead_html(0)).text


def test_every_quote_of_an_answer_is_shown_and_counted_in_its_order() -> None:
    weak = replace(quote("One fell."), rank=2, confidence=0.05)
    fair = replace(quote("Two stood."), rank=3, confidence=0.4)
    page = Page(answer_html(answer(quote(), weak, fair), 1))
    assert page.inside("blockquote") == ["Ten were seen.", "One fell.", "Two stood."]
    assert "3 quotes from 1 article" in page.text


def test_a_lead_stands_before_its_quote_with_a_gap_that_opens_the_article_there() -> None:
    led = replace(quote(), lead=TextSpan(20, 38, "<Guards> were sent."))
    page = Page(answer_html(answer(led), 7))
    assert page.inside("quoted")[0].startswith("<Guards> were sent. […]Ten were seen.1 A title")
    assert page.inside("before") == ["<Guards> were sent. […]"]
    assert page.inside("blockquote") == ["Ten were seen."]
    assert ("q", {"cite": f"urn:sha256:{'ab' * 32}#char=20,38"}) in page.tags
    gap = next(attributes for tag, attributes in page.tags if tag == "button")
    expected = {"data-event": "open", "data-article": "0123456789ab", "data-start": "20", "data-end": "38", "data-number": "7"}
    assert expected.items() <= gap.items()
    assert Page(answer_html(answer(quote()), 7)).inside("before") == []
