"""Rows of results as a gap table, in Markdown and CSV."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from statistics import mean
from typing import Any

Row = dict[str, Any]
OURS = "netdesign"


def one_line(row: Row) -> str:
    """Progress: what one run found."""
    said = f"{row['instance']:24} {row['solver']:10} seed {row['seed']}"
    if row.get("wrong"):
        return f"{said}  WRONG: {row['wrong']}"
    if row["objective"] is None:
        return f"{said}  {'cannot: ' + row['refused'] if 'refused' in row else 'no solution'} ({row['seconds']:.1f} s)"
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
        f"seeds {', '.join(map(str, seeds))}; {'; '.join(versions)}. Mean gap in % [least, largest over seeds], "
        "mean gap to the solver's own bound where it has one, mean wall time, largest memory.",
        "",
        "| instance | n | reference | " + " | ".join(solvers) + " |",
        "|---|--:|--:|" + "--:|" * len(solvers),
    ]
    gaps: dict[str, list[float]] = defaultdict(list)
    for instance in dict.fromkeys(row["instance"] for row in rows):
        lines.append(_line(instance, [row for row in rows if row["instance"] == instance], solvers, gaps))
    if len(lines) > 7:
        means = [f"{mean(gaps[s]):.2f} ({len(gaps[s])})" if gaps[s] else "" for s in solvers]
        lines.append("| **mean** (instances) | | | " + " | ".join(means) + " |")
    wrong = [
        f"- {row['instance']}, {row['solver']}, seed {row['seed']}: {row['wrong']}" for row in rows if row.get("wrong")
    ]
    lines += ["", "Wrong answers:", *wrong] if wrong else []
    refused = dict.fromkeys((row["solver"], row["refused"]) for row in rows if "refused" in row)
    lines += ["", "Cannot:", *(f"- {solver}: {reason}" for solver, reason in refused)] if refused else []
    return "\n".join(lines) + "\n"


def csv_text(rows: list[Row]) -> str:
    """One record per instance and solver: mean, least and largest over the seeds, and where the figures come from."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[k] for k in ("family", "instance", "limit_s", "threads"))].append(row)
    records = [
        _record([row for row in group if row["solver"] == solver], _reference(group))
        for group in groups.values()
        for solver in dict.fromkeys(row["solver"] for row in group)
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]) if records else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def _record(rows: list[Row], reference: float | None) -> Row:
    one = rows[0]
    objectives = [row["objective"] for row in rows if row["objective"] is not None]
    record = {k: one[k] for k in ("family", "instance", "n", "solver", "limit_s", "threads", "machine", "cores")}
    record |= {"versions": ", ".join(sorted({row["version"] for row in rows}))}
    record |= {"seeds": " ".join(str(row["seed"]) for row in rows), "solved": len(objectives), "reference": reference}
    record |= {"reference_is": "best known" if one["best_known"] else "best of the run"}
    gaps = _gaps(rows, reference) if reference else []
    for name, value in (("mean", mean), ("min", min), ("max", max)):
        record[f"objective_{name}"] = value(objectives) if objectives else None
        record[f"gap_percent_{name}"] = value(gaps) if gaps else None
    for name in ("bound", "own_gap"):
        found = [row[name] for row in rows if row.get(name) is not None]
        record[f"{name}_mean"] = mean(found) if found else None
    record |= {"seconds_mean": round(mean(row["seconds"] for row in rows), 3), "load": max(row["load"] for row in rows)}
    record |= {"peak_mb_max": max(row.get("peak_mb", 0) for row in rows)}
    return record | {k: next((row[k] for row in rows if row.get(k)), "") for k in ("refused", "wrong")}


def _reference(rows: list[Row]) -> float | None:
    """The best known value of an instance, or the best of its runs."""
    found = [row["objective"] for row in rows if row["objective"] is not None]
    best: float | None = rows[0]["best_known"]
    return best or (min if _sense(rows) > 0 else max)(found, default=None)


def _sense(rows: list[Row]) -> int:
    """1 where least is best, -1 where most is; rows of old runs minimize."""
    return int(rows[0].get("sense", 1))


def _gaps(rows: list[Row], reference: float) -> list[float]:
    """How far each run is from the reference, in per cent of it."""
    found = [row["objective"] for row in rows if row["objective"] is not None]
    return [100 * _sense(rows) * (value - reference) / abs(reference) if reference else 0.0 for value in found]


def _line(instance: str, rows: list[Row], solvers: list[str], gaps: dict[str, list[float]]) -> str:
    best, reference = rows[0]["best_known"], _reference(rows)
    cells = [instance, f"{rows[0]['n']:,}", ("" if reference is None else f"{reference:,.1f}") + ("" if best else " *")]
    for solver in solvers:
        own = [row for row in rows if row["solver"] == solver]
        values = _gaps(own, reference) if own and reference is not None else []
        if values:
            gaps[solver].append(mean(values))
        cells.append(_cell(values, own))
    return "| " + " | ".join(cells) + " |"


def _cell(values: list[float], rows: list[Row]) -> str:
    if not rows:
        return ""
    if not values:
        return "cannot" if any("refused" in row for row in rows) else "none"
    spread = f" [{min(values):.2f}, {max(values):.2f}]" if len(values) > 1 else ""
    missing = f" ({len(values)} of {len(rows)} runs)" if len(values) < len(rows) else ""
    bounds = [row["own_gap"] for row in rows if row["own_gap"] is not None]
    facts = [f"own gap {100 * mean(bounds):.2f}"] if bounds else []
    facts.append(f"{mean(row['seconds'] for row in rows):.1f} s")
    if peak := max(row.get("peak_mb", 0) for row in rows):
        facts.append(f"{peak:,} MB")
    return f"{mean(values):.2f}{spread} ({', '.join(facts)}){missing}"
