"""Tests that articles that were exported come back as they were, and that a bad line costs that line alone."""

import json
from pathlib import Path

import pytest
from support.libraries import database
from support.quick import harbours, open_quick, store

from qa import Assistant
from qa.types.articles import Part, SetAside
from qa.types.errors import ArticleUnreadable, LibraryError

QUESTION = "When did harbour 3 freeze?"


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    assistant = open_quick(tmp_path / "library")
    store(assistant, **harbours(0, 5), awkward="Dr. Åse “quoted” \u2028 it.\r\nThe 北京 pier 👩‍👩‍👧 froze.\x00 Next.")
    return assistant


def test_articles_come_back_with_their_ids_texts_and_answers(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    assert assistant.export_articles(file) == (6, [])
    assert file.stat().st_mode & 0o777 == 0o600
    other = open_quick(tmp_path / "other")
    fates = []
    report = other.import_articles(file, on_step=lambda step: fates.append(step.fate))
    assert report.added == tuple(assistant.articles())
    assert fates == ["added"] * 6
    assert [other.article(each.id) for each in other.articles()] == [
        assistant.article(each.id) for each in assistant.articles()
    ]
    assert other.ask(QUESTION).quotes == assistant.ask(QUESTION).quotes
    assert other.check().problems == ()
    again = other.import_articles(file)
    assert (len(again.unchanged), again.added, again.updated, again.failed) == (6, (), (), ())


def line(**changes: object) -> str:
    text = "The quay\n\nThe quay sank in 1901. Page two says so."
    data = {"source": "/articles/quay.txt", "title": "The quay", "published": "1901-05-01", "text": text}
    return json.dumps({**data, **changes})


def test_all_that_is_known_of_an_article_comes_back(tmp_path: Path) -> None:
    details = {
        "author": "A. Quist", "site": "Quay News", "language": "en", "tags": ["harbours"],
        "set_aside": [[0, 8, "title"]], "parts": [[33, 50, "page 2", "OCR"]],
    }  # fmt: skip
    (tmp_path / "in.jsonl").write_text(line(**details) + "\n")
    assistant = open_quick(tmp_path / "library")
    article = assistant.article(assistant.import_articles(tmp_path / "in.jsonl").added[0].id)
    assert (article.author, article.site, article.language, article.tags) == ("A. Quist", "Quay News", "en", ("harbours",))
    assert (article.set_aside, article.parts) == ((SetAside(0, 8, "title"),), (Part(33, 50, "page 2", "OCR"),))
    assistant.export_articles(tmp_path / "out.jsonl")
    exported = json.loads((tmp_path / "out.jsonl").read_text())
    assert {name: exported[name] for name in details} == details


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "is not an article that Pullquote exported"),
        ("[]", "is not an article that Pullquote exported"),
        ("null", "is not an article that Pullquote exported"),
        ('{"source": "/a"}', "has no source or no text"),
        (line(text=""), "has no source or no text"),
        (line(source=" "), "has no source or no text"),
        (line(title=3), "is not an article that Pullquote exported"),
        (line(set_aside=[[0, 999, "x"]]), "is not an article that Pullquote exported"),
        (line(parts=[[5, 2, "x"]]), "is not an article that Pullquote exported"),
        (line(sha256="0" * 64), "the text is not the one that was exported"),
        (line(text="x" * 5_000_001), "has more than 5,000,000 characters"),
        ("[" * 100_000, "is not an article that Pullquote exported"),
        ('"\\ud800"', "is not an article that Pullquote exported"),
        (line(text="* * *"), "no sentence in it can be quoted"),
    ],
)
def test_a_bad_line_costs_that_line_alone_and_is_named(tmp_path: Path, bad: str, reason: str) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join([line(source="/first.txt"), bad, "", line(source="/last.txt")]))
    assistant = open_quick(tmp_path / "library")
    report = assistant.import_articles(file)
    assert [each.source for each in report.added] == ["/first.txt", "/last.txt"]
    (failure,) = report.failed
    assert reason in failure.reason
    assert failure.source in (f"{file}, line 2", "/articles/quay.txt")


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from qa.ingest import importing

    monkeypatch.setattr(importing, "LIMITS", replace(importing.LIMITS, file_bytes=500))
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join([line(source="/first.txt"), line(title="x" * 5_000), line(source="/last.txt")]))
    report = open_quick(tmp_path / "library").import_articles(file)
    assert [each.source for each in report.added] == ["/first.txt", "/last.txt"]
    assert [each.source for each in report.failed] == [f"{file}, line 2"]


def test_a_file_that_cannot_be_read_or_written_is_named(assistant: Assistant, tmp_path: Path) -> None:
    with pytest.raises(ArticleUnreadable, match=r"none\.jsonl cannot be read: No such file"):
        assistant.import_articles(tmp_path / "none.jsonl")
    with pytest.raises(LibraryError, match=r"cannot be written to .*nowhere/out\.jsonl"):
        assistant.export_articles(tmp_path / "nowhere" / "out.jsonl")


def test_an_article_that_cannot_be_read_is_told_and_the_rest_exported(assistant: Assistant, tmp_path: Path) -> None:
    with database(assistant) as connection:
        connection.execute("UPDATE versions SET text = 'x' WHERE text LIKE 'Harbour 2%'")
    n, problems = open_quick(tmp_path / "library").export_articles(tmp_path / "out.jsonl")
    assert n == 5
    assert ["harbour2.txt) is damaged" in each for each in problems] == [True]
