"""The notebook of the guide is run, cell by cell, as it stands. It shows what it says it shows.

A kernel of Jupyter would be a heavy dependency for this: a cell is Python, and its last expression is what is shown.
"""

import ast
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SEEDS

NOTEBOOK = ROOT / "docs" / "guide" / "notebook.ipynb"
SHOWN = (  # what each cell of code shows
    *("added", "<mark>", "confidence", "No sentence found that answers this.", "airlift", "characters 0 to"),
    *("Quotes and refusals", "B − A", "question"),
)


def run_cell(code: str, names: dict[str, Any]) -> Any:
    """Run a cell as a notebook does, and return the value of its last expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(NOTEBOOK), "exec"), names)
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names) if isinstance(last, ast.Expr) else None


@pytest.mark.slow
def test_every_cell_runs_and_shows_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded_encoder: None) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in cells] == [[]] * len(SHOWN)  # saved without results
    names: dict[str, Any] = {}
    for cell, shown in zip(cells, SHOWN, strict=True):
        value = run_cell("".join(cell["source"]), names)
        assert shown in value._repr_html_(), cell["source"]
