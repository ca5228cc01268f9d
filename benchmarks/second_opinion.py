"""Whether all words of a file are read: `python -m benchmarks.second_opinion FOLDER…` prints a line for each format.

Data: any folders. What Pullquote reads is compared, as a bag of words, with a second extraction that shares no code with it
and leaves little out: the bare text of the XML for docx, pptx and epub, odfpy for odt, pypdf for pdf, the standard library's
email for eml. Each file is read, by either, in a process of its own. The time depends on the files.
"""

import argparse
import re
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from qa.sources import files
from qa.sources.files import source_name
from qa.sources.formats.limits import Limits
from qa.sources.sandbox.parser_pool import shared_pool
from qa.types.errors import ArticleUnreadable

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same content again, for old programs
_INLINE = ("a", "abbr", "b", "cite", "code", "em", "font", "i", "q", "s", "small", "span", "strong", "sub", "sup", "u")
_WORST = 4  # files listed for each format
_MISSING = 8  # words listed for a file


@dataclass(frozen=True, slots=True)
class Text:
    """The text that the second extraction reads from a file."""

    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The words of a file in both extractions, each as often as it occurs."""

    name: str
    ours: Counter[str]
    other: Counter[str]

    @property
    def missing(self) -> Counter[str]:
        """The words that only the other extraction has."""
        return self.other - self.ours


def words(text: str) -> Counter[str]:
    """Count the words of a text in lower case, without ligatures and soft hyphens."""
    plain = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    return Counter(re.findall(r"\w+", plain.lower()))


def shares(compared: Sequence[Compared]) -> tuple[float, float]:
    """Compute the share of the other's words that we have, and of ours that the other has; 1 if there are none."""
    both = sum((each.ours & each.other).total() for each in compared)
    others, ours = (sum(getattr(each, whose).total() for each in compared) for whose in ("other", "ours"))
    return both / others if others else 1.0, both / ours if ours else 1.0


def prepare() -> None:
    """Preload nothing: the library of a format is loaded with its first file."""


def read(content: bytes, source: str, _: Limits) -> list[Text]:
    """Extract the text of a file. It runs in a sandboxed process, as the parsers do."""
    return [Text(_READS[_kind(source)](content))]


def compare(path: Path) -> Compared:
    """Read a file by both extractions.

    Raises:
        ArticleUnreadable: one of them failed, with the reason.
    """
    from benchmarks import second_opinion  # by this name, since a process of the sandbox cannot import __main__

    content, source = files.read(path), source_name(path)
    try:
        ours = "\n".join(draft.text for draft in shared_pool.parse(content, source))
    except ArticleUnreadable as error:
        raise ArticleUnreadable(f"by us: {error}") from error
    try:
        (other,) = shared_pool.run(second_opinion.read, content, source, _parse)
    except ArticleUnreadable as error:
        raise ArticleUnreadable(f"by the other: {error}") from error
    return Compared(path.name, words(ours), words(other))


def _parse(data: Any, _: str) -> str:
    if not isinstance(data["text"], str):
        raise TypeError
    return data["text"]


def _kind(source: str) -> str:
    return Path(source).suffix.lower()[1:]


def _docx(content: bytes) -> str:
    parts = r"word/(?:document\d*|footnotes|endnotes)\.xml"
    return _office(content, parts, _WORD, [f"{_WORD}{name}" for name in ("tab", "br", "cr", "noBreakHyphen")])


def _pptx(content: bytes) -> str:
    return _office(content, r"ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml", _DRAWING, [f"{_DRAWING}br"])


def _office(content: bytes, parts: str, space: str, breaks: Sequence[str]) -> str:
    from lxml import etree

    pieces: list[str] = []
    with ZipFile(BytesIO(content)) as archive:
        for name in filter(re.compile(parts).fullmatch, archive.namelist()):
            root = etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, huge_tree=True))
            for fallback in list(root.iter(_FALLBACK)):
                fallback.getparent().remove(fallback)
            for event, element in etree.iterwalk(root, events=("start", "end")):
                if element.tag == f"{space}p" or element.tag in breaks:
                    pieces.append("\n")
                elif element.tag == f"{space}t" and event == "start":
                    pieces.append(element.text or "")
    return "".join(pieces)


def _odt(content: bytes) -> str:
    from odf.opendocument import load

    def pieces(node: Any) -> Iterator[str]:
        if node.nodeType == node.TEXT_NODE:
            yield node.data
            return
        name = getattr(node, "qname", (None, ""))[1]
        if name == "tracked-changes":
            return
        separator = " " if name in ("p", "h", "s", "tab", "line-break", "note", "note-citation", "table-cell") else ""
        yield separator
        for child in node.childNodes:
            yield from pieces(child)
        yield separator

    return "".join(pieces(load(BytesIO(content)).body))


def _epub(content: bytes) -> str:
    with ZipFile(BytesIO(content)) as archive:
        pages = [name for name in archive.namelist() if name.lower().endswith((".xhtml", ".html", ".htm"))]
        return "\n".join(_html(archive.read(name).decode("utf-8", "replace")) for name in pages)


def _pdf(content: bytes) -> str:
    from pypdf import PdfReader

    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return re.sub(r"(?<=\w)[-\u00ad]\n(?=[a-z])", "", text)  # a word broken at the end of a line


def _eml(content: bytes) -> str:
    if 0 in content[:2] or content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        content = content.decode("utf-16-be" if content[0] == 0 else "utf-16-le" if content[1] == 0 else "utf-16").encode()
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return "\n".join(_parts(message))


def _parts(message: EmailMessage) -> Iterator[str]:
    if message.get_content_type() == "multipart/alternative":
        texts = ("\n".join(_parts(part)) for part in message.iter_parts() if isinstance(part, EmailMessage))
        yield next((text for text in texts if text.strip()), "")  # plain text comes first, by RFC 2046
    elif message.is_multipart():
        for part in message.get_payload():
            yield from _parts(part)  # type: ignore[arg-type]
    elif message.get_content_type() in ("text/plain", "text/html"):
        text = message.get_content()
        yield _html(text) if message.get_content_subtype() == "html" else text


class _Visible(HTMLParser):
    """Collects the visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style", "title")
        self.pieces.append("" if tag in _INLINE else " ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "title") and self._hidden > 0
        self.pieces.append("" if tag in _INLINE else " ")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.pieces.append("" if tag in _INLINE else " ")  # <title/> hides nothing

    def handle_data(self, data: str) -> None:
        self.pieces.append("" if self._hidden else data)


def _html(text: str) -> str:
    parser = _Visible()
    parser.feed(text)
    parser.close()
    return "".join(parser.pieces)


_READS: dict[str, Callable[[bytes], str]] = {
    "docx": _docx,
    "pptx": _pptx,
    "odt": _odt,
    "epub": _epub,
    "pdf": _pdf,
    "eml": _eml,
}


def table(compared: dict[str, list[Compared]]) -> str:
    """Format a Markdown line for each format: files, words, both shares, and the files that lack most words."""
    lines = [
        "| format | files | words | we have of the other's | the other has of ours | lacking most |",
        "|---|---|---|---|---|---|",
    ]
    for kind, of_kind in compared.items():
        if not of_kind:
            continue
        recall, precision = shares(of_kind)
        n_words = sum(each.other.total() for each in of_kind)
        worst = sorted(of_kind, key=lambda each: -each.missing.total())[:_WORST]
        lacking = "; ".join(f"{each.name} {each.missing.total()} ({_missing_words(each)})" for each in worst if each.missing)
        lines.append(f"| {kind} | {len(of_kind)} | {n_words:,} | {recall:.4f} | {precision:.4f} | {lacking} |")
    return "\n".join(lines)


def _missing_words(compared: Compared) -> str:
    return " ".join(word for word, _ in compared.missing.most_common(_MISSING))


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare all files of these formats and print the table, then what could not be compared and why."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("folders", type=Path, nargs="+")
    chosen = options.parse_args(arguments)
    compared: dict[str, list[Compared]] = {kind: [] for kind in _READS}
    errors: list[str] = []
    for path in sorted(path for folder in chosen.folders for path in folder.rglob("*")):
        if path.is_file() and _kind(path.name) in _READS:
            try:
                compared[_kind(path.name)].append(compare(path))
            except ArticleUnreadable as error:
                errors.append(f"{path.name}: not read {error}")
    shared_pool.close()
    print(table(compared))
    print(f"\n{len(errors)} could not be compared:", *errors, sep="\n")


if __name__ == "__main__":
    main()
