"""Every rule of a single row, each broken by one wrong study."""

from __future__ import annotations

import pytest

from netdesign.study import lint
from netdesign.study.row_rules import ROW_RULES
from netdesign.study.schema import TABLES, Number

SOUND = {
    "segments": {"segment": "homes", "vehicle_type": "van", "max_hours": 2, "make_minutes": 6, "price_weight": 0.1},
    "customers": {"customer": "Zeist", "segment": "homes", "lon": 5.23, "lat": 52.09, "buyers": 900, "drop_kg": 2},
    "sites": {"site": "Utrecht", "lon": 5.12, "lat": 52.09, "fixed_year": 20000, "rent": 5000},
    "vehicles": {"vehicle_type": "van", "kg": 900, "m3": 8, "stops": 90},
    "variants": {"variant": "red", "segment": "homes", "price": 30, "unit_kg": 0.5},
    "service_tiers": {"tier": "fast", "segment": "homes", "promise_h": 24},
    "technologies": {"technology": "printing", "kind": "additive", "capex": 9000, "rate": 6},
    "processes": {"technology": "printing", "step": "finish", "minutes": "4 + features"},
    "overheads": {"activity": "range", "segment": "homes", "driver": "variant", "cost": 900},
    "components": {"component": "sole", "segment": "homes"},
    "suppliers": {"supplier": "Acme"},
    "contracts": {"contract": "market", "component": "sole", "price": 2},
    "modes": {"mode": "post", "cost_per_order": 9},
    "shipments": {"mode": "post", "km": 120, "kg": 8, "cost": 9},
    "machine_hours": {"technology": "printing", "period": "May", "scheduled_h": 40, "downtime_h": 4},
    "choices": {"segment": "homes", "choice": "c1", "offer": "red", "chosen": 1, "price": 30},
}
WRONG = [
    ("segments", {"max_hours": 90}, "max_hours", "at most two days of driving"),
    ("segments", {"max_hours": 0.04}, "max_hours", "at least three minutes"),
    ("segments", {"make_minutes": 20_000}, "make_minutes", "at most a week of work"),
    ("segments", {"growth": 0.05}, "growth", "per cent"),
    ("segments", {"lifetime_years": 60}, "lifetime_years", "at most 50 years"),
    ("segments", {"min_share": 0.95}, "min_share", "at most 0.9"),
    ("segments", {"delay_from_h": 9, "delay_to_h": 8}, "delay_to_h", "not below delay_from_h"),
    ("segments", {"variability": 99}, "variability", "at most 50 units"),
    ("segments", {"stock_service": 0.5}, "stock_service", "0.7 at least"),
    ("customers", {"earliest_h": 14, "latest_h": 12}, "latest_h", "not before earliest_h"),
    ("customers", {"earliest_h": 0.4, "latest_h": 0.7}, "latest_h", "an hour of the day"),
    ("customers", {"earliest_h": 9, "latest_h": 9.1}, "latest_h", "a window of a quarter of an hour at least"),
    ("customers", {"service_minutes": 180}, "service_minutes", "at most two hours at a stop"),
    ("customers", {"area_km2": 30_000}, "area_km2", "at most 20000 km2"),
    ("customers", {"orders_per_buyer": 50_000, "buyers": 1}, "orders_per_buyer", "at most 10000 orders of a buyer"),
    ("customers", {"units_per_order": 20_000}, "units_per_order", "at most 10000 units in an order"),
    ("customers", {"drop_kg": 0.0005, "drop_m3": 0.00001}, "drop_kg", "a gram at least"),
    ("customers", {"drop_kg": 800}, "drop_m3", "5 to 5000 kg per m3 with drop_kg"),
    ("sites", {"fixed_year": 300, "rent": 20}, "fixed_year", "at least 1000 a year with rent"),
    ("sites", {"fixed_year": 0, "rent": 0}, "fixed_year", "a cost"),
    ("sites", {"status": "open", "fixed_open": 10}, "fixed_open", "0 for a site that is open"),
    ("sites", {"exit_cost": 900_000}, "exit_cost", "at most twenty years of its cost"),
    ("sites", {"wage": 4000}, "wage", "at most 500 an hour"),
    ("sites", {"wage": 0.5}, "wage", "1 an hour at least"),
    ("sites", {"machine_h": 9000}, "machine_h", "at most the 8760 hours of a year"),
    ("sites", {"practical_share": 0.1}, "practical_share", "0.3 at least"),
    ("sites", {"energy_price": 90}, "energy_price", "at most 5 a kWh"),
    ("sites", {"handling": 900}, "handling", "at most 200 an order"),
    ("vehicles", {"circuity": 0.9}, "circuity", ">= 1"),
    ("vehicles", {"stops": 0.5}, "stops", "at least one stop on a route"),
    ("vehicles", {"speed_kmh": 600}, "speed_kmh", "an average below 130"),
    ("vehicles", {"speed_kmh": 3}, "speed_kmh", "faster than a walk"),
    ("vehicles", {"kg": 3.5}, "kg", "20 kg at least"),
    ("vehicles", {"m3": 8000}, "m3", "at most 200 m3"),
    ("vehicles", {"cost_per_km": 25}, "cost_per_km", "at most 10 a km"),
    ("vehicles", {"cost_per_h": 900}, "cost_per_h", "at most 500 an hour"),
    ("vehicles", {"cost_per_day": 0, "cost_per_km": 0, "cost_per_h": 0}, "cost_per_day", "a cost"),
    ("vehicles", {"co2_per_km": 180}, "co2_per_km", "at most 5 kg a km"),
    ("vehicles", {"shift_h": 20}, "shift_h", "at most 16 hours"),
    ("variants", {"price": 0}, "price", "a price"),
    ("variants", {"unit_kg": 4000}, "unit_kg", "at most a tonne"),
    ("variants", {"process_minutes": 20_000}, "process_minutes", "at most a week of work"),
    ("variants", {"return_rate": 0.8}, "return_rate", "at most 0.6"),
    ("service_tiers", {"prepare_h": 24}, "prepare_h", "less than promise_h"),
    ("service_tiers", {"promise_h": 5000}, "promise_h", "at most three months"),
    ("service_tiers", {"service_level": 0.1}, "service_level", "0.5 at least"),
    ("technologies", {"changeover_h": 2}, "kind", "no changeovers where it is additive"),
    ("technologies", {"life_years": 120}, "life_years", "at most 50 years"),
    ("technologies", {"rate": 5000}, "rate", "at most 2000 an hour"),
    ("technologies", {"scheduled_h": 9000}, "scheduled_h", "at most the 8760 hours of a year"),
    ("technologies", {"scheduled_h": 40}, "scheduled_h", "100 hours a year at least"),
    ("technologies", {"scheduled_h": 1800, "capacity_h": 2000}, "capacity_h", "at most scheduled_h"),
    ("technologies", {"capacity_h": 9000}, "capacity_h", "at most the 8760 hours of a year"),
    ("technologies", {"capacity_h": 40}, "capacity_h", "100 hours a year at least"),
    ("technologies", {"lead_days": 720}, "lead_days", "at most a year of working days"),
    ("technologies", {"build_h": 900}, "build_h", "at most three weeks"),
    ("technologies", {"waste": 30}, "waste", "at most five times the unit"),
    ("technologies", {"yield": 0.1}, "yield", "0.3 at least"),
    ("processes", {"yield": 0.1}, "yield", "0.3 at least"),
    ("processes", {"energy_kwh": 50_000}, "energy_kwh", "at most 10000 kWh a unit"),
    ("overheads", {"driver": "order", "cost": 2000}, "cost", "at most 1000 an order"),
    ("suppliers", {"reliability": 0.2}, "reliability", "0.5 at least"),
    ("suppliers", {"lead_days": 400}, "lead_days", "at most a year of working days"),
    ("suppliers", {"lead_days": 5, "lead_deviation": 9}, "lead_deviation", "not above lead_days"),
    ("contracts", {"price": 0}, "price", "a price"),
    ("contracts", {"type": "commitment", "quantity": 0}, "quantity", "a quantity that is paid, taken or not"),
    ("contracts", {"flex_down": 0.2}, "flex_down", "flexibility where the type is quantity_flex alone"),
    ("contracts", {"flex_up": 30}, "flex_up", "at most five times the quantity"),
    ("contracts", {"type": "reservation", "reservation_price": 0}, "reservation_price", "a fee"),
    ("contracts", {"term_years": 36}, "term_years", "at most 30 years"),
    ("shipments", {"km": 120_000}, "km", "at most 30000 km"),
    ("shipments", {"kg": 800_000}, "kg", "at most 100 t"),
    ("machine_hours", {"scheduled_h": 10_080}, "scheduled_h", "at most the 8784 hours of a year"),
    (
        "machine_hours",
        {"run_h": 36, "changeover_h": 1},
        "scheduled_h",
        "no less than downtime_h, changeover_h and run_h together",
    ),
    ("machine_hours", {"downtime_h": 30}, "downtime_h", "at most 0.7 of scheduled_h"),
    ("choices", {"chosen": 0.5}, "chosen", "0 or 1"),
]


def written(table: str, changes: dict[str, object]) -> dict[str, str]:
    # One choice, shipment or month is too few to learn from, which is another lint's business.
    learned = {"choices": "choices", "modes": "shipments", "shipments": "shipments", "machine_hours": "machine_hours"}
    names = [name for name in SOUND if learned.get(name, table) == table]
    rows = {name: SOUND[name] | (changes if name == table else {}) for name in names}
    texts = {name: ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n" for name, row in rows.items()}
    return texts | {"study": 'name = "One row"\n[tables]\n' + "".join(f'{t} = "{t}.csv"\n' for t in names)}


def test_the_study_with_no_rule_broken_has_no_problems(write_study):
    assert lint(write_study(**written("segments", {}))) == []


@pytest.mark.parametrize(("table", "changes", "column", "rule"), WRONG, ids=lambda v: v if isinstance(v, str) else "")
def test_a_row_that_breaks_a_rule_is_found_with_its_place_its_value_and_advice(
    write_study, table, changes, column, rule
):
    found = [p for p in lint(write_study(**written(table, changes))) if p.rule == rule]
    (problem,) = found
    assert (problem.file, problem.sheet, problem.row, problem.column) == (f"{table}.csv", "", 2, column)
    assert problem.value == {**SOUND[table], **changes}.get(column, problem.value)
    assert problem.hint.endswith((".", "?"))


def test_no_rule_is_without_a_wrong_study():
    assert [(r.table, r.column, r.rule) for r in ROW_RULES] == [(t, c, r) for t, _, c, r in WRONG]


@pytest.mark.parametrize("table", [table for table in SOUND if table != "modes"])
def test_a_table_whose_only_row_cannot_be_read_is_no_table_to_other_rules(write_study, table):
    column = next((name for name, spec in TABLES[table].items() if isinstance(spec, Number)))
    found = [p for p in lint(write_study(**written(table, {column: "x"}))) if p.level == "error"]
    assert (found[0].file, found[0].row, found[0].column, found[0].value) == (f"{table}.csv", 2, column, "x")
