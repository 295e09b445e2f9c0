"""The package as a whole: light, complete, independent."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import geodata


def test_import_alone_loads_no_heavy_package() -> None:
    heavy = "{'numpy', 'scipy', 'pandas', 'geopandas', 'shapely', 'netdesign'}"
    check = f"import sys, geodata; found = {heavy} & set(sys.modules); assert not found, found"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(geodata.__file__).parents[1])


@pytest.mark.parametrize("name", geodata.__all__)
def test_every_public_name_resolves_and_is_documented(name: str) -> None:
    assert getattr(geodata, name).__doc__
    assert name in dir(geodata)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nowhere'"):
        geodata.nowhere  # noqa: B018


def test_no_module_imports_netdesign() -> None:
    for module in Path(geodata.__file__).parent.rglob("*.py"):
        assert not re.search(r"\b(import|from) netdesign", module.read_text("utf-8"))


def test_errors_are_value_errors() -> None:
    assert issubclass(geodata.GeodataError, ValueError)
