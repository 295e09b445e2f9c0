from __future__ import annotations

import pytest

from netdesign.errors import InputError
from netdesign.study import lint, new_study


def test_a_new_study_is_sound(tmp_path):
    assert lint(new_study(tmp_path / "mine")) == []


def test_a_folder_that_holds_something_is_left_alone(folder):
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(InputError):
        new_study(folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_an_unknown_sample_is_answered_with_the_nearest_one(tmp_path):
    with pytest.raises(InputError, match="netherlands"):
        new_study(tmp_path / "mine", "netherland")
    assert not (tmp_path / "mine").exists()
