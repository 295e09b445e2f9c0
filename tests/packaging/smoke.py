"""Is this installation whole? Run by .ci/run and the wheels' workflow, in a folder without any of our sources.

Not a test module: it asserts with nothing but the package installed.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np

import geodata
import netdesign as nd


def main() -> None:
    """Import, version, data files, one tiny location and one tiny routing problem, both solved by hand below."""
    for package in (nd, geodata):
        assert Path(package.__file__).is_relative_to(sys.prefix), f"{package.__file__} is not of this environment"
    assert nd.__version__ == version("netdesign")
    for package, name in (("netdesign", "py.typed"), ("geodata", "py.typed"), ("netdesign", "_native.pyi")):
        assert files(package).joinpath(name).is_file(), f"{package}/{name} is missing"

    # Customers at 0, 1 and 10 on a line are their own sites; two open best at 10 and at 0 or 1: one step remains.
    steps = np.abs(np.subtract.outer([0.0, 1.0, 10.0], [0.0, 1.0, 10.0]))
    located = nd.locate(
        nd.LocationProblem.from_cost_matrix(steps, model="p-median", p=2), stop=nd.Stop(time_limit_s=10)
    )
    assert located.objective == 1, located

    # A depot and the other corners of a 3 by 4 rectangle: one vehicle goes round, 3 + 4 + 3 + 4.
    corners = np.array([[0, 0], [3, 0], [3, 4], [0, 4]], dtype=float)
    problem = nd.RoutingProblem.from_arrays(corners, [0, 1, 1, 1], capacity=3)
    routed = nd.route(problem, stop=nd.Stop(time_limit_s=2, max_iterations=200))
    assert routed.objective == 14, routed
    sys.stdout.write(f"netdesign {nd.__version__} in {sys.prefix} works\n")


if __name__ == "__main__":
    main()
