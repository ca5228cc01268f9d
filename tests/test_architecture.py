"""Each package imports only packages above it, nothing imports in a circle, and heavy libraries load late."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT

# In the order of `docs/design/architecture.md`: a package may import itself and those above it.
PACKAGES = (
    "embeddings",
    "qa.types",
    "qa.text",
    "qa.sources",
    "qa.library",
    "qa.ingest",
    "qa.question",
    "qa.search",
    "qa.answer",
    "qa.journey",
    "qa.assistant",
    "qa.evaluation",
    "qa.frameworks",
    "ui.errors",
    "ui.static",
    "ui.i18n",
    "ui.state",
    "ui.html",
    "ui.page",
    "ui.api",
    "ui.server",
    "ui.cli",
)
ONLY_IN = {"sqlite3": "qa.library", "faiss": "embeddings.index", "tantivy": ("qa.library", "qa.text")}
HEAVY = ("torch", "sentence_transformers", "transformers", "gradio", "faiss", "openvino", "fastapi", "matplotlib")
MOST_FILES = 20  # in one folder


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for top in ("embeddings", "qa", "ui") for path in sorted((ROOT / top).rglob("*.py"))}


def imports(node: ast.AST, *, at_start: bool = False) -> Iterator[str]:
    """Yield the dotted names that code imports, `from a import b` as `a` and `a.b`.

    Args:
        at_start: leave out imports inside functions and those for type checkers.
    """
    for child in ast.iter_child_nodes(node):
        if at_start and isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if at_start and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative import"
            yield str(child.module)
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        yield from imports(child, at_start=at_start)


@cache
def parse(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


@cache
def imported(module: str) -> frozenset[str]:
    return frozenset(imports(parse(module)))


def package_of(module: str) -> str | None:
    return next((each for each in PACKAGES if module == each or module.startswith(f"{each}.")), None)


def inner_modules(names: Iterable[str]) -> set[str]:
    """Keep our own modules: of a package and a module in it, the module."""
    ours = {name for name in names if name in MODULES}
    return {name for name in ours if not any(other.startswith(f"{name}.") for other in ours)}


def check_acyclic(graph: dict[str, set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' -> '.join(circle.args[1])}")


def test_every_module_belongs_to_a_package_of_the_table() -> None:
    assert {name for name in MODULES if package_of(name) is None} == {"qa", "ui"}


def test_each_package_imports_only_packages_above_it() -> None:
    upward = {
        (name, other)
        for name in MODULES
        for other in inner_modules(imported(name))
        if (ours := package_of(name)) and (theirs := package_of(other)) and PACKAGES.index(theirs) > PACKAGES.index(ours)
    }
    assert upward == set()


def test_no_module_imports_in_a_circle() -> None:
    check_acyclic({name: inner_modules(imported(name)) - {name} for name in MODULES})


def test_no_folder_imports_in_a_circle() -> None:
    """An `__init__` is left out: it hands names on, and is its package's face rather than a part of it."""
    folders = {name: str(path.parent.relative_to(ROOT)) for name, path in MODULES.items()}
    graph: dict[str, set[str]] = {folder: set() for folder in folders.values()}
    for name in MODULES:
        if MODULES[name].name != "__init__.py":
            graph[folders[name]] |= {folders[other] for other in inner_modules(imported(name))} - {folders[name]}
    check_acyclic(graph)


def test_a_circle_is_noticed() -> None:
    with pytest.raises(pytest.fail.Exception, match="a circle"):
        check_acyclic({"a": {"b"}, "b": {"a"}})
    code = ast.parse("import a\nfrom b import c\ndef f():\n    import d\nif TYPE_CHECKING:\n    import e\n")
    assert list(imports(code, at_start=True)) == ["a", "b", "b.c"]
    assert list(imports(code)) == ["a", "b", "b.c", "d", "e"]


def test_storage_engines_are_imported_only_where_they_are_at_home() -> None:
    for name in MODULES:
        roots = {each.split(".")[0] for each in imported(name)}
        for engine in roots & ONLY_IN.keys():
            assert name.startswith(ONLY_IN[engine]), f"{name} imports {engine}"


def test_no_folder_holds_more_files_than_one_can_take_in() -> None:
    folders = [path.parent for top in ("embeddings", "qa", "ui") for path in (ROOT / top).rglob("*.*") if path.is_file()]
    counted = Counter(folder for folder in folders if folder.name not in ("__pycache__", "translations"))
    assert {str(folder): n for folder, n in counted.items() if n > MOST_FILES} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement", ["import qa, embeddings, ui", "import qa.assistant, qa.sources.formats.plain", "import ui.cli.main"]
)
def test_importing_loads_no_heavy_library(statement: str) -> None:
    code = f"{statement}\nimport sys\nprint([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"


def test_every_module_begins_with_what_it_is() -> None:
    assert [name for name in MODULES if not ast.get_docstring(parse(name))] == []


def test_nothing_is_unpickled_and_no_foreign_code_trusted() -> None:
    for name, path in MODULES.items():
        roots = {each.split(".")[0] for each in imported(name)}
        assert not roots & {"pickle", "marshal", "shelve", "dill", "joblib"}, name
        assert "trust_remote_code=True" not in path.read_text(), name
        assert "allow_pickle=True" not in path.read_text(), name
