"""What articles differ on is shown value by value, each with citations that open its place, and without a verdict."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from support.rendering import ATTACKS, Page, answer, article, quote, reference

from qa.types.articles import Answer, Disagreement, Quote, Reference, Span, Value
from ui.cli.terminal import print_answer
from ui.html.answer import answer_html, quote_of

OTHER = Reference("ba9876543210", "Another title", "/articles/b.txt", None, "cd" * 32)
FIRST = quote("Ten were seen.", highlight=Span(100, 103))
SECOND = replace(quote("All 30 fled.", of=OTHER, highlight=Span(104, 106)), rank=2)


def differing(*shown: Quote) -> Answer:
    values = (Value("Ten", (FIRST,)), Value("30", (SECOND,)))
    return replace(answer(*shown), disagreements=(Disagreement("number", values),))


def test_each_value_stands_with_its_articles_files_and_dates_after_the_verdict() -> None:
    page = Page(answer_html(differing(FIRST, SECOND), 7))
    assert page.inside("differ") == ["Articles differ:"]
    assert page.inside("value") == ["Ten", "30"]
    assert page.inside("given") == ["1 A title a.txt · 15 October 2004", "2 Another title b.txt · no date"]
    assert page.text.index("quotes from") < page.text.index("Articles differ:") < page.text.index("Ten were seen.")


def test_each_citation_opens_the_place_in_the_version_cited() -> None:
    page = Page(answer_html(differing(FIRST, SECOND), 7))
    first, second = [attributes for tag, attributes in page.tags if tag == "button"][:2]
    assert (first["data-article"], first["data-start"], first["data-end"]) == (FIRST.article.id, "100", "114")
    assert (second["data-article"], second["data-version"]) == (OTHER.id, OTHER.version)
    assert (second["data-start"], second["data-end"], second["data-number"]) == ("100", "112", "7")


def test_all_quotes_are_those_of_the_answer_and_then_those_of_its_differing_values_each_once() -> None:
    assert differing(FIRST, SECOND).all_quotes == (FIRST, SECOND)
    assert differing(SECOND).all_quotes == (SECOND, FIRST)
    more_words = replace(FIRST, highlight=Span(FIRST.start, FIRST.end))
    assert differing(more_words).all_quotes == (more_words, SECOND)
    assert quote_of(differing(FIRST), 2) == SECOND
    assert quote_of(differing(FIRST), 3) is None


def test_a_quote_is_shown_with_its_value_only_where_it_is_not_shown_below() -> None:
    assert Page(answer_html(differing(FIRST, SECOND), 1)).inside("blockquote") == ["Ten were seen.", "All 30 fled."]
    page = Page(answer_html(differing(FIRST), 1))
    assert page.inside("blockquote") == ["All 30 fled.", "Ten were seen."]
    assert "All 30 fled." in page.inside("differing")[0]
    assert page.inside("mark") == ["30", "Ten"]


def test_where_articles_agree_nothing_is_said_of_it() -> None:
    assert Page(answer_html(answer(FIRST), 1)).inside("differing") == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_is_text_and_nothing_else(attack: str) -> None:
    def page(text: str) -> Page:
        given = replace(quote(text, of=reference(text, text, text)), rank=2)
        values = (Value(text, (given,)), Value("30", (SECOND,)))
        return Page(answer_html(replace(answer(FIRST), disagreements=(Disagreement("number", values),)), 1))

    assert page(attack).inside("value") == [attack, "30"]
    assert [(tag, list(given)) for tag, given in page(attack).tags] == [(tag, list(given)) for tag, given in page("x").tags]


def printed(shown: Answer) -> str:
    out = io.StringIO()
    print_answer(Console(file=out, width=200), shown, lambda _: article("\n" * 150))
    return out.getvalue()


def test_the_terminal_prints_each_value_with_its_place_and_the_quote_that_is_not_printed_below() -> None:
    lines = printed(differing(FIRST)).splitlines()
    assert lines[0] == "Articles differ:"
    assert lines[1] == "  Ten  [1] A title · 2004-10-15 · /articles/a.txt:101"
    assert lines[2] == "  30  [2] Another title · /articles/b.txt:101 · no date"
    assert lines[3].strip() == "All 30 fled."
    assert printed(differing(FIRST, SECOND)).count("All 30 fled.") == 1
    assert "Articles differ" not in printed(answer(FIRST))
