"""The vehicle routing problem, defined once: frozen, validated, in the user's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netdesign.errors import InputError, Phrase
from netdesign.routing.travel import Floats, MatrixTravel, PlanarTravel, SphereTravel, Travel, read_only
from netdesign.routing.vehicle_type import VehicleType

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class RoutingProblem:
    """Customers to be visited once from one or more depots, by a fleet of one or more types, within their limits.

    Depots come first, locations 0 to `n_depots` - 1, the customers after them; every array has one row per location.

    Parameters
    ----------
    travel
        Distances and durations between all locations.
    vehicle_types
        The fleet: one type or more. Where there are more, their names differ.
    demand
        Shape (locations,) or (locations, load dimensions), >= 0; rows of depots are 0.
    n_depots
        How many of the locations are depots.
    service_duration
        Shape (locations,), time at the stop, in the unit of the durations; zeros where left out. Nobody waits for
        service at a depot.
    time_window
        Shape (locations, 2): earliest and latest start of service. Rows of depots are opening hours: the first
        number binds departures, the second returns. None where nothing has a window.
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
    n_depots: int = 1
    service_duration: Floats | None = None
    time_window: Floats | None = None
    ids: tuple[int | str, ...] | None = None
    lonlat: Floats | None = None

    def __post_init__(self) -> None:
        n = self.travel.n_locations
        if not (isinstance(self.n_depots, (int, np.integer)) and self.n_depots >= 1):
            raise InputError("n_depots", self.n_depots, "a whole number >= 1")
        if n <= self.n_depots:
            depots = "a depot" if self.n_depots == 1 else f"{self.n_depots} depots"
            raise InputError("travel", Phrase(f"over {n} locations"), f"{depots} and at least one customer")
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
        """Number of locations, depots included."""
        return self.travel.n_locations

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return self.n_locations - self.n_depots

    @property
    def customers(self) -> NDArray[np.int64]:
        """Location indices of the customers."""
        return np.arange(self.n_depots, self.n_locations)

    @cached_property
    def loads(self) -> Floats:
        """Shape (locations, load dimensions): the demand, always two-dimensional."""
        return self.demand.reshape(self.n_locations, -1)

    @cached_property
    def windows(self) -> Floats:
        """Shape (locations, 2): the time windows, from 0 to infinity where there are none."""
        return np.tile([0.0, np.inf], (self.n_locations, 1)) if self.time_window is None else self.time_window

    def hours(self, vehicle: VehicleType) -> tuple[float, float]:
        """Earliest departure and latest return of a vehicle: its shift while its depots are open."""
        earliest, latest = (0.0, np.inf) if vehicle.shift is None else vehicle.shift
        closing = np.inf if vehicle.end_depot is None else self.windows[vehicle.end_depot, 1]
        return max(earliest, float(self.windows[vehicle.start, 0])), min(latest, float(closing))

    def name_of(self, location: int) -> str:
        """How messages call a location."""
        assert self.ids is not None
        return f"{'depot' if location < self.n_depots else 'customer'} {self.ids[location]!r}"

    def replace(self, **changes: Any) -> RoutingProblem:
        """The same problem with some fields changed, validated again."""
        return replace(self, **changes)

    # -- other ways in ---------------------------------------------------------------------------------------

    @classmethod
    def from_arrays(
        cls,
        xy: ArrayLike,
        demand: ArrayLike,
        capacity: float | Sequence[float] | None = None,
        *,
        rounding: Any = "none",
        vehicles: int | None = None,
        n_depots: int = 1,
        vehicle_types: Sequence[VehicleType] | None = None,
        **fields: Any,
    ) -> RoutingProblem:
        """Customers in a plane, the depots in the first rows.

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
            How many vehicles there are at each depot; None for no limit.
        n_depots
            How many of the locations are depots.
        vehicle_types
            The fleet, where capacity and number of vehicles do not say everything about it.
        **fields
            Further fields of the problem.

        Raises
        ------
        InputError
            If a value is wrong, or the fleet is given twice or not at all.
        """
        travel = PlanarTravel(np.asarray(xy), rounding=rounding)
        fleet = _fleet(capacity, vehicles, n_depots, vehicle_types)
        return cls(travel=travel, vehicle_types=fleet, demand=np.asarray(demand), n_depots=n_depots, **fields)

    @classmethod
    def from_matrix(
        cls,
        distances: ArrayLike,
        demand: ArrayLike,
        capacity: float | Sequence[float] | None = None,
        *,
        durations: ArrayLike | None = None,
        vehicles: int | None = None,
        n_depots: int = 1,
        vehicle_types: Sequence[VehicleType] | None = None,
        **fields: Any,
    ) -> RoutingProblem:
        """Customers behind a distance matrix (see :class:`MatrixTravel`); otherwise as :meth:`from_arrays`."""
        travel = MatrixTravel(np.asarray(distances), None if durations is None else np.asarray(durations))
        fleet = _fleet(capacity, vehicles, n_depots, vehicle_types)
        return cls(travel=travel, vehicle_types=fleet, demand=np.asarray(demand), n_depots=n_depots, **fields)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        depot: tuple[float, float] | Sequence[tuple[float, float]],
        vehicle_type: VehicleType | Sequence[VehicleType],
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
            Longitude and latitude of the depot, or of each of several.
        vehicle_type
            The fleet, one type or several: capacity per column of `demand`, costs per metre and per second.
        circuity, speed_kmh
            See :class:`SphereTravel`.
        depot_window
            Opening and closing of the depots in seconds; needed for ``earliest_s`` and ``latest_s``.

        Raises
        ------
        InputError
            If a column is missing or a value is wrong.
        """
        for column in ("lon", "lat", *demand):
            if column not in frame.columns:
                advice = "The table has: " + ", ".join(map(str, frame.columns)) + "."
                raise InputError(
                    f"column {column!r}",
                    Phrase("missing"),
                    "one of the table's columns",
                    where="customers",
                    advice=advice,
                )
        depots = np.atleast_2d(np.asarray(depot, float))
        m = len(depots)
        lonlat = np.vstack([depots, frame[["lon", "lat"]].to_numpy(float)])
        names = ("depot",) if m == 1 else tuple(f"depot {k}" for k in range(m))
        service = None
        if "service_duration_s" in frame.columns:
            service = np.r_[np.zeros(m), frame["service_duration_s"].to_numpy(float)]
        return cls(
            travel=SphereTravel(lonlat, circuity=circuity, speed_kmh=speed_kmh),
            vehicle_types=(vehicle_type,) if isinstance(vehicle_type, VehicleType) else tuple(vehicle_type),
            demand=np.vstack([np.zeros((m, len(demand))), frame[list(demand)].to_numpy(float)]),
            n_depots=m,
            service_duration=service,
            time_window=None if depot_window is None else _frame_windows(frame, m, depot_window),
            ids=names + tuple(frame["customer"] if "customer" in frame.columns else range(1, len(frame) + 1)),
            lonlat=lonlat,
        )

    @classmethod
    def from_geodataframe(
        cls, customers: gpd.GeoDataFrame, *, depot: tuple[float, float] | Sequence[tuple[float, float]], **fields: Any
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
                "ids", Phrase(f"{len(self.ids)} long"), f"one id for each of the {n} locations, depots first"
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
                what, Phrase(f"of shape {array.shape}"), f"one row for each of the {n} locations, depots first"
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
        if what == "demand" and array[: self.n_depots].any():
            k = int(np.argwhere(array[: self.n_depots])[0][0])
            advice = "The first row is the depot." if self.n_depots == 1 else "Depots come first."
            raise InputError(f"demand[{k}]", array[k].tolist(), "0", where=self.name_of(k), advice=advice)
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
        if not self.vehicle_types:
            raise InputError("vehicle_types", Phrase("empty"), "at least one vehicle type")
        names = [vehicle.name for vehicle in self.vehicle_types]
        for k, vehicle in enumerate(self.vehicle_types):
            if vehicle.name in names[:k]:
                raise InputError(
                    f"vehicle_types[{k}].name", vehicle.name, "names that differ", advice="Set name= of every type."
                )
            self._check_type(vehicle)

    def _check_type(self, vehicle: VehicleType) -> None:
        """One type fits the problem: load dimensions, depots, hours."""
        where, dimensions = f"vehicle type {vehicle.name!r}", self.loads.shape[1]
        if len(vehicle.capacity) != dimensions:
            expected = f"one number for each of the {dimensions} load dimensions"
            raise InputError("capacity", vehicle.capacity, expected, where=where)
        for what, depot in (("start", vehicle.start), ("end", vehicle.end_depot)):
            if depot is not None and not 0 <= depot < self.n_depots:
                expected = f"the location index of a depot, 0..{self.n_depots - 1}"
                raise InputError(what, depot, expected, where=where, advice="Depots come first: see n_depots.")
        earliest, latest = self.hours(vehicle)
        if earliest > latest:
            raise InputError(
                "shift",
                Phrase(f"from {earliest:g} to {latest:g} while its depots are open"),
                "a departure before the return",
                where=where,
            )


def _plain(value: Any) -> int | str:
    return int(value) if isinstance(value, (int, np.integer)) else str(value)


def _fleet(
    capacity: float | Sequence[float] | None,
    vehicles: int | None,
    n_depots: int,
    vehicle_types: Sequence[VehicleType] | None,
) -> tuple[VehicleType, ...]:
    """The types that are given, or one type per depot."""
    if (capacity is None) == (vehicle_types is None):
        got = Phrase("missing" if capacity is None else "there beside vehicle_types")
        raise InputError("capacity", got, "either capacity or vehicle_types")
    if vehicle_types is not None:
        if vehicles is not None:
            raise InputError("vehicles", vehicles, "VehicleType.count instead", where="vehicle_types is given")
        return tuple(vehicle_types)
    amounts = tuple(map(float, np.atleast_1d(np.asarray(capacity, dtype=float))))
    names = ["vehicle"] if n_depots == 1 else [f"vehicle of depot {k}" for k in range(n_depots)]
    return tuple(VehicleType(amounts, vehicles, name=name, start=k) for k, name in enumerate(names))


def _frame_windows(frame: pd.DataFrame, n_depots: int, depot_window: tuple[float, float]) -> Floats:
    """Shape (locations, 2); customers without a window of their own have the depots'."""
    window = np.tile(np.asarray(depot_window, float), (n_depots + len(frame), 1))
    for k, column in enumerate(("earliest_s", "latest_s")):
        if column in frame.columns:
            window[n_depots:, k] = frame[column].fillna(depot_window[k]).to_numpy(float)
    return window
