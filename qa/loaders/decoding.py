"""Bytes to text: the declared or evident encoding, and a refusal of what is no text."""

import codecs
import re

from qa.errors import ArticleUnreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENOUGH_TO_GUESS = 64  # bytes; on fewer, charset-normalizer reads `caf\xe9` as UTF-16
_HEAD = 1_024  # bytes looked at for UTF-16 without its mark
_MOSTLY, _SELDOM = 0.7, 0.05  # of every second byte is zero in a text of mostly Latin letters; of the bytes between
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_MOST_CONTROL = 0.01  # share of control and replacement characters above which this is no text


def decode(content: bytes) -> str:
    """Decode a text file.

    UTF-16 and UTF-32 by their marks, UTF-16 of mostly Latin letters by its zeros too, UTF-8 strictly, then a guess where
    there is enough to guess on, then Windows-1252.

    Raises:
        ArticleUnreadable: the bytes are no text.
    """
    text = _decode(content)
    if len(_CONTROL.findall(text)) > max(2, _MOST_CONTROL * len(text)):
        raise ArticleUnreadable("this is not a text file but something binary")
    if not text.strip():
        raise ArticleUnreadable("the file holds nothing but white space")
    return text


def _decode(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if (unmarked := _utf_16(content)) is not None:
        return unmarked
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if b"\0" in content:
        raise ArticleUnreadable("this is not a text file but something binary")
    if len(content) >= _ENOUGH_TO_GUESS:
        from charset_normalizer import from_bytes

        guess = from_bytes(content).best()
        if guess is not None:
            return content.decode(guess.encoding, "replace")
    return content.decode("cp1252", "replace")


def _utf_16(content: bytes) -> str | None:
    """The text of UTF-16 without its mark, told by zeros in every second place; None where it is none to the last byte."""
    head = content[:_HEAD]
    zeros = [head[start::2].count(0) / max(1, len(head) // 2) for start in (0, 1)]
    if max(zeros) <= _MOSTLY or min(zeros) > _SELDOM:
        return None
    try:
        return content.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le")
    except UnicodeDecodeError:
        return None
