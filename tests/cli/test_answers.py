"""What the solving commands print and write; expected values derived by hand in conftest."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from netdesign.cli.locate import MODELS
from netdesign.location.models import Model

CONTRACT = {"status", "objective", "bound", "gap", "seconds", "iterations", "seed", "termination"}
STATUSES = {"optimal", "feasible", "infeasible", "no_solution"}
TERMINATIONS = {"gap", "time_limit", "iteration_limit", "no_improvement", "target", "interrupted"}
QUICK = ("--max-iterations", 300, "--time-limit", 5, "--json")

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("words", "objective"),
    [
        (("locate", "pmed.txt", "--model", "p-median"), 3),
        (("locate", "pmed.txt", "--model", "p-median", "--format", "orlib-pmed", "--p", 3), 1),
        (("locate", "line.tsp", "--model", "p-median", "--p", 2), 3),
        (("locate", "pmed.txt", "--model", "p-center"), 2),
        (("locate", "pmed.txt", "--model", "set-cover", "--radius", 2), 2),
        (("locate", "pmed.txt", "--model", "max-cover", "--p", 1, "--radius", 2), 3),
        (("locate", "pmed.txt", "--model", "p-dispersion"), 8),
        (("locate", "pmed.txt", "--model", "partial-cover", "--radius", 2, "--share", 0.75), 1),
        (("locate", "pmed.txt", "--model", "backup-cover", "--radius", 2), 2),
        (("locate", "pmed.txt", "--model", "gradual-cover", "--p", 1, "--radius", 1, "--outer-radius", 3), 2.5),
        (("locate", "pmed.txt", "--model", "max-capture", "--decay", 2), 4),
        (("locate", "cap.txt", "--model", "uncapacitated", "--format", "orlib-cap"), 18),
        (("locate", "cap.txt", "--model", "capacitated", "--format", "orlib-cap"), 18),
        (("locate", "cap.txt", "--model", "single-source", "--format", "orlib-cap"), 18),
        (("locate", "ufl.txt", "--model", "uncapacitated"), 18),
    ],
)
def test_location_is_solved_to_proven_optimality(command, words, objective):
    done = command(*words, *QUICK)
    answer = done.answer
    assert (done.code, done.err) == (0, "")
    assert answer.keys() >= CONTRACT | {"open", "assignment"}
    assert (answer["status"], answer["objective"]) == ("optimal", pytest.approx(objective))
    assert answer["bound"] == pytest.approx(objective)
    assert answer["gap"] == pytest.approx(0, abs=1e-8)
    assert answer["termination"] in TERMINATIONS
    assert answer["seed"] == 1


def test_the_command_and_the_problem_name_the_same_models():
    # The command's list stands apart, since help must not load the package it speaks of.
    assert get_args(Model) == MODELS


def test_sites_and_customers_carry_the_files_own_integer_ids(command):
    answer = command("locate", "pmed.txt", "--model", "p-median", *QUICK).answer
    assert answer["open"] == [2, 4]
    assert answer["assignment"] == [2, 2, 2, 4]


def test_who_is_not_covered_has_no_site(command):
    answer = command("locate", "pmed.txt", "--model", "max-cover", "--p", 1, "--radius", 2, *QUICK).answer
    assert answer["open"] == [2]
    assert answer["assignment"] == [2, 2, 2, None]


def test_flows_are_told_by_site_customer_and_quantity(command):
    answer = command("locate", "cap.txt", "--model", "capacitated", "--format", "orlib-cap", *QUICK).answer
    assert sorted(customer for _, customer, _ in answer["flows"]) == [1, 2, 3]
    assert {site for site, _, _ in answer["flows"]} == set(answer["open"])
    assert all(answer["assignment"][customer - 1] == site for site, customer, _ in answer["flows"])


def test_sites_of_a_table_carry_their_names(command):
    answer = command("locate", "customers.csv", "--sites", "sites.csv", "--model", "p-median", "--p", 1, *QUICK).answer
    # Noord is about 2 km from anna, who counts three times; Zuid is 3.4 km away.
    assert answer["open"] == ["noord"]
    assert answer["assignment"] == ["noord", "noord"]


TABLES = ("locate", "customers.csv", "--sites", "sites.csv", "--model")


def test_a_column_of_revenues_leaves_it_open_whom_to_serve(command, folder):
    (folder / "customers.csv").write_text("customer,x,y,revenue\nanna,0,0,4\nbob,1,0,4\ncleo,10,0,4\n")
    (folder / "sites.csv").write_text("site,x,y,fixed_cost\nwest,0,0,0\noost,10,0,5\n")
    answer = command(*TABLES, "uncapacitated", *QUICK).answer
    assert (answer["status"], answer["objective"], answer["profit"]) == ("optimal", 5, 7)
    assert answer["assignment"] == ["west", "west", None]
    assert "profit      7, 1 customer not served" in command(*TABLES, "uncapacitated", *QUICK[:-1]).out


def test_pairs_come_from_tables(command, folder):
    (folder / "pairs.csv").write_text("site,customer\nnoord,anna\n")
    (folder / "rivals.csv").write_text("site,other\nzuid,noord\n")
    forbidden = ("p-median", "--p", 1, "--forbidden", "pairs.csv")
    assert command(*TABLES, *forbidden, *QUICK).answer["open"] == ["zuid"]
    # A second site costs 80 and saves bram some 400 metres.
    assert len(command(*TABLES, "uncapacitated", *QUICK).answer["open"]) == 2
    assert len(command(*TABLES, "uncapacitated", "--incompatible", "rivals.csv", *QUICK).answer["open"]) == 1
    (folder / "pairs.csv").write_text("site,customer\nnord,anna\n")
    done = command(*TABLES, *forbidden, *QUICK)
    assert done.code == 2
    assert "pairs.csv row 2, column 'site' is 'nord'; expected a name of the problem. Did you mean 'noord'?" in done.err


def test_numbers_of_sites_and_budgets(command):
    assert len(command(*TABLES, "uncapacitated", "--max-sites", 1, *QUICK).answer["open"]) == 1
    covered = command(*TABLES, "max-cover", "--radius", 9000, "--budget", 90, *QUICK).answer
    assert (covered["open"], covered["objective"]) == (["zuid"], 4)


@pytest.mark.parametrize("words", [("four.vrp",), ("tw.vrp",), ("four.vrp", "--rounding", "nearest", "--threads", 2)])
def test_routes_are_planned(command, words):
    done = command("route", *words, *QUICK)
    answer = done.answer
    assert (done.code, done.err) == (0, "")
    assert answer.keys() >= CONTRACT | {"routes", "unassigned"}
    assert answer["status"] in STATUSES
    assert answer["objective"] == 30
    assert sorted(sorted(r["stops"]) for r in answer["routes"]) == [[2, 3], [4]]
    assert sum(r["distance_m"] for r in answer["routes"]) == 30
    assert all(r.keys() >= {"vehicle_type", "depot", "stops", "distance_m", "duration_s"} for r in answer["routes"])
    assert answer["unassigned"] == []


def test_solomon_ids_are_customer_numbers(command):
    answer = command("route", "solomon.txt", "--rounding", "none", *QUICK).answer
    assert answer["objective"] == pytest.approx(20)
    assert answer["routes"][0]["depot"] == 0
    assert [r["stops"] for r in answer["routes"]] in ([[1, 2]], [[2, 1]])


def test_a_table_of_customers_is_routed(command):
    answer = command("route", "customers.csv", "--depot", "4.90,52.30", "--capacity", 4, *QUICK).answer
    assert sorted(answer["routes"][0]["stops"]) == ["anna", "bram"]


@pytest.mark.parametrize("words", [("locate", "pmed.txt", "--model", "p-median"), ("route", "tw.vrp")])
def test_a_deterministic_run_repeats(command, words):
    twice = [
        command(*words, "--deterministic", "--max-iterations", 200, "--seed", 7, "--json").answer for _ in range(2)
    ]
    for answer in twice:
        del answer["seconds"]
    assert twice[0] == twice[1]
    assert twice[0]["seed"] == 7


def test_without_json_a_reader_gets_a_few_lines(command):
    done = command("locate", "pmed.txt", "--model", "p-median", "--max-iterations", 300)
    assert "2 of 4 sites open for 4 customers" in done.out
    assert "open        2, 4" in done.out
    assert done.err == ""


# -- fleets, starts, statistics ----------------------------------------------------------------------------------


def test_a_mixed_fleet_is_planned_and_written_vehicle_by_vehicle(command, folder):
    done = command("route", "fleet.vrp", "-o", "plan.sol", *QUICK)
    assert done.answer["objective"] == 131
    assert sorted((r["vehicle_type"], sorted(r["stops"])) for r in done.answer["routes"]) == [
        ("type 1", [4]),
        ("type 2", [2, 3]),
    ]
    lines = (folder / "plan.sol").read_text().splitlines()
    assert lines[0] == "Route #1: 3"
    assert lines[1] in ("Route #2: 1 2", "Route #2: 2 1")
    assert lines[2:] == ["Route #3:", "Cost 131"]


def test_a_reader_sees_how_many_routes_each_type_drives(command):
    said = command("route", "fleet.vrp", "--max-iterations", 300).out
    assert "vehicles    1 x type 1, 1 x type 2" in said
    assert "(type 1): 4" in said
    assert "vehicles  " not in command("route", "four.vrp", "--max-iterations", 300).out


def test_a_run_begins_from_a_plan(command, folder):
    (folder / "start.sol").write_text("Route #1: 3\nRoute #2: 2 1\nRoute #3:\nCost 131\n")
    answer = command("route", "fleet.vrp", "--start", "start.sol", "--max-iterations", 1, "--json").answer
    assert answer["objective"] == 131


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        (None, "start.sol is missing"),
        ("Route #1: 9\n", "start.sol: Route #1 is 9"),
        ("Route #1: 3\nRoute #2: 3\n", "3 (customer 4); expected every customer at most once"),
        ("hello\n", "start.sol: line 1 is 'hello'"),
    ],
)
def test_a_plan_that_does_not_fit_the_problem_is_refused(command, folder, text, culprit):
    if text is not None:
        (folder / "start.sol").write_text(text)
    done = command("route", "fleet.vrp", "--start", "start.sol", *QUICK)
    assert (done.code, done.out) == (2, "")
    assert culprit in done.err


def test_improvements_by_operator_are_shown_where_asked_for(command):
    assert "statistics" not in command("route", "four.vrp", *QUICK).answer
    statistics = command("route", "four.vrp", "--statistics", *QUICK).answer["statistics"]
    assert statistics
    assert all(isinstance(count, int) for count in statistics.values())
    said = command("route", "four.vrp", "--statistics", "--max-iterations", 300).out
    assert "improvements by operator" in said
    assert all(name in said for name in statistics)


# -- files -------------------------------------------------------------------------------------------------------


def test_a_solution_file_is_the_fields_own(command, folder):
    command("route", "four.vrp", "-o", "plan.sol", *QUICK)
    lines = (folder / "plan.sol").read_text().splitlines()
    assert lines[-1] == "Cost 30"
    assert sorted(line.split(": ")[1] for line in lines[:-1]) in (["1 2", "3"], ["2 1", "3"])


@pytest.mark.parametrize(
    ("words", "endings"),
    [
        (("route", "four.vrp"), ("sol", "json", "csv", "gpkg", "png")),
        (("locate", "line.tsp", "--model", "p-median", "--p", 2), ("json", "csv", "gpkg", "png")),
    ],
)
def test_every_ending_is_written_and_nothing_else_stays_behind(command, folder, words, endings):
    before = {path.name for path in folder.iterdir()}
    targets = [word for ending in endings for word in ("-o", f"answer.{ending}")]
    done = command(*words, *targets, *QUICK)
    assert done.code == 0
    assert {path.name for path in folder.iterdir()} - before == {f"answer.{ending}" for ending in endings}
    assert json.loads((folder / "answer.json").read_text()) == done.answer
    assert (folder / "answer.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "answer.gpkg").read_bytes().startswith(b"SQLite format 3")


def test_an_old_file_survives_a_failure(command, folder):
    (folder / "plan.sol").write_text("precious")
    (folder / "far.vrp").write_text((folder / "matrix.vrp").read_text().replace("2 0 7", "inf 0 7"))
    assert command("route", "far.vrp", "-o", "plan.sol", *QUICK).code == 1
    assert command("route", "missing.vrp", "-o", "plan.sol", *QUICK).code == 2
    assert (folder / "plan.sol").read_text() == "precious"


def test_an_old_file_is_replaced_by_a_solution(command, folder):
    (folder / "plan.sol").write_text("old")
    assert command("route", "four.vrp", "-o", "plan.sol", *QUICK).code == 0
    assert (folder / "plan.sol").read_text().endswith("Cost 30\n")


# -- no solution -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "words", "culprit"),
    [
        ("four.vrp", "3 1\n4 1", "3 5\n4 1", (), "3: its demand is above the vehicle's capacity 2"),
        (
            "four.vrp",
            "CAPACITY : 2",
            "CAPACITY : 2\nVEHICLES : 1",
            (),
            "the total demand 3 is above the fleet's capacity",
        ),
        ("tw.vrp", "3 0 100", "3 0 9", (), "3: its time window closes"),
        ("tw.vrp", "1 0 100", "1 0 20", (), "3: a vehicle that serves it cannot be back"),
        ("matrix.vrp", "2 0 7", "inf 0 7", (), "2: there is no connection"),
        ("matrix.vrp", "CAPACITY : 9", "CAPACITY : 0", (), "2: its demand is above"),
        ("pmed.txt", "4 4 2", "4 4 9", ("--model", "p-median"), "p is 9, but only 4 of 4 sites"),
        ("sites.csv", "candidate", "closed", ("--model", "p-median", "--p", 1), "'anna': every site is closed"),
        ("sites.csv", "52.39", "52.39", ("--model", "p-median", "--p", 1, "--service-radius", 9), "the nearest is at"),
    ],
)
def test_what_cannot_be_solved_is_a_result_that_names_the_culprit(command, folder, name, old, new, words, culprit):
    (folder / name).write_text((folder / name).read_text().replace(old, new))
    table = (
        ("locate", "customers.csv", "--sites", name) if name == "sites.csv" else ("locate" if words else "route", name)
    )
    done = command(*table, *words, *QUICK)
    assert done.code == 1
    assert done.answer["status"] == "infeasible"
    assert done.answer["objective"] is None
    assert done.err.startswith("netdesign: infeasible: ")
    assert done.err.count("\n") == 1
    assert culprit in done.err
    if done.answer.get("unassigned"):
        assert done.answer["unassigned"][0].keys() - {"radius"} == {"id", "reasons"}
