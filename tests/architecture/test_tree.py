"""The tree itself: the compiled core's layers, names of modules, what no file may say."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CPP = ROOT / "cpp"
LAYERS = {"base": set(), "location": {"base"}, "routing": {"base"}}
"""Which other folders a folder of the C++ core may know."""

DATA = {".csv", ".geojson", ".gz", ".jsonl", ".png", ".sol", ".vrp", ".xz", ".zip"}
"""Endings of files that hold data, not words of ours."""

# Put together here so that this file does not say them either. Each begins with a letter or a slash: that is fast.
FOLDERS = "|".join(["work", "tmp", "home", "root", "Users", "opt", "mnt"])
ELSEWHERE = [
    re.compile(r"/(?<![\w.>})*-]/)(?:" + FOLDERS + r")/\w"),
    re.compile("pypi" + r"\.org"),
    re.compile("python" + r"hosted\.org"),
    re.compile("anaconda" + r"\.org"),
    re.compile("index-" + "url"),
    re.compile("find-" + "links"),
]


def tracked() -> list[Path]:
    """Files under version control, or, in an unpacked archive, whatever is not built or cached."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    skipped = {"build", "dist", ".git", ".venv", "__pycache__"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not skipped & set(p.relative_to(ROOT).parts)]


def sources(folder: str) -> list[Path]:
    return sorted([*(CPP / folder).rglob("*.hpp"), *(CPP / folder).rglob("*.cpp")])


def includes(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line):
            yield found[1]


def test_the_core_has_the_folders_this_file_knows() -> None:
    folders = {path.name for path in CPP.iterdir() if path.is_dir()}
    assert folders == {*LAYERS, "bindings", "tests"}, "give a new folder its place in LAYERS and in cpp/CMakeLists.txt"


@pytest.mark.parametrize("folder", LAYERS)
def test_a_folder_of_the_core_includes_what_lies_below_it_only(folder: str) -> None:
    others = {*LAYERS, "bindings", "tests"} - LAYERS[folder] - {folder}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(folder)
        for name in includes(path)
        if name.split("/")[0] in others or ".." in name
    ]
    assert sources(folder)
    assert not found


@pytest.mark.parametrize("folder", LAYERS)
def test_a_target_of_the_core_links_what_lies_below_it_only(folder: str) -> None:
    text = (CPP / "CMakeLists.txt").read_text(encoding="utf-8")
    (links,) = re.findall(rf"^netdesign_library\({folder}\b([^)]*)\)", text, flags=re.MULTILINE)
    assert {name.removeprefix("netdesign_") for name in links.split()} == LAYERS[folder]


def test_only_the_bindings_know_python() -> None:
    python = re.compile(r"nanobind|Python\.h|pybind|\bPy[A-Z_]\w*\(|PyObject")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in (*LAYERS, "tests")
        for path in sources(folder)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if python.search(line)
    ]
    assert not found


def test_the_module_file_of_the_bindings_only_calls() -> None:
    assert len((CPP / "bindings" / "module.cpp").read_text(encoding="utf-8").splitlines()) <= 30


@pytest.mark.parametrize("folder", LAYERS)
def test_a_folder_of_the_core_is_a_namespace(folder: str) -> None:
    spaces = re.compile(rf"^namespace netdesign::{folder}\b", flags=re.MULTILINE)
    assert not [str(p.relative_to(ROOT)) for p in sources(folder) if not spaces.search(p.read_text(encoding="utf-8"))]


def test_no_module_is_named_after_nothing_in_particular() -> None:
    vague = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
    found = [
        p for p in tracked() if vague & {part.split(".")[0].strip("_").lower() for part in p.relative_to(ROOT).parts}
    ]
    assert not found, "name it after what it holds"


def test_no_file_points_outside_the_project() -> None:
    found = []
    for path in tracked():
        if path.suffix.lower() in DATA:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for said in (match for pattern in ELSEWHERE for match in pattern.finditer(text)):
            found.append(f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, said.start()) + 1}: {said[0]}")
    assert not found
