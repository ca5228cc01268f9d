"""Make EPUB books for tests."""

import io
import zipfile

CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
ABOUT = """<dc:title>The Bridge: a Story</dc:title><dc:creator opf:role="ill">Bo Berg</dc:creator>
<dc:creator opf:role="aut">Ann Li</dc:creator><dc:creator opf:role="aut">Cy Low</dc:creator><dc:language>en-GB</dc:language>
<dc:date opf:event="modification">2021-01-01</dc:date><dc:date opf:event="publication">2019-05-03</dc:date>
<dc:subject>Bridges</dc:subject><dc:subject>Rivers</dc:subject><dc:publisher>Gazette Books</dc:publisher>"""
ONE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="a.js"/></head>
<body><h2>The Fall</h2><p>It fell&nbsp;at <a id="p1"/>noon.</p><p>Nobody was&#160;hurt.</p></body></html>"""
TWO = "<html><body><p>Menu, share, subscribe: all of it is the book's.</p><nav><p>Even this.</p></nav></body></html>"


def package(about: str, files: list[str], spine: list[str] | None = None, end: str = "") -> str:
    """Write an OPF package document that lists XHTML files by their paths relative to it."""
    kinds = {".ncx": "application/x-dtbncx+xml", ".png": "image/png"}
    manifest = "".join(
        f'<item id="i{n}" href="{name}" media-type="{kinds.get(name[-4:], "application/xhtml+xml")}" '
        f'properties="{"nav" * (name == "nav.xhtml")}"/>'
        for n, name in enumerate(files)
    )
    order = "".join(f'<itemref idref="i{files.index(name)}"/>' for name in (spine or files))
    return (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">{about}</metadata>'
        f'<manifest>{manifest}</manifest><spine toc="ncx">{order}</spine>{end}</package>'
    )


def archive(parts: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


def book(
    documents: dict[str, str | bytes], about: str = ABOUT, spine: list[str] | None = None, end: str = "", **parts: str
) -> bytes:
    """Make a book of documents, in the order of the spine, with other files of the archive by path."""
    named = {f"OEBPS/{name}": content for name, content in documents.items()}
    opf = package(about, [name.replace(" ", "%20") for name in documents], spine, end)
    return archive({"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf, **named, **parts})
