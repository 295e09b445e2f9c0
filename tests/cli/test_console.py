"""The installed script: start-up, streams, signals, time."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = shutil.which("netdesign", path=str(Path(sys.executable).parent))

pytestmark = [
    pytest.mark.usefixtures("folder"),
    pytest.mark.skipif(SCRIPT is None, reason="netdesign is not installed"),
]


def call(*words, **options):
    return subprocess.run(
        [SCRIPT, *map(str, words)], capture_output=True, text=True, check=False, timeout=60, **options
    )


def line_of_cities(n):
    rows = "\n".join(f"{i} {i * 37 % 101} {i * 59 % 103}" for i in range(1, n + 1))
    return f"TYPE : TSP\nDIMENSION : {n}\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n{rows}\nEOF\n"


def day_of(n):
    coordinates = line_of_cities(n).split("NODE_COORD_SECTION\n")[1].replace("EOF\n", "")
    demand = "".join(f"{i} {0 if i == 1 else 1 + i % 9}\n" for i in range(1, n + 1))
    return (
        f"TYPE : CVRP\nDIMENSION : {n}\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 40\nNODE_COORD_SECTION\n{coordinates}"
        f"DEMAND_SECTION\n{demand}DEPOT_SECTION\n1\n-1\nEOF\n"
    )


def processor_seconds_of_children():
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def test_help_comes_at_once():
    # Processor time: on a machine with other work to do, wall time says little. Idle, the two agree.
    best = 9.0
    for _ in range(3):
        began = processor_seconds_of_children()
        done = call("--help")
        best = min(best, processor_seconds_of_children() - began)
    assert done.returncode == 0
    assert all(
        name in done.stdout
        for name in ("run", "new", "validate", "locate", "route", "report", "compare", "explain", "places")
    )
    assert best < 0.5


@pytest.mark.parametrize(
    "name", ["run", "new", "validate", "locate", "route", "report", "compare", "explain", "places"]
)
def test_every_command_explains_itself_with_an_example(name):
    done = call(name, "--help")
    assert done.returncode == 0
    assert f"netdesign {name} " in done.stdout.split("Options:")[0].split("\n", 1)[1]


def test_no_words_at_all_show_the_help():
    assert call().stdout == call("--help").stdout


def test_the_version_is_the_packages():
    from importlib.metadata import version

    assert call("--version").stdout == f"netdesign {version('netdesign')}\n"


def test_json_is_the_only_thing_on_the_standard_output():
    done = call("locate", "pmed.txt", "--model", "p-median", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["open"] == [2, 4]
    assert done.stdout.count("\n") == 1


def test_bad_input_ends_with_2_and_one_line():
    done = call("route", "four.vrb", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "netdesign: four.vrb is missing; expected a file. Did you mean 'four.vrp'?\n"


def test_a_name_that_could_move_the_cursor_is_printed_harmlessly():
    done = call("route", "\x1b[2Jx\n.vrp")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr


def test_a_time_limit_holds_for_the_whole_command(folder):
    (folder / "day.vrp").write_text(day_of(400))
    began = time.perf_counter()
    done = call("route", "day.vrp", "--time-limit", 1.5, "--json")
    seconds = time.perf_counter() - began
    assert done.returncode == 0
    assert json.loads(done.stdout)["termination"] == "time_limit"
    assert 1.0 < seconds < 2.5


def test_ctrl_c_gives_the_best_so_far(folder):
    (folder / "day.vrp").write_text(day_of(400))
    words = [SCRIPT, "route", "day.vrp", "--time-limit", "50", "--json", "-o", "plan.sol"]
    for patience_s in (2, 8, 20):  # on a machine with other work to do the search may not have begun so soon
        running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(patience_s)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
        if running.returncode == 0:
            break
    assert (running.returncode, err) == (0, "")
    assert json.loads(out)["termination"] == "interrupted"
    assert (folder / "plan.sol").read_text().startswith("Route #1: ")


def test_an_output_that_nobody_reads_is_no_error_message():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([SCRIPT, "--help"], stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=20)
    os.close(write)
    assert done.stderr == ""
