"""A location result with what proves it: ``netdesign locate --certificate`` writes, ``netdesign verify`` reads it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netdesign.errors import InputError, Phrase
from netdesign.io.source import naming, read_text
from netdesign.location import Flows, LocationProblem, LocationSolution, Start, fingerprint
from netdesign.result import Certificate, Result, Termination

ADVICE = "netdesign locate --certificate writes such a file."


@dataclass(frozen=True)
class Answer:
    """A result as a file has it.

    Attributes
    ----------
    options
        With which the problem was read, but for the files.
    fingerprint
        Of the problem; see :func:`netdesign.location.fingerprint`.
    fields
        All that the file says.
    """

    options: dict[str, Any]
    fingerprint: str
    fields: Mapping[str, Any]

    def result(self, problem: LocationProblem) -> Result[LocationSolution]:
        """The result, with a solution of this problem.

        Raises
        ------
        InputError
            If something is missing, or names a site or a customer that the problem does not have.
        """
        solution = self._solution(problem) if self._entry("open", list) else None
        bound, objective = (_number(self.fields.get(name), name) for name in ("bound", "objective"))
        return Result(
            solution=solution,
            objective=objective,
            bound=bound,
            termination=Termination(self._entry("termination", str)),
            trace=(),
            seconds=0.0,
            iterations=0,
            seed=0,
            certificate=self._certificate(),
        )

    def start(self) -> Start:
        """The sites and the multipliers, to begin another search from."""
        told = self._certificate()
        sites = self._entry("open", list)
        for k, name in enumerate(sites):
            if not isinstance(name, (int, str)):
                raise InputError(f"open[{k}]", name, "an id")
        return Start(sites, None if told is None else np.maximum(told.customer_price, 0.0))

    def _solution(self, problem: LocationProblem) -> LocationSolution:
        site = {name: j for j, name in enumerate(problem.sites)}
        customer = {name: i for i, name in enumerate(problem.customers)}
        opened = [_found(site, name, f"open[{k}]") for k, name in enumerate(self._entry("open", list))]
        assignment = [
            -1 if name is None else _found(site, name, f"assignment[{i}]")
            for i, name in enumerate(self._entry("assignment", list))
        ]
        flows = None
        if problem.model in ("capacitated", "max-capture"):
            rows = self._entry("flows", list)
            for k, row in enumerate(rows):
                if not (isinstance(row, list) and len(row) == 3 and isinstance(row[2], (int, float))):
                    raise InputError(f"flows[{k}]", row, "a site, a customer and a quantity")
            flows = Flows(
                np.array([_found(customer, i, f"flows[{k}]") for k, (_, i, _) in enumerate(rows)], np.int64),
                np.array([_found(site, j, f"flows[{k}]") for k, (j, _, _) in enumerate(rows)], np.int64),
                np.array([quantity for _, _, quantity in rows], np.float64),
            )
        return LocationSolution(problem, np.array(opened, np.int32), np.array(assignment, np.int32), flows)

    def _certificate(self) -> Certificate | None:
        told = self._entry("certificate", dict, type(None))
        if told is None:
            return None
        for name in ("customer_price", "capacity_price", "budget_price"):
            if name not in told:
                raise InputError(f"certificate.{name}", Phrase("missing"), "multipliers", advice=ADVICE)
        try:
            price = np.array(told["customer_price"], np.float64)
        except (TypeError, ValueError):
            price = np.zeros((0, 0))
        if price.ndim != 1:
            raise InputError("certificate.customer_price", Phrase("no list of numbers"), "a number per customer")
        room, budget = (
            _or_nan(_number(told[name], f"certificate.{name}")) for name in ("capacity_price", "budget_price")
        )
        share = _or_nan(_number(told.get("share_price", 0.0), "certificate.share_price"))
        bound = _or_nan(_number(self.fields.get("certified_bound"), "certified_bound"))
        return Certificate(bound, price, room, budget, share, _near_sets(told.get("near_sets", [])))

    def _entry(self, name: str, *kinds: type) -> Any:
        return _entry(self.fields, name, *kinds)


def _near_sets(told: Any) -> tuple[tuple[float, tuple[int, ...]], ...]:
    """Pairs of a weight and a list of numbers of sites."""
    sets = []
    for k, one in enumerate(told if isinstance(told, list) else [told]):
        fits = isinstance(one, list) and len(one) == 2 and isinstance(one[1], list)
        if not fits or not all(isinstance(j, int) for j in one[1]):
            where = f"certificate.near_sets[{k}]"
            raise InputError(where, Phrase("no set of sites"), "a weight and a list of sites by number", advice=ADVICE)
        sets.append((_or_nan(_number(one[0], f"certificate.near_sets[{k}][0]")), tuple(one[1])))
    return tuple(sets)


def proof_fields(
    problem: LocationProblem, result: Result[LocationSolution], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What an answer with its proof has more than one without.

    Parameters
    ----------
    problem, result
        The problem, and a result for it.
    options
        With which the problem was read, but for the files.
    """
    told = result.certificate
    multipliers = told and {
        "customer_price": told.customer_price.tolist(),
        "capacity_price": told.capacity_price,
        "budget_price": told.budget_price,
        **({"share_price": told.share_price} if told.share_price else {}),
        **({"near_sets": told.near_sets} if told.near_sets else {}),
    }
    given = {name: value for name, value in options.items() if value is not None}
    return {"certificate": multipliers, "fingerprint": fingerprint(problem), "options": given}


def read(path: Path) -> Answer:
    """The answer in a file; see :func:`parse`."""
    text = read_text(path)
    with naming(path):
        return parse(text)


def read_start(path: Path) -> Start:
    """What a search begins from that an answer in a file has; see :meth:`Answer.start`."""
    answer = read(path)
    with naming(path):
        return answer.start()


def parse(text: str) -> Answer:
    """The answer in a text.

    Raises
    ------
    InputError
        If it is not JSON, or misses what tells the problem.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise InputError("the text", Phrase("no JSON object"), "a result", advice=ADVICE)
    return Answer(_entry(fields, "options", dict), _entry(fields, "fingerprint", str), fields)


def _entry(fields: Mapping[str, Any], name: str, *kinds: type) -> Any:
    if name not in fields:
        raise InputError(name, Phrase("missing"), "what a result has", advice=ADVICE)
    if not isinstance(fields[name], kinds):
        raise InputError(name, fields[name], "what a result has there", advice=ADVICE)
    return fields[name]


def _found(places: Mapping[Any, int], name: Any, what: str) -> int:
    if isinstance(name, (Sequence, int)) and not isinstance(name, list) and name in places:
        return places[name]
    raise InputError(what, name, "an id of the problem")


def _number(value: Any, what: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, float) or (type(value) is int and abs(value) < 2**1000):
        return float(value)
    raise InputError(what, value, "a number")


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
