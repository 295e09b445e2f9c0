"""``netdesign places``: cities with their inhabitants and coordinates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netdesign.cli import output
from netdesign.cli.options import Json

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".gpkg")
SHOWN = 20


def places(
    country: Annotated[
        str | None, typer.Option("--country", metavar="CC[,CC]", help="ISO 3166-1 codes, as NL; all where left out.")
    ] = None,
    admin1: Annotated[
        str | None,
        typer.Option("--admin1", metavar="A[,A]", help="Regions within one country: GeoNames' codes, as NY in the US."),
    ] = None,
    min_population: Annotated[
        int, typer.Option("--min-population", metavar="N", help="Smallest number of inhabitants, 5,000 or more.")
    ] = 5000,
    find: Annotated[
        str | None,
        typer.Option("--find", metavar="NAME", help="Only cities of this name, whatever its case and accents."),
    ] = None,
    outputs: Annotated[
        list[Path] | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write all cities, by the file's ending; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> int:
    """List cities with their inhabitants and coordinates, or find those of a name.

    From GeoNames (CC BY 4.0), most populous first. 20 of them are printed; -o writes all to .csv or .gpkg.

    \b
    netdesign places --country NL --min-population 50000
    netdesign places --country US --admin1 NY,NJ -o cities.csv -o cities.gpkg
    netdesign places --find Springfield --country US
    """
    targets = outputs or []
    output.check_targets(targets, ENDINGS, [])
    from geodata import find_places, places_frame

    countries, regions = _codes(country), _codes(admin1)
    frame = places_frame(countries, min_population=min_population, admin1=regions)
    if find is not None:
        frame = frame[frame["geonameid"].isin(find_places(find, countries, admin1=regions)["geonameid"])]
    frame = frame.sort_values("population", ascending=False, kind="stable", ignore_index=True)
    return _deliver(frame, targets, as_json, min_population)


def _codes(text: str | None) -> str | list[str] | None:
    """One code or several, as `geodata.places_frame` takes them."""
    return [code.strip() for code in text.split(",")] if text is not None and "," in text else text


def _deliver(frame: pd.DataFrame, targets: list[Path], as_json: bool, min_population: int) -> int:
    """Write and print the places; the exit code."""
    if not frame.empty:
        output.write_files(
            targets,
            {
                ".csv": lambda path: frame.to_csv(path, index=False),
                ".gpkg": lambda path: _write_points(path, frame),
            },
        )
    if as_json:
        output.say(output.to_json({"count": len(frame), "places": frame.to_dict("records")}))
    if frame.empty:
        output.warn(f"no place of {min_population:,} inhabitants or more")
        return 1
    if not as_json:
        head = f"{len(frame):,} place{'s' * (len(frame) > 1)}, {frame['population'].sum():,} inhabitants"
        output.say("\n".join([head] if targets else [head, "", *_table_lines(frame)]))
    return 0


def _table_lines(frame: pd.DataFrame) -> list[str]:
    shown = frame.head(SHOWN)
    width = max(4, shown["name"].str.len().max())
    lines = [f"{'name':{width}}  country  admin1  {'population':>12}  {'lon':>9}  {'lat':>8}"]
    lines += [
        f"{p.name:{width}}  {p.country:7}  {p.admin1:6}  {p.population:12,}  {p.lon:9.4f}  {p.lat:8.4f}"
        for p in shown.itertuples(index=False)
    ]
    if len(frame) > SHOWN:
        lines.append(f"... and {len(frame) - SHOWN:,} more; -o FILE writes them all")
    return lines


def _write_points(path: Path, frame: pd.DataFrame) -> None:
    import geopandas as gpd

    points = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")
    points.to_file(path, layer="places", driver="GPKG")
