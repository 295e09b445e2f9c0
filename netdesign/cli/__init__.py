"""The command line: parse, call, print. ``main`` is the entry point of the ``netdesign`` script.

Exit codes: 0 a solution, 1 infeasible or none found, 2 bad input, 3 a bug of ours.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Sequence

from geodata.errors import GeodataError
from netdesign.errors import InfeasibleError, InputError

SOLVED, UNSOLVED, BAD_INPUT, BUG = 0, 1, 2, 3
_INTERRUPTED = 130
"""What Typer returns instead of letting Ctrl-C through; older versions raise Abort."""

__all__ = ["BAD_INPUT", "BUG", "SOLVED", "UNSOLVED", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments
        What stands behind ``netdesign``; the process's own arguments where left out.

    Returns
    -------
    int
        The exit code.
    """
    started = time.perf_counter()
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of libraries tell a user nothing; NETDESIGN_DEBUG=1 keeps them
            if os.environ.get("NETDESIGN_DEBUG") == "1":
                warnings.resetwarnings()
            code = _run(words, started)
        sys.stdout.flush()
    except (InputError, GeodataError) as error:
        return _complain(str(error), BAD_INPUT)
    except InfeasibleError as error:
        return _complain(str(error), UNSOLVED)
    except KeyboardInterrupt:
        return _complain("interrupted before there was a solution", UNSOLVED)
    except MemoryError:
        return _complain("out of memory: this problem is too large for this machine", UNSOLVED)
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not try to flush it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNSOLVED
    except Exception as error:
        if os.environ.get("NETDESIGN_DEBUG") == "1":
            raise
        advice = "Please report it; NETDESIGN_DEBUG=1 shows where it happened."
        return _complain(f"internal error: {type(error).__name__}: {error}. {advice}", BUG)
    return code


def _run(words: list[str], started: float) -> int:
    from netdesign.cli.app import Abort, UsageFault, app

    try:
        outcome = app(words, prog_name="netdesign", standalone_mode=False, obj=started)
    except UsageFault as fault:
        hint = " Try --help." if "Possible" not in fault.format_message() else ""
        return _complain(fault.format_message() + hint, BAD_INPUT)
    except Abort:
        raise KeyboardInterrupt from None
    if outcome == _INTERRUPTED:
        raise KeyboardInterrupt
    return int(outcome or 0)


def _complain(message: str, code: int) -> int:
    """One message on the standard error stream, whatever characters the culprit is made of."""
    readable = "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in message)
    sys.stderr.write(f"netdesign: {readable}\n")
    return code
