"""Parse a file as an addition does, for tests of what comes out."""

from pathlib import Path

from qa.sources.files import LocalFile
from qa.sources.formats.draft import Draft
from qa.sources.sandbox.parser_pool import shared_pool


def parse_file(path: Path) -> list[Draft]:
    """Return the drafts of a file, parsed in the sandbox.

    Raises:
        ArticleUnreadable: with the reason.
    """
    file = LocalFile(path)
    return shared_pool.parse(file.read(), file.source)
