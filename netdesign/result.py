"""One result for every solver, exact or heuristic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from netdesign.errors import InfeasibleError
from netdesign.stop import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SolutionT = TypeVar("SolutionT")

Status = Literal["optimal", "feasible", "infeasible", "no_solution"]
Reason = Literal["gap", "time_limit", "iteration_limit", "no_improvement", "target", "interrupted", "infeasible"]

OPTIMALITY_TOLERANCE = 1e-8
"""A bound within this relative distance of the objective proves optimality."""


@dataclass(frozen=True)
class Unserved:
    """A customer that cannot be served, and why, in words a planner understands.

    Attributes
    ----------
    customer
        Its id.
    reasons
        Why nobody can serve it.
    radius
        Location: the smallest radius within which somebody could, where a radius is the reason.
    """

    customer: int | str
    reasons: tuple[str, ...]
    radius: float | None = None


@dataclass(frozen=True)
class Termination:
    """Why the run ended: the reason, the limit that was met, and what else is worth knowing."""

    reason: Reason
    limit: float | None = None
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Certificate:
    """Multipliers of a location problem, and the bound that they prove without any search.

    Attributes
    ----------
    bound
        What they prove; :func:`netdesign.location.verify` recomputes it.
    customer_price
        Shape (customers,): what every customer pays for being served, all of its weight together; of a p-center its
        share in what sites have to reach together; of a maximum capture the share at which its tangent touches.
    capacity_price
        What a unit of capacity earns, where sites have capacities: of the row that open sites can carry the demand.
    budget_price
        What a unit of a budget costs: of the row that open sites keep to it.
    share_price
        What a unit of weight earns that is covered: of the row that a share of it has to be.
    near_sets
        Of a p-dispersion: sets of sites near each other, each with a weight and the sites by number.
    """

    bound: float
    customer_price: NDArray[np.float64]
    capacity_price: float = 0.0
    budget_price: float = 0.0
    share_price: float = 0.0
    near_sets: tuple[tuple[float, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class Result(Generic[SolutionT]):
    """What a solver found and how sure it is.

    Attributes
    ----------
    solution
        The incumbent, or None where there is none.
    objective
        Its objective, recomputed by the independent check; None without a solution.
    bound
        A proven bound on the optimum: from below when minimizing; None where none is known.
    termination
        Why the run ended.
    trace
        Improvements of incumbent and bound over time.
    seconds, iterations, seed
        Wall time of the solver, iterations of its main loop, and the seed it ran with.
    unserved
        For an infeasible problem: the customers that cannot be served, with reasons.
    statistics
        Improvements of the plan that were accepted, by the operator that found them; empty where none are counted.
    relaxation
        For an infeasible location problem: by field, where it is known, the value next to the one given with which
        there may be a solution, all else being equal; for `capacity` and `min_throughput` a factor on
        all of them.
    certificate
        For location, where the bound began with multipliers: these, and the bound that they prove alone. `bound` is
        better where a tree or an integer program went on from there.
    """

    solution: SolutionT | None
    objective: float | None
    bound: float | None
    termination: Termination
    trace: tuple[Progress, ...]
    seconds: float
    iterations: int
    seed: int
    unserved: tuple[Unserved, ...] = field(default=())
    statistics: Mapping[str, int] = field(default_factory=dict)
    relaxation: Mapping[str, float] = field(default_factory=dict)
    certificate: Certificate | None = None

    @property
    def certified_bound(self) -> float | None:
        """The bound that the certificate proves, or None where there is none."""
        return None if self.certificate is None else self.certificate.bound

    @property
    def gap(self) -> float | None:
        """Relative gap ``|objective - bound| / |objective|``, or None where it is not defined."""
        if self.objective is None or self.bound is None:
            return None
        if self.objective == self.bound:
            return 0.0
        return abs(self.objective - self.bound) / abs(self.objective) if self.objective else None

    @property
    def status(self) -> Status:
        """``optimal`` only where the bound proves it; ``infeasible`` only where that is proven."""
        if self.termination.reason == "infeasible":
            return "infeasible"
        if self.solution is None:
            return "no_solution"
        return "optimal" if self.gap is not None and self.gap <= OPTIMALITY_TOLERANCE else "feasible"

    def best(self) -> SolutionT:
        """The solution, or an error that says why there is none."""
        if self.solution is not None:
            return self.solution
        named = "; ".join(f"{u.customer}: {', '.join(u.reasons)}" for u in self.unserved[:5])
        why = self.termination.detail or self.termination.reason
        raise InfeasibleError(f"there is no solution ({self.status}: {why}) {named}".strip())
