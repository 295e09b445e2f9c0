"""Bugs of ours end with code 3 and one honest line."""

from __future__ import annotations

import pytest

import netdesign.io

pytestmark = pytest.mark.usefixtures("folder")


def broken(*_args, **_fields):
    raise ZeroDivisionError("a bug")


def test_a_bug_is_called_one(command, monkeypatch):
    monkeypatch.delenv("NETDESIGN_DEBUG", raising=False)
    monkeypatch.setattr(netdesign.io, "read_routing", broken)
    done = command("route", "four.vrp", "--json")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("netdesign: internal error: ZeroDivisionError: a bug. Please report it")
    assert done.err.count("\n") == 1


def test_a_developer_may_see_where(command, monkeypatch):
    monkeypatch.setenv("NETDESIGN_DEBUG", "1")
    monkeypatch.setattr(netdesign.io, "read_routing", broken)
    with pytest.raises(ZeroDivisionError):
        command("route", "four.vrp")


def test_ctrl_c_while_reading_is_no_traceback(command, monkeypatch):
    def interrupted(*_args, **_fields):
        raise KeyboardInterrupt

    monkeypatch.setattr(netdesign.io, "read_routing", interrupted)
    done = command("route", "four.vrp")
    assert (done.code, done.err) == (1, "netdesign: interrupted before there was a solution\n")


def test_too_large_for_memory_is_said_so(command, monkeypatch):
    def full(*_args, **_fields):
        raise MemoryError

    monkeypatch.setattr(netdesign.io, "read_location", full)
    done = command("locate", "pmed.txt", "--model", "p-median")
    assert done.code == 1
    assert "out of memory" in done.err
