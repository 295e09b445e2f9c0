"""Properties of location against an oracle that tries every set of sites, on random small problems."""

from __future__ import annotations

import itertools
import math
from typing import Any, get_args

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import netdesign as nd
from netdesign.location import LocationProblem, LocationSolution, PlanarCosts, Start, check
from netdesign.location.certificate import CERTIFIED, prove, rounded
from netdesign.location.models import (
    MAXIMIZED,
    P_OR_BUDGET,
    SUMS,
    WITH_BUDGET,
    WITH_CAPACITY,
    WITH_COMPETITORS,
    WITH_FORBIDDEN,
    WITH_OUTER_RADIUS,
    WITH_P,
    WITH_P_AT_WILL,
    WITH_RADIUS,
    WITH_RIVALS,
    WITH_SERVICE_RADIUS,
    WITH_SHARE,
    WITH_SITE_LIMITS,
    Model,
)
from netdesign.location.start import takes_start
from netdesign.result import Certificate

cost = st.one_of(st.integers(0, 40).map(float), st.just(math.inf))


def side_constraints(
    draw: st.DrawFn, model: str, status: list[str], capacity: list[int] | None, n: int
) -> dict[str, Any]:
    """Fields that narrow down what is allowed, each of them now and then."""
    fields: dict[str, Any] = {}
    m = len(status)
    if model in WITH_SERVICE_RADIUS and draw(st.booleans()):
        reach = st.one_of(st.integers(5, 40).map(float), st.just(math.inf))
        fields["service_radius"] = draw(st.one_of(reach, st.lists(reach, min_size=n, max_size=n)))
    if model in WITH_FORBIDDEN and draw(st.booleans()):
        pair = st.tuples(st.integers(0, n - 1), st.integers(0, m - 1))
        fields["forbidden"] = draw(st.lists(pair, max_size=4))
    if model in WITH_P_AT_WILL and draw(st.booleans()):
        fields["p"] = draw(st.integers(1, m))
    elif model in WITH_SITE_LIMITS:
        fields["min_sites"] = draw(st.one_of(st.none(), st.integers(1, m)))
        fields["max_sites"] = draw(st.one_of(st.none(), st.integers(fields["min_sites"] or 1, m)))
    if model in WITH_BUDGET and draw(st.booleans()):
        fields["budget"] = draw(st.integers(0, 80))
    if model in SUMS and draw(st.booleans()):
        worth = st.integers(0, 45)
        fields["revenue"] = draw(st.one_of(worth, st.lists(worth, min_size=n, max_size=n)))
    if model in SUMS and draw(st.integers(0, 3)) == 0:
        most = [9] * m if capacity is None else capacity
        fields["min_throughput"] = [draw(st.integers(0, min(9, room))) for room in most]
    if model in WITH_RIVALS and draw(st.booleans()):
        pairs = itertools.permutations(range(m), 2)
        possible = [(a, b) for a, b in pairs if (status[a], status[b]) != ("open", "open")]
        fields["incompatible"] = draw(st.lists(st.sampled_from(possible or [(0, 0)]), max_size=4 if possible else 0))
    if model in WITH_RIVALS and draw(st.booleans()):
        places = draw(st.lists(st.sampled_from(["a", "b", None, None]), min_size=m, max_size=m))
        opened = [name for name, state in zip(places, status, strict=True) if name and state == "open"]
        fields["place"] = places if len(opened) == len(set(opened)) else None
    return fields


def radii(draw: st.DrawFn, model: str) -> dict[str, Any]:
    """What the models of covering have."""
    fields: dict[str, Any] = {}
    if model in WITH_RADIUS:
        fields["coverage_radius"] = draw(st.integers(0, 30))
    if model in WITH_OUTER_RADIUS:
        fields["outer_radius"] = fields["coverage_radius"] + draw(st.integers(1, 30))
    if model in WITH_SHARE:
        fields["coverage_share"] = draw(st.sampled_from([0.25, 0.5, 0.8, 1.0]))
    return fields


def market(draw: st.DrawFn, n: int, m: int) -> dict[str, Any]:
    """Competitors, and what attracts customers."""
    known = st.sampled_from(["candidate", "candidate", "open", "closed", "competitor"])
    return {
        "status": draw(st.lists(known, min_size=m, max_size=m)),
        "attraction": draw(st.sampled_from(["huff", "logit", None])),
        "decay": draw(st.sampled_from([0.1, 0.5, 1.0, 2.0])),
        "attractiveness": draw(st.lists(st.integers(1, 9), min_size=m, max_size=m)),
        "outside": draw(st.none() | st.lists(st.sampled_from([0.0, 0.01, 1.0]), min_size=n, max_size=n)),
    }


@st.composite
def problems(draw: st.DrawFn) -> LocationProblem:
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    statuses = st.sampled_from(["candidate", "candidate", "candidate", "open", "closed"])
    fields: dict[str, Any] = {
        "weight": draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)),
        "fixed_cost": draw(st.lists(st.integers(0, 30), min_size=m, max_size=m)),
        "status": draw(st.lists(statuses, min_size=m, max_size=m)),
    }
    fields["model"] = draw(st.sampled_from(get_args(Model)))
    if fields["model"] in WITH_P:
        fields["p"] = draw(st.integers(1, m))
    fields |= radii(draw, fields["model"])
    if fields["model"] in WITH_CAPACITY:
        fields["capacity"] = draw(st.lists(st.integers(0, 12), min_size=m, max_size=m))
    fields |= side_constraints(draw, fields["model"], fields["status"], fields.get("capacity"), n)
    if fields["model"] in ("p-center", *MAXIMIZED) and "budget" not in fields:
        del fields["fixed_cost"]
    if fields["model"] in P_OR_BUDGET and "budget" in fields and draw(st.booleans()):
        del fields["p"]
    if fields["model"] in WITH_COMPETITORS:
        fields |= market(draw, n, m)
    if fields["model"] == "p-dispersion":
        del fields["weight"]
        n = m
    if draw(st.booleans()):
        entry = cost if fields["model"] != "p-dispersion" else st.integers(0, 40).map(float)
        rows = draw(st.lists(st.lists(entry, min_size=m, max_size=m), min_size=n, max_size=n))
        return LocationProblem.from_cost_matrix(rows, **fields)
    point = st.tuples(st.integers(0, 30), st.integers(0, 30))
    places = draw(st.lists(point, min_size=n, max_size=n)), draw(st.lists(point, min_size=m, max_size=m))
    rounding: Any = draw(st.sampled_from(["none", "nearest", "floor", "ceil"]))
    return LocationProblem(costs=PlanarCosts(*map(np.array, places), rounding=rounding), **fields)


def worth(problem: LocationProblem, unit: Any, chosen: list[int]) -> float:
    """The objective of a choice of sites, given the costs from them; inf where it leaves out somebody who must be
    served."""
    fixed = float(problem.fixed_costs[chosen].sum())
    radius, least = problem.coverage_radius, unit.min(axis=1)
    if problem.model in ("p-dispersion", "max-capture"):
        return worth_beside_others(problem, chosen)
    if problem.model == "single-source" or (problem.min_throughput is not None and problem.model != "capacitated"):
        return fixed + whole_customers(problem, unit, chosen)
    if problem.model == "capacitated":
        return fixed + parts_of_customers(problem, unit, chosen)
    if problem.model == "max-cover":
        return float(problem.weights[least <= radius].sum())
    if problem.model == "backup-cover":
        return float(problem.weights[(unit <= radius).sum(axis=1) >= 2].sum())
    if problem.model == "gradual-cover":
        assert problem.outer_radius is not None
        assert radius is not None
        part = [max(0.0, min(1.0, (problem.outer_radius - c) / (problem.outer_radius - radius))) for c in least]
        return float((problem.weights * part).sum())
    if problem.model == "partial-cover":
        assert problem.coverage_share is not None
        enough = problem.weights[least <= radius].sum() >= problem.coverage_share * problem.weights.sum() - 1e-9
        return fixed if enough else math.inf
    if problem.model == "set-cover":
        return fixed if (least <= radius).all() else math.inf
    least = np.minimum(least, np.inf if problem.revenue is None else problem.revenue)
    if not np.isfinite(least).all():
        return math.inf
    served = problem.weights * least
    return float(served.max()) if problem.model == "p-center" else float(served.sum() + fixed)


def worth_beside_others(problem: LocationProblem, chosen: list[int]) -> float:
    """The objective where it matters what other sites there are."""
    if problem.model == "max-capture":
        return sum(captured(problem, i, chosen) for i in range(problem.n_customers))
    apart = problem.site_distances()
    return min((apart[j, k] for j, k in itertools.combinations(chosen, 2)), default=0.0)


def captured(problem: LocationProblem, i: int, chosen: list[int]) -> float:
    """What the sites chosen capture of a customer, by the words of the definition."""
    decay, worth = problem.decay, problem.attractiveness
    assert decay is not None
    assert worth is not None
    theirs = [j for j in range(problem.n_sites) if problem.status is not None and problem.status[j] == "competitor"]
    cost = {j: float(problem.cost(np.array([i]), np.array([j]))[0]) for j in (*chosen, *theirs)}
    outside = 0.0 if problem.outside is None else float(problem.outside[i])
    if problem.attraction == "huff" and 0.0 in cost.values():
        attracted = {j: float(worth[j]) if c == 0 else 0.0 for j, c in cost.items()}
        outside = 0.0
    elif problem.attraction == "huff":
        attracted = {j: float(worth[j]) / c**decay for j, c in cost.items()}
    else:
        attracted = {j: float(worth[j]) * math.exp(-decay * c) for j, c in cost.items()}
    whole = sum(attracted.values()) + outside
    return float(problem.weights[i]) * sum(attracted[j] for j in chosen) / whole if whole else 0.0


def whole_customers(problem: LocationProblem, unit: Any, chosen: list[int]) -> float:
    """The cheapest way to serve every customer from one of the sites chosen, customer by customer, or to lose what it
    brings in.
    """
    whole = float(problem.weights.sum())
    capacity = np.full(problem.n_sites, whole) if problem.capacity is None else problem.capacity
    best = {tuple(capacity[chosen].tolist()): 0.0}
    for i, weight in enumerate(problem.weights.tolist()):
        after: dict[tuple[float, ...], float] = {}
        for room, cost in best.items():
            if problem.revenue is not None:
                lost = weight * float(np.asarray(problem.revenue)[i])
                after[room] = min(after.get(room, math.inf), cost + lost)
            for k in np.flatnonzero(np.isfinite(unit[i]) & (np.array(room) >= weight)):
                left = (*room[:k], room[k] - weight, *room[k + 1 :])
                after[left] = min(after.get(left, math.inf), cost + weight * unit[i, k])
        best = after
    least = np.zeros(problem.n_sites) if problem.min_throughput is None else problem.min_throughput
    busy = {room: cost for room, cost in best.items() if (capacity[chosen] - np.array(room) >= least[chosen]).all()}
    return min(busy.values(), default=math.inf)


def parts_of_customers(problem: LocationProblem, unit: Any, chosen: list[int]) -> float:
    """The cheapest transport from the sites chosen: weights and capacities are small whole numbers, so unit by unit."""
    from scipy.optimize import linprog

    assert problem.capacity is not None
    n, count = unit.shape
    lost = np.full(n, math.inf) if problem.revenue is None else np.asarray(problem.revenue)
    if not (np.isfinite(unit).any(axis=1) | np.isfinite(lost)).all():
        return math.inf
    served = np.hstack([np.kron(np.eye(n), np.ones(count)), np.eye(n)])
    carried = np.hstack([np.tile(np.eye(count), n), np.zeros((count, n))])
    cost = np.r_[unit.ravel(), lost]
    bounds = [(0, None if np.isfinite(unit) else 0) for unit in cost]
    cost = np.where(np.isfinite(cost), cost, 0.0)
    least = np.zeros(problem.n_sites) if problem.min_throughput is None else problem.min_throughput
    limits = np.r_[problem.capacity[chosen], -least[chosen]]
    found = linprog(cost, np.vstack([carried, -carried]), limits, served, problem.weights, bounds)
    return float(found.fun) if found.status == 0 else math.inf


def served_at(problem: LocationProblem, i: int, j: int) -> float:
    """The cost of a unit for customer i from site j; inf where that must not be."""
    cost = float(problem.costs.cost(np.array([i]), np.array([j]))[0])
    banned = [] if problem.forbidden is None else np.asarray(problem.forbidden).tolist()
    radius = math.inf if problem.service_radius is None else np.asarray(problem.service_radius)[i]
    return cost if cost <= radius and [i, j] not in banned else math.inf


def cheapest(problem: LocationProblem) -> float:
    """The optimum by trying every set of sites; inf where there is none."""
    most = problem.model in MAXIMIZED
    better: Any = max if most else min
    n, best = problem.n_customers, -1.0 if most else math.inf
    unit = np.array([[served_at(problem, i, j) for j in range(problem.n_sites)] for i in range(n)])
    for count in range(1, problem.n_sites + 1):
        for chosen in itertools.combinations(np.flatnonzero(problem.usable), count):
            if len(set(problem.groups[list(chosen)])) < count:
                continue
            if problem.p is not None and count != problem.p:
                continue
            if not (problem.min_sites or 0) <= count <= (problem.max_sites or count):
                continue
            if problem.budget is not None and problem.fixed_costs[list(chosen)].sum() > problem.budget:
                continue
            if any({a, b} <= set(chosen) for a, b in np.asarray(problem.rivals).tolist()):
                continue
            if set(np.flatnonzero(problem.forced)) - set(chosen):
                continue
            best = better(best, worth(problem, unit[:, list(chosen)], list(chosen)))
    return best


@settings(max_examples=300, deadline=None)
@given(problems())
def test_locate_finds_and_proves_the_optimum(problem: LocationProblem) -> None:
    optimum = cheapest(problem)
    result = nd.locate(problem, stop=nd.Stop(time_limit_s=30))
    if math.isinf(optimum) or optimum < 0:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    assert math.isclose(result.objective or 0.0, optimum, rel_tol=1e-9, abs_tol=1e-9)
    assert no_better(problem, optimum, result.bound or 0.0)
    assert_certified(problem, result, optimum)


def assert_certified(problem: LocationProblem, result: nd.Result[LocationSolution], optimum: float) -> None:
    """The claims hold, and what the multipliers prove is no better than the optimum."""
    verification = nd.verify(problem, result)
    assert verification.faults == ()
    assert verification.objective == result.objective
    assert (verification.certified_bound is None) == (result.certificate is None)
    if verification.certified_bound is not None:
        assert no_better(problem, optimum, verification.certified_bound)


def no_better(problem: LocationProblem, value: float, than: float) -> bool:
    """Whether an objective is as good as another one or worse."""
    sign = -1 if problem.model in MAXIMIZED else 1
    return sign * value >= sign * than - 1e-12 * (1 + abs(than))


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 60))
def test_a_run_cut_short_gives_a_valid_solution_and_a_valid_bound(problem: LocationProblem, iterations: int) -> None:
    optimum = cheapest(problem)
    result = nd.locate(problem, stop=nd.Stop(max_iterations=iterations), deterministic=True)
    if result.solution is not None:
        assert result.objective == check(problem, result.solution)
        assert no_better(problem, result.objective or 0.0, optimum)
    if result.bound is not None and not math.isinf(optimum) and optimum >= 0:
        assert no_better(problem, optimum, result.bound)
        assert_certified(problem, result, optimum)


@settings(max_examples=200, deadline=None)
@given(problems(), st.data())
def test_no_multipliers_prove_more_than_the_optimum(problem: LocationProblem, data: st.DataObject) -> None:
    assume(problem.model in CERTIFIED)
    optimum = cheapest(problem)
    assume(not math.isinf(optimum) and optimum >= 0)
    prices = st.one_of(st.integers(-5, 60).map(float), st.floats(0, 60))
    paid = np.array(data.draw(st.lists(prices, min_size=problem.n_customers, max_size=problem.n_customers)))
    others = data.draw(st.tuples(st.floats(0, 9), st.floats(0, 3)))
    assert no_better(problem, optimum, rounded(problem, prove(problem, Certificate(math.inf, paid, *others))))


@settings(max_examples=200, deadline=None)
@given(problems(), st.data())
def test_no_start_leads_astray(problem: LocationProblem, data: st.DataObject) -> None:
    assume(takes_start(problem))
    optimum = cheapest(problem)
    prices = st.one_of(st.integers(0, 60).map(float), st.floats(0, 1e9))
    paid = st.lists(prices, min_size=problem.n_customers, max_size=problem.n_customers).map(np.array)
    start = Start(data.draw(st.lists(st.sampled_from(problem.sites))), data.draw(st.none() | paid))
    result = nd.locate(problem, stop=nd.Stop(time_limit_s=30), start=start)
    if math.isinf(optimum) or optimum < 0:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    assert math.isclose(result.objective or 0.0, optimum, rel_tol=1e-9, abs_tol=1e-9)
    assert no_better(problem, optimum, result.bound or 0.0)
    assert_certified(problem, result, optimum)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_renaming_and_scaling_change_nothing(problem: LocationProblem) -> None:
    first = nd.locate(problem, stop=nd.Stop(time_limit_s=30))
    capacity = None if problem.capacity is None else problem.capacity * 4
    named = problem.replace(
        capacity=capacity,
        min_throughput=None if problem.min_throughput is None else problem.min_throughput * 4,
        budget=None if problem.budget is None else problem.budget * 4,
        customer_ids=[f"c{i}" for i in range(problem.n_customers)],
        weight=problem.weights * 4,
        fixed_cost=problem.fixed_costs * 4,
    )
    second = nd.locate(named, stop=nd.Stop(time_limit_s=30))
    assert first.status == second.status
    if first.objective is not None and second.objective is not None:
        factor = 1 if problem.model == "p-dispersion" else 4
        assert math.isclose(factor * first.objective, second.objective, rel_tol=1e-9)
        assert isinstance(second.best(), LocationSolution)
