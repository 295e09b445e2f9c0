"""What is known of all peers, whatever they solve: their packages, and what is imported before the clock starts."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import location_peers
import routing_peers

import netdesign as nd

Problem = nd.RoutingProblem | nd.LocationProblem
OURS = "netdesign"
ROUTING, LOCATION = routing_peers.PEERS, location_peers.PEERS
PACKAGES = {
    "pyvrp": "pyvrp",
    "ortools": "ortools",
    "vroom": "pyvroom",
    "highs": "scipy",
    "cp-sat": "ortools",
    "spopt": "spopt",
}
MODULES = {
    OURS: ("netdesign.location.solve", "netdesign.routing.solve", "highspy", "scipy.optimize", "scipy.spatial"),
    "pyvrp": ("pyvrp", "pyvrp.stop"),
    "ortools": ("ortools.constraint_solver.pywrapcp", "ortools.constraint_solver.routing_enums_pb2"),
    "vroom": ("vroom",),
    "highs": ("scipy.optimize", "scipy.sparse"),
    "cp-sat": ("ortools.sat.python.cp_model",),
    "spopt": ("pulp", "spopt.locate"),
}


def installed(solver: str) -> str | None:
    """The version of a peer's package, or None."""
    try:
        return version(PACKAGES[solver])
    except PackageNotFoundError:
        return None


def fits(solver: str, problem: Problem) -> bool:
    """Whether the solver is one for this kind of problem."""
    return solver == OURS or solver in (ROUTING if isinstance(problem, nd.RoutingProblem) else LOCATION)
