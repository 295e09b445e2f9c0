"""The programs in benchmarks/quality import each other by name, as when they are run."""

from __future__ import annotations

import sys
from pathlib import Path

QUALITY = Path(__file__).resolve().parents[2] / "benchmarks" / "quality"
sys.path.append(str(QUALITY))
