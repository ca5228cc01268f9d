"""The page in every language it is shipped in: nothing left in English, values where they belong, quotes as they are."""

import string
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from babel.messages.catalog import Message
from jinja2 import nodes
from playwright.sync_api import Page, expect
from support import messages
from support.messages import TEMPLATES
from support.pages import Served, exact, objections

from ui.html.environment import environment
from ui.i18n.language import (
    LANGUAGES,
    PART,
    format_number,
    format_partial_date,
    from_english,
    pluralize,
    preferred_language,
    use_language,
)
from ui.i18n.language import gettext as _

pytest_plugins = ["support.page_fixtures"]

TRANSLATED = [language for language in LANGUAGES if language != "en"]
_NOT_WORDS = {"Pullquote", "pullquote add PATH", "https://", "Markdown", "HTML", "JSON"}


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TRANSLATED)
def test_all_that_the_page_says_is_translated_and_nothing_else(language: str) -> None:
    there = messages.catalogue(language)
    wanted = {(each.context, each.id) for each in messages.collected() if each.id}
    assert {(each.context, each.id) for each in there if each.id} == wanted, (
        "run `python -m tests.support.messages`, then translate"
    )
    missing = [each.id for each in there if each.id and (each.fuzzy or not all(texts(each)))]
    assert not missing


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_hold_the_same_values(language: str) -> None:
    for message in messages.catalogue(language):
        if message.id:
            english = message.id[1] if isinstance(message.id, tuple) else str(message.id)
            assert all(names(text) == names(english) for text in texts(message)), message.id


class Words(HTMLParser):
    """The words that stand in a template itself, without what it looks up."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._in_style = False
        data = environment.parse(source).find_all(nodes.TemplateData)
        self.feed("{}".join(node.data for node in data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.words += [value for name, value in attrs if name in ("title", "aria-label", "placeholder", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        self.words += [] if self._in_style else data.split("{}")


@pytest.mark.parametrize(
    "path",
    [path for path in TEMPLATES.glob("*.html") if path.name not in ("report.html", "api.html")],  # both are English
    ids=lambda path: path.name,
)
def test_no_words_are_put_on_the_page_without_being_looked_up(path: Path) -> None:
    words = [text for text in Words(path.read_text(encoding="utf-8")).words if any(map(str.isalpha, text))]
    assert set(words) <= _NOT_WORDS


def test_the_language_is_what_the_browser_likes_best() -> None:
    assert [preferred_language(each) for each in ("es-MX,es;q=0.9,en;q=0.8", "JA", "fr-FR,es;q=0.5", "", "*", "english")] == [
        "es",
        "ja",
        "en",
        "en",
        "en",
        "en",
    ]


def test_values_numbers_and_days_are_written_as_people_there_do() -> None:
    assert (pluralize(1, "quote"), pluralize(12_000, "quote"), format_number(10_570)) == ("1 quote", "12,000 quotes", "10,570")
    assert [format_partial_date(day) for day in ("2004-10-05", "2004-10", "2004", "soon")] == [
        "5 October 2004",
        "October 2004",
        "2004",
        "soon",
    ]
    with use_language("es"):
        assert (pluralize(1, "quote"), pluralize(12_000, "quote")) == ("1 cita", "12.000 citas")
        assert format_partial_date("2004-10-05") == "5 de octubre de 2004"
        assert _("Quote {here} of {n}", here=1, n=12_345) == "Cita 1 de 12.345"
    with use_language("ja"):
        assert (pluralize(1, "quote"), pluralize(2, "article")) == ("引用1件", "記事2件")
        assert format_partial_date("2004-10") == "2004年10月"


def test_what_other_parts_say_is_translated_with_its_values() -> None:
    with use_language("es"):
        assert (
            from_english("The question has 3,000 characters; the limit is 2,000.")
            == "La pregunta tiene 3,000 caracteres; el límite es 2,000."
        )
        assert from_english("page 12", PART) == "página 12"
        assert (
            from_english("it redirects to http://x.y/: no text was found in it")
            == "redirige a http://x.y/: no se encontró texto en él"
        )
        assert from_english("Nobody translated this: {}.") == "Nobody translated this: {}."
    assert from_english("page 12", PART) == "page 12"


def test_markup_stands_where_the_language_puts_it_and_values_are_no_markup() -> None:
    template = environment.from_string("""{{ _("Removed {title}. {undo}", title="<b>"|safe, undo="<i>") }}""")
    with use_language("ja"):
        assert template.render() == "<b>を削除しました。&lt;i&gt;"
    assert _("Remove {title}", title="{n} <b>") == "Remove {n} <b>"


SAYS = {
    "es": (
        "Preguntar",
        "Biblioteca",
        "Medir",
        "Pregunte a los artículos…",
        "Seguro",
        "No se encontró ninguna frase que responda a esto.",
    ),
    "ja": ("質問する", "ライブラリ", "評価", "記事に質問する…", "確実", "これに答える文は見つかりませんでした。"),
}


@pytest.mark.parametrize(("locale", "language"), [("es-MX", "es"), ("ja-JP", "ja")])
def test_the_page_speaks_the_language_of_the_browser_and_quotes_stay_as_they_are(
    visit: Callable[..., Page], served: Served, locale: str, language: str
) -> None:
    ask_, library, measure, hint, sure, none = SAYS[language]
    page = visit(locale=locale, viewport={"width": 1280, "height": 800})
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("tab")).to_have_text([ask_, library, measure])
    question = page.locator("#question textarea")
    expect(question).to_have_attribute("placeholder", hint)
    for asked in ("How many North Koreans are hiding in China?", "What is the capital of France?", "?!"):
        question.fill(asked)
        question.press("Enter")
        expect(page.locator(".exchange").last.locator(".answer, .trouble")).to_be_visible(timeout=60_000)
        expect(page.locator(".exchange .question").last).to_have_text(asked)
    verdicts = page.locator(".verdict")
    expect(verdicts.nth(0)).to_contain_text(sure)
    expect(verdicts.nth(1)).to_have_text(none)
    with use_language(language):
        expect(page.locator(".trouble")).to_have_text(from_english("The question holds no word to search for: ask something."))
    opened = page.locator(".quoted .citation .cite").first
    article = served.assistant.article(opened.get_attribute("data-article") or "")
    start, end = (int(opened.get_attribute(f"data-{name}") or 0) for name in ("start", "end"))
    assert exact(page.locator(".quoted blockquote").first) == article.text[start:end]
    opened.click()
    expect(page.locator("#quote")).to_be_visible()
    assert objections(page) == []
    for name in (library, measure):
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel").filter(visible=True)).to_be_visible()
        assert objections(page) == []
        left = page.locator("#doing, #masthead").evaluate_all("parts => parts.map(part => part.innerText).join(' ')")
        assert not [each for each in ENGLISH if each in left.split()]


ENGLISH = (
    "Ask",
    "Library",
    "Measure",
    "articles",
    "Search",
    "Title",
    "Source",
    "Date",
    "Language",
    "Passages",
    "Added",
    "Remove",
)


@pytest.mark.slow
def test_a_conversation_is_saved_in_the_language_of_the_browser(served: Served) -> None:
    journal = served.assistant.journal
    conversation = journal.begin().id
    journal.keep(conversation, served.assistant.ask("What is the capital of France?"))
    for language, said in (
        ("en-GB", "No sentence found that answers this."),
        ("es", "No se encontró ninguna frase que responda a esto."),
        ("ja", "これに答える文は見つかりませんでした。"),
    ):
        found = httpx.get(f"{served.address}/export/{conversation}.html", headers={"accept-language": language})
        assert said in found.text
        assert f'lang="{language[:2]}"' in found.text
    journal.delete(conversation)
