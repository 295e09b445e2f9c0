"""UflLib's simple format: ``FILE: name``, ``sites customers 0``, then per site its number, fixed cost and costs."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from netdesign.io.numbers import Numbers
from netdesign.location import CostMatrix, LocationProblem
from netdesign.location.models import Model

_TITLE = re.compile(r"\A\s*FILE[ \t]*:[^\n]*", re.IGNORECASE)


def parse(text: str, *, model: Model = "uncapacitated", **fields: Any) -> LocationProblem:
    """Sites with fixed costs and what serving each customer costs; ids are the site numbers, customers count from 1.

    Parameters
    ----------
    text
        A UflLib instance in the simple format.
    model, **fields
        See :class:`netdesign.location.LocationProblem`.

    Raises
    ------
    InputError
        If the text breaks the format.
    """
    title = _TITLE.match(text)
    skipped = title.end() if title else 0
    numbers = Numbers(text[skipped:], first_line=text.count("\n", 0, skipped) + 1)
    sites, customers = numbers.take_count("the number of sites"), numbers.take_count("the number of customers")
    third = numbers.take(1, "the third number of the head")
    numbers.require(third == 0, 2, 1, lambda _: "the third number of the head", "0, UflLib's mark of the simple format")
    start, width = numbers.position, customers + 2
    rows = numbers.take(sites * width, "the list of sites").reshape(sites, width)
    numbers.finish("the list of sites")
    names = rows[:, 0]
    first = np.zeros(sites, dtype=bool)
    first[np.unique(names, return_index=True)[1]] = True
    numbers.require(
        names == np.floor(names), start, width, lambda _: "a site's number", "a whole number", "Does a row lack a cost?"
    )
    numbers.require(first, start, width, lambda _: "a site's number", "each number once", "Does a row lack a cost?")
    numbers.require(rows[:, 1] >= 0, start + 1, width, lambda k: f"the fixed cost of site {names[k]:g}", ">= 0")
    numbers.require(rows.ravel() >= 0, start, 1, lambda k: f"a cost of site {names[k // width]:g}", ">= 0")
    return LocationProblem(
        costs=CostMatrix(rows[:, 2:].T),
        model=model,
        fixed_cost=rows[:, 1],
        customer_ids=tuple(range(1, customers + 1)),
        site_ids=tuple(names.astype(int).tolist()),
        **fields,
    )
