"""``netdesign roads``: road networks from OpenStreetMap extracts, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netdesign.cli import output
from netdesign.cli.options import Json
from netdesign.errors import InputError, closest

if TYPE_CHECKING:
    from geodata import Profile, RoadGraph

ENDINGS = (".npz", ".gpkg")

roads = typer.Typer(name="roads", help="Road networks: build one from an extract, or say what is in one.")

ProfileName = Annotated[
    str, typer.Option("--profile", metavar="P", help="Who drives: car, van, truck or bicycle; for .osm.pbf files.")
]
Ferries = Annotated[bool, typer.Option("--ferries", help="Take ferries that carry the vehicle.")]
JunctionDelay = Annotated[
    float | None,
    typer.Option("--junction-delay", metavar="S", help="Seconds lost where three or more roads meet."),
]


@roads.command()
def build(
    extract: Annotated[Path, typer.Argument(help="An OpenStreetMap extract, .osm.pbf.")],
    outputs: Annotated[
        list[Path],
        typer.Option("--output", "-o", metavar="FILE", help="Write the network, .npz or .gpkg; may be repeated."),
    ],
    profile: ProfileName = "car",
    ferries: Ferries = False,
    junction_delay: JunctionDelay = None,
    as_json: Json = False,
) -> int:
    """Build the road network of an extract for a vehicle.

    Nothing is fetched. .npz is for other commands, .gpkg for maps.

    \b
    netdesign roads build helsinki.osm.pbf -o roads.npz
    netdesign roads build helsinki.osm.pbf --profile truck --ferries -o roads.npz -o roads.gpkg
    """
    output.check_targets(outputs, ENDINGS, [extract])
    from geodata import read_roads, roads_to_geopackage, save_roads

    network = read_roads(extract, profile_of(profile, ferries, junction_delay))
    output.write_files(
        outputs,
        {
            ".npz": lambda path: save_roads(network, path),
            ".gpkg": lambda path: roads_to_geopackage(network, path),
        },
    )
    return _say(network, as_json)


@roads.command()
def info(
    file: Annotated[Path, typer.Argument(help="A network, .npz, or an extract, .osm.pbf.")],
    profile: ProfileName = "car",
    as_json: Json = False,
) -> int:
    """Say what is in a road network: its size, its parts, where it comes from.

    \b
    netdesign roads info roads.npz
    """
    from geodata import load_roads

    return _say(load_roads(file, profile_of(profile)), as_json)


def profile_of(name: str, ferries: bool = False, junction_delay: float | None = None) -> Profile:
    """The profile that the options describe.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    from dataclasses import replace

    from geodata.roads import PROFILES

    if name not in PROFILES:
        raise InputError("--profile", name, "one of " + ", ".join(PROFILES), advice=closest(name, list(PROFILES)))
    profile = replace(PROFILES[name], ferries=ferries)
    return profile if junction_delay is None else replace(profile, junction_delay_s=junction_delay)


def _say(network: RoadGraph, as_json: bool) -> int:
    facts = _facts(network)
    if as_json:
        output.say(output.to_json(facts))
        return 0
    largest = facts["nodes_by_component"][0] / facts["nodes"]
    parts = len(facts["nodes_by_component"])
    lines = [
        f"{facts['nodes']:,} nodes, {facts['edges']:,} edges, {facts['km']:,.0f} km of road",
        f"components  {parts:,}, the largest with {largest:.1%} of the nodes",
        "bounds      " + ", ".join(f"{degrees:.4f}" for degrees in facts["bounds"]),
        "km          " + ", ".join(f"{name} {km:,.0f}" for name, km in facts["km_by_class"].items()),
        *(f"{key:12}{facts['about'][key]}" for key in ("extract", "profile", "source") if key in facts["about"]),
    ]
    output.say("\n".join(lines))
    return 0


def _facts(network: RoadGraph) -> dict[str, Any]:
    import numpy as np

    from geodata.roads import CLASSES

    # A road for both directions counts once.
    once = (network.twin < 0) | (np.arange(network.n_edges) < network.twin)
    km = np.bincount(network.road_class[once], network.length_m[once] / 1000, minlength=len(CLASSES))
    return {
        "nodes": network.n_nodes,
        "edges": network.n_edges,
        "km": float(km.sum()),
        "km_by_class": {name: float(length) for name, length in zip(CLASSES, km, strict=True) if length},
        "nodes_by_component": np.bincount(network.component).tolist(),
        "bounds": list(network.bounds),
        "about": dict(network.about),
    }
