"""Maximum capture: known answers, competitors, odd attractions, bounds that hold and cuts that do."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import netdesign as nd
from netdesign.errors import CheckError, InputError
from netdesign.location import CostMatrix, Flows, LocationProblem, LocationSolution, PlanarCosts, check
from netdesign.location.capture_certificate import prove_capture
from netdesign.location.market import Market

COST = [[1.0, 2.0, 4.0], [4.0, 2.0, 1.0]]
STATUS = ["candidate", "competitor", "candidate"]


def capture(**fields: Any) -> LocationProblem:
    base = {"costs": CostMatrix(COST), "model": "max-capture", "p": 1, "decay": 1.0, "status": STATUS}
    return LocationProblem(**(base | fields))


def test_huff_divides_by_the_cost() -> None:
    # Site 0 attracts 1/1 against 1/2 of the first customer, 1/4 against 1/2 of the second.
    problem = capture(weight=[3, 1])
    result = nd.locate(problem)
    assert result.status == "optimal"
    assert result.best().open.tolist() == [0]
    assert result.objective == pytest.approx(3 * (1 / 1.5) + 1 * (0.25 / 0.75))


def test_logit_takes_the_exponential_of_the_cost() -> None:
    result = nd.locate(capture(weight=[1, 3], attraction="logit", decay=math.log(2)))
    # 2^-1 against 2^-2 of the second customer, 2^-4 against 2^-2 of the first.
    assert result.best().open.tolist() == [2]
    assert result.objective == pytest.approx(3 * (0.5 / 0.75) + (1 / 16) / (5 / 16))


def test_what_attracts_outside_takes_its_part() -> None:
    whole = nd.locate(capture(outside=[0.5, 0])).objective
    assert whole == pytest.approx(max(1 / (1 + 0.5 + 0.5) + 0.25 / 0.75, 0.25 / (0.25 + 0.5 + 0.5) + 1 / 1.5))


def test_flows_say_who_captures_what() -> None:
    solution = nd.locate(capture(p=2, weight=[7, 7])).best()
    told = {(i, j): q for i, j, q in zip(*map(np.ndarray.tolist, vars(solution.flows).values()), strict=True)}
    assert told == pytest.approx({(0, 0): 4.0, (0, 2): 1.0, (1, 0): 1.0, (1, 2): 4.0})  # 1, 1/2, 1/4 of 7/4
    assert solution.assignment.tolist() == [0, 2]
    assert solution.sites_frame()["weight"].tolist() == pytest.approx([5.0, 0.0, 5.0])
    assert solution.unit_cost == pytest.approx([(4 * 1 + 1 * 4) / 5] * 2)


def test_at_cost_zero_a_customer_looks_no_further() -> None:
    cost = [[0.0, 0.0, 3.0], [0.0, 5.0, 3.0], [2.0, 0.0, 2.0]]
    result = nd.locate(capture(costs=CostMatrix(cost), attractiveness=[3, 1, 9], outside=[1, 1, 1], weight=[4, 2, 5]))
    assert result.best().open.tolist() == [0]
    assert result.objective == pytest.approx(4 * 3 / 4 + 2)  # the third is at its competitor's door


def test_attractions_beyond_any_float_are_still_compared() -> None:
    far = capture(costs=CostMatrix([[9000.0, 9001.0, 9002.0]]), attraction="logit", p=2)
    share = (1 + math.exp(-2)) / (1 + math.exp(-1) + math.exp(-2))
    assert nd.locate(far).objective == pytest.approx(share)


def test_without_competitors_everything_is_captured() -> None:
    result = nd.locate(capture(status=["candidate"] * 3, weight=[2, 3]))
    assert (result.status, result.objective) == ("optimal", 5.0)


def test_who_cannot_be_served_is_not_captured() -> None:
    result = nd.locate(capture(costs=CostMatrix([[math.inf, math.inf, math.inf], [1.0, 1.0, 1.0]])))
    assert result.best().assignment.tolist() == [-1, 0]
    assert result.objective == pytest.approx(0.5)


def test_forced_and_closed_sites_stay_so() -> None:
    problem = market(60, 12, p=4, seed=3)
    free = nd.locate(problem)
    status = np.asarray(problem.status).copy()
    inside, outside = free.best().open[0], np.setdiff1d(np.flatnonzero(problem.usable), free.best().open)[0]
    status[inside], status[outside] = "closed", "open"
    other = nd.locate(problem.replace(status=status))
    assert other.status == "optimal"
    assert inside not in other.best().open
    assert outside in other.best().open
    assert (other.objective or 0.0) <= (free.objective or 0.0)
    assert other.objective == pytest.approx(best_of_all(problem.replace(status=status)))


def market(n: int, m: int, seed: int, rivals: int = 4, **fields: Any) -> LocationProblem:
    rng = np.random.default_rng(seed)
    status = ["competitor"] * rivals + ["candidate"] * m
    base = {"model": "max-capture", "decay": 2.0, "weight": rng.uniform(1, 10, n), "status": status}
    points = rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (m + rivals, 2))
    return LocationProblem(**({"costs": PlanarCosts(*points)} | base | fields))


def best_of_all(problem: LocationProblem) -> float:
    """By every choice of p sites."""
    unit = problem.cost_matrix(np.arange(problem.n_customers), np.arange(problem.n_sites))
    pull = unit ** -(problem.decay or 0.0) if problem.attraction == "huff" else np.exp(-(problem.decay or 0.0) * unit)
    rest = pull[:, problem.competitors].sum(axis=1)
    choices = itertools.combinations(np.flatnonzero(problem.usable), problem.p or 0)
    forced = set(np.flatnonzero(problem.forced))
    own = [pull[:, list(chosen)].sum(axis=1) for chosen in choices if forced <= set(chosen)]
    return max(float(problem.weights @ (a / (a + rest))) for a in own)


@pytest.mark.parametrize(("attraction", "decay"), [("huff", 2.0), ("huff", 0.5), ("logit", 0.05), ("logit", 0.5)])
def test_the_optimum_of_many_choices_is_found_and_proven(attraction: Any, decay: float) -> None:
    problem = market(80, 14, p=4, seed=5, attraction=attraction, decay=decay)
    result = nd.locate(problem)
    assert result.status == "optimal"
    assert result.objective == pytest.approx(best_of_all(problem))
    assert result.bound is not None
    assert result.bound >= (result.objective or 0.0)


@pytest.mark.parametrize("iterations", [0, 1, 2, 5])
def test_bounds_of_runs_cut_short_hold(iterations: int) -> None:
    problem = market(80, 14, p=4, seed=6, rivals=1)
    result = nd.locate(problem, stop=nd.Stop(max_iterations=iterations))
    assert result.iterations <= iterations
    assert result.bound is not None
    assert result.bound >= best_of_all(problem) * (1 - 1e-12) >= (result.objective or 0.0) * (1 - 2e-12)


def test_a_larger_market_is_proven_and_repeats() -> None:
    problem = market(300, 40, p=5, seed=7)
    first, again = nd.locate(problem, seed=4), nd.locate(problem, seed=4)
    assert first.status == "optimal"
    assert (first.objective, first.bound, first.iterations) == (again.objective, again.bound, again.iterations)
    assert first.trace[-1].objective == pytest.approx(first.objective)
    for a, b in itertools.pairwise(first.trace):
        assert a.objective <= b.objective + 1e-9
        assert a.bound >= b.bound


def test_a_gap_is_enough() -> None:
    problem = market(300, 40, p=5, seed=8)
    close, exact = nd.locate(problem, stop=nd.Stop(gap=0.02)), nd.locate(problem)
    assert close.iterations < exact.iterations
    assert close.gap is not None
    assert close.gap <= 0.02
    assert (close.bound or 0.0) >= (exact.objective or math.inf)


def test_a_target_and_the_monitor_end_a_run() -> None:
    problem = market(300, 40, p=5, seed=8)
    assert nd.locate(problem, stop=nd.Stop(target=1.0)).termination.reason == "target"
    stopped = nd.locate(problem, progress=lambda progress: False)
    assert stopped.termination.reason == "interrupted"
    assert stopped.solution is not None


def test_cuts_hold_at_every_choice_and_are_exact_at_their_own() -> None:
    rng = np.random.default_rng(1)
    pull = rng.exponential(1.0, (12, 7)) ** 3
    pull[0, 0], pull[1, :] = 1e15, 0.0
    customers = Market(rng.uniform(1, 2, 12), pull, np.array([0, 5, 12]))
    choices = np.array(list(itertools.product([0.0, 1.0], repeat=7)))
    share = choices @ pull.T
    worth = (share / (1 + share)) * customers.weight
    captured = np.stack([worth[:, :5].sum(axis=1), worth[:, 5:].sum(axis=1)], axis=1)
    for y in (*choices[[0, 5, 77, 127]], *rng.uniform(0, 1, (20, 7)), *np.round(rng.uniform(0, 1, (20, 7)) * 2) / 2):
        constant, slope = customers.cut(y)
        assert (captured <= constant + choices @ slope.T + 1e-12).all()
        assert (slope >= 0).all()
        whole = np.flatnonzero((choices == y).all(axis=1))
        if len(whole):
            assert constant + slope @ y == pytest.approx(captured[whole[0]])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"decay": None}, "decay is missing; expected a finite number > 0"),
        ({"decay": 0}, "decay is 0"),
        ({"p": None}, "p is missing"),
        ({"attraction": "huf"}, "Did you mean 'huff'"),
        ({"attractiveness": [1, 0, 1]}, r"attractiveness\[1\] is 0.0 \(site 1\)"),
        ({"attractiveness": [1, 1]}, "attractiveness is of shape"),
        ({"outside": [1, -1]}, r"outside\[1\] is -1.0 \(customer 1\)"),
        ({"fixed_cost": [1, 0, 0]}, "The objective counts customers"),
        ({"model": "p-median", "decay": None}, "Close it, or take the model max-capture"),
        ({"model": "p-median", "status": None}, "Only a max-capture problem says how fast"),
        ({"model": "p-median", "status": None, "decay": None, "attraction": "huff"}, "attraction is given"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        capture(**fields)


def test_more_sites_than_there_are_is_infeasible() -> None:
    result = nd.locate(capture(p=3))
    assert result.status == "infeasible"
    assert "only 2 of 3 sites may be open" in result.termination.detail


def test_the_check_knows_what_is_captured() -> None:
    problem = capture(weight=[3, 1])
    solution = nd.locate(problem).best()
    assert check(problem, solution) == pytest.approx(2 + 1 / 3)
    wrong = LocationSolution(problem, solution.open, solution.assignment, Flows([0, 1], [0, 0], [2.0, 0.5]))  # type: ignore[arg-type]
    with pytest.raises(CheckError, match=r"captures 0\.333333 of customer 1, not 0\.5"):
        check(problem, wrong)
    rival = LocationSolution(problem, [1], [1, 1], solution.flows)  # type: ignore[arg-type]
    with pytest.raises(CheckError, match="site 1 is open; its status is competitor"):
        check(problem, rival)


def test_tables_say_who_competes() -> None:
    customers = pd.DataFrame({"lon": [4.9, 4.5], "lat": [52.4, 51.9], "outside": [0.1, 0.2]})
    sites = pd.DataFrame(
        {
            "lon": [4.9, 4.4, 5.1],
            "lat": [52.3, 51.9, 52.1],
            "status": ["candidate", "competitor", "candidate"],
            "attractiveness": [2.0, 1.0, 1.0],
        }
    )
    problem = LocationProblem.from_frames(customers, sites, model="max-capture", p=1, decay=2, factor=0.001)
    assert problem.competitors.tolist() == [1]
    assert problem.attractiveness is not None
    assert problem.attractiveness.tolist() == [2.0, 1.0, 1.0]
    assert problem.outside is not None
    assert problem.outside.tolist() == [0.1, 0.2]
    other = LocationProblem.from_frames(customers, sites.drop(columns="status"), model="p-median", p=1)
    assert other.attractiveness is None


def proven(problem: LocationProblem, *touching: float) -> float:
    return prove_capture(problem, np.array(touching))


def test_tangents_bound_what_is_captured_by_hand() -> None:
    # Alone, site 0 captures 2/3 and 1/3 of the two customers, site 2 the other way round; both together 5/7 of each.
    one, two = capture(), capture(p=2)
    assert proven(one, 0, 0) == pytest.approx(2 / 3 + 1 / 3)  # what each captures alone, added up
    assert proven(two, 0, 0) == pytest.approx(2 * (2 / 3 + 1 / 3))
    assert proven(one, 1, 1) == pytest.approx(2)  # as if everything could be captured
    # Touching at 5/7, where both are open: 25/49, and 2 and 1/2 times (2/7)^2 for what they attract.
    assert proven(two, 5 / 7, 5 / 7) == pytest.approx(2 * 5 / 7)
    assert proven(two.replace(weight=[3, 1]), 5 / 7, 0) == pytest.approx(3 * 5 / 7 + 1)
    closed = two.replace(status=["closed", "competitor", "candidate"], p=1)
    assert proven(closed, 0, 0) == pytest.approx(1)
    assert proven(capture(status=["open", "competitor", "candidate"]).replace(weight=[1, 9]), 0, 0) == pytest.approx(
        11 / 3
    )


def test_wherever_the_tangents_touch_no_choice_captures_more() -> None:
    rng = np.random.default_rng(4)
    for seed in range(30):
        problem = market(
            8, 6, p=1 + seed % 4, seed=seed, attraction=("huff", "logit")[seed % 2], decay=(1.5, 0.05)[seed % 2]
        )
        assert prove_capture(problem, rng.random(8) ** 2) >= best_of_all(problem)


@pytest.mark.parametrize("attraction", ["huff", "logit"])
def test_the_root_leaves_a_certificate_and_a_forger_is_told(attraction: Any) -> None:
    problem = market(300, 30, p=6, seed=11, attraction=attraction, decay={"huff": 2.0, "logit": 0.1}[attraction])
    result = nd.locate(problem)
    told = result.certificate
    assert told is not None
    found = nd.verify(problem, result)
    assert found.holds
    assert found.certified_bound == pytest.approx(told.bound, rel=1e-9)
    assert (result.objective or 0.0) <= told.bound <= 1.02 * (result.objective or 0.0)
    lower = replace(told, bound=0.999 * (result.objective or 0.0))
    assert "the multipliers prove a bound of" in nd.verify(problem, replace(result, certificate=lower)).faults[0]


def test_certificates_know_odd_attractions() -> None:
    cost = [[0.0, 0.0, 3.0], [0.0, 5.0, 3.0], [2.0, 0.0, 2.0], [math.inf, 1.0, math.inf], [math.inf, math.inf, 1.0]]
    problem = capture(costs=CostMatrix(cost), attractiveness=[3, 1, 9], outside=[1, 1, 1, 1, 0], weight=[4, 2, 5, 1, 7])
    # Site 0: 3/4 of the first, all of the second; site 2: 9/12 of the second without site 0, all of the last.
    for touching in ([0, 0, 0, 0, 0], [0.75, 1, 0, 0, 1]):
        assert proven(problem, *touching) >= best_by_check(problem)
    assert nd.verify(problem, nd.locate(problem)).holds


def best_by_check(problem: LocationProblem) -> float:
    return nd.locate(problem).objective or 0.0
