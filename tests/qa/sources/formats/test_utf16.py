"""UTF-16 without its mark is told by its zeros, and what is binary stays refused."""

import struct

import pytest

from qa.sources.formats.decoding import decode
from qa.types.errors import ArticleUnreadable

TEXT = "The bridge fell at noon – nobody in the café was hurt.\r\n" * 30


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [TEXT, "It fell."])
def test_utf_16_without_its_mark_is_read(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "content",
    [
        b"".join(struct.pack("<h", n % 200) for n in range(2_000)),  # sound, tables of small numbers
        b"".join(struct.pack(">H", n % 32) for n in range(2_000)),
        b"".join(struct.pack("<i", n) for n in range(1_000)),
        TEXT.encode("utf-16-le") + b"\x00",  # cut through a character
        TEXT.encode("utf-16-le") + b"\x00\xd8" + "x".encode("utf-16-le"),  # half a pair
        bytes(4_000),
    ],
    ids=["numbers", "controls", "integers", "odd", "half a pair", "zeros"],
)
def test_what_only_looks_like_it_is_refused(content: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match="binary"):
        decode(content)
