"""Standard work: the steps of a process, their time equations, and what a unit takes of every resource.

Time-driven activity-based costing (Kaplan and Anderson, "Time-Driven Activity-Based Costing", Harvard Business Review,
November 2004): a step costs its minutes, an equation over attributes of the unit, at the rate of its resource.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from netdesign.errors import closest

ATTRIBUTES: Final = ("quality", "customization", "features", "unit_kg", "process_minutes")
"""Columns of the table ``variants`` that time equations may name; 0 in segments without variants."""

_OPERATIONS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class FormulaError(ValueError):
    """A time equation that cannot be read; ``hint`` says how to write it."""

    def __init__(self, hint: str) -> None:
        self.hint = hint
        super().__init__(hint)


def minutes_of(formula: str, attributes: Mapping[str, Any]) -> Any:
    """The value of a time equation: numbers, names of attributes, ``+ - * /`` and brackets.

    Parameters
    ----------
    formula
        As ``4 + 0.5 * features``.
    attributes
        Values by name, of any one shape.

    Raises
    ------
    FormulaError
        If it is anything else.
    """
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError("Write it as 4 + 0.5 * features.") from error
    return _value(tree, attributes)


def _value(node: ast.expr, attributes: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in attributes:
            raise FormulaError(closest(node.id, list(attributes)))
        return attributes[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, attributes)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _value(node.left, attributes), _value(node.right, attributes)
        with np.errstate(divide="ignore", invalid="ignore"):
            return _OPERATIONS[type(node.op)](np.asarray(left, float), right)
    raise FormulaError("Numbers, names of attributes, + - * / and brackets are all it may hold.")


@dataclass(frozen=True)
class Work:
    """What a good unit takes.

    Attributes
    ----------
    labor_h, machine_h
        Hours by step.
    energy_kwh, co2_kg
        Of all steps.
    started
        Units begun for a good one.
    """

    labor_h: dict[str, float]
    machine_h: dict[str, float]
    energy_kwh: float = 0.0
    co2_kg: float = 0.0
    started: float = 1.0

    @property
    def hours(self) -> float:
        """From the first step to the last, without waiting."""
        return sum(self.labor_h.values()) + sum(self.machine_h.values())


def attributes_of(variants: pd.DataFrame) -> dict[str, Any]:
    """The attributes of some variants, by name; one unit without any where there are none."""
    if variants.empty:
        return {name: np.zeros(1) for name in ATTRIBUTES}
    return {name: variants[name].to_numpy(float) for name in ATTRIBUTES}


def work_of(steps: pd.DataFrame, variants: pd.DataFrame, shares: Any) -> Work:
    """What a good unit takes in the mean over the variants.

    What is lost at a step has been worked on at all steps before, so these work on more than they deliver.

    Parameters
    ----------
    steps
        Rows of the table ``processes`` of one technology, in their order.
    variants, shares
        What is offered, and the share of the units that each variant has.
    """
    attributes = attributes_of(variants)
    weight = np.asarray(shares, float) if len(variants) else np.ones(1)
    labor: dict[str, float] = {}
    machine: dict[str, float] = {}
    energy = co2 = 0.0
    begun = 1.0
    for step in reversed(steps.to_dict("records")):
        begun /= step["yield"]
        minutes = np.broadcast_to(minutes_of(str(step["minutes"]), attributes), weight.shape)
        hours = begun * float(minutes @ weight / weight.sum()) / 60
        (labor if step["resource"] == "labor" else machine)[str(step["step"])] = hours
        energy, co2 = energy + begun * step["energy_kwh"], co2 + begun * step["co2_kg"]
    return Work(labor, machine, energy, co2, begun)
