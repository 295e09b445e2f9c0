"""What a location problem must be: every field checked, in the order in which they depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.errors import InputError, Phrase, closest
from netdesign.location.costs import (
    CostMatrix,
    Floats,
    PlanarCosts,
    SparseCosts,
    SphereCosts,
    first,
    lonlat_points,
    read_only,
)
from netdesign.location.models import (
    LEAST_COVERING,
    MAXIMIZED,
    MOST_DISPERSED,
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
    AttractionRule,
    Ids,
    Model,
    SiteStatus,
)

if TYPE_CHECKING:
    from netdesign.location.models import Ids
    from netdesign.location.problem import LocationProblem

Fields = Iterator[tuple[str, Any]]


def kept_fields(problem: LocationProblem) -> Fields:
    """The fields of a problem as it keeps them; each may look at those before it, which have been set.

    Raises
    ------
    InputError
        If one is wrong; the message names the culprit.
    """
    _check_model(problem)
    yield from _numbers(problem)
    n, m = problem.n_customers, problem.n_sites
    yield "customer_ids", distinct_ids("customer_ids", problem.customer_ids, n)
    yield "site_ids", distinct_ids("site_ids", problem.site_ids, m)
    free = np.ones if problem.model in LEAST_COVERING else np.zeros
    yield "weight", amounts("weight", problem.weight, np.ones, problem.customers)
    yield "fixed_cost", amounts("fixed_cost", problem.fixed_cost, free, problem.sites)
    if problem.capacity is not None:
        yield "capacity", amounts("capacity", problem.capacity, np.zeros, problem.sites)
    yield "min_throughput", _throughput(problem)
    yield "service_radius", _radii(problem)
    yield "revenue", _revenue(problem)
    yield "forbidden", _forbidden(problem)
    yield "status", _statuses(problem)
    yield from _attraction(problem)
    yield from _places(problem)
    yield "incompatible", _incompatible(problem)
    _check_dispersion(problem)
    _check_rest(problem)
    on_sphere = isinstance(problem.costs, SphereCosts)
    for what, count in (("customer_lonlat", n), ("site_lonlat", m)):
        given = getattr(problem, what)
        if given is None and on_sphere:
            given = getattr(problem.costs, what)
        yield what, None if given is None else _map_points(what, given, count)


def _check_model(problem: LocationProblem) -> None:
    if not isinstance(problem.costs, (CostMatrix, PlanarCosts, SphereCosts, SparseCosts)):
        raise InputError(
            "costs",
            type(problem.costs).__name__,
            "CostMatrix, PlanarCosts, SphereCosts or SparseCosts",
            advice="A bare array goes through LocationProblem.from_cost_matrix.",
        )
    if problem.n_customers < 1 or problem.n_sites < 1:
        raise InputError(
            "costs", Phrase(f"over {problem.n_customers} customers and {problem.n_sites} sites"), "at least one of each"
        )
    models = get_args(Model)
    if problem.model not in models:
        raise InputError(
            "model", problem.model, "one of " + ", ".join(models), advice=closest(str(problem.model), list(models))
        )


def _numbers(problem: LocationProblem) -> Fields:
    """The numbers that only some models have, and what they may be."""
    whole, why = "an integer >= 1", "says how many sites are open"
    models = (*WITH_P, *WITH_P_AT_WILL)
    needed = problem.model in WITH_P and not (problem.model in P_OR_BUDGET and problem.budget is not None)
    yield from _number(problem, "p", models, int, lambda p: p >= 1, whole, why, needed=needed)
    yield from _site_limits(problem)
    why = "says what open sites cost at most"
    yield from _number(
        problem, "budget", WITH_BUDGET, float, lambda b: 0 <= b < np.inf, "a finite number >= 0", why, needed=False
    )
    why = "says up to which cost a site covers a customer"
    yield from _number(
        problem, "coverage_radius", WITH_RADIUS, float, lambda r: 0 <= r < np.inf, "a finite number >= 0", why
    )
    radius = problem.coverage_radius or 0.0
    above, why = f"a finite number > {radius:g}", "says at which cost coverage ends"
    yield from _number(problem, "outer_radius", WITH_OUTER_RADIUS, float, lambda r: radius < r < np.inf, above, why)
    why = "says which share of the weight is covered"
    yield from _number(problem, "coverage_share", WITH_SHARE, float, lambda s: 0 < s <= 1, "a number in (0, 1]", why)
    why = "says how fast attraction falls with cost"
    yield from _number(problem, "decay", WITH_COMPETITORS, float, lambda d: 0 < d < np.inf, "a finite number > 0", why)


def _site_limits(problem: LocationProblem) -> Fields:
    for what, which in (("min_sites", "at least"), ("max_sites", "at most")):
        given = getattr(problem, what)
        if given is not None and problem.p is not None and problem.model in WITH_SITE_LIMITS:
            raise InputError(what, given, "None", where=f"p is {problem.p}", advice="That many sites are open.")
        least = 1 if what == "min_sites" else problem.min_sites or 1
        why, whole = f"says how many sites are open {which}", f"an integer >= {least}"
        yield from _number(problem, what, WITH_SITE_LIMITS, int, _at_least(least), whole, why, needed=False)


def _at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: bool(value >= least)


def _number(
    problem: LocationProblem,
    what: str,
    models: tuple[str, ...],
    kind: type,
    right: Callable[[Any], bool],
    expected: str,
    why: str,
    *,
    needed: bool = True,
) -> Fields:
    """A number of these models, which others must not have; it may be left out where it is not needed."""
    given = getattr(problem, what)
    if given is None and not (needed and problem.model in models):
        return
    if problem.model not in models:
        advice = f"Only a {' or a '.join(models)} problem {why}."
        raise InputError(what, given, "None", where=f"model {problem.model}", advice=advice)
    kinds = (int, np.integer) if kind is int else (int, float, np.number)
    if isinstance(given, bool) or not isinstance(given, kinds) or not right(given):
        got = Phrase("missing") if given is None else given
        raise InputError(what, got, expected, advice=f"A {problem.model} problem {why}.")
    yield what, kind(given)


def _refuse(problem: LocationProblem, what: str, models: tuple[str, ...], why: str) -> None:
    """A field that is given, in a model that has no place for it."""
    if problem.model not in models:
        advice = f"{why} in the models {', '.join(models[:-1])} and {models[-1]}."
        raise InputError(what, Phrase("given"), "None", where=f"model {problem.model}", advice=advice)


def _throughput(problem: LocationProblem) -> Floats | None:
    if problem.min_throughput is None:
        return None
    what = "min_throughput"
    _refuse(problem, what, SUMS, "Open sites serve so much at least")
    least = amounts(what, problem.min_throughput, np.zeros, problem.sites)
    too_much = None if problem.capacity is None else first(least > problem.capacity)
    if too_much is not None and problem.capacity is not None:
        (j,) = too_much
        expected = f"at most the capacity, {problem.capacity[j]:g}"
        raise InputError(f"{what}[{j}]", float(least[j]), expected, where=f"site {problem.sites[j]!r}")
    return least


def _radii(problem: LocationProblem) -> Floats | None:
    if problem.service_radius is None:
        return None
    _refuse(problem, "service_radius", WITH_SERVICE_RADIUS, "Customers have a radius")
    given = np.asarray(problem.service_radius, dtype=np.float64)
    radius: Floats = read_only(given if given.ndim else np.full(problem.n_customers, given))
    if radius.shape != (problem.n_customers,):
        expected = f"a number, or shape ({problem.n_customers},)"
        raise InputError("service_radius", Phrase(f"of shape {radius.shape}"), expected)
    bad = first(~(radius >= 0))
    if bad is not None:
        what = f"service_radius[{bad[0]}]" if given.ndim else "service_radius"
        where = f"customer {problem.customers[bad[0]]!r}" if given.ndim else ""
        advice = "Use math.inf where any site may serve."
        raise InputError(what, float(radius[bad]), "a number >= 0", where=where, advice=advice)
    return radius


def _revenue(problem: LocationProblem) -> Floats | None:
    if problem.revenue is None:
        return None
    _refuse(problem, "revenue", SUMS, "Customers are served at will")
    given = np.asarray(problem.revenue, dtype=np.float64)
    return amounts("revenue", given if given.ndim else np.full(problem.n_customers, given), np.zeros, problem.customers)


def _forbidden(problem: LocationProblem) -> NDArray[np.int32] | None:
    if problem.forbidden is None:
        return None
    _refuse(problem, "forbidden", WITH_FORBIDDEN, "Pairs can be forbidden")
    return _pairs("forbidden", problem.forbidden, ("customer", problem.n_customers), ("site", problem.n_sites))


def _incompatible(problem: LocationProblem) -> NDArray[np.int32] | None:
    if problem.incompatible is None:
        return None
    what = "incompatible"
    _refuse(problem, what, WITH_RIVALS, "Sites exclude each other")
    pairs = _pairs(what, problem.incompatible, ("site", problem.n_sites), ("site", problem.n_sites))
    for one, other in pairs.tolist():
        names = f"sites {problem.sites[one]!r} and {problem.sites[other]!r}"
        if one == other:
            raise InputError(what, Phrase(f"a pair of one: {names}"), "two different sites")
        if problem.forced[one] and problem.forced[other]:
            raise InputError(what, Phrase(f"true for {names}"), "at most one of them forced open")
    ordered: NDArray[np.int32] = read_only(np.unique(np.sort(pairs, axis=1), axis=0), np.int32)
    return ordered


def _pairs(what: str, given: Any, *sides: tuple[str, int]) -> NDArray[np.int32]:
    """Shape (pairs, 2), ascending and different."""
    values = np.asarray(given)
    if values.size == 0:
        values = np.zeros((0, 2), np.int32)
    if values.ndim != 2 or values.shape[1] != 2 or values.dtype.kind not in "iu":
        got = Phrase(f"{values.dtype} of shape {values.shape}")
        raise InputError(what, got, f"shape (pairs, 2), indices of a {sides[0][0]} and a {sides[1][0]}")
    for k, (kind, count) in enumerate(sides):
        bad = first(~((values[:, k] >= 0) & (values[:, k] < count)))
        if bad is not None:
            expected = f"the index of a {kind} in 0..{count - 1}"
            raise InputError(f"{what}[{bad[0]}, {k}]", values[bad[0], k], expected)
    pairs: NDArray[np.int32] = read_only(np.unique(values, axis=0), np.int32)
    return pairs


def _check_rest(problem: LocationProblem) -> None:
    """What an objective has no place for."""
    if (problem.capacity is not None) != (problem.model in WITH_CAPACITY):
        needed = problem.model in WITH_CAPACITY
        raise InputError(
            "capacity",
            Phrase("missing" if needed else "given"),
            "the weight every site can serve" if needed else "None",
            where=f"model {problem.model}",
            advice="" if needed else "Sites have capacities in the models " + " and ".join(WITH_CAPACITY) + ".",
        )
    dear = first(problem.fixed_costs > 0)
    if problem.model in ("p-center", *MAXIMIZED) and problem.budget is None and dear is not None:
        where = f"site {problem.sites[dear[0]]!r}, model {problem.model}"
        advice = "The objective counts customers, not money for sites."
        raise InputError(f"fixed_cost[{dear[0]}]", float(problem.fixed_costs[dear]), "0", where=where, advice=advice)
    if isinstance(problem.costs, SparseCosts) and not problem.costs.complete and problem.model not in SUMS:
        advice = "An unlisted pair may decide here: list all pairs that exist."
        raise InputError("costs.complete", False, "True", where=f"model {problem.model}", advice=advice)


def _attraction(problem: LocationProblem) -> Fields:
    """How customers choose among our sites, those of competitors and the outside."""
    if problem.model not in WITH_COMPETITORS:
        for what in ("attraction", "attractiveness", "outside"):
            if getattr(problem, what) is not None:
                advice = f"Only a {' or a '.join(WITH_COMPETITORS)} problem has it."
                raise InputError(what, Phrase("given"), "None", where=f"model {problem.model}", advice=advice)
        for j in problem.competitors:
            where = f"site {problem.sites[j]!r}, model {problem.model}"
            advice = f"Close it, or take the model {' or '.join(WITH_COMPETITORS)}."
            raise InputError(f"status[{j}]", "competitor", "a site of ours", where=where, advice=advice)
        return
    rules = get_args(AttractionRule)
    if problem.attraction not in (None, *rules):
        advice = closest(str(problem.attraction), list(rules))
        raise InputError("attraction", problem.attraction, "one of " + ", ".join(rules), advice=advice)
    yield "attraction", problem.attraction or "huff"
    worth = amounts("attractiveness", problem.attractiveness, np.ones, problem.sites)
    for j in np.flatnonzero(worth == 0):
        where, advice = f"site {problem.sites[j]!r}", "Close a site that attracts nobody."
        raise InputError(f"attractiveness[{j}]", 0.0, "a finite number > 0", where=where, advice=advice)
    yield "attractiveness", worth
    if problem.outside is not None:
        yield "outside", amounts("outside", problem.outside, np.zeros, problem.customers)


def _check_dispersion(problem: LocationProblem) -> None:
    if problem.model != "p-dispersion":
        return
    if problem.n_sites > MOST_DISPERSED:
        advice = "Distances between all of them are looked at."
        raise InputError(
            "costs", Phrase(f"over {problem.n_sites:,} sites"), f"at most {MOST_DISPERSED:,}", advice=advice
        )
    whole = not isinstance(problem.costs, SparseCosts)
    if isinstance(problem.costs, CostMatrix):
        whole = problem.n_customers == problem.n_sites and bool(np.isfinite(problem.costs.values).all())
    if not whole:
        got = Phrase(f"{type(problem.costs).__name__} over {problem.n_customers} customers and {problem.n_sites} sites")
        advice = "Let the customers of the matrix be the sites, in the same order."
        expected = "points, or a square matrix of finite costs"
        raise InputError("costs", got, expected, where="model p-dispersion", advice=advice)


def _places(problem: LocationProblem) -> Fields:
    if problem.place is None:
        return
    _refuse(problem, "place", WITH_RIVALS, "Places have several sites")
    places = tuple(problem.place)
    yield "place", places
    if len(places) != problem.n_sites:
        raise InputError("place", Phrase(f"{len(places)} long"), f"{problem.n_sites} names")
    opened: dict[int | str, int] = {}
    for j in np.flatnonzero(problem.forced):
        name = places[j]
        if name is None:
            continue
        if name in opened:
            both = f"sites {problem.sites[opened[name]]!r} and {problem.sites[j]!r}"
            raise InputError(f"place {name!r}", Phrase(f"open twice: {both}"), "at most one open site")
        opened[name] = int(j)


def amounts(what: str, given: Any, default: Any, ids: Ids) -> Floats:
    """One finite number >= 0 for each of the ids, read-only; `default` makes so many where none are given."""
    values = read_only(default(len(ids)) if given is None else given)
    if values.shape != (len(ids),):
        raise InputError(what, Phrase(f"of shape {values.shape}"), f"shape ({len(ids)},)")
    bad = first(~((values >= 0) & np.isfinite(values)))
    if bad is not None:
        kind = "customer" if what in ("weight", "revenue", "outside") else "site"
        raise InputError(
            f"{what}[{bad[0]}]", float(values[bad]), "a finite number >= 0", where=f"{kind} {ids[bad[0]]!r}"
        )
    return values


def _statuses(problem: LocationProblem) -> NDArray[np.str_]:
    words = get_args(SiteStatus)
    values: NDArray[Any] = np.array(
        ["candidate"] * problem.n_sites if problem.status is None else [str(s) for s in problem.status], dtype="<U16"
    )
    if values.shape != (problem.n_sites,):
        raise InputError("status", Phrase(f"of shape {values.shape}"), f"shape ({problem.n_sites},)")
    bad = first(~np.isin(values, words))
    if bad is not None:
        word = str(values[bad])
        raise InputError(
            f"status[{bad[0]}]",
            word,
            "one of " + ", ".join(words),
            where=f"site {problem.sites[bad[0]]!r}",
            advice=closest(word, list(words)),
        )
    values.setflags(write=False)
    return values


def distinct_ids(what: str, given: Any, count: int) -> Ids:
    """So many ids, all different; 0, 1, 2, … where none are given."""
    ids: Ids = (
        tuple(range(count))
        if given is None
        else tuple(int(i) if isinstance(i, (int, np.integer)) else str(i) for i in given)
    )
    if len(ids) != count:
        raise InputError(what, Phrase(f"{len(ids)} long"), f"{count} ids")
    seen: dict[int | str, int] = {}
    for k, name in enumerate(ids):
        if name in seen:
            raise InputError(f"{what}[{k}]", name, "ids that differ", where=f"also {what}[{seen[name]}]")
        seen[name] = k
    return ids


def _map_points(what: str, given: ArrayLike, count: int) -> Floats:
    values = lonlat_points(what, given)
    if len(values) != count:
        raise InputError(what, Phrase(f"{len(values)} points"), f"{count} points")
    return values
