"""Factors against closed forms, and against nodes whose true factors are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from netdesign.study.factors import ELSEWHERE, PLAIN, fit_factors
from netdesign.study.shrinkage import between_variance


def days_of(predicted, routed, vehicle="van"):
    """Rows of shape (nodes, days)."""
    nodes, days = np.shape(predicted)
    return pd.DataFrame(
        {
            "vehicle_type": vehicle,
            "site": np.repeat([f"n{j}" for j in range(nodes)], days),
            "day": np.tile(np.arange(days), nodes),
            "stops": 10,
            "predicted_cost": np.ravel(predicted),
            "routed_cost": np.ravel(routed),
        }
    )


def drawn(true, seed, days=4, noise=0.05, cost=1000.0):
    """Days of nodes with true factors: the routed cost scatters with the root of the predicted one."""
    rng = np.random.default_rng(seed)
    predicted = cost * rng.uniform(0.8, 1.2, (len(true), days))
    scatter = noise * np.sqrt(cost * predicted) * rng.standard_normal(predicted.shape)
    return days_of(predicted, np.asarray(true)[:, None] * predicted + scatter)


def test_nothing_learned_is_a_factor_of_one():
    assert PLAIN.of("van", ["a", "b"]).tolist() == [1.0, 1.0]


def test_without_noise_every_node_has_its_own_factor_and_others_the_mean():
    predicted = np.array([[100.0, 120.0], [80.0, 60.0], [50.0, 70.0]])
    factors = fit_factors(days_of(predicted, predicted * [[1.2], [0.9], [1.5]]))
    assert factors.of("van", ["n0", "n1", "n2", "elsewhere"]) == pytest.approx([1.2, 0.9, 1.5, 1.2], abs=1e-4)
    assert factors.of("bike", ["n0"]).tolist() == [1.0]


def test_one_day_of_every_node_has_no_error_bar_and_no_factor():
    assert fit_factors(days_of([[100.0], [80.0]], [[120.0], [70.0]])) == PLAIN


def test_the_spread_between_nodes_is_dersimonian_and_laird_by_hand():
    # Equal variances v: Q = sum (y - mean)^2 / v = 2 / v, and C = (3 - 1) / v, so tau^2 = (2 / v - 2) * v / 2 = 1 - v.
    assert between_variance(np.array([0.0, 1.0, 2.0]), np.full(3, 0.25)) == pytest.approx(0.75)
    assert between_variance(np.array([1.0, 1.1, 0.9]), np.full(3, 0.25)) == 0.0


def test_nodes_alike_move_to_their_mean_by_the_share_that_morris_has():
    own = np.array([1.10, 1.12, 1.08, 1.11, 1.09, 1.10])
    factors = fit_factors(days_of(np.full((6, 2), 100.0), 100 * (own[:, None] + [[-0.2, 0.2]])))
    # The days of a node differ by more than the nodes: they move to the mean, 1.1, by (6 - 3) / (6 - 1).
    assert factors.of("van", [f"n{j}" for j in range(6)]) == pytest.approx(0.4 * own + 0.6 * 1.1)


def test_shrunk_factors_are_nearer_to_the_truth_than_the_nodes_own_and_as_far_as_they_say():
    """Over a hundred draws: smaller squared error than unshrunk ratios, and errors as large as the error bars."""
    rng, shrunk, plain, bars, elsewhere = np.random.default_rng(1), [], [], [], []
    for seed in range(100):
        true = rng.normal(1.1, 0.08, 8)
        days = drawn(true, seed, noise=0.15)
        factors = fit_factors(days)
        names = [f"n{j}" for j in range(8)]
        sums = days.groupby("site")[["predicted_cost", "routed_cost"]].sum()
        shrunk.append(factors.of("van", names) - true)
        plain.append((sums["routed_cost"] / sums["predicted_cost"]).to_numpy() - true)
        bars.append([row.standard_error for row in factors.rows if row.site != ELSEWHERE])
        apart = rng.normal(1.1, 0.08) - factors.rows[0].factor
        elsewhere.append(apart / factors.rows[0].standard_error)
    assert np.mean(np.square(shrunk)) < 0.85 * np.mean(np.square(plain))
    assert np.std(np.array(shrunk) / bars) == pytest.approx(1.0, abs=0.2)
    assert np.std(elsewhere) == pytest.approx(1.0, abs=0.3)
