"""Tables, geometry and picture of a solution."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from netdesign.errors import InputError
from netdesign.location import LocationProblem, LocationSolution, PlanarCosts, SphereCosts

mpl.use("Agg")


def solution(lonlat: bool = False) -> LocationSolution:
    customers, sites = [[0.0, 0.0], [3.0, 4.0], [9.0, 9.0]], [[0.0, 0.0], [9.0, 9.0], [5.0, 5.0]]
    costs = SphereCosts(customers, sites) if lonlat else PlanarCosts(customers, sites)  # type: ignore[arg-type]
    problem = LocationProblem(
        costs=costs,
        model="uncapacitated",
        fixed_cost=[1, 2, 3],
        weight=[1, 2, 3],
        site_ids=["A", "B", "C"],
        customer_ids=["x", "y", "z"],
    )
    return LocationSolution(problem, [0, 1], [0, 0, 1])  # type: ignore[arg-type]


def test_frame_has_a_row_per_customer() -> None:
    frame = solution().to_frame()
    assert frame.columns.tolist() == ["customer", "site", "cost", "weight"]
    assert frame.to_numpy().tolist() == [["x", "A", 0.0, 1.0], ["y", "A", 5.0, 2.0], ["z", "B", 0.0, 3.0]]


def test_sites_frame_has_a_row_per_site() -> None:
    frame = solution().sites_frame()
    assert frame["open"].tolist() == [True, True, False]
    assert frame["fixed_cost"].tolist() == [1.0, 2.0, 0.0]
    assert frame["customers"].tolist() == [2, 1, 0]
    assert frame["weight"].tolist() == [3.0, 3.0, 0.0]
    assert frame["serving_cost"].tolist() == [10.0, 0.0, 0.0]


def test_geometry_carries_the_reference_system_where_it_is_known() -> None:
    assert solution().to_geodataframe().crs is None
    points, lines, sites = (
        f(solution(lonlat=True))
        for f in (LocationSolution.to_geodataframe, LocationSolution.spider_lines, LocationSolution.sites_geodataframe)
    )
    assert points.crs == lines.crs == sites.crs == "EPSG:4326"
    assert list(lines.geometry.iloc[1].coords) == [(3.0, 4.0), (0.0, 0.0)]
    assert len(sites) == 3


def test_plot_draws_lines_customers_and_both_kinds_of_sites() -> None:
    axes = solution().plot()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "1 sites not opened",
        "3 customers",
        "2 sites open",
    ]
    assert len(axes.collections[0].get_segments()) == 3  # type: ignore[attr-defined]


def test_a_problem_without_coordinates_cannot_be_drawn() -> None:
    problem = LocationProblem.from_cost_matrix([[1.0]], model="p-median", p=1)
    with pytest.raises(InputError, match="needs both to be drawn"):
        LocationSolution(problem, [0], [0]).plot()  # type: ignore[arg-type]


def test_arrays_are_frozen() -> None:
    assert solution().open.dtype == solution().assignment.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        solution().open[0] = 1
