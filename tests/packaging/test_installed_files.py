"""What a wheel carries, read from the record of the installation the tests run on."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def installed() -> set[str]:
    return {str(path) for path in distribution("netdesign").files or ()}


def is_editable() -> bool:
    record = distribution("netdesign").read_text("direct_url.json")
    return record is not None and json.loads(record).get("dir_info", {}).get("editable", False)


copied = pytest.mark.skipif(is_editable(), reason="editable installation: nothing is copied")


@copied
@pytest.mark.parametrize("package", ["netdesign", "geodata"])
def test_every_file_of_a_package_is_installed(package: str) -> None:
    kept = {
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept - installed() == set()


@copied
def test_nothing_but_the_two_packages_is_installed() -> None:
    tops = {name.split("/")[0] for name in installed() if not name.startswith("..")}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"netdesign", "geodata"}


def test_the_licences_are_installed() -> None:
    names = {Path(name).name for name in installed()}
    assert {"LICENSE", "THIRD_PARTY.md"} <= names


def test_the_command_points_at_the_command_line() -> None:
    (script,) = [e for e in entry_points(group="console_scripts") if e.dist and e.dist.name == "netdesign"]
    assert (script.name, script.value) == ("netdesign", "netdesign.cli:main")


def test_the_dependencies_are_the_declared_ones() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    required = [text for text in distribution("netdesign").requires or () if "extra ==" not in text]
    assert sorted(text.replace(" ", "") for text in required) == sorted(text.replace(" ", "") for text in declared)
