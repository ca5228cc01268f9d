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
    """Run the command line. A known error, or one of the system, is one line on standard error and exit code 2."""
    try:
        with pipe_may_close():
            app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        from embeddings import PullquoteError  # imported late: --help would wait for numpy

        if isinstance(error, PullquoteError):
            complain(str(error))
        elif isinstance(error, OSError) and error.errno:  # of a file that is read or written in passing
            complain(f"{error.filename or 'A file'} cannot be read or written: {error.strerror}.")
        else:
            raise
        sys.exit(ERROR)
