"""Prompts: what a model wants before a question and before a passage, as its files say or as its family is known to."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.errors import ModelError

_CONFIGURATION = "config_sentence_transformers.json"
# Where sentence-transformers' encode_query and encode_document look, in turn.
_OF_QUESTIONS, _OF_PASSAGES = ("query",), ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts that go before what is encoded, spaces at their ends included; empty where a model wants none."""

    question: str = ""
    passage: str = ""

    def __bool__(self) -> bool:
        return bool(self.question or self.passage)

    def __str__(self) -> str:
        """Told as a sentence, or nothing where there are none."""
        wanted = [(self.question, "each question"), (self.passage, "each passage")]
        return " and ".join(f"{prompt!r} goes before {what}" for prompt, what in wanted if prompt)


_REPRESENT = "Represent this sentence for searching relevant passages: "
# Of models whose cards ask for prompts that their files lack, by their names in full: another model with "e5" in its name may
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


def prompts_of(folder: Path, name: str) -> Prompts:
    """The prompts a model's own files give, else those its family is known to want, else none.

    Empty ones in the files count as none given: sentence-transformers writes those for every model that it saves.

    Args:
        folder: the model's files.
        name: on the hub, or a folder, of which the last part counts.

    Raises:
        ModelError: its files cannot be understood.
    """
    return _given(folder) or _known(name)


def _given(folder: Path) -> Prompts:
    file = folder / _CONFIGURATION
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        prompts, default = content.get("prompts") or {}, content.get("default_prompt_name")
        return Prompts(_first(prompts, _OF_QUESTIONS, default), _first(prompts, _OF_PASSAGES, default))
    except FileNotFoundError:
        return Prompts()
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(f"{file} cannot be understood ({error}): choose another model.") from error


def _first(prompts: dict[str, Any], names: tuple[str, ...], default: str | None) -> str:
    """The prompt of the first of these names that has one; else the default one, unless its name says what it is for."""
    by_default = () if default in (None, *_OF_QUESTIONS, *_OF_PASSAGES) else (default,)
    return next((str(prompts[name]) for name in (*names, *by_default) if prompts.get(name)), "")


def _known(name: str) -> Prompts:
    cached = re.search(r"models--[^/\\]+--([^/\\]+)[/\\]snapshots[/\\][^/\\]+$", name)  # a folder of the hub's cache
    last = cached[1] if cached else re.split(r"[/\\]", name)[-1]
    return next((prompts for pattern, prompts in _FAMILIES if re.fullmatch(pattern, last.lower())), Prompts())
