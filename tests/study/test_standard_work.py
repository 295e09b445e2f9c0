"""Time equations and the cost of steps, by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from netdesign.stop import Stop
from netdesign.study import Study, lint
from netdesign.study.cost import cost_to_serve
from netdesign.study.make import process_of, standard_work, unit_costs
from netdesign.study.network import Member
from netdesign.study.options import Option, design_offer
from netdesign.study.standard_work import FormulaError, minutes_of, work_of
from netdesign.study.streams import design_stream
from netdesign.study.value import make_offer

STOP = Stop(gap=0.0)
TABLES = {
    "study": 'name = "Work"\nworking_days_per_year = 250\n[tables]\n'
    + "".join(f'{t} = "{t}.csv"\n' for t in ("variants", "technologies", "processes", "service_tiers")),
    "segments": "segment,price_weight,outside_utility,holding_cost\nhomes,0.05,-2,3\n",
    "customers": "customer,segment,lon,lat,buyers,units_per_order,area_km2\n"
    "Utrecht,homes,5.08,52.09,9000,1,6\nVelp,homes,5.98,51.99,2500,2,5\n",
    "sites": "site,lon,lat,fixed_year,wage,practical_share,energy_price\nUtrecht,5.12,52.09,9000,30,0.8,0.2\n"
    "Arnhem,5.91,51.98,7000,24,0.75,0.3\n",
    "variants": "variant,segment,price,popularity,features,unit_kg\nred,homes,60,3,1,0.2\nblue,homes,65,1,4,0.5\n",
    "technologies": "technology,kind,capex,changeover_h,rate,build_h,units_per_build,material,yield\n"
    "printed and milled,hybrid,20000,0.4,12,6,3,20,0.9\n",
    "processes": "technology,step,resource,minutes,yield,energy_kwh,co2_kg\n"
    "printed and milled,print,machine,0,0.95,2,1\nprinted and milled,mill,machine,3 + 2 * features,1,1,0.5\n"
    "printed and milled,finish,labor,(4 + unit_kg * 10) / 2,0.9,0,0\n",
    "service_tiers": "tier,segment,promise_h,made_to\nstocked,homes,72,stock\nmade,homes,9,order\n",
}


@pytest.fixture
def case(write_study):
    return Study.read(write_study(**TABLES)).cases()[0]


@pytest.mark.parametrize(
    ("formula", "minutes"),
    [("4", 4), ("4 + 0.5 * features", 5), ("-features + 3 * (unit_kg - 1) / 2", 1), ("features / unit_kg / 2", 0.5)],
)
def test_a_time_equation_is_what_it_says(formula, minutes):
    assert minutes_of(formula, {"features": 2.0, "unit_kg": 3.0 if "3 *" in formula else 2.0}) == pytest.approx(minutes)


@pytest.mark.parametrize(
    "formula", ["", "4 +", "featurs", "__import__('os')", "features ** 9", "True", "'a'", "(1, 2)"]
)
def test_anything_else_is_refused(formula):
    with pytest.raises(FormulaError):
        minutes_of(formula, {"features": 2.0})


def test_steps_before_a_loss_work_on_more_than_they_deliver(case):
    one = case.variants[case.variants["variant"] == "blue"]
    work = work_of(case.processes, one, [1.0])
    assert work.labor_h == {"finish": pytest.approx(4.5 / 60 / 0.9)}
    assert work.machine_h == {"mill": pytest.approx(11 / 60 / 0.9), "print": 0.0}
    assert work.started == pytest.approx(1 / (0.9 * 0.95))
    assert work.energy_kwh == pytest.approx(2 / (0.9 * 0.95) + 1 / 0.9)
    assert work.co2_kg == pytest.approx(1 / (0.9 * 0.95) + 0.5 / 0.9)


def test_an_equation_that_is_not_linear_is_meant_over_the_variants_and_not_of_their_mean(case):
    steps = case.processes.iloc[:1].assign(minutes="features * features")
    assert work_of(steps, case.variants, [0.75, 0.25]).hours == pytest.approx((0.75 * 1 + 0.25 * 16) / 60 / 0.95)


def test_a_unit_costs_its_time_at_the_rates_of_the_site(case):
    offered = case.offering(make_offer(case, case.tiers[0], 2))
    work = standard_work(offered, "printed and milled")
    process = process_of(offered, "printed and milled", 4.0)
    costs = unit_costs(offered, process, 1)
    assert costs["labor", "make", "finish"] == pytest.approx(work.labor_h["finish"] * 24 / 0.75)
    assert costs["infrastructure", "make", "mill"] == pytest.approx(work.machine_h["mill"] * 12)
    assert costs["infrastructure", "make", "energy"] == pytest.approx(work.energy_kwh * 0.3)
    material = offered.offer.unit_kg * 20 / 0.9 * work.started
    assert costs["supplier", "source", "material"] == pytest.approx(material)
    assert process.unit_h == pytest.approx(6 / (3 * 0.9) * work.started + work.machine_h["mill"])
    assert process.co2_kg == pytest.approx(work.co2_kg)


def test_the_accounts_add_up_with_a_row_for_every_step(case):
    offered = case.offering(make_offer(case, case.tiers[0], 2))
    option = Option(offered, design_offer(offered, STOP))
    assert option.design.served.all()
    table = cost_to_serve(option.case, option.costs, option.design)
    assert math.fsum(table["cost_per_year"]) == pytest.approx(option.design.objective, rel=1e-12)
    assert {"finish", "mill", "print", "energy"} <= set(table["driver"])
    stream = design_stream([Member(option.case, option.costs, decline=True)], STOP)
    assert math.fsum(stream.costs.values()) == pytest.approx(stream.revenue - stream.profit, rel=1e-12)


def test_steps_count_against_the_promise_where_units_are_made_to_order(case):
    made = case.offering(make_offer(case, case.tiers[1], 1))
    process = process_of(made, "printed and milled", math.inf)
    assert process.work_wait_h == pytest.approx(standard_work(made, "printed and milled").hours)
    assert process_of(case.offering(make_offer(case, case.tiers[0], 1)), "printed and milled", 1.0).work_wait_h == 0


def test_without_variants_equations_are_those_of_a_plain_unit(write_study):
    plain = {k: v for k, v in TABLES.items() if k not in ("variants", "service_tiers")}
    plain["study"] = (
        plain["study"].replace('variants = "variants.csv"\n', "").replace('service_tiers = "service_tiers.csv"\n', "")
    )
    case = Study.read(write_study(**plain)).cases()[0]
    work = standard_work(case, "printed and milled")
    assert work.labor_h["finish"] == pytest.approx(2 / 60 / 0.9)
    assert np.isfinite(work_of(case.processes, pd.DataFrame(), ()).hours)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("3 + 2 * features", "3 + 2 * feature", "row 3, minutes: is '3 + 2 * feature'; expected a time equation over"),
        ("3 + 2 * features", "3 ** features", "row 3, minutes: is '3 ** features'; expected a time equation over attr"),
        ("3 + 2 * features", "3 - features", "row 3, minutes: is -1 minutes for blue; expected a time of 0 at least."),
        ("milled,finish", "mild,finish", "row 4, technology: is 'printed and mild'; expected a technology of technol"),
    ],
)
def test_equations_that_cannot_be_are_found(write_study, old, new, said):
    tables = TABLES | {"processes": TABLES["processes"].replace(old, new)}
    assert [p for p in map(str, lint(write_study(**tables))) if p.startswith(f"processes.csv {said}")]
    assert lint(write_study("sound", **TABLES)) == []
