"""Who drives: the roads that a vehicle may use, and how fast it is on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

from geodata.errors import GeodataError
from geodata.roads.graph import CLASSES

Speeds = Mapping[str, float]

MOTOR_SPEEDS_KMH: Final[Speeds] = MappingProxyType(
    {
        "motorway": 90.0,
        "motorway_link": 45.0,
        "trunk": 85.0,
        "trunk_link": 40.0,
        "primary": 65.0,
        "primary_link": 30.0,
        "secondary": 55.0,
        "secondary_link": 25.0,
        "tertiary": 40.0,
        "tertiary_link": 20.0,
        "unclassified": 25.0,
        "road": 25.0,
        "residential": 25.0,
        "living_street": 10.0,
        "service": 15.0,
    }
)
"""Average speeds of cars by class between junctions, in km/h."""

_BICYCLE_CLASSES = [name for name in CLASSES if not name.startswith(("motorway", "trunk", "ferry"))]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A kind of vehicle.

    Attributes
    ----------
    name : str
        What to call it.
    speeds_kmh : mapping of str to float
        Average speed by class of road, in km/h; other classes are closed.
    access : tuple of str
        Tags that say who may drive, the most specific first; the first one that a road has decides.
    maxspeed_factor : float
        Average speed over a road's own ``maxspeed``, where it has one.
    top_speed_kmh : float
        The vehicle is never faster, in km/h.
    junction_delay_s : float
        Time lost at a node where three or more roads meet, in seconds.
    signal_delay_s : float
        Time lost at a traffic signal, in seconds, instead.
    height_m, width_m, length_m, weight_t : float
        Size of the vehicle, in metres and tonnes; roads with a lower limit are closed.
    ferries : bool
        Whether it takes ferries that carry it.

    Raises
    ------
    GeodataError
        If a speed is not positive, a class is unknown, or a number is negative.
    """

    name: str
    speeds_kmh: Speeds
    access: tuple[str, ...]
    maxspeed_factor: float = 0.8
    top_speed_kmh: float = math.inf
    junction_delay_s: float = 0.0
    signal_delay_s: float = 0.0
    height_m: float = 0.0
    width_m: float = 0.0
    length_m: float = 0.0
    weight_t: float = 0.0
    ferries: bool = False

    def __post_init__(self) -> None:
        for road_class, speed in self.speeds_kmh.items():
            if road_class not in CLASSES:
                raise GeodataError(f"speeds_kmh has {road_class!r}; expected one of {', '.join(CLASSES)}.")
            if not 0 < speed < math.inf:
                raise GeodataError(
                    f"speeds_kmh[{road_class!r}] is {speed}; expected a number > 0. Leave it out instead."
                )
        for name in ("maxspeed_factor", "top_speed_kmh"):
            if not getattr(self, name) > 0:
                raise GeodataError(f"{name} is {getattr(self, name)}; expected a number > 0.")
        for name in ("junction_delay_s", "signal_delay_s", "height_m", "width_m", "length_m", "weight_t"):
            if not 0 <= getattr(self, name) < math.inf:
                raise GeodataError(f"{name} is {getattr(self, name)}; expected a number >= 0.")

    @property
    def parameters(self) -> dict[str, str | float | bool]:
        """Everything that travel times depend on, flat; a top speed only where there is one."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("name", "speeds_kmh", "access")}
        plain = {name: value for name, value in values.items() if value != math.inf}
        speeds = {f"{road_class}_kmh": speed for road_class, speed in self.speeds_kmh.items()}
        return {"profile": self.name, "access": " ".join(self.access)} | plain | speeds


_JUNCTION_S: Final = 0.5
_SIGNAL_S: Final = 2.0
"""With these, times agree with those of OSRM's car profile without a factor: docs/decisions/geography.md."""

CAR: Final = Profile(
    name="car",
    speeds_kmh=MOTOR_SPEEDS_KMH,
    access=("motorcar", "motor_vehicle", "vehicle", "access"),
    junction_delay_s=_JUNCTION_S,
    signal_delay_s=_SIGNAL_S,
)
VAN: Final = Profile(
    name="van",
    speeds_kmh=MOTOR_SPEEDS_KMH,
    access=("goods", "motor_vehicle", "vehicle", "access"),
    junction_delay_s=_JUNCTION_S,
    signal_delay_s=_SIGNAL_S,
    top_speed_kmh=110.0,
    height_m=2.7,
    width_m=2.1,
    length_m=6.0,
    weight_t=3.5,
)
TRUCK: Final = Profile(
    name="truck",
    speeds_kmh=MOTOR_SPEEDS_KMH,
    access=("hgv", "motor_vehicle", "vehicle", "access"),
    junction_delay_s=_JUNCTION_S,
    signal_delay_s=_SIGNAL_S,
    top_speed_kmh=80.0,
    height_m=4.0,
    width_m=2.55,
    length_m=12.0,
    weight_t=18.0,
)
BICYCLE: Final = Profile(
    name="bicycle",
    speeds_kmh=MappingProxyType(dict.fromkeys(_BICYCLE_CLASSES, 16.0) | {"track": 12.0, "path": 12.0}),
    access=("bicycle", "vehicle", "access"),
    maxspeed_factor=1.0,
    top_speed_kmh=16.0,
)
PROFILES: Final = MappingProxyType({profile.name: profile for profile in (CAR, VAN, TRUCK, BICYCLE)})
"""The profiles of this package by name; ``dataclasses.replace`` makes others from them."""
