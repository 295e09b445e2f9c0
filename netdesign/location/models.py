"""The models of location, and which of them have which fields."""

from __future__ import annotations

from typing import Literal, TypeAlias

Model = Literal[
    "p-median",
    "uncapacitated",
    "capacitated",
    "single-source",
    "p-center",
    "p-dispersion",
    "set-cover",
    "partial-cover",
    "max-cover",
    "backup-cover",
    "gradual-cover",
    "max-capture",
]
SiteStatus = Literal["open", "candidate", "closed", "competitor"]
AttractionRule = Literal["huff", "logit"]
MOST_COVERED = ("max-cover", "backup-cover", "gradual-cover")
MAXIMIZED = (*MOST_COVERED, "p-dispersion", "max-capture")
"""Models whose objective is as large as can be; the others minimize."""
LEAST_COVERING = ("set-cover", "partial-cover")
WITH_P = ("p-median", "p-center", *MAXIMIZED)
WITH_P_AT_WILL = ("capacitated", "single-source")
WITH_SITE_LIMITS = ("uncapacitated", *WITH_P_AT_WILL)
WITH_RADIUS = (*LEAST_COVERING, *MOST_COVERED)
WITH_OUTER_RADIUS = ("gradual-cover",)
WITH_SHARE = ("partial-cover",)
WITH_COMPETITORS = ("max-capture",)
WITH_CAPACITY = ("capacitated", "single-source")
SUMS = ("p-median", "uncapacitated", *WITH_CAPACITY)
"""Models whose objective is the cost of serving everybody."""
WITH_BUDGET = (*SUMS, "max-cover", "backup-cover")
P_OR_BUDGET = ("max-cover", "backup-cover")
WITH_RIVALS = (*SUMS, *LEAST_COVERING, "max-cover", "backup-cover")
WITH_SERVICE_RADIUS = (*SUMS, "p-center")
WITH_FORBIDDEN = (*WITH_SERVICE_RADIUS, *LEAST_COVERING, *MOST_COVERED)
MOST_DISPERSED = 5_000
"""Sites of a p-dispersion."""
Ids: TypeAlias = tuple[int | str, ...]
