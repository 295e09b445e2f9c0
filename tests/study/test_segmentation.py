"""Groups that are there by construction, and none where there are none."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from netdesign.errors import InputError
from netdesign.study import Study, lint
from netdesign.study.segmentation import scaled, segment_customers, segmentation_of

COLUMNS = ["drop_kg", "buyers"]


def customers(centres, each=25, spread=0.05, seed=2):
    rng = np.random.default_rng(seed)
    points = np.vstack([rng.normal(c, spread, (each, 2)) for c in centres])
    return pd.DataFrame(points, columns=COLUMNS).assign(
        segment=np.repeat([f"s{k}" for k in range(len(centres))], each),
        customer=[f"c{k}" for k in range(len(points))],
    )


def suggested(table, **changes):
    settings = {"method": "k-means", "most": 4, "groups": 0, "seed": 1} | changes
    return segment_customers(table, COLUMNS, **settings)


@pytest.fixture
def learn():
    pytest.importorskip("sklearn")


@pytest.mark.usefixtures("learn")
@pytest.mark.parametrize("method", ["k-means", "mixture"])
def test_three_groups_far_apart_are_found_and_stable(method):
    found = suggested(customers([(1, 1), (2, 1), (1.5, 3)]), method=method)
    numbers = found.numbers.set_index("groups")
    assert numbers.index[numbers["suggested"]].tolist() == [3]
    assert numbers.at[3, "stability"] == pytest.approx(1.0)
    assert numbers.at[3, "silhouette"] == numbers["silhouette"].max()
    assert found.agreement == pytest.approx(1.0)
    assert sorted(found.customers["group"].value_counts().tolist()) == [25, 25, 25]


@pytest.mark.usefixtures("learn")
def test_the_silhouette_is_that_of_its_definition():
    table = customers([(1, 1), (2, 1)], each=6, spread=0.3)
    found = suggested(table, most=2, groups=2)
    x, group = scaled(table[COLUMNS]), found.customers["group"].to_numpy()
    far = np.linalg.norm(x[:, None] - x[None], axis=2)
    for i, own in enumerate(group):
        a = far[i, group == own].sum() / ((group == own).sum() - 1)
        b = min(far[i, group == other].mean() for other in set(group) - {own})
        assert found.customers["silhouette"][i] == pytest.approx((b - a) / max(a, b), abs=1e-6)


@pytest.mark.usefixtures("learn")
def test_one_cloud_has_no_stable_groups_and_stays_whole():
    found = suggested(customers([(1, 1)], each=80, spread=1.0))
    assert not found.numbers["suggested"].any()
    assert (found.customers["group"] == 1).all()
    assert (found.numbers["stability_sd"] > 0).all()


@pytest.mark.usefixtures("learn")
def test_the_planner_s_number_is_taken_and_means_have_error_bars():
    table = customers([(1, 1), (2, 1), (1.5, 3)])
    found = suggested(table, groups=2)
    assert set(found.customers["group"]) == {1, 2}
    first = table[found.customers["group"] == 1]["drop_kg"]
    assert found.means.loc[0, "drop_kg"] == pytest.approx(first.mean())
    assert found.means.loc[0, "drop_kg_error"] == pytest.approx(first.std() / np.sqrt(len(first)))


def test_without_scikit_learn_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    with pytest.raises(InputError, match=r"pip install 'netdesign\[learn\]'"):
        suggested(customers([(1, 1), (2, 1)]))


def test_a_study_does_without_scikit_learn_and_says_so(monkeypatch, write_study):
    monkeypatch.setattr("netdesign.study.segmentation._installed", lambda: False)
    folder = write_study(study=SECTION.format('["buyers", "area_km2"]'))
    first, *_ = said(folder)
    assert first == (
        "warning: study.toml, segmentation.columns: is asked for; expected scikit-learn to look for groups. "
        "pip install 'netdesign[learn]'; without it they are left out."
    )
    assert segmentation_of(Study.read(folder)) is None


def test_amounts_that_span_powers_of_ten_count_by_their_logarithm():
    table = pd.DataFrame({"a": [1.0, 10.0, 1000.0], "b": [5.0, 5.0, 5.0]})
    assert scaled(table)[:, 0] == pytest.approx((np.array([0, 1, 3]) - 4 / 3) / np.std([0, 1, 3]))
    assert (scaled(table)[:, 1] == 0).all()


SECTION = 'name = "Tiny"\n[segmentation]\ncolumns = {}\n[frontiers]\npoints = 0\n[routing]\niterations = 50\n'


@pytest.mark.usefixtures("learn")
def test_a_run_suggests_groups_beside_the_segments_and_changes_nothing(write_study, done):
    run = Study.read(write_study(study=SECTION.format('["buyers", "area_km2"]'))).run()
    rows = pd.read_csv(run.out / "segmentation.csv")
    assert rows["customer"].tolist() == pd.read_csv(run.out.parent / "customers.csv")["customer"].tolist()
    assert [s["objective"] for s in run.summary["segments"]] == [s["objective"] for s in done.summary["segments"]]
    assert "Do customers fall into other groups?" in run.report.read_text("utf-8")
    for row in run.summary["segmentation"]["means"]:
        assert row["segments"] == rows.loc[rows["group"] == row["group"], "segment"].value_counts().to_dict()


def said(folder):
    return [str(problem) for problem in lint(folder)]


def test_columns_that_are_no_numbers_and_too_few_customers_are_said(write_study):
    (line,) = said(write_study(study=SECTION.format('["segment"]')))
    assert line.startswith("study.toml, segmentation.columns: ")
    assert "a column of numbers of the customers" in line
    assert said(write_study("few", study=SECTION.format('["buyers", "drop_kg"]'))) == [
        "warning: study.toml, segmentation.columns: is 8 customers; expected at least 30, for groups with a meaning. "
        "Leave the section out, or take what it suggests with care.",
        "warning: study.toml, segmentation.columns: is drop_kg; expected a column that differs between customers. "
        "Leave it out.",
    ]
