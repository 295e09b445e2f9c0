"""Facility location: a frozen problem in, a checked solution with a proven bound out."""

from netdesign.location.check import check
from netdesign.location.costs import CostMatrix, PlanarCosts, SparseCosts, SphereCosts
from netdesign.location.greenfield import Snapped, greenfield, snap
from netdesign.location.problem import LocationProblem
from netdesign.location.solution import Flows, LocationSolution
from netdesign.location.solve import locate
from netdesign.location.start import Start
from netdesign.location.verification import Verification, fingerprint, verify
from netdesign.location.weber import GreenfieldProblem, GreenfieldSolution, check_greenfield
from netdesign.location.what_if import SitePrice, Sweep, price_sites, sweep

__all__ = [
    "CostMatrix",
    "Flows",
    "GreenfieldProblem",
    "GreenfieldSolution",
    "LocationProblem",
    "LocationSolution",
    "PlanarCosts",
    "SitePrice",
    "Snapped",
    "SparseCosts",
    "SphereCosts",
    "Start",
    "Sweep",
    "Verification",
    "check",
    "check_greenfield",
    "fingerprint",
    "greenfield",
    "locate",
    "price_sites",
    "snap",
    "sweep",
    "verify",
]
