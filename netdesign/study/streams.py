"""Value streams: which segments share nodes, equipment and lots, and what sharing brings or costs.

A stream makes at each of its nodes for all its segments, with one technology and, in lots, at one frequency. Routes,
service tiers and offers stay the segments' own. Every set of segments is designed as one stream, or where there are
many segments, only those that merge two good ones; the partition that earns most is found exactly among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from netdesign.stop import Stop
from netdesign.study.cost import SITE
from netdesign.study.limits import ask_network
from netdesign.study.make import Key, added, overheads, unit_costs
from netdesign.study.network import DECLINED, Member, Network, gap_of, longest_lived, paid_sites
from netdesign.study.options import Bracket, difference
from netdesign.study.supply import component_costs
from netdesign.study.workers import IN_PLACE

ALL_SETS: Final = 6
"""Up to so many segments every set of them is designed: 63 networks."""

SERVED: Final = ["stream", "segment", "customer", "lon", "lat", "orders_per_year", "site", "site_lon", "site_lat"]

Names = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Stream:
    """Segments that share nodes.

    Attributes
    ----------
    segments
        Their names, in the order of the study.
    revenue, profit, profit_bound
        Per year; revenue is 0 in segments without prices, so that profit is the cost with a minus.
    costs
        By account, stage and driver; they add up to revenue less profit.
    network
        The nodes. Where serving nobody is better, ``profit`` is 0 and there is none.
    missed
        What customers that are declined would have brought a year.
    """

    segments: Names
    revenue: float
    profit: float
    profit_bound: float
    costs: dict[Key, float]
    network: Network | None
    missed: float = 0.0

    @property
    def gap(self) -> float | None:
        """See :func:`netdesign.study.network.gap_of`."""
        bound = self.revenue - self.profit_bound
        return gap_of(self.revenue - self.profit, bound if math.isfinite(bound) else None, self.missed)


def design_stream(members: Sequence[Member], stop: Stop) -> Stream:
    """The best shared network of some segments, and what it earns."""
    return stream_of(members, _network_of(members, stop, IN_PLACE).result())


def _network_of(members: Sequence[Member], stop: Stop, pool: Executor) -> Future[Network]:
    names = [m.case.name for m in members]
    return ask_network(members, stop, pool, seed=members[0].case.seed_of("stream", *names) % 2**31)


def stream_of(members: Sequence[Member], network: Network) -> Stream:
    """What segments earn with a shared network."""
    names, members = tuple(m.case.name for m in members), network.delivered(members)
    served = [at != DECLINED for at in network.assignments]
    revenue = math.fsum(
        float((m.brings * m.case.orders_per_year)[s].sum()) for m, s in zip(members, served, strict=True)
    )
    profit, bound = revenue - network.objective, math.inf if network.bound is None else revenue - network.bound
    if profit <= 0 and all(m.decline for m in members):
        return Stream(names, 0.0, 0.0, max(0.0, bound), {}, None, revenue + network.missed)
    return Stream(names, revenue, profit, bound, _costs(members, network), network, network.missed)


def _costs(members: Sequence[Member], network: Network) -> dict[Key, float]:
    """A stream's costs by account, stage and driver."""
    case = longest_lived(members)
    parts = [overheads(m.case, "segment", "variant") for m in members]
    parts.append(component_costs(network.purchases))
    parts.append({SITE: math.fsum(float(case.fixed_cost_per_year[j]) for j in paid_sites(case, network.nodes))})
    for index, node in enumerate(network.nodes):
        parts.append(node.processes[0].equipment_costs(node.hours(members, network.assignments, index)))
        for member, process, at in zip(members, node.processes, network.assignments, strict=True):
            here = at == index
            orders, units = member.case.orders_per_year[here], float(member.case.units_per_year[here].sum())
            parts.append(process.per_node)
            parts.append(process.safety_costs(units))
            parts.append({key: cost * float(orders.sum()) for key, cost in process.per_order.items()})
            parts.append({k: cost * units for k, cost in unit_costs(member.case, process, node.site).items()})
            parts.append({key: float(part[here, node.site] @ orders) for key, part in member.costs.parts.items()})
    return added(*parts)


@dataclass(frozen=True, eq=False)
class Partition:
    """How the segments are best parted into streams.

    Attributes
    ----------
    streams
        Every stream that was designed, by its segments.
    chosen
        Those of the best partition.
    served
        One row per customer of a chosen stream of several segments: stream, segment, customer, lon, lat,
        orders_per_year, and the site that serves it with its site_lon and site_lat; who is declined is left out.
    """

    streams: dict[Names, Stream]
    chosen: tuple[Names, ...]
    served: pd.DataFrame

    @property
    def dedicated(self) -> Bracket:
        """Profit with a stream for every segment, and its bound."""
        return self.alone(tuple(name for names in self.chosen for name in names))

    @property
    def shared(self) -> Bracket:
        """Profit with one stream for all, and its bound."""
        stream = max(self.streams.values(), key=lambda s: len(s.segments))
        return stream.profit, stream.profit_bound

    @property
    def best(self) -> Bracket:
        """Profit of the best partition, never below the other two, and what none into the designed streams exceeds."""
        order = tuple(name for names in self.streams if len(names) == 1 for name in names)
        bound, _ = _cover(order, {names: stream.profit_bound for names, stream in self.streams.items()})
        return math.fsum(self.streams[names].profit for names in self.chosen), bound

    def alone(self, names: Names) -> Bracket:
        """Profit of some segments with a stream for each of them, and its bound."""
        each = [self.streams[(name,)] for name in names]
        return math.fsum(s.profit for s in each), math.fsum(s.profit_bound for s in each)


def best_partition(members: Sequence[Member], stop: Stop, pool: Executor) -> Partition:
    """Design streams and choose those that together earn most.

    Parameters
    ----------
    members
        All segments that may share.
    stop
        Limits of each search.
    pool
        Designs the streams; the result does not depend on it.
    """
    by_name = {m.case.name: m for m in members}
    order = tuple(by_name)

    def designed(sets: Iterable[Names]) -> dict[Names, Stream]:
        asked = {names: [by_name[n] for n in names] for names in sets}
        found = {names: _network_of(some, stop, pool) for names, some in asked.items()}
        return {names: stream_of(asked[names], network.result()) for names, network in found.items()}

    if len(order) <= ALL_SETS:
        streams = designed(names for size in range(1, len(order) + 1) for names in combinations(order, size))
    else:
        streams = _merged(order, designed)
    _, chosen = _cover(order, {names: stream.profit for names, stream in streams.items()})
    return Partition(streams, chosen, _served(by_name, [streams[names] for names in chosen if len(names) > 1]))


def _served(members: dict[str, Member], streams: Sequence[Stream]) -> pd.DataFrame:
    """Who is served from which site of the streams."""
    frames = [pd.DataFrame(columns=SERVED)]
    for stream in streams:
        for name, at in zip(stream.segments, stream.network.assignments if stream.network else (), strict=False):
            case = members[name].case
            assert stream.network is not None
            site = np.array([node.site for node in stream.network.nodes], dtype=int)[at[at != DECLINED]]
            rows = case.customers.loc[at != DECLINED, ["customer", "lon", "lat"]]
            rows = rows.assign(orders_per_year=case.orders_per_year[at != DECLINED])
            rows = rows.assign(stream=" + ".join(stream.segments), segment=name)
            places = case.sites.iloc[site]
            own = {"site": places["site"], "site_lon": places["lon"], "site_lat": places["lat"]}
            frames.append(rows.assign(**{column: values.to_numpy() for column, values in own.items()})[SERVED])
    return pd.concat([f for f in frames if len(f)] or frames, ignore_index=True)


def _merged(order: Names, designed: Callable[[Iterable[Names]], dict[Names, Stream]]) -> dict[Names, Stream]:
    """Single segments, all together, and what merging the two streams that gain most makes, as long as any gains."""
    streams = designed([*((n,) for n in order), order])
    now: list[Names] = [(n,) for n in order]
    while len(now) > 1:
        pairs = {(a, b): tuple(n for n in order if n in a + b) for a, b in combinations(now, 2)}
        streams |= designed(sorted({union for union in pairs.values() if union not in streams}))
        gains = {
            pair: streams[union].profit - streams[pair[0]].profit - streams[pair[1]].profit
            for pair, union in pairs.items()
        }
        pair = max(gains, key=lambda p: gains[p])
        if gains[pair] <= 0:
            break
        now = [names for names in now if names not in pair] + [pairs[pair]]
    return streams


def _cover(order: Names, worth: dict[Names, float]) -> tuple[float, tuple[Names, ...]]:
    """The sets that hold every segment once and are worth most together: set partitioning by dynamic programming."""
    place = {name: k for k, name in enumerate(order)}
    masks = {names: sum(1 << place[n] for n in names) for names in worth}
    best: dict[int, tuple[float, tuple[Names, ...]]] = {0: (0.0, ())}
    for mask in range(1, 1 << len(order)):
        first = mask & -mask
        options = [
            (best[mask ^ own][0] + worth[names], (names, *best[mask ^ own][1]))
            for names, own in masks.items()
            if own & first and not own & ~mask and mask ^ own in best
        ]
        if options:
            # Equal profits: the more and smaller streams, which can go their own ways.
            best[mask] = max(options, key=lambda o: (o[0], len(o[1])))
    most, sets = best[(1 << len(order)) - 1]
    return most, tuple(sorted(sets, key=lambda names: place[names[0]]))


def networks(segments: int) -> int:
    """How many streams of several segments are designed, about."""
    return 2**segments - segments - 1 if segments <= ALL_SETS else segments**2


def partition_table(partition: Partition) -> pd.DataFrame:
    """One row per stream: segments, profit, profit_bound, gap, gain over dedicated streams, at_least and at_most (what
    the bounds prove of the gain), nodes, technologies, contracts, chosen."""
    rows = []
    for names, stream in partition.streams.items():
        alone, network = partition.alone(names), stream.network
        least, most = difference((stream.profit, stream.profit_bound), alone) if len(names) > 1 else (0.0, 0.0)
        rows.append(
            {
                "segments": " + ".join(names),
                "profit": stream.profit,
                "profit_bound": stream.profit_bound,
                "gap": stream.gap,
                "gain": stream.profit - alone[0],
                "at_least": least,
                "at_most": most,
                "nodes": 0 if network is None else len(network.nodes) + len(network.idle),
                "technologies": "" if network is None else _technologies(network),
                "contracts": "; ".join(p.contract.name for p in ([] if network is None else network.purchases)),
                "chosen": names in partition.chosen,
            }
        )
    return pd.DataFrame(rows)


def _technologies(network: Network) -> str:
    names = [node.processes[0].technology for node in network.nodes]
    return "; ".join(f"{names.count(name)} {name}" for name in sorted(set(names)) if name)


def sharing_table(partition: Partition) -> pd.DataFrame:
    """Why a stream of several gains or loses: revenue and every driver of cost with its cause, dedicated and
    shared; gains add up."""
    rows, streams = [], partition.streams.values()
    bought = {p.component: "components" for stream in streams if stream.network for p in stream.network.purchases}
    for names, stream in partition.streams.items():
        if len(names) == 1:
            continue
        alone = [partition.streams[(n,)] for n in names]
        costs = added(*(s.costs for s in alone))
        revenue = math.fsum(s.revenue for s in alone)
        label = " + ".join(names)
        rows.append((label, "", "revenue", revenue, stream.revenue, stream.revenue - revenue))
        for key in sorted({*costs, *stream.costs}):
            before, after = costs.get(key, 0.0), stream.costs.get(key, 0.0)
            if not np.isclose(before, after, rtol=1e-12, atol=1e-9):
                rows.append((label, key[0], key[2], before, after, before - after))
    table = pd.DataFrame(rows, columns=["segments", "account", "driver", "dedicated", "shared", "gain"])
    table.insert(1, "cause", [(bought | CAUSES).get(driver, "overheads") for driver in table["driver"]])
    return table


CAUSES: Final = {
    "revenue": "orders won or lost",
    "site": "sites and equipment",
    "equipment": "sites and equipment",
    "changeover": "changeovers",
    "cycle stock": "stock",
    "safety stock": "stock",
    "component stock": "stock",
    "material": "making",
    "machine": "making",
    "work": "making",
    "handling": "delivery",
    "last mile": "delivery",
    "returns": "delivery",
    "carbon": "carbon",
}
"""Why a driver changes where nodes are shared; what the table of overheads names is an overhead."""
