"""Reading: archives are unpacked within limits, and each file in them is an article or a reason of its own."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from qa import Assistant
from qa.sources import reading
from qa.sources.formats import unpacking
from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, MB, Limits
from qa.sources.formats.parsing import parse
from qa.sources.reading import validate_member
from qa.sources.sandbox import libreoffice
from qa.types.errors import ArticleUnreadable, NeedsOffice, NoArticles

GATE, TIDE = b"The gate is red.", b"The tide came at six."


class Pool:
    """Parses in this process, with limits of its own."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits

    def parse(self, content: bytes, source: str, charset: str | None = None, recognized: str | None = None) -> list[Draft]:
        return parse(content, source, self._limits, charset, recognized)

    def run(self, function: Callable, content: bytes, source: str, validate: Callable, **options: str) -> list:
        return function(content, source, self._limits, **options)


def read(content: bytes, source: str = "/a.zip", limits: Limits = LIMITS) -> dict[str, str]:
    """Return the text of each article, or the reason of each failure, by source."""
    results = reading._Reader(Pool(limits), limits).read(content, source)
    return {result.source: result.text if isinstance(result, Draft) else result.reason for result in results}


def zipped(files: dict[str, bytes], **options: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(files: dict[str, bytes], *others: tarfile.TarInfo) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for entry in others:
            archive.addfile(entry)
    return file.getvalue()


def test_each_file_of_an_archive_is_an_article_of_its_own() -> None:
    rows = b'{"text": "One thing."}\n{"text": "Two things."}\n'
    files = {"a/gate.txt": GATE, "rows.jsonl": rows, "a/": b"", ".hidden.txt": GATE, "__MACOSX/a/gate.txt": GATE}
    expected = {
        "/a.zip#/a/gate.txt": "The gate is red.",
        "/a.zip#/rows.jsonl#1": "One thing.",
        "/a.zip#/rows.jsonl#2": "Two things.",
    }
    assert read(zipped(files)) == expected
    del files["a/"]
    for compress in (bytes, gzip.compress, bz2.compress, lzma.compress):
        assert read(compress(tarred(files)), "/a.zip") == expected


def test_a_compressed_file_is_read_under_its_own_name() -> None:
    for name, compress in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
        assert read(compress(GATE), f"/x/gate.txt.{name}") == {f"/x/gate.txt.{name}#/gate.txt": "The gate is red."}


def test_archives_in_archives_are_read_up_to_a_depth() -> None:
    content, name = GATE, "gate.txt"
    for depth in range(LIMITS.depth):
        content, name = zipped({name: content}), f"{depth}.zip"
    [(source, text)] = read(content).items()
    assert (source, text) == ("/a.zip#/3.zip/2.zip/1.zip/0.zip/gate.txt", "The gate is red.")
    [reason] = read(zipped({name: content})).values()
    assert reason == "archives are nested more than 5 deep, which is the limit"


def test_a_bad_file_costs_no_other() -> None:
    files = {"a.docx": b"PK\x03\x04 damaged", "gate.txt": GATE, "b.exe": b"MZ", "empty.txt": b"", "b.json": b"[]"}
    results = read(zipped(files))
    assert results["/a.zip#/gate.txt"] == "The gate is red."
    assert results["/a.zip#/a.docx"].startswith("this is a zip file that is damaged")
    assert results["/a.zip#/empty.txt"] == "the file is empty"
    assert len(results) == 5


def test_two_files_of_one_name_are_two_articles() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for content in (GATE, TIDE):
            entry = tarfile.TarInfo("gate.txt")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    assert read(file.getvalue()) == {"/a.zip#/gate.txt": "The gate is red.", "/a.zip#/gate.txt-1": "The tide came at six."}


@pytest.mark.parametrize("name", ["../gate.txt", "/etc/gate.txt", "a/../../gate.txt", "C:\\gate.txt", "..\\gate.txt"])
def test_a_name_that_points_outside_is_refused(name: str) -> None:
    assert set(read(zipped({name: GATE})).values()) == {"its name points outside of the archive"}
    assert set(read(tarred({name: GATE})).values()) == {"its name points outside of the archive"}


def test_links_and_devices_are_refused() -> None:
    link, device, hard = tarfile.TarInfo("link.txt"), tarfile.TarInfo("device.txt"), tarfile.TarInfo("hard.txt")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    hard.type, hard.linkname = tarfile.LNKTYPE, "gate.txt"
    device.type = tarfile.CHRTYPE
    results = read(tarred({"gate.txt": GATE}, link, device, hard))
    assert list(results.values()) == ["The gate is red.", *["it is a link or a device, not a file"] * 3]
    info = zipfile.ZipInfo("link.txt")
    info.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert list(read(file.getvalue()).values()) == ["it is a link"]


@pytest.mark.slow
def test_what_unpacks_to_more_than_it_may_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(LIMITS, file_bytes=3 * MB, archive_bytes=4 * MB)
    [reason] = read(zipped({"zeros.txt": bytes(2 * MB)}), limits=small).values()
    assert reason == "it unpacks to more than 200 times its size"
    stored = {"compression": zipfile.ZIP_STORED}
    text = b"The gate is red.\n" * 150_000
    assert list(read(zipped({"a.txt": text, "b.txt": text}, **stored), limits=small).values())[1].startswith(
        "the files before it"
    )
    assert list(read(zipped({"a.txt": text + text}, **stored), limits=small).values()) == [
        "it unpacks to 5 MB; the limit is 3 MB"
    ]
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        with pytest.raises(ArticleUnreadable, match="it unpacks to more than 4 MB"):
            read(compress(bytes(20 * MB)), limits=small)
    with pytest.raises(ArticleUnreadable, match="more than 3 files"):
        read(zipped({f"{n}.txt": GATE for n in range(4)}), limits=replace(LIMITS, parts=3))
    with pytest.raises(ArticleUnreadable, match="more than 3 files"):
        read(tarred({f"{n}.txt": GATE for n in range(4)}), limits=replace(LIMITS, parts=3))
    inner = zipped({"c.txt": text[: len(text) // 2]}, **stored)
    results = read(zipped({"a.zip": inner, "b.zip": inner}, **stored), limits=small)
    assert "The gate" in results["/a.zip#/a.zip/c.txt"]
    assert any("4 MB, which is the limit" in reason for reason in results.values())


def test_damaged_archives_end_as_articles_or_reasons() -> None:
    chance = random.Random(7)
    samples = (zipped({"a.txt": GATE, "b.txt": TIDE}), tarred({"a.txt": GATE}), gzip.compress(tarred({"a.txt": GATE})))
    for content in samples:
        for _ in range(60):
            damaged = bytearray(content)
            for _ in range(chance.randint(1, 20)):
                damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
            with suppress(ArticleUnreadable):
                read(bytes(damaged[: chance.choice([len(damaged), len(damaged) // 2])]))


def test_an_archive_is_unpacked_in_answers_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_BATCH_BYTES", 20)
    files = {f"{n}.txt": GATE for n in range(5)}
    first = unpacking.unpack(zipped(files), "/a.zip", LIMITS, first="0")
    assert ([member.number for member in first], first[-1].is_last) == ([0], False)
    assert len(read(zipped(files))) == 5


def test_an_archive_without_files_is_skipped_as_a_file_of_settings_is() -> None:
    with pytest.raises(NoArticles):
        read(zipped({".hidden": GATE}))


@pytest.mark.parametrize(
    "changed", [{"number": -1}, {"number": "0"}, {"content": "%"}, {"name": 3}, {"is_last": 1}, {"reason": None}]
)
def test_an_answer_of_a_parser_that_was_taken_over_is_refused(changed: dict) -> None:
    data = {"number": 0, "name": "a", "content": "", "reason": "", "is_last": True}
    assert validate_member(data, "/a").name == "a"
    with pytest.raises((TypeError, ValueError)):
        validate_member({**data, **changed}, "/a")


OLD = NeedsOffice("needs LibreOffice to be read: install it, or save the file as .docx")


def test_an_old_file_needs_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice.shutil, "which", lambda _: None)
    with pytest.raises(NeedsOffice, match="needs LibreOffice to be read: install it"):
        libreoffice.convert(b"x", OLD)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Put a program of these lines in the place of LibreOffice."""

    def install(lines: str) -> None:
        path = tmp_path / "soffice"
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)
        monkeypatch.setattr(libreoffice, "find", lambda: str(path))

    return install


def test_libreoffice_gets_a_copy_and_gives_the_newer_format(program: Callable[[str], None]) -> None:
    program('for last; do :; done; mkdir new; cat "$last" - > new/old.pptx; echo " $5" >> new/old.pptx')
    converted = libreoffice.convert(b"content", NeedsOffice("save the file as .pptx"))
    assert converted.startswith(b"content -env:UserInstallation=file:///")


def test_libreoffice_may_fail_or_hang(program: Callable[[str], None]) -> None:
    program("exit 1")
    with pytest.raises(ArticleUnreadable, match="LibreOffice cannot read it"):
        libreoffice.convert(b"x", OLD)
    program("sleep 60")
    with pytest.raises(ArticleUnreadable, match="LibreOffice took more than"):
        libreoffice.convert(b"x", OLD, replace(LIMITS, conversion_seconds=0.3))


@pytest.mark.slow
@pytest.mark.skipif(libreoffice.find() is None, reason="LibreOffice is not installed")
def test_a_document_is_converted() -> None:
    [draft] = parse(libreoffice.convert(rb"{\rtf1 The gate is red.\par}", OLD), "/a.docx", LIMITS)
    assert draft.text == "The gate is red."


@pytest.mark.model
def test_what_could_not_be_read_in_an_archive_is_reported_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"gate.txt": b"The gate of the north quay is red.", "bad.docx": b"PK\x03\x04"}))
    assistant = Assistant.open(tmp_path / "library")
    first = assistant.add([path])
    assert [reference.source for reference in first.added] == [f"{path}#/gate.txt"]
    assert [failure.source for failure in first.failed] == [f"{path}#/bad.docx"]
    again = assistant.add([path])
    assert (len(again.unchanged), len(again.failed)) == (1, 1)
    path.write_bytes(zipped({"tide.txt": b"The tide came at six in the morning."}))
    last = assistant.add([path])
    assert (len(last.added), len(last.removed), len(last.failed)) == (1, 1, 0)
