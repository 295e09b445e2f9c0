"""Where a figure comes from: machine, versions, compiled core."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import peers

import netdesign as nd

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"


def machine() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )


def version_of(solver: str) -> str:
    """The package's version, if it is there; for ours also the commit, marked where the tree differs, and the core."""
    if solver != peers.OURS:
        return peers.installed(solver) or "not installed"
    # An editable install compiles only when told to: the core may be older than the commit.
    spec = find_spec("netdesign._native")
    assert spec is not None
    assert spec.origin is not None
    core = "core-" + hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()[:8]
    try:
        commit = _git("log", "-1", "--format=%h", "--", ":/cpp", ":/netdesign", ":/geodata")
        edited = _git("status", "--porcelain", "--", ":/cpp", ":/netdesign", ":/geodata")
    except (OSError, subprocess.CalledProcessError):
        return f"{nd.__version__}+{core}"
    return f"{nd.__version__}+{commit}{'.edited' if edited else ''}.{core}"


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()


def say(line: str) -> None:
    """One line of progress, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
