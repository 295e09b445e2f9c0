"""Which sites are open and who is served from where, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import InputError
from netdesign.location.costs import Floats, PlanarCosts, read_only
from netdesign.location.problem import LocationProblem

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

# Colours of Okabe and Ito: safe for colour-blind readers.
OPEN, CLOSED, CUSTOMER, SPIDER = "#d55e00", "#b8b8b8", "#0072b2", "#56b4e9"


@dataclass(frozen=True, eq=False)
class Flows:
    """Who gets how much from where; one entry per pair that is used.

    Attributes
    ----------
    customer, site
        Shape (flows,): indices.
    quantity
        Shape (flows,): weight served; the flows of a customer add up to its weight, or to what is captured of it.
    """

    customer: NDArray[np.int64]
    site: NDArray[np.int64]
    quantity: Floats

    def __post_init__(self) -> None:
        for what, kind in (("customer", np.int64), ("site", np.int64), ("quantity", np.float64)):
            object.__setattr__(self, what, read_only(getattr(self, what), kind))


@dataclass(frozen=True, eq=False)
class LocationSolution:
    """A solution of a problem.

    Attributes
    ----------
    problem
        The problem it belongs to.
    open
        Indices of the open sites, ascending, int32.
    assignment
        Shape (customers,), int32: index of the site that serves each customer, -1 for whom nobody does; the site
        that serves most of it where there are several.
    split
        Where a customer may be served by several sites: who gets how much from where.
    """

    problem: LocationProblem
    open: NDArray[np.int32]
    assignment: NDArray[np.int32]
    split: Flows | None = None

    def __post_init__(self) -> None:
        for what in ("open", "assignment"):
            object.__setattr__(self, what, read_only(getattr(self, what), np.int32))

    @property
    def flows(self) -> Flows:
        """Who gets how much from where, whatever the model."""
        if self.split is not None:
            return self.split
        return Flows(self.served, self.assignment[self.served].astype(np.int64), self.problem.weights[self.served])

    @property
    def served(self) -> NDArray[np.intp]:
        """Indices of the customers that a site serves."""
        return np.flatnonzero(self.assignment >= 0)

    @property
    def unserved(self) -> NDArray[np.intp]:
        """Indices of the customers that nobody serves: by choice where they have a revenue, or not covered."""
        return np.flatnonzero(self.assignment < 0)

    @property
    def profit(self) -> float | None:
        """The revenue of what is served, less what serving and open sites cost; None in a problem without revenues."""
        problem, flows = self.problem, self.flows
        if problem.revenue is None:
            return None
        margin = np.asarray(problem.revenue)[flows.customer] - problem.cost(flows.customer, flows.site)
        return float((margin * flows.quantity).sum() - problem.fixed_costs[self.open].sum())

    @property
    def unit_cost(self) -> Floats:
        """Shape (customers,): cost of serving one unit of each customer's weight, nan for whom nobody serves; the mean
        where several sites do.
        """
        cost = np.full(self.problem.n_customers, np.nan)
        cost[self.served] = self.problem.cost(self.served, self.assignment[self.served])
        if self.split is not None:
            flows = self.split
            money = flows.quantity * self.problem.cost(flows.customer, flows.site)
            weight = np.bincount(flows.customer, weights=flows.quantity, minlength=len(cost))
            mean = np.bincount(flows.customer, weights=money, minlength=len(cost)) / np.where(weight > 0, weight, 1.0)
            cost = np.where(weight > 0, mean, cost)
        return cost

    def to_frame(self) -> pd.DataFrame:
        """One row per customer: customer, site, cost (per unit of weight), weight."""
        import pandas as pd

        sites = self.problem.sites
        return pd.DataFrame(
            {
                "customer": list(self.problem.customers),
                "site": [sites[j] if j >= 0 else None for j in self.assignment],
                "cost": self.unit_cost,
                "weight": self.problem.weights,
            }
        )

    def flows_frame(self) -> pd.DataFrame:
        """One row per flow: customer, site, cost (per unit of weight), weight (that flows)."""
        import pandas as pd

        flows, problem = self.flows, self.problem
        return pd.DataFrame(
            {
                "customer": [problem.customers[i] for i in flows.customer],
                "site": [problem.sites[j] for j in flows.site],
                "cost": problem.cost(flows.customer, flows.site),
                "weight": flows.quantity,
            }
        )

    def sites_frame(self) -> pd.DataFrame:
        """One row per site: site, open, fixed_cost (of an open site), customers and weight it serves, serving_cost;
        capacity and utilization (the share of it that is used) where sites have capacities.
        """
        import pandas as pd

        problem, flows, m = self.problem, self.flows, self.problem.n_sites
        opened = np.zeros(m, dtype=bool)
        opened[self.open] = True
        weight = np.bincount(flows.site, weights=flows.quantity, minlength=m)
        money = flows.quantity * problem.cost(flows.customer, flows.site)
        columns = {
            "site": list(problem.sites),
            "open": opened,
            "fixed_cost": np.where(opened, problem.fixed_costs, 0.0),
            "customers": np.bincount(flows.site, minlength=m),
            "weight": weight,
            "serving_cost": np.bincount(flows.site, weights=money, minlength=m),
        }
        if problem.capacity is not None:
            columns["capacity"] = problem.capacity
            columns["utilization"] = weight / np.where(problem.capacity > 0, problem.capacity, 1.0)
        return pd.DataFrame(columns)

    def to_geodataframe(self) -> gpd.GeoDataFrame:
        """The customers as points with the columns of :meth:`to_frame`; EPSG:4326 where lon and lat are known."""
        import geopandas as gpd

        customers, _, crs = self._points()
        return gpd.GeoDataFrame(self.to_frame(), geometry=gpd.points_from_xy(*customers.T), crs=crs)

    def spider_lines(self) -> gpd.GeoDataFrame:
        """A line from every customer that is served to its site or sites, with the columns of :meth:`flows_frame`."""
        import geopandas as gpd
        from shapely import linestrings

        _, _, crs = self._points()
        return gpd.GeoDataFrame(self.flows_frame(), geometry=linestrings(self._lines()), crs=crs)

    def sites_geodataframe(self) -> gpd.GeoDataFrame:
        """The sites as points with the columns of :meth:`sites_frame`."""
        import geopandas as gpd

        _, sites, crs = self._points()
        return gpd.GeoDataFrame(self.sites_frame(), geometry=gpd.points_from_xy(*sites.T), crs=crs)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw customers, spider lines, open sites (as large as the weight they serve) and sites left closed.

        Raises
        ------
        InputError
            If the problem knows no coordinates.
        """
        import matplotlib.pyplot as plt
        from matplotlib.collections import LineCollection

        customers, sites, crs = self._points()
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 8))
        ax.add_collection(LineCollection(list(self._lines()), colors=SPIDER, linewidths=0.6, alpha=0.7, zorder=1))
        rivals = self.problem.competitors
        closed = np.setdiff1d(np.arange(self.problem.n_sites), np.r_[self.open, rivals])
        ax.scatter(
            sites[closed, 0],
            sites[closed, 1],
            s=9,
            c="white",
            edgecolors=CLOSED,
            linewidths=0.6,
            zorder=0,
            label=f"{len(closed)} sites not opened",
        )
        ax.scatter(
            customers[:, 0],
            customers[:, 1],
            s=5,
            c=CUSTOMER,
            linewidths=0,
            zorder=2,
            label=f"{len(customers)} customers",
        )
        if len(rivals):
            label = f"{len(rivals)} competitors"
            x, y = sites[rivals].T
            ax.scatter(x, y, s=30, marker="^", c="black", linewidths=0, zorder=2, label=label)
        flows = self.flows
        carried = np.bincount(flows.site, weights=flows.quantity, minlength=self.problem.n_sites)[self.open]
        size = 30 + 120 * carried / max(float(carried.max(initial=0.0)), 1e-300)
        ax.scatter(
            sites[self.open, 0],
            sites[self.open, 1],
            s=size,
            marker="s",
            c=OPEN,
            edgecolors="white",
            linewidths=0.8,
            zorder=3,
            label=f"{len(self.open)} sites open",
        )
        ax.set_aspect(1.0 if crs is None else 1 / max(0.1, float(np.cos(np.radians(customers[:, 1].mean())))))
        ax.set_axis_off()
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=3, frameon=False)
        return ax

    def _lines(self) -> Floats:
        """Shape (flows, 2, 2): from every customer to its site."""
        customers, sites, _ = self._points()
        return np.stack([customers[self.flows.customer], sites[self.flows.site]], axis=1)

    def _points(self) -> tuple[Floats, Floats, str | None]:
        """Coordinates of customers and sites, and their reference system."""
        problem = self.problem
        if problem.customer_lonlat is not None and problem.site_lonlat is not None:
            return problem.customer_lonlat, problem.site_lonlat, "EPSG:4326"
        if isinstance(problem.costs, PlanarCosts):
            return problem.costs.customer_xy, problem.costs.site_xy, None
        raise InputError(
            "customer_lonlat, site_lonlat",
            None,
            "coordinates of customers and sites",
            advice="A problem behind a matrix needs both to be drawn.",
        )
