"""Export: the articles as JSON Lines, which `qa.ingest.importing` reads back."""

import json
from pathlib import Path

from embeddings.atomic_write import replacing
from qa.library.disk import named_errors
from qa.library.library import Library
from qa.sources.formats.draft import dump_draft
from qa.types.errors import LibraryDamaged

SHA256 = "sha256"  # of the text


def export_articles(library: Library, file: Path) -> tuple[int, list[str]]:
    """Write all articles in their current versions to a file, one JSON object a line, sorted by source.

    Returns:
        How many were written, and a line for each that cannot be read.

    Raises:
        LibraryError: the file cannot be written. An older one is unchanged.
    """
    n, problems = 0, list[str]()
    what = f"The articles cannot be written to {file}"
    with named_errors(what, file.absolute().parent), replacing(file) as output, library.snapshot() as snapshot:
        for article_id in snapshot.article_ids():
            try:
                article = snapshot.article(article_id)
            except LibraryDamaged as error:
                problems.append(str(error))
                continue
            if article is not None:
                line = {**dump_draft(article), SHA256: article.version}
                output.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                n += 1
    return n, problems
