"""The facility location problem, defined once: frozen, validated, in the user's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.location.costs import (
    CostMatrix,
    Costs,
    Floats,
    Indices,
    PlanarCosts,
    Rounding,
    SphereCosts,
    read_only,
)
from netdesign.location.frames import fields_of_frames, fields_of_geodataframes
from netdesign.location.limits import Limits
from netdesign.location.models import AttractionRule, Ids, Model
from netdesign.location.validation import kept_fields

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class LocationProblem:
    """Choose which sites to open.

    ==================  ============================================================================================
    model               objective
    ==================  ============================================================================================
    ``p-median``        least ``sum(weight[i] * cost(i, site of i)) + sum(fixed_cost[j] over open sites j)``, p open
    ``uncapacitated``   the same, any number of sites open, at least one
    ``capacitated``     the same, no site carries more weight than its capacity; a customer may be served by several
    ``single-source``   the same, every customer served by one site
    ``p-center``        least ``max(weight[i] * cost(i, site of i))``, p sites open
    ``p-dispersion``    most ``min(cost(j, k))`` over any two of p open sites, 0 for one alone; nobody is served
    ``set-cover``       least ``sum(fixed_cost[j] over open sites j)``, an open site within the radius of everybody
    ``partial-cover``   the same, within the radius of ``coverage_share`` of the weight
    ``max-cover``       most ``sum(weight[i] over customers with an open site within the radius)``, p sites open
    ``backup-cover``    the same over customers with two open sites within the radius
    ``gradual-cover``   most ``sum(weight[i] * c)``, p sites open; c is 1 where the nearest open site is within the
                        radius and falls linearly to 0 at the outer radius
    ``max-capture``     most ``sum(weight[i] * A / (A + B))``, p sites open; A is what they attract of customer i, B
                        what competitors and the outside do
    ==================  ============================================================================================

    Parameters
    ----------
    costs
        What serving one unit of weight costs: :class:`CostMatrix`, :class:`PlanarCosts`, :class:`SphereCosts`
        or :class:`SparseCosts`.
    model
        One of the table.
    p
        Number of open sites, forced ones included, where the model has one; at will for the models with capacities, and
        for ``max-cover`` and ``backup-cover`` where there is a budget.
    min_sites, max_sites
        For ``uncapacitated``, and for the models with capacities where `p` is left out: at least and at most so many
        open sites, >= 1; any number where left out.
    budget
        The sum of the fixed costs of open sites at most, >= 0; for the models that count what serving costs, where they
        are in the objective besides, and for ``max-cover`` and ``backup-cover``. No limit where left out.
    coverage_radius
        For the models of covering: a site covers a customer where the cost is at most this, >= 0.
    outer_radius
        For ``gradual-cover``: above `coverage_radius`; a site of this cost covers nothing.
    coverage_share
        For ``partial-cover``: in (0, 1].
    capacity
        For ``capacitated`` and ``single-source``: shape (sites,), >= 0, the weight that a site can serve at most.
    min_throughput
        For the models that count what serving costs: shape (sites,), >= 0, the weight that an open site serves at
        least; customers are not always served by the cheapest open site then.
    place
        Shape (sites,), names. Of the sites of one place at most one opens: they are the sizes or the technologies to
        choose from there. ``None`` is a place of its own, as every site is where left out. For all models but
        ``p-center``, ``p-dispersion`` and ``gradual-cover``.
    incompatible
        For the same models: shape (pairs, 2), indices of sites, at most one of which opens.
    service_radius
        For ``p-center`` and the models that count what serving costs: a number >= 0, or one per customer. A site that
        costs more does not serve the customer.
    revenue
        For the models that count what serving costs: a number >= 0, or one per customer. What a unit of weight brings
        in where it is served. Customers are then served at will, and the revenue of those who are not is added to the
        objective, which is least where the profit is most. Everybody has to be served where left out.
    forbidden
        Shape (pairs, 2), indices of a customer and a site: the site does not serve that customer, nor cover it. For all
        models but ``p-dispersion``.
    attraction
        For ``max-capture``: what a site attracts of a customer. ``huff``: ``attractiveness / cost ** decay``, where
        left out; at cost 0 a customer looks at no dearer site. ``logit``: ``attractiveness * exp(-decay * cost)``.
    decay
        For the same model: > 0, see `attraction`.
    attractiveness
        For the same model: shape (sites,), > 0; ones where left out. In a logit the exponential of a utility.
    outside
        For the same model: shape (customers,), >= 0: what attracts a customer besides all sites, as staying at home;
        zeros where left out.
    fixed_cost
        Shape (sites,), >= 0: cost of having the site open. Where left out zeros, ones for ``set-cover`` and
        ``partial-cover``; ``p-center`` has no place for it, and the models that cover most only within a budget.
    weight
        Shape (customers,), >= 0: demand; ones where left out. A customer of weight 0 still needs a site that can
        serve it.
    status
        Shape (sites,): ``open`` (stays open whatever it costs), ``candidate`` or ``closed``; all candidates
        where left out. For ``max-capture`` also ``competitor``: open, and not ours.
    customer_ids, site_ids
        Unique ids; 0, 1, 2, … where left out.
    customer_lonlat, site_lonlat
        Shapes (customers, 2) and (sites, 2), degrees: for maps only. Taken from the costs where those know them.

    Raises
    ------
    InputError
        If anything above does not hold; the message names the culprit.

    Notes
    -----
    A customer that no usable site can serve is not an error here, nor is a `p` above the number of usable
    sites: :func:`netdesign.location.locate` returns a result that says so.

    Examples
    --------
    >>> problem = LocationProblem(costs=PlanarCosts([[0, 0], [0, 2], [9, 9]], [[0, 1], [9, 8]]), model="p-median", p=1)
    >>> problem.n_customers, problem.n_sites
    (3, 2)
    >>> problem.replace(p=2).p
    2
    """

    costs: Costs
    model: Model
    p: int | None = None
    min_sites: int | None = None
    max_sites: int | None = None
    budget: float | None = None
    coverage_radius: float | None = None
    outer_radius: float | None = None
    coverage_share: float | None = None
    attraction: AttractionRule | None = None
    decay: float | None = None
    attractiveness: Floats | None = None
    outside: Floats | None = None
    capacity: Floats | None = None
    min_throughput: Floats | None = None
    place: Sequence[int | str | None] | None = None
    incompatible: NDArray[np.int32] | Sequence[tuple[int, int]] | None = None
    service_radius: Floats | float | None = None
    revenue: Floats | float | None = None
    forbidden: NDArray[np.int32] | Sequence[tuple[int, int]] | None = None
    fixed_cost: Floats | None = None
    weight: Floats | None = None
    status: NDArray[np.str_] | Sequence[str] | None = None
    customer_ids: Ids | None = None
    site_ids: Ids | None = None
    customer_lonlat: Floats | None = None
    site_lonlat: Floats | None = None

    def __post_init__(self) -> None:
        for what, value in kept_fields(self):
            object.__setattr__(self, what, value)

    # -- what is derived -------------------------------------------------------------------------------------

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return self.costs.n_customers

    @property
    def n_sites(self) -> int:
        """Number of sites, closed ones included."""
        return self.costs.n_sites

    @property
    def customers(self) -> Ids:
        """Ids of the customers."""
        assert self.customer_ids is not None
        return self.customer_ids

    @property
    def sites(self) -> Ids:
        """Ids of the sites."""
        assert self.site_ids is not None
        return self.site_ids

    @property
    def weights(self) -> Floats:
        """Shape (customers,): the weights."""
        assert self.weight is not None
        return self.weight

    @property
    def fixed_costs(self) -> Floats:
        """Shape (sites,): the fixed costs."""
        assert self.fixed_cost is not None
        return self.fixed_cost

    @property
    def forced(self) -> NDArray[np.bool_]:
        """Shape (sites,): which sites must be open."""
        return np.asarray(self.status == "open")

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Shape (sites,): which sites may be open."""
        return np.isin(np.asarray(self.status), ("open", "candidate"))

    @property
    def competitors(self) -> NDArray[np.intp]:
        """Indices of the sites of competitors."""
        return np.flatnonzero(np.asarray(self.status) == "competitor")

    def site_distances(self) -> Floats:
        """Shape (sites, sites): the cost between every two sites, the smaller one where the directions differ.

        Points know it; a matrix has it where customers and sites are the same, in the same order.
        """
        m = self.n_sites
        between = self.costs
        if isinstance(between, PlanarCosts):
            between = PlanarCosts(between.site_xy, between.site_xy, rounding=between.rounding)
        elif isinstance(between, SphereCosts):
            between = SphereCosts(between.site_lonlat, between.site_lonlat, factor=between.factor)
        one, other = np.repeat(np.arange(m), m), np.tile(np.arange(m), m)
        matrix = between.cost(one, other).reshape(m, m)
        return np.minimum(matrix, matrix.T)

    @property
    def site_limits(self) -> tuple[int, int]:
        """How many sites are open at least and at most."""
        if self.p is not None:
            return self.p, self.p
        return self.min_sites or 1, self.max_sites or self.n_sites

    @property
    def rivals(self) -> NDArray[np.int32]:
        """Shape (pairs, 2): sites that exclude each other, beside those of one place."""
        return np.zeros((0, 2), np.int32) if self.incompatible is None else np.asarray(self.incompatible)

    @property
    def reach(self) -> float:
        """Up to which cost a site covers a customer at least in part; infinite in models without covering."""
        if self.coverage_radius is None:
            return float("inf")
        return self.coverage_radius if self.outer_radius is None else self.outer_radius

    def coverage(self, cost: Floats) -> Floats:
        """Which part of a customer a site covers, given the cost from it."""
        radius, outer = self.coverage_radius, self.reach
        assert radius is not None
        if outer == radius:
            return (cost <= radius).astype(float)
        return np.clip((outer - np.minimum(cost, outer)) / (outer - radius), 0.0, 1.0)

    @cached_property
    def groups(self) -> NDArray[np.int32]:
        """Shape (sites,): the number of each site's place; sites with the same number exclude each other."""
        numbers: dict[int | str, int] = {}
        places = self.place or [None] * self.n_sites
        alone = iter(range(len(places)))
        found = [-1 if name is None else numbers.setdefault(name, len(numbers)) for name in places]
        return read_only([k if k >= 0 else len(numbers) + next(alone) for k in found], np.int32)

    @cached_property
    def limits(self) -> Limits:
        """Which pairs cannot serve whatever they cost."""
        assert self.service_radius is None or isinstance(self.service_radius, np.ndarray)
        assert self.forbidden is None or isinstance(self.forbidden, np.ndarray)
        return Limits.of(self.n_customers, self.service_radius, self.forbidden)

    def cost(self, customers: Indices, sites: Indices) -> Floats:
        """Cost of serving one unit of weight, for customer and site indices that pair up as NumPy broadcasts; ``inf``
        where the site cannot serve the customer, or must not.
        """
        unit = self.costs.cost(customers, sites)
        return self.limits.applied(customers, sites, unit) if self.limits else unit

    def cost_matrix(self, customers: Indices, sites: Indices) -> Floats:
        """Shape (customers, sites): cost of serving one unit of weight, every customer given from every site given."""
        return self.cost(np.asarray(customers)[:, None], np.asarray(sites)[None, :])

    def replace(self, **changes: Any) -> LocationProblem:
        """The same problem with some fields changed, validated again."""
        return replace(self, **changes)

    # -- other ways in ---------------------------------------------------------------------------------------

    @classmethod
    def from_cost_matrix(cls, cost: ArrayLike, *, model: Model, **fields: Any) -> LocationProblem:
        """A problem behind a matrix of shape (customers, sites); see :class:`CostMatrix`.

        Parameters
        ----------
        cost
            Cost of serving one unit of weight.
        model
            See the class.
        **fields
            Further fields of the problem.
        """
        return cls(costs=CostMatrix(cost), model=model, **fields)  # type: ignore[arg-type]

    @classmethod
    def from_frames(
        cls,
        customers: pd.DataFrame,
        sites: pd.DataFrame,
        *,
        model: Model,
        factor: float = 1.0,
        rounding: Rounding = "none",
        **fields: Any,
    ) -> LocationProblem:
        """Customers and sites in tables with the columns ``lon`` and ``lat``, or ``x`` and ``y``.

        Optional columns: ``customer`` (ids), ``weight``, ``service_radius``, ``revenue`` and ``outside`` of the
        customers; ``site`` (ids), ``fixed_cost``, ``status``, ``capacity``, ``min_throughput``, ``place`` and
        ``attractiveness`` of the sites. Columns that a model has no place for are left out. A field given as an
        argument wins over a column.

        Parameters
        ----------
        customers, sites
            One row each.
        model
            See the class.
        factor
            For lon and lat: what a metre counts, as circuity times cost per metre.
        rounding
            For x and y: see :class:`PlanarCosts`.
        **fields
            Further fields of the problem.

        Raises
        ------
        InputError
            If a column is missing or a value is wrong.
        """
        return cls(model=model, **(fields_of_frames(customers, sites, model, factor, rounding) | fields))

    @classmethod
    def from_geodataframes(
        cls,
        customers: gpd.GeoDataFrame,
        sites: gpd.GeoDataFrame,
        *,
        model: Model,
        metric: Literal["sphere", "utm"] = "sphere",
        factor: float = 1.0,
        **fields: Any,
    ) -> LocationProblem:
        """Customers and sites as points of GeoDataFrames with a CRS; columns as in :meth:`from_frames`.

        Parameters
        ----------
        customers, sites
            One point each; the two may have different reference systems.
        model
            See the class.
        metric
            ``sphere``: great-circle metres. ``utm``: metres in the customers' UTM zone, for a region.
        factor
            What a metre counts; for ``sphere`` only.
        **fields
            Further fields of the problem.

        Raises
        ------
        InputError
            If there is no CRS, or a geometry is not a point.
        """
        points, placed = fields_of_geodataframes(customers, sites, metric)
        return cls.from_frames(*points, model=model, factor=factor, **(placed | fields))
