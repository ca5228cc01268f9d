"""HTML: the article of a web page without what surrounds it, or all text of the page if no article stands out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from qa.sources.formats import boilerplate
from qa.sources.formats.decoding import Decoded, decode_as, decode_with_notes
from qa.sources.formats.draft import Draft, title_or_name
from qa.sources.formats.html_tables import LINE_END, expand_spans, name_table_cells
from qa.sources.formats.html_text import html_to_text
from qa.sources.formats.limits import Limits
from qa.sources.formats.page.cleaning import clean
from qa.sources.formats.page.script_data import find_body
from qa.sources.formats.page_metadata import read_metadata
from qa.text.language import identify_language
from qa.types.articles import SetAside
from qa.types.errors import ArticleUnreadable

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_TAGS = 1_000_000  # of a page that is parsed, which takes up to 150 bytes each
# Of a page that trafilatura searches for an article:
_MAX_ELEMENTS = 40_000  # which take up to 0.2 ms each
_MAX_CHARACTERS = 5_000_000
_TOO_DEEP = "boolean(" + 200 * "/*" + ")"  # for nested tables, the time grows with the square of the depth

_HEAD = 4_096  # bytes in which a charset is declared
_DECLARED = re.compile(rb"<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_UTF_16 = re.compile(r"u(tf)?[-_ ]?16", re.I)
# What XML does not allow: characters, and references to them. One pattern for both would be five times as slow.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufdd0\ufffe\uffff]")
_REFERENCE_NOT_IN_XML = re.compile(r"&#(?:0*(?:[0-8]|1[1-24-9]|2\d|3[01])(?!\d)|x0*(?:[0-8bcef]|1[\da-f])(?![\da-f]));?", re.I)
_XHTML = re.compile(r"\s*<\?xml\b")
_SELF_CLOSING = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s[^<>]*)?)/>")
_DOUBLE_BREAK = re.compile(r"<br\b[^<>]*>\s*(?:<br\b[^<>]*>\s*)+", re.I)  # begins with "<", which is quick to find

# Marks for what separates two runs of text. No page contains them, since they were removed from it.
_PARAGRAPH, _LINE, _LIST, _BREAK, _CELL = "\x1d", "\x1e", "\x1c", "\x0b", "\x02"
_MARK_RUN = re.compile(r"[ \x02]*[\x0b\x1c-\x1e][ \x02\x0b\x1c-\x1e]*")
_NOT_WORD = re.compile(r"\W+")
_SPACE = re.compile(r"\s+")
_WORD_BREAKS = re.compile("[\u00ad\u200b\u2060\ufeff]")  # marks where a word may be broken, and where not
_ROW_TAGS, _CELL_TAGS = ("tr", "row"), ("td", "th", "cell")
_MARKS = {  # by element: the names of HTML, and at the end of each line those of trafilatura
    _PARAGRAPH: "address article aside blockquote body caption center details div fieldset figcaption figure footer form h1 h2"
    " h3 h4 h5 h6 header hgroup hr legend main nav noframes p pre search section summary td th cell head quote",
    _LIST: "dir dl menu ol table ul list",
    _LINE: "dd dt li item",
    _BREAK: "br lb",
}
_ITEM_TAGS, _SINGLE_MARK_TAGS = _MARKS[_LINE].split(), (*_MARKS[_BREAK].split(), *_CELL_TAGS)
_MARK_BY_TAG = {tag: mark for mark, tags in _MARKS.items() for tag in tags.split()}
_BLOCK_TAGS = tuple({*_MARK_BY_TAG, *_ROW_TAGS} - {"div", *_CELL_TAGS})
_INVISIBLE_TAGS, _PAGE_PARTS, _VOID = (
    frozenset(tags.split())
    for tags in (
        "audio button canvas datalist dialog iframe math noscript object rp rt script select style svg template textarea video",
        "footer form header nav",  # mostly around an article
        "area base br col embed hr img input link meta param source track wbr",  # have no end tag
    )
)
_PAGE_PART_NAMES = re.compile(
    "advert|banner|breadcrumb|comment|cookie|footer|menu|nav|promo|related|share|side-?bar|social|widget", re.I
)
_HIDDEN = re.compile(r"\bdisplay\s*:\s*none\b|\bvisibility\s*:\s*hidden\b", re.I)

CUT_OFF = "the page shows only the beginning of the article: the rest is for subscribers"
FOOTNOTE = "footnote"  # the rule by which notes are set aside
_FEW_WORDS = 80  # a page that shows fewer may hold its article as data of a script
_MIN_SHOWN = 0.7  # share of the words of an article; publishers count them in other ways
_MIN_WORDS = 5  # a page shows fewer until its scripts have run
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2})(?![A-Za-z])")


def load_html(content: bytes, source: str, limits: Limits, charset: str | None = None) -> list[Draft]:
    """Load a web page as a draft of its article. The charset from the server overrides the one that the page declares."""
    page, notes = decode_page_with_notes(content, charset)
    draft = load_page(page, source, limits)
    return [replace(draft, notes=(*notes, *draft.notes))]


def load_page(page: str, source: str, limits: Limits, title: str | None = None, address: str = "") -> Draft:
    """Load the article of a page and its metadata.

    Args:
        title: used if the page has none.
        address: of the page, if the source is a file.

    Raises:
        ArticleUnreadable: it holds no text, or too much to be parsed in time.
    """
    root = parse_page(page)
    notes = clean(root)
    is_small = len(page) <= _MAX_CHARACTERS and sum(1 for _ in root.iter()) <= _MAX_ELEMENTS and not root.xpath(_TOO_DEEP)
    text = ""
    if is_small:
        text = visible_text(root) if _is_plain(root) else _article_text(root)
    text = text or visible_text(root, leave_out=_PAGE_PARTS) or visible_text(root)
    if len(text.split()) < _FEW_WORDS and root.find(".//script") is not None:
        script_title, body = find_body(root, lambda fragment: html_to_text(fragment)[0])
        if len(body.split()) > 2 * len(visible_text(root).split()):  # trafilatura may have read the data as one line
            title, text = script_title or title, body
    needs_scripts = root.find(".//script") is not None and (not text or root.find(".//noscript") is not None)
    if needs_scripts and len(text.split()) < _MIN_WORDS:
        raise ArticleUnreadable("the page is made by scripts when it is opened: save it from the browser as MHTML or PDF")
    if not text:
        raise ArticleUnreadable("no text was found in it")
    if len(text) > limits.text_characters:  # checked before every line is searched for boilerplate
        raise ArticleUnreadable(f"the text has {len(text):,} characters; the limit is {limits.text_characters:,}")
    if not is_small and (body := root.find("body")) is not None:
        root.remove(body)  # the head has all metadata
    declared = root.get("lang") or root.get("xml:lang")

    def languages() -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (declared, identify_language(text)))))

    address = source if re.match("https?://", source) else address

    def lines() -> list[str]:
        return visible_lines(root) if is_small else text.splitlines()

    about = read_metadata(root, address, languages, lines)
    set_aside = boilerplate.find(text)
    return Draft(
        source,
        title_or_name(about.title or title, source),
        about.published,
        text,
        tuple(sorted([*set_aside, *_find_notes(text, notes)], key=lambda place: place.start)),
        author=about.author,
        site=about.site,
        language=language_code(declared),
        tags=about.tags,
        notes=(CUT_OFF,) if about.is_for_payers and _is_cut_off(text, set_aside, about.n_words, lines) else (),
        provenance=about.provenance,
    )


def _is_cut_off(text: str, set_aside: list[SetAside], n_words: int | None, lines: Callable[[], list[str]]) -> bool:
    """Tell whether a page for subscribers shows only the beginning of its article.

    A page that a subscriber saved holds all of it and says likewise that it is not free. So there must be a sign of the cut:
    too few words, a text that breaks off, or a line that asks to pay.
    """
    if n_words:
        return len(text.split()) < _MIN_SHOWN * n_words
    breaks_off = text.rstrip().endswith(("…", "...", "[…]", "[...]"))
    return breaks_off or any(place.rule == boilerplate.PAYWALL for place in set_aside) or boilerplate.asks_to_pay(lines())


def _find_notes(text: str, notes: list[str]) -> Iterator[SetAside]:
    """Yield the places of notes, each of which is one line of the text."""
    words = {_NOT_WORD.sub("", note) for note in notes} - {""}
    at = 0
    for line in text.splitlines(keepends=True) if words else ():
        if _NOT_WORD.sub("", line) in words:
            yield SetAside(at, at + len(line.rstrip()), FOOTNOTE)
        at += len(line)


def language_code(tag: str | None) -> str | None:
    """Return the ISO 639-1 code of a language tag such as "en-GB"."""
    match = _LANGUAGE.match(tag or "")
    return match.group(1).lower() if match else None


def decode_page(content: bytes) -> str:
    """Decode a page; see `decode_page_with_notes`."""
    return decode_page_with_notes(content).text


def decode_page_with_notes(content: bytes, charset: str | None = None) -> Decoded:
    """Decode a page by its byte order mark, as UTF-8, in the charset of the server or the page, or in a guess.

    If all bytes are valid UTF-8, it is UTF-8 whatever is declared: a saved page often keeps an old declaration.

    Raises:
        ArticleUnreadable: the bytes are not text.
    """
    declared = _DECLARED.search(content[:_HEAD])
    name = charset or (declared.group(1).decode("ascii") if declared else None)
    if name and _UTF_16.fullmatch(name):
        name = "utf-8"  # a page in UTF-16 could not declare it in ASCII
    text = decode_as(content, name) if name else None
    return decode_with_notes(content) if text is None else Decoded(text)


def parse_page(page: str, xhtml: bool = False) -> "HtmlElement":
    """Parse a page and remove hidden elements. Nothing is fetched, and only HTML's own entities are resolved.

    Raises:
        ArticleUnreadable: it has too many elements, or they are nested too deeply.
    """
    from lxml.etree import ParserError, strip_tags
    from lxml.html import HTMLParser, document_fromstring

    if page.count("<") > _MAX_TAGS:
        raise ArticleUnreadable(f"the page has more than {_MAX_TAGS:,} tags, which is the limit")
    page = _NOT_IN_XML.sub("", _REFERENCE_NOT_IN_XML.sub("", page.replace("\f", " ")))
    if xhtml or _XHTML.match(page):
        page = _SELF_CLOSING.sub(lambda tag: tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2]}></{tag[1]}>", page)
    # huge_tree raises the limits from 10 MB of text and 256 levels to 1 GB and 2,048. Beyond them, text would be cut off.
    parser = HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root: HtmlElement = document_fromstring(_DOUBLE_BREAK.sub("<p>", page).encode(), parser=parser)
    except ParserError:  # it has no element
        return document_fromstring("<body></body>", parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ArticleUnreadable("the page has too many elements inside each other: save it from the browser as PDF")
    for element in [element for element in root.iterdescendants() if element.tag != "body" and _is_hidden(element)]:
        element.drop_tree()
    expand_spans(root)
    strip_tags(root, "q")  # trafilatura would take it for a paragraph
    for element in root.iterdescendants("pre"):
        for inner in element.iter():
            inner.text = (inner.text or "").replace("\n", LINE_END)
            if inner is not element:
                inner.tail = (inner.tail or "").replace("\n", LINE_END)
    return root


def _is_hidden(element: "HtmlElement") -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


def _article_text(root: "HtmlElement") -> str:
    """Return the text of the article that trafilatura finds, or ""."""
    from trafilatura import bare_extraction

    try:
        article = bare_extraction(root, fast=True, include_comments=False)  # options chosen with benchmarks.article_bodies
    except Exception:  # an odd tree; its text can still be read
        return ""
    if article is None:
        return ""
    for code in article.body.findall("code"):
        code.tag = "p"
    text = visible_text(article.body)  # trafilatura's own text marks list items and has no blank lines
    if len(article.body) == 1 and article.body[0].tag == "p" and not len(article.body[0]):
        return _restore_paragraphs(text, root)
    return text


def _restore_paragraphs(text: str, root: "HtmlElement") -> str:
    """Split a text into the paragraphs of its page, since trafilatura joins those of a short page, headings included."""
    words = _NOT_WORD.sub("", text)
    paragraphs = visible_text(root, leave_out=_PAGE_PARTS).split("\n\n")
    return "\n\n".join(paragraph for paragraph in paragraphs if _NOT_WORD.sub("", paragraph) in words) or text


def _is_plain(root: "HtmlElement") -> bool:
    """Tell whether a page has nothing around its article, as notes and pages saved by a word processor."""
    body = root.find("body")
    if body is None or next(body.iter(*_PAGE_PARTS - {"header"}), None) is not None:
        return False
    if any(_PAGE_PART_NAMES.search(f"{element.get('class')} {element.get('id')}") for element in body.iter()):
        return False
    n_in_links = sum(map(len, body.xpath(".//text()[ancestor::a]")))
    return 2 * n_in_links <= len(body.text_content())


def visible_lines(root: "HtmlElement") -> list[str]:
    """Return the lines that a page shows, without those of its menus and footers."""
    return [line for line in visible_text(root, leave_out=_PAGE_PARTS - {"header"}).splitlines() if line]


def visible_text(root: "HtmlElement", leave_out: frozenset[str] = frozenset()) -> str:
    """Return the text that a browser shows, with a blank line between paragraphs. List items and table rows are lines.

    White space becomes one space, as in a browser. The cells of a row that fits a line are separated by " | ".

    Args:
        leave_out: tags of elements to skip.
    """
    top = root.find("body") if root.tag == "html" else root
    if top is None:
        return ""
    name_table_cells(top)
    text = _WORD_BREAKS.sub("", "".join(_text_and_marks(top, leave_out))).replace(LINE_END, _BREAK)
    # First, since long runs of spaces would slow down _MARK_RUN.
    text = re.sub(f" ?(?:{_CELL} ?)+", _CELL, re.sub(" {2,}", " ", text))
    return _MARK_RUN.sub(_line_breaks, text).replace(_CELL, " | ").strip()


def _line_breaks(marks: re.Match[str]) -> str:
    """Return a blank line around a list, between paragraphs, and for a double break, and else a line break."""
    run = marks.group()
    if _LIST in run or (_LINE not in run and (_PARAGRAPH in run or run.count(_BREAK) > 1)):
        return "\n\n"
    return "\n"


def _text_and_marks(top: "HtmlElement", leave_out: frozenset[str]) -> Iterator[str]:
    """Yield the text of an element with marks between. This is a loop, since elements may be nested very deeply."""
    from lxml.etree import iterwalk

    n_items, in_row, skipped = 0, False, None
    walk = iterwalk(top, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if element is not top and (tag in leave_out or tag in _INVISIBLE_TAGS):
                walk.skip_subtree()
                skipped = element
                continue
            n_items += tag in _ITEM_TAGS
            in_row = in_row or (tag in _ROW_TAGS and _fits_a_line(element))
            yield _mark(tag, n_items, in_row)
            yield _SPACE.sub(" ", element.text or "")
        else:
            if element is skipped:
                yield _PARAGRAPH if tag in leave_out else ""
            else:
                yield "" if tag in _SINGLE_MARK_TAGS else _mark(tag, n_items, in_row)
                n_items -= tag in _ITEM_TAGS
                in_row = in_row and tag not in _ROW_TAGS
            if element is not top:
                yield _SPACE.sub(" ", element.tail or "")


def _mark(tag: str, n_items: int, in_row: bool) -> str:
    """Return the mark where an element begins or ends, which depends on the list items and the row around it."""
    if tag in _ROW_TAGS:
        return _LINE if in_row else _PARAGRAPH
    mark = _MARK_BY_TAG.get(tag, "")
    if in_row:
        return _CELL if tag in _CELL_TAGS else " " if mark else ""
    return _LINE if n_items and mark == _LIST else mark


def _fits_a_line(row: "HtmlElement") -> bool:
    """Tell whether a row has several cells of one paragraph each. Other rows are used for layout."""
    cells = [cell for cell in row if cell.tag in _CELL_TAGS]
    return len(cells) > 1 and all(len(list(islice(cell.iter(*_BLOCK_TAGS), 2))) < 2 for cell in cells)
