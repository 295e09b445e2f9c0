"""Questions around a location problem: how many sites, and what it is worth to force one in or out.

Each answer is an interval, from the bound of one run and the solution of another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from netdesign.errors import InputError
from netdesign.location.certificate import prove_each, rounded
from netdesign.location.models import MAXIMIZED, MOST_COVERED, WITH_P, WITH_P_AT_WILL
from netdesign.location.problem import LocationProblem
from netdesign.location.site_rules import are_ruled
from netdesign.location.solution import LocationSolution
from netdesign.location.solve import DEFAULT_STOP, locate
from netdesign.location.start import takes_start
from netdesign.result import Result
from netdesign.stop import Stop

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Sweep:
    """The objective over the number of open sites.

    Attributes
    ----------
    problem
        The problem; its `p` does not matter.
    p
        Numbers of open sites, ascending.
    results
        The result for each of them. Where sites cost nothing, bounds and objectives of neighbours hold too: one more
        site is never worse.
    """

    problem: LocationProblem
    p: tuple[int, ...]
    results: tuple[Result[LocationSolution], ...]

    def to_frame(self) -> pd.DataFrame:
        """One row per number of sites: p, status, objective, bound, gap."""
        import pandas as pd

        facts = [(r.status, r.objective, r.bound, r.gap) for r in self.results]
        frame = pd.DataFrame(facts, columns=["status", "objective", "bound", "gap"])
        frame.insert(0, "p", list(self.p))
        return frame

    def envelope(self) -> pd.DataFrame:
        """One row for every possible number of sites from the least to the most: p, objective and bound, solved or not.

        Multipliers of one number prove a bound for all others. Objectives are those found, and where one more site
        costs nothing and does no harm, those of fewer sites; nan where none is known. O(customers x sites) time per
        result.
        """
        import pandas as pd

        least, most = int(self.problem.forced.sum()), int(self.problem.usable.sum())
        numbers = range(max(self.p[0], least), min(self.p[-1], most) + 1)
        problems = [self.problem.replace(p=k) for k in numbers]
        sign = -1.0 if self.problem.model in MAXIMIZED else 1.0
        objective, bound = np.full(len(numbers), math.inf), np.full(len(numbers), -math.inf)
        for k, result in zip(self.p, self.results, strict=True):
            if result.objective is not None:
                objective[k - numbers.start] = sign * result.objective
            if result.bound is not None:
                bound[k - numbers.start] = sign * result.bound
            if result.certificate is not None:
                proven = zip(problems, prove_each(problems, result.certificate), strict=True)
                bound = np.maximum(bound, [sign * rounded(problem, value) for problem, value in proven])
        if _costs_nothing(self.problem):
            objective, bound = np.minimum.accumulate(objective), np.maximum.accumulate(bound[::-1])[::-1]
        frame = pd.DataFrame({"p": list(numbers), "objective": sign * objective, "bound": sign * bound})
        return frame.replace([math.inf, -math.inf], math.nan)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the objective over the number of sites, and the band between it and the bound."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(8, 5))
        frame = self.to_frame().dropna(subset=["objective"])
        bound = frame["bound"].fillna(frame["objective"])
        ax.fill_between(frame["p"], bound, frame["objective"], color="#56b4e9", alpha=0.4, label="not decided")
        ax.plot(frame["p"], frame["objective"], color="#0072b2", marker="o", markersize=4, label="best found")
        ax.set_xlabel("open sites")
        ax.set_ylabel("weight covered" if self.problem.model in MOST_COVERED else "objective")
        ax.set_ylim(bottom=0)
        ax.legend(frameon=False)
        return ax


def sweep(problem: LocationProblem, p: Iterable[int], *, stop: Stop = DEFAULT_STOP, **arguments: Any) -> Sweep:
    """Solve a problem for several numbers of open sites.

    Parameters
    ----------
    problem
        Of a model with `p`.
    p
        Numbers of open sites.
    stop
        Limits of every single run.
    **arguments
        Of :func:`netdesign.locate`; `start` is for the first run, each begins from the one before where it can.

    Raises
    ------
    InputError
        If the model has no `p`, or none or a wrong one is given.
    """
    if problem.model not in (*WITH_P, *WITH_P_AT_WILL):
        models = ", ".join((*WITH_P, *WITH_P_AT_WILL))
        raise InputError("model", problem.model, f"one of {models}", advice="A sweep is over p.")
    numbers = tuple(sorted(set(p)))
    if not numbers:
        raise InputError("p", [], "at least one number of sites")
    results: list[Result[LocationSolution]] = []
    start = arguments.pop("start", None)
    for k in numbers:
        start = results[-1] if results and takes_start(problem) else start
        results.append(locate(problem.replace(p=k), stop=stop, start=start, **arguments))
    if _costs_nothing(problem):
        results = _share_bounds(results, -1 if problem.model in MAXIMIZED else 1)
    return Sweep(problem.replace(p=numbers[0]), numbers, tuple(results))


def _costs_nothing(problem: LocationProblem) -> bool:
    """Whether one more site can always be opened, costs nothing and does no harm."""
    if problem.model not in WITH_P or problem.model == "p-dispersion" or are_ruled(problem):
        return False
    return not problem.fixed_costs.any()


def _share_bounds(results: list[Result[LocationSolution]], sign: int) -> list[Result[LocationSolution]]:
    """With more sites the optimum is no worse: the bound of a larger number bounds the smaller ones."""
    best, shared = -math.inf, []
    for result in reversed(results):
        if result.status == "infeasible":
            shared.append(result)
            continue
        best = max(best, -math.inf if result.bound is None else sign * result.bound)
        shared.append(replace(result, bound=sign * best) if math.isfinite(best) else result)
    return shared[::-1]


@dataclass(frozen=True)
class SitePrice:
    """What it costs more, or covers less, to force a site.

    Attributes
    ----------
    site
        Its id.
    forced
        The status that it is given: ``open`` or ``closed``.
    least, most
        The optimum gets worse by at least and at most so much; infinite where there is no solution any more.
    """

    site: int | str
    forced: str
    least: float
    most: float


def price_sites(
    problem: LocationProblem,
    result: Result[LocationSolution],
    sites: Iterable[int | str] | None = None,
    *,
    stop: Stop = DEFAULT_STOP,
    **arguments: Any,
) -> list[SitePrice]:
    """Force single sites into the state that they do not have in a solution: open ones closed, others open.

    Parameters
    ----------
    problem, result
        A problem, and a result for it with a solution and a bound.
    sites
        Ids; all open candidates where left out.
    stop
        Limits of the run for one site.
    **arguments
        Of :func:`netdesign.locate`.

    Raises
    ------
    InputError
        If a site is unknown or has no choice, or the result has no solution.
    """
    solution = result.best()
    status = np.asarray(problem.status)
    opened = np.isin(np.arange(problem.n_sites), solution.open)
    if sites is None:
        chosen = np.flatnonzero(opened & (status == "candidate")).tolist()
    else:
        chosen = [_index(problem, name) for name in sites]
    sign = -1 if problem.model in MAXIMIZED else 1
    now, bound = (
        sign * (result.objective or 0.0),
        sign * (result.bound if result.bound is not None else -sign * math.inf),
    )
    prices = []
    for j in chosen:
        if status[j] != "candidate":
            raise InputError("sites", problem.sites[j], "candidates", where=f"its status is {status[j]}")
        forced = "closed" if opened[j] else "open"
        changed = status.copy()
        changed[j] = forced
        start = result if takes_start(problem) else None
        other = locate(problem.replace(status=changed), stop=stop, start=start, **arguments)
        if other.status == "infeasible":
            prices.append(SitePrice(problem.sites[j], forced, math.inf, math.inf))
            continue
        least = 0.0 if other.bound is None else max(0.0, sign * other.bound - now)
        most = math.inf if other.objective is None else max(least, sign * other.objective - bound)
        prices.append(SitePrice(problem.sites[j], forced, least, most))
    return prices


def _index(problem: LocationProblem, name: int | str) -> int:
    if name not in problem.sites:
        raise InputError("sites", name, "ids of sites of the problem")
    return problem.sites.index(name)
