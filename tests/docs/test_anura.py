"""The page about Anura names columns that there are, and forgets no required one."""

from __future__ import annotations

import re
from pathlib import Path

from netdesign.study.config import StudyConfig
from netdesign.study.schema import REQUIRED, TABLES

ROWS = re.findall(r"^\| (.+?) \| (.*?) \| .*\|$", Path("docs/anura.md").read_text("utf-8"), re.MULTILINE)[2:]
OURS = [name for _, cell in ROWS for name in re.findall(r"`([^`]+)`", cell)]


def test_every_column_of_ours_exists():
    assert len(OURS) > 40
    for name in OURS:
        if "." in name:
            table, column = name.split(".")
            assert column in TABLES[table], name
        else:
            section, _, key = name.rpartition("] ")
            model = StudyConfig.model_fields[section.strip("[")].annotation if section else StudyConfig
            assert key in model.model_fields, name


def test_the_three_tables_that_every_study_needs_can_be_filled():
    needed = {
        f"{t}.{c}" for t in ("segments", "customers", "sites") for c, k in TABLES[t].items() if k.default is REQUIRED
    }
    assert needed - set(OURS) == {"customers.segment"}
