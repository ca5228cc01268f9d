"""Cleaning: a parsed page is put in order before the text of its article is taken from it.

Numbers of notes go, formulas become text, loose text becomes paragraphs, and an article laid in several boxes comes in one.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NOTE_MARK = re.compile(r"\s*[\[(]?\s*(?:\d{1,3}|[ivx]{1,5}|[a-z]|note \d{1,3}|[*†‡§¶]{1,3})\s*[\])]?\s*", re.I)
_IN_BRACKETS = re.compile(r"\s*[\[(]\s*\d{1,3}\s*[\])]\s*")
_NOTE_CLASS = re.compile(r"\b(?:foot|end|side)?-?note-?(?:ref|link|mark|anchor)|\bnoteref\b|\breference\b", re.I)
_NOTE_NAME = re.compile(r"(?:fn|ftn|_ftn|edn|_edn|note|footnote|endnote|cite|ref)[\w:.-]*\d", re.I)
_BACK = re.compile(r"\s*[\[(]?\s*(?:[↩↑⤴^⏎]\ufe0e?|back|return|jump up|top)\s*[\])]?\s*", re.I)
_NOTE_TAGS = ("li", "p", "div", "aside", "dd", "dt", "td", "section", "span")
_MOST_NOTE = 2_000  # characters of a note; what is longer is a section that a link leads to
_TEX = "application/x-tex"
_FORMULA_COPIES = re.compile(r"\b(?:katex-html|MathJax_Preview|MJX_Assistive_MathML|mwe-math-fallback-image\S*)\b")
_INLINE = frozenset(
    (
        *(
            "a",
            "abbr",
            "acronym",
            "b",
            "bdi",
            "bdo",
            "big",
            "br",
            "cite",
            "code",
            "del",
            "dfn",
            "em",
            "font",
            "i",
            "ins",
            "kbd",
        ),
        *(
            "label",
            "mark",
            "q",
            "s",
            "samp",
            "small",
            "span",
            "strike",
            "strong",
            "sub",
            "sup",
            "time",
            "tt",
            "u",
            "var",
            "wbr",
        ),
    )
)
_BOXES = ("article", "center", "div", "main", "section", "td")
_AROUND = re.compile(
    r"(?<!has-)(?<!with-)(?<!no-)(?:advert|breadcrumb|comment|footer|menu|promo|popular|recent|recommend|related|side-?bar"
    r"|trending|widget)",
    re.I,
)
_ASIDE = re.compile(
    r"newsletter|subscri(?:be|ption)|sign-?up|donat(?:e|ion)|promo(?:box|[\s_-]|$)|recirc|(?:^|[\s_-])related|recommended"
    r"|read-?(?:next|also|more)|most-?(?:read|popular|viewed)|trending|(?:more|top|latest)-?(?:from|stories|news|headlines)"
    r"|outbrain|taboola|sponsored|cookie|consent",
    re.I,
)
_LEADS_ELSEWHERE = re.compile(
    r"(?:see|read|watch|listen|click|more|also|related|next|previous(?:ly)?|here|this|on|video|audio|don.t miss|\W|\w+\.com)+",
    re.I,
)
_MOST_AROUND_LINK = 40  # characters
_IS_SENTENCE = re.compile(r".*\w[.!?…。！？][\"'”’»)\]]*(?:\s|$)")
_CREDIT = re.compile(
    r"\b(?:photo(?:graph(?:er)?)?|image|picture|credit|courtesy|getty|reuters|afp|ap|epa|shutterstock|screenshot)\b|©", re.I
)
_MIN_CAPTION_WORDS = 10
_SENTENCE_END = re.compile(r"[.!?…。！？:][\"'”’»)\]]*$")
_MIN_LINK_WORDS = 4
_MOST_IN_ASIDE = 0.3  # share of the long paragraphs of a page that a box beside its article holds
_MIN_PARAGRAPH = 80  # characters of one that is part of an article and not of what surrounds it
_MIN_IN_BOXES = 0.5  # share of the long paragraphs of a page in boxes of one class that hold its article


def clean(root: "HtmlElement") -> list[str]:
    """Put a page in order, and return the texts of its notes."""
    notes = _take_note_marks(root)
    _write_formulas(root)
    _wrap_loose_text(root)
    _drop_asides(root)
    _drop_link_lines(root)
    _keep_captions(root)
    _join_boxes(root)
    return notes


def is_around(element: "HtmlElement") -> bool:
    """Tell whether an element is part of what surrounds an article."""
    around = (each for each in (element, *element.iterancestors()) if each.tag not in ("html", "body"))
    return any(
        each.tag in ("nav", "aside", "footer") or _AROUND.search(f"{each.get('class')} {each.get('id')}") for each in around
    )


def _take_note_marks(root: "HtmlElement") -> list[str]:
    """Remove the numbers of notes from the text, and the links back from the notes. Return the texts of the notes."""
    marks = list(_note_marks(root))
    targets = {name for _, name in marks if name}
    for mark, _ in marks:
        mark.drop_tree()
    notes: list[str] = []
    for element in list(root.iter(*_NOTE_TAGS, "a")) if targets else ():
        if (element.get("id") or element.get("name")) in targets:
            note = element
            while note.tag in ("a", "span", "sup") and (parent := note.getparent()) is not None:
                note = parent
            for link in [
                link
                for link in note.iter("a")
                if _BACK.fullmatch(link.text_content()) or _NOTE_MARK.fullmatch(link.text_content())
            ]:
                if (link.get("href") or "").find("#") >= 0:
                    link.drop_tree()
            text = " ".join(note.text_content().split())
            if note.tag in _NOTE_TAGS and len(text) <= _MOST_NOTE:
                notes.append(text)
    return notes


def _note_marks(root: "HtmlElement") -> Iterator[tuple["HtmlElement", str]]:
    """Yield the elements that are numbers of notes, each with the name of the place that it leads to, or ""."""
    seen = set()
    for link in root.iter("a"):
        name = (link.get("href") or "").partition("#")[2]
        if not name or not _NOTE_MARK.fullmatch(link.text_content()):
            continue
        parent = link.getparent()
        sup = parent if parent is not None and parent.tag == "sup" else None
        is_raised = sup is not None or link.find("sup") is not None
        is_called_so = (
            bool(_NOTE_CLASS.search(f"{link.get('class')} {link.get('role')}"))
            or link.get("{http://www.idpf.org/2007/ops}type") == "noteref"
        )
        if (
            is_called_so
            or (is_raised and (_NOTE_NAME.search(name) or _IN_BRACKETS.fullmatch(link.text_content())))
            or (_IN_BRACKETS.fullmatch(link.text_content()) and _NOTE_NAME.match(name))
        ):
            mark = sup if sup is not None and _is_all_marks(sup) else link
            if mark not in seen:
                seen.add(mark)
                yield mark, name
            else:
                yield from ()
    for sup in root.iter("sup"):
        if sup not in seen and not len(sup) and _IN_BRACKETS.fullmatch(sup.text or ""):
            yield sup, ""


def _is_all_marks(sup: "HtmlElement") -> bool:
    return len(sup) == 1 and not (sup.text or "").strip(" [(,") and not (sup[0].tail or "").strip(" ]),")


def _write_formulas(root: "HtmlElement") -> None:
    """Replace each formula by its source in TeX, else by its characters, and drop the copies of it that are only seen."""
    for element in list(root.iter("span", "div", "img", "script")):
        if element.tag == "script":
            if "math/tex" in (element.get("type") or "") and element.text:
                element.tag, element.text = "span", rf"\({element.text.strip()}\)"
                element.attrib.clear()
        elif (names := element.get("class")) and _FORMULA_COPIES.search(names) and element.getparent() is not None:
            element.drop_tree()
    for formula in list(root.iter("math")):
        tex = next((note.text for note in formula.iter("annotation") if note.get("encoding") == _TEX), None) or formula.get(
            "alttext"
        )
        for note in list(formula.iter("annotation", "annotation-xml")):
            note.drop_tree()
        text = rf"\({' '.join(tex.split())}\)" if tex else " ".join("".join(formula.itertext()).split())
        for child in list(formula):
            formula.remove(child)
        formula.tag, formula.text = "span", text
        formula.attrib.clear()


def _wrap_loose_text(root: "HtmlElement") -> None:
    """Make paragraphs of text that stands beside line breaks and other boxes, where trafilatura would lose it or join it."""
    for box in list(root.iter(*_BOXES)):
        is_mixed = any(child.tag == "br" or child.tag not in _INLINE for child in box)
        if is_mixed and _is_loose(box):
            for inner in [child for child in box if child.tag in _BOXES]:
                is_leaf = all(each.tag in _INLINE for each in inner.iterdescendants())
                if is_leaf and len(inner.text_content()) >= _MIN_PARAGRAPH:
                    _wrap(inner)
            _wrap(box)


def _is_loose(box: "HtmlElement") -> bool:
    """Tell whether text stands in a box itself, or in an element within a line that is as long as a paragraph."""
    if (box.text or "").strip() or any((child.tail or "").strip() for child in box):
        return True
    return any(child.tag in _INLINE and child.tag != "a" and len(child.text_content()) >= _MIN_PARAGRAPH for child in box)


def _wrap(box: "HtmlElement") -> None:
    """Make a paragraph of each run of text and elements within a line."""
    run = box.makeelement("p", {})
    run.text, box.text = box.text, None
    for child in list(box):
        if child.tag in _INLINE:
            run.append(child)  # with its tail
            continue
        for piece in [run] if run.text_content().strip() else list(run):
            child.addprevious(piece)
        run = box.makeelement("p", {})
        run.text, child.tail = child.tail, None
    if run.text_content().strip():
        box.append(run)


def _drop_asides(root: "HtmlElement") -> None:
    """Drop boxes of newsletters, promotions and other articles, which trafilatura leaves in the middle of some."""
    body = root.find("body")
    if body is None:
        return
    most = _MOST_IN_ASIDE * _n_in_paragraphs(body)
    for box in list(body.iter("div", "section", "aside", "ul", "form")):
        is_aside = _names_aside(f"{box.get('class') or ''} {box.get('id') or ''}")
        if is_aside and box.getparent() is not None and box.find(".//h1") is None and _n_in_paragraphs(box) <= most:
            box.drop_tree()


@lru_cache(maxsize=4096)  # a page gives many boxes the same class
def _names_aside(names: str) -> bool:
    """Tell whether the class and the id of a box are those of a newsletter, a promotion or other articles."""
    return bool(_ASIDE.search(names))


def _drop_link_lines(root: "HtmlElement") -> None:
    """Drop paragraphs of an article that are no more than a link to another: "SEE MORE: Storm over the bay"."""
    for paragraph in list(root.iter("p")):
        links = list(paragraph.iter("a"))
        words = " ".join(paragraph.text_content().split())
        if len(links) != 1 or len(words.split()) < _MIN_LINK_WORDS or _SENTENCE_END.search(words):
            continue
        around = words.replace(" ".join(links[0].text_content().split()), "", 1).strip(" :|>»→[]()–-")
        is_link_alone = not around or (len(around) <= _MOST_AROUND_LINK and _LEADS_ELSEWHERE.fullmatch(around))
        if is_link_alone and any(
            len(each.text_content()) >= _MIN_PARAGRAPH for each in paragraph.itersiblings("p", preceding=True)
        ):
            paragraph.drop_tree()


def _keep_captions(root: "HtmlElement") -> None:
    """Make paragraphs of captions that are sentences, since trafilatura leaves captions out, but not of credits."""
    for caption in list(root.iter("figcaption")):
        words = " ".join(caption.text_content().split())
        figure = caption.getparent()
        says_more = len(words.split()) >= _MIN_CAPTION_WORDS and _IS_SENTENCE.match(words) and not _CREDIT.search(words)
        if says_more and figure is not None and figure.tag == "figure":
            caption.tag = "p"
            caption.tail = None
            figure.addnext(caption)


def _n_in_paragraphs(box: "HtmlElement") -> int:
    """Return the number of characters in the long paragraphs of a box."""
    lengths = (len(paragraph.text_content()) for paragraph in box.iter("p"))
    return sum(length for length in lengths if length >= _MIN_PARAGRAPH)


def _join_boxes(root: "HtmlElement") -> None:
    """Put what follows in boxes of the same class into the first of them, if together they hold most of the long paragraphs."""
    boxes: dict[str, list[HtmlElement]] = {}
    lengths: dict[str, int] = {}
    n_characters = 0
    for paragraph in root.iter("p"):
        length = len(paragraph.text_content())
        if length < _MIN_PARAGRAPH:
            continue
        n_characters += length
        box = paragraph.getparent()
        name = (box.get("class") or "").strip() if box is not None else ""
        if name and box.tag in ("div", "section"):
            lengths[name] = lengths.get(name, 0) + length
            of_class = boxes.setdefault(name, [])
            if not of_class or of_class[-1] is not box:
                of_class.append(box)
    for name, length in lengths.items():
        first, *others = dict.fromkeys(boxes[name])
        if others and length >= _MIN_IN_BOXES * n_characters and not is_around(first):
            for box in others:
                for child in list(box):
                    first.append(child)
