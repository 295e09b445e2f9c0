"""The figures of a run: per segment, and the headline."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netdesign.errors import CheckError
from netdesign.report.words import counted, large_money, money, signed_percent
from netdesign.study.amounts import CO2, Kept
from netdesign.study.design import node_names
from netdesign.study.fit_figures import machine_figures, pooling_figures, practical_figures, rates_figures
from netdesign.study.frontiers import tonnes_of
from netdesign.study.network import PROVEN, gap_of
from netdesign.study.options import difference
from netdesign.study.promises import spare_hours
from netdesign.study.route_check import RouteCheck, relative_error, vehicle_use
from netdesign.study.schema import ACCOUNTS
from netdesign.study.variety import NETWORK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from netdesign.study.baseline import Baseline
    from netdesign.study.breakeven import Breakeven
    from netdesign.study.case import SegmentCase
    from netdesign.study.contracts import Purchase
    from netdesign.study.design import Design
    from netdesign.study.pipeline import SegmentRun
    from netdesign.study.segmentation import Segmentation
    from netdesign.study.streams import Partition
    from netdesign.study.study import Study
    from netdesign.study.variety import Variety

BALANCE = 1e-6
"""Accounts have to add up to the objective within this, relative to it where it is above 1."""


def summarize(
    study: Study,
    segments: Sequence[SegmentRun],
    sharing: Partition | None,
    groups: Segmentation | None,
    *,
    seconds: float,
    complete: bool,
) -> dict[str, Any]:
    """The whole run as plain data: what ``summary.json`` holds.

    Returns
    -------
    dict
        status, objective, bound, gap, seconds, iterations (of routing), termination, seed, input_hash, reproducible,
        name, currency, country, travel, headline, sharing, segmentation, practical and segments. Money is per year,
        ``gap`` a fraction of what is paid and missed; objective and bound are None where a segment cannot be served; a
        run is not reproducible where it is not ``complete``: a search, of sharing or frontiers too, was cut short.
    """
    figures = [segment_figures(s) for s in segments]
    infeasible = not figures or any(f["status"] == "infeasible" for f in figures)
    objective = None if infeasible else math.fsum(f["objective"] for f in figures)
    bounds = [f["bound"] for f in figures if f["status"] != "infeasible"]
    bound = None if infeasible or None in bounds else math.fsum(b for b in bounds if b is not None)
    gap = None if objective is None else gap_of(objective, bound, math.fsum(f["missed"] for f in figures))
    proven = all(f["status"] in ("optimal", "declined") and (f["gap"] or 0.0) <= PROVEN for f in figures)
    status = "infeasible" if infeasible else "optimal" if proven else "feasible"
    config = study.config
    return {
        "status": status,
        "objective": objective,
        "bound": bound,
        "gap": gap,
        "seconds": seconds,
        "iterations": sum(day.result.iterations for s in segments if s.check for day in s.check.days),
        "termination": termination(segments),
        "seed": config.seed,
        "input_hash": study.input_hash,
        "reproducible": complete and all(f["reproducible"] for f in figures),
        "name": config.name,
        "currency": config.currency,
        "country": config.country,
        "travel": travel_figures(study),
        "headline": headline(figures, config.currency),
        "sharing": None if sharing is None else sharing_figures(sharing),
        "segmentation": None if groups is None else segmentation_figures(groups),
        "practical": practical_figures(study),
        "segments": figures,
    }


def travel_figures(study: Study) -> dict[str, Any]:
    """Where distances and times come from."""
    if study.roads is not None:
        return study.roads.provenance
    return {"engine": "great_circle", "circuity": study.config.travel.circuity}


def termination(segments: Sequence[SegmentRun]) -> str | None:
    """Why the run ended: what cut a search short, or else why the searches for sites ended; None without any."""
    reasons = [s.design.termination.reason for s in segments if s.design is not None]
    routing = [day.result.termination.reason for s in segments if s.check for day in s.check.days]
    cut = [reason for reason in ("interrupted", "time_limit") if reason in (*reasons, *routing)]
    return next(iter([*cut, *reasons]), None)


def segment_figures(run: SegmentRun) -> dict[str, Any]:
    """One segment's figures; no times in them, so that equal inputs give equal files."""
    case, design = run.case, run.design
    figures: dict[str, Any] = {
        "segment": case.name,
        "slug": case.slug,
        "status": "infeasible",
        "input_hash": (run.variety.case if run.variety else case).input_hash,
        "vehicle_type": "; ".join(dict.fromkeys(name for _, own in case.by_tier() for name in delivered_by(own))),
        "customers": len(case.customers),
        "orders_per_year": float(case.orders_per_year.sum()),
        "max_hours": _finite(case.max_hours),
        "unserved": [[u.customer, *u.reasons] for u in run.unservable],
        "reproducible": True,
    }
    if run.baseline is not None:
        figures["baseline"] = baseline_figures(run.baseline)
    if run.variety is not None:
        figures["value"] = value_figures(run.variety, run.complexity)
        figures["breakeven"] = None if run.breakeven is None else breakeven_figures(run.breakeven)
        if design is None and not run.unservable:
            return figures | {"status": "declined", "objective": 0.0} | unserved_figures(run.variety)
    if design is None or run.accounts is None or run.check is None:
        return figures
    totals = run.accounts.groupby("account")["cost_per_year"].agg(math.fsum)
    accounts = {account: float(totals.get(account, 0.0)) for account in ACCOUNTS}
    objective = math.fsum(accounts.values())
    if abs(objective - design.objective) > BALANCE * max(1.0, abs(objective)):
        raise CheckError(
            f"segment {case.name!r}: the accounts add up to {objective}, the design costs {design.objective}"
        )
    orders = case.orders_per_year
    here = np.arange(len(orders)), design.assignment
    hours = run.costs.drive_h[here]
    km = run.costs.drive_km[here]
    return figures | {
        "status": design.status,
        "objective": objective,
        "bound": design.bound,
        "missed": design.missed,
        "gap": design.gap,
        "nodes": node_names(case, design),
        "candidates": len(case.sites),
        "technologies": dict(sorted(Counter(p.technology for p in design.processes.values() if p.technology).items())),
        "cost_per_order": objective / float(orders.sum()),
        "accounts": accounts,
        "fixed_cost_per_year": float(case.fixed_cost_per_year[list(design.open)].sum()),
        "service": {
            "mean_h": float(np.average(hours, weights=orders)),
            "mean_km": float(np.average(km, weights=orders)),
            "p95_h": weighted_quantile(hours, orders, 0.95),
            "longest_h": float(hours.max()),
        },
        "vehicles": vehicle_shares(run),
        "tiers": tier_figures(run),
        "co2_t_per_year": tonnes_of(case, run.costs, design),
        "route_check": check_figures(run.check, case.config.last_mile.k),
        "promises": _records(run.check.promises),
        "use": use_figures(run),
        "rates": rates_figures(run),
        "pooling": pooling_figures(case),
        "machines": machine_figures(case, design),
        "refit_rounds": [] if run.rounds is None else _records(run.rounds),
        "factors": _records(case.factors.frame()),
        "polish": None if run.polish is None else {"moves": _records(run.polish.moves), "left": run.polish.left},
        "frontiers": frontier_figures(run.frontiers),
        "contracts": [purchase_figures(purchase) for purchase in design.purchases],
        "robust": None if run.outlook is None else run.outlook.robust,
        "scenario_limits": [] if run.outlook is None else _records(run.outlook.beyond),
        "scenarios_left_out": [] if run.outlook is None else list(run.outlook.left_out),
        "reproducible": design.reproducible and bool(run.check.nodes["reproducible"].all()),
        **({"limits": limit_figures(design, run.check)} if design.limits else {}),
    }


def limit_figures(design: Design, check: RouteCheck) -> list[dict[str, Any]]:
    """What is limited, how much there is of it, and on how many routed days vehicles were too few for so many stops."""
    figures = []
    for kept in design.limits:
        figures.append({k: v for k, v in asdict(kept).items() if k != "segment"} | _short_figures(kept, check.nodes))
    return figures


def _short_figures(kept: Kept, nodes: pd.DataFrame) -> dict[str, int | None]:
    if kept.name == CO2:
        return {"short_days": None, "unserved_stops": None}
    days = nodes[nodes["vehicle_type"] == kept.name].groupby("day")[["routes", "unserved"]].sum()
    short = (days["routes"] > kept.most) | (days["unserved"] > 0)
    return {"short_days": int(short.sum()), "unserved_stops": int(days["unserved"].sum())}


def unserved_figures(variety: Variety) -> dict[str, Any]:
    """Of a segment that no offer serves: its revenue is missed, and the bound is what the best offer might yet earn."""
    most = variety.frontier.nlargest(1, "profit_bound").iloc[0]
    missed, bound = float(most["revenue"] + most["missed"]), _finite(-max(0.0, float(most["profit_bound"])))
    return {"bound": bound, "missed": missed, "gap": gap_of(0.0, bound, missed)}


def baseline_figures(baseline: Baseline) -> dict[str, Any]:
    """Today's network: what the model says it costs, and its largest error of any account whose spend is known."""
    model, error = baseline.accounts["model"], baseline.accounts["error"].dropna()
    cost = math.fsum(model)
    return {
        "nodes": list(baseline.sites),
        "orders_per_year": baseline.orders_per_year,
        "cost_per_year": cost,
        "cost_per_order": cost / baseline.orders_per_year if baseline.orders_per_year else None,
        "largest_error": float(error.abs().max()) if len(error) else None,
        "mean_h": baseline.mean_h,
        "late": baseline.late,
        "lost": list(baseline.lost),
    }


def segmentation_figures(groups: Segmentation) -> dict[str, Any]:
    """Suggested groups: how clear and stable every number of them is, who is in them, and how near the segments are."""
    means = json.loads(groups.means.to_json(orient="records"))
    for row in means:
        mine = groups.customers.loc[groups.customers["group"] == row["group"], "segment"]
        row["segments"] = {str(name): int(count) for name, count in mine.value_counts().items()}
    return {"agreement": groups.agreement, "numbers": groups.numbers.to_dict("records"), "means": means}


def frontier_figures(table: pd.DataFrame | None) -> dict[str, Any]:
    """By frontier: its efficient points, where the chosen network is, and how far above what is proven possible."""
    figures: dict[str, Any] = {}
    for name, rows in () if table is None else table.groupby("frontier", sort=False):
        chosen = rows[rows["chosen"]].iloc[0]
        y, bound = float(chosen["y"]), float(chosen["bound"])
        gap = None if math.isnan(bound) or not y else (y - bound) / abs(y)
        figures[str(name)] = {"points": int(rows["efficient"].sum()), "x": float(chosen["x"]), "y": y, "gap": gap}
    return figures


def purchase_figures(purchase: Purchase) -> dict[str, Any]:
    """A component, the contract it is bought under and what that costs a year."""
    contract = purchase.contract
    return {
        "component": purchase.component,
        "contract": contract.name,
        "type": contract.kind,
        "quantity": contract.quantity,
        "units": purchase.units,
        "cost": purchase.cost,
    }


def sharing_figures(sharing: Partition) -> dict[str, Any]:
    """The best partition into streams beside sharing nothing and sharing all, and what is proven of its gain; profit
    is the cost with a minus where nothing has a price.
    """
    best, (least, most) = sharing.best, difference(sharing.best, sharing.dedicated)
    figures: dict[str, Any] = {"streams": [list(names) for names in sharing.chosen]}
    for name, (profit, bound) in {"profit": best, "dedicated": sharing.dedicated, "shared": sharing.shared}.items():
        figures |= {name: profit, f"{name}_bound": _finite(bound)}
    # To share nothing is one of the partitions.
    return figures | {"gain": best[0] - sharing.dedicated[0], "at_least": max(0.0, least), "at_most": _finite(most)}


def value_figures(variety: Variety, complexity: pd.DataFrame | None) -> dict[str, Any]:
    """The best offer, what it brings, how sure that is, and what its variety costs."""
    best, frontier = variety.best, variety.frontier
    offer, orders, served = best.offer, best.case.orders_per_year, best.design.served
    near = frontier[
        (frontier["tier"] == offer.tier.name) & (frontier["profit"] >= best.profit - 0.01 * abs(best.profit))
    ]
    bound = float(frontier["profit_bound"].max())
    return {
        "tier": offer.tier.name,
        "variants": offer.variants,
        "most_variants": best.case.most_variants,
        "complete": variety.complete,
        "within_one_percent": [int(near["variants"].min()), int(near["variants"].max())],
        "buyers": float(best.case.customers["buyers"].sum()),
        "share": offer.share,
        "served": float(orders[served].sum() / orders.sum()),
        "revenue": best.revenue,
        "profit": best.profit,
        "profit_bound": _finite(bound),
        "complexity": None if complexity is None else complexity_figures(complexity),
        "menu": menu_figures(variety.menus),
        "willingness_to_pay": best.case.taste.willingness_to_pay(),
        "fit": None if best.case.fit is None else asdict(best.case.fit),
    }


def menu_figures(menus: pd.DataFrame) -> dict[str, Any] | None:
    """The most profitable menu of tiers; None where there is no choice of them."""
    if not len(menus):
        return None
    best = menus.iloc[0]
    figures: dict[str, Any] = {"menu": str(best["menu"]), "share": float(best["share"])}
    money = ("profit", "profit_bound", "gain", "at_least", "at_most")
    return figures | {name: _finite(float(best[name])) for name in money}


def breakeven_figures(breakeven: Breakeven) -> dict[str, Any]:
    """Where additive and other technologies earn the same: the multiple of today's additive costs, by volume.

    None where additive wins at every one that was tried, 0 where it wins at none.
    """
    volumes = sorted(set(breakeven.table["volume"]))
    return {f"{volume:g}": _finite(breakeven.penalty_at(volume)) for volume in volumes}


def complexity_figures(table: pd.DataFrame) -> dict[str, float | None]:
    """What variety costs on the network as it is, and beside one variant on its own network: found, and at most."""
    here = table["driver"] != NETWORK
    as_is, (network,) = math.fsum(table["cost_per_year"][here]), table[~here].to_dict("records")
    most = _finite(as_is + network["at_most"])
    return {"as_is": as_is, "reoptimized": as_is + network["cost_per_year"], "at_most": most}


def delivered_by(case: SegmentCase) -> list[str]:
    """Names of what delivers at the one tier of a case: its carrier, or the segment's vehicles."""
    return [case.mode.name] if case.mode else [vehicle.name for vehicle in case.fleet or (case.vehicle,)]


def vehicle_shares(run: SegmentRun) -> dict[str, float] | None:
    """Share of the orders that each vehicle of a fleet, or a carrier beside it, delivers; None without a choice."""
    assert run.design is not None
    if run.costs.vehicle is None:
        return None
    orders, shares = run.case.orders_per_year, dict[str, float]()
    at = run.costs.vehicle[np.arange(len(orders)), run.design.assignment]
    for mine, own in run.case.by_tier():
        for k, name in enumerate(delivered_by(own)):
            shares[name] = shares.get(name, 0.0) + float(orders[mine & (at == k)].sum() / orders.sum())
    return shares


def tier_figures(run: SegmentRun) -> list[dict[str, Any]]:
    """Of a menu, by tier: promise, share of the buyers, orders, nodes, and the least that is left of a promise."""
    design = run.design
    assert design is not None
    figures, spare = [], spare_hours(run.case, run.costs, design)
    for offer in run.case.menu:
        mine = run.case.tier_of == offer.tier.name
        figures.append(
            {
                "tier": offer.tier.name,
                "promise_h": _finite(offer.tier.promise_h),
                "share": offer.share,
                "orders_per_year": float(run.case.orders_per_year[mine].sum()),
                "nodes": len(set(design.assignment[mine].tolist())),
                "spare_h": _finite(float(spare[mine].min(initial=math.inf))),
            }
        )
    return figures


TELLING: Final = 0.025
"""Standard error of a node's error up to which its routed days say something about the formula."""


def check_figures(check: RouteCheck, k: float) -> dict[str, Any]:
    """Predicted against routed, summed over days and nodes; no costs where nothing was routed."""
    nodes = check.nodes[check.nodes["routed_cost"].notna()]
    failed = len(check.nodes) - len(nodes)
    figures: dict[str, Any] = {
        "days": check.nodes["day"].nunique(),
        "nodes": nodes["site"].nunique(),
        "nodes_failed": failed,
        "stops": int(nodes["stops"].sum()),
        "orders": int(nodes["orders"].sum()),
    }
    if not len(nodes):
        return figures
    predicted, routed = math.fsum(nodes["predicted_cost"]), math.fsum(nodes["routed_cost"])
    days = nodes.groupby("day")[["predicted_cost", "routed_cost"]].sum()
    _, spread = relative_error(days["predicted_cost"].to_numpy(float), days["routed_cost"].to_numpy(float))
    errors = check.errors["error"].abs()
    telling = errors[check.errors["standard_error"] <= TELLING]
    return figures | {
        "routes": int(nodes["routes"].sum()),
        "km": float(nodes["routed_km"].sum()),
        "predicted_cost": predicted,
        "routed_cost": routed,
        "routed_gap": _finite(1 - float(nodes["routed_bound"].sum(skipna=False)) / routed),
        "total_error": predicted / routed - 1,
        "standard_error": _finite(spread),
        "mean_error": float(errors.mean()),
        "largest_error": float(errors.max()),
        "telling": {"nodes": len(telling), "mean_error": float(telling.mean()), "largest_error": float(telling.max())}
        if len(telling)
        else None,
        "by_node": [
            {**row, "standard_error": _finite(row["standard_error"])} for row in _records(check.errors.reset_index())
        ],
        "k": k,
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def use_figures(run: SegmentRun) -> dict[str, float] | None:
    """Mean share of load and shift over the routes of the day."""
    assert run.check is not None
    days = [day for day in run.check.days if day.result.solution is not None]
    if not days:
        return None
    use = np.concatenate([vehicle_use(day)[["load_use", "shift_use"]].to_numpy(float) for day in days])
    return {"load": float(use[:, 0].mean()), "shift": float(use[:, 1].mean())}


def headline(figures: list[dict[str, Any]], currency: str) -> list[list[str]]:
    """Label and text of the figures worth saying first."""
    solved = [f for f in figures if f["status"] not in ("infeasible", "declined")]
    lines = [
        [f"{f['segment']}: cannot be served", f"{len(f['unserved'])} customers"]
        for f in figures
        if f["status"] == "infeasible"
    ]
    declined = [
        [f"{f['segment']}: not worth serving", f"best offer {large_money(f['value']['profit'], currency)} per year"]
        for f in figures
        if f["status"] == "declined"
    ]
    priced = [f["value"] for f in solved if "value" in f]
    if priced:
        lines.append(["Profit per year", large_money(math.fsum(v["profit"] for v in priced), currency)])
    if not solved:
        return lines + declined
    cost, orders = math.fsum(f["objective"] for f in solved), math.fsum(f["orders_per_year"] for f in solved)
    lines += [
        ["Cost per order", money(cost / orders, currency)],
        ["Cost per year", large_money(cost, currency)],
        ["Orders per year", f"{orders:,.0f}"],
    ]
    nodes = {name for f in solved for name in f["nodes"]}
    places = f" in {counted(len(nodes), 'place')}" if len(solved) > 1 else ""
    lines.append(["Nodes", f"{sum(len(f['nodes']) for f in solved)}{places}"])
    routed = [f["route_check"] for f in solved if "routed_cost" in f["route_check"]]
    if routed:
        predicted, cost = (math.fsum(r[key] for r in routed) for key in ("predicted_cost", "routed_cost"))
        days = max(r["days"] for r in routed)
        against, error = counted(days, "routed day"), signed_percent(predicted / cost - 1)
        lines.append([f"Predicted against {against}", f"{error} of delivery"])
        lines.append(
            ["Routed", f"{sum(r['stops'] for r in routed):,} stops, {sum(r['routes'] for r in routed):,} routes"]
        )
    return lines + declined


def weighted_quantile(values: Any, weights: Any, share: float) -> float:
    """The smallest value that at least a share of the weight does not exceed."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(np.asarray(weights)[order])
    return float(np.asarray(values)[order][np.searchsorted(total, share * total[-1] * (1 - 1e-12))])


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
