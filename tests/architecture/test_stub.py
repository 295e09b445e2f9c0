"""netdesign/_native.pyi tells what the compiled core offers; it is generated, so it can be compared."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

STUB = Path(__file__).parents[2] / "netdesign" / "_native.pyi"


class WithoutTypes(ast.NodeTransformer):
    """Names, arguments and which of them have defaults: what does not depend on how a version writes types."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns, node.body = None, []
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node


def declarations(text: str, *, types: bool) -> list[str]:
    tree = ast.parse(text)
    kept = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AnnAssign)]
    return sorted(ast.dump(node if types else WithoutTypes().visit(node)) for node in kept)


def test_the_stub_of_the_compiled_core_is_current(tmp_path: Path) -> None:
    pytest.importorskip("nanobind", reason="nanobind comes with the test extra")
    words = ["-m", "nanobind.stubgen", "-q", "-m", "netdesign._native", "-o", str(tmp_path / "now.pyi")]
    # Away from the tree: the generator imports from where it is started.
    subprocess.run([sys.executable, *words], cwd=tmp_path, check=True)
    now, committed = (tmp_path / "now.pyi").read_text(encoding="utf-8"), STUB.read_text(encoding="utf-8")
    same_writer = f"nanobind {version('nanobind')} " in committed.splitlines()[0]
    expected = declarations(now, types=same_writer)
    assert expected, "the generator found nothing"
    assert declarations(committed, types=same_writer) == expected, "the bindings changed; run: make stub"
