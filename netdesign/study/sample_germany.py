"""The German sample: three ranges of products for every place of 20,000 inhabitants and more."""

from __future__ import annotations

import numpy as np
import pandas as pd

from netdesign.study.sample_tables import demand_points, variants_by_rank, workshops


def germany() -> dict[str, pd.DataFrame]:
    """Sites in the cities, customers in all places; see the sample's README for what is invented."""
    from geodata import places_frame

    places = places_frame("DE", min_population=20_000)
    customers = [
        demand_points(places[places["population"] >= 50_000], "clinics", buyers=0.0006, kg=0.4),
        demand_points(places, "medical shops", buyers=0.009, kg=0.25),
        demand_points(places[places["population"] >= 30_000], "machine spares", buyers=0.0003, kg=0.8, orders=0.8),
    ]
    variants = [
        variants_by_rank("clinics", "orthosis", 24, price=240, decay=0.7, quality=6, minutes=40, kg=0.4),
        variants_by_rank("medical shops", "insole", 16, price=62, decay=1.8, quality=6, minutes=6, kg=0.25),
        variants_by_rank("machine spares", "spare", 40, price=175, decay=0.3, quality=5, minutes=12, kg=0.5),
    ]
    cities = places[places["population"] >= 100_000]
    return {
        "customers": pd.concat(customers, ignore_index=True),
        "sites": workshops(cities, m2=250, rent=78, wage=25, fixed_open=40_000, fixed_year=42_000, handling=0.9),
        "variants": pd.concat(variants, ignore_index=True),
        "shipments": _shipments(),
    }


def _shipments() -> pd.DataFrame:
    """Parcels that were paid, all over the country: by the order, the kg and the km, give or take some per cent."""
    rng, frames = np.random.default_rng(20_260_101), []
    for mode, count, order, kg, km in (("parcel", 90, 5.2, 0.3, 0.0006), ("express", 60, 11.5, 0.6, 0.002)):
        distance = np.round(rng.uniform(2, 650, count))
        mass = np.round(np.maximum(rng.lognormal(-0.7, 0.7, count), 0.1), 2)
        cost = np.round((order + kg * mass + km * distance) * rng.lognormal(0, 0.06, count), 2)
        frames.append(pd.DataFrame({"mode": mode, "km": distance, "kg": mass, "cost": cost}))
    return pd.concat(frames, ignore_index=True)
