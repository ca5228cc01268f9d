"""Archives and the XML in them: what would unpack to more than it may, or reach outside, is refused before it does."""

import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from qa.sources.formats.limits import LIMITS, MB
from qa.sources.formats.office.archives import Archive, open_archive, parse_xml
from qa.types.errors import ArticleUnreadable

SMALL = replace(LIMITS, part_bytes=3 * MB, archive_bytes=5 * MB, parts=20)
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
    + "<a{attribute}>{text}</a>"
)


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        act()
    return str(caught.value)


def all_of(archive: Archive) -> list[bytes]:
    return [archive.read(name) for name in archive.names]


def lying(content: bytes, size: int, crc: int | None = None) -> bytes:
    """The archive of one part with another size, and checksum, in the entry of its directory."""
    at = content.rindex(b"PK\x01\x02")
    entry = bytearray(content)
    struct.pack_into("<I", entry, at + 24, size)
    if crc is not None:
        struct.pack_into("<I", entry, at + 16, crc)
    return bytes(entry)


def noise(size: int) -> bytes:
    return random.Random(0).randbytes(size)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_parts_are_read_as_they_were_written(method: int) -> None:
    archive = open_archive(zipped({"a.xml": b"<a/>", "b/c.bin": noise(100_000), "empty": b""}, method), LIMITS)
    assert archive.names == ("a.xml", "b/c.bin", "empty")
    assert [archive.read(name) for name in archive.names] == [b"<a/>", noise(100_000), b""]


def test_a_part_that_is_missing_is_named() -> None:
    archive = open_archive(zipped({"a.xml": b"<a/>"}), LIMITS)
    assert refusal(lambda: archive.read("b.xml")) == "it is damaged: its part b.xml is missing"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"a": noise(3 * MB + 4)}, "a part of it unpacks to more than 3 MB, which is the limit"),
        (
            {"a": noise(2 * MB), "b": noise(2 * MB), "c": noise(2 * MB)},
            "its parts unpack to more than 5 MB, which is the limit",
        ),
        ({"a": bytes(2 * MB)}, "a part of it unpacks to more than 200 times its size, as no document does"),
        ({str(number): b"" for number in range(21)}, "it has more than 20 parts, which is the limit"),
        ({"../../evil": b"x"}, "it names a part outside itself, which no document does"),
        ({"word\\..\\..\\evil": b"x"}, "it names a part outside itself, which no document does"),
        ({"/etc/passwd": b"x"}, "it names a part outside itself, which no document does"),
        ({"C:\\evil": b"x"}, "it names a part outside itself, which no document does"),
    ],
)
def test_what_is_over_a_limit_or_outside_is_refused_unread(parts: dict[str, bytes], reason: str) -> None:
    assert refusal(lambda: all_of(open_archive(zipped(parts), SMALL))) == reason


def test_a_part_that_nobody_reads_may_be_of_any_size() -> None:
    archive = open_archive(zipped({"media/picture.bmp": noise(3 * MB + 4), "a.xml": b"<a/>"}), SMALL)
    assert archive.read("a.xml") == b"<a/>"


def test_a_small_part_may_be_packed_as_tightly_as_it_can() -> None:
    assert open_archive(zipped({"a": bytes(MB)}), SMALL).read("a") == bytes(MB)


def test_names_with_dots_in_them_are_no_way_outside() -> None:
    assert open_archive(zipped({"a..b/c...xml": b"x"}), SMALL).names == ("a..b/c...xml",)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_cannot_be_unpacked_in_pieces_is_refused(method: int) -> None:
    assert refusal(lambda: open_archive(zipped({"a": b"x"}, method), SMALL)) == "it is packed in a way that no document is"


def test_a_locked_part_is_refused_with_what_to_do() -> None:
    content = bytearray(zipped({"a": b"x"}))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(lambda: open_archive(bytes(content), SMALL)) == "it is locked with a password: save it without one"


def test_a_bomb_that_lies_about_its_size_is_not_unpacked() -> None:
    bomb = lying(zipped({"a": bytes(40 * MB)}), 1_000)
    archive = open_archive(bomb, LIMITS)
    tracemalloc.start()
    try:
        assert refusal(lambda: archive.read("a")) == "it is damaged: its part a cannot be unpacked"
        assert tracemalloc.get_traced_memory()[1] < 2 * MB  # at most
    finally:
        tracemalloc.stop()


def test_a_bomb_whose_checksum_lies_too_gives_what_it_declares() -> None:
    bomb = lying(zipped({"a": bytes(10 * MB)}), 1_000, zlib.crc32(bytes(1_000)))
    assert open_archive(bomb, SMALL).read("a") == bytes(1_000)


def test_parts_that_share_their_bytes_are_no_way_round_the_limits() -> None:
    content = zipped({"a": noise(2 * MB)})
    at, end = content.rindex(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    entry = content[at:end]
    record = bytearray(content[end:])
    struct.pack_into("<HHI", record, 8, 10, 10, 10 * len(entry))
    shared = content[:at] + b"".join(entry[:46] + bytes([97 + number]) + entry[47:] for number in range(10)) + bytes(record)
    assert len(zipfile.ZipFile(io.BytesIO(shared)).namelist()) == 10
    assert refusal(lambda: all_of(open_archive(shared, SMALL))) == "it is damaged: its part b cannot be unpacked"


def test_a_part_read_again_and_again_is_stopped_at_the_limit() -> None:
    archive = open_archive(zipped({"a": noise(2 * MB)}), SMALL)
    archive.read("a")
    archive.read("a")
    assert refusal(lambda: archive.read("a")) == "its parts unpack to more than 5 MB, which is the limit"


@pytest.mark.parametrize("cut", [1, 10, 22, 60])
def test_an_archive_cut_short_is_refused(cut: int) -> None:
    content = zipped({"a": b"The bridge fell at noon."})
    assert refusal(lambda: open_archive(content[:-cut], SMALL)) == "this is a zip file that is damaged or cut short"


def test_a_part_whose_bytes_are_damaged_is_named() -> None:
    content = bytearray(zipped({"a.xml": noise(4_000)}, zipfile.ZIP_STORED))
    content[2_000] ^= 0xFF
    assert refusal(lambda: open_archive(bytes(content), SMALL).read("a.xml")) == (
        "it is damaged: its part a.xml cannot be unpacked"
    )


def test_xml_is_read_without_its_comments_and_instructions() -> None:
    root = parse_xml("<?xml version='1.0' encoding='utf-8'?><a>caf<!-- x -->é <?p q?><![CDATA[& tea]]></a>".encode())
    assert (root.tag, root.text) == ("a", "café & tea")


def test_a_document_type_without_entities_is_passed_over_unfetched() -> None:
    assert parse_xml(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a>1</a>').text == "1"
    assert parse_xml(b'<!DOCTYPE ncx PUBLIC "-//N//DTD" "http://127.0.0.1:1/a.dtd"><ncx>1</ncx>').text == "1"


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a b="&x;"/>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/a.dtd">%x;]><a/>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a/>',
        LAUGHS.format(attribute="", text="&l11;"),
        LAUGHS.format(attribute=' b="&l11;"', text=""),
    ],
    ids=["file", "file in attribute", "address", "unused", "laughs", "laughs in attribute"],
)
def test_xml_that_declares_entities_is_refused(xml: str) -> None:
    assert refusal(lambda: parse_xml(xml.encode())) == "it declares XML entities, which no document needs"


def test_laughter_in_another_encoding_is_refused_too() -> None:
    assert refusal(lambda: parse_xml(LAUGHS.format(attribute=' b="&l11;"', text="").encode("utf-16")))


@pytest.mark.parametrize(
    "xml", [b"", b"\0\1", b"<a>", b"<a/><b/>", b"text", b'<?xml version="1.0" encoding="no such"?><a/>', b"<a>" * 100_000]
)
def test_what_is_no_xml_is_refused(xml: bytes) -> None:
    assert refusal(lambda: parse_xml(xml)) == "it is damaged: a part of it is no XML"
