"""Split texts into sentences. The spans partition the text: joined in order, they are the text again."""

import re
from collections.abc import Iterator

from qa.text.abbreviations import UNKNOWN, begins_sentence, goes_on
from qa.text.language import FREQUENT, detect_language
from qa.text.quotation import ATTRIBUTION, follow_quotations, is_within_marks
from qa.text.unspaced import UNSPACED, clauses_of_thai, goes_on_unspaced, pauses_that_end
from qa.types.articles import Span

CUTTING = 2  # raise it when texts are cut into other sentences, so that stored articles are cut anew
_LONGEST_LINE = 20_000  # code points per call of the splitter, which may take quadratic time
_WRAPPED = range(40, 101)  # code points in a line that may have been wrapped at a margin

_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？．]['\"”’)\]»」』]*\s*$")
_NUMBER = re.compile(r"\s*\(?\d{1,3}[.)]\s*")
_ANY = "en"  # what the splitter is told of a language that is not known
_LONG_BLOCK = 200  # code points
_READ, _AHEAD = 300, 80  # code points that are read before a cut, and after it
_CLOSERS = "\"'”’)]»“"
_LONG_QUOTATION = 150  # code points; a sentence this long is also split inside its quotations
_OPENING = re.compile(r"(?<=\s)[“„«‘(\[]\s*\Z")
_SPEECH = re.compile(r"(?<=[\w)’'])[.!?]\s+(?=[A-ZÀ-ÖØ-ÞĄ-ŻА-Я])|[。！？](?![」』”])")
_MAYBE_MISSED = re.compile(r"(?P<stop>(?<=[^\s.])\.|[…?!])(?P<closed>[\"”»)]?)\s+")
_FIRST_LETTER = re.compile(r"[\"”»)]?\s+[\"'“”„«»‘(¿¡]*(?P<letter>[^\W\d_])")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*")
_LAST_WORD = re.compile(r"[^\W\d_]+(?=\.$)")
_LONG_WORD = re.compile(r"[^\W\d_]{5,}$")  # too long for an abbreviation that no table has
_UP_TO_STOP = re.compile(r"[^.?!\"“”]*")
_NEXT_WORD = re.compile(r"[\s\"'“”„«»‘(\[–—-]*(?P<word>[^\W\d_]+)")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_STARTS_ITEM = re.compile(r"\s*(?:[-*+•·#>|]|\d{1,3}[.)]\s)")


def split_sentences(text: str) -> list[Span]:
    """Split a text into sentences, each with the white space after it: `"".join(text[s.start:s.end])` is the text.

    A line break ends a sentence, except where a line was wrapped at a margin.
    """
    spans: list[Span] = []
    language = detect_language(text) or UNKNOWN
    for start, end in _blocks(text):
        spans.extend(_split_block(text, start, end, language))
    return spans


def trim(text: str, span: Span) -> Span:
    """Return a span without the white space at its ends."""
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, max(start, span.end - (len(piece) - len(piece.rstrip()))))


def ends_with_stop(sentence: str) -> bool:
    """Tell whether a sentence ends with final punctuation, ignoring closing quotation marks and brackets."""
    return bool(_ENDS_SENTENCE.search(sentence[-12:]))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of wrapped lines. The runs partition the text."""
    lines = text.splitlines(keepends=True)
    bare = [line.strip() for line in lines]
    start = at = 0
    for number, line in enumerate(lines):
        at += len(line)
        last = number + 1 == len(lines)
        if last or not _wraps(bare, number):
            yield start, at
            start = at


def _wraps(lines: list[str], number: int) -> bool:
    """Tell whether a line continues in the next, because it was wrapped at a margin and not ended by the author."""
    line, after = lines[number], lines[number + 1]
    if len(line) not in _WRAPPED or not after or _STARTS_ITEM.match(after):
        return False
    return (after[0].islower() and not _ENDS_SENTENCE.search(line)) or _wraps_at_margin(lines, number)


def _wraps_at_margin(lines: list[str], number: int) -> bool:
    """Tell whether a line is in a paragraph of at least three lines that are all wrapped at one margin."""
    first = number
    while first > 0 and lines[first - 1] and number - first < 12:
        first -= 1
    last = number + 1
    while last + 1 < len(lines) and lines[last + 1] and last - number < 12:
        last += 1
    paragraph = [len(line) for line in lines[first : last + 1]]
    margin = max(paragraph)
    full = paragraph[:-1] if last + 1 == len(lines) or not lines[last + 1] else paragraph
    return len(paragraph) >= 3 and margin <= max(_WRAPPED) and min(full) >= 0.7 * margin


def _split_block(text: str, start: int, end: int, language: str) -> Iterator[Span]:
    # The splitter must read a wrapped line's break as a space. One character replaces one, so that offsets stay.
    block = re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text[start:end])
    if len(block) >= _LONG_BLOCK:  # long enough to tell that it is a paragraph in another language
        language = detect_language(block) or language
    is_cased = _begins_with_capital(block)
    begin = 0
    for splitter_cut in _cuts(block, language):
        cut = _before_opening(block, begin, splitter_cut)
        if cut == len(block) or not _is_inside(block, begin, cut, language, is_cased=is_cased):
            for inner in sorted({*_missed(block, begin, cut, language), *_spoken(block, begin, cut, language)}):
                yield Span(start + begin, start + inner)
                begin = inner
            yield Span(start + begin, start + cut)
            begin = cut


def _before_opening(block: str, begin: int, cut: int) -> int:
    """Move a cut before a quotation mark or bracket that opens the next sentence."""
    opening = _OPENING.search(block, max(begin, cut - _READ), cut)
    return opening.start() if opening and opening.start() > begin and cut < len(block) else cut


def _missed(block: str, begin: int, end: int, language: str) -> Iterator[int]:
    """Yield the ends of sentences that the splitter takes for abbreviations or pauses, outside quotations and brackets."""
    for stop in _MAYBE_MISSED.finditer(block, begin, end):
        at = stop.end()
        before, after = block[max(begin, stop.start() - _READ) : stop.start()], block[stop.end("stop") : at + _AHEAD]
        if stop["closed"] == ")" and not _IN_BRACKETS.match(block, begin, at):
            continue  # the bracket is a part of its sentence
        if (
            at < end
            and not _NUMBER.fullmatch(block, begin, at)
            and any(map(str.isalnum, before))
            and (first := _FIRST_LETTER.match(after))
            and first["letter"].isupper()
            and _ends_after_all(before, after, stop["stop"], language)
            and not is_within_marks(block, begin, at)
        ):
            yield at
            begin = at
    if language in UNSPACED:
        yield from pauses_that_end(block, begin, end)
    if language == "th":
        yield from clauses_of_thai(block, begin, end)


def _ends_after_all(before: str, after: str, stop: str, language: str) -> bool:
    """Tell whether a full stop or a pause, where the splitter does not end the sentence, ends it."""
    verdict = goes_on(before, after, language) if stop == "." else None
    if verdict is not None:
        return not verdict
    if stop != ".":
        return not _names_speaker(after)
    return begins_sentence(after, language) or _LONG_WORD.search(before) is not None


def _spoken(block: str, begin: int, end: int, language: str) -> Iterator[int]:
    """Yield the ends of sentences inside long quotations, which the splitter keeps whole.

    A search would find none of the sentences in a long quotation. `extend_to_quotation` makes the quotation whole again
    before it is shown.
    """
    if end - begin < _LONG_QUOTATION:
        return
    marks = follow_quotations(block, begin, end)
    place, opened = next(marks, (end, ""))
    quoted = ""
    for stop in _SPEECH.finditer(block, begin, end):
        while place < stop.start():
            quoted = opened
            place, opened = next(marks, (end, ""))
        if quoted and stop.end() < end and not _is_inside(block, begin, stop.end(), language, is_cased=True):
            yield stop.end()
            begin = stop.end()


def _cuts(block: str, language: str) -> Iterator[int]:
    """Yield the offsets where the splitter ends sentences. The last is the block's end."""
    from sentencex import get_sentence_boundaries

    offset = 0
    while offset < len(block):
        piece = block[offset : offset + _LONGEST_LINE]
        found = [int(boundary["end_index"]) for boundary in get_sentence_boundaries(language or _ANY, piece)]
        cuts = [cut for cut in found if 0 < cut < len(piece)]
        if offset + len(piece) == len(block) or not cuts:
            cuts.append(len(piece))  # else the piece's last sentence continues in the next piece
        yield from (offset + cut for cut in cuts)
        offset += cuts[-1]


def _is_inside(block: str, begin: int, cut: int, language: str, *, is_cased: bool) -> bool:
    """Tell whether the splitter's cut falls inside a sentence.

    Args:
        is_cased: whether the block begins as a sentence should, so that a small letter after a cut speaks against it.
    """
    start = max(begin, cut - _READ)
    before = block[start:cut].rstrip()
    if not any(map(str.isalnum, before)) or _NUMBER.fullmatch(block, begin, cut):
        return True  # white space, marks and a list item's number belong to the sentence that follows
    after = block[start + len(before) : cut + _AHEAD]
    if language in UNSPACED:
        return goes_on_unspaced(before, after)
    ended = before.rstrip(_CLOSERS)
    is_closed = len(ended) < len(before)
    is_full_stop = ended.endswith(".") and not ended.endswith("..")
    if after[:1].isalnum() and (is_closed or is_full_stop):  # before a Korean suffix, or within "D-N.Y."
        return True
    if is_closed and ended[-1:] in "?!…" and _names_speaker(after):
        return True
    verdict = goes_on(ended[:-1], after, language) if is_full_stop and not is_closed else None
    next_word = _NEXT_WORD.match(after)
    if next_word is None or not next_word["word"][0].islower():
        return bool(verdict)
    if next_word["word"] != next_word["word"].lower():
        return False  # "iPhone"
    return verdict is not None or (is_cased and not (is_full_stop and _ends_with_frequent_word(ended, language)))


def _names_speaker(after: str) -> bool:
    """Tell whether a text begins with words such as "Diop asked", which belong to the quotation before."""
    return ATTRIBUTION.match(_UP_TO_STOP.findall(after.lstrip("\"'”’» "))[0]) is not None


def _ends_with_frequent_word(ended: str, language: str) -> bool:
    """Tell whether the word before a full stop is a frequent one, which no abbreviation is."""
    word = _LAST_WORD.search(ended)
    return word is not None and word[0].lower() in FREQUENT.get(language, FREQUENT[_ANY])


def _begins_with_capital(block: str) -> bool:
    """Tell whether the first letter of a text is one that would be a capital at the beginning of a sentence, and is."""
    letter = next(filter(str.isalpha, block), "")
    return letter != letter.lower()


def begins_paragraph(text: str, at: int) -> bool:
    """Tell whether a paragraph begins at an offset. The character there must not be white space."""
    end = at
    while end > 0 and text[end - 1].isspace():
        end -= 1
    return end == 0 or _apart(text, end, at)


def ends_paragraph(text: str, at: int) -> bool:
    """Tell whether a paragraph ends at an offset, which is the end of a span."""
    start = at
    while start < len(text) and text[start].isspace():
        start += 1
    return start == len(text) or _apart(text, at, start)


def _apart(text: str, end: int, start: int) -> bool:
    """Tell whether the white space from `end` to `start` separates paragraphs. The break of a wrapped line does not."""
    breaks = len(_BREAK.findall(text, end, start))
    return breaks > 1 or (breaks == 1 and end - _line_start(text, end) not in _WRAPPED)


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
