"""Web pages: the article of a page without what surrounds it, or all the page's text where no article stands out."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from qa.sources.formats import boilerplate
from qa.sources.formats.dates import publication_date
from qa.sources.formats.decoding import decode, decode_as
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.limits import Limits
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from trafilatura.settings import Document

_MOST_TAGS = 1_000_000  # of a page that is parsed, which takes up to 150 bytes for each
_MOST_ELEMENTS = 40_000  # of a page that an article is looked for in, which takes up to 0.2 ms for each
_MOST_CHARACTERS = 5_000_000  # of such a page
_DEEPEST = "boolean(" + 200 * "/*" + ")"  # of such a page; of tables in tables, the time grows with the square

_HEAD = 4_096  # bytes in which an encoding is declared
_DECLARED = re.compile(rb"<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_UTF_16 = re.compile(r"u(tf)?[-_ ]?16", re.I)
_NOT_IN_XML = re.compile(  # as itself or by its number
    r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufdd0\ufffe\uffff]"
    r"|&#0*(?:[0-8]|1[1-24-9]|2\d|3[01])(?!\d);?|&#x0*(?:[0-8bcef]|1[\da-f])(?![\da-f]);?",
    re.I,
)
_XHTML = re.compile(r"\s*<\?xml\b")
_CLOSED = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s[^<>]*)?)/>")
_BREAKS = re.compile(r"(?:<br\b[^<>]*>\s*){2,}", re.I)

# Marks of what separates two pieces of text, which no page can hold: they were taken out of it.
_PARAGRAPH, _LINE, _LIST, _BREAK, _CELL = "\x1d", "\x1e", "\x1c", "\x0b", "\x02"
_BETWEEN = re.compile(r"[ \x02]*[\x0b\x1c-\x1e][ \x02\x0b\x1c-\x1e]*")
_LINE_END = "\ufdd0"  # in preformatted text; no character, so no page has it, but XML and trafilatura let it pass
_NOT_WORDS = re.compile(r"\W+")
_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")  # where a word may be broken, and where not
_ROWS, _CELLS = ("tr", "row"), ("td", "th", "cell")
_MARKS = {  # of elements as HTML calls them, and at the end of a line as trafilatura does
    _PARAGRAPH: "address article aside blockquote body caption center details div fieldset figcaption figure footer form h1 h2"
    " h3 h4 h5 h6 header hgroup hr legend main nav noframes p pre search section summary td th cell head quote",
    _LIST: "dir dl menu ol table ul list",
    _LINE: "dd dt li item",
    _BREAK: "br lb",
}
_LINES, _ONCE = _MARKS[_LINE].split(), (*_MARKS[_BREAK].split(), *_CELLS)
_MARK = {tag: mark for mark, tags in _MARKS.items() for tag in tags.split()}
_BLOCKS = tuple({*_MARK, *_ROWS} - {"div", *_CELLS})
_UNSEEN, _FURNITURE, _VOID = (
    frozenset(tags.split())
    for tags in (
        "audio button canvas datalist dialog iframe math noscript object rp rt script select style svg template textarea video",
        "footer form header nav",  # what mostly surrounds an article
        "area base br col embed hr img input link meta param source track wbr",  # have no end
    )
)
_NAMES = re.compile("advert|banner|breadcrumb|comment|cookie|footer|menu|nav|promo|related|share|side-?bar|social|widget", re.I)
_HIDDEN = re.compile(r"\bdisplay\s*:\s*none\b|\bvisibility\s*:\s*hidden\b", re.I)

_FEWEST_WORDS = 5  # of a page; fewer are what one shows while scripts make it
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2})(?![A-Za-z])")


def load_html(content: bytes, source: str, limits: Limits, charset: str | None = None) -> list[Draft]:
    """A web page as a draft of its article; the charset is what the server said, which goes before the page's own word."""
    return [load_page(decode_page(content, charset), source, limits)]


def load_page(page: str, source: str, limits: Limits, title: str | None = None) -> Draft:
    """A page's article and what the page says about it; the title given is taken where the page has none.

    Raises:
        ArticleUnreadable: it holds no text, or too much to be read in time.
    """
    root = parse_page(page)
    small = len(page) <= _MOST_CHARACTERS and sum(1 for _ in root.iter()) <= _MOST_ELEMENTS and not root.xpath(_DEEPEST)
    text = "" if not small else visible_text(root) if _is_plain(root) else _article(root)
    text = text or visible_text(root, leave_out=_FURNITURE) or visible_text(root)
    needs_scripts = root.find(".//script") is not None and (not text or root.find(".//noscript") is not None)
    if needs_scripts and len(text.split()) < _FEWEST_WORDS:
        raise ArticleUnreadable("the page is made by scripts when it is opened: save it from the browser as MHTML or PDF")
    if not text:
        raise ArticleUnreadable("no text was found in it")
    if len(text) > limits.text_characters:  # before rules are tried on every line of it
        raise ArticleUnreadable(f"the text has {len(text):,} characters; the limit is {limits.text_characters:,}")
    if not small and (body := root.find("body")) is not None:
        root.remove(body)  # its head says enough
    about = _about(root)
    set_aside = tuple(boilerplate.find(text))
    return Draft(
        source,
        title_or_name(about.title or title, source),
        about.date or publication_date(text, set_aside),
        text,
        set_aside,
        author=about.author,
        site=about.sitename or about.hostname,
        language=language(root.get("lang") or root.get("xml:lang")),
        tags=tuple(dict.fromkeys([*(about.categories or ()), *(about.tags or ())])),
    )


def language(name: str | None) -> str | None:
    """The ISO 639-1 code that a language tag such as "en-GB" begins with."""
    found = _LANGUAGE.match(name or "")
    return found.group(1).lower() if found else None


def decode_page(content: bytes, charset: str | None = None) -> str:
    """A page's characters, in the encoding of its mark, else in UTF-8, in what is declared beside or in it, or in a guess.

    What is UTF-8 throughout is that, whatever is declared: a page that was saved often keeps the declaration it had before.

    Raises:
        ArticleUnreadable: the bytes are no text.
    """
    declared = _DECLARED.search(content[:_HEAD])
    name = charset or (declared.group(1).decode("ascii") if declared else None)
    if name and _UTF_16.fullmatch(name):
        name = "utf-8"  # a declaration that can be read is not in UTF-16
    text = decode_as(content, name) if name else None
    return decode(content) if text is None else text


def parse_page(page: str, xhtml: bool = False) -> "HtmlElement":
    """The root of a page without what is hidden in it; nothing is fetched, and no entities are resolved but HTML's own.

    Raises:
        ArticleUnreadable: it has too many elements, or too deep ones.
    """
    from lxml.etree import ParserError, strip_tags
    from lxml.html import HTMLParser, document_fromstring

    if page.count("<") > _MOST_TAGS:
        raise ArticleUnreadable(f"the page has more than {_MOST_TAGS:,} tags, which is the limit")
    page = _NOT_IN_XML.sub("", page.replace("\f", " "))
    if xhtml or _XHTML.match(page):
        page = _CLOSED.sub(lambda tag: tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>", page)
    # huge_tree lifts 10 MB of text and 256 elements in each other to 1 GB and 2,048; what is beyond would be cut off
    parser = HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root: HtmlElement = document_fromstring(_BREAKS.sub("<p>", page).encode(), parser=parser)
    except ParserError:  # there is no element in it
        return document_fromstring("<body></body>", parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ArticleUnreadable("the page has too many elements inside each other: save it from the browser as PDF")
    for hidden in [each for each in root.iterdescendants() if each.tag != "body" and _is_hidden(each)]:
        hidden.drop_tree()
    strip_tags(root, "q")  # which trafilatura takes for a paragraph
    for element in root.iterdescendants("pre"):
        for inner in element.iter():
            inner.text = (inner.text or "").replace("\n", _LINE_END)
            if inner is not element:
                inner.tail = (inner.tail or "").replace("\n", _LINE_END)
    return root


def _is_hidden(element: "HtmlElement") -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


def _article(root: "HtmlElement") -> str:
    """The text of the article that trafilatura finds in a page, or nothing."""
    from trafilatura import bare_extraction

    try:
        found = bare_extraction(root, fast=True, include_comments=False)  # chosen by benchmarks.article_bodies
    except Exception:  # an odd tree, whose text can be read all the same
        return ""
    if found is None:
        return ""
    for code in found.body.findall("code"):
        code.tag = "p"
    text = visible_text(found.body)  # its own has signs before list items and no blank lines
    if len(found.body) == 1 and found.body[0].tag == "p" and not len(found.body[0]):
        return _in_paragraphs(text, root)
    return text


def _in_paragraphs(text: str, root: "HtmlElement") -> str:
    """The paragraphs of a page that a text holds, for trafilatura writes a short page in one paragraph, headings and all."""
    words = _NOT_WORDS.sub("", text)
    paragraphs = visible_text(root, leave_out=_FURNITURE).split("\n\n")
    return "\n\n".join(each for each in paragraphs if _NOT_WORDS.sub("", each) in words) or text


def _is_plain(root: "HtmlElement") -> bool:
    """Whether nothing of a page is evidently around an article, as in notes and what a word processor saved."""
    body = root.find("body")
    if body is None or next(body.iter(*_FURNITURE - {"header"}), None) is not None:
        return False
    if any(_NAMES.search(f"{each.get('class')} {each.get('id')}") for each in body.iter()):
        return False
    return 2 * sum(map(len, body.xpath(".//text()[ancestor::a]"))) <= len(body.text_content())


def _about(root: "HtmlElement") -> "Document":
    from trafilatura import extract_metadata
    from trafilatura.settings import Document

    with suppress(Exception):  # a page without a title can be read all the same
        # not extensive: that took a year which a sentence tells of for the first of January in it
        return extract_metadata(root, date_config={"original_date": True, "extensive_search": False})
    return Document()


def visible_text(root: "HtmlElement", leave_out: frozenset[str] = frozenset()) -> str:
    """The text a browser shows of an element, a blank line between paragraphs; list items and table rows stand on lines.

    White space is one space, as in a browser; the cells of a row that fits a line are separated by " | ".
    """
    top = root.find("body") if root.tag == "html" else root
    if top is None:
        return ""
    text = _INVISIBLE.sub("", "".join(_pieces(top, leave_out))).replace(_LINE_END, _BREAK)
    text = re.sub(f" ?(?:{_CELL} ?)+", _CELL, re.sub(" {2,}", " ", text))  # first, for long runs would take _BETWEEN long
    return _BETWEEN.sub(_line_breaks, text).replace(_CELL, " | ").strip()


def _line_breaks(marks: re.Match[str]) -> str:
    """A blank line around lists, else one break between their items, else a blank line for paragraphs and double breaks."""
    run = marks.group()
    if _LIST in run or (_LINE not in run and (_PARAGRAPH in run or run.count(_BREAK) > 1)):
        return "\n\n"
    return "\n"


def _pieces(top: "HtmlElement", leave_out: frozenset[str]) -> Iterator[str]:
    """The text of an element in order, with marks between; not by recursion, for elements can be nested too deep for that."""
    from lxml.etree import iterwalk

    items, in_row, skipped = 0, False, None
    walk = iterwalk(top, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if element is not top and (tag in leave_out or tag in _UNSEEN):
                walk.skip_subtree()
                skipped = element
                continue
            items += tag in _LINES
            in_row = in_row or (tag in _ROWS and _fits_a_line(element))
            yield _mark(tag, items, in_row)
            yield _SPACE.sub(" ", element.text or "")
        else:
            if element is skipped:
                yield _PARAGRAPH if tag in leave_out else ""
            else:
                yield "" if tag in _ONCE else _mark(tag, items, in_row)
                items -= tag in _LINES
                in_row = in_row and tag not in _ROWS
            if element is not top:
                yield _SPACE.sub(" ", element.tail or "")


def _mark(tag: str, items: int, in_row: bool) -> str:
    """What stands where an element begins or ends, in list items and in a row that fits a line or outside of them."""
    if tag in _ROWS:
        return _LINE if in_row else _PARAGRAPH
    mark = _MARK.get(tag, "")
    if in_row:
        return _CELL if tag in _CELLS else " " if mark else ""
    return _LINE if items and mark == _LIST else mark


def _fits_a_line(row: "HtmlElement") -> bool:
    """Whether a row has several cells of one paragraph each; others are there for the looks of the page."""
    cells = [cell for cell in row if cell.tag in _CELLS]
    return len(cells) > 1 and all(len(list(islice(cell.iter(*_BLOCKS), 2))) < 2 for cell in cells)
