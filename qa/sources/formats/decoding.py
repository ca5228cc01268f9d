"""Decoding: gzip streams, and bytes to text in the declared or evident encoding. What is not text is refused."""

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from qa.types.errors import ArticleUnreadable

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 65_536  # bytes that are decompressed at once

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BROWSER_CODECS = {  # what browsers read under a name; source: encoding.spec.whatwg.org, "Names and labels"
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_NOT_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")  # codecs no page is in
_MIN_BYTES_TO_GUESS = 64  # charset-normalizer reads fewer, such as `caf\xe9`, as UTF-16
_HEAD = 1_024  # bytes searched for UTF-16 without a byte order mark
# In UTF-16 of mostly Latin letters, most of every second byte are zero, and few of the bytes between.
_MIN_ZEROS, _MAX_ZEROS_BETWEEN = 0.7, 0.05
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_MAX_CONTROL = 0.01  # share of control and replacement characters in a text


def decompress_gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress a stream of one or more gzip members in small chunks. Ignore what follows the last member.

    A caller with a limit can stop early, so a few bytes that decompress to gigabytes do no harm.

    Raises:
        zlib.error: the stream is damaged.
        EOFError: the stream is cut short.
    """
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    begun = False
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:
                if not rest.startswith(GZIP_MAGIC[:1]):
                    return
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            begun = True
            yield member.decompress(rest, _CHUNK)
            rest = member.unused_data if member.eof else member.unconsumed_tail
    if begun and not member.eof:
        yield member.flush()
        if not member.eof:
            raise EOFError("it is cut short")


def decode(content: bytes, charset: str | None = None) -> str:
    """Decode a text file.

    The encoding is found in this order: a byte order mark, UTF-8 if all bytes are valid, the charset from the server, UTF-16
    evident from its zeros, a guess if there is enough text, and last Windows-1252.

    Args:
        charset: from the server.

    Raises:
        ArticleUnreadable: the bytes are not text.
    """
    text = decode_as(content, charset) if charset else None
    if text is None or "\0" in text:
        text = _decode(content)
    if len(_CONTROL.findall(text)) > max(2, _MAX_CONTROL * len(text)):
        raise ArticleUnreadable("this is not a text file but something binary")
    if not text.strip():
        raise ArticleUnreadable("the file holds nothing but white space")
    return text


def decode_as(content: bytes, charset: str) -> str | None:
    """Decode a text as browsers do under the name of a charset. Return None if that is no charset, or evidently wrong."""
    has_bom = any(content.startswith(bom) for bom, _ in _BOMS)
    if has_bom or _is_utf_8(content):
        return None
    text = ""
    with suppress(LookupError, UnicodeError):  # an unknown charset, or a codec that is not for text
        codec = codecs.lookup(charset).name
        text = content.decode(_BROWSER_CODECS.get(codec, codec), "replace") if codec not in _NOT_CHARSETS else ""
    n_beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if text and 2 * text.count("\ufffd") <= n_beyond_ascii else None


def utf_16_to_utf_8(content: bytes) -> bytes | None:
    """Encode UTF-16 or UTF-32 anew as UTF-8. Return None if the content is neither."""
    for bom, encoding in _BOMS[1:]:
        if content.startswith(bom):
            return content.decode(encoding, "replace").encode()
    encoding_without_bom = _utf_16_without_bom(content)
    return content.decode(encoding_without_bom, "replace").encode() if encoding_without_bom else None


def _is_utf_8(content: bytes) -> bool:
    try:
        return not content.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _decode(content: bytes) -> str:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content.decode(encoding, "replace")
    for evident in filter(None, (_utf_16_without_bom(content), "utf-8")):
        with suppress(UnicodeDecodeError):  # unless valid to the last byte
            return content.decode(evident)
    if b"\0" in content:
        raise ArticleUnreadable("this is not a text file but something binary")
    if len(content) >= _MIN_BYTES_TO_GUESS:
        from charset_normalizer import from_bytes

        guess = from_bytes(content).best()
        if guess is not None:
            return content.decode(guess.encoding, "replace")
    return content.decode("cp1252", "replace")


def _utf_16_without_bom(content: bytes) -> str | None:
    """Return the encoding of UTF-16 that has no byte order mark, told by zeros in every second place, or None."""
    head = content[:_HEAD]
    zeros = [head[start::2].count(0) / max(1, len(head) // 2) for start in (0, 1)]
    if max(zeros) <= _MIN_ZEROS or min(zeros) > _MAX_ZEROS_BETWEEN:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
