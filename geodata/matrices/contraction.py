"""Travel times on a road network by customizable contraction hierarchies, for many matrices on one network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import GeodataError
from geodata.matrices.on_roads import Labels, OnRoads
from geodata.matrices.results import Provenance, TravelMatrix
from geodata.matrices.road_search import Gates, RoadSearch

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]

_CHUNK_PAIRS: Final = 4_000_000
_LARGEST: Final = 2.0**31 - 2
"""Weights are whole numbers below this."""

_PER_METRE: Final = 1e-4
"""What a metre costs in seconds where lengths are asked for: 0.1 s per kilometre, which changes no way that matters."""


@dataclass(frozen=True, eq=False)
class ContractionEngine(OnRoads):
    """Fastest ways by contraction hierarchies (package pyroutingkit): preparation once, then matrices in a moment.

    Durations agree with those of `RoadEngine` within rounding. Lengths come from a second metric, in which a metre
    costs a ten-thousandth of a second: what it adds is the length of a way that is as fast as the fastest within
    0.1 s per kilometre.

    Attributes
    ----------
    roads : RoadGraph
        The network.
    max_snap_m : float
        Points farther from every road than this are not placed, in metres.

    References
    ----------
    Dibbelt, J., Strasser, B., Wagner, D. (2016). Customizable contraction hierarchies. Journal of Experimental
    Algorithmics 21, 1.5.
    """

    _prepared: Any = None

    @property
    def provenance(self) -> Provenance:
        """Engine, version, and everything that the network and the placing of points depend on."""
        from importlib.metadata import version

        words = {"pyroutingkit": version("pyroutingkit")}
        return Provenance("contraction", "1", MappingProxyType(self.parameters | words))

    def reweighted(self, duration_s: ArrayLike) -> ContractionEngine:
        """An engine on the same roads with other travel times, shape (edges,), in seconds; preparation is kept."""
        return replace(self, roads=self.roads.with_durations(duration_s), _prepared=self._topology)

    def matrix(
        self,
        origins_lonlat: ArrayLike,
        destinations_lonlat: ArrayLike | None = None,
        *,
        origin_labels: Labels = None,
        destination_labels: Labels = None,
    ) -> TravelMatrix:
        """Distances and durations, as by `RoadEngine.matrix`.

        Raises
        ------
        GeodataError
            If a coordinate is missing or out of range, or pyroutingkit is not installed.
        """
        origins, destinations = self.both_snapped(
            origins_lonlat, destinations_lonlat, origin_labels, destination_labels
        )
        search = self.search
        starts, ends = search.gates(origins, "from"), search.gates(destinations, "to")
        shape = (len(origins), len(destinations))
        distance_m, duration_s = np.empty(shape), np.empty(shape)
        along = search.direct(origins, destinations)
        # The work of a call is that of its rows plus that of its columns.
        chunk = max(64, _CHUNK_PAIRS // max(1, shape[1]))
        for begin, end in pairwise([*range(0, shape[0], chunk), shape[0]]):
            rows = slice(begin, end)
            seconds, metres = self._fastest(starts, ends, rows)
            here = slice(*np.searchsorted(along[0], (begin, end)))
            at = (along[0][here] - begin, along[1][here])
            direct_s, direct_m = search.units.parts(along[2][here])
            metres[at] = np.where(direct_s <= seconds[at], direct_m, metres[at])
            np.minimum.at(seconds, at, direct_s)
            duration_s[rows], distance_m[rows] = seconds, metres
        return TravelMatrix(distance_m, duration_s, self.provenance, origins, destinations)

    def _fastest(self, starts: Gates, ends: Gates, rows: slice) -> tuple[Floats, Floats]:
        """Durations and lengths of the best of up to four combinations of gates."""
        shape = (len(starts.node[rows]), len(ends.node))
        seconds_between, metres_between, source, target = self._between(starts.node[rows], ends.node)
        best, metres = np.full(shape, np.inf), np.full(shape, np.inf)
        for a in (0, 1):
            first_s, first_m = self.search.units.parts(starts.cost[rows, a])
            for b in (0, 1):
                last_s, last_m = _signed_parts(self.search, ends.last[:, b])
                pairs = np.ix_(source[:, a], target[:, b])
                seconds = seconds_between[pairs] + first_s[:, np.newaxis] + last_s
                better = seconds < best
                best[better] = seconds[better]
                metres[better] = (metres_between[pairs] + first_m[:, np.newaxis] + last_m)[better]
        return np.maximum(best, 0.0), np.maximum(metres, 0.0)

    def _between(self, sources: Indices, targets: Indices) -> tuple[Floats, Floats, Indices, Indices]:
        """Durations and lengths between the nodes of gates, each node once, and the row or column of every gate."""
        from pyroutingkit import INF_WEIGHT

        (some, source), (others, target) = (np.unique(nodes, return_inverse=True) for nodes in (sources, targets))
        tables = [m.distances_many_to_many(some.astype(np.uint32), others.astype(np.uint32)) for m in self._metrics]
        plain, added = (table.astype(np.float64) for table in tables)
        unknown = plain >= INF_WEIGHT
        seconds = np.where(unknown, np.inf, plain / self._per_second)
        metres = np.where(unknown, np.inf, (added - plain) / (_PER_METRE * self._per_second))
        return seconds, metres, source.reshape(sources.shape), target.reshape(targets.shape)

    @cached_property
    def _topology(self) -> Any:
        if self._prepared is not None:
            return self._prepared
        try:
            from pyroutingkit import CCHTopology
        except ImportError:
            advice = "Install it: pip install pyroutingkit. RoadEngine gives the same times without it."
            raise GeodataError(
                f"the package pyroutingkit is missing; contraction hierarchies need it. {advice}"
            ) from None
        topology, roads = CCHTopology(), self.roads
        lon, lat = roads.node_lonlat.T.astype(np.float32)
        ends = (roads.source.astype(np.uint32), roads.target.astype(np.uint32))
        topology.build(*ends, np.ascontiguousarray(lat), np.ascontiguousarray(lon), roads.n_nodes)
        return topology

    @cached_property
    def _per_second(self) -> float:
        """Units of weight per second: as fine as the longest way allows."""
        search, n = self.search, self.roads.n_nodes
        everywhere = np.arange(n)[:1]
        hub = int(np.flatnonzero(self.roads.component == 0)[0])
        gates = Gates(np.full((1, 2), hub), np.array([[0.0, np.inf]]), np.zeros((1, 2)))
        reach = 0.0
        for side in ("from", "to"):
            cost = search.run(gates, everywhere, side)
            reach += float(search.units.parts(cost[np.isfinite(cost)])[0].max(initial=1.0))
        return float(np.clip(_LARGEST / (4 * reach), 1e2, 1e5))

    @cached_property
    def _metrics(self) -> tuple[Any, Any]:
        """Weights for durations alone, and with lengths added."""
        from pyroutingkit import INF_WEIGHT, CCHMetric

        topology, roads = self._topology, self.roads
        passed_s = roads.duration_s + roads.delay_s[roads.target]
        weight = np.rint(np.where(roads.is_open, passed_s, 0.0) * self._per_second)
        lengths = np.rint(roads.length_m * _PER_METRE * self._per_second)
        metrics = []
        for weights in (weight, weight + lengths):
            metric = CCHMetric(topology)
            metric.customize(np.where(roads.is_open, np.minimum(weights, _LARGEST), INF_WEIGHT).astype(np.uint32))
            metrics.append(metric)
        return metrics[0], metrics[1]


def _signed_parts(search: RoadSearch, cost: Floats) -> tuple[Floats, Floats]:
    """Parts of costs that are below zero where a delay is taken back."""
    seconds, metres = search.units.parts(np.abs(cost))
    return np.where(cost < 0, -seconds, seconds), np.where(cost < 0, -metres, metres)
