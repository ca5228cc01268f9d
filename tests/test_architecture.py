"""Imports point one way, none in a circle, and the heavy ones wait until they are needed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT

MAY_KNOW = {"embeddings": {"embeddings"}, "qa": {"embeddings", "qa"}, "ui": {"embeddings", "qa", "ui"}}
NOT_ALLOWED_ELSEWHERE = {
    "sqlite3": {
        *(
            "qa/library/writes.py",
            "qa/library/journal.py",
            "qa/library/journal_file.py",
            "qa/library/metadata.py",
            "qa/library/library.py",
            "qa/library/snapshot.py",
            "qa/library/schema.py",
            "qa/library/trash.py",
        ),
    },
    "tantivy": {"qa/library/bm25_index.py"},
    "faiss": {"embeddings/index/flat_index.py", "embeddings/index/ivf_training.py", "embeddings/index/ivf_index.py"},
}
LONGEST_FILE = 300  # lines
FILES = sorted(path for package in MAY_KNOW for path in (ROOT / package).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def imports(node: ast.AST, *, functions_too: bool) -> Iterator[str]:
    """Dotted names that are imported, `from a import b` as `a` and `a.b`; those for type checkers alone left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not functions_too:
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative import"
            yield str(child.module)
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        yield from imports(child, functions_too=functions_too)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_there_are_files_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(MAY_KNOW)
    assert {"qa.assistant", "embeddings.index.vector_index", "ui", "qa"} <= set(MODULES)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_point_one_way_even_inside_functions(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imports(parsed(path), functions_too=True)} & {
        *MAY_KNOW,
        "tests",
        "benchmarks",
        "training",
    }
    assert ours <= MAY_KNOW[room]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_storage_rooms_know_of_sqlite_tantivy_and_faiss(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    known = {found.split(".")[0] for found in imports(parsed(path), functions_too=True)}
    assert {tool for tool, rooms in NOT_ALLOWED_ELSEWHERE.items() if tool in known and name not in rooms} == set()


def test_no_two_files_import_each_other_in_a_circle() -> None:
    graph = {}
    for name, path in MODULES.items():
        found = {each for each in imports(parsed(path), functions_too=False) if each in MODULES}
        # `from qa import boilerplate` needs that module, and not what else the folder imports
        graph[name] = {each for each in found if not any(other.startswith(each + ".") for other in found)} - {name}
    try:
        assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' -> '.join(circle.args[1])}")


def test_a_circle_would_be_noticed() -> None:
    with pytest.raises(CycleError):
        list(TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
    code = "import a\nfrom b import c\ndef f():\n    import d\nif TYPE_CHECKING:\n    import e\nclass G:\n    import g\n"
    assert list(imports(ast.parse(code), functions_too=False)) == ["a", "b", "b.c", "g"]
    assert list(imports(ast.parse(code), functions_too=True)) == ["a", "b", "b.c", "d", "g"]


@pytest.mark.parametrize(
    "statement",
    [
        "import qa",
        "import embeddings",
        "import ui",
        "import qa.assistant, qa.library.library, qa.library.indexes, qa.sources.formats.plain",
    ],
)
def test_importing_loads_none_of_the_heavy_libraries(statement: str) -> None:
    heavy = (
        "torch",
        "sentence_transformers",
        "transformers",
        "gradio",
        "faiss",
        "charset_normalizer",
        "openvino",
        "fastapi",
        "matplotlib",
    )
    code = f"{statement}\nimport sys\nprint([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_file_is_too_long_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_file_begins_with_what_it_is(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), "no docstring"


def test_nothing_is_ever_unpickled_and_no_foreign_code_trusted() -> None:
    for path in FILES:
        names = {name.split(".")[0] for name in imports(parsed(path), functions_too=True)}
        assert not names & {"pickle", "marshal", "shelve", "dill", "joblib"}, path
        assert "trust_remote_code=True" not in path.read_text(), path
        assert "allow_pickle=True" not in path.read_text(), path
