"""The sample articles, which lie beside the code where Pullquote runs from its repository and not from a package."""

from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "seeds"


def sample_articles() -> list[str]:
    """Return the paths of the sample articles, or none where there are none."""
    return sorted(map(str, _FOLDER.glob("*.txt")))
