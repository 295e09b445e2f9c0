"""The command that judges a result, and what a forged one is told."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.usefixtures("folder")

QUICK = ("--max-iterations", 300, "--time-limit", 5)
SOLVED = {
    "pmed.txt": ("--model", "p-median"),
    "line.tsp": ("--model", "p-median", "--p", 2, "--rounding", "floor"),
    "cap.txt": ("--model", "capacitated", "--format", "orlib-cap"),
    "ufl.txt": ("--model", "uncapacitated"),
}
PRICED = {"customer_price": [0, 0, 0, 0], "capacity_price": 0, "budget_price": 0}


def forge(path, **changes):
    answer = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(answer | changes), encoding="utf-8")


OTHERS = [("pmed.txt", ("--model", "p-center")), ("pmed.txt", ("--model", "p-dispersion"))]


@pytest.mark.parametrize(("file", "words"), [*SOLVED.items(), *OTHERS])
def test_what_locate_writes_is_verified(command, file, words):
    located = command("locate", file, *words, *QUICK, "--certificate", "proof.json", "--json").answer
    done = command("verify", "proof.json", file, "--json")
    assert (done.code, done.err) == (0, "")
    answer = done.answer
    assert answer["holds"] is True
    assert answer["objective"] == pytest.approx(located["objective"])
    assert answer["certified_bound"] == pytest.approx(located["certified_bound"])
    assert answer["bound"] == located["bound"]
    assert answer["faults"] == []


def test_a_reader_sees_what_is_proven_and_what_is_not(command):
    command("locate", "pmed.txt", *SOLVED["pmed.txt"], *QUICK, "--certificate", "proof.json")
    done = command("verify", "proof.json", "pmed.txt")
    assert done.code == 0
    assert "objective   3 recomputed" in done.out
    assert "proven by the multipliers" in done.out
    assert "verdict     holds" in done.out
    words = ("--model", "max-capture", "--decay", 2)
    command("locate", "pmed.txt", *words, *QUICK, "--certificate", "market.json")
    done = command("verify", "market.json", "pmed.txt")
    assert "none proven" in done.out
    assert "4 is the bound of the search" in done.out


def test_tables_are_given_again(command, folder):
    (folder / "rivals.csv").write_text("site,other\nzuid,noord\n")
    tables = ("--sites", "sites.csv", "--incompatible", "rivals.csv")
    words = ("locate", "customers.csv", *tables, "--model", "uncapacitated", "--factor", 2)
    command(*words, *QUICK, "--certificate", "proof.json")
    assert command("verify", "proof.json", "customers.csv", *tables).code == 0
    done = command("verify", "proof.json", "customers.csv", "--sites", "sites.csv")
    assert done.code == 2
    assert "proof.json is a result of another problem; expected one of customers.csv" in done.err


def test_forged_claims_do_not_hold(command, folder):
    proof = folder / "proof.json"

    def told(**changes):
        command("locate", "pmed.txt", *SOLVED["pmed.txt"], *QUICK, "--certificate", "proof.json")
        forge(proof, **changes)
        done = command("verify", "proof.json", "pmed.txt", "--json")
        assert done.code == 1
        assert done.answer["holds"] is False
        return done.err

    assert "the objective is 3, not 2" in told(objective=2, bound=2, certified_bound=2)
    assert "the multipliers prove a bound of" in told(certified_bound=4)
    assert "the bound of 4 is refuted by the solution" in told(bound=4)
    assert "the solution breaks a rule" in told(open=[1, 3])
    prices = {"customer_price": [9e3, 9e3, 1, 1], "capacity_price": 0.0, "budget_price": 0.0}
    assert "the multipliers prove a bound of" in told(certificate=prices)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"open": [2, 99]}, "open[1] is 99; expected an id of the problem"),
        ({"open": [2, [4]]}, "open[1]"),
        ({"assignment": "all"}, "assignment is 'all'"),
        ({"objective": "3"}, "objective is '3'; expected a number"),
        ({"certificate": {}}, "certificate.customer_price is missing"),
        ({"certificate": {"customer_price": [None, {}], "capacity_price": 0, "budget_price": 0}}, "no list of numbers"),
        ({"certificate": PRICED | {"near_sets": [[1, "a"]]}}, "certificate.near_sets[0] is no set of sites"),
        ({"certificate": PRICED | {"near_sets": 3}}, "certificate.near_sets[0] is no set of sites"),
        ({"options": {"model": "p-median", "p": 1, "format": "auto"}}, "a result of another problem"),
        ({"options": {"model": "p-median", "exec": 1}}, "options"),
        ({"options": {"model": "p-median", "factor": "x"}}, "options"),
        ({"open": [], "certificate": None}, "without a solution and multipliers"),
    ],
)
def test_what_is_no_result_is_refused(command, folder, changes, message):
    command("locate", "pmed.txt", *SOLVED["pmed.txt"], *QUICK, "--certificate", "proof.json")
    forge(folder / "proof.json", **changes)
    done = command("verify", "proof.json", "pmed.txt")
    assert done.code == 2
    assert message in done.err


def test_an_answer_without_its_proof_is_refused(command, folder):
    command("locate", "pmed.txt", *SOLVED["pmed.txt"], *QUICK, "-o", "plain.json")
    done = command("verify", "plain.json", "pmed.txt")
    assert done.code == 2
    assert "options is missing" in done.err
    assert "--certificate" in done.err
    assert command("verify", "pmed.txt", "pmed.txt").code == 2
    done = command("locate", "pmed.txt", *SOLVED["pmed.txt"], "--certificate", "proof.csv")
    assert done.code == 2
    assert "the ending of 'proof.csv' is '.csv'; expected one of .json" in done.err


def test_a_result_is_a_start_for_a_similar_problem(command, folder):
    command("locate", "pmed.txt", *SOLVED["pmed.txt"], *QUICK, "--certificate", "proof.json")
    done = command("locate", "pmed.txt", *SOLVED["pmed.txt"], "--p", 3, "--start", "proof.json", *QUICK, "--json")
    assert (done.code, done.err, done.answer["objective"]) == (0, "", 1)
    forge(folder / "proof.json", open=[99])
    done = command("locate", "pmed.txt", *SOLVED["pmed.txt"], "--start", "proof.json")
    assert done.code == 2
    assert "start.sites[0] is 99; expected the id of a site of the problem" in done.err
    forge(folder / "proof.json", open=[[1]])
    done = command("locate", "pmed.txt", *SOLVED["pmed.txt"], "--start", "proof.json")
    assert (done.code, "proof.json: open[0] is [1]; expected an id" in done.err) == (2, True)
