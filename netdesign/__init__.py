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
    "verify": "netdesign.location",
    "MatrixTravel": "netdesign.routing",
    "PlanarTravel": "netdesign.routing",
    "Route": "netdesign.routing",
    "RoutingProblem": "netdesign.routing",
    "RoutingSolution": "netdesign.routing",
    "SparseTravel": "netdesign.routing",
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
    from netdesign.errors import InfeasibleError as InfeasibleError
    from netdesign.errors import InputError as InputError
    from netdesign.errors import NetdesignError as NetdesignError
    from netdesign.location import CostMatrix as CostMatrix
    from netdesign.location import LocationProblem as LocationProblem
    from netdesign.location import LocationSolution as LocationSolution
    from netdesign.location import PlanarCosts as PlanarCosts
    from netdesign.location import SparseCosts as SparseCosts
    from netdesign.location import SphereCosts as SphereCosts
    from netdesign.location import locate as locate
    from netdesign.location import verify as verify
    from netdesign.result import Result as Result
    from netdesign.routing import MatrixTravel as MatrixTravel
    from netdesign.routing import PlanarTravel as PlanarTravel
    from netdesign.routing import Route as Route
    from netdesign.routing import RoutingProblem as RoutingProblem
    from netdesign.routing import RoutingSolution as RoutingSolution
    from netdesign.routing import SparseTravel as SparseTravel
    from netdesign.routing import SphereTravel as SphereTravel
    from netdesign.routing import VehicleType as VehicleType
    from netdesign.routing import route as route
    from netdesign.stop import Progress as Progress
    from netdesign.stop import Stop as Stop
    from netdesign.study import Study as Study

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
