"""Location with capacities: a site carries no more than it can.

The Lagrangian dual of the core bounds the optimum and says what every site and every pair adds to the bound where it
is used (Cornuejols, Sridharan and Thizy, "A comparison of heuristics and relaxations for the capacitated plant
location problem", European Journal of Operational Research 50, 1991). Where sites have no rules the core's tree goes on
from there, else integer programs do.
"""

from __future__ import annotations

import math
from contextlib import suppress

from netdesign.location.capacitated_core import Bounding, Branching, tree_knows
from netdesign.location.capacitated_kernels import KernelSearch
from netdesign.location.capacitated_search import CapacitatedSearch
from netdesign.location.capacitated_tree import branch
from netdesign.location.problem import LocationProblem
from netdesign.location.run import Run
from netdesign.location.start import NOWHERE, Beginning
from netdesign.result import Reason
from netdesign.stop import Monitor, Stop


def solve_capacitated(
    problem: LocationProblem,
    *,
    bounding: Bounding,
    branching: Branching,
    stop: Stop,
    seed: int,
    threads: int,
    progress: Monitor | None,
    begin: Beginning = NOWHERE,
) -> Run:
    """Solve a location problem with capacities; an iteration is a step of the dual or a node of a tree."""
    search = CapacitatedSearch(problem, stop, seed, threads, progress)
    reason: Reason = "interrupted"
    with suppress(KeyboardInterrupt):
        reason = _run(search, bounding, branching, begin)
    if reason == "interrupted" and search.flows is None and search.bound > -math.inf:
        with suppress(KeyboardInterrupt):  # the signal came while the first solution was made
            search.construct(begin.sites)
    return search.outcome(reason)


def _run(search: CapacitatedSearch, bounding: Bounding, branching: Branching, begin: Beginning) -> Reason:
    """The dual, then the tree where it knows everything, else programs."""
    problem, stop = search.problem, search.stop
    rule = Stop(time_limit_s=0.3 * stop.time_limit_s, max_iterations=stop.max_iterations)
    search.learn(bounding(problem, rule, search.progress, begin.multipliers(problem.weights)))
    search.construct(begin.sites)
    if search.dual.reason == "interrupted" or tree_knows(problem, search.dual):
        return branch(search, branching)
    return KernelSearch(search).run()
