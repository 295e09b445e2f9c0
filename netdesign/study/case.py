"""One segment as its design sees it: frozen, hashed, independent of all others."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netdesign.study.capacity_fit import PracticalShare, site_capacity
from netdesign.study.choice_fit import ChoiceFit
from netdesign.study.config import StudyConfig
from netdesign.study.contracts import Component, Contract
from netdesign.study.factors import PLAIN, Factors
from netdesign.study.lane_rates import LaneRates
from netdesign.study.pooling_fit import Pooling
from netdesign.study.roads import StudyRoads
from netdesign.study.store import content_hash
from netdesign.study.today import Today
from netdesign.study.value import WHOLE_MARKET, Offer, Taste, Tier

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Vehicle:
    """A vehicle type, in the units of the table ``vehicles``; ``circuity`` is resolved."""

    name: str
    kg: float
    m3: float
    stops: float
    cost_per_day: float
    cost_per_km: float
    cost_per_h: float
    shift_start_h: float
    shift_h: float
    speed_kmh: float
    circuity: float
    co2_per_km: float
    count: float = math.inf


@dataclass(frozen=True)
class Mode:
    """A carrier's service, in the units of the table ``modes``; ``rates`` where they were fitted to shipments."""

    name: str
    cost_per_order: float
    cost_per_kg: float
    cost_per_km: float
    fixed_h: float
    speed_kmh: float
    co2_per_t_km: float
    rates: LaneRates | None = None

    def cost(self, road_km: Any, kg: Any) -> Floats:
        """Of an order: by the rates fitted to shipments where there are any, else by the table's."""
        if self.rates is not None:
            return self.rates.cost(road_km, kg)
        rate: Floats = self.cost_per_order + self.cost_per_kg * kg + self.cost_per_km * road_km
        return rate


@dataclass(frozen=True, eq=False)
class SegmentCase:
    """Everything that the design of one segment depends on, and nothing else.

    Attributes
    ----------
    name, slug
        The segment's name and a form of it that is safe as a folder name.
    customers, sites
        Its demand points and the sites that are not closed, in the columns of :mod:`netdesign.study.schema`.
    vehicle, fleet
        What delivers; where there are several, ``vehicle`` is the first of the fleet, and each customer gets the one
        that costs least from its site.
    max_hours, make_minutes, material_cost, growth, lifetime_years, min_share, max_variants, most_tiers, co2_limit
        See the table ``segments``.
    holding_cost, stock_service, variability, pooling_exponent
        See the table ``segments``.
    pooling
        Where the last two were fitted to history, how sure they are.
    taste, fit
        How its buyers choose; where that was fitted, how sure it is.
    variants, technologies, processes, overheads
        The rows of these tables that concern it; empty where the study has none.
    practical
        What was learned about the capacity of technologies from the hours of machines, and how sure that is.
    tiers, modes
        The service tiers it may be offered, and the carriers they name.
    components, contracts
        What goes into a unit, and the contracts that are offered for it.
    futures
        Scenarios of demand: name, probability, and its units as a multiple of the planned ones.
    config
        The study's configuration; names, tables and sources do not enter the result.
    today
        How it is served today, where the study says so.
    roads
        What is driven on; straight lines where there are none.
    offer
        What it is offered; the whole market takes part where it has no variants.
    menu
        Where that is a menu of several tiers: the offer at each of them. Every customer then has a row for each tier in
        its column ``tier``, with the part of its buyers that choose that tier, and ``offer`` is all of them together.
    factors
        What routed days taught about its last mile.
    """

    name: str
    slug: str
    customers: pd.DataFrame
    sites: pd.DataFrame
    vehicle: Vehicle
    max_hours: float
    make_minutes: float
    material_cost: float
    growth: float
    lifetime_years: float
    min_share: float
    max_variants: float
    most_tiers: float
    holding_cost: float
    stock_service: float
    variability: float
    pooling_exponent: float
    taste: Taste
    variants: pd.DataFrame
    tiers: tuple[Tier, ...]
    modes: tuple[Mode, ...]
    technologies: pd.DataFrame
    processes: pd.DataFrame
    overheads: pd.DataFrame
    config: StudyConfig
    practical: tuple[PracticalShare, ...] = ()
    fit: ChoiceFit | None = None
    pooling: Pooling | None = None
    components: tuple[Component, ...] = ()
    contracts: tuple[Contract, ...] = ()
    futures: tuple[tuple[str, float, float], ...] = ()
    today: Today | None = None
    roads: StudyRoads | None = None
    fleet: tuple[Vehicle, ...] = ()
    offer: Offer = WHOLE_MARKET
    menu: tuple[Offer, ...] = ()
    factors: Factors = PLAIN
    co2_limit: float = math.inf

    def __getstate__(self) -> dict[str, Any]:
        """Its fields alone: what is worked out from them may be added by another thread while a queue pickles it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def priced(self) -> bool:
        """Whether it has variants with prices, so that buyers choose and customers may be declined."""
        return not self.variants.empty

    @property
    def most_variants(self) -> int:
        """How many variants it can be offered."""
        return int(min(len(self.variants), self.max_variants))

    @property
    def years(self) -> float:
        """That its stream lasts within the horizon: one-off costs are spread over them, and demand grows."""
        return min(self.config.horizon_years, self.lifetime_years)

    @property
    def mode(self) -> Mode | None:
        """The carrier that delivers what is offered; None where the segment's own vehicles do."""
        return next((mode for mode in self.modes if mode.name == self.offer.tier.mode), None)

    @property
    def circuity(self) -> float:
        """Road distance over great circle for what delivers."""
        return self.vehicle.circuity if self.mode is None else self.config.travel.circuity

    def by_tier(self) -> Iterator[tuple[NDArray[np.bool_], SegmentCase]]:
        """The customers of each tier that is offered, shape (customers,), and the segment with these alone."""
        if not self.menu:
            yield np.ones(len(self.customers), bool), self
            return
        tier = self.customers["tier"].to_numpy(str)
        for offer in self.menu:
            mine = tier == offer.tier.name
            if mine.any():
                # The buyers of a row are those who choose its tier, as a part of all who are won.
                own = replace(offer, share=self.offer.share)
                yield mine, replace(self.only(mine), offer=own, menu=())

    @cached_property
    def revenue_per_order(self) -> Floats:
        """Shape (customers,)."""
        revenue = np.empty(len(self.customers))
        for mine, own in self.by_tier():
            revenue[mine] = own.offer.revenue(own.units_per_order)
        return revenue

    @cached_property
    def tier_of(self) -> NDArray[np.str_]:
        """Shape (customers,): name of the tier that each is offered."""
        if self.menu:
            return self.customers["tier"].to_numpy(str)
        return np.full(len(self.customers), self.offer.tier.name)

    def offering(self, offer: Offer) -> SegmentCase:
        """The same segment with another offer."""
        return replace(self, offer=offer)

    def learning(self, factors: Factors) -> SegmentCase:
        """The same segment with what routed days taught about its last mile."""
        return replace(self, factors=factors)

    def driving(self, vehicle: Vehicle) -> SegmentCase:
        """The same segment with one vehicle for everybody."""
        return replace(self, vehicle=vehicle, fleet=())

    def staying(self, sites: Sequence[int]) -> SegmentCase:
        """The same segment where some candidates have to be nodes, at the price they have as candidates."""
        table, here = self.sites, np.isin(np.arange(len(self.sites)), sites)
        once = np.where(here & (table["status"] != "open"), table["fixed_open"] / self.years, 0.0)
        status = table["status"].mask(here, "open")
        return replace(self, sites=table.assign(status=status, fixed_year=table["fixed_year"] + once))

    def among(self, sites: Sequence[int]) -> SegmentCase:
        """The same segment with no other sites than these, all of which have to be nodes."""
        few = replace(self, sites=self.sites.iloc[list(sites)].reset_index(drop=True))
        return few.staying(range(len(sites)))

    def only(self, customers: NDArray[np.bool_]) -> SegmentCase:
        """The same segment with some of its customers."""
        return replace(self, customers=self.customers[customers].reset_index(drop=True))

    @cached_property
    def potential_orders(self) -> Floats:
        """Shape (customers,): a year's orders if every buyer bought, mean over the horizon."""
        orders = (self.customers["buyers"] * self.customers["orders_per_buyer"]).to_numpy(float)
        return orders * mean_growth(self.growth, self.years)

    @cached_property
    def orders_per_year(self) -> Floats:
        """Shape (customers,): of those that the offer wins."""
        return self.potential_orders * self.offer.share

    @cached_property
    def units_per_order(self) -> Floats:
        """Shape (customers,)."""
        return self.customers["units_per_order"].to_numpy(float)

    @cached_property
    def units_per_year(self) -> Floats:
        """Shape (customers,): of those that the offer wins."""
        return self.orders_per_year * self.units_per_order

    @cached_property
    def orders_per_day(self) -> Floats:
        """Shape (customers,), expected on a working day."""
        return self.orders_per_year / self.config.working_days_per_year

    @cached_property
    def customer_lonlat(self) -> Floats:
        """Shape (customers, 2), degrees."""
        return self.customers[["lon", "lat"]].to_numpy(float)

    @cached_property
    def site_lonlat(self) -> Floats:
        """Shape (sites, 2), degrees."""
        return self.sites[["lon", "lat"]].to_numpy(float)

    @cached_property
    def site_factors(self) -> Floats:
        """Shape (sites,): routed over predicted cost of the vehicle from each site, as far as it was learned."""
        return self.factors.of(self.vehicle.name, self.sites["site"])

    @cached_property
    def hour_of_work(self) -> Floats:
        """Shape (sites,): wage of an hour that is worked."""
        return (self.sites["wage"] / self.sites["practical_share"]).to_numpy(float)

    @cached_property
    def machine_h(self) -> dict[str, Floats]:
        """By technology, shape (sites,): practical hours of a machine a year, no more than the site runs."""
        found = {fit.technology: fit for fit in self.practical}
        most, names = self.sites["machine_h"].to_numpy(float), self.sites["site"]
        rows = zip(self.technologies["technology"], self.technologies["capacity_h"], strict=True)
        return {t: np.minimum(most, site_capacity(float(h), found.get(t), names)) for t, h in rows}

    @cached_property
    def energy_price(self) -> Floats:
        """Shape (sites,): of a kWh."""
        return self.sites["energy_price"].to_numpy(float)

    @cached_property
    def fixed_cost_per_year(self) -> Floats:
        """Shape (sites,): fixed cost, rent and the yearly share of leaving, and of opening where it is not open yet."""
        once = np.where(self.sites["status"] == "open", 0.0, self.sites["fixed_open"]) + self.sites["exit_cost"]
        yearly: Floats = (self.sites["fixed_year"] + self.sites["rent"] + once / self.years).to_numpy(float)
        return yearly

    @cached_property
    def input_hash(self) -> str:
        """Hash of what the result depends on; offer and factors are results: equal hashes, equal files."""
        return content_hash(replace(self, offer=WHOLE_MARKET, factors=PLAIN))

    def seed_of(self, *purpose: str) -> int:
        """A seed of its own for every purpose, from the study's seed and the names alone."""
        return int(digest(str(self.config.seed), self.name, *purpose)[:12], 16)


def mean_growth(percent: float, years: float) -> float:
    """Mean demand over some years, as a multiple of today's, where it grows by so much a year."""
    rate = math.log1p(percent / 100) * years
    return math.expm1(rate) / rate if rate else 1.0


def digest(*parts: str) -> str:
    """SHA-256 over parts, their borders included."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
