"""Tables in text files: columns found in many languages, dates of figures, and tables of figures as one article."""

import pytest

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.records.csv_tables import load_csv
from qa.text.passages import chunk
from qa.types.errors import ArticleUnreadable, NoArticles

HEIGHTS = "Tower;2004;2005\nNorth Gate;31 m;33 m\nMill;;12 m\n"


def load(text: str, limits: Limits = LIMITS) -> list[Draft]:
    return load_csv(text.encode(), "/in/tower heights.csv", limits)


@pytest.mark.parametrize(
    "header",
    [
        "Überschrift;Veröffentlicht;Inhalt;Verfasser",
        "Titre;Date;Texte;Auteur",
        "Título;Fecha;Texto;Autor",
        "Titolo;Data;Testo;Autore",
        "Titel;Datum;Tekst;Auteur",
        "Tytuł;Data publikacji;Treść;Autor",
        "Заголовок;Дата;Текст;Автор",
        "Rubrik;Publicerad;Brödtext;Författare",
        "タイトル;日付;本文;著者",
        "标题;发布日期;正文;作者",
    ],
)
def test_columns_are_found_by_their_names_in_many_languages(header: str) -> None:
    [draft] = load(f'{header}\nDie Mühle;09.04.2023;"Sie steht; noch."\u003bAda Kern\n')
    assert (draft.title, draft.published, draft.text, draft.author) == (
        "Die Mühle",
        "2023-04-09",
        "Sie steht; noch.",
        "Ada Kern",
    )


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        (["03/04/2019", "25/04/2019"], ["2019-04-03", "2019-04-25"]),
        (["03/04/2019", "04/25/2019"], ["2019-03-04", "2019-04-25"]),
        (["03/04/2019", "04/05/2019"], [None, None]),
        (["3.4.2019", "4.5.2019 09:30"], ["2019-04-03", "2019-05-04T09:30:00"]),
        (["2019-04-03", "31.31.2019"], ["2019-04-03", None]),
    ],
)
def test_the_other_rows_tell_whether_dates_of_figures_begin_with_the_day(dates: list[str], published: list[str | None]) -> None:
    rows = "".join(f"{date},The mill stood.\n" for date in dates)
    assert [draft.published for draft in load(f"date,text\n{rows}")] == published


def test_a_column_of_texts_is_found_whatever_its_name() -> None:
    rows = "".join(f"{n},The mill at the river stood for {n} years and was sold then.,yes\n" for n in range(3))
    drafts = load(f"no,finding of the survey,ok\n{rows}")
    assert drafts[0].text == "The mill at the river stood for 0 years and was sold then."
    assert len(drafts) == 3


def test_each_row_of_a_table_of_figures_says_what_its_figures_are() -> None:
    [draft] = load(HEIGHTS)
    assert draft.title == "tower heights"
    assert draft.text == "Tower: North Gate | 2004: 31 m | 2005: 33 m\n\nTower: Mill | 2005: 12 m"
    assert [(part.name, draft.text[part.start : part.end]) for part in draft.parts] == [
        ("row 1", "Tower: North Gate | 2004: 31 m | 2005: 33 m"),
        ("row 2", "Tower: Mill | 2005: 12 m"),
    ]


def test_a_row_is_one_quote() -> None:
    [draft] = load("Town,Boats,Note\n" + "".join(f"Town {n},{n}7,built by A. Kern\n" for n in range(40)))
    windows = chunk(draft.text, (), lambda texts: [len(text.split()) for text in texts], 60)
    quotes = [draft.text[span.start : span.end] for window in windows for span in window.sentences]
    assert "Town: Town 3 | Boats: 37 | Note: built by A. Kern" in quotes


def test_a_table_without_a_head_has_numbered_columns() -> None:
    [draft] = load("North Gate,31,2.5\nMill,12,1\n")
    assert draft.text.splitlines()[0] == "column 1: North Gate | column 2: 31 | column 3: 2.5"
    assert load("Name,,Height\nMill,x,12\n")[0].text == "Name: Mill | column 2: x | Height: 12"


def test_a_long_table_is_several_articles_and_none_is_refused() -> None:
    text = "year,height\n" + "".join(f"{n},{n}\n" for n in range(100))
    drafts = load(text, Limits(text_characters=1_000))
    assert "\n\n".join(draft.text for draft in drafts) == load(text)[0].text
    assert drafts[0].source == "/in/tower heights.csv#rows-1-44"
    assert drafts[1].title == "tower heights, rows 45 to 87"
    assert drafts[1].parts[0].name == "row 45"
    with pytest.raises(ArticleUnreadable, match="as text the table has more than 0 million characters: split it"):
        load(text, Limits(file_bytes=1_000))


def test_parts_of_a_very_long_table_are_runs_of_rows() -> None:
    [draft] = load("height\n" + "1\n" * 10_050)
    assert (len(draft.parts), draft.parts[0].name, draft.parts[-1].name) == (101, "rows 1 to 100", "rows 10001 to 10050")
    assert draft.parts[-1].end == len(draft.text)


@pytest.mark.parametrize("text", ["year,height\n", "year,height\n,\n  , \n"])
def test_a_table_without_rows_is_refused(text: str) -> None:
    with pytest.raises(NoArticles, match="the table has no rows"):
        load(text)
