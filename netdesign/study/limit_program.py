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


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of the program: open candidates, their machines, and who serves whom, in this order.

    Attributes
    ----------
    candidate
        That may be open: shape (candidates,).
    price, limited
        Of a machine of each of them, and whether it has a limit of hours.
    customer, at, here
        Of each pair that is left: the customer, the place of its candidate among them, and where it is in the arrays of
        the space.
    orders
        Of each pair, a year.
    """

    candidate: NDArray[np.int64]
    price: Floats
    limited: NDArray[np.bool_]
    customer: NDArray[np.int64]
    at: NDArray[np.int64]
    here: tuple[NDArray[np.int64], ...]
    orders: Floats

    @property
    def opened(self) -> NDArray[np.int64]:
        """Of every candidate the column that opens it."""
        return np.arange(len(self.candidate))

    @property
    def machines(self) -> NDArray[np.int64]:
        """Of every candidate the column of its machines."""
        return self.opened + len(self.candidate)

    @property
    def pairs(self) -> NDArray[np.int64]:
        """Of every pair the column that takes it."""
        return np.arange(len(self.customer)) + 2 * len(self.candidate)

    @property
    def width(self) -> int:
        """How many there are."""
        return 2 * len(self.candidate) + len(self.customer)


def _program(space: Space, left: Left) -> Program:
    """Least cost of the pairs that are left, within the limits."""
    used, at = np.unique(left.column, return_inverse=True)
    candidate, orders = left.candidate[used], left.pairs.orders[left.customer]
    here = left.vehicle, left.customer, left.candidate[left.column]
    price, limited = _machines(space.choices, candidate)
    columns = Columns(candidate, price, limited, left.customer, at, here, orders)
    rows = [
        *_assignment(columns, len(left.pairs.orders)),
        _one_machine(columns),
        *(
            limit_row(amount[here] * orders, columns.pairs, most, columns.width)
            for amount, most in zip(space.amount, space.most, strict=True)
        ),
        *([_one_workshop(space.choices, columns)] if space.merged else []),
        *([_running(space.choices, columns)] if limited.any() else []),
    ]
    served = np.ones(len(orders))
    return Program(
        cost=np.r_[left.pairs.fixed[used] - price, price, orders * (space.cost[here] + left.stock)],
        lower=np.zeros(columns.width),
        upper=np.r_[np.ones(len(used)), np.where(limited, np.inf, 1.0), served],
        integer=np.ones(columns.width, bool),
        **stacked(rows),
    )


def _machines(choices: Choices, candidates: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
    """Of each candidate the price of a machine, and whether one has a limit; nothing where it has none."""
    firsts = [choices.made[k][0] if k < len(choices.made) else Process("") for k in candidates]
    limited = np.array([math.isfinite(p.capacity_h) for p in firsts])
    return np.where(limited, [p.equipment for p in firsts], 0.0), limited


def _assignment(columns: Columns, customers: int) -> tuple[Rows, Rows]:
    """Every customer is served once, and from a candidate that is open."""
    both, pair = np.unique(np.stack([columns.customer, columns.at]), axis=1, return_inverse=True)
    number = np.arange(both.shape[1])
    opened = [(1.0, pair.ravel(), columns.pairs), (-1.0, number, both[1])]
    return (
        Rows(sparse([(1.0, columns.customer, columns.pairs)], customers, columns.width), 1.0, 1.0),
        Rows(sparse(opened, len(number), columns.width), -np.inf, 0.0),
    )


def _one_machine(columns: Columns) -> Rows:
    """A candidate that is open has a machine at least."""
    entries = [(1.0, columns.opened, columns.opened), (-1.0, columns.opened, columns.machines)]
    return Rows(sparse(entries, len(columns.candidate), columns.width), -np.inf, 0.0)


def limit_row(amounts: Floats, columns: NDArray[np.int64], most: float, width: int) -> Rows:
    """What some columns have of an amount together stays within its limit."""
    scale = LIMIT / most if most > 0 else 1.0
    return Rows(sparse([(amounts * scale, np.zeros(len(columns), int), columns)], 1, width), -np.inf, most * scale)


def _one_workshop(choices: Choices, columns: Columns) -> Rows:
    """Of the candidates at a site one is open."""
    real = np.flatnonzero(columns.candidate < len(choices.candidates))
    sites = [choices.candidates[k].site for k in columns.candidate[real]]
    _, at_site = np.unique(np.array(sites, int), return_inverse=True)
    return Rows(sparse([(1.0, at_site, real)], len(real), columns.width), -np.inf, 1.0)


def _running(choices: Choices, columns: Columns) -> Rows:
    """Whole machines run as long as what is made takes: shares of one machine's hours."""
    count = len(columns.candidate)
    hours, setup, own = np.ones(count), np.zeros(count), np.zeros((count, len(choices.members), 2))
    for row in np.flatnonzero(columns.limited):
        together = choices.made[columns.candidate[row]]
        hours[row] = together[0].capacity_h
        setup[row] = sum(p.setup_h for p in together)
        own[row] = [(p.order_h, p.unit_h) for p in together]
    each = own[columns.at, choices.pairs.member[columns.customer]]
    run = (each[:, 0] + each[:, 1] * choices.pairs.units[columns.customer]) * columns.orders / hours[columns.at]
    entries = [
        (run, columns.at, columns.pairs),
        (setup / hours, columns.opened, columns.opened),
        (-1.0, columns.opened, columns.machines),
    ]
    return Rows(sparse(entries, count, columns.width), -np.inf, 0.0)
