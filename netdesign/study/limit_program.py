"""What lies between a bound and the best network within limits: an integer program over the pairs that are left.

At good prices the multipliers of the location problem say what a pair of customer and candidate costs beyond the bound
at least; where that exceeds the best network it is in none that is better. What is left is solved with the limits as
rows: whole machines are whole, safety stock is the least of its lines, and so the bound holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netdesign.location import locate
from netdesign.location.program import Answer, Program, Rows, solve_program, sparse, stacked
from netdesign.result import Termination
from netdesign.stop import Progress, Stop
from netdesign.study.case import Floats
from netdesign.study.limit_space import Plan, Space
from netdesign.study.machines import Pairs, in_parts
from netdesign.study.make import Process
from netdesign.study.network import PROVEN, Network, made_of
from netdesign.study.network_search import Choices
from netdesign.study.stock import in_lines
from netdesign.study.store import CUT_SHORT
from netdesign.study.workers import monitor

WHOLE: Final = 10_000
"""Pairs up to which all that are left are searched."""

KERNEL: Final = 3
"""So many for each customer are searched otherwise, those that cost least beyond the bound, and nothing is proven."""

NODES: Final = 2_000
"""Of the tree of the integer program, at most; of a kernel's the root alone."""

COARSE: Final = 2e-3
"""Gap that is close enough in a kernel."""

LIMIT: Final = 1000.0
"""What limits are scaled to, so that the tolerance of the solver is far below any of them."""


@dataclass(frozen=True, eq=False)
class Between:
    """Networks that were found, the bound on cost and what is missed, and why the search ended."""

    networks: list[Network]
    bound: float
    termination: Termination


@dataclass(frozen=True, eq=False)
class Left:
    """Pairs that a better network may have.

    Attributes
    ----------
    pairs
        Candidates, one for each line of their safety stock.
    candidate
        Of each of these: which one it is.
    vehicle, customer, column
        Of each pair that is left.
    stock
        What an order of it adds to the safety stock.
    whole
        Whether all others are excluded.
    """

    pairs: Pairs
    candidate: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    customer: NDArray[np.int64]
    column: NDArray[np.int64]
    stock: Floats
    whole: bool


def between(space: Space, prices: Floats, best: Network | None, stop: Stop, seed: int) -> Between:
    """Search what lies between the bound at some prices and the best network within the limits."""
    most = math.inf if best is None else best.objective + best.missed
    left, bound, ended = _left(space, prices, best, stop, seed)
    close = best is not None and most - bound <= max(stop.gap, PROVEN) * max(1.0, abs(most))
    if close or ended.reason in CUT_SHORT:
        return Between([], bound, ended)
    nodes = NODES if left.whole else 1
    limits = replace(stop, gap=max(stop.gap / 4, 1e-9) if left.whole else max(stop.gap, COARSE))
    answer = solved(_program(space, left), nodes, limits, seed)
    outside = space.choices.outside + space.choices.rest
    proven = math.inf if answer.status == "infeasible" else answer.bound + outside
    if left.whole:
        bound = max(bound, min(most, proven))
    ended = ended_by(answer, nodes)
    if answer.values is None:
        return Between([], bound, ended)
    taken = answer.values[-len(left.column) :] > 0.5
    rows = np.argsort(left.customer[taken], kind="stable")
    plan = Plan(left.candidate[left.column[taken]][rows], left.vehicle[taken][rows])
    return Between([space.network(plan, ended)], bound, ended)


def _left(space: Space, prices: Floats, best: Network | None, stop: Stop, seed: int) -> tuple[Left, float, Termination]:
    """The pairs that no multipliers exclude, the bound that these prove, and why their search ended."""
    choices = space.priced(prices)
    pairs, columns, relaxed = _relaxations(choices, best)
    extra = np.tensordot(prices, space.amount, axes=1)[:, :, columns]
    priced = space.cost[:, :, columns] + extra
    outside = choices.outside + choices.rest - float(prices @ space.most)
    most = math.inf if best is None else best.objective + best.missed
    beyond, bound, ended = np.full(priced.shape, -math.inf), -math.inf, Termination("gap")
    for other in relaxed:
        result = locate(other.problem(), stop=stop, seed=seed, progress=monitor())
        ended = result.termination
        paid = np.zeros(len(other.orders)) if result.certificate is None else result.certificate.customer_price
        cost = other.orders[:, None] * other.cost
        rise = other.fixed - np.maximum(paid[:, None] - cost, 0.0).sum(axis=0)
        value = math.fsum(paid) + math.fsum(np.minimum(rise, 0.0)) + outside
        bound = max(bound, value, -math.inf if result.bound is None else result.bound + outside)
        with np.errstate(invalid="ignore"):
            added = np.where(np.isfinite(other.cost), other.cost - choices.pairs.cost[:, columns], 0.0)
        more = np.maximum(other.orders[:, None] * (priced + added) - paid[:, None], 0.0) + np.maximum(rise, 0.0)
        beyond = np.maximum(beyond, more - (0.0 if best is None else most - value))
    room = np.isfinite(beyond) if best is None else beyond <= 1e-9 * max(1.0, abs(most))
    whole = int(room.sum()) <= WHOLE
    vehicle, customer, column = np.nonzero(room if whole else _kernel(beyond))
    candidate = np.asarray(columns)
    plain = choices.pairs.cost[customer, candidate[column]]
    left = Left(pairs, candidate, vehicle, customer, column, pairs.cost[customer, column] - plain, whole)
    return left, bound, ended


def _kernel(beyond: Floats) -> NDArray[np.bool_]:
    """The pairs that cost least beyond the bound, and for each customer the least of its own."""
    room = np.zeros(beyond.shape, bool)
    room.flat[np.argsort(beyond, axis=None, kind="stable")[: KERNEL * beyond.shape[1]]] = True
    vehicle, column = np.divmod(beyond.transpose(1, 0, 2).reshape(beyond.shape[1], -1).argmin(axis=1), beyond.shape[2])
    room[vehicle, np.arange(len(column)), column] = True
    return room


def _relaxations(choices: Choices, best: Network | None) -> tuple[Pairs, list[int], list[Pairs]]:
    """Candidates by lines of their stock, which one each is, and location problems that no network is below."""
    made, units = choices.made, list[float]()
    if best is not None and len(choices.members) == 1:
        (member,), (at,) = choices.members, best.assignments
        units = [made_of(member, at == k)[1] for k in range(len(best.nodes))]
    pairs, columns = in_lines(choices.pairs, made, units)
    of = [made[k] for k in columns if k < len(made)]
    limited = any(math.isfinite(together[0].capacity_h) for together in made)
    return pairs, columns, [pairs, in_parts(pairs, of)] if limited else [pairs]


def solved(program: Program, most_nodes: int, stop: Stop, seed: int) -> Answer:
    """What HiGHS finds with so many nodes of its tree at most, and as long as nobody ends the run."""
    heard = monitor()

    def goes_on(objective: float, bound: float, nodes: int) -> bool:
        return heard is None or heard(Progress(0.0, nodes, objective, bound)) is not False

    seconds = stop.time_limit_s
    return solve_program(program, seconds=seconds, seed=seed, gap=stop.gap, most_nodes=most_nodes, watch=goes_on)


def ended_by(answer: Answer, most_nodes: int) -> Termination:
    """Why it ended."""
    if answer.status != "stopped":
        return Termination("gap")
    return Termination("iteration_limit" if answer.nodes >= most_nodes else "time_limit")


def _program(space: Space, left: Left) -> Program:
    """Open candidates, their machines beyond what they make at all, and who serves whom: in this order."""
    pairs, choices = left.pairs, space.choices
    used, at = np.unique(left.column, return_inverse=True)
    candidates = left.candidate[used]
    bought, x = len(used), 2 * len(used)
    width, orders = x + len(left.column), pairs.orders[left.customer]
    here = left.vehicle, left.customer, left.candidate[left.column]
    price, limited = _machines(choices, candidates)
    cost = np.r_[pairs.fixed[used] - price, price, orders * (space.cost[here] + left.stock)]
    columns = np.arange(x, width)
    both, pair = np.unique(np.stack([left.customer, at]), axis=1, return_inverse=True)
    ones = np.arange(len(used))
    parts = [
        Rows(sparse([(1.0, left.customer, columns)], len(pairs.orders), width), 1.0, 1.0),
        Rows(
            sparse([(1.0, pair.ravel(), columns), (-1.0, np.arange(both.shape[1]), both[1])], both.shape[1], width),
            -np.inf,
            0.0,
        ),
        Rows(sparse([(1.0, ones, ones), (-1.0, ones, bought + ones)], len(used), width), -np.inf, 0.0),
    ]
    for amount, most in zip(space.amount, space.most, strict=True):
        scale = LIMIT / most if most > 0 else 1.0
        values = amount[here] * orders * scale
        parts.append(Rows(sparse([(values, np.zeros(len(columns), int), columns)], 1, width), -np.inf, most * scale))
    if space.merged:
        sites = [choices.candidates[k].site if k < len(choices.candidates) else -1 for k in candidates]
        of = np.flatnonzero(np.array(sites) >= 0)
        _, at_site = np.unique(np.array(sites)[of], return_inverse=True)
        parts.append(Rows(sparse([(1.0, at_site, of)], len(of), width), -np.inf, 1.0))
    if limited.any():
        parts.append(_running(choices, left, at, candidates, width))
    return Program(
        cost=cost,
        lower=np.zeros(width),
        upper=np.r_[np.ones(bought), np.where(limited, np.inf, 1.0), np.ones(len(columns))],
        integer=np.ones(width, bool),
        **stacked(parts),
    )


def _machines(choices: Choices, candidates: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
    """Of each candidate the price of a machine, and whether one has a limit; nothing where it has none."""
    firsts = [choices.made[k][0] if k < len(choices.made) else Process("") for k in candidates]
    limited = np.array([math.isfinite(p.capacity_h) for p in firsts])
    return np.where(limited, [p.equipment for p in firsts], 0.0), limited


def _running(choices: Choices, left: Left, at: NDArray[np.int64], candidates: NDArray[np.int64], width: int) -> Rows:
    """Whole machines run as long as what is made takes: shares of one machine's hours."""
    made, bought = choices.made, len(candidates)
    hours = np.ones(len(candidates))
    setup = np.zeros(len(candidates))
    own = np.zeros((len(candidates), len(choices.members), 2))
    for row, k in enumerate(candidates):
        if k < len(made) and math.isfinite(made[k][0].capacity_h):
            hours[row] = made[k][0].capacity_h
            setup[row] = sum(p.setup_h for p in made[k])
            own[row] = [(p.order_h, p.unit_h) for p in made[k]]
    each = own[at, choices.pairs.member[left.customer]]
    units, orders = choices.pairs.units[left.customer], choices.pairs.orders[left.customer]
    run = (each[:, 0] + each[:, 1] * units) * orders / hours[at]
    ones = np.arange(len(candidates))
    entries = [
        (run, at, np.arange(2 * bought, width)),
        (setup / hours, ones, ones),
        (-np.ones(len(candidates)), ones, bought + ones),
    ]
    return Rows(sparse(entries, len(candidates), width), -np.inf, 0.0)
