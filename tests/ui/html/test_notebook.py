"""A notebook shows answers, passages, articles and runs by itself, escaped, with the answering words marked."""

import builtins
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from qa.types.articles import Answer, Article, Disagreement, Passage, Quote, Report, Scores, Span, TextSpan, Value
from qa.types.display import Displayed
from qa.types.errors import PandasMissing
from qa.types.rows import Answers, Articles, Passages

TEXT = "The ferry 'Gannet' sank in 1911 <b>& was raised</b>. * It burned *later*."
ARTICLE = Article("0123456789ab", "Wrecks <i>of</i> the *firth*", "/notes/wrecks.txt", "1912-03", "ab" * 32, TEXT)
QUOTE = Quote(1, ARTICLE.reference, 0, 53, TEXT[:53], 1.5, 0.9, Span(27, 31), lead=TextSpan(55, 64, TEXT[55:64]))
PASSAGE = Passage(1, ARTICLE.reference, 0, len(TEXT), TEXT, 0.7, Scores(1, 1, 1, 1, 1, 1), ())
ANSWER = Answer("When did it <sink>?", "When did it <sink>?", True, 0.9, (QUOTE,), (PASSAGE,), 3)
REFUSED = replace(ANSWER, found=False, quotes=(), closest=replace(QUOTE, confidence=0.1))
OTHER = replace(QUOTE, rank=2, text=TEXT[55:], start=55, end=len(TEXT), highlight=None, lead=None)
DISPUTED = replace(ANSWER, disagreements=(Disagreement("date", (Value("1911", (QUOTE,)), Value("<1912>", (OTHER,)))),))
SHOWN: list[Any] = [ANSWER, REFUSED, DISPUTED, QUOTE, PASSAGE, ARTICLE, Passages([PASSAGE]), Answers([ANSWER, REFUSED])]


class _Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.marked: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.names.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.names[-1] == "mark":
            self.marked.append(data)


@pytest.mark.parametrize("value", [*SHOWN, Articles([ARTICLE.reference])], ids=lambda value: type(value).__name__)
def test_what_a_notebook_shows_is_escaped_and_runs_nothing(value: Displayed) -> None:
    page = value._repr_html_()
    assert page
    assert {"script", "button", "sink", "i", "b", "form"} & set(_Elements(page).names) == set()
    rendered = MarkdownIt().enable("table").render(value._repr_markdown_() or "")
    assert {"script", "sink", "i", "b", "em"} & set(_Elements(rendered).names) <= {"em"}
    assert "<i>" not in rendered
    assert "<b>" not in rendered


@pytest.mark.parametrize("value", [ANSWER, REFUSED, DISPUTED, QUOTE], ids=["answered", "not sure", "disputed", "quote"])
def test_the_answering_words_are_marked_and_the_quote_is_word_for_word(value: Displayed) -> None:
    for page in (value._repr_html_() or "", MarkdownIt().render(value._repr_markdown_() or "")):
        elements = _Elements(page)
        assert elements.marked[0] == "1911"
        assert QUOTE.text in "".join(elements.texts)


def test_an_answer_shows_its_citation_its_lead_and_what_articles_differ_on() -> None:
    page, markdown = DISPUTED._repr_html_() or "", DISPUTED._repr_markdown_() or ""
    for text in (page, MarkdownIt().render(markdown)):
        assert "Articles differ:" in text
        assert "&lt;1912&gt;" in text
        assert "[…]" in text
        assert "wrecks.txt" in text
        assert "*later*" in "".join(_Elements(text).texts)  # the quote that is shown only there


def test_a_refusal_says_so() -> None:
    nothing = replace(REFUSED, closest=None, passages=())
    assert "No sentence found that answers this." in (nothing._repr_html_() or "")
    assert nothing._repr_markdown_() == "No sentence found that answers this.\n"
    assert "This sentence comes closest:" in (REFUSED._repr_markdown_() or "")


def test_a_highlight_over_two_lines_leaves_the_quote_whole() -> None:
    text = "It sank in\n1911."
    quote = replace(QUOTE, start=0, end=16, text=text, highlight=Span(8, 15), lead=None)
    assert "> It sank in\\\n> 1911\\." in (quote._repr_markdown_() or "")


def test_without_the_templates_a_notebook_falls_back_on_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ui.html.notebook", None)
    assert (ANSWER._repr_html_(), ANSWER._repr_markdown_()) == (None, None)


def test_rows_turn_into_tables() -> None:
    frame = DISPUTED.to_frame()
    assert frame.to_dict("records")[0] | {} == {
        "rank": 1,
        "text": QUOTE.text,
        "answer": "1911",
        "confidence": 0.9,
        "score": 1.5,
        "title": ARTICLE.title,
        "source": ARTICLE.source,
        "published": "1912-03",
        "author": None,
        "part": None,
        "article_id": ARTICLE.id,
        "version": ARTICLE.version,
        "start": 0,
        "end": 53,
    }
    assert list(REFUSED.to_frame().columns) == list(frame.columns)
    assert list(Answers([ANSWER, REFUSED]).to_frame()["outcome"]) == ["answered", "not sure"]
    assert Passages([PASSAGE]).to_frame()["end"].tolist() == [len(TEXT)]
    assert Articles([ARTICLE.reference]).to_frame()["id"].tolist() == [ARTICLE.id]
    assert Report(added=(ARTICLE.reference,)).to_frame()["fate"].tolist() == ["added"]


def test_without_pandas_an_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_pandas(name: str, *args: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(PandasMissing, match=r"pip install 'pullquote\[frames\]'"):
        ANSWER.to_frame()
