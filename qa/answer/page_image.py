"""Printed: a page of an article as its PDF shows it, as long as the file is the one that the article was read from."""

import hashlib
import os
from pathlib import Path

from qa.library.library import Library
from qa.sources import files
from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf import rendering
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.sandbox.validate import picture
from qa.types.articles import Article, Part, Span
from qa.types.errors import ArticleUnreadable, NotPrinted

# waits for no addition
_drawing = ParserPool(Limits(cpu_seconds=10, wall_seconds=15.0), processes=1, module=rendering.__name__)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drawing.leave)


def pages_of(article: Article) -> tuple[Part, ...]:
    """The pages of an article that came from a PDF file; of another none."""
    is_file = article.source.lower().endswith(".pdf") and not article.source.startswith(("http://", "https://"))
    return tuple(part for part in article.parts if part.name.startswith("page ")) if is_file else ()


def printed(library: Library, article: Article, page: Part, marked: Span | None = None) -> bytes:
    """A page as PNG, drawn in a process of its own.

    Args:
        marked: a place in the article, whose words on that page are marked.

    Raises:
        NotPrinted: the file is gone or another than the article was read from, or the page cannot be drawn.
    """
    with library.snapshot() as snapshot:
        file, now = snapshot.file(article.source), snapshot.reference(article.id)
    changed = f"The file has changed since this version was read from it, so {page.name} cannot be shown as it is printed."
    if file is None or now is None or now.version != article.version:
        raise NotPrinted(changed)
    words = article.text[max(marked.start, page.start) : min(marked.end, page.end)] if marked else ""
    try:
        content = files.read(Path(article.source))
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise NotPrinted(changed)
        return drawn(content, page.name, words)
    except ArticleUnreadable as error:
        name = article.source.rpartition("/")[2]
        raise NotPrinted(
            f"{page.name[:1].upper()}{page.name[1:]} of {name} cannot be shown as it is printed: {error}."
        ) from error


def drawn(content: bytes, page: str, words: str) -> bytes:
    """A page of a PDF as PNG, some of its words marked.

    Raises:
        ArticleUnreadable: with the reason, in words for the reader.
    """
    return _drawing.run(rendering.__name__, content, page, picture, {"page": page, "words": words})[0]
