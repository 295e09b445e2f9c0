"""Integer programs for what is left of a location problem: HiGHS, with a start, a clock, progress and Ctrl-C."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netdesign.location.costs import Floats

Watcher = Callable[[float, float, int], bool]
"""Told the incumbent, the bound and the number of nodes a few times per second; False ends the run."""


@dataclass(frozen=True, eq=False)
class Program:
    """Least ``cost @ x`` with ``row_lower <= rows @ x <= row_upper``, ``lower <= x <= upper``.

    Attributes
    ----------
    cost, lower, upper
        Shape (columns,).
    integer
        Shape (columns,): which columns are whole numbers.
    rows
        A sparse matrix of SciPy of shape (rows, columns).
    row_lower, row_upper
        Shape (rows,), infinite where there is no limit.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    rows: Any
    row_lower: Floats
    row_upper: Floats


Entries = tuple[Any, Any, Any]
"""Values, rows and columns of a sparse matrix; the values may be one for all."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a program: a sparse matrix, and what its products lie between, per row or for all."""

    matrix: Any
    lower: Floats | float
    upper: Floats | float


def sparse(entries: Sequence[Entries], count: int, width: int) -> Any:
    """A sparse matrix of shape (count, width); entries at the same place add up."""
    from scipy.sparse import coo_array

    values, at, columns = (np.concatenate([np.broadcast_to(e[k], np.shape(e[1])) for e in entries]) for k in range(3))
    return coo_array((values.astype(float), (at, columns)), shape=(count, width))


def stacked(parts: Sequence[Rows]) -> dict[str, Any]:
    """The fields `rows`, `row_lower` and `row_upper` of a program that has all these rows."""
    from scipy.sparse import vstack

    ends = {
        f"row_{end}": np.concatenate([np.broadcast_to(getattr(p, end), p.matrix.shape[0]) for p in parts])
        for end in ("lower", "upper")
    }
    return {"rows": vstack([p.matrix for p in parts]), **ends}


@dataclass(frozen=True, eq=False)
class Answer:
    """What HiGHS found.

    Attributes
    ----------
    status
        ``stopped`` where a limit or the watcher ended the run.
    values
        Shape (columns,), or None where no solution was found.
    bound
        No solution is cheaper.
    nodes
        Of its tree.
    """

    status: Literal["optimal", "infeasible", "stopped"]
    values: Floats | None
    bound: float
    nodes: int


def solve_program(
    program: Program,
    *,
    seconds: float,
    threads: int = 1,
    seed: int = 0,
    gap: float = 1e-9,
    most_nodes: int | None = None,
    start: Floats | None = None,
    watch: Watcher | None = None,
) -> Answer:
    """Solve an integer program.

    Parameters
    ----------
    program
        The program.
    seconds
        Wall time.
    threads, seed
        For HiGHS.
    gap
        Counts as optimal, relative to the objective.
    most_nodes
        Nodes of the tree.
    start
        A feasible point to begin with.
    watch
        Called from this thread; HiGHS works on another one, so that Ctrl-C is heard, and passed on once it has ended.
    """
    import highspy

    highs = _quiet(highspy)
    options = {
        "time_limit": max(0.0, seconds),
        "threads": threads,
        "random_seed": seed % 2**31,
        "mip_rel_gap": gap,
    }
    if most_nodes is not None:
        options["mip_max_nodes"] = max(0, most_nodes)
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(_model(highspy, program))
    if start is not None:
        point = highspy.HighsSolution()
        point.col_value = start.tolist()
        highs.setSolution(point)
    _run(highs, watch or (lambda *_: True))
    info, status = highs.getInfo(), highs.getModelStatus()
    known = highspy.HighsModelStatus
    if status in (known.kInfeasible, known.kUnboundedOrInfeasible):
        return Answer("infeasible", None, math.inf, max(0, info.mip_node_count))
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.asarray(highs.getSolution().col_value) if feasible else None
    optimal = status == known.kOptimal
    if optimal and start is not None and not _reaches(program, values, info.objective_function_value):
        # HiGHS 1.16 may hand back the point that it was given, with the objective of the optimum of its presolve.
        left = max(0.0, seconds - highs.getRunTime())
        return solve_program(
            program,
            seconds=left,
            threads=threads,
            seed=seed,
            gap=gap,
            most_nodes=most_nodes,
            watch=watch,
        )
    bound = info.mip_dual_bound if program.integer.any() else info.objective_function_value if optimal else -math.inf
    return Answer("optimal" if optimal else "stopped", values, float(bound), max(0, info.mip_node_count))


def row_prices(program: Program, seconds: float) -> Floats | None:
    """What rows are worth at the optimum of the linear relaxation, shape (rows,): what one more of each would cost.

    None where that was not found in time.
    """
    import highspy

    highs = _quiet(highspy)
    highs.setOptionValue("time_limit", max(0.0, seconds))
    highs.setOptionValue("threads", 1)
    highs.passModel(_model(highspy, replace(program, integer=np.zeros_like(program.integer))))
    _run(highs, lambda *_: True)
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return np.asarray(highs.getSolution().row_dual) if optimal else None


def _reaches(program: Program, values: Floats | None, objective: float) -> bool:
    return values is not None and float(program.cost @ values) <= objective + 1e-6 * max(1.0, abs(objective))


def _quiet(highspy: Any) -> Any:
    """A solver that prints nothing, its banner included, which comes before it can be told."""

    class Quiet(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802
            self.silent()
            super().enableCallbacks()

    return Quiet()


def _model(highspy: Any, program: Program) -> Any:
    columns = program.rows.tocsc()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = columns.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = program.cost, program.lower, program.upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = columns.indptr, columns.indices
    model.a_matrix_.value_ = columns.data
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in program.integer]
    return model


def _run(highs: Any, watch: Watcher) -> None:
    """Run HiGHS on a thread of its own, and tell the watcher from this one."""
    seen: list[Any] = [math.inf, -math.inf, 0]
    ended = False

    def look(event: Any) -> None:
        data = event.data_out
        seen[:] = data.mip_primal_bound, data.mip_dual_bound, data.mip_node_count
        if ended:
            event.interrupt()

    def leave(event: Any) -> None:
        if ended:
            event.interrupt()

    highs.cbMipInterrupt.subscribe(look)
    highs.cbSimplexInterrupt.subscribe(leave)
    highs.cbIpmInterrupt.subscribe(leave)
    thread = Thread(target=highs.run, daemon=True)
    thread.start()
    interrupted = False
    while thread.is_alive():
        try:
            thread.join(0.05)
            ended = ended or not watch(*seen)
        except KeyboardInterrupt:
            ended = interrupted = True
    if interrupted:
        raise KeyboardInterrupt


class GrowingProgram:
    """A linear program, most ``cost @ x``, to which rows are added: HiGHS goes on from where it was.

    Parameters
    ----------
    cost, lower, upper
        Shape (columns,).
    equal
        Shape (columns,), and what ``equal @ x`` has to be.
    total
        See `equal`.
    """

    def __init__(self, cost: Floats, lower: Floats, upper: Floats, equal: Floats, total: float) -> None:
        import highspy

        self._highs, self._optimal = _quiet(highspy), highspy.HighsModelStatus.kOptimal
        self._columns = np.arange(len(cost), dtype=np.int32)
        self._highs.setOptionValue("threads", 1)
        self._highs.addVars(len(cost), lower, upper)
        self._highs.changeColsCost(len(cost), self._columns, -np.asarray(cost))
        at = np.flatnonzero(equal).astype(np.int32)
        self._highs.addRow(total, total, len(at), at, equal[at])

    def add(self, rows: Any, upper: Floats) -> None:
        """Add ``rows @ x <= upper``; `rows` is a sparse matrix by rows."""
        lower = np.full(len(upper), -np.inf)
        self._highs.addRows(
            len(upper),
            lower,
            upper,
            rows.nnz,
            rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32),
            rows.data,
        )

    def drop(self, rows: NDArray[np.integer[Any]]) -> None:
        """Remove added rows by their number, in the order in which those that are left were added."""
        self._highs.deleteRows(len(rows), np.asarray(rows, np.int32) + 1)

    def limit(self, lower: Floats, upper: Floats) -> None:
        """Change the limits of all columns."""
        self._highs.changeColsBounds(len(lower), self._columns, lower, upper)

    def solve(self, seconds: float) -> tuple[Floats, Floats] | None:
        """The columns' values, and what each added row is worth, >= 0; None where that was not found in time."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(0.0, seconds))
        self._highs.run()
        if self._highs.getModelStatus() != self._optimal:
            return None
        found = self._highs.getSolution()
        return np.asarray(found.col_value), np.maximum(-np.asarray(found.row_dual)[1:], 0.0)
