"""Shared fixtures: one real encoder, tiny models, and a library of the three seed articles."""

import math
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["HF_HUB_OFFLINE"] = "1"  # tests must not use the network
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# A cache of its own, which the workers of a run share: every run converts each model once and reuses no earlier conversion.
os.environ["PULLQUOTE_CACHE"] = os.environ.get("PULLQUOTE_TESTS_CACHE") or tempfile.mkdtemp(prefix="pullquote-tests-")
os.environ["PULLQUOTE_TESTS_CACHE"] = os.environ["PULLQUOTE_CACHE"]  # inherited by the workers
os.environ["PULLQUOTE_CONFIG"] = os.environ["PULLQUOTE_CACHE"] + "-config"  # with the key of what is converted

import pytest
from hypothesis import HealthCheck, settings
from support import tiny
from support.loops import run_alone

from embeddings import DEFAULT_MODEL, Encoder, ModelFiles
from qa import Assistant, Settings
from ui.cli import main as cli

if TYPE_CHECKING:
    from support.site import Site

Run = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

settings.register_profile(
    "here", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("here")


def pytest_unconfigure() -> None:
    """Delete the run's conversions after its last worker ended."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ["PULLQUOTE_CACHE"], ignore_errors=True)
        shutil.rmtree(os.environ["PULLQUOTE_CONFIG"], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that open the page in Chromium, and tests that load the default encoder."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "browser" in names:
            item.add_marker("browser")
        if {"encoder", "seed_assistant"} & set(names):
            item.add_marker("model")


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """Load the default encoder."""
    return Encoder.load(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a mean-pooling model with random weights. It encodes in milliseconds."""
    return tiny.build(tmp_path_factory.mktemp("mean"))


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a model with other weights and another dimension than `tiny_model`."""
    return tiny.build(tmp_path_factory.mktemp("other"), dimension=48, seed=7)


@pytest.fixture(scope="session")
def tiny_encoder(tiny_model: Path) -> Encoder:
    return Encoder.load(str(tiny_model))


@pytest.fixture(scope="session")
def seed_assistant(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Assistant:
    """Open a library of the seed articles with the default model. Tests must not change it."""
    assistant = Assistant.open(tmp_path_factory.mktemp("seeds") / "library")
    assistant._encoder = encoder
    report = assistant.add(SEEDS)
    assert (len(report.added), report.failed) == (3, ())
    return assistant


@pytest.fixture
def opened(tmp_path: Path, tiny_model: Path, tiny_encoder: Encoder) -> Callable[..., Assistant]:
    """Return a function that opens a library with the tiny model, by default in `tmp_path`. It quotes at any confidence."""

    def open_library(folder: Path | None = None) -> Assistant:
        every = Settings(least_confidence=0, furthest_below=math.inf, least_further=0)
        assistant = Assistant.open(folder or tmp_path / "library", model=str(tiny_model), reader="none", settings=every)
        assistant._encoder = tiny_encoder
        return assistant

    return open_library


@pytest.fixture
def assistant(opened: Callable[..., Assistant]) -> Assistant:
    """Open an empty library with the tiny model."""
    return opened()


@pytest.fixture
def library(tmp_path: Path, seed_assistant: Assistant) -> Path:
    """Return the folder of a copy of the seeds' library. Tests may change it."""
    return Path(shutil.copytree(seed_assistant.library.folder, tmp_path / "library"))


@pytest.fixture
def loaded_encoder(monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    """Let all that loads the default model share the one that is loaded, as commands in processes of their own cannot."""
    load = Encoder.load

    def loaded(files: ModelFiles | str, *, device: str | None = None) -> Encoder:
        return encoder if device is None and files in (DEFAULT_MODEL, encoder.files) else load(files, device=device)

    monkeypatch.setattr(Encoder, "load", loaded)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: Path, loaded_encoder: None) -> Run:
    """Return a function that runs `pullquote` with arguments and returns the exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pullquote", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    monkeypatch.setenv("PULLQUOTE_LIBRARY", str(library))
    return call


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """Return a folder that every user can read and enter, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def site() -> "Iterator[Callable[..., Site]]":
    """Return a function that builds the page of a library, with the options of `build_app`."""
    from starlette.testclient import TestClient
    from support.site import Site

    from ui.server.app import build_app

    with ExitStack() as stack:

        def build(assistant: Assistant, **options: Any) -> Site:
            async def in_a_loop() -> Any:  # as when it is served
                return build_app(assistant, hosts=["testserver"], **options)

            app = run_alone(in_a_loop())
            return Site(app, stack.enter_context(TestClient(app, base_url="http://testserver")))

        yield build
