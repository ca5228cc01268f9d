"""The limits that every file and page is read within; one table, said again in the README."""

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be and what reading it may take; what is beyond is refused with the number."""

    file_bytes: int = 50 * MB
    text_characters: int = 5 * MB  # of one article
    part_bytes: int = 50 * MB  # of one part of an archive (docx, pptx, odt, epub), unpacked
    archive_bytes: int = 200 * MB  # of all parts that are read
    ratio: int = 200  # unpacked size of a part above 1 MB as a multiple of its packed size
    parts: int = 10_000  # of an archive
    depth: int = 5  # of messages inside messages
    pages: int = 5_000  # of a PDF
    articles: int = 20_000  # of one file: the messages of an mbox, the lines of a JSONL, the rows of a CSV
    files: int = 200_000  # of one call
    memory_bytes: int = 1_000 * MB  # of the process that reads a file
    cpu_seconds: int = 20  # that it may take for one file
    wall_seconds: float = 30.0
    descriptors: int = 64  # that it may have open


LIMITS = Limits()
