"""What makes a run: the questions, the library, the models, the settings, the versions and the machine."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import qa
from qa.assistant import Assistant
from qa.evaluation.datasets.questions import TestQuestion
from qa.evaluation.outcomes import RunInfo
from qa.search.reader.loading import sha256_of

_FINDING = ("pullquote", "faiss-cpu", "ir-measures", "numpy", "openvino", "sentence-transformers", "tantivy", "torch")


def what_makes(assistant: Assistant, questions: Sequence[TestQuestion], k: int, depth: int) -> RunInfo:
    """Note what a run is about to be made of, now; its seconds are 0 until it is done."""
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


def fingerprint(questions: Sequence[TestQuestion]) -> str:
    """SHA-256 of test questions in their order, however their file is written."""
    said = json.dumps([asdict(question) for question in questions], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _FINDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # OpenVINO is not built for every machine
            continue
    return found


def _commit(folder: Path) -> str | None:
    """The commit of the checkout that a folder is the root of, with "-dirty" where it was changed since."""
    git = shutil.which("git")
    if git is None or not (folder / ".git").exists():
        return None
    command = [git, "-C", str(folder), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 - nothing is put in
    except (OSError, subprocess.SubprocessError):  # a checkout of somebody else's, or damaged
        return None
    return told.stdout.strip() or None
