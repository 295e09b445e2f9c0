"""Rules that one row breaks on its own: contradictions, and amounts that look like another unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from netdesign.study.problems import Level, Problem

Rows = Callable[[pd.DataFrame], "pd.Series[bool]"]


@dataclass(frozen=True)
class RowRule:
    """What a row must keep: the rows of ``table`` that are ``broken`` are reported at ``column``."""

    table: str
    column: str
    broken: Rows
    rule: str
    hint: str
    level: Level = "warning"


def broken_rows(table: str, frame: pd.DataFrame, source: str) -> Iterator[Problem]:
    """Every rule of a table that a row of it breaks, row by row."""
    for rule in ROW_RULES:
        if rule.table == table:
            rows = frame[rule.broken(frame)]
            for row, value in zip(rows.index, rows[rule.column], strict=True):
                shown = float(value) if isinstance(value, (int, float)) else value
                yield Problem(source, int(row), rule.column, shown, rule.rule, rule.hint, rule.level)


def _density(t: pd.DataFrame) -> pd.Series[float]:
    return t["drop_kg"] / t["drop_m3"].where(t["drop_m3"] > 0)


def _a_year(t: pd.DataFrame) -> pd.Series[float]:
    return t["fixed_year"] + t["rent"]


def _above(hours: pd.Series[float], scheduled: pd.Series[float]) -> pd.Series[bool]:
    """Where practical hours are known and more than the scheduled ones."""
    return (hours > scheduled) & (hours < float("inf"))


def _changes(t: pd.DataFrame) -> pd.Series[bool]:
    return (t["changeover_h"] > 0) | (t["changeover_cost"] > 0)


ROW_RULES: Final = (
    RowRule("segments", "max_hours", lambda t: t["max_hours"].between(48, 1e12, "right"), "at most two days of driving",
            "Is this in minutes? Leave the cell empty for no promise."),
    RowRule("segments", "max_hours", lambda t: t["max_hours"] < 0.05, "at least three minutes",
            "Is this in days? Multiply by 24."),
    RowRule("segments", "make_minutes", lambda t: t["make_minutes"] > 10_000, "at most a week of work",
            "Is this in seconds? Divide by 60."),
    RowRule("segments", "growth", lambda t: t["growth"].between(0, 1, "neither"), "per cent",
            "Is this a share? Write 5 for 5 %."),
    RowRule("segments", "lifetime_years", lambda t: t["lifetime_years"].between(50, 1e12, "right"), "at most 50 years",
            "Is this in months? Leave the cell empty for the horizon."),
    RowRule("segments", "min_share", lambda t: t["min_share"] > 0.9, "at most 0.9",
            "It is a share: 0.2 is 20 per cent."),
    RowRule("segments", "delay_to_h", lambda t: t["delay_to_h"] < t["delay_from_h"], "not below delay_from_h",
            "Waiting matters between the two: swap them, or leave both cells empty.", "error"),
    RowRule("segments", "variability", lambda t: t["variability"] > 50, "at most 50 units",
            "Is this the deviation of a year? Write that of a day at one unit a day."),
    RowRule("segments", "stock_service", lambda t: t["stock_service"].between(0.5, 0.7, "left"), "0.7 at least",
            "It is a share: 0.95 is 95 per cent."),
    RowRule("customers", "latest_h", lambda t: t["earliest_h"] > t["latest_h"], "not before earliest_h",
            "Hours of the day, as 17.5: are the two swapped? A window cannot go past midnight.", "error"),
    RowRule("customers", "latest_h", lambda t: (t["earliest_h"] <= t["latest_h"]) & (t["latest_h"] <= 1),
            "an hour of the day", "Is this a share of a day, as spreadsheets keep times? Multiply by 24."),
    RowRule("customers", "latest_h", lambda t: (t["latest_h"] > 1) & (t["latest_h"] - t["earliest_h"]).between(0, 0.2),
            "a window of a quarter of an hour at least",
            "Hardly a route can meet it: widen the window if the customer allows it."),
    RowRule("customers", "service_minutes", lambda t: t["service_minutes"] > 120, "at most two hours at a stop",
            "Are these seconds? Divide by 60."),
    RowRule("customers", "area_km2", lambda t: t["area_km2"] > 20_000, "at most 20000 km2",
            "Are these hectares? Divide by 100. Are they m2? Divide by 1000000."),
    RowRule("customers", "orders_per_buyer", lambda t: t["orders_per_buyer"] > 10_000,
            "at most 10000 orders of a buyer", "Are these the orders of all buyers? Divide by buyers."),
    RowRule("customers", "units_per_order", lambda t: t["units_per_order"] > 10_000, "at most 10000 units in an order",
            "Are these units per year? Divide by the orders of a year."),
    RowRule("customers", "drop_kg", lambda t: t["drop_kg"].between(0, 0.001, "neither"), "a gram at least",
            "Is this in tonnes? Multiply by 1000."),
    RowRule("customers", "drop_m3", lambda t: (_density(t) < 5) | (_density(t) > 5000),
            "5 to 5000 kg per m3 with drop_kg", "Is drop_kg in grams or drop_m3 in litres? Divide by 1000."),
    RowRule("sites", "fixed_year", lambda t: _a_year(t).between(0, 1000, "neither"), "at least 1000 a year with rent",
            "Is this per day, or in thousands? Write the cost of a year."),
    RowRule("sites", "fixed_year", lambda t: (_a_year(t) == 0) & (t["status"] == "candidate"), "a cost",
            "A free site is always opened: write what it costs a year."),
    RowRule("sites", "fixed_open", lambda t: (t["fixed_open"] > 0) & (t["status"] == "open"),
            "0 for a site that is open", "It is not paid again: empty the cell, or call the site a candidate."),
    RowRule("sites", "exit_cost", lambda t: t["exit_cost"] > 20 * (_a_year(t) + t["fixed_open"]),
            "at most twenty years of its cost", "Is this in another currency? Write what closing the site costs once."),
    RowRule("sites", "wage", lambda t: t["wage"] > 500, "at most 500 an hour",
            "Is this per day or per month? Write the pay of an hour."),
    RowRule("sites", "wage", lambda t: t["wage"].between(0, 1, "neither"), "1 an hour at least",
            "Is this per minute? Multiply by 60."),
    RowRule("sites", "machine_h", lambda t: t["machine_h"].between(8760, 1e12, "right"),
            "at most the 8760 hours of a year", "Leave the cell empty for no limit.", "error"),
    RowRule("sites", "practical_share", lambda t: t["practical_share"] < 0.3, "0.3 at least",
            "It is a share: 0.85 is 85 per cent."),
    RowRule("sites", "energy_price", lambda t: t["energy_price"] > 5, "at most 5 a kWh",
            "Is this per MWh? Divide by 1000."),
    RowRule("sites", "handling", lambda t: t["handling"] > 200, "at most 200 an order",
            "Is this per pallet or per day? Divide by its orders."),
    RowRule("vehicles", "circuity", lambda t: t["circuity"].between(0, 1, "neither"), ">= 1",
            "Roads are not shorter than straight lines: 1.3 is usual.", "error"),
    RowRule("vehicles", "stops", lambda t: t["stops"] < 1, "at least one stop on a route",
            "Leave the cell empty for no limit.", "error"),
    RowRule("vehicles", "speed_kmh", lambda t: t["speed_kmh"] > 130, "an average below 130",
            "Is this m per minute? Multiply by 0.06."),
    RowRule("vehicles", "speed_kmh", lambda t: t["speed_kmh"] < 4, "faster than a walk",
            "Is this m per second? Multiply by 3.6."),
    RowRule("vehicles", "kg", lambda t: t["kg"] < 20, "20 kg at least", "Is this in tonnes? Multiply by 1000."),
    RowRule("vehicles", "m3", lambda t: t["m3"].between(200, 1e12), "at most 200 m3",
            "Is this in litres? Divide by 1000."),
    RowRule("vehicles", "cost_per_km", lambda t: t["cost_per_km"] > 10, "at most 10 a km",
            "Is this per 100 km? Divide by 100."),
    RowRule("vehicles", "cost_per_h", lambda t: t["cost_per_h"] > 500, "at most 500 an hour",
            "Is this per day? Divide by the hours of a shift."),
    RowRule("vehicles", "cost_per_day", lambda t: t[["cost_per_day", "cost_per_km", "cost_per_h"]].sum(axis=1) == 0,
            "a cost", "A vehicle that costs nothing makes distance free: write its cost of a day, a km or an hour."),
    RowRule("vehicles", "co2_per_km", lambda t: t["co2_per_km"] > 5, "at most 5 kg a km",
            "Is this in grams? Divide by 1000."),
    RowRule("vehicles", "shift_h", lambda t: t["shift_h"] > 16, "at most 16 hours",
            "Is this for two drivers? A route is one driver's: write one shift."),
    RowRule("variants", "price", lambda t: t["price"] == 0, "a price",
            "A variant that is free earns nothing: write what a unit is sold for, or leave the row out."),
    RowRule("variants", "unit_kg", lambda t: t["unit_kg"] > 1000, "at most a tonne",
            "Is this in grams? Divide by 1000."),
    RowRule("variants", "process_minutes", lambda t: t["process_minutes"] > 10_000, "at most a week of work",
            "Is this in seconds? Divide by 60."),
    RowRule("variants", "return_rate", lambda t: t["return_rate"] > 0.6, "at most 0.6",
            "It is a share: 0.05 is five per cent."),
    RowRule("service_tiers", "prepare_h", lambda t: t["prepare_h"] >= t["promise_h"], "less than promise_h",
            "Nothing can be delivered in time: promise more hours, or prepare in fewer.", "error"),
    RowRule("service_tiers", "promise_h", lambda t: t["promise_h"].between(2000, 1e12), "at most three months",
            "Is this in minutes? Divide by 60."),
    RowRule("service_tiers", "service_level", lambda t: t["service_level"] < 0.5, "0.5 at least",
            "It is a share: 0.95 is 95 per cent."),
    RowRule("technologies", "kind", lambda t: (t["kind"] == "additive") & _changes(t),
            "no changeovers where it is additive", "Call it hybrid, or leave its changeovers out."),
    RowRule("technologies", "life_years", lambda t: t["life_years"] > 50, "at most 50 years",
            "Is this in months? Divide by 12."),
    RowRule("technologies", "rate", lambda t: t["rate"] > 2000, "at most 2000 an hour",
            "Is this per day? Divide by the hours it runs."),
    RowRule("technologies", "scheduled_h", lambda t: t["scheduled_h"].between(8760, 1e12, "right"),
            "at most the 8760 hours of a year", "Leave the cell empty where it is not known.", "error"),
    RowRule("technologies", "scheduled_h", lambda t: t["scheduled_h"] < 100, "100 hours a year at least",
            "Is this per week? Multiply by 52."),
    RowRule("technologies", "capacity_h", lambda t: _above(t["capacity_h"], t["scheduled_h"]), "at most scheduled_h",
            "No machine makes use of more hours than it is scheduled: are the two swapped?", "error"),
    RowRule("technologies", "capacity_h", lambda t: t["capacity_h"].between(8760, 1e12, "right"),
            "at most the 8760 hours of a year", "Leave the cell empty for no limit.", "error"),
    RowRule("technologies", "capacity_h", lambda t: t["capacity_h"] < 100, "100 hours a year at least",
            "Is this per week? Multiply by 52."),
    RowRule("technologies", "lead_days", lambda t: t["lead_days"] > 250, "at most a year of working days",
            "Is this in hours? Divide by 24."),
    RowRule("technologies", "build_h", lambda t: t["build_h"] > 500, "at most three weeks",
            "Is this in minutes? Divide by 60."),
    RowRule("technologies", "waste", lambda t: t["waste"] > 5, "at most five times the unit",
            "It is a share: 0.3 is 30 per cent."),
    RowRule("technologies", "yield", lambda t: t["yield"] < 0.3, "0.3 at least",
            "Is this the share of scrap? Write 1 less that."),
    RowRule("processes", "yield", lambda t: t["yield"] < 0.3, "0.3 at least",
            "Is this the share of scrap? Write 1 less that."),
    RowRule("processes", "energy_kwh", lambda t: t["energy_kwh"] > 10_000, "at most 10000 kWh a unit",
            "Is this in Wh? Divide by 1000."),
    RowRule("overheads", "cost", lambda t: (t["driver"] == "order") & (t["cost"] > 1000), "at most 1000 an order",
            "Is this per year? Then the driver is segment."),
    RowRule("suppliers", "reliability", lambda t: t["reliability"] < 0.5, "0.5 at least",
            "It is a share: 0.95 is 95 per cent."),
    RowRule("suppliers", "lead_days", lambda t: t["lead_days"] > 250, "at most a year of working days",
            "Is this in hours? Divide by 24."),
    RowRule("suppliers", "lead_deviation", lambda t: t["lead_deviation"] > t["lead_days"], "not above lead_days",
            "Is this a variance? Take its square root."),
    RowRule("contracts", "price", lambda t: (t["price"] == 0) & (t["type"] != "reservation"), "a price",
            "What is free is always bought: write the price of a unit."),
    RowRule("contracts", "quantity", lambda t: (t["type"] == "commitment") & (t["quantity"] == 0),
            "a quantity that is paid, taken or not", "Without one it is bought on the spot: call it spot.", "error"),
    RowRule("contracts", "flex_down", lambda t: (t["flex_down"] + t["flex_up"] > 0) & (t["type"] != "quantity_flex"),
            "flexibility where the type is quantity_flex alone",
            "It is not read otherwise: call the type quantity_flex, or empty the cell."),
    RowRule("contracts", "flex_up", lambda t: t["flex_up"] > 5, "at most five times the quantity",
            "It is a share: 0.3 is 30 per cent."),
    RowRule("contracts", "reservation_price", lambda t: (t["type"] == "reservation") & (t["reservation_price"] == 0),
            "a fee", "What is reserved for nothing is reserved without end: write the fee of a unit.", "error"),
    RowRule("contracts", "term_years", lambda t: t["term_years"] > 30, "at most 30 years",
            "Is this in months? Divide by 12."),
    RowRule("shipments", "km", lambda t: t["km"] > 30_000, "at most 30000 km", "Is this in metres? Divide by 1000."),
    RowRule("shipments", "kg", lambda t: t["kg"] > 100_000, "at most 100 t", "Is this in grams? Divide by 1000."),
    RowRule("machine_hours", "scheduled_h", lambda t: t["scheduled_h"] > 8784, "at most the 8784 hours of a year",
            "Are these minutes? Divide by 60. Else write a row for each machine."),
    RowRule("machine_hours", "scheduled_h",
            lambda t: t[["downtime_h", "changeover_h", "run_h"]].sum(axis=1) > t["scheduled_h"] * (1 + 1e-9),
            "no less than downtime_h, changeover_h and run_h together", "Overtime is scheduled too: add it.", "error"),
    RowRule("machine_hours", "downtime_h", lambda t: t["downtime_h"] > 0.7 * t["scheduled_h"],
            "at most 0.7 of scheduled_h", "Hours without work are no downtime: leave them out."),
    RowRule("choices", "chosen", lambda t: ~t["chosen"].isin([0, 1]), "0 or 1", "1 for the offer that was taken.",
            "error"),
)  # fmt: skip
