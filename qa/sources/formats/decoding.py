"""Bytes to text: the declared or evident encoding, and a refusal of what is no text."""

import codecs
import re
from contextlib import suppress

from qa.types.errors import ArticleUnreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_READ_AS = {  # what browsers take a name for; source: encoding.spec.whatwg.org, names and labels
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")  # codecs that no page is in
_ENOUGH_TO_GUESS = 64  # bytes; on fewer, charset-normalizer reads `caf\xe9` as UTF-16
_HEAD = 1_024  # bytes looked at for UTF-16 without its mark
_MOSTLY, _SELDOM = 0.7, 0.05  # of every second byte is zero in a text of mostly Latin letters; of the bytes between
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_MOST_CONTROL = 0.01  # share of control and replacement characters above which this is no text


def decode(content: bytes, charset: str | None = None) -> str:
    """Decode a text file.

    UTF-16 and UTF-32 by their marks, what is UTF-8 throughout as that, then by the charset, UTF-16 of mostly Latin letters by
    its zeros too, then a guess where there is enough to guess on, then Windows-1252.

    Args:
        charset: what the server says that it is in.

    Raises:
        ArticleUnreadable: the bytes are no text.
    """
    text = decode_as(content, charset) if charset else None
    if text is None or "\0" in text:
        text = _decode(content)
    if len(_CONTROL.findall(text)) > max(2, _MOST_CONTROL * len(text)):
        raise ArticleUnreadable("this is not a text file but something binary")
    if not text.strip():
        raise ArticleUnreadable("the file holds nothing but white space")
    return text


def decode_as(content: bytes, name: str) -> str | None:
    """A text in a charset as browsers take its name; None where there is none such, or evidently another."""
    marked = any(content.startswith(mark) for mark, _ in _MARKS)
    if marked or _is_utf_8(content):
        return None
    text = ""
    with suppress(LookupError, UnicodeError):  # no such charset, or a codec that is none of characters
        codec = codecs.lookup(name).name
        text = content.decode(_READ_AS.get(codec, codec), "replace") if codec not in _NO_CHARSETS else ""
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if text and 2 * text.count("\ufffd") <= beyond_ascii else None


def utf_16_as_utf_8(content: bytes) -> bytes | None:
    """The same text in UTF-8; None where it is not UTF-16 or UTF-32."""
    for mark, encoding in _MARKS[1:]:
        if content.startswith(mark):
            return content.decode(encoding, "replace").encode()
    unmarked = _utf_16(content)
    return content.decode(unmarked, "replace").encode() if unmarked else None


def _is_utf_8(content: bytes) -> bool:
    try:
        return not content.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def _decode(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for evident in filter(None, (_utf_16(content), "utf-8")):
        with suppress(UnicodeDecodeError):  # to the last byte
            return content.decode(evident)
    if b"\0" in content:
        raise ArticleUnreadable("this is not a text file but something binary")
    if len(content) >= _ENOUGH_TO_GUESS:
        from charset_normalizer import from_bytes

        guess = from_bytes(content).best()
        if guess is not None:
            return content.decode(guess.encoding, "replace")
    return content.decode("cp1252", "replace")


def _utf_16(content: bytes) -> str | None:
    """Which UTF-16 without its mark this is, told by zeros in every second place; None where it is none."""
    head = content[:_HEAD]
    zeros = [head[start::2].count(0) / max(1, len(head) // 2) for start in (0, 1)]
    if max(zeros) <= _MOSTLY or min(zeros) > _SELDOM:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
