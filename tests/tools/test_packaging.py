"""The wheel and the sdist hold what they must, and the wheel answers in an environment that has never seen this folder."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import ROOT, SEEDS

pytestmark = pytest.mark.slow
NEEDED = (
    "embeddings/py.typed",
    "qa/py.typed",
    "qa/search/reader/bundled/reader.safetensors",
    "qa/types/weights.json",
    "ui/i18n/translations/es.po",
    "ui/html/templates/page.html",
    "ui/py.typed",
    "ui/static/base.css",
    "ui/static/events.js",
)


def run(*command: str, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    source = tmp_path_factory.mktemp("source") / "pullquote"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source))
    return folder


def test_the_wheel_holds_the_code_its_data_and_the_licences(built: Path) -> None:
    with ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert set(NEEDED) <= names
    assert {Path(name).name for name in names} >= {"LICENSE", "NOTICE"}
    assert {name.split("/")[0] for name in names if not name.split("/")[0].endswith(".dist-info")} == {"embeddings", "qa", "ui"}


def test_the_sdist_holds_the_data_that_the_code_reads(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {*NEEDED, "LICENSE", "NOTICE", "pyproject.toml"} <= names


def test_the_wheel_answers_a_question_in_a_fresh_environment(built: Path, tmp_path: Path) -> None:
    """The dependencies are lent to it; Pullquote itself comes from the wheel alone."""
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = str(next(home.glob("bin/python" if os.name == "posix" else "Scripts/python.exe")))
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    run(
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        str(next(built.glob("*.whl"))),
    )
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    assert run(python, "-c", "import qa; print(qa.__file__)", cwd=tmp_path).startswith(str(packages))

    def pullquote(*arguments: str) -> str:
        return run(str(Path(python).with_name("pullquote")), *arguments, "--library", str(tmp_path / "library"), cwd=tmp_path)

    pullquote("add", str(SEEDS))
    answer = json.loads(pullquote("ask", "How many North Koreans are hiding in China?", "--json"))
    assert answer["found"]
    articles = [path.read_bytes().decode() for path in SEEDS.glob("*.txt")]
    assert any(answer["quotes"][0]["text"] in article for article in articles)
