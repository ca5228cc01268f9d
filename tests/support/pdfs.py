"""Write PDFs for tests, object by object."""

import io
from collections.abc import Sequence

import pytest
from pypdf import PdfWriter

from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS, Limits
from qa.sources.formats.pdf.document import load_pdf
from qa.types.errors import ArticleUnreadable

HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
Placed = tuple[float, float, str]  # x and y in points, and the text
LINES = [
    "The bridge over the river fell at noon on Friday, exam-",
    "ple of many that winter, and nobody was hurt in it at",
    "all.",
]


def page(lines: Sequence[str], *, top: float = 700, more: Sequence[Placed] = ()) -> bytes:
    placed = [(72.0, top - 14 * number, line) for number, line in enumerate(lines)]
    shown = [f"BT /F 12 Tf {x} {y} Td ({line}) Tj ET" for x, y, line in (*placed, *more)]
    return "\n".join(shown).encode("latin-1")


def in_columns(*columns: Sequence[str], across: bool, size: float = 9, width: float = 170, drop: float = 0) -> bytes:
    """Return a page of columns, drawn one after another, or line by line across the page.

    Args:
        width: from the beginning of one column to that of the next, in points.
        drop: by which each column is lower than the one before it, in points.
    """
    lines = [
        (40 + width * number, 700 - drop * number - 1.2 * size * place, line)
        for number, column in enumerate(columns)
        for place, line in enumerate(column)
    ]
    order = sorted(lines, key=lambda line: (-line[1], line[0])) if across else lines
    return "\n".join(shown(x, y, line, size) for x, y, line in order).encode("latin-1")


def shown(x: float, y: float, text: str, size: float = 12) -> str:
    """Return the operators that print a text."""
    return f"BT /F {size} Tf {x} {y:.2f} Td ({text}) Tj ET"


def pdf(*pages: bytes, info: str = "", font: str = HELVETICA) -> bytes:
    """Return a PDF with pages of these content streams. They use the font `/F`."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        font.encode(),
    ]
    for number, content in enumerate(pages):
        resources = "<< /Font << /F 3 0 R >> >>"
        contents = f"{5 + 2 * number} 0 R"
        box = "[0 0 612 792]"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources {resources} /Contents {contents} >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(f"<< {info} >>".encode())
    file = io.BytesIO(b"%PDF-1.4\n")
    file.seek(0, io.SEEK_END)
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, written))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    file.write(b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects)))
    file.write(b"startxref\n%d\n%%%%EOF" % table)
    return file.getvalue()


TWO = pdf(page(LINES), page(["The second page says that the river rose again, which", "surprised nobody in the town at all."]))


def written(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def load(content: bytes, limits: Limits = LIMITS) -> Draft:
    (draft,) = load_pdf(content, "/The_Bridge.pdf", limits)
    return draft


def refusal(content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(ArticleUnreadable) as caught:
        load(content, limits)
    return str(caught.value)
