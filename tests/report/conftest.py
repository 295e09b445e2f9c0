"""A finished run whose planner writes hostile names: no solver needed twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdesign.study import Study, StudyRun

HOSTILE = "<script>alert(1)</script>"
FILES = {
    "study.toml": f"""name = "{HOSTILE} & sons"
country = "NL"
currency = "SEK"
[routing]
iterations = 200
[[sources]]
what = "<b>bold</b>"
origin = "https://example.invalid/\\"quoted\\""
""",
    "segments.csv": f"segment,max_hours,material_cost\n{HOSTILE},2,1\nplain,2,1\n",
    "sites.csv": (
        'site,lon,lat,fixed_year\n"</title><img src=x onerror=alert(2)>",5.12,52.09,2000\nArnhem,5.91,51.98,2000\n'
    ),
    "customers.csv": f"""customer,segment,lon,lat,buyers,area_km2
"a ""quoted"" <i>name</i>",{HOSTILE},5.10,52.09,9000,5
b,{HOSTILE},5.90,52.00,9000,5
c,plain,5.20,52.05,3000,5
NA,plain,5.85,52.01,3000,5
""",
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    """The finished run."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return Study.read(folder).run()


@pytest.fixture(scope="session")
def page(run: StudyRun) -> str:
    """Its report."""
    return run.report.read_text("utf-8")
