"""Runs on any executor, and runs that were ended: the same files in every case."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pytest

from netdesign.errors import InputError
from netdesign.result import Termination
from netdesign.stop import Stop
from netdesign.study import Study
from netdesign.study.design import design_case
from netdesign.study.store import MISSING, Store, cut_short, key_of
from netdesign.study.workers import Workers

TIMES = {"run.json", "report.html"}
"""Files that hold the time of the run."""

KILLED = """import os, signal, sys
from netdesign.study import Study

def listen(progress):
    if progress.iterations >= 5:
        children = open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read() if sys.platform == "linux" else ""
        print(progress.iterations, children, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    Study.read(sys.argv[1]).run(sys.argv[2], workers=2, progress=listen)
"""


def files(out: Path) -> dict[str, bytes]:
    paths = [p for p in sorted(out.rglob("*")) if p.is_file() and ".done" not in p.parts]
    return {str(p.relative_to(out)): p.read_bytes() for p in paths if p.name not in TIMES}


@pytest.fixture(scope="module")
def once(done):
    """The tiny study, and the files of a run that nothing ended."""
    return done.out.parent, files(done.out)


def test_a_run_that_was_killed_goes_on_and_ends_with_the_same_files(once, tmp_path):
    folder, whole = once
    script, out = tmp_path / "killed.py", tmp_path / "out"
    script.write_text(KILLED)
    killed = subprocess.run([sys.executable, script, folder, out], capture_output=True, text=True, timeout=900)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done, *workers = map(int, killed.stdout.split())
    assert not (out / "summary.json").exists()
    deadline = time.monotonic() + 200
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]

    found = []
    Study.read(folder).run(out, progress=lambda progress: found.append(progress.found))
    assert found[-1] >= done > 0
    assert files(out) == whole


def test_two_processes_and_an_executor_of_the_caller_write_the_same_files(once, tmp_path):
    folder, whole = once
    study = Study.read(folder)
    assert files(study.run(tmp_path / "processes", workers=2).out) == whole
    with ThreadPoolExecutor(3) as threads:
        assert files(study.run(tmp_path / "threads", executor=threads).out) == whole
        assert threads.submit(int).result() == 0


def test_a_second_run_does_again_only_what_changed(once, tmp_path):
    folder, whole = once
    study, last = Study.read(folder), []
    assert files(study.run(tmp_path / "out").out) == whole
    study.run(tmp_path / "out", progress=last.append)
    assert last[-1].found == last[-1].iterations > 0
    homes = study.customers["segment"] == "homes"
    grown = study.customers.assign(buyers=study.customers["buyers"].mask(homes, study.customers["buyers"] * 2))
    replace(study, customers=grown).run(tmp_path / "out", progress=last.append)
    assert 0 < last[-1].found < last[-1].iterations
    assert len(list((tmp_path / "out" / ".done").iterdir())) == last[-1].iterations


def test_ctrl_c_says_what_was_done_and_keeps_it(once, tmp_path):
    folder, _ = once
    study = tmp_path / "study"
    study.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (study / path.name).write_bytes(path.read_bytes().replace(b"iterations = 300", b"iterations = 90000000"))
    out = tmp_path / "out"
    # A shell that starts the tests in the background has them ignore the signal.
    heard = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    begin = f"{heard}; from netdesign.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", begin, "run", study, "-o", out, "--workers", "1"]
    # Not from here, where Python would find the sources, which have no compiled core beside them.
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=tmp_path)
    while len(list((out / ".done").glob("[0-9a-f]*"))) < 5 and running.poll() is None:
        time.sleep(0.1)
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGINT)
    try:
        _, said = running.communicate(timeout=600)
    finally:
        running.kill()
    assert running.returncode == 1, said
    assert "pieces of work are kept, and the same command goes on from there" in said
    assert "Traceback" not in said


def test_a_worker_that_dies_is_one_message(tmp_path):
    class Broken(Executor):
        def submit(self, function, /, *args, **kwargs):
            future = Future()
            future.set_exception(BrokenProcessPool())
            return future

    with pytest.raises(InputError, match="use fewer workers"), Workers(Broken(), tmp_path, lambda *_: True) as pool:
        pool.together(lambda n: pool.submit(divmod, 7, n).result(), [2])


def test_a_failure_ends_the_work_and_is_raised(tmp_path):
    with pytest.raises(ZeroDivisionError), Workers(1, tmp_path, lambda *_: True) as pool:
        pool.together(lambda n: pool.submit(divmod, 1, n).result(), [1, 0])


def test_the_same_work_is_done_once(tmp_path):
    heard = []
    with Workers(1, tmp_path, lambda *counts: heard.append(counts)) as pool:
        assert pool.together(lambda n: pool.submit(divmod, 7, n).result(), [2, 2, 3]) == [(3, 1), (3, 1), (2, 1)]
        assert pool.submit(divmod, 7, 2) is pool.submit(divmod, 7, 2)
        pool.together(lambda _: None, [1])
    assert heard[-1] == (2, 0)


def test_whoever_asks_hears_that_the_clock_ended_a_search(tmp_path):
    for reason, cut in (("gap", False), ("time_limit", True)):
        with Workers(1, tmp_path / reason, lambda *_: True) as pool:
            pool.submit(Termination, reason).result()
            assert pool.cut_short is cut


def test_an_answer_beside_a_run_keeps_what_the_run_had_done(tmp_path):
    for keep, files in (("used", 2), ("all", 3), ("used", 1)):
        with Workers(1, tmp_path, lambda *_: True, keep=keep) as pool:
            pool.submit(divmod, 7, files).result()
            if files == 2:
                pool.submit(divmod, 7, 4).result()
        assert len(list(tmp_path.iterdir())) == files


def test_whatever_a_result_depends_on_is_in_its_key(folder):
    case = Study.read(folder).cases()[0]
    stop = Stop(gap=0.01)
    others = [
        replace(case, customers=case.customers.assign(buyers=case.customers["buyers"] + 1e-9)),
        replace(case, sites=case.sites.assign(site=case.sites["site"] + "s")),
        replace(case, vehicle=replace(case.vehicle, cost_per_km=0.26)),
        replace(case, config=case.config.model_copy(update={"seed": 2})),
        case.offering(replace(case.offer, share=0.5)),
    ]
    keys = [key_of(design_case, c, stop) for c in (case, *others)]
    assert len(set(keys)) == len(keys)
    # The offer is chosen, all else is given.
    assert len({c.input_hash for c in (case, *others)}) == len(keys) - 1
    assert others[-1].input_hash == case.input_hash
    assert key_of(design_case, case, Stop(gap=0.02)) != keys[0]


def test_what_no_result_depends_on_is_not_in_its_key(folder):
    case = Study.read(folder).cases()[0]
    renamed = replace(case, config=case.config.model_copy(update={"name": "Other", "currency": "USD"}))
    assert key_of(design_case, renamed, Stop()) == key_of(design_case, case, Stop(time_limit_s=9))
    assert renamed.input_hash == case.input_hash


def test_a_result_that_the_clock_cut_short_is_not_kept(folder, tmp_path):
    design = design_case(Study.read(folder).cases()[0], Stop())
    store = Store(tmp_path / "kept")
    store.save("proven", design)
    store.save("cut", replace(design, termination=Termination("time_limit")))
    assert store.load("proven").objective == design.objective
    assert store.load("cut") is MISSING
    assert cut_short({"a": [(Termination("interrupted"),)]})


def test_a_file_that_is_no_result_is_none(tmp_path):
    class Harm:
        def __reduce__(self):
            return print, ("harm",)

    (tmp_path / "foreign").write_bytes(pickle.dumps(Harm()))
    (tmp_path / "path").write_bytes(b"cnetdesign.study.outputs\nPath\n(Vx\ntR.")
    (tmp_path / "cut").write_bytes(pickle.dumps((1, 2))[:-2])
    store = Store(tmp_path)
    assert [store.load(name) for name in ("foreign", "path", "cut", "absent")] == [MISSING] * 4


def test_a_case_is_sent_without_what_was_worked_out_from_it(folder):
    """A queue may pickle it while another thread works something out, which would change the dictionary under it."""
    case = Study.read(folder).cases()[0]
    fresh = pickle.dumps(case)
    before = set(vars(case))
    assert case.revenue_per_order is not None
    assert set(vars(case)) > before
    assert pickle.dumps(case) == fresh
    sent = pickle.loads(fresh)
    assert set(vars(sent)) == before
    assert key_of(case, Stop()) == key_of(sent, Stop())


def test_a_value_without_a_hash_of_its_content_is_refused():
    with pytest.raises(TypeError, match="object"):
        key_of(divmod, object())
