"""Runs as files: JSON, schema 1, with all that the measures need; figures are reckoned anew when one is read."""

import json
import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from embeddings.index.vector_index import write_whole
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.outcomes import Around, Outcome, RunInfo
from qa.evaluation.run import Run
from qa.types.answer_json import as_quote
from qa.types.errors import RunUnreadable

SCHEMA = 1
_NAME = re.compile(r"[A-Za-z0-9_][\w.+=-]*", re.ASCII)


def save_run(run: Run, path: Path) -> None:
    """Write a run to a file, with its folder where there is none; a file in its place is replaced when all is written.

    Raises:
        RunUnreadable: it cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps({"schema": SCHEMA, **asdict(run)}, ensure_ascii=False).encode())
    except (OSError, UnicodeEncodeError) as error:
        raise RunUnreadable(f"The run cannot be saved as {path}: {error}.") from error


def load_run(path: Path) -> Run:
    """Read a run back, equal to the one that was saved.

    Raises:
        RunUnreadable: the file cannot be read, or is no run of schema 1.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("schema") != SCHEMA:
            raise RunUnreadable(f"{path} is a run of another Pullquote: this one reads schema {SCHEMA}.")
        outcomes = tuple(map(_outcome, data.pop("outcomes")))
        by_question = {name: {of: tuple(v) for of, v in each.items()} for name, each in data.pop("by_question").items()}
        return Run(outcomes, RunInfo(**data.pop("made")), by_question=by_question, **data)
    except OSError as error:
        raise RunUnreadable(f"{path} cannot be read: {error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunUnreadable(f"{path} is no saved run ({type(error).__name__}: {error}).") from error


def run_file(library: Path, name: str) -> Path:
    """Where a library keeps its run of a name.

    Raises:
        RunUnreadable: the name would not do as that of a file.
    """
    if not _NAME.fullmatch(name):
        raise RunUnreadable(f"{name!r} is no name for a run: take letters, digits, points and dashes.")
    return library / "runs" / f"{name}.json"


def run_names(library: Path) -> list[str]:
    """The names of the runs that a library keeps."""
    return sorted(path.stem for path in (library / "runs").glob("*.json"))


def find_run(library: Path, named: str) -> Run:
    """Read a run by its file, or by its name in a library.

    Raises:
        RunUnreadable: there is neither, or it is no run.
    """
    path = Path(named)
    if path.is_file():
        return load_run(path)
    kept = run_names(library)
    if named not in kept:
        there = f"the library in {library} keeps {', '.join(kept)}" if kept else f"the library in {library} keeps none"
        raise RunUnreadable(f"There is no file {named} and no run of that name: {there}. Save one with `pullquote eval --run`.")
    return load_run(run_file(library, named))


def _outcome(data: dict[str, Any]) -> Outcome:
    question = {
        each.name: _as_tuples(data["question"][each.name]) for each in fields(TestQuestion) if each.name in data["question"]
    }
    as_nouns = {
        "question": TestQuestion(**question),
        "quotes": tuple(map(as_quote, data["quotes"])),
        "around": tuple(Around(**each) for each in data["around"]),
        "passages": tuple(data["passages"]),
    }
    return Outcome(**{**data, **as_nouns})


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value
