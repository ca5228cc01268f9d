"""Parse files for tests in the way `add` does."""

from pathlib import Path

from qa.sources.files import LocalFile
from qa.sources.formats.draft import Draft
from qa.sources.sandbox.parser_pool import shared_pool


def parse_file(path: Path) -> list[Draft]:
    """Return the drafts of a file, parsed in the sandbox.

    Raises:
        ArticleUnreadable: the file cannot be parsed. The message gives the reason.
    """
    file = LocalFile(path)
    return shared_pool.parse(file.read(), file.source)
