"""The report of a measured run: `pullquote report`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.commands import app, folder_of
from ui.cli.console import out
from ui.cli.options import Library

if TYPE_CHECKING:
    from qa.evaluation import Run


@app.command()
def report(
    run: Annotated[str, typer.Argument(help="A run: a file, or a name in the library.")],
    html: Annotated[Path | None, typer.Option("--html", help="The file for a page with plots, complete in itself.")] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="The file for Markdown.")] = None,
    library: Library = None,
) -> None:
    """Write what a run measured, what made it and what went wrong; Markdown on the screen where no file is named."""
    from qa.evaluation import find_run
    from ui.html.report import report_markdown

    found = find_run(folder_of(library), run)
    if html is not None:
        save_page(found, html)
    if markdown is not None:
        _save(report_markdown(found), markdown)
    if html is None and markdown is None:
        out(report_markdown(found).rstrip("\n"))


def save_page(run: "Run", path: Path) -> None:
    """Write a run's report as a page of HTML.

    Raises:
        UsageError: it cannot be written there.
    """
    from ui.html.report import report_html

    _save(report_html(run), path)


def _save(text: str, path: Path) -> None:
    from ui.errors import UsageError

    try:
        # half a surrogate pair, which a question may hold, can stand in no file
        path.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise UsageError(f"The report cannot be written to {path}: {error}.") from error
