"""A file becomes an article's draft: one module a format, all of them listed here."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qa.articles import SetAside


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as read from its source, not yet stored."""

    source: str
    title: str
    published: str | None  # ISO 8601
    text: str
    set_aside: tuple[SetAside, ...]


def formats() -> dict[str, Callable[[bytes, str], Draft]]:
    """What reads which kind of file, by the file name's end in lower case."""
    from qa.loaders import plain

    return {".txt": plain.load_text, ".md": plain.load_markdown, ".markdown": plain.load_markdown}


def load(path: Path) -> Draft:
    """Read one file.

    Raises:
        ArticleUnreadable: with the reason, in words for the reader.
    """
    from qa.loaders.files import read

    loaders = formats()
    loader = loaders.get(path.suffix.lower())
    if loader is None:
        from qa.errors import ArticleUnreadable

        kind = f"{path.suffix} files" if path.suffix else "files without an extension"
        raise ArticleUnreadable(f"{kind} cannot be read; only {', '.join(loaders)}")
    return loader(read(path), source_name(path))


def source_name(path: Path) -> str:
    """The absolute path as text, one for each file; bytes of a file name that are no UTF-8 are written as escapes."""
    absolute = os.path.join(os.path.realpath(path.parent), path.name)
    return absolute.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
