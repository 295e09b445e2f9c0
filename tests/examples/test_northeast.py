"""The sample of the Northeast: the committed files are the generator's, and its figures are what its page says."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

from netdesign.study import Study, lint
from netdesign.study.sample import sample_files

FOLDER = Path(__file__).parents[2] / "examples" / "northeast"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Study.read(FOLDER).run(tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def partition(run):
    return pd.read_csv(run.out / "partition.csv").set_index("segments")


def test_the_committed_files_are_byte_for_byte_what_the_generator_writes():
    written = {name: text.encode("utf-8") for name, text in sample_files("northeast").items()}
    assert written == {p.name: p.read_bytes() for p in FOLDER.iterdir() if p.is_file()}


def test_the_study_is_sound():
    assert lint(FOLDER) == []


@pytest.mark.parametrize(
    ("segment", "tier", "variants", "technology", "profit"),
    [
        ("team orders", "three days", 10, "cut and sew", 4.930e6),
        ("custom individual", "two days", 26, "knit and print", 1.698e6),
    ],
)
def test_two_segments_are_served_from_one_workshop_each(run, segment, tier, variants, technology, profit):
    figures = next(f for f in run.summary["segments"] if f["segment"] == segment)
    assert figures["technologies"] == {technology: 1}
    assert (figures["value"]["tier"], figures["status"]) == (tier, "optimal")
    assert figures["value"]["variants"] == pytest.approx(variants, abs=1)
    assert figures["value"]["profit"] == pytest.approx(profit, rel=0.003)
    assert sum(figures["accounts"].values()) == pytest.approx(figures["objective"], abs=1e-6)


def test_the_outlet_is_not_worth_a_network_of_its_own_but_worth_sharing_one(run, partition):
    outlet = next(f for f in run.summary["segments"] if f["segment"] == "outlet")
    assert outlet["status"] == "declined"
    assert run.summary["sharing"]["streams"] == [["team orders", "outlet"], ["custom individual"]]
    assert partition["gain"]["team orders + outlet"] == pytest.approx(124_000, rel=0.02)
    assert partition["gain"]["team orders + custom individual"] == pytest.approx(-52_700, rel=0.02)


def test_the_best_partition_is_no_worse_than_the_extremes_and_proven(run, partition):
    sharing = run.summary["sharing"]
    assert sharing["profit"] >= max(sharing["dedicated"], sharing["shared"])
    assert (partition["profit"] <= partition["profit_bound"] + 1e-6).all()
    assert partition["gain"].between(partition["at_least"] - 1e-6, partition["at_most"] + 1e-6).all()
    assert sharing["at_least"] - 1e-6 <= sharing["gain"] <= sharing["at_most"] + 1e-6
    assert sharing["profit_bound"] <= sharing["profit"] * 1.001


@pytest.mark.parametrize(
    ("segment", "taken", "units", "weak", "expected", "stock"),
    [
        ("team_orders", "take or pay", 108_700, 462_700, 543_000, 5235),
        ("custom_individual", "option on a mould", 24_100, 90_300, 124_200, 284),
    ],
)
def test_teams_commit_to_soles_and_custom_shoes_stay_flexible(run, segment, taken, units, weak, expected, stock):
    table = pd.read_csv(run.out / "segments" / segment / "contracts.csv").set_index("contract")
    assert table.index[table["chosen"]].tolist() == [taken]
    assert table.at[taken, "expected"] == table["expected"].min() == pytest.approx(expected, rel=0.003)
    assert table.at[taken, "units"] == pytest.approx(units, rel=0.003)
    assert table.at[taken, "in weak year"] == pytest.approx(weak, rel=0.003)
    assert table.at[taken, "stock"] == pytest.approx(stock, rel=0.01)
    assert table.at["market", "in weak year"] == pytest.approx(0.7 * table.at["market", "in as planned"])


def test_the_teams_demand_varies_as_the_sales_were_made_to(run):
    """Orders of fifteen pairs, Poisson around a mean that scatters by a gamma distribution of shape 8."""
    team, custom = (f["pooling"] for f in run.summary["segments"][:2])
    mean = 29 * 15 / np.arange(1, 11) / np.sum(1 / np.arange(1, 11))
    true, _ = np.polyfit(np.log(mean), np.log(15 * mean + mean**2 / 8) / 2, 1)
    assert abs(team["exponent"] - true) < 2 * team["standard_error"] < 0.1
    assert (team["used_exponent"], custom) == (team["exponent"], None)
    middle = team["variability"] * team["centre"] ** team["exponent"]
    assert (team["centre"], middle) == (pytest.approx(32, abs=0.5), pytest.approx(24, abs=0.5))


def test_soles_are_cheaper_for_teams_and_custom_shoes_together(run):
    table = pd.read_csv(run.out / "sharing.csv")
    row = table[(table["segments"] == "team orders + custom individual") & (table["driver"] == "sole")].iloc[0]
    assert row["gain"] == pytest.approx(8200, rel=0.02)


def test_every_output_with_money_in_it_adds_up_to_the_same_total(run, partition):
    """Every file but the report is looked at; one with a column of money that nobody adds up fails."""
    seen = {"segments.csv", "partition.csv", "sharing.csv", "streams.csv", "audit.csv", "report.html"}
    seen |= {"summary.json", "study.toml", "run.json", "network.gpkg"}
    rows = pd.read_csv(run.out / "segments.csv").set_index("segment")
    layers = {
        layer: pyogrio.read_dataframe(run.out / "network.gpkg", layer=layer, read_geometry=False).groupby("segment")
        for layer in ("segments", "nodes", "customers")
    }
    for figures in run.summary["segments"]:
        if figures["status"] == "declined":
            continue
        name, total = figures["segment"], figures["objective"]
        folder = run.out / "segments" / figures["slug"]
        tables = {path.name: pd.read_csv(path) for path in folder.glob("*.csv")}
        written = json.loads((folder / "segment.json").read_text("utf-8"))
        accounts = [column for column in rows if column.startswith("accounts_")]
        costs = tables["cost_to_serve.csv"]
        sums = {
            "summary.json": math.fsum(figures["accounts"].values()),
            "segment.json": math.fsum(written["accounts"].values()),
            "segment.json, objective": written["objective"],
            "segments.csv": math.fsum(rows.loc[name, accounts]),
            "segments.csv, objective": rows.loc[name, "objective"],
            "cost_to_serve.csv": math.fsum(costs["cost_per_year"]),
            "customers.csv": math.fsum(tables["customers.csv"]["cost_per_year"]),
            "sites.csv": math.fsum(tables["sites.csv"]["cost_per_year"]),
            "layer segments": math.fsum(layers["segments"].get_group(name)[accounts].iloc[0]),
            "layer nodes": math.fsum(layers["nodes"].get_group(name)["cost_per_year"]),
            "layer customers": math.fsum(layers["customers"].get_group(name)["cost_per_year"]),
            "offers.csv": _best_offer(tables["offers.csv"])["cost"],
        }
        assert sums == pytest.approx(dict.fromkeys(sums, total), abs=1e-6)
        by_account = costs.groupby("account")["cost_per_year"].agg(math.fsum).to_dict()
        assert {a: by_account.get(a, 0.0) for a in figures["accounts"]} == pytest.approx(figures["accounts"], abs=1e-6)
        profit = figures["value"]["profit"]
        earned = {
            "customers.csv": math.fsum(tables["customers.csv"]["profit_per_year"]),
            "offers.csv": _best_offer(tables["offers.csv"])["profit"],
        }
        assert earned == pytest.approx(dict.fromkeys(earned, profit), abs=1e-6)
        # A search of its own, to the study's gap.
        assert partition["profit"][name] == pytest.approx(profit, rel=0.001)
        complexity = tables["complexity.csv"]
        as_is = math.fsum(complexity["cost_per_year"][complexity["driver"] != "network"])
        assert as_is == pytest.approx(figures["value"]["complexity"]["as_is"], abs=1e-6)
        several = tables["menus.csv"]
        assert (several["revenue"] - several["cost"]).to_numpy() == pytest.approx(
            several["profit"].to_numpy(), abs=1e-6
        )
        assert (several["profit"] - several["gain"]).to_numpy() == pytest.approx(profit, abs=1e-6)
        money = {n for n, table in tables.items() if any("cost" in c or "profit" in c for c in table.columns)}
        known = {"customers.csv", "offers.csv", "complexity.csv", "cost_to_serve.csv", "sites.csv", "route_check.csv"}
        assert money <= known | {"menus.csv"}
    waterfalls = pd.read_csv(run.out / "sharing.csv").groupby("segments")["gain"].agg(math.fsum)
    assert waterfalls.to_dict() == pytest.approx(partition["gain"][waterfalls.index].to_dict(), abs=1e-6)
    shown = {path.name for path in run.out.iterdir() if path.is_file()}
    assert shown <= seen


def _best_offer(offers):
    return offers.loc[offers["profit"].idxmax()]
