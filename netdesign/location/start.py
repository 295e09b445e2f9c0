"""What a search begins from: sites and multipliers of an earlier result, for the same problem or a similar one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netdesign.errors import InputError, Phrase
from netdesign.location.certificate import PRICED
from netdesign.location.costs import Floats
from netdesign.location.models import WITH_RADIUS
from netdesign.location.problem import LocationProblem
from netdesign.location.site_rules import are_ruled
from netdesign.location.solution import LocationSolution
from netdesign.result import Result


@dataclass(frozen=True, eq=False)
class Start:
    """Sites and prices to begin from. Neither has to be any good: they make a run faster or slower, never wrong.

    Parameters
    ----------
    sites
        Ids of sites to open at first; those that may not be open are left out, and their number is made to fit.
    customer_price
        Shape (customers,), >= 0: the multipliers, as :class:`netdesign.result.Certificate` has them; own ones where
        left out.
    """

    sites: Sequence[int | str] = ()
    customer_price: Floats | None = None

    @classmethod
    def of(cls, result: Result[LocationSolution]) -> Start:
        """The sites and the multipliers of a result, as far as it has them."""
        solution, certificate = result.solution, result.certificate
        sites = () if solution is None else tuple(solution.problem.sites[j] for j in solution.open)
        return cls(sites, None if certificate is None else np.maximum(certificate.customer_price, 0.0))


@dataclass(frozen=True, eq=False)
class Beginning:
    """A start as an engine wants it."""

    sites: NDArray[np.int32]
    """Indices, ascending; none closed."""
    price: Floats
    """Shape (customers,), or (0,) where there are no multipliers."""

    def multipliers(self, weight: Floats) -> Floats:
        """Per unit of weight; per customer where it has none."""
        return self.price / np.where(weight > 0, weight, 1.0) if len(self.price) else self.price


NOWHERE = Beginning(np.zeros(0, np.int32), np.zeros(0))


def takes_start(problem: LocationProblem) -> bool:
    """Whether the search for this problem can begin from sites and multipliers."""
    return problem.model in PRICED and not (problem.model in WITH_RADIUS and are_ruled(problem))


def beginning(problem: LocationProblem, start: Start | Result[LocationSolution] | None) -> Beginning:
    """A start, checked against a problem.

    Raises
    ------
    InputError
        If the model cannot begin from one, or it is none of the problem.
    """
    if start is None:
        return NOWHERE
    if not takes_start(problem):
        advice = f"It is for {', '.join(PRICED)}; for covering without rules about sites."
        raise InputError("start", Phrase("given"), "none", where=f"model {problem.model}", advice=advice)
    given = Start.of(start) if isinstance(start, Result) else start
    place = {name: j for j, name in enumerate(problem.sites)}
    for k, name in enumerate(given.sites):
        if name not in place:
            raise InputError(f"start.sites[{k}]", name, "the id of a site of the problem")
    sites = np.unique(np.array([place[name] for name in given.sites], np.int32))
    price = np.zeros(0) if given.customer_price is None else np.array(given.customer_price, np.float64)
    if given.customer_price is not None:
        if price.shape != (problem.n_customers,):
            shape = f"shape ({problem.n_customers},), a price per customer of the problem"
            raise InputError("start.customer_price", Phrase(f"of shape {price.shape}"), shape)
        bad = np.flatnonzero(~(np.isfinite(price) & (price >= 0)))
        if len(bad):
            raise InputError(f"start.customer_price[{bad[0]}]", float(price[bad[0]]), "a finite number >= 0")
    return Beginning(sites[problem.usable[sites]], price)
