"""CSV and GeoPackage tables to problems; every complaint names file, row, column, value and rule."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from netdesign.errors import InputError
from netdesign.io import read_location, read_routing, tables

CUSTOMERS = "customer,lon,lat,demand\nanna,4.90,52.37,3\nbram,4.92,52.36,1\n"
SITES = "site,lon,lat,fixed_cost,status\nnoord,4.91,52.39,100,candidate\nzuid,4.89,52.34,80,\n"
FLEET = tables.Fleet(depot=(4.9, 52.3), capacity=(10.0,))


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_table_of_customers_becomes_a_routing_problem(folder):
    problem = read_routing(folder(c=CUSTOMERS) / "c.csv", fleet=FLEET).problem
    assert problem.ids == ("depot", "anna", "bram")
    assert problem.demand.tolist() == [[0], [3], [1]]
    assert problem.lonlat[0].tolist() == [4.9, 52.3]
    assert problem.time_window is None


def test_windows_service_and_several_demands(folder):
    text = "customer,x,y,kg,m3,earliest_s,latest_s,service_duration_s\n7,0,3,5,.5,100,,60\n9,4,0,6,.25,,900,\n"
    fleet = tables.Fleet(depot=(0, 0), capacity=(10, 1), demand=("kg", "m3"), shift=(0, 1000), vehicles=2)
    problem = read_routing(folder(c=text) / "c.csv", fleet=fleet).problem
    assert problem.ids == (0, 7, 9)
    assert problem.loads.tolist() == [[0, 0], [5, 0.5], [6, 0.25]]
    assert problem.time_window.tolist() == [[0, 1000], [100, 1000], [0, 900]]
    assert problem.service_duration.tolist() == [0, 60, 0]
    assert problem.travel.distance(np.array([1]), np.array([2]))[0] == 5.0


def test_tables_of_customers_and_sites_become_a_location_problem(folder):
    at = folder(c=CUSTOMERS, s=SITES)
    problem = read_location(at / "c.csv", sites=at / "s.csv", model="uncapacitated")
    assert problem.customers == ("anna", "bram")
    assert problem.sites == ("noord", "zuid")
    assert problem.weights.tolist() == [3, 1]
    assert problem.fixed_costs.tolist() == [100, 80]
    assert problem.status.tolist() == ["candidate", "candidate"]


def test_ids_are_positions_where_the_table_has_none_and_integers_where_all_are(folder):
    at = folder(c="x,y\n0,0\n1,1\n", s="site,x,y\n10,0,0\n20,1,1\n")
    problem = read_location(at / "c.csv", sites=at / "s.csv", model="p-median", p=1)
    assert problem.customers == (1, 2)
    assert problem.sites == (10, 20)


def test_leading_zeros_stay_part_of_a_name(folder):
    at = folder(c="customer,x,y\n0612,0,0\n0613,1,1\n", s="x,y\n0,0\n")
    assert read_location(at / "c.csv", sites=at / "s.csv", model="p-median", p=1).customers == ("0612", "0613")


def test_a_geopackage_in_another_reference_system(tmp_path):
    points = gpd.GeoDataFrame(
        {"customer": ["a", "b"], "demand": [1, 2]},
        geometry=gpd.points_from_xy([4.9, 4.92], [52.37, 52.36]),
        crs="EPSG:4326",
    )
    points.to_crs("EPSG:28992").to_file(tmp_path / "c.gpkg", driver="GPKG")
    problem = read_routing(tmp_path / "c.gpkg", fleet=FLEET).problem
    assert problem.lonlat[1:] == pytest.approx(np.array([[4.9, 52.37], [4.92, 52.36]]), abs=1e-6)
    assert problem.ids == ("depot", "a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "customer,lon,lat,demand\na,4.9,52.3,1\nb,4.9,52.3,x\n",
            "c.csv row 3, column 'demand' is 'x'; expected a number",
        ),
        (
            "customer,lon,lat,demand\na,4.9,52.3,1\n\nb,4.9,52.3,-2\n",
            r"c.csv row 4, column 'demand' is -2.0; expected a finite number >= 0",
        ),
        ("customer,lon,lat,demand\na,4.9,52.3,\n", "c.csv row 2, column 'demand' is empty"),
        ("customer,lon,lat,demand\na,4.9,52.3,nan\n", "row 2, column 'demand' is nan"),
        ('customer,lon,lat,demand\na,"4,9",52.3,1\n', "row 2, column 'lon' is '4,9'.*decimals with a point"),
        ("customer,lon,lat,demand\na,4.9,152.3,1\n", "row 2, column 'lat' is 152.3.*swapped"),
        ("customer,lon,lat,demand\na,0,0,1\n", "row 2, column 'lon' is 0; expected a place on land"),
        (
            "customer,lon,lat,demand\na,4.9,52.3,1\na,4.8,52.3,1\n",
            "row 3, column 'customer' is 'a'.*Row 2 has it already",
        ),
        ("customer,lon,lat,demand\na,4.9,52.3\n", "c.csv row 2 is 3 cells wide"),
        ("customer,lon,lat,demnad\na,4.9,52.3,1\n", "column 'demand' is missing.*Did you mean 'demnad'"),
        ("customer,lon,lat,demand,earliest_s\na,4.9,52.3,1,5\n", "--shift is missing"),
        ("custoner,lon,lat,demand\na,4.9,52.3,1\n", "column 'custoner' is of unknown meaning; expected 'customer'"),
    ],
)
def test_a_complaint_names_file_row_column_value_and_rule(folder, text, message):
    with pytest.raises(InputError, match=message):
        read_routing(folder(c=text) / "c.csv", fleet=FLEET)


def test_a_window_that_ends_before_it_begins(folder):
    text = "lon,lat,demand,earliest_s,latest_s\n4.9,52.3,1,500,400\n"
    fleet = tables.Fleet(depot=(4.9, 52.3), capacity=(10.0,), shift=(0, 1000))
    with pytest.raises(InputError, match="row 2, column 'latest_s' is 400"):
        read_routing(folder(c=text) / "c.csv", fleet=fleet)


def test_swapped_coordinates_are_noticed_from_the_distance(folder):
    with pytest.raises(InputError, match=r"--depot: the order of lon and lat is doubtful.*km"):
        read_routing(folder(c=CUSTOMERS) / "c.csv", fleet=tables.Fleet(depot=(52.3, 4.9), capacity=(10.0,)))


def test_the_uncapacitated_model_needs_fixed_costs(folder):
    at = folder(c=CUSTOMERS, s="site,lon,lat\na,4.9,52.3\n")
    with pytest.raises(InputError, match="column 'fixed_cost' is missing"):
        read_location(at / "c.csv", sites=at / "s.csv", model="uncapacitated")
