"""Uploaded files are kept as long as their articles, and are drawn, read again and backed up like files on disk."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from support.pdfs import page, pdf

from qa import Assistant
from qa.answer.page_image import draw_page, pages_of
from qa.library.layout import ORIGINALS
from qa.sources.files import Upload
from qa.types.errors import NotPrinted

PEAR = "The pear market of Tilburg opened at dawn with nine stalls."
FIG = "The fig market of Tilburg closed after two hours of hail."
PRINTED = pdf(page([PEAR, "Nobody had expected that many visitors on a Tuesday."]))
Send = Callable[..., str]


@pytest.fixture
def send(assistant: Assistant, tmp_path: Path) -> Send:
    """Adds an upload, whose file is deleted once it was read, and returns the id of its article."""

    def add(content: bytes, name: str = "market.pdf", title: str | None = None) -> str:
        path = tmp_path / "sent"
        path.write_bytes(content)
        report = assistant.add(Upload(name, path, title))
        path.unlink()
        (reference,) = [*report.added, *report.updated]
        return reference.id

    return add


def kept(assistant: Assistant) -> list[bytes]:
    return [path.read_bytes() for path in sorted((assistant.library.folder / ORIGINALS).glob("*"))]


def test_a_page_of_an_upload_is_drawn_from_its_original(assistant: Assistant, send: Send) -> None:
    article = assistant.article(send(PRINTED))
    assert draw_page(assistant.library, article, pages_of(article)[0]).startswith(b"\x89PNG")
    assert assistant.original(article.id) == ("market.pdf", PRINTED)
    (path,) = assistant.originals.paths()
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o600, 0o700]
    assert assistant.check().problems == ()
    path.write_bytes(PRINTED[:-1])
    assert assistant.original(article.id) is None
    with pytest.raises(NotPrinted, match=r"The original of market.pdf is not kept, .*: upload it again"):
        draw_page(assistant.library, article, pages_of(article)[0])
    (problem,) = assistant.check().problems
    assert str(path) in problem
    path.unlink()
    assert assistant.check().problems == ()
    assistant.keep_originals = False
    send(PEAR.encode(), "pear.txt")
    assert kept(assistant) == []


def test_an_original_goes_with_its_article_and_comes_back_with_it(assistant: Assistant, send: Send) -> None:
    article_id = send(PEAR.encode(), "market.txt")
    assert kept(assistant) == [PEAR.encode()]
    longer = f"{PEAR} It rained.".encode()
    assert send(longer, "market.txt") == article_id  # a new version
    assert kept(assistant) == [longer]
    send(FIG.encode(), "note.txt", title="A note that was typed")  # whose article is all there is of it
    removed = assistant.take_out(article_id)
    assert kept(assistant) == []
    assistant.put_back(removed)
    assert assistant.original(article_id) == ("market.txt", longer)
    assistant.remove(article_id)
    assert kept(assistant) == []


def test_an_archive_is_kept_as_long_as_one_of_its_articles(assistant: Assistant, send: Send) -> None:
    rows = f"id,text\n1,{PEAR}\n2,{FIG}\n".encode()
    with pytest.raises(ValueError, match="too many values"):
        send(rows, "rows.csv")
    first, second = assistant.articles()
    assistant.remove(first.id)
    assert assistant.original(second.id) == ("rows.csv", rows)
    assistant.remove(second.id)
    assert kept(assistant) == []


def test_an_upload_is_read_again_by_new_loaders_under_its_name(
    assistant: Assistant, send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    article_id = send(PEAR.encode(), "market.txt")
    steps: list[str] = []
    assistant.sync(tmp_path / "library" / ORIGINALS, keep_missing=True, on_step=lambda step: steps.append(step.source))
    assert "market.txt" not in steps
    for module in ("qa.ingest.batches", "qa.ingest.syncing"):
        monkeypatch.setattr(f"{module}.LOADERS_VERSION", 10_000)
    monkeypatch.setattr("qa.ingest.batches.read", lambda content, origin, *_: reread(content, origin))

    def reread(content: bytes, origin: str) -> list[object]:
        from qa.sources.formats.draft import Draft

        return [Draft(origin, "Fig market", None, FIG, ())]  # a text with nothing in common with the one before

    (tmp_path / "empty").mkdir()
    report = assistant.sync(tmp_path / "empty")
    assert [reference.id for reference in report.updated] == [article_id]
    assert assistant.article(article_id).text == FIG
    assert kept(assistant) == [PEAR.encode()]
    assert assistant.sync(tmp_path / "empty").updated == ()


def test_originals_are_in_a_backup(assistant: Assistant, send: Send, tmp_path: Path, opened: Callable[..., Assistant]) -> None:
    article_id = send(PEAR.encode(), "market.txt")
    assistant.back_up(tmp_path / "backup.zip")
    assistant.restore(tmp_path / "backup.zip", tmp_path / "restored")
    assert opened(tmp_path / "restored").original(article_id) == ("market.txt", PEAR.encode())


def test_no_original_is_deleted_where_it_is_not_known_what_needs_it(assistant: Assistant, send: Send) -> None:
    send(PEAR.encode(), "market.txt")
    with assistant.library._changing() as (connection, _):
        connection.execute("UPDATE files SET articles = '[]'")
    send(FIG.encode(), "other.txt")
    assert sorted(kept(assistant)) == sorted([PEAR.encode(), FIG.encode()])
