"""Whether the pages of a PDF hold text that can be read, and what to tell the user of those that do not."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from qa.sources.formats.pdf.lines import Line

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

UNREADABLE = "unreadable"  # the rule that sets aside a page of signs
_SIGN = re.compile(r"\(cid:\d+\)|/?\b(?:[gG]|glyph|cid|uni|index)\d{1,5}(?=/|\s|$)|[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_MAX_SIGNS = 0.3  # share of all that is no white space
_LEAST_LETTERS = 200  # from which on the letters of a page are judged
_LEAST_VOWELS = 0.2  # of the letters of a text in Latin script
_VOWELS = frozenset("aeiouyæøœı")
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORD = 4  # letters; of those in Czech, which has "prst", one in a hundred lacks a vowel
_MOST_WITHOUT = 0.25  # of the long words, that have no vowel
_LEAST_OF_SCRIPT = 0.6  # of a page's letters, that belong to one script
_LONGEST_MEAN = 25  # letters of a word, over a page in Latin script: German reaches 8, a page without spaces hundreds
_SCRIPTS = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HANGUL": "CJK", "BOPOMOFO": "CJK", "KATAKANA-HIRAGANA": "CJK"}
_FEW_LETTERS = 20  # on a scan: a stamp, a page number
_MOST_OF_PAGE = 0.5  # that an image covers


class Verdict(Enum):
    """What a page holds in place of text."""

    SCAN = "scan"
    EMPTY = "empty"
    DRAWING = "drawing"
    SIGNS = "signs"
    UNSPACED = "unspaced"
    DAMAGED = "damaged"


# Of one page, and of several
_MESSAGES = {
    Verdict.SCAN: (
        "page {number} of {total} holds no text: it is probably a scan",
        "{n} of {total} pages hold no text: they are probably scans",
    ),
    Verdict.EMPTY: (
        "nothing can be read on page {number} of {total}: it is blank or damaged",
        "nothing can be read on {n} of {total} pages: they are blank or damaged",
    ),
    Verdict.DRAWING: (
        "page {number} of {total} holds a drawing and no text",
        "{n} of {total} pages hold drawings and no text",
    ),
    Verdict.SIGNS: (
        "page {number} of {total} is not quoted: its fonts do not say which letters their signs stand for",
        "{n} of {total} pages are not quoted: their fonts do not say which letters their signs stand for",
    ),
    Verdict.UNSPACED: (
        "the words on page {number} of {total} are not spaced apart: what is quoted from it may be hard to read",
        "the words on {n} of {total} pages are not spaced apart: what is quoted from them may be hard to read",
    ),
    Verdict.DAMAGED: (
        "page {number} of {total} is damaged and could not be read",
        "{n} of {total} pages are damaged and could not be read",
    ),
}
MESSAGES = tuple(message for both in _MESSAGES.values() for message in both)


def judge(page: "PdfPage", lines: Sequence[Line]) -> Verdict | None:
    """Return what a page holds in place of text, or None if its text can be read."""
    letters = "".join(filter(str.isalpha, "".join(line.text for line in lines)))
    if len(letters) < _FEW_LETTERS and _is_covered_by_image(page):
        return Verdict.SCAN
    if not any(character.isalnum() for line in lines for character in line.text):
        return Verdict.DRAWING if next(page.get_objects(), None) else Verdict.EMPTY
    words = [word for line in lines for word in _WORD.findall(line.text)]
    if _is_signs(lines) or (len(letters) >= _LEAST_LETTERS and not (_is_language(letters) and _have_vowels(words))):
        return Verdict.SIGNS
    n_words = sum(len(line.text.split()) for line in lines)
    is_latin = _scripts(letters).get("LATIN", 0) >= _LEAST_OF_SCRIPT * len(letters)
    if len(letters) >= _LEAST_LETTERS and is_latin and len(letters) > _LONGEST_MEAN * n_words:
        return Verdict.UNSPACED
    return None


def describe(verdicts: Mapping[int, Verdict], n_pages: int) -> Iterator[str]:
    """Yield what to tell the user of a document's pages.

    Args:
        verdicts: by the index of the page.
    """
    for verdict, (one, several) in _MESSAGES.items():
        numbers = [index + 1 for index, other in sorted(verdicts.items()) if other is verdict]
        if numbers:
            message = one if len(numbers) == 1 else several
            yield message.format(number=numbers[0], n=len(numbers), total=n_pages)


def _is_covered_by_image(page: "PdfPage") -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    width, height = page.get_size()
    boxes = [image.get_bounds() for image in page.get_objects(filter=(FPDF_PAGEOBJ_IMAGE,))]
    covered = sum(abs((right - left) * (top - bottom)) for left, bottom, right, top in boxes)
    return bool(covered >= _MOST_OF_PAGE * width * height)


def _is_signs(lines: Sequence[Line]) -> bool:
    n_signs = sum(len(sign) for line in lines for sign in _SIGN.findall(line.text))
    return n_signs > _MAX_SIGNS * sum(len("".join(line.text.split())) for line in lines)


def _is_language(letters: str) -> bool:
    """Tell whether letters could be those of a language: most of one script, and with vowels if it is the Latin one."""
    scripts = _scripts(letters)
    script, n_letters = scripts.most_common(1)[0]
    if n_letters < _LEAST_OF_SCRIPT * len(letters):
        return False
    return script != "LATIN" or sum(map(_is_vowel, letters)) >= _LEAST_VOWELS * len(letters)


def _have_vowels(words: Sequence[str]) -> bool:
    """Tell whether few words of a text in Latin script lack vowels. Abbreviations do."""
    small = [word for word in words if len(word) >= _LONG_WORD and word.islower()]
    n_without = sum(not any(map(_is_vowel, word)) for word in small if "LATIN" in unicodedata.name(word[0], ""))
    return n_without <= _MOST_WITHOUT * len(small)


def _is_vowel(letter: str) -> bool:
    return unicodedata.normalize("NFD", letter)[0].lower() in _VOWELS


def _scripts(letters: str) -> Counter[str]:
    scripts: Counter[str] = Counter()
    for letter, n in Counter(letters).items():
        name = unicodedata.name(letter, "UNKNOWN").split(" ")[0]
        scripts[_SCRIPTS.get(name, name)] += n
    return scripts
