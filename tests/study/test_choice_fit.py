from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from netdesign.study.choice_fit import _likelihood, fit_choices, newton
from netdesign.study.value import Taste

OWN = Taste(0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 72.0)


def choices(rng, situations, *, price, quality, outside, offers=3):
    """Draws of buyers with known weights; who chooses none of the offers buys elsewhere."""
    rows = []
    for k in range(situations):
        prices, qualities = rng.uniform(10, 60, offers), rng.integers(0, 5, offers)
        utility = np.array([*(-price * prices + quality * qualities), outside]) + rng.gumbel(size=offers + 1)
        best = int(utility.argmax())
        rows += [(f"s{k}", int(best == i), prices[i], qualities[i]) for i in range(offers)]
    frame = pd.DataFrame(rows, columns=["choice", "chosen", "price", "quality"])
    return frame.assign(promise_h=24.0, customization=0.0, features=0.0, convenience=0.0, service_level=1.0)


def test_known_weights_are_found_within_their_standard_errors():
    rng = np.random.default_rng(7)
    taste, fit = fit_choices(choices(rng, 4000, price=0.08, quality=0.5, outside=-1.0), OWN)
    for name, true in (("price_weight", 0.08), ("quality_weight", 0.5), ("outside_utility", -1.0)):
        assert abs(fit.weights[name] - true) < 3 * fit.standard_errors[name]
        assert getattr(taste, name) == fit.weights[name]
    assert fit.standard_errors["price_weight"] < 0.01
    assert fit.held_out > fit.at_random + 0.1
    assert fit.situations == 3200


def test_what_never_varies_stays_the_segments_own():
    rng = np.random.default_rng(7)
    taste, fit = fit_choices(choices(rng, 200, price=0.08, quality=0.5, outside=-1.0), OWN)
    assert set(fit.weights) == {"price_weight", "quality_weight", "outside_utility"}
    assert (taste.delay_weight, taste.features_weight) == (1.0, 1.0)


def test_a_weight_with_the_wrong_sign_is_not_taken():
    rng = np.random.default_rng(7)
    taste, fit = fit_choices(choices(rng, 2000, price=0.05, quality=-0.5, outside=-1.0), OWN)
    assert fit.weights["quality_weight"] < 0
    assert taste.quality_weight == 1.0


def test_too_few_choices_change_nothing():
    rng = np.random.default_rng(7)
    assert fit_choices(choices(rng, 20, price=0.08, quality=0.5, outside=0.0), OWN) == (OWN, None)


def test_with_a_constant_alone_the_weight_is_the_logarithm_of_the_odds():
    # One offer in each of 100 situations, chosen in 75; variance 1 / (n p (1 - p)).
    chosen = np.repeat([1.0, 0.0], [75, 25])
    beta, covariance = newton(np.ones((100, 1)), np.arange(100), chosen)
    assert beta[0] == pytest.approx(math.log(3))
    assert covariance[0, 0] == pytest.approx(1 / (100 * 0.75 * 0.25))


def test_gradient_and_information_are_the_derivatives_of_the_likelihood():
    rng = np.random.default_rng(1)
    x, situation, chosen = rng.normal(size=(40, 3)), np.repeat(np.arange(10), 4), np.zeros(40)
    chosen[::4] = 1
    beta, step = rng.normal(size=3), 1e-5
    _, gradient, information = _likelihood(beta, x, situation, chosen)
    for k, unit in enumerate(np.eye(3) * step):
        up, down = _likelihood(beta + unit, x, situation, chosen), _likelihood(beta - unit, x, situation, chosen)
        assert (up[0] - down[0]) / (2 * step) == pytest.approx(gradient[k], rel=1e-5, abs=1e-6)
        assert (up[1] - down[1]) / (2 * step) == pytest.approx(-information[k], rel=1e-5, abs=1e-6)
