"""A page of an article drawn as its PDF shows it, as long as the file is the one that the article was read from."""

import hashlib
from pathlib import Path

from qa.library.library import Library
from qa.library.originals import Originals, is_upload
from qa.sources import files
from qa.sources.formats.limits import Limits
from qa.sources.formats.pdf import rendering
from qa.sources.sandbox.parser_pool import ParserPool
from qa.sources.sandbox.validate import validate_png
from qa.types.articles import Article, Part, Span
from qa.types.errors import ArticleUnreadable, NotPrinted

# A pool of its own, so that a page is drawn while files are being added.
_drawing = ParserPool(Limits(cpu_seconds=10, wall_seconds=15.0), processes=1, module=rendering.__name__)


def pages_of(article: Article) -> tuple[Part, ...]:
    """Return the pages of an article from a PDF file; none of any other."""
    is_file = article.source.lower().endswith(".pdf") and not article.source.startswith(("http://", "https://"))
    return tuple(part for part in article.parts if part.name.startswith("page ")) if is_file else ()


def draw_page(library: Library, article: Article, page: Part, marked: Span | None = None) -> bytes:
    """Draw a page as PNG, in a sandboxed process.

    Args:
        library: the library with the article.
        article: an article from a PDF file.
        page: one of its pages.
        marked: a span of the article, to be marked on that page.

    Raises:
        NotPrinted: the file is missing or has changed since the article was read, or the page cannot be drawn.
    """
    with library.snapshot() as snapshot:
        file, now = snapshot.file(article.source), snapshot.reference(article.id)
    name = article.source.rpartition("/")[2]
    changed = f"The file has changed since this version was read from it, so {page.name} cannot be shown as it is printed."
    if file is None or now is None or now.version != article.version:
        raise NotPrinted(changed)
    words = article.text[max(marked.start, page.start) : min(marked.end, page.end)] if marked else ""
    try:
        content = Originals(library.folder).read(file.sha256) if is_upload(article.source) else files.read(Path(article.source))
        if content is None:
            raise NotPrinted(
                f"The original of {name} is not kept, so {page.name} cannot be shown as it is printed: upload it again."
            )
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise NotPrinted(changed)
        return draw(content, page.name, words)
    except ArticleUnreadable as error:
        raise NotPrinted(
            f"{page.name[:1].upper()}{page.name[1:]} of {name} cannot be shown as it is printed: {error}."
        ) from error


def draw(content: bytes, page: str, words: str) -> bytes:
    """Draw a page of a PDF as PNG, with a passage marked.

    Raises:
        ArticleUnreadable: with the reason, for the user.
    """
    return _drawing.run(rendering.render, content, page, validate_png, page=page, words=words)[0]
