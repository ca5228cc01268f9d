"""The words that the default model knows, most frequent first."""

import importlib.util
from functools import cache
from pathlib import Path
from types import MappingProxyType

from embeddings.models import DEFAULT_PACKAGE


@cache
def default_vocabulary() -> MappingProxyType[str, int]:
    """Return the rank of each token of the default model: English words in lower case, and word endings after "##".

    Return nothing if the model's package is not installed.
    """
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)  # finds the folder and runs none of the package's code
    if spec is None or spec.origin is None:
        return MappingProxyType({})
    file = Path(spec.origin).parent / "model" / "vocab.txt"
    tokens = file.read_text(encoding="utf-8").split("\n") if file.is_file() else []
    return MappingProxyType({token: rank for rank, token in enumerate(tokens)})
