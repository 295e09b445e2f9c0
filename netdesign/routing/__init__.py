"""Vehicle routing: a frozen problem in, a checked plan out."""

from netdesign.routing.check import check
from netdesign.routing.problem import RoutingProblem
from netdesign.routing.solution import Route, RoutingSolution, Schedule
from netdesign.routing.solve import route
from netdesign.routing.travel import MatrixTravel, PlanarTravel, SparseTravel, SphereTravel, Travel
from netdesign.routing.vehicle_type import VehicleType

__all__ = [
    "MatrixTravel",
    "PlanarTravel",
    "Route",
    "RoutingProblem",
    "RoutingSolution",
    "Schedule",
    "SparseTravel",
    "SphereTravel",
    "Travel",
    "VehicleType",
    "check",
    "route",
]
