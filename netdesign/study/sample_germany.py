"""The German sample: three ranges of products for every place of 20,000 inhabitants and more."""

from __future__ import annotations

import numpy as np
import pandas as pd


def germany() -> dict[str, pd.DataFrame]:
    """Sites in the cities, customers in all places; see the sample's README for what is invented."""
    from geodata import places_frame

    places = places_frame("DE", min_population=20_000)
    customers = [
        _customers(places[places["population"] >= 50_000], "clinics", 0.0006, 1.0, 0.4),
        _customers(places, "medical shops", 0.009, 1.0, 0.25),
        _customers(places[places["population"] >= 30_000], "machine spares", 0.0003, 0.8, 0.8),
    ]
    variants = [
        _variants("clinics", "orthosis", 24, price=240, decay=0.7, quality=6, minutes=40, kg=0.4),
        _variants("medical shops", "insole", 16, price=62, decay=1.8, quality=6, minutes=6, kg=0.25),
        _variants("machine spares", "spare", 40, price=175, decay=0.3, quality=5, minutes=12, kg=0.5),
    ]
    return {
        "customers": pd.concat(customers, ignore_index=True),
        "sites": _workshops(places[places["population"] >= 100_000]),
        "variants": pd.concat(variants, ignore_index=True),
    }


def _customers(places: pd.DataFrame, segment: str, buyers: float, orders: float, kg: float) -> pd.DataFrame:
    """One demand point per place; buyers are a share of the inhabitants."""
    return pd.DataFrame(
        {
            "customer": _distinct(places["name"]),
            "segment": segment,
            "lon": places["lon"].to_numpy().round(4),
            "lat": places["lat"].to_numpy().round(4),
            "buyers": np.round(places["population"].to_numpy() * buyers, 1),
            "orders_per_buyer": orders,
            "drop_kg": kg,
            "drop_m3": 0.004,
            "service_minutes": 6,
        }
    )


def _distinct(names: pd.Series[str]) -> list[str]:
    """Names of places, numbered where several share one."""
    number, several = names.groupby(names).cumcount() + 1, names.duplicated(keep=False)
    return [f"{name} {k}" if more else name for name, k, more in zip(names, number, several, strict=True)]


def _variants(
    segment: str, word: str, count: int, *, price: float, decay: float, quality: float, minutes: float, kg: float
) -> pd.DataFrame:
    """A range whose popularity falls by Zipf's law with the rank."""
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


def _workshops(cities: pd.DataFrame) -> pd.DataFrame:
    """A workshop of 250 m2 in every city; rents and wages rise with the size of the city."""
    size = np.log2(cities["population"].to_numpy() / 100_000)
    return pd.DataFrame(
        {
            "site": _distinct(cities["name"]),
            "lon": cities["lon"].to_numpy().round(4),
            "lat": cities["lat"].to_numpy().round(4),
            "status": "candidate",
            "fixed_open": 40_000,
            "fixed_year": 42_000,
            "rent": np.round(250 * (78 + 16 * size), -2).astype(int),
            "wage": np.round(25 + 0.7 * size, 1),
            "handling": 0.9,
        }
    )
