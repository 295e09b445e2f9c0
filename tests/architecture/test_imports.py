"""The rules of direction between Python modules: import-linter's contracts, and what it cannot express."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for package in ("netdesign", "geodata") for path in (ROOT / package).rglob("*.py"))
SOLVERS = [path for path in MODULES if path.parent.name in ("location", "routing", "location_routing")]
CHECKERS = [path for path in SOLVERS if path.name == "check.py"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and absolute name of whatever is imported anywhere below a node."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"line {child.lineno}: imports are absolute here"
            yield from ((child.lineno, f"{child.module}.{alias.name}") for alias in child.names)


def imports_at_import(node: ast.AST) -> Iterator[tuple[int, str]]:
    """As `imports`, without those inside functions and those for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            continue
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield from imports(child)
        else:
            yield from imports_at_import(child)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def is_in(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_the_contracts_of_import_linter_hold() -> None:
    linter = pytest.importorskip("importlinter.cli", reason="import-linter comes with the dev extra; .ci/run has it")
    code = f"from {linter.__name__} import lint_imports; raise SystemExit(lint_imports(cache_dir=None))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_marshal_of_a_domain_imports_the_compiled_core(path: Path) -> None:
    found = [f"line {line}" for line, module in imports(tree_of(path)) if is_in(module, "netdesign._native")]
    assert not found or path.name == "_marshal.py", f"netdesign._native is imported in {name_of(path)}: {found}"


def test_every_domain_with_a_solver_has_a_checker() -> None:
    assert {path.parent for path in SOLVERS if path.name == "solve.py"} == {path.parent for path in CHECKERS}


@pytest.mark.parametrize("path", CHECKERS, ids=name_of)
def test_a_checker_imports_problem_solution_errors_and_numpy_only(path: Path) -> None:
    domain = f"netdesign.{path.parent.name}"
    ours = ("netdesign.errors", *(f"{domain}.{name}" for name in ("models", "problem", "solution")))
    allowed = (*ours, "numpy", *sys.stdlib_module_names)
    if domain == "netdesign.location_routing":
        allowed += ("netdesign.location", "netdesign.routing")
    found = [f"line {line}: {module}" for line, module in imports(tree_of(path)) if not is_in(module, *allowed)]
    assert not found


@pytest.mark.parametrize("path", SOLVERS, ids=name_of)
def test_a_solver_imports_no_tables_and_no_pictures_until_asked(path: Path) -> None:
    heavy = ("pandas", "geopandas", "shapely", "pyproj", "matplotlib", "networkx", "ortools", "pyogrio")
    found = [f"line {line}: {module}" for line, module in imports_at_import(tree_of(path)) if is_in(module, *heavy)]
    assert not found, "import it inside the function that needs it"


@pytest.mark.parametrize("path", SOLVERS, ids=name_of)
def test_a_solver_neither_reads_nor_writes_nor_draws_global_random_numbers(path: Path) -> None:
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("print", "open", "input") or is_in(called, "sys.stdout", "sys.stderr", "random"):
                found.append(f"line {node.lineno}: {called}")
            if is_in(called, "np.random", "numpy.random") and not called.endswith((".default_rng", ".SeedSequence")):
                found.append(f"line {node.lineno}: {called}")
    assert not found
