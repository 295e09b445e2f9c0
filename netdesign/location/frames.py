"""Fields of a location problem from tables of pandas and GeoPandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.location.costs import Floats, PlanarCosts, Rounding, SphereCosts, first
from netdesign.location.models import SUMS, WITH_CAPACITY, WITH_COMPETITORS, WITH_RIVALS, WITH_SERVICE_RADIUS, Model

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

COLUMNS = (
    ("customers", "customer", "customer_ids"),
    ("customers", "weight", "weight"),
    ("customers", "service_radius", "service_radius"),
    ("customers", "revenue", "revenue"),
    ("sites", "site", "site_ids"),
    ("sites", "fixed_cost", "fixed_cost"),
    ("sites", "status", "status"),
    ("sites", "capacity", "capacity"),
    ("sites", "min_throughput", "min_throughput"),
    ("sites", "place", "place"),
    ("sites", "attractiveness", "attractiveness"),
    ("customers", "outside", "outside"),
)
"""Table, column, field."""
WORDS = ("customer_ids", "site_ids", "place")
LIMITED: dict[str, tuple[str, ...]] = {
    "capacity": WITH_CAPACITY,
    "min_throughput": SUMS,
    "place": WITH_RIVALS,
    "service_radius": WITH_SERVICE_RADIUS,
    "revenue": SUMS,
    "attractiveness": WITH_COMPETITORS,
    "outside": WITH_COMPETITORS,
}
"""Fields that other models leave out."""


def fields_of_frames(
    customers: pd.DataFrame, sites: pd.DataFrame, model: Model, factor: float, rounding: Rounding
) -> dict[str, Any]:
    """What two tables say: costs, and the fields that have a column."""
    tables = {"customers": customers, "sites": sites}
    found: dict[str, Any] = {}
    for table, column, field in COLUMNS:
        frame = tables[table]
        if column in frame.columns and model in LIMITED.get(field, (model,)):
            found[field] = tuple(frame[column]) if field in WORDS else frame[column].to_numpy()
    pair = ("x", "y") if {"x", "y"} <= set(customers.columns) else ("lon", "lat")
    at, to = coordinates(customers, pair, "customers"), coordinates(sites, pair, "sites")
    planar = pair == ("x", "y")
    found["costs"] = PlanarCosts(at, to, rounding=rounding) if planar else SphereCosts(at, to, factor=factor)
    return found


def fields_of_geodataframes(
    customers: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, metric: str
) -> tuple[list[pd.DataFrame], dict[str, Any]]:
    """Tables with coordinates instead of points, in degrees or in metres of a plane, and where they are on a map."""
    frames = ((customers, "customers"), (sites, "sites"))
    lonlat = [_plain_points(frame, "EPSG:4326", name) for frame, name in frames]
    placed = {
        f"{name}_lonlat": table[["lon", "lat"]].to_numpy(float)
        for name, table in zip(("customer", "site"), lonlat, strict=True)
    }
    if metric == "sphere":
        return lonlat, placed
    if metric != "utm":
        raise InputError("metric", metric, "'sphere' or 'utm'")
    zone = customers.estimate_utm_crs()
    planar = [_plain_points(frame, zone, name).rename(columns={"lon": "x", "lat": "y"}) for frame, name in frames]
    return planar, placed


def coordinates(frame: pd.DataFrame, pair: tuple[str, str], name: str) -> Floats:
    """Shape (rows, 2): two columns of a table; `name` is what an error calls it."""
    for column in pair:
        if column not in frame.columns:
            raise InputError(
                f"column {column!r}",
                Phrase("missing"),
                "one of the table's columns",
                where=name,
                advice="The table has: " + ", ".join(map(str, frame.columns)) + ".",
            )
    return frame[list(pair)].to_numpy(np.float64)


def _plain_points(frame: gpd.GeoDataFrame, crs: Any, name: str) -> pd.DataFrame:
    """The table without its geometry, with the coordinates in `crs` as columns lon and lat."""
    if frame.crs is None:
        raise InputError(
            f"{name}.crs", None, "a coordinate reference system", advice="Set it: gdf.set_crs('EPSG:4326')."
        )
    shapes = frame.geometry.to_crs(crs)
    bad = first((shapes.geom_type != "Point").to_numpy())
    if bad is not None:
        raise InputError(f"geometry of row {bad[0]}", shapes.geom_type.iloc[bad[0]], "Point", where=name)
    kept = frame.drop(columns=[c for c in (frame.geometry.name, "x", "y", "lon", "lat") if c in frame.columns])
    placed: pd.DataFrame = kept.assign(lon=shapes.x.to_numpy(), lat=shapes.y.to_numpy())
    return placed
