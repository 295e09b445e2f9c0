"""The core's tree where it knows all that matters about a location problem with capacities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from netdesign.location.capacitated_core import Branching
from netdesign.location.capacitated_search import CapacitatedSearch
from netdesign.result import Reason
from netdesign.stop import Progress


def branch(search: CapacitatedSearch, branching: Branching) -> Reason:
    """Branch from what the dual proves; the search learns what is found."""
    ended: Reason | None = "interrupted" if search.dual.reason == "interrupted" else search.why_ended()
    if ended is not None:
        return ended
    limit, before, seconds = search.stop.max_iterations, search.iterations, search.seconds()
    left = None if limit is None else limit - before

    def since(now: Progress) -> Progress:
        bound = min(max(search.bound, now.bound), now.objective)
        return Progress(seconds + now.seconds, before + now.iterations, now.objective, bound)

    def tell(now: Progress) -> object:
        assert search.progress is not None
        return search.progress(since(now))

    found = branching(
        search.problem,
        search.dual,
        objective=search.objective,
        integral=search.integral,
        stop=replace(search.stop, time_limit_s=search.seconds_left(), max_iterations=left),
        seed=search.seed,
        threads=search.threads,
        progress=None if search.progress is None else tell,
    )
    search.iterations = before + found.iterations
    search.trace += map(since, found.trace)
    if len(found.customers):
        m = search.problem.n_sites
        listed = search.owner * m + search.dual.sites
        order = listed.argsort(kind="stable")
        pairs = order[np.searchsorted(listed, found.customers.astype(np.int64) * m + found.sites, sorter=order)]
        search.take(np.unique(found.sites).astype(np.intp), pairs, found.shares)
    search.raise_bound(found.bound)
    if found.exhausted:
        return "infeasible" if search.flows is None else "gap"
    return found.reason
