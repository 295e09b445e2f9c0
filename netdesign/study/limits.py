"""The cheapest network that keeps limits on amounts, with a certified bound.

Amounts get prices. At prices w the network of least ``cost + w (amount - limit)`` is found, and its bound proves that
no network within the limits costs less (Geoffrion, "Lagrangean relaxation for integer programming", Mathematical
Programming Study 2, 1974). The best prices are those of Kelley's cutting planes ("The cutting-plane method for solving
convex programs", Journal of SIAM 8, 1960): the most that the networks found so far leave open. What lies between the
bound and the best network within the limits is searched by an integer program, see
:mod:`netdesign.study.limit_program`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from netdesign.location.program import Entries, Program, solve_program, sparse
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study.case import Floats, SegmentCase
from netdesign.study.contracts import Purchase
from netdesign.study.limit_program import between
from netdesign.study.limit_space import Space, space_of
from netdesign.study.network import PROVEN, Member, Network
from netdesign.study.network_search import check_reach, design_network, search
from netdesign.study.store import CUT_SHORT

ROUNDS: Final = 12
"""Prices that are tried, at most."""

STEEPEST: Final = 4.0
"""The highest price at first: at it the amount of the cheapest network is worth so many times its cost."""

SMALL: Final = 1e-3
"""Share of the largest amount there could be below which an amount counts as so much where prices are scaled."""

STEEPER: Final = 8.0
"""How much higher it becomes where that is too little."""


def ask_network(
    members: Sequence[Member],
    stop: Stop,
    pool: Executor,
    *,
    seed: int,
    planned: Sequence[Purchase] | None = None,
) -> Future[Network]:
    """Have :func:`design_within` done by a pool."""
    return pool.submit(design_within, [m.bare for m in members], stop, seed=seed, planned=planned)


def searches_of(case: SegmentCase) -> int:
    """How many searches one network of a segment may take."""
    limits = [case.co2_limit, *(vehicle.count for vehicle in case.fleet or (case.vehicle,))]
    return ROUNDS + 1 if any(map(math.isfinite, limits)) else 1


def design_at(members: Sequence[Member], prices: Sequence[float], stop: Stop, *, seed: int) -> Network:
    """The network of least cost where what is limited has a price instead, which its objective and bound hold."""
    space = space_of(members)
    found = search(space.priced(prices), stop, seed=seed)
    plan = space.network(space.plan_of(found), found.termination)
    return replace(found, limits=plan.limits)


def design_within(
    members: Sequence[Member], stop: Stop, *, seed: int, planned: Sequence[Purchase] | None = None
) -> Network:
    """The cheapest network that keeps the limits of its members, or one that is beyond them as little as possible.

    Parameters
    ----------
    members, planned
        As for :func:`netdesign.study.network_search.design_network`, which does the work where nothing is limited.
    stop, seed
        Limits and seed of each search; there are at most :data:`ROUNDS`, and an integer program.
    """
    if not any(m.limited for m in members):
        return design_network(members, stop, seed=seed, planned=planned)
    space = space_of([m.bare for m in members], merged=len(members) == 1, planned=planned)
    check_reach(space.choices)
    met = Met([], np.zeros(len(space.most)), math.inf)
    if all(kept.reachable for kept in space.named):
        met = _dual(space, stop, seed)
    return _best(space, met, stop, seed)


def design_between(
    members: Sequence[Member], prices: Sequence[float], known: Network, stop: Stop, *, seed: int
) -> Network:
    """The same from prices that are good ones, and a network within the limits."""
    space = space_of(members)
    plan = space.network(space.plan_of(known), known.termination)
    return _best(space, Met([plan], np.asarray(prices, float), -math.inf), stop, seed)


@dataclass(frozen=True, eq=False)
class Met:
    """Networks that a search met, the prices of the best bound, and this: on cost and what is missed."""

    networks: list[Network]
    prices: Floats
    bound: float


def _dual(space: Space, stop: Stop, seed: int) -> Met:
    """Prices with the best bound, by cutting planes."""
    met: list[Network] = []
    best, bound = np.zeros(len(space.most)), -math.inf
    prices, steepest, unit = best, STEEPEST, best
    tried: list[Floats] = []
    for _ in range(ROUNDS):
        found = search(space.priced(prices), stop, seed=seed)
        met.append(space.network(space.plan_of(found), found.termination))
        tried.append(prices)
        if found.bound is not None:
            value = found.bound + found.missed - float(prices @ space.most)
            best, bound = (prices, value) if value > bound else (best, bound)
        if len(met) == 1:
            if space.keeps(met[0]):
                break
            weighed = abs(met[0].objective) + met[0].missed or 1.0
            unit = weighed / np.maximum(np.maximum(space.amounts(met[0]), space.most), SMALL * space.largest)
        if found.termination.reason in CUT_SHORT:
            break
        prices, most = _next_prices(space, met, steepest * unit)
        while (prices >= steepest * unit * (1 - 1e-9)).any() and any(np.allclose(prices, p) for p in tried):
            steepest *= STEEPER
            prices, most = _next_prices(space, met, steepest * unit)
        close = max(stop.gap / 4, 1e-9) * max(1.0, abs(most))
        if most - bound <= close or any(np.allclose(prices, p, rtol=1e-12) for p in tried):
            break
    return Met(met, best, bound)


def _next_prices(space: Space, met: Sequence[Network], most: Floats) -> tuple[Floats, float]:
    """The prices, up to some, at which the networks that were met leave the best bound open, and that bound."""
    count = len(most)
    scale = abs(met[0].objective) + met[0].missed or 1.0
    excess = np.array([(space.amounts(n) - space.most) * most for n in met]) / scale
    rows = np.arange(len(met))
    entries: list[Entries] = [(1.0, rows, np.zeros(len(met), int))]
    entries += [(-excess[:, k], rows, np.full(len(met), k + 1)) for k in range(count)]
    program = Program(
        cost=np.r_[-1.0, np.zeros(count)],
        lower=np.r_[-np.inf, np.zeros(count)],
        upper=np.r_[np.inf, np.ones(count)],
        integer=np.zeros(count + 1, bool),
        rows=sparse(entries, len(met), count + 1),
        row_lower=np.full(len(met), -np.inf),
        row_upper=np.array([n.objective + n.missed for n in met]) / scale,
    )
    answer = solve_program(program, seconds=math.inf)
    if answer.values is None:
        return np.zeros(count), math.inf
    return np.clip(answer.values[1:], 0.0, 1.0) * most, float(answer.values[0]) * scale


def _best(space: Space, met: Met, stop: Stop, seed: int) -> Network:
    """The best network within the limits that was met, or lies between it and the bound."""
    bound = met.bound
    networks = [*met.networks, *space.least()]
    kept = [n for n in networks if space.keeps(n)]
    best = min(kept, key=_weighed) if kept else None
    ended = [n.termination for n in met.networks if n.termination.reason in CUT_SHORT]
    weighed = math.inf if best is None else _weighed(best)
    if bound < math.inf and (best is None or weighed - bound > max(stop.gap, PROVEN) * max(1.0, abs(weighed))):
        found = between(space, met.prices, best, stop, seed)
        bound = max(bound, found.bound)
        networks += found.networks
        ended += [t for t in (found.termination,) if t.reason in CUT_SHORT]
        kept = [n for n in networks if space.keeps(n)]
    if not kept:
        least = min(networks, key=lambda n: (space.excess(n), _weighed(n)))
        return replace(least, bound=None, status="feasible", termination=next(iter(ended), least.termination))
    best = min(kept, key=_weighed)
    proven = None if math.isinf(bound) else min(bound - best.missed, best.objective)
    priced = tuple(replace(k, price=float(p)) for k, p in zip(best.limits, met.prices, strict=True))
    best = replace(best, bound=proven, limits=priced, termination=next(iter(ended), Termination("gap")))
    return replace(best, status="optimal" if best.proves(PROVEN) else "feasible")


def _weighed(network: Network) -> float:
    """What a search weighs: what is paid, and what is missed."""
    return network.objective + network.missed
