"""netdesign: network design and last-mile routing for micro supply chains.

    import netdesign as nd

    result = nd.locate(nd.LocationProblem.from_cost_matrix(cost, model="p-median", p=5))
    plan = nd.route(nd.RoutingProblem.from_arrays(xy, demand, capacity=200))
    nd.Study.read("examples/netherlands").run()

Names are loaded when they are first used: importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "CostMatrix": "netdesign.location",
    "LocationProblem": "netdesign.location",
    "LocationSolution": "netdesign.location",
    "PlanarCosts": "netdesign.location",
    "SparseCosts": "netdesign.location",
    "SphereCosts": "netdesign.location",
    "locate": "netdesign.location",
    "MatrixTravel": "netdesign.routing",
    "PlanarTravel": "netdesign.routing",
    "Route": "netdesign.routing",
    "RoutingProblem": "netdesign.routing",
    "RoutingSolution": "netdesign.routing",
    "SphereTravel": "netdesign.routing",
    "VehicleType": "netdesign.routing",
    "route": "netdesign.routing",
    "InfeasibleError": "netdesign.errors",
    "InputError": "netdesign.errors",
    "NetdesignError": "netdesign.errors",
    "Progress": "netdesign.stop",
    "Result": "netdesign.result",
    "Stop": "netdesign.stop",
    "Study": "netdesign.study",
}

__all__ = ["__version__", *_HOMES]

if TYPE_CHECKING:
    from netdesign.errors import InfeasibleError, InputError, NetdesignError
    from netdesign.location import CostMatrix, LocationProblem, LocationSolution, PlanarCosts, SparseCosts, SphereCosts, locate
    from netdesign.result import Result
    from netdesign.routing import (
        MatrixTravel,
        PlanarTravel,
        Route,
        RoutingProblem,
        RoutingSolution,
        SphereTravel,
        VehicleType,
        route,
    )
    from netdesign.stop import Progress, Stop
    from netdesign.study import Study

    __version__: str


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("netdesign")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'netdesign' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
