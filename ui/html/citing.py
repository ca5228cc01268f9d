"""A quote with its citation as text to paste: plain, Markdown or BibTeX. The quote's own characters never change."""

import re

from qa.types.articles import Quote, Reference
from ui.html.markdown import block, inline
from ui.html.quote import day_in_words, source_name
from ui.i18n.language import PART, from_english

_IN_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, and a backslash before one is nothing to it
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{character: f"\\{character}" for character in "$&#%_"},
}
_TEX = str.maketrans(_IN_TEX)
_NOT_IN_ADDRESS = re.compile(r"[\s<>{}\\\"^`|]")


def plain(quote: Quote) -> str:
    """The quote between quotation marks and, on a line of its own, where it stands."""
    lead = f"“{quote.lead.text}” […] " if quote.lead else ""
    return f"{lead}“{quote.text}”\n— {cited(quote)}\n"


def markdown(quote: Quote) -> str:
    """The quote as a block quote and where it stands, the title a link where the article has an address.

    Whatever in them Markdown would take for its own is escaped (CommonMark 0.31, and `~`, `|` and `$` of its dialects).
    """
    parts = [*([quote.lead.text] if quote.lead else []), quote.text]
    quoted = "\n>\n> […]\n>\n".join(block(part) for part in parts)
    return f"{quoted}\n\n— {cited(quote, in_markdown=True)}\n"


def bibtex(quote: Quote) -> str:
    r"""The article as a `@misc` entry, its `note` the place and its `annote` the quote.

    What TeX would take for its own is escaped; braces become `\textbraceleft{}`, since BibTeX counts even escaped ones.
    """
    article = quote.article
    fields = [("title", f"{{{_tex(_one_line(_title(article)))}}}")]
    if article.author:
        fields.append(("author", f"{{{_tex(_one_line(article.author))}}}"))
    if _is_address(article.source):
        fields.append(("url", _address(article.source)))
    else:
        fields.append(("howpublished", _tex(source_name(article))))
    if article.site:
        fields.append(("organization", _tex(_one_line(article.site))))
    if article.published:
        fields.append(("date", _tex(article.published[:10])))
    place = f"characters {quote.start}--{quote.end} of version {article.version[:12]}"
    fields.append(("note", f"{_tex(quote.part)}, {place}" if quote.part else place))
    fields.append(("annote", _tex(quote.text)))
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields)
    return f"@misc{{pullquote-{article.id}-{quote.start},\n{lines}}}\n"


def cited(quote: Quote, *, in_markdown: bool = False) -> str:
    """Author, title, who published it, day, part and address, as far as they are known."""
    article, title = quote.article, _one_line(_title(quote.article))
    linked = _is_address(article.source)
    said = [
        article.author,
        None,
        article.site,
        day_in_words(article.published),
        from_english(quote.part, PART) if quote.part else None,
    ]
    if not linked:
        said.append(source_name(article) if article.title else None)
    texts = [_one_line(text) if text else "" for text in said]
    if in_markdown:
        texts = [inline(text) for text in texts]
        texts[1] = f"[{inline(title)}](<{_address(article.source)}>)" if linked else f"*{inline(title)}*"
    else:
        texts[1] = f"“{title}”"
    ended = ", ".join(text for text in texts if text)
    return f"{ended}, {_address(article.source)}" if linked and not in_markdown else ended


def _title(article: Reference) -> str:
    return article.title or source_name(article)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _address(source: str) -> str:
    """An address that can stand between brackets and braces of any kind, which it may only hold encoded."""
    return _NOT_IN_ADDRESS.sub(lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), source)


def _tex(text: str) -> str:
    return text.translate(_TEX)
