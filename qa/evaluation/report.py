"""The former home of `report_html` and `report_markdown`, now in `ui.html.report`. It goes with the next release."""

import warnings
from importlib import import_module
from typing import Any

_MOVED = ("report_html", "report_markdown")


def __getattr__(name: str) -> Any:
    """Return a moved function from its new home."""
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"Import {name} from ui.html.report, not from {__name__}.", DeprecationWarning, stacklevel=2)
    # By name: `qa` may not import `ui`, and must not need it as long as nobody asks for a report here.
    return getattr(import_module("ui.html.report"), name)
