"""The encoding of a text that does not name it, guessed from its bytes and from the words that they make.

The candidates and their scores are chardet's. Of those that score close to the best, the one that makes the most natural words
is taken: no symbols between two letters, no capitals after small letters, no words of two scripts.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_CANDIDATES = (  # what browsers read, as Python calls it, and what old programs for DOS and the Macintosh wrote
    *(f"cp125{number}" for number in range(9)),
    *("iso8859-2", "iso8859-5", "iso8859-7", "iso8859-8", "koi8-r", "koi8-u", "cp866", "cp874", "mac-roman", "cp850"),
    *("cp932", "euc_jis_2004", "gb18030", "big5hkscs", "cp949"),
)
_DEFAULT = "cp1252"
_NAMES = {  # as users know them
    **{f"cp125{number}": f"windows-125{number}" for number in range(9)},
    **{f"iso8859-{number}": f"ISO-8859-{number}" for number in (2, 5, 7, 8)},
    "koi8-r": "KOI8-R",
    "koi8-u": "KOI8-U",
    "cp866": "IBM866",
    "cp874": "windows-874",
    "mac-roman": "Mac Roman",
    "cp850": "IBM850",
    "cp932": "Shift-JIS",
    "euc_jis_2004": "EUC-JP",
    "gb18030": "GB18030",
    "big5hkscs": "Big5",
    "cp949": "EUC-KR",
}
_SAMPLE = 20_000  # bytes of lines beyond ASCII that are examined
_TAG = re.compile(rb"<[^<>]{0,2000}>")
_CLOSE = 0.6  # share of the best score from which a candidate is compared by its words
_FEW = 8  # bytes beyond ASCII; among so few, chance decides between two candidates
_MAX_SECOND = 0.9  # share of the best score that another candidate may have where the guess is sure
_PRINTABLE = frozenset(range(0x20, 0x7F))  # of ASCII
_MAX_PRINTABLE = 0.75  # share of the bytes of a text in UTF-16 that is not mostly Latin
_MAX_ZERO_LOW = 0.1  # share of such a text's characters whose lower byte is zero, like U+4E00 and U+AC00, which are frequent
_C1 = re.compile(r"[\x80-\x9f]")  # control characters that no text has
_JOINERS = "'’‘ʼ·‧-‐‑\u00ad"  # stand between two letters of a word
_SIGNS = "°™®©²³"  # may touch a word
# What Windows programs put into English text; in windows-1252 it needs no guess.
_TYPOGRAPHY = frozenset("“”‘’„‚–—…•·«»£€§©®™°×±½¼¾²³¹µ¢¥†‡ \u00a0\u00ad")


class Guess(NamedTuple):
    """An encoding, as Python calls it, and whether no other one fits nearly as well."""

    encoding: str
    is_sure: bool

    @property
    def name(self) -> str:
        """The name of the encoding as users know it."""
        return _NAMES.get(self.encoding, self.encoding)


class _Candidate(NamedTuple):
    encoding: str
    text: str  # of the sample
    score: float
    n_oddities: int


def guess_encoding(content: bytes) -> Guess:
    """Guess the encoding of a text that is not UTF-8, UTF-16 or ASCII. Tags in it are not examined."""
    sample = _sample(content)
    n_beyond_ascii = sum(byte > 0x7F for byte in sample)
    if n_beyond_ascii == 0:
        return Guess(_DEFAULT, is_sure=True)
    if _is_typography(sample):
        return Guess(_DEFAULT, is_sure=True)
    candidates = list(_scored(sample))
    if not candidates:
        return Guess(_DEFAULT, is_sure=False)
    best = max(candidate.score for candidate in candidates)
    close = [candidate for candidate in candidates if candidate.score >= _CLOSE * best]
    fewest = min(candidate.n_oddities for candidate in close)
    natural = sorted((each for each in close if each.n_oddities == fewest), key=lambda each: -each.score)
    chosen = natural[0]
    if n_beyond_ascii < _FEW:
        chosen = next((each for each in natural if each.encoding == _DEFAULT), chosen)
    rivals = [each.score for each in natural if each is not chosen]
    is_sure = n_beyond_ascii >= _FEW and max(rivals, default=0) <= _MAX_SECOND * chosen.score
    return Guess(chosen.encoding, is_sure)


def decode_as_guessed(content: bytes, encoding: str) -> str:
    """Decode a text. In windows-1258 letters and their accents are apart, and are joined as everywhere else."""
    text = content.decode(encoding, "replace")
    return unicodedata.normalize("NFC", text) if encoding == "cp1258" else text


def utf_16_encoding(content: bytes) -> str | None:
    """Return the encoding of UTF-16 that has no byte order mark and is not mostly Latin, or None if it is something else."""
    sample = content[:_SAMPLE]
    if len(content) % 2 or len(content) < _FEW or sum(map(_PRINTABLE.__contains__, sample)) > _MAX_PRINTABLE * len(sample):
        return None
    plausible = [encoding for encoding in ("utf-16-le", "utf-16-be") if _looks_written(_decode_start(sample, encoding))]
    return plausible[0] if len(plausible) == 1 else None


def _decode_start(content: bytes, encoding: str) -> str:
    """Decode the start of a text, which may end within a character. Return "" if it is not in that encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(content)
    except UnicodeDecodeError:
        return ""


def _sample(content: bytes) -> bytes:
    """Return lines with bytes beyond ASCII, without tags, since a table may have its first such line at its end."""
    lines: list[bytes] = []
    size = 0
    for line in content.split(b"\n"):
        if not line.isascii():
            lines.append(_TAG.sub(b" ", line)[:_SAMPLE])
            size += len(lines[-1])
            if size >= _SAMPLE:
                break
    return b"\n".join(lines)


def _is_typography(sample: bytes) -> bool:
    """Tell whether all characters beyond ASCII are signs that stand in English text, where windows-1252 has them."""
    text = sample.decode(_DEFAULT, "replace")
    if any(character not in _TYPOGRAPHY for character in text if not character.isascii()):
        return False
    return _n_oddities(text) == 0


def _scored(sample: bytes) -> Iterator[_Candidate]:
    """Yield the candidates that decode the sample, of those that decode it alike the one that is used most."""
    from chardet import detect_all

    results = detect_all(sample, ignore_threshold=True, include_encodings=_CANDIDATES, compat_names=False)
    scores = {str(result["encoding"]): result["confidence"] for result in results}
    texts: set[str] = set()
    for encoding in sorted(scores, key=lambda name: (name != _DEFAULT, not name.startswith("cp125"))):
        try:
            text = sample.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
        if text not in texts and not _C1.search(text):
            texts.add(text)
            alike = [score for name, score in scores.items() if _decodes_to(sample, name, text)]
            yield _Candidate(encoding, text, max(alike), _n_oddities(text))


def _decodes_to(sample: bytes, encoding: str, text: str) -> bool:
    try:
        return sample.decode(encoding) == text
    except (LookupError, UnicodeDecodeError):
        return False


def _n_oddities(text: str) -> int:
    """Count what hardly occurs in words: symbols at their letters, capitals after small letters, two scripts in one."""
    count = 0
    padded = f" {text} "
    for before, each, after in zip(padded, padded[1:], padded[2:], strict=False):
        if before.isascii() and each.isascii():
            continue
        if not each.isalpha():
            category = unicodedata.category(each)
            if category[0] == "S" or category == "No":
                count += each not in _SIGNS and (_is_cased(before) or _is_cased(after))
            elif category[0] == "P" and each not in _JOINERS:
                count += _is_cased(before) and _is_cased(after)
        elif _is_cased(before) and _is_cased(each):
            count += before.islower() and each.isupper()
            count += _script(before) != _script(each)
    return count


def _is_cased(character: str) -> bool:
    return character.lower() != character.upper() and character != "µ"


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split(" ")[0]


def _looks_written(text: str) -> bool:
    """Tell whether a text is of assigned characters, with the signs that join words, or mostly of one alphabet."""
    if not text or any(
        unicodedata.category(each) in ("Cn", "Co", "Cs") or (each < " " and each not in "\t\n\r\f") for each in text
    ):
        return False
    # Numbers of two bytes often have a zero in the lower one, and hardly any letter has.
    if sum(not ord(each) & 0xFF for each in text) > max(1, len(text) * _MAX_ZERO_LOW):
        return False
    joints = sum(
        each in " \n\r\t" or "\u2010" <= each < "\u2020" or "\u3000" <= each < "\u3100" or each >= "\uff00" for each in text
    )
    blocks: dict[int, int] = {}
    for each in text:
        blocks[ord(each) >> 8] = blocks.get(ord(each) >> 8, 0) + 1
    block, n_in_block = max(blocks.items(), key=lambda item: item[1])
    is_alphabet = block < 0x20 and n_in_block >= len(text) // 2
    return is_alphabet or joints >= len(text) / 20


def iso_2022_encoding(content: bytes) -> str | None:
    """Return the encoding that the escape sequences of a text announce, or None if it has none."""
    if b"\x1b" not in content or (b"\x1b$" not in content and b"\x1b(" not in content):  # one byte is found sooner
        return None
    encoding = "iso2022_kr" if b"\x1b$)C" in content else "iso2022_jp_ext"
    try:
        return None if content.decode(encoding).isascii() else encoding
    except UnicodeDecodeError:
        return None
