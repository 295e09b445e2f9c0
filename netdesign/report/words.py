"""Figures and findings in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from netdesign.report.results import Results, SegmentResult

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF "}


def money(amount: float, currency: str, digits: int = 2) -> str:
    """An amount with its currency: ``€13.08``, ``SEK 13.08``."""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    return f"{'−' if amount < 0 else ''}{symbol}{abs(amount):,.{digits}f}"


def large_money(amount: float, currency: str) -> str:
    """An amount of a year, short: ``€12.77 million``, ``€640,000``."""
    if abs(amount) >= 1e6:
        return f"{money(amount / 1e6, currency)} million"
    return money(round(amount, -3) if abs(amount) >= 1e5 else amount, currency, 0)


def between(least: float, most: float, currency: str) -> str:
    """What is proven of an amount: ``€120,000 to €128,000``, ``at most €3``; an infinite end is not known."""
    if least == -math.inf and most == math.inf:
        return "not known"
    if most == math.inf:
        return f"at least {money(least, currency, 0)}"
    if least == -math.inf:
        return f"at most {money(most, currency, 0)}"
    ends = [money(end, currency, 0) for end in (least, most)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def signed_percent(share: float, digits: int = 1) -> str:
    """``+3.2 %`` or ``−3.2 %``; ``0.0 %`` has no sign."""
    sign = "" if not round(100 * share, digits) else "−" if share < 0 else "+"
    return f"{sign}{abs(share) * 100:.{digits}f} %"


def percent(share: float, digits: int = 0) -> str:
    """``78 %``."""
    return f"{share * 100:.{digits}f} %"


def signed_amount(amount: float) -> str:
    """A whole amount with its sign, as in ``−12,300``."""
    return f"{amount:+,.0f}".replace("-", "−")


def signed_moves(moves: str) -> str:
    """Nodes that come and go, each with its sign beside it and a true minus."""
    return ("; " + moves).replace("; -", "; −\u2060").replace("; +", "; +\u2060")[2:]


def duration(hours: float) -> str:
    """``44 min`` or ``1 h 39 min``."""
    minutes = round(hours * 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def signed_hours(hours: float) -> str:
    """``+0.07 h`` or ``−1.98 h``."""
    return f"{'−' if hours < 0 else '+'}{abs(hours):.2f} h"


def listed(names: Sequence[str], most: int = 8) -> str:
    """``A, B and C``; the tail as a number where there are many."""
    if len(names) > most:
        return ", ".join(names[: most - 1]) + f" and {len(names) - most + 1} more"
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else "none"


def recommendation(results: Results) -> str:
    """The one sentence a planner carries out of the room."""
    solved = results.solved
    if not solved and all(s.priced for s in results.segments):
        return "No segment is worth serving as it stands: every offer costs more than it brings."
    if not solved:
        return "No segment can be served as it stands: some customers are out of every site's reach."
    places = {site for s in solved for site in s.nodes["site"]}
    nodes = sum(len(s.nodes) for s in solved)
    cost, orders = (math.fsum(s.figures[key] for s in solved) for key in ("objective", "orders_per_year"))
    each, where = money(cost / orders, results.summary["currency"]), counted(nodes, "node")
    if len(solved) == 1:
        return f"Serve {solved[0].name} from {where}: {listed(list(solved[0].nodes['site']))}. An order costs {each}."
    if all(s.priced for s in solved):
        profit = large_money(math.fsum(s.figures["value"]["profit"] for s in solved), results.summary["currency"])
        central = [s.name for s in solved if len(s.nodes) == 1]
        alone = f" Do not decentralize {listed(central)}: one node serves best." if central else ""
        return f"Run {len(solved)} separate networks with {where}; they earn {profit} a year.{alone}"
    networks = f"{len(solved)} separate networks with {where} in {counted(len(places), 'place')}"
    return f"Run {networks}. An order costs {each} on average."


def segment_sentence(segment: SegmentResult, currency: str) -> str:
    """Where a segment's nodes are, and what its orders cost."""
    f = segment.figures
    if f["status"] == "declined":
        return f"not worth serving: the best offer makes {large_money(f['value']['profit'], currency)} a year."
    if not segment.solved:
        return f"cannot be served: {counted(len(f['unserved']), 'customer')} out of reach."
    if segment.priced:
        value = f["value"]
        return (
            f"{counted(value['variants'], 'variant')}, {value['tier']}, {made_with(segment)} "
            f"({listed(f['nodes'])}); {large_money(value['profit'], currency)} a year, "
            f"{money(f['cost_per_order'], currency)} per order."
        )
    return (
        f"{counted(len(f['nodes']), 'node')} ({listed(f['nodes'])}), {money(f['cost_per_order'], currency)} per order, "
        f"{duration(f['service']['mean_h'])} drive to the average order."
    )


def made_with(segment: SegmentResult) -> str:
    """``3 additive nodes and 1 central node``: how many nodes make with what."""
    nodes = segment.nodes
    if "technology" not in nodes:
        return counted(len(nodes), "node")
    counts = nodes["technology"].value_counts().sort_index()
    return listed([counted(int(number), f"{name} node".strip()) for name, number in counts.items()])


def certainty(results: Results) -> str:
    """How sure the choice of sites is, and how the routed day compares: honest in both directions."""
    gaps = [s.figures["gap"] for s in results.solved]
    if not gaps:
        return ""
    proven = all(s.figures["status"] == "optimal" for s in results.solved)
    known = [g for g in gaps if g is not None]
    if proven:
        sentence = "No other choice among the candidate sites costs less under this cost model: that is proven."
    elif len(known) == len(gaps):
        sentence = f"Another choice of sites could be at most {percent(max(known), 2)} cheaper under this cost model."
    else:
        sentence = "How much better another choice of sites could be is not known."
    return f"{sentence} {routed_sentence(results)}".strip()


def routed_sentence(results: Results) -> str:
    """What the routed day said about the formula."""
    checks = [s.figures["route_check"] for s in results.solved if "routed_cost" in s.figures["route_check"]]
    if not checks:
        return ""
    predicted, routed = (math.fsum(c[key] for c in checks) for key in ("predicted_cost", "routed_cost"))
    stops, days = sum(c["stops"] for c in checks), max(c["days"] for c in checks)
    error = predicted / routed - 1
    side = (
        "within one per cent of"
        if abs(error) < 0.01
        else f"{percent(abs(error), 1)} {'below' if error < 0 else 'above'}"
    )
    return (
        f"{'A drawn working day' if days == 1 else f'{days} drawn working days'} of {stops:,} stops"
        f"{' was' if days == 1 else ' in all were'} routed to check the delivery costs: "
        f"the formula behind the design is {side} the routed cost."
    )


def polish_sentence(segment: SegmentResult) -> str:
    """What came of moving single nodes on the road."""
    polish = segment.figures["polish"]
    moves, made = polish["moves"], sum(move["adopted"] for move in polish["moves"])
    if not moves:
        return "No: the formula with what it learned rules out every such move to a site near by."
    tried = f"{counted(len(moves), 'move')} that the formula with what it learned does not rule out"
    days = counted(moves[0]["days"], "further day")
    made_of = "none was made" if not made else "all were made" if made == len(moves) else f"{made} of them made"
    more = polish["left"]
    left = f" {counted(more, 'more move')} may gain as well and would need more polish_moves." if more else ""
    return f"{tried} {'was' if len(moves) == 1 else 'were'} routed on {days}; {made_of}.{left}"


def counted(number: int, noun: str) -> str:
    """``1 node``, ``6 nodes``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def short_value(value: Any) -> str:
    """A setting's value for the table of provenance."""
    return f"{value:g}" if isinstance(value, float) else str(value)
