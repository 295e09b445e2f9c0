"""The judge of a result: does the solution cost what it says, and do the multipliers prove the bound they claim.

Problem, solution, multipliers and NumPy; nothing of the solver, its lists or its search.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from netdesign.errors import CheckError
from netdesign.location.certificate import CERTIFIED, prove, rounded
from netdesign.location.check import check
from netdesign.location.models import MAXIMIZED
from netdesign.location.problem import LocationProblem
from netdesign.location.solution import LocationSolution
from netdesign.result import Certificate, Result

TOLERANCE = 1e-9
"""Relative: what a claim may miss by rounding; for a bound relative to all prices, which it is a difference of."""
FOR_MAPS = ("customer_lonlat", "site_lonlat")
"""Fields that do not define a problem."""


@dataclass(frozen=True)
class Verification:
    """What was recomputed, and what of the claims does not hold.

    Attributes
    ----------
    objective
        Of the solution; None where there is none, or it breaks a rule.
    certified_bound
        What the multipliers prove; None where there are none.
    faults
        One sentence for every claim that does not hold.
    """

    objective: float | None
    certified_bound: float | None
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every claim does."""
        return not self.faults


def verify(problem: LocationProblem, result: Result[LocationSolution]) -> Verification:
    """Recompute the objective and the certified bound of a result.

    O(customers x sites) time, O(customers + sites) memory; with lists O(pairs listed).
    What a tree or an integer program added to the certified bound is not looked at, beyond that no bound may be better
    than the objective.

    Parameters
    ----------
    problem
        The problem.
    result
        What :func:`netdesign.locate` or a file says of it.
    """
    solution = result.solution
    if (
        solution is not None
        and solution.problem is not problem
        and fingerprint(solution.problem) != fingerprint(problem)
    ):
        return Verification(None, None, ("the result belongs to another problem",))
    sign = -1.0 if problem.model in MAXIMIZED else 1.0
    faults: list[str] = []
    objective = bound = None
    if solution is not None:
        try:
            objective = check(problem, solution)
        except CheckError as error:
            faults.append(f"the solution breaks a rule: {error}")
    if objective is not None and not abs(_value(result.objective) - objective) <= _slack(objective):
        faults.append(f"the objective is {objective:.15g}, not {_number(result.objective)}")
    if result.certificate is not None:
        wrong = _malformed(problem, result.certificate)
        if wrong is not None:
            return Verification(objective, None, (*faults, wrong))
        bound = rounded(problem, prove(problem, result.certificate))
        claimed = result.certificate.bound
        prices = math.fsum(np.abs(result.certificate.customer_price))
        if not sign * claimed <= sign * bound + _slack(max(abs(bound), prices)):
            faults.append(f"the multipliers prove a bound of {bound:.15g}, not {_number(claimed)}")
    limit = math.inf if objective is None else sign * objective + _slack(objective)
    if result.bound is not None and not sign * result.bound <= limit:
        faults.append(f"the bound of {result.bound:.15g} is refuted by the solution, which has {objective:.15g}")
    return Verification(objective, bound, tuple(faults))


def fingerprint(problem: LocationProblem) -> str:
    """A hash of all that defines a problem; coordinates for maps, and what is left out, do not count."""
    digest = hashlib.sha256()
    for part in _parts(problem):
        digest.update(part)
    return "sha256:" + digest.hexdigest()


def _parts(what: Any) -> Iterator[bytes]:
    yield type(what).__name__.encode()
    for one in fields(what):
        value = getattr(what, one.name)
        if value is None or (isinstance(what, LocationProblem) and one.name in FOR_MAPS):
            continue
        yield f"|{one.name}=".encode()
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
            yield f"{value.dtype.str}{value.shape}".encode()
            yield np.ascontiguousarray(value).tobytes()
        elif one.name == "costs":
            yield from _parts(value)
        else:
            yield repr(value.tolist() if isinstance(value, np.ndarray) else value).encode()


def _malformed(problem: LocationProblem, certificate: Certificate) -> str | None:
    """Why these cannot be multipliers of the problem."""
    if problem.model not in CERTIFIED:
        return f"a bound of the model {problem.model} cannot be proven by multipliers"
    price = certificate.customer_price
    if price.shape != (problem.n_customers,):
        return f"{len(price)} customers pay a price, the problem has {problem.n_customers}"
    of_rows = certificate.capacity_price, certificate.budget_price, certificate.share_price
    if not np.isfinite(np.r_[price, of_rows]).all() or min(of_rows) < 0:
        return "a multiplier is no finite number, or a price of capacity, budget or share is negative"
    for weight, sites in certificate.near_sets:
        if not (math.isfinite(weight) and weight >= 0 and all(0 <= j < problem.n_sites for j in sites)):
            return "a set of near sites has no weight >= 0, or a site that the problem has not"
    return None


def _slack(value: float) -> float:
    return TOLERANCE * max(abs(value), 1e-3)


def _value(claim: float | None) -> float:
    return math.nan if claim is None else claim


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.15g}"
