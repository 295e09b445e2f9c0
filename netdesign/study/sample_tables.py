"""Tables that samples have in common: demand at places, ranges of variants, workshops in cities."""

from __future__ import annotations

import numpy as np
import pandas as pd


def demand_points(
    places: pd.DataFrame, segment: str, *, buyers: float, kg: float, orders: float = 1.0, units: float = 1.0
) -> pd.DataFrame:
    """One demand point per place; buyers are a share of the inhabitants."""
    return pd.DataFrame(
        {
            "customer": distinct(places["name"]),
            "segment": segment,
            "lon": places["lon"].to_numpy().round(4),
            "lat": places["lat"].to_numpy().round(4),
            "buyers": np.round(places["population"].to_numpy() * buyers, 1),
            "orders_per_buyer": orders,
            "units_per_order": units,
            "drop_kg": kg,
            "drop_m3": round(kg / 100, 4),
            "service_minutes": 6,
        }
    )


def distinct(names: pd.Series[str]) -> list[str]:
    """Names of places, numbered where several share one."""
    number, several = names.groupby(names).cumcount() + 1, names.duplicated(keep=False)
    return [f"{name} {k}" if more else name for name, k, more in zip(names, number, several, strict=True)]


def variants_by_rank(
    segment: str, word: str, count: int, *, price: float, decay: float, quality: float, minutes: float, kg: float
) -> pd.DataFrame:
    """A range whose popularity falls with the rank, by Zipf's law."""
    return pd.DataFrame(
        {
            "variant": [f"{word} {k:02d}" for k in range(1, count + 1)],
            "segment": segment,
            "price": price,
            "popularity": np.round(np.arange(1, count + 1) ** -decay, 4),
            "quality": quality,
            "customization": 2,
            "process_minutes": minutes,
            "unit_kg": kg,
            "return_rate": 0.02,
        }
    )


def workshops(
    cities: pd.DataFrame, *, m2: float, rent: float, wage: float, fixed_open: float, fixed_year: float, handling: float
) -> pd.DataFrame:
    """A workshop in every city; rents and wages rise with the size of the city."""
    size = np.log2(cities["population"].to_numpy() / 100_000)
    return pd.DataFrame(
        {
            "site": distinct(cities["name"]),
            "lon": cities["lon"].to_numpy().round(4),
            "lat": cities["lat"].to_numpy().round(4),
            "status": "candidate",
            "fixed_open": fixed_open,
            "fixed_year": fixed_year,
            "rent": np.round(m2 * rent * (1 + 0.2 * size), -2).astype(int),
            "wage": np.round(wage + 0.7 * size, 1),
            "handling": handling,
        }
    )
