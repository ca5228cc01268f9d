"""Sentences of languages without spaces between words: Chinese and Japanese, with their quotations, and Thai."""

import re
from collections.abc import Iterator

from qa.text.quotation import is_within_marks

UNSPACED = frozenset({"ja", "zh"})

_CLOSED = re.compile(r"[。！？!?．…][」』”’\"》〉）)]+$")
_CLOSES = re.compile(r"[」』”’》〉）)]")
_TITLE_CLOSED = re.compile(r"[》〉]$")
# A particle after a quotation: the sentence goes on with what was done with it.
_PARTICLE = re.compile(r"(?:と|は|を|が|に|の|も|で|や|って|など|から|という|、)")
_SAYS = re.compile(
    r"[^，。！？：；,.!?]{0,12}(?:说|說|问|問|答|喊|叫|写|寫|表示|称|稱|解释|解釋|回应|回應|指出|强调|強調|补充|補充|[问答喊叫笑]道|補道)"
)
_PAUSE = re.compile(r"…+(?=[\u3040-\u30ff\u3400-\u9fff])")
_GOES_ON = re.compile(
    r"(?:然后|然後|但|可是|可|就|却|卻|又|才|也|而|于是|於是|便|还|還|そして|それで|でも|しかし|だが|けれど|と|だ|が|か|ね|よ)"
)
_FEWEST = 4  # characters of a sentence before a pause

# Thai has no full stop. Spaces stand between sentences, but between clauses, items and numbers as well.
_WIDE_SPACE = re.compile(r"(?<=\S) {2,}(?=\S)")
_THAI_SPACE = re.compile(r"(?<=[ก-ฮะ-ู็-๎เ-ๅ]) +(?=[ก-ฮเ-ไ])")  # between letters, so not beside a number, ฯ or ๆ
_THAI_GOES_ON = re.compile(
    r"(?:และ|หรือ|ที่|ซึ่ง|อัน|ของ|ว่า|เพื่อ|เพราะ|โดย|กับ|ใน|จาก|แก่|ต่อ|ด้วย|จึง|ก็|แต่|ถึง|เป็น|คือ|ได้แก่|รวมทั้ง|เช่น|ณ|เมื่อ|ตั้งแต่|จนถึง)"
)
_LONG_THAI, _LEAST_THAI = 160, 60  # characters of a piece that is cut, and of each part of it


def goes_on_unspaced(before: str, after: str) -> bool:
    """Tell whether a Chinese or Japanese sentence goes on where a splitter ends it."""
    if before.endswith(".") and after[:1].isalnum():  # within "A.B.スミス"
        return True
    if _CLOSES.match(after):
        return True
    if not _CLOSED.search(before):
        return False
    return bool(_TITLE_CLOSED.search(before) or _PARTICLE.match(after) or _SAYS.match(after))


def pauses_that_end(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the places after dots that end a sentence outside quotations, since no word after them continues it."""
    for pause in _PAUSE.finditer(text, start, end):
        at = pause.end()
        if pause.start() - start >= _FEWEST and not _GOES_ON.match(text, at) and not is_within_marks(text, start, at):
            yield at
            start = at


def clauses_of_thai(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the places where a Thai text is cut: after wide spaces, and after a space in each piece that stays long.

    No rule can tell a sentence from a clause there, so only long pieces are cut, where no conjunction follows.
    """
    for stop in [*(space.end() for space in _WIDE_SPACE.finditer(text, start, end)), end]:
        begin = start
        for space in _THAI_SPACE.finditer(text, start, stop):
            at = space.end()
            is_apart = at - begin >= _LEAST_THAI and stop - at >= _LEAST_THAI
            if is_apart and stop - begin > _LONG_THAI and not _THAI_GOES_ON.match(text, at):
                yield at
                begin = at
        if stop < end:
            yield stop
        start = stop
