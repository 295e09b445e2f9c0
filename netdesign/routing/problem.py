"""The vehicle routing problem, defined once: frozen, validated, in the user's units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.errors import InputError, Phrase
from netdesign.routing.travel import Floats, MatrixTravel, PlanarTravel, SphereTravel, Travel, read_only

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

DEPOT = 0
"""The depot's location index: depots come first."""


@dataclass(frozen=True)
class VehicleType:
    """Vehicles that are alike.

    Parameters
    ----------
    capacity
        What one vehicle carries, one number per load dimension (as kg, m3, stops); ``math.inf`` for no limit.
    count
        How many there are; None for as many as it takes.
    fixed_cost
        Cost of using one vehicle at all.
    cost_per_distance, cost_per_travel_time
        Cost per unit of distance and of time on the road.
    name
        What the plan calls it.
    """

    capacity: tuple[float, ...] = (math.inf,)
    count: int | None = None
    fixed_cost: float = 0.0
    cost_per_distance: float = 1.0
    cost_per_travel_time: float = 0.0
    name: str = "vehicle"

    def __post_init__(self) -> None:
        capacity = (self.capacity,) if isinstance(self.capacity, (int, float)) else self.capacity
        object.__setattr__(self, "capacity", tuple(float(c) for c in capacity))
        for k, value in enumerate(self.capacity):
            if not value >= 0:
                raise InputError(
                    f"capacity[{k}]",
                    value,
                    ">= 0",
                    where=f"vehicle type {self.name!r}",
                    advice="Use math.inf for no limit.",
                )
        for what in ("fixed_cost", "cost_per_distance", "cost_per_travel_time"):
            value = getattr(self, what)
            if not (value >= 0 and math.isfinite(value)):
                raise InputError(what, value, "a finite number >= 0", where=f"vehicle type {self.name!r}")
        if self.count is not None and not self.count >= 1:
            raise InputError(
                "count", self.count, ">= 1", where=f"vehicle type {self.name!r}", advice="Leave it out for no limit."
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class RoutingProblem:
    """Customers to be visited once from a depot by vehicles of limited capacity, within time windows where given.

    Location 0 is the depot, locations 1, 2, … are the customers; every array has one row per location.

    Parameters
    ----------
    travel
        Distances and durations between all locations.
    vehicle_types
        The fleet. One type.
    demand
        Shape (locations,) or (locations, load dimensions), >= 0; the depot's row is 0.
    service_duration
        Shape (locations,), time at the stop, in the unit of the durations; zeros where left out.
    time_window
        Shape (locations, 2): earliest and latest start of service; the depot's row is the vehicles' shift.
        None where nothing is timed.
    ids
        One id per location, unique; 0, 1, 2, … where left out.
    lonlat
        Shape (locations, 2), degrees: for maps only.

    Raises
    ------
    InputError
        If anything above does not hold; the message names the culprit.

    Notes
    -----
    A customer that no vehicle can serve is not an error here: :func:`netdesign.route` returns a result whose
    ``unserved`` names it.
    """

    travel: Travel
    vehicle_types: tuple[VehicleType, ...]
    demand: Floats
    service_duration: Floats | None = None
    time_window: Floats | None = None
    ids: tuple[int | str, ...] | None = None
    lonlat: Floats | None = None

    def __post_init__(self) -> None:
        n = self.travel.n_locations
        if n < 2:
            raise InputError("travel", Phrase(f"over {n} locations"), "a depot and at least one customer")
        object.__setattr__(self, "vehicle_types", tuple(self.vehicle_types))
        ids = tuple(range(n)) if self.ids is None else tuple(_plain(i) for i in self.ids)
        object.__setattr__(self, "ids", ids)
        self._check_ids(n)
        self._set("demand", self.demand, n)
        self._set("service_duration", np.zeros(n) if self.service_duration is None else self.service_duration, n)
        if self.time_window is not None:
            self._set_time_window(n)
        if self.lonlat is not None:
            object.__setattr__(self, "lonlat", read_only(self.lonlat))
        self._check_fleet()

    # -- what is derived -------------------------------------------------------------------------------------

    @property
    def n_locations(self) -> int:
        """Number of locations, the depot included."""
        return self.travel.n_locations

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return self.n_locations - 1

    @property
    def customers(self) -> NDArray[np.int64]:
        """Location indices of the customers."""
        return np.arange(1, self.n_locations)

    @cached_property
    def loads(self) -> Floats:
        """Shape (locations, load dimensions): the demand, always two-dimensional."""
        return self.demand.reshape(self.n_locations, -1)

    def name_of(self, location: int) -> str:
        """How messages call a location."""
        assert self.ids is not None
        return f"{'depot' if location == DEPOT else 'customer'} {self.ids[location]!r}"

    def replace(self, **changes: Any) -> RoutingProblem:
        """The same problem with some fields changed, validated again."""
        return replace(self, **changes)

    # -- other ways in ---------------------------------------------------------------------------------------

    @classmethod
    def from_arrays(
        cls,
        xy: ArrayLike,
        demand: ArrayLike,
        capacity: float | Sequence[float],
        *,
        rounding: Any = "none",
        vehicles: int | None = None,
        **fields: Any,
    ) -> RoutingProblem:
        """Customers in a plane, the depot in the first row.

        Parameters
        ----------
        xy
            Shape (locations, 2).
        demand
            Shape (locations,) or (locations, load dimensions).
        capacity
            Of one vehicle, per load dimension.
        rounding
            See :class:`PlanarTravel`.
        vehicles
            How many vehicles there are; None for no limit.
        **fields
            Further fields of the problem.
        """
        fleet = VehicleType(capacity=_amounts(capacity), count=vehicles)
        return cls(
            travel=PlanarTravel(np.asarray(xy), rounding=rounding),
            vehicle_types=(fleet,),
            demand=np.asarray(demand),
            **fields,
        )

    @classmethod
    def from_matrix(
        cls,
        distances: ArrayLike,
        demand: ArrayLike,
        capacity: float | Sequence[float],
        *,
        durations: ArrayLike | None = None,
        vehicles: int | None = None,
        **fields: Any,
    ) -> RoutingProblem:
        """Customers behind a distance matrix, the depot in the first row and column; see :class:`MatrixTravel`."""
        fleet = VehicleType(capacity=_amounts(capacity), count=vehicles)
        travel = MatrixTravel(np.asarray(distances), None if durations is None else np.asarray(durations))
        return cls(travel=travel, vehicle_types=(fleet,), demand=np.asarray(demand), **fields)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        depot: tuple[float, float],
        vehicle_type: VehicleType,
        circuity: float = 1.3,
        speed_kmh: float = 30.0,
        demand: Sequence[str] = ("demand",),
        depot_window: tuple[float, float] | None = None,
    ) -> RoutingProblem:
        """Customers in a table with the columns ``lon``, ``lat`` and those named in `demand`.

        Optional columns: ``customer`` (ids), ``service_duration_s``, ``earliest_s``, ``latest_s``.

        Parameters
        ----------
        frame
            One row per customer.
        depot
            Longitude and latitude of the depot.
        vehicle_type
            The fleet: capacity per column of `demand`, costs per metre and per second.
        circuity, speed_kmh
            See :class:`SphereTravel`.
        depot_window
            Start and end of the shift in seconds; needed for ``earliest_s`` and ``latest_s``.

        Raises
        ------
        InputError
            If a column is missing or a value is wrong.
        """
        for column in ("lon", "lat", *demand):
            if column not in frame.columns:
                raise InputError(
                    f"column {column!r}",
                    Phrase("missing"),
                    "one of the table's columns",
                    where="customers",
                    advice="The table has: " + ", ".join(map(str, frame.columns)) + ".",
                )
        lonlat = np.vstack([np.asarray(depot, float)[None], frame[["lon", "lat"]].to_numpy(float)])
        loads = np.vstack([np.zeros((1, len(demand))), frame[list(demand)].to_numpy(float)])
        ids = ("depot", *(frame["customer"] if "customer" in frame.columns else range(1, len(frame) + 1)))
        service = (
            np.r_[0.0, frame["service_duration_s"].to_numpy(float)] if "service_duration_s" in frame.columns else None
        )
        window = None
        if depot_window is not None:
            window = np.tile(np.asarray(depot_window, float), (len(frame) + 1, 1))
            for k, column in enumerate(("earliest_s", "latest_s")):
                if column in frame.columns:
                    window[1:, k] = frame[column].fillna(depot_window[k]).to_numpy(float)
        travel = SphereTravel(lonlat, circuity=circuity, speed_kmh=speed_kmh)
        return cls(
            travel=travel,
            vehicle_types=(vehicle_type,),
            demand=loads,
            service_duration=service,
            time_window=window,
            ids=ids,
            lonlat=lonlat,
        )

    @classmethod
    def from_geodataframe(
        cls, customers: gpd.GeoDataFrame, *, depot: tuple[float, float], **fields: Any
    ) -> RoutingProblem:
        """Customers as points of a GeoDataFrame with a CRS; otherwise as :meth:`from_frame`.

        Raises
        ------
        InputError
            If there is no CRS, or a geometry is not a point.
        """
        if customers.crs is None:
            raise InputError(
                "customers.crs", None, "a coordinate reference system", advice="Set it: gdf.set_crs('EPSG:4326')."
            )
        points = customers.geometry.to_crs("EPSG:4326")
        bad = np.flatnonzero((points.geom_type != "Point").to_numpy())
        if bad.size:
            raise InputError(f"geometry of row {bad[0]}", points.geom_type.iloc[bad[0]], "Point", where="customers")
        frame = customers.drop(columns=customers.geometry.name).assign(lon=points.x.to_numpy(), lat=points.y.to_numpy())
        return cls.from_frame(frame, depot=depot, **fields)

    # -- validation ------------------------------------------------------------------------------------------

    def _check_ids(self, n: int) -> None:
        assert self.ids is not None
        if len(self.ids) != n:
            raise InputError(
                "ids", Phrase(f"{len(self.ids)} long"), f"one id for each of the {n} locations, the depot first"
            )
        seen: dict[int | str, int] = {}
        for i, name in enumerate(self.ids):
            if name in seen:
                raise InputError(f"ids[{i}]", name, "ids that differ", where=f"also ids[{seen[name]}]")
            seen[name] = i

    def _set(self, what: str, values: Any, n: int) -> None:
        array = read_only(values)
        if array.shape[:1] != (n,) or array.ndim > 2 or (array.ndim == 2 and what != "demand"):
            raise InputError(
                what, Phrase(f"of shape {array.shape}"), f"one row for each of the {n} locations, the depot first"
            )
        bad = np.argwhere(~((array >= 0) & np.isfinite(array)))
        if bad.size:
            at = tuple(int(k) for k in bad[0])
            raise InputError(
                f"{what}[{', '.join(map(str, at))}]",
                float(array[at]),
                "a finite number >= 0",
                where=self.name_of(at[0]),
            )
        if what == "demand" and array[DEPOT].any():
            raise InputError(
                "demand[0]", array[DEPOT].tolist(), "0", where=self.name_of(DEPOT), advice="The first row is the depot."
            )
        object.__setattr__(self, what, array)

    def _set_time_window(self, n: int) -> None:
        window = read_only(self.time_window)  # type: ignore[arg-type]
        if window.shape != (n, 2):
            raise InputError(
                "time_window", Phrase(f"of shape {window.shape}"), f"shape ({n}, 2): earliest and latest per location"
            )
        bad = np.flatnonzero(~((window[:, 0] >= 0) & (window[:, 0] <= window[:, 1]) & np.isfinite(window[:, 0])))
        if bad.size:
            raise InputError(
                f"time_window[{bad[0]}]",
                window[bad[0]].tolist(),
                "0 <= earliest <= latest",
                where=self.name_of(int(bad[0])),
            )
        object.__setattr__(self, "time_window", window)

    def _check_fleet(self) -> None:
        if len(self.vehicle_types) != 1:
            raise InputError(
                "vehicle_types",
                Phrase(f"{len(self.vehicle_types)} types"),
                "exactly one",
                advice="Fleets of several types are not solved yet: solve per type.",
            )
        dimensions, capacity = self.loads.shape[1], self.vehicle_types[0].capacity
        if len(capacity) != dimensions:
            raise InputError(
                "capacity",
                capacity,
                f"one number for each of the {dimensions} load dimensions",
                where=f"vehicle type {self.vehicle_types[0].name!r}",
            )


def _plain(value: Any) -> int | str:
    return int(value) if isinstance(value, (int, np.integer)) else str(value)


def _amounts(capacity: float | Sequence[float]) -> tuple[float, ...]:
    return tuple(map(float, np.atleast_1d(np.asarray(capacity, dtype=float))))
