"""A quote with its citation as text to paste: plain, Markdown or BibTeX. The quote's own characters never change.

Markdown is CommonMark 0.31. The special characters `~`, `|` and `$` of its dialects are escaped too.
"""

import re
from urllib.parse import quote as percent_encode

from qa.types.articles import Quote, Reference
from ui.html.words import day, source_name
from ui.i18n.language import PART, from_english
from ui.i18n.language import gettext as _

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts braces, even those after a backslash
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        **{character: f"\\{character}" for character in "$&#%_"},
    }
)
_LONGEST_FRAGMENT, _END_WORDS = 200, 6  # characters that are named whole, and words of each end of longer ones
_NOT_IN_ADDRESS = re.compile(r"[\s<>{}\\\"^`|]")
_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$]")  # in Markdown, wherever it stands
_AT_LINE_START = re.compile(r"^(?:([#+=-])|(\d{1,9})([.)]))")
_LINE_BREAK = re.compile(r"\r\n|[\r\n\u2028\u2029]")


def plain(quote: Quote) -> str:
    """Return the quote between quotation marks and, on a line of its own, its citation."""
    lead = f"“{quote.lead.text}” […] " if quote.lead else ""
    return f"{lead}“{quote.text}”\n— {citation(quote)}\n"


def markdown(quote: Quote) -> str:
    """Return the quote as a block quote with its citation. The title is a link to the quote if the article has an address."""
    parts = [*([quote.lead.text] if quote.lead else []), quote.text]
    quoted = "\n>\n> […]\n>\n".join(markdown_block(part) for part in parts)
    return f"{quoted}\n\n— {citation(quote, in_markdown=True)}\n"


def bibtex(quote: Quote) -> str:
    r"""Return the article as a `@misc` entry, its `note` the place and its `annote` the quote.

    What TeX would take for its own is escaped. Braces become `\textbraceleft{}`, since BibTeX counts even escaped ones.
    """
    article = quote.article
    fields = [("title", f"{{{_tex(one_line(_title(article)))}}}")]
    if article.author:
        fields.append(("author", f"{{{_tex(one_line(article.author))}}}"))
    if is_address(article.source):
        fields.append(("url", _address(article.source)))
    else:
        fields.append(("howpublished", _tex(source_name(article))))
    if article.site:
        fields.append(("organization", _tex(one_line(article.site))))
    if article.published:
        fields.append(("date", _tex(article.published[:10])))
    place = f"characters {quote.start}--{quote.end} of version {article.version[:12]}"
    parts = [_tex(quote.part) if quote.part else "", place, "read from a picture" if quote.read_by else ""]
    fields.append(("note", ", ".join(filter(None, parts))))
    fields.append(("annote", _tex(quote.text)))
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields)
    return f"@misc{{pullquote-{article.id}-{quote.start},\n{lines}}}\n"


def citation(quote: Quote, *, in_markdown: bool = False) -> str:
    """Return author, title, site, day, part and address of a quote, as far as they are known."""
    article = quote.article
    title, linked = one_line(_title(article)), is_address(article.source)
    part = from_english(quote.part, PART) if quote.part else None
    file_name = source_name(article) if article.title and not linked else None
    reading = _("read from a picture") if quote.read_by else None
    author, *details = (
        one_line(text or "") for text in (article.author, article.site, day(article.published), part, reading, file_name)
    )
    if in_markdown:
        author, *details = map(markdown_inline, (author, *details))
        name = f"[{markdown_inline(title)}](<{web_link(quote)}>)" if linked else f"*{markdown_inline(title)}*"
    else:
        name = f"“{title}”"
    cited = ", ".join(text for text in (author, name, *details) if text)
    return f"{cited}, {_address(article.source)}" if linked and not in_markdown else cited


def web_link(quote: Quote) -> str | None:
    """Return an address at which a browser shows the quote on the page that it is from, or None if that is no web page.

    The quote is named by a text fragment (https://wicg.github.io/scroll-to-text-fragment/), a long one by its first and last
    words. A page that has changed opens at its top.
    """
    if not is_address(quote.article.source):
        return None
    words = quote.text.split()
    parts = [words] if len(quote.text) <= _LONGEST_FRAGMENT else [words[:_END_WORDS], words[-_END_WORDS:]]
    fragment = ",".join(_fragment(" ".join(part)) for part in parts)
    address = _address(quote.article.source)
    return f"{address}{'' if '#' in address else '#'}:~:text={fragment}"


def selectors(quote: Quote) -> list[dict[str, object]]:
    """Return where a quote stands as selectors of the W3C Web Annotation Data Model, for programs that find it again."""
    return [
        {"type": "TextQuoteSelector", "exact": quote.text},
        {"type": "TextPositionSelector", "start": quote.start, "end": quote.end},
    ]


def _fragment(text: str) -> str:
    """Percent-encode a text for a text fragment, where commas and hyphens have a meaning."""
    return percent_encode(text.encode("utf-8", "replace"), safe="").replace("-", "%2D")


def markdown_inline(text: str) -> str:
    """Escape a text so that Markdown shows it as it is within a line."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def markdown_line(text: str) -> str:
    """Escape a line of a paragraph. White space at its ends, which Markdown would drop, becomes character references."""
    bare = text.strip(" \t")
    if not bare:
        return ""
    before = text[: len(text) - len(text.lstrip(" \t"))]
    after = text[len(text.rstrip(" \t")) :]
    escaped = _AT_LINE_START.sub(
        lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", markdown_inline(bare)
    )
    return f"{_character_references(before)}{escaped}{_character_references(after)}"


def markdown_block(text: str) -> str:
    """Return a text as a block quote that keeps its line breaks."""
    lines = [markdown_line(line) for line in _LINE_BREAK.split(text)]
    broken = [f"{line}\\" if line and following else line for line, following in zip(lines, [*lines[1:], ""], strict=True)]
    return "\n".join(f"> {line}".rstrip(" ") for line in broken)


def _character_references(white_space: str) -> str:
    return "".join(f"&#{ord(character)};" for character in white_space)


def _title(article: Reference) -> str:
    return article.title or source_name(article)


def one_line(text: str) -> str:
    """Return a text with single spaces in place of its white space."""
    return " ".join(text.split())


def is_address(source: str) -> bool:
    """Tell whether an article is a page on the web, by its source."""
    return source.startswith(("http://", "https://"))


def _address(source: str) -> str:
    """Percent-encode what may not stand in an address between brackets or braces."""
    return _NOT_IN_ADDRESS.sub(lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), source)


def _tex(text: str) -> str:
    return text.translate(_TEX)
