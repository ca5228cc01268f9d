"""The limits for every file and page, in one table. The documentation repeats it for users."""

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be, and what parsing it may use. A file beyond a limit is refused with the number."""

    file_bytes: int = 50 * MB
    text_characters: int = 5 * MB  # of one article
    part_bytes: int = 50 * MB  # of one part of an archive (docx, pptx, odt, epub), decompressed
    archive_bytes: int = 200 * MB  # of all parts that are read
    ratio: int = 200  # decompressed to compressed size, of a part above 1 MB
    parts: int = 10_000  # of an archive
    depth: int = 5  # of messages inside messages
    pages: int = 5_000  # of a PDF
    scanned_pages: int = 300  # of a file, which OCR reads in some seconds each
    articles: int = 20_000  # in one file: messages of an mbox, lines of a JSONL, rows of a CSV
    files: int = 200_000  # in one call
    memory_bytes: int = 1_000 * MB  # of the process that parses a file
    cpu_seconds: int = 20  # for one file
    wall_seconds: float = 30.0  # for one file
    conversion_seconds: float = 60.0  # of LibreOffice, for one file
    conversion_bytes: int = 4_000 * MB  # of its address space, most of which it never touches
    descriptors: int = 64  # open at the same time


LIMITS = Limits()
OCR_LIMITS = Limits(memory_bytes=2_500 * MB, cpu_seconds=60, wall_seconds=300)  # of a process that reads one page by OCR
