"""Make and change office files for tests, and load them."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import strategies as st

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.types.errors import ArticleUnreadable

PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        act()
    return str(caught.value)


def outcome(load: Callable[..., list[Draft]], content: bytes) -> str:
    """Load a file and return its text, or the reason why it cannot be read."""
    try:
        [draft] = load(content, "/a", LIMITS)
    except ArticleUnreadable as error:
        return str(error)
    return draft.text


def parts_of(draft: Draft) -> list[tuple[str, str]]:
    return [(part.name, draft.text[part.start : part.end]) for part in draft.parts]


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None], **added: bytes) -> bytes:
    """Copy a zip archive with its parts changed. A part is left out if `change` returns None."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
        for name, part in added.items():
            new.writestr(name, part)
    return file.getvalue()


def saved(document: Any) -> bytes:
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def odt(document: Any) -> bytes:
    file = BytesIO()
    document.write(file)
    return file.getvalue()


def with_text(xml: str) -> bytes:
    """Make an OpenDocument text with this XML as its body."""
    from odf.opendocument import OpenDocumentText

    return rewritten(
        odt(OpenDocumentText()),
        lambda name, part: (
            part.replace(b"<office:text/>", f"<office:text>{xml}</office:text>".encode()) if name == "content.xml" else part
        ),
    )
