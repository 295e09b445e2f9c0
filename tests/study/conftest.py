"""A study small enough to follow by hand: two segments, three sites around Utrecht and Arnhem."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netdesign.study import Study, StudyRun

CONFIG = """name = "Tiny"
country = "NL"
working_days_per_year = 250
horizon_years = 5
[routing]
iterations = 300
"""
SEGMENTS = """segment,max_hours,make_minutes,material_cost
homes,1.5,6,2
shops,2,0,1
"""
SITES = """site,lon,lat,fixed_year,rent,fixed_open,status,wage,handling
Utrecht,5.12,52.09,20000,5000,10000,candidate,30,0.5
Arnhem,5.91,51.98,18000,2000,0,candidate,24,0.5
Ede,5.66,52.04,60000,0,0,candidate,24,0.5
"""
CUSTOMERS = """customer,segment,lon,lat,buyers,orders_per_buyer,area_km2,drop_kg
Utrecht west,homes,5.08,52.09,9000,1,6,2
Utrecht east,homes,5.16,52.08,7000,1,6,2
Zeist,homes,5.23,52.09,3000,1,8,2
Arnhem north,homes,5.91,52.01,8000,1,7,2
Velp,homes,5.98,51.99,2500,1,5,2
shop one,shops,5.11,52.10,2000,1,0,2
shop two,shops,5.92,51.97,1500,2,0,2
shop three,shops,5.40,52.15,500,1,0,2
"""


def written(folder: Path, **files: str) -> Path:
    """The tiny study in a folder, with some of its files changed."""
    folder.mkdir()
    texts = {"study": CONFIG, "segments": SEGMENTS, "sites": SITES, "customers": CUSTOMERS} | files
    for stem, text in texts.items():
        (folder / f"{stem}{'.toml' if stem == 'study' else '.csv'}").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def write_in() -> Callable[..., Path]:
    """Write the tiny study into a folder, for fixtures that live longer than a test."""
    return written


@pytest.fixture
def write_study(tmp_path: Path) -> Callable[..., Path]:
    """Write the tiny study with some of its files changed; returns its folder."""
    return lambda name="study", **files: written(tmp_path / name, **files)


@pytest.fixture(scope="session")
def write_to() -> Callable[..., Path]:
    """As ``write_study``, into a folder given first."""
    return written


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    """One run of the tiny study as it is, for tests that only look."""
    return Study.read(written(tmp_path_factory.mktemp("done") / "study")).run()


@pytest.fixture
def folder(write_study: Callable[..., Path]) -> Path:
    """The tiny study as it is."""
    return write_study()
