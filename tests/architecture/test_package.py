"""The package as it is installed: where it comes from, what it offers, what importing it costs."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

import geodata
import netdesign

ROOT = Path(__file__).parents[2]
HEAVY = (
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "scipy",
    "matplotlib",
    "networkx",
    "ortools",
    "pandera",
    "pydantic",
)


def is_editable() -> bool:
    """Whether the installation points at the tree, as PEP 610 records it."""
    record = distribution("netdesign").read_text("direct_url.json")
    return record is not None and json.loads(record).get("dir_info", {}).get("editable", False)


def modules_after(code: str, folder: Path) -> set[str]:
    """What a fresh interpreter has imported after some code, started where there is no tree to import from."""
    report = f"{code}\nimport sys\nsys.stdout.write('\\n' + ' '.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", report], cwd=folder, capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    script = Path(sysconfig.get_path("scripts")) / "netdesign"
    return subprocess.run([script, *words], cwd=folder, capture_output=True, text=True, check=False)


def test_the_compiled_core_is_the_installed_one() -> None:
    core = importlib.import_module("netdesign._native")
    assert core.__file__ is not None
    # Even an editable installation keeps the compiled core in the environment.
    assert Path(core.__file__).is_relative_to(sysconfig.get_path("platlib"))


@pytest.mark.skipif(is_editable(), reason="editable installation: the tree is what is meant to be imported")
@pytest.mark.parametrize("package", [netdesign, geodata], ids=lambda package: package.__name__)
def test_the_packages_are_the_installed_ones_not_the_tree(package: object) -> None:
    origin = Path(inspect.getfile(package))  # type: ignore[arg-type]
    assert origin.is_relative_to(sysconfig.get_path("platlib")), "start pytest by its script, not as python -m pytest"


@pytest.mark.skipif(is_editable(), reason="editable installation: nothing is copied")
@pytest.mark.parametrize("package", ["netdesign", "geodata"])
def test_the_installed_sources_are_the_present_ones(package: str) -> None:
    installed = Path(sysconfig.get_path("platlib")) / package
    sources = list((ROOT / package).rglob("*.py"))
    assert sources
    stale = [
        str(path.relative_to(ROOT))
        for path in sources
        if not (copy := installed / path.relative_to(ROOT / package)).is_file()
        or copy.read_bytes() != path.read_bytes()
    ]
    assert not stale, "make test installs the present sources first"


def test_one_version() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert declared == version("netdesign") == netdesign.__version__


def test_the_command_knows_its_version(tmp_path: Path) -> None:
    run = command(tmp_path, "--version")
    assert run.returncode == 0
    assert run.stdout.strip() == f"netdesign {version('netdesign')}"


@pytest.mark.parametrize("name", netdesign.__all__)
def test_every_public_name_is_there_and_explained(name: str) -> None:
    thing = getattr(netdesign, name)
    if not isinstance(thing, str):
        assert inspect.getdoc(thing), f"netdesign.{name} has no docstring"


@pytest.mark.parametrize("name", [n for n in netdesign.__all__ if inspect.isclass(getattr(netdesign, n, None))])
def test_every_public_method_is_explained(name: str) -> None:
    kind = getattr(netdesign, name)
    methods = {
        n: m
        for n, m in inspect.getmembers(kind)
        if not n.startswith("_") and (callable(m) or inspect.isdatadescriptor(m))
    }
    ours = {
        n: m
        for n, m in methods.items()
        if any(n in vars(c) for c in kind.__mro__ if c.__module__.startswith("netdesign"))
    }
    # Slots of a dataclass are data descriptors too; its docstring explains the fields.
    fields = getattr(kind, "__dataclass_fields__", {})
    assert not [n for n, m in ours.items() if n not in fields and not inspect.getdoc(m)]


def test_importing_the_package_imports_nothing_heavy(tmp_path: Path) -> None:
    loaded = modules_after("import netdesign", tmp_path)
    assert not loaded & {*HEAVY, "numpy", "typer", "rich", "netdesign._native"}


def test_solving_imports_nothing_heavy(tmp_path: Path) -> None:
    loaded = modules_after("import netdesign as nd\nnd.locate, nd.route", tmp_path)
    assert "netdesign._native" in loaded
    assert not loaded & set(HEAVY)


def test_importing_geodata_imports_nothing_heavy(tmp_path: Path) -> None:
    assert not modules_after("import geodata", tmp_path) & {*HEAVY, "numpy"}


def test_the_help_of_the_command_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "from netdesign.cli import main\nmain(['--help'])"
    assert not modules_after(code, tmp_path) & {*HEAVY, "netdesign._native"}
