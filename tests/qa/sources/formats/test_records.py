"""Records: articles in JSON, JSON Lines and CSV, their columns found by name."""

import csv
import io
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.sources.formats.dates import parse_date
from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.records.csv_tables import load_csv
from qa.sources.formats.records.loading import load_json, load_json_lines
from qa.types.errors import ArticleUnreadable, NoArticles

TEXT = "The bridge fell at noon. Nobody was hurt."


def of_json(value: object) -> list[Draft]:
    return load_json(json.dumps(value).encode(), "/a.json", LIMITS)


def of_csv(text: str) -> list[Draft]:
    return load_csv(text.encode(), "/a.csv", LIMITS)


AS_WRITTEN = [
    {"title": "T", "text": TEXT, "date": "2019-05-03", "author": "Anna Berg", "lang": "en-GB", "tags": "a, b"},
    {"Headline": "T", "articleBody": TEXT, "datePublished": "2019-05-03", "authors": ["Anna Berg"], "language": "EN"},
    {"name": "T", "full_text": TEXT, "pubDate": "3 May 2019", "author": {"name": "Anna Berg"}, "lang": "en"},
]
TAGS = [{}, {"keywords": ["a", "b"]}, {"categories": "a|b"}]


@pytest.mark.parametrize("record", [{**record, **tags} for record, tags in zip(AS_WRITTEN, TAGS, strict=True)])
def test_columns_are_found_by_name_however_they_are_written(record: dict[str, object]) -> None:
    (draft,) = of_json(record)
    assert (draft.title, draft.text, draft.published) == ("T", TEXT, "2019-05-03")
    assert (draft.author, draft.language, draft.tags) == ("Anna Berg", "en", ("a", "b"))


@pytest.mark.parametrize("wrap", [lambda r: r, lambda r: {"articles": r}, lambda r: {"meta": {"n": 1}, "data": {"items": r}}])
def test_a_list_of_articles_is_found_wherever_it_is(wrap: object) -> None:
    drafts = of_json(wrap([{"text": "One fell."}, {"text": ""}, {"text": "Two fell."}, 3]))  # type: ignore[operator]
    assert [draft.text for draft in drafts] == ["One fell.", "Two fell."]
    assert [draft.source for draft in drafts] == ["/a.json#1", "/a.json#3"]


def test_a_source_is_the_files_with_address_id_or_number_and_never_an_address_alone() -> None:
    rows = [{"url": "https://mill.example/a", "text": TEXT}, {"id": 7, "text": TEXT}, {"id": 7, "text": TEXT}, {"text": TEXT}]
    assert [draft.source for draft in of_json(rows)] == [
        "/a.json#https://mill.example/a", "/a.json#7", "/a.json#7-2", "/a.json#4",
    ]  # fmt: skip
    assert of_json(rows)[0].site == "mill.example"


def test_markup_in_a_text_is_what_a_reader_sees_of_it() -> None:
    (draft,) = of_json({"content_html": "<p>It fell.</p><p>At <b>noon</b>.</p><script>x()</script>", "title": "A &amp; B"})
    assert (draft.text, draft.title) == ("It fell.\n\nAt noon.", "A & B")
    assert of_json({"text": "if a < b and c > d"})[0].text == "if a < b and c > d"


def test_lines_that_are_no_json_are_passed_over_where_others_are() -> None:
    lines = b'\n{"text": "One fell."}\nnot json\n[1]\n{"text": "Two fell."}\n'
    assert [draft.source for draft in load_json_lines(lines, "/a.jsonl", LIMITS)] == ["/a.jsonl#1", "/a.jsonl#2"]
    with pytest.raises(ArticleUnreadable, match="line 2 is no JSON"):
        load_json_lines(b"\nnot json\n", "/a.jsonl", LIMITS)
    assert len(load_json(lines.replace(b"not json\n[1]\n", b""), "/a.json", LIMITS)) == 2, "whatever its name says"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_whatever_its_columns_are_apart_by(delimiter: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    said = f'{TEXT}\n\n"Yes", he said; so be it, all|of you.'
    writer.writerows([["Title", "Body", "Date"], ["A, b; c", said, "2019-05-03"]])
    (draft,) = of_csv(file.getvalue())
    assert (draft.title, draft.published) == ("A, b; c", "2019-05-03")
    assert draft.text == said


def test_rows_that_are_too_short_or_too_long_are_read_as_far_as_they_go() -> None:
    assert [draft.text for draft in of_csv("text,title\nOne fell.\nTwo fell.,T,more\n\n,\n")] == ["One fell.", "Two fell."]


def test_encodings_are_told_as_of_any_text() -> None:
    line = '{"text": "Die Brücke fiel am Mittag."}'
    for content in (line.encode("utf-16"), b"\xef\xbb\xbf" + line.encode()):
        assert load_json(content, "/a.json", LIMITS)[0].text == "Die Brücke fiel am Mittag."
    assert load_csv("text\nDie Brücke fiel.\n".encode("utf-16"), "/a.csv", LIMITS)[0].text == "Die Brücke fiel."


def test_without_a_column_for_a_text_it_is_said_what_was_found_and_looked_for() -> None:
    with pytest.raises(NoArticles, match="found year, height; it is looked for as text"):
        of_json([{"year": 1, "height": 2}])
    with pytest.raises(ArticleUnreadable, match="no text was found"):
        of_csv("text,title\n,T\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[" * 200_000, "nested too deeply"),
        (b'{"text": ', "no JSON"),
        (b"1" * 5_000, "no JSON|no column"),
        (b'"x"', "no column"),
    ],
)
def test_what_is_no_json_of_articles_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnreadable, match=reason):
        load_json(content, "/a.json", LIMITS)


def test_more_articles_than_the_limit_are_refused_with_the_number() -> None:
    with pytest.raises(ArticleUnreadable, match="more than 2 articles"):
        load_json_lines(b'{"text": "x"}\n' * 3, "/a.jsonl", Limits(articles=2))
    with pytest.raises(ArticleUnreadable, match="more than 2 articles"):
        load_csv(b"text\na\nb\nc\n", "/a.csv", Limits(articles=2))


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2019-05-03", "2019-05-03"),
        ("2019-05-03T10:00:00Z", "2019-05-03T10:00:00+00:00"),
        ("Fri, 03 May 2019 10:00:00 +0200", "2019-05-03T10:00:00+02:00"),
        (1556877600, "2019-05-03T10:00:00+00:00"),
        (1556877600000, "2019-05-03T10:00:00+00:00"),
        ("May 3, 2019", "2019-05-03"),
        ("03/04/2019", None),
        ("2019-13-45", None),
        (True, None),
        (None, None),
        (12, None),
    ],
)
def test_dates_are_written_as_iso_8601_or_not_at_all(written: object, date: str | None) -> None:
    assert parse_date(written) == date


@given(st.binary(max_size=200))
def test_any_bytes_are_articles_or_a_reason(content: bytes) -> None:
    for load in (load_json, load_json_lines, load_csv):
        with suppress(ArticleUnreadable):
            assert all(draft.text for draft in load(content, "/a", LIMITS))
