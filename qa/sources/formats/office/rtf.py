"""RTF documents: paragraphs, table rows and text boxes where they stand, notes at the end, in one pass over the bytes.

The tables of what the control words mean are striprtf's. Its function is not used: it writes the addresses of links into the
text, loses notes and characters beyond U+FFFF, keeps deleted text, and takes time with the square of the length.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from qa.sources.formats.dates import publication_date
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.sources.formats.office.layout import laid_out, note_parts, table
from qa.sources.formats.office.properties import tags
from qa.types.errors import ArticleUnreadable

_TOKEN = re.compile(r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\\Z", re.S)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_DEEPEST = 1_000  # groups in groups
_INFO = ("title", "author", "keywords")
_ENTERED = frozenset({"info", *_INFO, "creatim", "shp", "shpinst", "shptxt", "footnote", "fonttbl", "result"})
_PARAGRAPH_ENDS = frozenset({"par", "sect", "page", "column"})
_CODE_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def load_rtf(content: bytes, source: str, limits: Limits) -> list[Draft]:
    """An RTF document as a draft: deleted and hidden text, comments, pictures, headers and footers left out."""
    reader = _Reader()
    reader.read(content.decode("latin-1"))  # a character for each byte; what they mean changes within the text
    body = reader.body.finished()
    notes = list(reader.named_notes())
    text, places = laid_out([*body, *(block for _, blocks in notes for block in blocks)])
    about = {name: " ".join(flow.finished()) for name, flow in reader.info.items()}
    draft = Draft(
        source,
        title_or_name(about.get("title"), source),
        publication_date(reader.begun, ()) or publication_date(text, ()),
        text,
        author=about.get("author") or None,
        tags=tags(about.get("keywords", "")),
        parts=note_parts(notes, places[len(body) :]),
    )
    return [draft]


@dataclass(slots=True)
class _Flow:
    """Text that belongs together: the body, a note, a text box, a field of the properties."""

    line: list[str] = field(default_factory=list)  # of the paragraph that is being read
    cell: list[str] = field(default_factory=list)
    row: list[list[str]] = field(default_factory=list)
    rows: list[list[list[str]]] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    boxes: list["_Flow"] = field(default_factory=list)  # that hang on the paragraph
    kind: str = "footnote"  # or "endnote", of a note

    def end_paragraph(self, in_table: bool) -> None:
        if in_table:
            self.cell.append(self._text())
        else:
            self.end_table()
            self.blocks.append(self._text())
        for box in self.boxes:
            (self.cell if in_table else self.blocks).extend(box.finished())
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
        self.blocks += table(self.rows)
        self.cell, self.row, self.rows = [], [], []

    def finished(self) -> list[str]:
        self.end_paragraph(in_table=False)
        return [block for block in self.blocks if block]

    def _text(self) -> str:
        text = "".join(self.line).strip()
        self.line = []
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # pairs become characters


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until a group's end."""

    flow: _Flow
    font: str | None = None
    left_out: bool = False
    hidden: frozenset[str] = frozenset()  # why: as hidden text, as a tracked deletion
    in_table: bool = False
    in_fonts: bool = False
    fallback: int = 1  # characters that follow a Unicode character, for readers that do not know those


class _Reader:
    """Reads token after token; a group's settings end with it."""

    def __init__(self) -> None:
        from striprtf.striprtf import charset_map, destinations, specialchars

        self.body = _Flow()
        self.info: dict[str, _Flow] = {}
        self._notes: list[_Flow] = []
        self._begun: dict[str, str] = {}
        self._charsets: dict[int, str] = charset_map
        self._destinations: frozenset[str] = destinations | {"listtext"}  # the numbers that Word gives to a list's items
        self._characters: dict[str, str] = specialchars
        self._group = _Group(self.body)
        self._outer: list[_Group] = []
        self._code_page = "cp1252"
        self._fonts: dict[str | None, str] = {}
        self._font: str | None = None  # in the table of fonts the one that is described, elsewhere the usual one
        self._default_font: str | None = None
        self._pending = bytearray()  # of several bytes one character may be made
        self._passed_over = 0  # characters still to be passed over after a Unicode character
        self._starred = False  # whether the next word may be passed over with its group by those who do not know it

    @property
    def begun(self) -> str:
        """When the document was begun, as ISO 8601 in parts, or nothing."""
        year, month, day, hour, minute = (self._begun.get(name, "0").zfill(2) for name in ("yr", "mo", "dy", "hr", "min"))
        return f"{year}-{month}-{day} {hour}:{minute}" if self._begun else ""

    def named_notes(self) -> Iterator[tuple[str, list[str]]]:
        """The notes' names and paragraphs: first the footnotes, then the endnotes."""
        for kind in ("footnote", "endnote"):
            for number, note in enumerate((note for note in self._notes if note.kind == kind), start=1):
                yield f"{kind} {number}", note.finished()

    def read(self, text: str) -> None:
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
                self._bound(brace)
                if not self._outer:
                    break  # what follows the document is none of it
            elif word is not None:
                self._word(word, number)
            elif symbol is not None:
                self._symbol(symbol)
        self._flush()

    def _add(self, content: bytes) -> None:
        group = self._group
        kept = content[self._passed_over :]
        self._passed_over = max(0, self._passed_over - len(content))
        if not (group.left_out or group.hidden or group.in_fonts):
            self._pending += kept

    def _flush(self) -> None:
        if self._pending:
            encoding = self._fonts.get(self._group.font, self._code_page)
            self._group.flow.line.append(_CONTROL.sub("", self._pending.decode(encoding, "replace")))
            self._pending.clear()

    def _put(self, text: str) -> None:
        self._flush()
        if not (self._group.left_out or self._group.hidden or self._group.in_fonts):
            self._group.flow.line.append(text)

    def _change(self, **settings: object) -> None:
        self._flush()
        self._group = replace(self._group, **settings)  # type: ignore[arg-type]

    def _bound(self, brace: str) -> None:
        self._flush()
        self._passed_over, self._starred = 0, False
        if brace == "{":
            self._outer.append(self._group)
            if len(self._outer) > _DEEPEST:
                raise ArticleUnreadable(f"its groups are nested more than {_DEEPEST:,} deep, as in no document")
        elif self._outer:
            self._group = self._outer.pop()

    def _symbol(self, symbol: str) -> None:
        self._passed_over = 0
        if symbol == "*":
            self._starred = True
        elif symbol in "\r\n":
            self._end("par")
        elif symbol != "-":  # where a word may be broken
            self._put(self._characters.get(symbol, ""))

    def _word(self, word: str, number: str | None) -> None:
        starred, self._starred, self._passed_over = self._starred, False, 0
        group = self._group
        if group.left_out:
            return
        if word in _ENTERED:
            self._enter(word)
        elif starred or word in self._destinations:
            self._change(left_out=True)
        elif word in _PARAGRAPH_ENDS or word in ("cell", "row", "nestcell"):
            self._end(word)
        elif word == "u":
            self._unicode(int(number or 0))
        elif word in self._characters:
            self._put(self._characters[word])
        else:
            self._set(word, number)

    def _enter(self, word: str) -> None:
        """Go into a group whose text is wanted, though not where it stands."""
        group, flow = self._group, _Flow()
        if word == "fonttbl":
            self._change(in_fonts=True)
        elif word in ("shp", "shpinst", "result"):
            self._flush()
        elif group.hidden:
            self._change(left_out=True)
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
        if group.left_out or group.hidden:
            return  # a paragraph whose end was deleted runs on into the next
        if word == "cell":
            group.flow.end_cell()
        elif word == "row":
            group.flow.end_row()
        else:
            group.flow.end_paragraph(group.in_table or word == "nestcell")

    def _unicode(self, number: int) -> None:
        number &= 0xFFFF  # those from 32,768 are written as negative numbers
        self._put(chr(number) if number >= 0x20 else "")
        self._passed_over = self._group.fallback

    def _set(self, word: str, number: str | None) -> None:
        """A setting of the document, a font, a paragraph or the characters that follow."""
        group = self._group
        if word == "f" and group.in_fonts:
            self._font = number
        elif word == "fcharset":
            named = self._charsets.get(int(number or 0), "")
            if number not in (None, "0", "1") and _is_known(named):  # 0 and 1 are the document's own code page
                self._fonts[self._font] = named
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
            named = _CODE_PAGES.get(word, f"cp{number}")
            self._code_page = named if _is_known(named) else self._code_page
        elif word in ("yr", "mo", "dy", "hr", "min"):
            self._begun[word] = number or "0"
        elif word == "ftnalt":
            group.flow.kind = "endnote"


def _is_known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True
