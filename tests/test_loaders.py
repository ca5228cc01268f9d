"""Files become articles: every encoding decoded, every file that is no article refused with its reason."""

import codecs
import errno
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa.articles import Failure
from qa.errors import ArticleUnreadable
from qa.loaders import Draft, files, load, source_name
from qa.loaders.decoding import decode
from qa.loaders.plain import load_markdown, load_text

TEXT = "The café fell at noon.\r\nNobody “was” hurt — 北京.\n"
GERMAN = "Die Brücke über den Fluß fiel am Mittag. Niemand wurde verletzt, sagte der Bürgermeister später."


def refusal(path: Path) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        load(path)
    return str(caught.value)


def made(folder: Path, name: str, content: bytes | str = "The bridge fell at noon.") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found(*paths: Path) -> list[str | Failure]:
    return [item if isinstance(item, Failure) else item.name for item in files.find(paths)]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_unicode_is_read_exactly_and_without_its_mark(mark: bytes, encoding: str) -> None:
    assert decode(mark + TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_western_page_without_declaration_is_read(encoding: str) -> None:
    assert decode(GERMAN.encode(encoding)) == GERMAN


def test_a_short_western_text_is_not_taken_for_something_eastern() -> None:
    assert decode(b"caf\xe9") == "café"
    assert decode(b"\x93Yes\x94, he said \x97 twice.") == "“Yes”, he said — twice."


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00",
        b"\x7fELF\x02\x01\x01" + bytes(64),
        b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(256)),
        bytes(range(256)) * 8,
        b"plain at first " + b"\x00\x01\x02" * 40,
        "UTF-16 without its mark".encode("utf-16-le"),
    ],
    ids=["png", "elf", "zip", "all bytes", "late", "unmarked utf-16"],
)
def test_something_binary_called_txt_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(made(tmp_path, "a.txt", content)) == "this is not a text file but something binary"


def test_a_text_with_a_stray_control_character_is_still_a_text() -> None:
    assert decode(b"The bridge\x00 fell at noon.\x1b") == "The bridge\x00 fell at noon.\x1b"


@pytest.mark.parametrize("content", [b" ", b"\r\n\t\r\n", "\u2028\u00a0".encode(), codecs.BOM_UTF8])
def test_a_file_of_white_space_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refusal(made(tmp_path, "a.txt", content)) == "the file holds nothing but white space"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(made(tmp_path, "a.txt", b"")) == "the file is empty"


def test_a_file_over_the_limit_is_refused_with_both_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2_000_000)
    path = made(tmp_path, "a.txt", b"a" * 2_000_000)
    assert load(path).text == "a" * 2_000_000
    path.write_bytes(b"a" * 2_600_000)
    assert refusal(path) == "the file has 3 MB; the limit is 2 MB"


def test_a_sparse_file_of_fifty_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = made(tmp_path, "a.txt")
    os.truncate(path, 50_000_000_000)
    assert refusal(path) == "the file has 50000 MB; the limit is 20 MB"


def test_a_text_over_the_limit_of_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.loaders.plain.MAX_CHARACTERS", 1_000)
    assert load_text("é".encode() * 1_000, "/a.txt").text == "é" * 1_000
    with pytest.raises(ArticleUnreadable, match=r"the text has 1,001 characters; the limit is 1,000"):
        load_text("é".encode() * 1_001, "/a.txt")


def test_a_pipe_is_refused_and_not_waited_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert refusal(tmp_path / "a.txt") == "this is not a regular file"


def test_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("/dev/zero")
    assert refusal(tmp_path / "a.txt") == "this is not a regular file"


def test_a_file_that_may_not_be_read_is_refused_with_the_systems_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = made(tmp_path, "a.txt")
    monkeypatch.setattr("qa.loaders.files.os.open", forbid)
    assert refusal(path) == "the file cannot be read (Permission denied)"


def test_a_file_gone_since_it_was_listed_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.txt") == "the file cannot be read (No such file or directory)"


@pytest.mark.parametrize("name", ["a.docx", "a.TXT.exe", "a"])
def test_an_unknown_kind_of_file_is_refused_with_the_kinds_that_are_known(tmp_path: Path, name: str) -> None:
    kind = f"{Path(name).suffix} files" if Path(name).suffix else "files without an extension"
    known = refusal(made(tmp_path, name))
    assert known.startswith(f"{kind} cannot be read; only .txt, .md")


@pytest.mark.parametrize("name", ["a.TXT", "a.Txt", "a.MD", "a.Markdown"])
def test_an_extension_may_be_in_capitals(tmp_path: Path, name: str) -> None:
    made(tmp_path, name)
    assert found(tmp_path) == [name]
    assert load(tmp_path / name).text == "The bridge fell at noon."


def test_a_folders_articles_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "c/d.txt", "c/a/z.txt", "notes.docx"):
        made(tmp_path, name)
    assert found(tmp_path) == ["a.md", "b.txt", "d.txt", "z.txt"]


def test_hidden_files_and_links_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    outside = made(tmp_path, "outside/secret.txt").parent
    made(tmp_path, "in/a.txt")
    made(tmp_path, "in/.hidden.txt")
    made(tmp_path, "in/.git/b.txt")
    (tmp_path / "in/link.txt").symlink_to(outside / "secret.txt")
    (tmp_path / "in/folder").symlink_to(outside)
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/dangling.txt").symlink_to("nowhere")
    assert found(tmp_path / "in") == ["a.txt"]


def test_a_link_that_was_named_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(made(tmp_path, "a.md"))
    assert load(tmp_path / "link.txt").text == "The bridge fell at noon."


def test_a_file_named_twice_or_by_its_folder_too_comes_once(tmp_path: Path) -> None:
    path = made(tmp_path, "a.txt")
    assert found(path, tmp_path, path) == ["a.txt"]


def test_a_folder_without_articles_and_a_missing_path_are_failures(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert found(tmp_path / "empty", tmp_path / "missing") == [
        Failure(str(tmp_path / "empty"), "this folder holds no article (.txt, .md, .markdown)"),
        Failure(str(tmp_path / "missing"), "there is no such file or folder"),
    ]


@pytest.mark.parametrize("name", ["x" * 300 + ".txt", "a\0b.txt"])
def test_a_name_no_file_can_have_is_a_failure_and_no_crash(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert found(path) == [Failure(str(path), "there is no such file or folder")]


def test_a_dangling_link_that_was_named_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("nowhere")
    assert found(tmp_path / "a.txt") == ["a.txt"]
    assert refusal(tmp_path / "a.txt") == "the file cannot be read (No such file or directory)"


def test_undecodable_bytes_and_newlines_in_a_name_are_no_hindrance(tmp_path: Path) -> None:
    for name in (b"caf\xe9.txt", b"two\nlines.txt"):
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_bytes(b"The bridge fell at noon.")
    drafts = [load(path) for path in files.find([tmp_path]) if isinstance(path, Path)]
    assert [draft.source for draft in drafts] == [f"{tmp_path}/caf\\xe9.txt", f"{tmp_path}/two\nlines.txt"]
    assert all(draft.source.encode() for draft in drafts)


def test_a_source_is_the_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_name(Path("a.txt")) == str(tmp_path / "a.txt")


def text_draft(text: str) -> Draft:
    return load_text(text.encode(), "/articles/2019_the_old-bridge.txt")


def asides(draft: Draft) -> Sequence[tuple[str, str]]:
    return [(place.rule, draft.text[place.start : place.end]) for place in draft.set_aside]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The bridge that fell\n\nIt fell at noon.", "The bridge that fell"),
        ("Bridges\n\nThey fall.", "Bridges"),
        ("\n\n  A bridge falls  \r\nIt fell at noon.", "A bridge falls"),
        ("It fell at noon. Nobody was hurt.\n\nBridges", "2019 the old-bridge"),
        ("Last updated: 3 May 2019\nA bridge falls\nIt fell.", "A bridge falls"),
        ("***\nA bridge falls\nIt fell.", "A bridge falls"),
        ("x" * 201 + "\n\nBridges fall\n\n", "Bridges fall"),
    ],
)
def test_the_title_is_the_first_line_that_looks_like_one_or_the_files_name(text: str, title: str) -> None:
    assert text_draft(text).title == title


def test_a_sites_name_above_the_title_is_set_aside() -> None:
    draft = text_draft("Gazette\nA bridge falls\n\nIt fell at noon.")
    assert draft.title == "A bridge falls"
    assert asides(draft) == [("above the title", "Gazette")]


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("3 May 2019", "2019-05-03"),
        ("May 3rd, 2019", "2019-05-03"),
        ("Published: 2019-05-03", "2019-05-03"),
        ("Published: 2019-05-03T10:15:30Z", "2019-05-03T10:15+00:00"),
        ("Last updated: Friday, 3 May, 2019, 10:15 GMT", "2019-05-03T10:15+00:00"),
        ("By Ann Li, 3 Sept. 2019 at 9:05", "2019-09-03T09:05"),
        ("Posted on 30 February 2019", None),
        ("Published: 2019-05-03T99:99", None),
        ("Published: 2019-13-45", None),
        ("03/04/2019", None),
        ("The bridge that fell on 3 May 2019 has been rebuilt with money from the state, as was promised.", None),
    ],
)
def test_a_date_is_read_where_it_is_whole_and_about_the_page(line: str, published: str | None) -> None:
    assert text_draft(f"The bridge that fell\n{line}\n\nIt fell at noon.").published == published


MARKDOWN = """---
title: "The bridge: a story"
date: 2019-05-03
tags: [a]
---
# Another heading

![x](y.png)

It fell at noon.

[1]: http://example.com
"""


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_front_matter_gives_title_and_date_and_is_not_quoted(line_break: str) -> None:
    text = MARKDOWN.replace("\n", line_break)
    draft = load_markdown(text.encode(), "/a.md")
    assert (draft.title, draft.published, draft.text) == ("The bridge: a story", "2019-05-03", text)
    front, image, link = draft.set_aside
    assert (front.start, front.rule) == (0, "front matter")
    assert text[front.end :].startswith("# Another heading")
    assert (image.rule, text[image.start : image.end].strip()) == ("image", "![x](y.png)")
    assert (link.rule, text[link.start : link.end].strip()) == ("link definition", "[1]: http://example.com")


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    draft = load_markdown(b"Intro.\n\n## The bridge ##\n\nIt fell.", "/a.md")
    assert (draft.title, draft.published) == ("The bridge", None)


def test_front_matter_that_is_never_closed_is_text() -> None:
    draft = load_markdown(b"---\ntitle: x\n\nIt fell at noon.", "/a.md")
    assert draft.set_aside == ()
