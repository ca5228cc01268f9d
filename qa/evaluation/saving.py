"""Runs as JSON files, sealed with a checksum. A file holds the outcomes; figures are computed anew when it is read."""

import json
import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from embeddings.atomic_write import write_atomically
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.metrics.outcomes import Outcome, QuoteContext
from qa.evaluation.run import Run
from qa.evaluation.run_info import RunInfo
from qa.library.layout import RUN, RUNS
from qa.library.sealed_json import SealBroken, seal, unseal
from qa.types.articles import quote_from_dict
from qa.types.errors import RunUnreadable

SCHEMA = 2
_UNSEALED = 1  # the schema before runs had a checksum
_NAME = re.compile(r"[A-Za-z0-9_][\w.+=-]*", re.ASCII)


def save_run(run: Run, path: Path) -> None:
    """Write a run to a file atomically, and create its folder if needed.

    Raises:
        RunUnreadable: the file cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, seal(SCHEMA, RUN, asdict(run)))
    except OSError as error:
        raise RunUnreadable(f"The run cannot be saved as {path}: {error}.") from error


def load_run(path: Path) -> Run:
    """Read a run that `save_run` wrote. It equals the one that was saved.

    Raises:
        RunUnreadable: the file cannot be read, is not as it was saved, or is of another Pullquote.
    """
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
        if file["schema"] not in (SCHEMA, _UNSEALED):
            raise RunUnreadable(f"{path} is a run of another Pullquote: this one reads schema {SCHEMA}.")
        is_sealed = file["schema"] != _UNSEALED
        data = unseal(file, RUN) if is_sealed else {name: file[name] for name in file if name != "schema"}
        outcomes = tuple(map(_to_outcome, data.pop("outcomes")))
        by_question = {
            baseline: {measure: tuple(values) for measure, values in scores.items()}
            for baseline, scores in data.pop("by_question").items()
        }
        return Run(outcomes, RunInfo(**data.pop("made")), by_question=by_question, **data)
    except OSError as error:
        raise RunUnreadable(f"{path} cannot be read: {error}.") from error
    except SealBroken as error:
        raise RunUnreadable(f"{path} is damaged: {error}. Restore it from a backup, or measure again.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunUnreadable(f"{path} is not a saved run ({type(error).__name__}: {error}).") from error


def run_file(library: Path, name: str) -> Path:
    """Return the file that a library keeps a run in.

    Raises:
        RunUnreadable: the name has characters that a file name should not have.
    """
    if not _NAME.fullmatch(name):
        raise RunUnreadable(f"{name!r} is no name for a run: take letters, digits, points and dashes.")
    return library / RUNS / f"{name}.json"


def run_names(library: Path) -> list[str]:
    """Return the sorted names of the runs that a library keeps.

    Raises:
        RunUnreadable: their folder cannot be read.
    """
    try:
        return sorted(path.stem for path in (library / RUNS).glob("*.json"))
    except OSError as error:
        raise RunUnreadable(f"The runs in {library / RUNS} cannot be listed: {error}.") from error


def find_run(library: Path, named: str) -> Run:
    """Read a run, given its file or its name in a library.

    Raises:
        RunUnreadable: there is neither, or it does not hold a run.
    """
    path = Path(named)
    if path.is_file():
        return load_run(path)
    names = run_names(library)
    if named not in names:
        available = f"the library in {library} keeps {', '.join(names) or 'none'}"
        raise RunUnreadable(
            f"There is no file {named} and no run of that name: {available}. Save one with `pullquote eval --run`."
        )
    return load_run(run_file(library, named))


def _to_outcome(data: dict[str, Any]) -> Outcome:
    saved = data["question"]
    question = {field.name: _to_tuple(saved[field.name]) for field in fields(TestQuestion) if field.name in saved}
    parsed = {
        "question": TestQuestion(**question),
        "quotes": tuple(map(quote_from_dict, data["quotes"])),
        "around": tuple(QuoteContext(**context) for context in data["around"]),
        "passages": tuple(data["passages"]),
        "closest": quote_from_dict(data["closest"]) if data.get("closest") else None,
    }
    return Outcome(**{**data, **parsed})


def _to_tuple(value: Any) -> Any:
    """Turn lists into tuples, which JSON does not have."""
    return tuple(map(_to_tuple, value)) if isinstance(value, list) else value
