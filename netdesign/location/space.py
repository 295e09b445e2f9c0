"""A plane and the Earth, seen alike: points are vectors, straight lines and great circles lead from one to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netdesign.location.costs import EARTH_RADIUS_M, Floats, unit_vectors


@dataclass(frozen=True)
class Space:
    """Points are rows: coordinates of a plane, or unit vectors; lengths are in user units (metres on the Earth)."""

    on_sphere: bool

    def vectors(self, places: Floats) -> Floats:
        """Shape (points, 2 or 3): of coordinates, or of longitudes and latitudes."""
        return np.asarray(unit_vectors(places)) if self.on_sphere else np.array(places)

    def places(self, vectors: Floats) -> Floats:
        """The way back, shape (points, 2)."""
        if not self.on_sphere:
            return vectors
        x, y, z = vectors.T
        return np.asarray(np.degrees(np.column_stack([np.arctan2(y, x), np.arctan2(z, np.hypot(x, y))])))

    def distance(self, a: Floats, b: Floats) -> Floats:
        """Between points that stand for each other along all axes but the last."""
        away = np.sqrt(((a - b) ** 2).sum(axis=-1))
        if not self.on_sphere:
            return np.asarray(away)
        return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.minimum(away / 2, 1.0)))

    def directions(self, a: Floats, b: Floats) -> Floats:
        """Of unit length, along the way from a to b; 0 where they are the same or opposite each other."""
        way = b - a
        if self.on_sphere:
            way = way - (way * a).sum(axis=-1, keepdims=True) * a
        length = np.sqrt((way * way).sum(axis=-1, keepdims=True))
        return np.asarray(way / np.where(length > 1e-15, length, np.inf))

    def moved(self, a: Floats, way: Floats) -> Floats:
        """Shape (points, 2 or 3): after going `way`, a vector of some length at right angles to a on the Earth."""
        if not self.on_sphere:
            return a + way
        way = way / EARTH_RADIUS_M
        angle = np.sqrt((way * way).sum(axis=-1, keepdims=True))
        after = np.cos(angle) * a + np.sinc(angle / np.pi) * way
        return np.asarray(after / np.sqrt((after * after).sum(axis=-1, keepdims=True)))

    def middle(self, a: Floats, b: Floats) -> Floats:
        """Halfway between points."""
        return self.centre(np.stack([a, b], axis=-2))

    def centre(self, corners: Floats) -> Floats:
        """The mean over the last axis but one."""
        mean = corners.mean(axis=-2)
        return mean / np.sqrt((mean * mean).sum(axis=-1, keepdims=True)) if self.on_sphere else np.asarray(mean)

    def triangles(self, points: Floats) -> Floats:
        """Shape (triangles, 3, 2 or 3): two around the points of a plane, or eight that are the Earth."""
        if self.on_sphere:
            signs = np.array([(x, y, z) for x in (1, -1) for y in (1, -1) for z in (1, -1)], float)
            return np.array([np.diag(sign) for sign in signs])
        low, high = points.min(axis=0), points.max(axis=0)
        (west, south), (east, north) = low, high
        return np.array([[low, (east, south), high], [low, high, (west, north)]])
