"""The sample of the Northeast of the United States: three ways to sell configurable footwear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from netdesign.study.sample_tables import demand_points, variants_by_rank, workshops

SEED = 20_260_101

STATES = ("NY", "NJ", "CT", "MA", "RI", "NH", "VT", "ME", "PA")


def northeast() -> dict[str, pd.DataFrame]:
    """Sites in the cities, customers in all places of 15,000 and more; see the sample's README for what is invented."""
    from geodata import places_frame

    places = places_frame("US", min_population=15_000, admin1=STATES)
    customers = [
        demand_points(places, "team orders", buyers=0.0004, kg=12.0, units=15.0),
        demand_points(places, "custom individual", buyers=0.0012, kg=0.9),
        demand_points(places, "outlet", buyers=0.012, kg=1.0),
    ]
    variants = [
        variants_by_rank("team orders", "team shoe", 10, price=74, decay=1.0, quality=5, minutes=14, kg=0.7),
        variants_by_rank("custom individual", "custom shoe", 30, price=149, decay=0.6, quality=7, minutes=22, kg=0.7),
        variants_by_rank("outlet", "outlet shoe", 20, price=49, decay=1.5, quality=4, minutes=9, kg=0.7),
    ]
    team = variants[0]
    cities = places[places["population"] >= 90_000]
    return {
        "customers": pd.concat(customers, ignore_index=True),
        "sites": workshops(cities, m2=400, rent=110, wage=21, fixed_open=90_000, fixed_year=88_000, handling=1.4),
        "variants": pd.concat(variants, ignore_index=True),
        "history": _sold(team["variant"].to_numpy(str), team["popularity"].to_numpy(float)),
    }


def _sold(shoes: np.ndarray, popularity: np.ndarray) -> pd.DataFrame:
    """Forty days of team orders, fifteen pairs each, 29 a day in the mean, more on some days and fewer on others."""
    rng = np.random.default_rng(SEED)
    mean = 29 * popularity / popularity.sum()
    orders = rng.poisson(mean[:, None] * rng.gamma(8, 1 / 8, (len(shoes), 40)))
    shoe, day = np.nonzero(orders)
    units = 15 * orders[shoe, day]
    days = pd.bdate_range("2025-09-01", periods=40).strftime("%Y-%m-%d").to_numpy()
    frame = pd.DataFrame({"segment": "team orders", "variant": shoes[shoe], "day": days[day], "units": units})
    return frame.sort_values(["day", "variant"], ignore_index=True)
