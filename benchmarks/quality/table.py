"""Rows of results as a gap table in Markdown."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean, stdev
from typing import Any

Row = dict[str, Any]
OURS = "netdesign"


def one_line(row: Row) -> str:
    """Progress: what one run found."""
    said = f"{row['instance']:24} {row['solver']:10} seed {row['seed']}"
    if row.get("wrong"):
        return f"{said}  WRONG: {row['wrong']}"
    if row["objective"] is None:
        return f"{said}  {'refused: ' + row['refused'] if 'refused' in row else 'no solution'} ({row['seconds']:.1f} s)"
    gap = f"  gap {row['gap']:8.3%}" if "gap" in row else ""
    own = f"  own gap {row['own_gap']:8.3%}" if row["own_gap"] is not None else ""
    return f"{said}  {row['objective']:>18,.1f}{gap}{own}  {row['seconds']:6.1f} s"


def markdown(rows: list[Row]) -> str:
    """One table per family, limit and number of threads; gaps to the best known, else to the best of these runs."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["family"], row["limit_s"], row["threads"]].append(row)
    return "\n".join(_group(*key, group) for key, group in groups.items())


def _group(family: str, limit_s: float, threads: int, rows: list[Row]) -> str:
    solvers = sorted({row["solver"] for row in rows}, key=lambda s: (s != OURS, s))
    seeds, loads = sorted({row["seed"] for row in rows}), [row["load"] for row in rows]
    versions = [f"{s} {', '.join(sorted({r['version'] for r in rows if r['solver'] == s}))}" for s in solvers]
    lines = [
        f"## {family}: {limit_s:g} s, {threads} thread(s)",
        "",
        f"{rows[0]['machine']}, {rows[0]['cores']} cores, load {min(loads)} to {max(loads)} at the start of a run; "
        f"seeds {', '.join(map(str, seeds))}; {'; '.join(versions)}. Mean gap in % ± spread (standard deviation over "
        "seeds) and mean wall time; own gap: objective over our bound.",
        "",
        "| instance | n | reference | " + " | ".join(solvers) + " | own gap |",
        "|---|--:|--:|" + "--:|" * len(solvers) + "--:|",
    ]
    gaps: dict[str, list[float]] = defaultdict(list)
    for instance in dict.fromkeys(row["instance"] for row in rows):
        lines.append(_line(instance, [row for row in rows if row["instance"] == instance], solvers, gaps))
    if len(lines) > 7:
        means = [f"{mean(gaps[s]):.2f} ({len(gaps[s])})" if gaps[s] else "" for s in solvers]
        lines.append("| **mean** (instances) | | | " + " | ".join(means) + " | |")
    wrong = [
        f"- {row['instance']}, {row['solver']}, seed {row['seed']}: {row['wrong']}" for row in rows if row.get("wrong")
    ]
    lines += ["", "Wrong answers:", *wrong] if wrong else []
    return "\n".join(lines) + "\n"


def _line(instance: str, rows: list[Row], solvers: list[str], gaps: dict[str, list[float]]) -> str:
    found = [row["objective"] for row in rows if row["objective"] is not None]
    best = rows[0]["best_known"]
    reference = best or min(found, default=None)
    cells = [instance, f"{rows[0]['n']:,}", ("" if reference is None else f"{reference:,.1f}") + ("" if best else " *")]
    for solver in solvers:
        own = [row for row in rows if row["solver"] == solver]
        values = [100 * (row["objective"] / reference - 1) for row in own if row["objective"] is not None]
        if values:
            gaps[solver].append(mean(values))
        cells.append(_cell(values, own))
    bounds = [row["own_gap"] for row in rows if row["own_gap"] is not None]
    cells.append(f"{100 * mean(bounds):.2f}" if bounds else "")
    return "| " + " | ".join(cells) + " |"


def _cell(values: list[float], rows: list[Row]) -> str:
    if not rows:
        return ""
    if not values:
        return "refused" if any("refused" in row for row in rows) else "none"
    spread = f" ± {stdev(values):.2f}" if len(values) > 1 else ""
    missing = f" ({len(values)} of {len(rows)} runs)" if len(values) < len(rows) else ""
    return f"{mean(values):.2f}{spread} ({mean(row['seconds'] for row in rows):.1f} s){missing}"
