"""The documentation names files that exist, links to pages that exist, and README stays short."""

import re
from pathlib import Path

import pytest
from conftest import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "NOTICE",
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
CODE_PATH = re.compile(r"(?<![\w./-])((?:embeddings|qa|ui|tests|benchmarks|training|docs)/[\w/.-]*[\w/])")


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_to_files(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_paths_of_the_project_exist(page: Path) -> None:
    paths = {path.rstrip(".") for path in CODE_PATH.findall(page.read_text("utf-8"))}
    missing = sorted(path for path in paths if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists())
    assert missing == []


def test_readme_can_be_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120
