"""RTF documents: paragraphs, table rows and text boxes in order, notes at the end, in one pass over the bytes.

The tables of control words are striprtf's. Its parser is not used: it writes the addresses of links into the text, loses notes
and characters beyond U+FFFF, keeps deleted text, and takes quadratic time.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from qa.sources.formats.dates import parse_date, publication_date
from qa.sources.formats.draft import DATE_LINE, FILE, Draft, author_or_none, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.layout import join_blocks, note_parts, table_blocks
from qa.sources.formats.office.properties import split_keywords
from qa.text.language import identify_language
from qa.types.articles import Provenance
from qa.types.errors import ArticleUnreadable

_TOKEN = re.compile(r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\\Z", re.S)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_MAX_DEPTH = 1_000  # of groups inside groups
_INFO = ("title", "author", "keywords")
_ENTERED = frozenset({"info", *_INFO, "creatim", "shp", "shpinst", "shptxt", "footnote", "fonttbl", "result"})
_PARAGRAPH_ENDS = frozenset({"par", "sect", "page", "column"})
_CODE_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def load_rtf(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """Read an RTF document as one draft, without deleted and hidden text, comments, pictures, headers and footers.

    Raises:
        ArticleUnreadable: its groups are nested too deep.
    """
    parser = _Parser()
    parser.parse(content.decode("latin-1"))  # a character for each byte: the encoding changes within the text
    body = parser.body.finish()
    notes = list(parser.named_notes())
    text, spans = join_blocks([*body, *(block for _, blocks in notes for block in blocks)])
    info = {name: " ".join(flow.finish()) for name, flow in parser.info.items()}
    author = author_or_none(info.get("author"))
    published = publication_date(text, (), identify_language(text), or_updated=False)
    draft = Draft(
        source,
        title_or_name(info.get("title"), source),
        published,
        text,
        author=author,
        tags=split_keywords(info.get("keywords", "")),
        parts=note_parts(notes, spans[len(body) :]),
        file_date=(parse_date(parser.created) or "")[:10] or None,
        provenance=Provenance(FILE if info.get("title") else None, FILE if author else None, DATE_LINE if published else None),
    )
    return [draft]


@dataclass(slots=True)
class _Flow:
    """A text of its own: the body, a note, a text box, or a field of the properties."""

    pieces: list[str] = field(default_factory=list)  # of the current paragraph
    cell: list[str] = field(default_factory=list)
    row: list[list[str]] = field(default_factory=list)
    rows: list[list[list[str]]] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    boxes: list["_Flow"] = field(default_factory=list)  # anchored in the current paragraph
    kind: str = "footnote"  # or "endnote", of a note

    def end_paragraph(self, in_table: bool) -> None:
        if in_table:
            self.cell.append(self._text())
        else:
            self.end_table()
            self.blocks.append(self._text())
        for box in self.boxes:
            (self.cell if in_table else self.blocks).extend(box.finish())
        self.boxes = []

    def end_cell(self) -> None:
        self.end_paragraph(in_table=True)
        self.row.append(self.cell)
        self.cell = []

    def end_row(self) -> None:
        self.rows.append(self.row)
        self.row = []

    def end_table(self) -> None:
        self.row += [self.cell] if self.cell else []
        self.rows += [self.row] if self.row else []
        self.blocks += table_blocks(self.rows)
        self.cell, self.row, self.rows = [], [], []

    def finish(self) -> list[str]:
        """End the last paragraph and return all that have text."""
        self.end_paragraph(in_table=False)
        return [block for block in self.blocks if block]

    def _text(self) -> str:
        text = "".join(self.pieces).strip()
        self.pieces = []
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # joins surrogate pairs


@dataclass(frozen=True, slots=True)
class _Group:
    """The settings that hold until the end of a group."""

    flow: _Flow
    font: str | None = None
    is_left_out: bool = False
    hidden: frozenset[str] = frozenset()  # the control words that hide it: "v", "deleted"
    in_table: bool = False
    in_fonts: bool = False
    fallback: int = 1  # characters after a Unicode character, for programs that do not know Unicode

    @property
    def is_shown(self) -> bool:
        return not (self.is_left_out or self.hidden or self.in_fonts)


class _Parser:
    """A parser that goes from token to token and keeps the settings of the groups around it."""

    def __init__(self) -> None:
        from striprtf.striprtf import charset_map, destinations, specialchars

        self.body = _Flow()
        self.info: dict[str, _Flow] = {}
        self._notes: list[_Flow] = []
        self._creation: dict[str, str] = {}  # numbers of the creation time, by control word
        self._charsets: dict[int, str] = charset_map
        self._destinations: frozenset[str] = destinations | {"listtext"}  # the numbers of list items
        self._characters: dict[str, str] = specialchars
        self._group = _Group(self.body)
        self._outer: list[_Group] = []
        self._code_page = "cp1252"
        self._fonts: dict[str | None, str] = {}
        self._font: str | None = None  # the one that the table of fonts describes
        self._default_font: str | None = None
        self._pending = bytearray()  # bytes: a character may have several
        self._to_skip = 0  # fallback characters still to be skipped
        self._at_start = False  # of a group
        self._is_optional = False  # whether the next control word may be skipped with its group, if unknown
        self._is_misplaced = False  # whether the same was said of it within a group, where it means nothing

    @property
    def created(self) -> str:
        """When the document was created, in ISO 8601, or an empty string."""
        year, month, day, hour, minute = (self._creation.get(name, "0").zfill(2) for name in ("yr", "mo", "dy", "hr", "min"))
        return f"{year}-{month}-{day} {hour}:{minute}" if self._creation else ""

    def named_notes(self) -> Iterator[tuple[str, list[str]]]:
        """Yield name and paragraphs of each note: first the footnotes, then the endnotes."""
        for kind in ("footnote", "endnote"):
            for number, note in enumerate((note for note in self._notes if note.kind == kind), start=1):
                yield f"{kind} {number}", note.finish()

    def parse(self, text: str) -> None:
        """Read a document, given a character for each byte."""
        at = 0
        while match := _TOKEN.match(text, at):
            at = match.end()
            word, number, byte, symbol, brace, run = match.groups()
            if run is not None:
                self._add(run.encode("latin-1"))
            elif byte is not None:
                self._add(bytes.fromhex(byte))
            elif word == "bin":
                at += max(0, int(number or 0))
            elif brace is not None:
                self._open_or_close(brace)
                if not self._outer:
                    break  # the document has ended
            elif word is not None:
                self._word(word, number)
            elif symbol is not None:
                self._symbol(symbol)
        self._flush()

    def _add(self, content: bytes) -> None:
        n_skipped = min(self._to_skip, len(content))
        self._to_skip -= n_skipped
        self._at_start = self._at_start and not content.strip()
        if self._group.is_shown:
            self._pending += content[n_skipped:]

    def _flush(self) -> None:
        if self._pending:
            encoding = self._fonts.get(self._group.font, self._code_page)
            self._group.flow.pieces.append(_CONTROL.sub("", self._pending.decode(encoding, "replace")))
            self._pending.clear()

    def _put(self, text: str) -> None:
        self._flush()
        if self._group.is_shown:
            self._group.flow.pieces.append(text)

    def _change(self, **settings: object) -> None:
        self._flush()
        self._group = replace(self._group, **settings)  # type: ignore[arg-type]

    def _open_or_close(self, brace: str) -> None:
        self._flush()
        self._to_skip, self._is_optional, self._at_start = 0, False, brace == "{"
        if brace == "{":
            self._outer.append(self._group)
            if len(self._outer) > _MAX_DEPTH:
                raise ArticleUnreadable(f"its groups are nested more than {_MAX_DEPTH:,} deep, as in no document")
        elif self._outer:
            self._group = self._outer.pop()

    def _symbol(self, symbol: str) -> None:
        self._to_skip = 0
        if symbol == "*":
            self._is_optional, self._is_misplaced = self._at_start, not self._at_start
        elif symbol in "\r\n":
            self._end("par")
        elif symbol != "-":  # a possible hyphen
            self._put(self._characters.get(symbol, ""))

    def _word(self, word: str, number: str | None) -> None:
        is_optional, is_misplaced = self._is_optional, self._is_misplaced
        self._is_optional = self._is_misplaced = self._at_start = False
        self._to_skip = 0
        if self._group.is_left_out:
            return
        if word in _ENTERED and not is_misplaced:
            self._enter(word)
        elif is_optional or (word in self._destinations and not is_misplaced):
            self._change(is_left_out=True)
        elif word in _PARAGRAPH_ENDS or word in ("cell", "row", "nestcell"):
            self._end(word)
        elif word == "u":
            self._unicode(int(number or 0))
        elif word in self._characters:
            self._put(self._characters[word])
        else:
            self._set(word, number)

    def _enter(self, word: str) -> None:
        """Enter a group whose text is read, though not as part of the text around it."""
        group, flow = self._group, _Flow()
        if word == "fonttbl":
            self._change(in_fonts=True)
        elif word in ("shp", "shpinst", "result"):
            self._flush()
        elif group.hidden:
            self._change(is_left_out=True)
        else:
            if word == "shptxt":
                group.flow.boxes.append(flow)
            elif word == "footnote":
                self._notes.append(flow)
            elif word in _INFO:
                flow = self.info.setdefault(word, flow)
            self._change(flow=flow, in_table=False)

    def _end(self, word: str) -> None:
        self._flush()
        group = self._group
        if group.is_left_out or group.hidden:
            return  # a paragraph whose end was deleted continues in the next
        if word == "cell":
            group.flow.end_cell()
        elif word == "row":
            group.flow.end_row()
        else:
            group.flow.end_paragraph(group.in_table or word == "nestcell")

    def _unicode(self, number: int) -> None:
        number &= 0xFFFF  # from 32,768 on, they are written as negative numbers
        self._put(chr(number) if number >= 0x20 else "")
        self._to_skip = self._group.fallback

    def _set(self, word: str, number: str | None) -> None:
        """Apply a setting of the document, a font, the paragraph or the following characters."""
        group = self._group
        if word == "f" and group.in_fonts:
            self._font = number
        elif word == "fcharset":
            encoding = self._charsets.get(int(number or 0), "")
            if number not in (None, "0", "1") and _is_known(encoding):  # 0 and 1 mean the document's code page
                self._fonts[self._font] = encoding
        elif word == "f":
            self._change(font=number)
        elif word == "plain":
            self._change(font=self._default_font, hidden=group.hidden - {"v"})
        elif word == "deff":
            self._default_font = number
        elif word in ("v", "deleted"):
            self._change(hidden=group.hidden - {word} if number == "0" else group.hidden | {word})
        elif word in ("pard", "intbl"):
            self._change(in_table=word == "intbl")
        elif word == "uc":
            self._change(fallback=max(0, int(number or 1)))
        elif word in ("ansicpg", *_CODE_PAGES):
            encoding = _CODE_PAGES.get(word, f"cp{number}")
            self._code_page = encoding if _is_known(encoding) else self._code_page
        elif word in ("yr", "mo", "dy", "hr", "min"):
            self._creation[word] = number or "0"
        elif word == "ftnalt":
            group.flow.kind = "endnote"


def _is_known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True
