from __future__ import annotations

import pytest

from netdesign.errors import InputError
from netdesign.study import Study
from netdesign.study.compare import compare_runs


def test_a_run_beside_itself_shows_no_change(done):
    assert compare_runs(done.out, done.out).empty


def test_a_site_that_becomes_cheap_comes_and_the_accounts_move_with_the_cost(done, write_study):
    folder = write_study()
    sites = (folder / "sites.csv").read_text().replace("60000,0,0,candidate", "600,900,0,candidate")
    (folder / "sites.csv").write_text(sites)
    table = compare_runs(done.out, Study.read(folder).run().out)
    nodes = table[table["what"] == "nodes"]
    assert all("+Ede" in change for change in nodes["change"])
    for _, rows in table.groupby("segment"):
        change = rows.set_index("what")["change"]
        accounts = [change.get(f"{a} per year", 0.0) for a in ("labor", "infrastructure", "supplier", "logistics")]
        assert sum(accounts) == pytest.approx(change["cost per year"])
        assert change["cost per year"] < 0


def test_a_segment_that_is_new_or_gone_is_said_so(done, write_study):
    folder = write_study()
    rows = [line for line in (folder / "customers.csv").read_text().splitlines() if ",shops," not in line]
    (folder / "customers.csv").write_text("\n".join(rows) + "\n")
    table = compare_runs(done.out, Study.read(folder).run().out)
    status = table[(table["segment"] == "shops") & (table["what"] == "status")].iloc[0]
    assert (status["before"], status["after"]) == ("optimal", "not there")


def test_a_folder_without_a_run_is_an_input_error(tmp_path, done):
    with pytest.raises(InputError):
        compare_runs(done.out, tmp_path)


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"segments": [{}], "sharing": null}'])
def test_a_summary_that_no_run_wrote_is_refused(tmp_path, text):
    (tmp_path / "summary.json").write_text(text, "utf-8")
    for name, other in (("run.json", "{}"), ("study.toml", "")):
        (tmp_path / name).write_text(other, "utf-8")
    with pytest.raises(InputError, match=r"is not what a run writes; expected the files of a finished run of this ver"):
        compare_runs(tmp_path, tmp_path)
