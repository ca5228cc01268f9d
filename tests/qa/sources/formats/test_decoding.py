"""Text is decoded in every encoding, and what is binary or blank is refused."""

import codecs
import struct

import pytest

from qa.sources.formats.decoding import decode
from qa.types.errors import ArticleUnreadable

TEXT = "The café fell at noon.\r\nNobody “was” hurt — 北京.\n"
GERMAN = "Die Brücke über den Fluß fiel am Mittag. Niemand wurde verletzt, sagte der Bürgermeister später."
LATIN = "The bridge fell at noon – nobody in the café was hurt.\r\n" * 30


def refusal(content: bytes) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        decode(content)
    return str(caught.value)


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_unicode_is_decoded_exactly_and_without_its_byte_order_mark(bom: bytes, encoding: str) -> None:
    assert decode(bom + TEXT.encode(encoding)) == TEXT


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
    ],
    ids=["png", "elf", "zip", "all bytes", "late"],
)
def test_something_binary_called_txt_is_refused(content: bytes) -> None:
    assert refusal(content) == "this is not a text file but something binary"


def test_a_text_with_a_stray_control_character_is_still_a_text() -> None:
    assert decode(b"The bridge\x00 fell at noon.\x1b") == "The bridge\x00 fell at noon.\x1b"


@pytest.mark.parametrize("content", [b" ", b"\r\n\t\r\n", "\u2028\u00a0".encode(), codecs.BOM_UTF8])
def test_a_file_of_white_space_is_refused(content: bytes) -> None:
    assert refusal(content) == "the file holds nothing but white space"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [LATIN, "It fell."])
def test_utf_16_without_a_byte_order_mark_is_decoded(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "content",
    [
        b"".join(struct.pack("<h", n % 200) for n in range(2_000)),  # sound, tables of small numbers
        b"".join(struct.pack(">H", n % 32) for n in range(2_000)),
        b"".join(struct.pack("<i", n) for n in range(1_000)),
        LATIN.encode("utf-16-le") + b"\x00",  # cut through a character
        LATIN.encode("utf-16-le") + b"\x00\xd8" + "x".encode("utf-16-le"),  # half a pair
        bytes(4_000),
        b"\x00\x01\x02\xff" * 100,  # Ā and a full-width quotation mark, over and over
        b"".join(struct.pack(">H", 0x3000 + n % 2) + b"\x00\x4e" for n in range(500)),
    ],
    ids=["numbers", "controls", "integers", "odd", "half a pair", "zeros", "letters", "ideographs"],
)
def test_what_only_resembles_utf_16_is_refused(content: bytes) -> None:
    assert "binary" in refusal(content)
