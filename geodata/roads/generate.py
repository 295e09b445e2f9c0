"""Seeded synthetic road networks, with what makes real ones hard: labelled as such in ``about``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError
from geodata.roads.graph import CLASSES, RoadGraph
from geodata.roads.profile import MOTOR_SPEEDS_KMH
from geodata.sphere import EARTH_RADIUS_M, great_circle_pairs_m

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_BLOCK_M: Final = 180.0
_ARTERIAL, _COLLECTOR = 12, 4
"""Every so many streets one is an arterial, a collector."""
_JITTER: Final = 0.28
_MISSING: Final = 0.14
_ONE_WAY: Final = 0.2
_WINDING: Final = 0.12
_STRAIT_M: Final = 3000.0
_SIGNAL_S: Final = 8.0
_KINDS: Final = ("residential", "tertiary", "primary")


def generated_roads(
    n_nodes: int, *, seed: int, centre: tuple[float, float] = (5.0, 52.0), bridges: int = 3, island: float = 0.01
) -> RoadGraph:
    """A town of irregular blocks, denser in the middle, on both banks of a river with few bridges, and an island.

    Streets, collectors and arterials of different speed; a fifth of the streets are one-way, a seventh are missing.
    Dead ends that these leave without a way out are not part of the town.

    Parameters
    ----------
    n_nodes : int
        About so many nodes, at least 100.
    seed : int
        The same seed gives the same bytes with the same NumPy.
    centre : tuple of float
        Longitude and latitude of the middle, in degrees.
    bridges : int
        Number of bridges, at least 1; their roads are named ``"bridge 1"`` and so on, from west to east.
    island : float
        Share of the nodes on an island east of the town, which nothing connects with it, 0 for none.

    Returns
    -------
    RoadGraph
        The town is component 0, the island component 1.

    Raises
    ------
    GeodataError
        If a number is out of range.
    """
    if n_nodes < 100 or bridges < 1 or not 0 <= island < 0.5:
        raise GeodataError(
            f"n_nodes is {n_nodes}, bridges {bridges}, island {island}; expected at least 100, at least 1 and 0..0.5."
        )
    rng = np.random.default_rng(seed)
    # A few corners lose all ways in or out.
    points, streets = _town(math.isqrt(round(1.03 * n_nodes * (1 - island))), bridges, rng)
    side = math.isqrt(round(1.03 * n_nodes * island))
    if side > 1:
        land, ways = _grid(side, rng)
        land[:, 0] += points[:, 0].max() - land[:, 0].min() + _STRAIT_M
        ways[:, :2] += len(points)
        points, streets = np.concatenate([points, land]), np.concatenate([streets, ways])
    numbers = {"n_nodes": n_nodes, "seed": seed, "bridges": bridges, "island": island}
    about = {"source": "synthetic", "generator": "1", "centre": f"{centre[0]:g},{centre[1]:g}"} | numbers
    graph = _built(_lonlat(points, centre), streets, rng, bridges, about)
    return graph.part((graph.component == 0) | ((graph.component == 1) & (side > 1)))


def _grid(side: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Corners of irregular blocks in metres around the middle, shape (n, 2), and streets: two corners, kind, bridge."""
    corner = np.arange(side * side).reshape(side, side)
    where = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1) - (side - 1) / 2
    where = where + rng.uniform(-_JITTER, _JITTER, where.shape)
    # Blocks in the middle are half as wide as those at the edge.
    radius = np.linalg.norm(where, axis=-1, keepdims=True) / max(1.0, side / 2)
    points = (where * (0.6 + 0.5 * radius) * _BLOCK_M).reshape(-1, 2)
    line = np.arange(side)
    kind = np.where(line % _ARTERIAL == _ARTERIAL // 2, 2, np.where(line % _COLLECTOR == _COLLECTOR // 2, 1, 0))
    along = [corner[:, :-1].ravel(), corner[:, 1:].ravel(), np.repeat(kind, side - 1)]
    across = [corner[:-1].ravel(), corner[1:].ravel(), np.tile(kind, side - 1)]
    streets = np.concatenate([np.column_stack(along), np.column_stack(across)])
    missing = (streets[:, 2] == 0) & (rng.random(len(streets)) < _MISSING)
    return points, np.column_stack([streets, np.zeros(len(streets), dtype=np.int64)])[~missing]


def _town(side: int, bridges: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """A grid that a winding river divides; of the streets across it, only the bridges stay."""
    points, streets = _grid(side, rng)
    width = np.abs(points[:, 0]).max()
    bend = rng.uniform(-1, 1, 3) * [0.12, 0.08, 0.04]
    turns = points[:, :1] / width * np.pi * [0.5, 1.0, 2.0]
    north = points[:, 1] > width * (np.sin(turns) * bend).sum(axis=1)
    crossing = np.flatnonzero(north[streets[:, 0]] != north[streets[:, 1]])
    if bridges > len(crossing):
        raise GeodataError(f"bridges is {bridges}; expected at most {len(crossing)}, the streets that meet the river.")
    from_west = crossing[np.argsort(points[streets[crossing, 0], 0], kind="stable")]
    arterial = from_west[streets[from_west, 2] == 2]
    choice = arterial if len(arterial) >= bridges else from_west
    chosen = choice[np.floor((np.arange(bridges) + 0.5) * len(choice) / bridges).astype(np.int64)]
    streets[chosen, 2], streets[chosen, 3] = 2, np.arange(1, bridges + 1)
    return points, np.delete(streets, np.setdiff1d(crossing, chosen), axis=0)


def _lonlat(points: Floats, centre: tuple[float, float]) -> Floats:
    """Metres around the centre to degrees."""
    degree_m = EARTH_RADIUS_M * math.pi / 180
    lat = centre[1] + points[:, 1] / degree_m
    return np.column_stack([centre[0] + points[:, 0] / (degree_m * math.cos(math.radians(centre[1]))), lat])


def _built(
    lonlat: Floats, streets: Ints, rng: np.random.Generator, bridges: int, about: Mapping[str, Any]
) -> RoadGraph:
    u, v, kind, bridge = streets.T
    length_m = great_circle_pairs_m(lonlat[u], lonlat[v]) * (1 + _WINDING * rng.random(len(u)))
    speed_ms = np.array([MOTOR_SPEEDS_KMH[name] for name in _KINDS])[kind] / 3.6
    turned = rng.random(len(u)) < 0.5
    u, v = np.where(turned, v, u), np.where(turned, u, v)
    back = np.flatnonzero((kind > 0) | (rng.random(len(u)) >= _ONE_WAY))
    both = np.concatenate([np.arange(len(u)), back])
    twin = np.full(len(both), -1)
    twin[back], twin[len(u) :] = len(u) + np.arange(len(back)), back
    arterials = np.bincount(np.concatenate([u[kind == 2], v[kind == 2]]), minlength=len(lonlat))
    return RoadGraph.from_edges(
        lonlat,
        np.concatenate([u, v[back]]),
        np.concatenate([v, u[back]]),
        (length_m / speed_ms)[both],
        length_m=length_m[both],
        delay_s=np.where(arterials >= 3, _SIGNAL_S, 0.0),
        road_class=np.array([CLASSES.index(name) for name in _KINDS])[kind[both]],
        name=bridge[both],
        twin=twin,
        names=("", *(f"bridge {k}" for k in range(1, bridges + 1))),
        about=about,
    )
