"""The page's style sheets and scripts."""

from importlib.resources import files


def text(name: str) -> str:
    """Read a style sheet or script, such as "page.css"."""
    return files("ui.static").joinpath(name).read_text("utf-8")
