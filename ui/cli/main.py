"""The command line `pullquote`. Importing the modules of commands registers them with the application."""

import sys

import ui.cli.asking
import ui.cli.calibration
import ui.cli.conversations
import ui.cli.doctor
import ui.cli.evaluation
import ui.cli.library
import ui.cli.questions
import ui.cli.serving
import ui.cli.upkeep  # noqa: F401
from ui.cli.application import ERROR, INTERRUPTED, app
from ui.cli.console import complain, pipe_may_close


def main() -> None:
    """Run the command line. A known error is one line on standard error and exit code 2."""
    try:
        with pipe_may_close():
            app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        from embeddings import PullquoteError  # imported late: --help would wait for numpy

        if not isinstance(error, PullquoteError):
            raise
        complain(str(error))
        sys.exit(ERROR)
