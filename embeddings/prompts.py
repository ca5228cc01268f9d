"""Prompts: the texts that a model expects before a question and before a passage."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.errors import ModelError

_CONFIGURATION = "config_sentence_transformers.json"
# The names under which encode_query and encode_document of sentence-transformers look, in this order.
_QUESTION_NAMES, _PASSAGE_NAMES = ("query",), ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True)
class Prompts:
    """The texts that are put before what is encoded, with their trailing spaces. Empty where a model expects none."""

    question: str = ""
    passage: str = ""

    def __bool__(self) -> bool:
        return bool(self.question or self.passage)

    def __str__(self) -> str:
        """Describe the prompts, or return "" where there are none."""
        uses = [(self.question, "each question"), (self.passage, "each passage")]
        return " and ".join(f"{prompt!r} goes before {what}" for prompt, what in uses if prompt)


_REPRESENT = "Represent this sentence for searching relevant passages: "
# Models whose cards ask for prompts that their files lack. Full names only: another model with "e5" in its name may
# have been trained without. docs/reference/encoders.md gives each card.
_FAMILIES = (
    (r"(multilingual-)?e5-(small|base|large)(-v2)?", Prompts("query: ", "passage: ")),
    (r"bge-(small|base|large)-en(-v1\.5)?", Prompts(_REPRESENT)),
    (r"bge-(small|base|large)-zh(-v1\.5)?", Prompts("为这个句子生成表示以用于检索相关文章：")),
    (r"mxbai-embed-large-v1", Prompts(_REPRESENT)),
    (r"snowflake-arctic-embed-(xs|s|m|m-long|l|m-v1\.5)", Prompts(_REPRESENT)),
    (r"snowflake-arctic-embed-[ml]-v2\.0", Prompts("query: ")),
    (r"(nomic-embed-text-v1(\.5)?|modernbert-embed-base)", Prompts("search_query: ", "search_document: ")),
)


def find_prompts(folder: Path, name: str) -> Prompts:
    """Return the prompts that a model's files give, else those of its family, else none.

    Empty prompts in the files are ignored, because sentence-transformers writes them for every model that it saves.

    Args:
        folder: the model's files.
        name: the name on the hub, or a folder whose last part is the name.

    Raises:
        ModelError: the configuration file cannot be parsed.
    """
    return _configured_prompts(folder) or _family_prompts(name)


def _configured_prompts(folder: Path) -> Prompts:
    file = folder / _CONFIGURATION
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        prompts, default = content.get("prompts") or {}, content.get("default_prompt_name")
        return Prompts(_first(prompts, _QUESTION_NAMES, default), _first(prompts, _PASSAGE_NAMES, default))
    except FileNotFoundError:
        return Prompts()
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(f"{file} cannot be read ({error}): choose another model.") from error


def _first(prompts: dict[str, Any], names: tuple[str, ...], default: str | None) -> str:
    """Return the first prompt under these names, else the default prompt unless its name says that it has another use."""
    by_default = () if default in (None, *_QUESTION_NAMES, *_PASSAGE_NAMES) else (default,)
    return next((str(prompts[name]) for name in (*names, *by_default) if prompts.get(name)), "")


def _family_prompts(name: str) -> Prompts:
    cached = re.search(r"models--[^/\\]+--([^/\\]+)[/\\]snapshots[/\\][^/\\]+$", name)  # a folder in the cache of the hub
    last = cached[1] if cached else re.split(r"[/\\]", name)[-1]
    return next((prompts for pattern, prompts in _FAMILIES if re.fullmatch(pattern, last.lower())), Prompts())
