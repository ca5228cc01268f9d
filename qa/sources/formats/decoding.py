"""Decoding: gzip streams, and bytes to text in the declared or evident encoding. What is not text is refused."""

import codecs
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from qa.sources.formats.encoding_guess import decode_as_guessed, guess_encoding, iso_2022_encoding, utf_16_encoding
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
# Codecs that no page is in, and UTF-8, which is told by its bytes.
_NOT_CHARSETS = ("utf-8", "idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
_UTF_8 = re.compile(  # a character beyond ASCII; source: RFC 3629, section 4
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_ASCII = bytes(range(0x80))
_CUT_UTF_8 = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
_HEAD = 1_024  # bytes searched for UTF-16 without a byte order mark
# In UTF-16 of mostly Latin letters, most of every second byte are zero, and few of the bytes between.
_MIN_ZEROS, _MAX_ZEROS_BETWEEN = 0.7, 0.05
_CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
_MAX_CONTROL = 0.01  # share of control and replacement characters in a text

# Notes on an article.
GUESSED = "its encoding is a guess, {encoding}: letters with accents may be wrong; save it as UTF-8 if they are"
ONE_LINE = "1 line of it is not in UTF-8 as the others are and was read as {encoding}: letters with accents there may be wrong"
LINES = (
    "{n} lines of it are not in UTF-8 as the others are and were read as {encoding}: letters with accents there may be wrong"
)
CUT_SHORT = "it ends in the middle of a character: it may have been cut short"


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


class Decoded(NamedTuple):
    """A text, and what the user should know of how it was decoded."""

    text: str
    notes: tuple[str, ...] = ()


def decode(content: bytes, charset: str | None = None) -> str:
    """Decode a text file; see `decode_with_notes`."""
    return decode_with_notes(content, charset).text


def decode_with_notes(content: bytes, charset: str | None = None) -> Decoded:
    """Decode a text file, with a note where its encoding is a guess that may be wrong.

    The encoding is found in this order: a byte order mark, the escape sequences of ISO-2022, UTF-8 if all bytes are valid, the
    charset from the server, UTF-16 evident from its bytes, UTF-8 if most lines are valid, and last a guess.

    Args:
        charset: from the server.

    Raises:
        ArticleUnreadable: the bytes are not text.
    """
    declared = decode_as(content, charset) if charset else None
    decoded = _decode(content) if declared is None or "\0" in declared else Decoded(declared)
    text = decoded.text
    if _n_control(text) > max(2, _MAX_CONTROL * len(text)):
        raise ArticleUnreadable("this is not a text file but something binary")
    if not text.strip():
        raise ArticleUnreadable("the file holds nothing but white space")
    return decoded


def _n_control(text: str) -> int:
    """Count the control and replacement characters of a text, in bytes, where that takes a tenth of the time."""
    encoded = text.encode("utf-8", "replace")
    return len(encoded) - len(encoded.translate(None, _CONTROLS)) + text.count("\ufffd")


def decode_as(content: bytes, charset: str) -> str | None:
    """Decode a text as browsers do under the name of a charset. Return None if that is no charset, or evidently wrong."""
    has_bom = any(content.startswith(bom) for bom, _ in _BOMS)
    if has_bom or _is_utf_8(content):
        return None
    text = ""
    with suppress(LookupError, UnicodeError):  # an unknown charset, or a codec that is not for text
        codec = codecs.lookup(charset).name
        if codec not in _NOT_CHARSETS:
            text = decode_as_guessed(content, _BROWSER_CODECS.get(codec, codec))
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


def _decode(content: bytes) -> Decoded:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return Decoded(content.decode(encoding, "replace"))
    for evident in filter(None, _evident_encodings(content)):
        with suppress(UnicodeDecodeError):  # unless valid to the last byte
            return Decoded(content.decode(evident))
    if b"\0" in content:
        raise ArticleUnreadable("this is not a text file but something binary")
    return _decode_by_lines(content) or _decode_as_guessed(content)


def _evident_encodings(content: bytes) -> Iterator[str | None]:
    """Yield the encodings that a text shows by itself. The first in which it is valid is right."""
    yield _utf_16_without_bom(content)
    yield iso_2022_encoding(content)
    if _CONTROL_BYTE.search(content, 0, _HEAD):  # which no text in UTF-8 has
        yield utf_16_encoding(content)
    yield "utf-8"
    yield utf_16_encoding(content)


def _decode_as_guessed(content: bytes) -> Decoded:
    guess = guess_encoding(content)
    notes = () if guess.is_sure else (GUESSED.format(encoding=guess.name),)
    return Decoded(decode_as_guessed(content, guess.encoding), notes)


def _decode_by_lines(content: bytes) -> Decoded | None:
    """Decode a file in UTF-8 that has some lines in another encoding. Return None if it is not mostly UTF-8.

    Such files come from putting two together. A character cut off at the very end is lost, as in any file that was cut short.
    """
    n_utf_8 = sum(1 for _ in _UTF_8.finditer(content))
    if 2 * n_utf_8 < len(_stray(content)) or not n_utf_8:
        return None
    whole = _CUT_UTF_8.sub(b"", content)
    lines = whole.split(b"\n")
    foreign = {number for number, line in enumerate(lines) if _stray(line)}
    if not foreign:
        return Decoded(content.decode("utf-8", "replace"), (CUT_SHORT,))
    guess = guess_encoding(b"\n".join(_UTF_8.sub(b"", lines[number]) for number in sorted(foreign)))
    texts = [_decode_mixed(line, guess.encoding) if n in foreign else line.decode() for n, line in enumerate(lines)]
    note = (ONE_LINE if len(foreign) == 1 else LINES).format(n=len(foreign), encoding=guess.name)
    return Decoded("\n".join(texts), (note,))


def _stray(content: bytes) -> bytes:
    """Return the bytes beyond ASCII that do not belong to a character in UTF-8."""
    return _UTF_8.sub(b"", content).translate(None, _ASCII)


def _decode_mixed(line: bytes, encoding: str) -> str:
    """Decode a line in another encoding than UTF-8, or what is not UTF-8 of a line that mostly is."""
    pieces = _UTF_8.split(line)
    if len(pieces) - 1 < len(_stray(line)):
        return decode_as_guessed(line, encoding)
    characters = [match.group().decode() for match in _UTF_8.finditer(line)]
    others = [piece.decode(encoding, "replace") for piece in pieces]
    return "".join(other + character for other, character in zip(others, [*characters, ""], strict=True))


def _utf_16_without_bom(content: bytes) -> str | None:
    """Return the encoding of UTF-16 that has no byte order mark, told by zeros in every second place, or None."""
    head = content[:_HEAD]
    zeros = [head[start::2].count(0) / max(1, len(head) // 2) for start in (0, 1)]
    if max(zeros) <= _MIN_ZEROS or min(zeros) > _MAX_ZEROS_BETWEEN:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
