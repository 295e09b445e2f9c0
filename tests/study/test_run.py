from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from netdesign.errors import InputError
from netdesign.study import Study
from netdesign.study.study import slugs

ACCOUNTS = ("labor", "infrastructure", "supplier", "logistics")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def edited(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


def test_the_summary_says_what_the_command_line_prints(done):
    keys = {"status", "objective", "bound", "gap", "seconds", "seed", "input_hash", "headline", "segments"}
    assert keys <= set(done.summary)
    written = json.loads((done.out / "summary.json").read_text("utf-8"))
    assert done.summary == written | {"seconds": done.summary["seconds"]}
    assert (done.summary["status"], done.summary["termination"]) == ("optimal", "gap")
    assert done.report == done.out / "report.html"
    assert done.report.is_file()


def test_the_cheapest_of_all_choices_of_sites_is_found(done):
    for segment in done.segments:
        cost = segment.costs.total * segment.case.orders_per_year[:, None]
        fixed = segment.case.fixed_cost_per_year
        sites = range(len(fixed))
        choices = [[j for j in sites if mask >> j & 1] for mask in range(1, 2 ** len(fixed))]
        best = min(fixed[c].sum() + cost[:, c].min(axis=1).sum() for c in choices)
        assert segment.design.objective == pytest.approx(best, rel=1e-9)


def test_the_four_accounts_add_up_to_the_total_in_every_output(done):
    table = pd.read_csv(done.out / "segments.csv").set_index("segment")
    for figures in done.summary["segments"]:
        folder = done.out / "segments" / figures["slug"]
        total = figures["objective"]
        customers = pd.read_csv(folder / "customers.csv")
        sums = {
            "summary": math.fsum(figures["accounts"].values()),
            "segment.json": math.fsum(json.loads((folder / "segment.json").read_text())["accounts"].values()),
            "cost_to_serve.csv": math.fsum(pd.read_csv(folder / "cost_to_serve.csv")["cost_per_year"]),
            "customers.csv": math.fsum(customers["cost_per_year"]),
            "sites.csv": math.fsum(pd.read_csv(folder / "sites.csv")["cost_per_year"]),
            "segments.csv": math.fsum(table.loc[figures["segment"], [f"accounts_{a}" for a in ACCOUNTS]]),
        }
        assert sums == pytest.approx(dict.fromkeys(sums, total), abs=1e-6)


def test_a_site_that_must_stay_and_serves_nobody_still_costs(write_study):
    sites = "site,lon,lat,fixed_year,status\nnear,5.5,52.08,1000,open\nfar,5.5,53.4,5000,open\n"
    run = Study.read(write_study(sites=sites)).run()
    for figures in run.summary["segments"]:
        assert figures["fixed_cost_per_year"] == 6000
        assert figures["accounts"]["infrastructure"] == pytest.approx(6000)


def test_what_one_segment_does_leaves_the_files_of_another_as_they_are(write_study):
    one, two = write_study("one"), write_study("two")
    edited(two, "customers.csv", "Velp,homes,5.98,51.99,2500", "Velp,homes,5.98,51.99,9500")
    edited(two, "segments.csv", "homes,1.5,6,2", "homes,1.5,8,3")
    runs = [Study.read(folder).run() for folder in (one, two)]
    shops, homes = ([contents(run.out / "segments" / name) for run in runs] for name in ("shops", "homes"))
    assert shops[0] == shops[1]
    assert homes[0] != homes[1]


def test_money_ten_times_as_large_changes_the_amounts_and_nothing_else(write_study):
    one, ten = write_study("one"), write_study("ten")
    van = "vehicle_type,kg,m3,stops,cost_per_day,cost_per_km,cost_per_h\nvan,1000,10,120,{},{},{}\n"
    for folder, factor in ((one, 1), (ten, 10)):
        edited(folder, "study.toml", "horizon_years = 5", 'horizon_years = 5\ntables.vehicles = "vehicles.csv"')
        (folder / "vehicles.csv").write_text(van.format(60 * factor, 0.25 * factor, 28 * factor))
    for row in ("homes,1.5,6,2>homes,1.5,6,20", "shops,2,0,1>shops,2,0,10"):
        edited(ten, "segments.csv", *row.split(">"))
    edited(ten, "sites.csv", "20000,5000,10000,candidate,30,0.5", "200000,50000,100000,candidate,300,5")
    edited(ten, "sites.csv", "18000,2000,0,candidate,24,0.5", "180000,20000,0,candidate,240,5")
    edited(ten, "sites.csv", "60000,0,0,candidate,24,0.5", "600000,0,0,candidate,240,5")
    a, b = (Study.read(folder).run().summary["segments"] for folder in (one, ten))
    assert [s["nodes"] for s in a] == [s["nodes"] for s in b]
    assert [s["objective"] * 10 for s in a] == pytest.approx([s["objective"] for s in b])


def test_a_segment_that_cannot_be_served_is_a_result_that_names_who_and_why(write_study):
    folder = write_study()
    edited(folder, "customers.csv", "shop three,shops,5.40,52.15", "shop three,shops,6.57,53.22")
    run = Study.read(folder).run()
    homes, shops = run.summary["segments"]
    assert (run.summary["status"], run.summary["objective"], run.summary["bound"]) == ("infeasible", None, None)
    assert homes["status"] == "optimal"
    assert shops["unserved"][0][0] == "shop three"
    assert "the promise is 2 h" in shops["unserved"][0][1]


def test_the_geopackage_has_its_five_layers(done):
    path = done.out / "network.gpkg"
    layers = {name: pyogrio.read_info(path, layer=name) for name, _ in pyogrio.list_layers(path)}
    assert set(layers) == {"segments", "nodes", "customers", "assignments", "routes"}
    assert layers["customers"]["features"] == 8
    assert all(layer["crs"] == "EPSG:4326" for layer in layers.values())


def test_every_stop_of_the_day_is_on_one_route(done):
    for segment in done.segments:
        stops = pd.read_csv(done.out / "segments" / segment.case.slug / "stops.csv")
        assert stops["stop"].is_unique
        assert len(stops) == segment.check.nodes["stops"].sum()


def test_times_are_in_run_json_and_the_summary_alone(done):
    for path in (done.out / "segments").rglob("*.*"):
        assert not re.search(r"seconds|finished|20\d\d-\d\d-\d\d", path.read_text("utf-8"))
    assert {"finished", "versions", "seconds"} <= set(json.loads((done.out / "run.json").read_text()))


def test_the_resolved_study_is_beside_the_results(done):
    text = (done.out / "study.toml").read_text("utf-8")
    assert "iterations = 300" in text
    assert "k = 0.48" in text


def test_arguments_win_over_the_study_and_are_written_down(folder):
    run = Study.read(folder).run(seed=7, max_iterations=50, gap=0.02)
    text = (run.out / "study.toml").read_text("utf-8")
    assert run.summary["seed"] == 7
    assert "seed = 7" in text
    assert "iterations = 50" in text
    assert "gap = 0.02" in text


def test_a_run_that_the_clock_ends_says_that_it_may_not_repeat(folder):
    edited(folder, "study.toml", "iterations = 300", "iterations = 100000000")
    run = Study.read(folder).run(time_limit_s=1.5)
    assert run.summary["reproducible"] is False
    assert run.summary["termination"] == "time_limit"


def test_progress_tells_the_step_and_can_end_the_run(folder):
    edited(folder, "study.toml", "iterations = 300", "iterations = 100000000")
    heard = []

    def listen(progress):
        heard.append((progress.stage, progress.done))
        return progress.stage != "route check"

    run = Study.read(folder).run(progress=listen)
    assert heard[0] == ("cost", 0.0)
    assert [done for _, done in heard] == sorted(done for _, done in heard)
    assert run.summary["termination"] == "interrupted"
    assert run.summary["reproducible"] is False


@pytest.mark.parametrize(
    "argument", [{"time_limit_s": 0}, {"max_iterations": 0}, {"gap": 2.0}, {"seed": -1}, {"workers": 0}]
)
def test_an_argument_that_makes_no_sense_is_an_input_error(folder, argument):
    with pytest.raises(InputError):
        Study.read(folder).run(**argument)


def test_folder_names_differ_where_names_do_and_cannot_leave_the_folder():
    names = ["home evening", "home-evening", "Home Evening", "../../etc", "<script>", "", "ж", "ю", "con " * 30]
    made = slugs(names)
    assert len(set(made)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9_-]+", slug) for slug in made)
    assert made[:2] == ["home_evening", "home-evening"]
