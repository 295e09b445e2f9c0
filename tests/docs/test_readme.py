"""What the documents show works: Python blocks run, options exist, links lead somewhere."""

from __future__ import annotations

import multiprocessing
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest
from typer.main import get_command

from netdesign.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks" / "README.md"])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(language: str) -> list[tuple[str, str]]:
    """Name and text of every fenced block in a language."""
    return [
        (f"{page.relative_to(ROOT)}:{text[: match.start()].count(chr(10)) + 1}", match[2])
        for page in PAGES
        for text in [page.read_text()]
        for match in FENCED.finditer(text)
        if match[1] == language
    ]


def commands() -> list[str]:
    """Every line of a plain block that calls the program, without the words that explain it."""
    lines = [line for _, text in blocks("") for line in text.splitlines() if line.startswith("netdesign ")]
    return sorted({re.split(r"\s{2,}|\s#", line)[0] for line in lines})


@pytest.fixture(scope="module")
def server() -> Iterator[BaseContext]:
    """Forks processes that have imported what documents import, where there are such."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    forks = multiprocessing.get_context(method)
    forks.set_forkserver_preload(["matplotlib.pyplot", "geopandas", "netdesign.study", "netdesign.location", "geodata"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "Agg")
        yield forks


@pytest.mark.parametrize(("name", "code"), blocks("python"), ids=[name for name, _ in blocks("python")])
def test_python_block_runs(
    name: str, code: str, server: BaseContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "block.py"
    script.write_text(code, "utf-8")
    monkeypatch.chdir(tmp_path)
    process = server.Process(target=runpy.run_path, args=(str(script),), kwargs={"run_name": "__main__"})  # type: ignore[attr-defined]
    process.start()
    process.join(120)
    if process.exitcode is None:
        process.kill()
    if process.exitcode != 0:
        again = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        pytest.fail(f"{name}\n{again.stderr}")


def test_readme_has_a_location_and_a_routing_example() -> None:
    readme = [code for name, code in blocks("python") if name.startswith("README.md")]
    assert any("nd.locate(" in code for code in readme)
    assert any("nd.route(" in code for code in readme)


@pytest.mark.parametrize("line", commands())
def test_command_line_knows_the_command_and_its_options(line: str) -> None:
    words = shlex.split(line)[1:]
    if words[0] == "--version":
        return
    known = get_command(app).commands  # type: ignore[attr-defined]
    assert words[0] in known, f"unknown command {words[0]!r}"
    command = known[words[0]]
    if hasattr(command, "commands"):
        assert words[1] in command.commands, f"unknown command {' '.join(words[:2])!r}"
        command = command.commands[words[1]]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if re.match(r"--?[a-z]", word)} <= options | {"--help"}


def test_tables_of_the_study_page_are_those_of_the_schema() -> None:
    words = runpy.run_path(str(ROOT / "docs" / "tables.py"))
    page = words["PAGE"].read_text()
    assert words["with_tables"](page) == page, "run python docs/tables.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_resolve(page: Path) -> None:
    targets = [target.split("#")[0] for target in LINK.findall(page.read_text()) if "://" not in target]
    missing = [target for target in targets if target and not (page.parent / target).exists()]
    assert not missing
