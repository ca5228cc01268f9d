"""What produced a run: the questions, the library, the models, the settings, the versions and the machine."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import qa
from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion, fingerprint
from qa.search.reader.loading import sha256_of

_PACKAGES = ("pullquote", "faiss-cpu", "ir-measures", "numpy", "openvino", "sentence-transformers", "tantivy", "torch")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """Everything that produced a run, so that it can be repeated, or so that one can tell why it cannot."""

    date: str  # ISO 8601 in UTC, when the first question was asked
    seconds: float  # from then to the last answer
    questions_sha256: str  # of the questions as parsed, not of their file
    n_questions: int
    library: str  # its id
    generation: int  # of the library
    encoder: str
    encoder_sha256: str
    reader: str  # its name, or "none"
    reader_sha256: str | None
    k: int  # quotes per answer, at most
    depth: int  # passages ranked
    settings: dict[str, Any] = field(hash=False)  # by name, as in `Settings`
    versions: dict[str, str] = field(hash=False)  # of Python, Pullquote and the libraries that search
    commit: str | None  # of the checkout, with "-dirty" if files were changed; None without a checkout
    machine: str
    cores: int  # available to the process
    calibration: str | None = None  # SHA-256 of the calibration that was applied


def collect_run_info(assistant: Assistant, questions: Sequence[TestQuestion], k: int, depth: int) -> RunInfo:
    """Describe a run that is about to begin. Its `seconds` are 0 until it is done."""
    with assistant.library.snapshot() as snapshot:
        library, generation = snapshot.meta("id"), snapshot.generation
        encoder, encoder_sha256 = snapshot.meta("model_name"), snapshot.meta("model_sha256")
        calibration = assistant.applied_calibration(snapshot)
    return RunInfo(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=0.0,
        questions_sha256=fingerprint(questions),
        n_questions=len(questions),
        library=library,
        generation=generation,
        encoder=encoder,
        encoder_sha256=encoder_sha256,
        reader=assistant.reader_name,
        reader_sha256=sha256_of(assistant.reader_name),
        k=k,
        depth=depth,
        settings=json.loads(json.dumps(asdict(assistant.settings))),
        versions=_versions(),
        commit=_commit(Path(qa.__file__).parent.parent),
        machine=" ".join(part for part in (platform.platform(), platform.processor()) if part),
        calibration=calibration.sha256 if calibration else None,
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    )


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # OpenVINO is not built for every machine
            continue
    return versions


def _commit(folder: Path) -> str | None:
    """Return the commit of the checkout in `folder`, with "-dirty" if files were changed since."""
    git = shutil.which("git")
    if git is None or not (folder / ".git").exists():
        return None
    command = [git, "-C", str(folder), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 - fixed arguments
    except (OSError, subprocess.SubprocessError):  # the checkout is damaged or owned by another user
        return None
    return result.stdout.strip() or None
