"""What the first use of the package costs, in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

START = {
    "interpreter alone": "pass",
    "import netdesign": "import netdesign",
    "routing door": "import netdesign; netdesign.route",
    "location door": "import netdesign; netdesign.locate",
    "import geodata": "import geodata",
}


@pytest.mark.parametrize("what", START)
def test_start_up(benchmark: Any, what: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", START[what]]
    benchmark.pedantic(lambda: subprocess.run(command, check=True, cwd=tmp_path), rounds=5, warmup_rounds=1)


def test_command_line_help(benchmark: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from netdesign.cli import main; main(['--help'])"]
    run = lambda: subprocess.run(command, check=True, cwd=tmp_path, stdout=subprocess.DEVNULL)  # noqa: E731
    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
