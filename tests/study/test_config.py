from __future__ import annotations

import pytest

from netdesign.study.config import StudyConfig, parse_config, read_config, to_toml


def problems(text: str) -> list[str]:
    return [str(p) for p in parse_config(text)[1]]


def test_a_name_is_enough():
    config, found = parse_config('name = "a"')
    assert found == []
    assert config is not None
    assert (config.last_mile.k, config.travel.circuity, config.seed) == (0.48, 1.3, 1)


def test_a_misspelt_key_is_answered_with_the_nearest_one():
    assert problems('name = "a"\nsed = 3') == ["study.toml, sed: is 3; expected a known key. Did you mean 'seed'?"]
    assert problems('name = "a"\n[routing]\niteration = 3')[0].endswith("Did you mean 'iterations'?")


@pytest.mark.parametrize(
    "line",
    [
        "seed = -1",
        "working_days_per_year = 0",
        "[location]\ngap = 1",
        "[last_mile]\nk = nan",
        "[routing]\niterations = 0",
    ],
)
def test_a_value_out_of_range_is_an_error(line):
    assert len(problems(f'name = "a"\n{line}')) == 1


def test_a_file_that_is_not_toml_says_so():
    assert problems("name = Tiny")[0].startswith("study.toml: expected valid TOML")


def test_a_mark_of_the_byte_order_does_not_matter(folder):
    path = folder / "study.toml"
    path.write_text(path.read_text("utf-8"), "utf-8-sig")
    config, problems = read_config(folder)
    assert problems == []
    assert config is not None
    assert config.name == "Tiny"


def test_a_folder_without_a_study_says_how_to_begin_one(tmp_path):
    config, found = read_config(tmp_path)
    assert config is None
    assert "netdesign new" in str(found[0])


def test_the_resolved_configuration_reads_back_to_itself():
    text = 'name = "a \\"b\\" \\\\ \\u0007 é"\n[routing]\nseconds = 2.5\n[[sources]]\nwhat = "x"\norigin = "<y>"'
    config, _ = parse_config(text)
    assert isinstance(config, StudyConfig)
    assert parse_config(to_toml(config)) == (config, [])
