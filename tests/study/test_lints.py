from __future__ import annotations

import pytest

from netdesign.errors import InputError
from netdesign.study import Study, StudyError, lint


def said(folder) -> list[str]:
    return [str(p) for p in lint(folder)]


def customers(base: str, *rows: str) -> str:
    return base + "".join(row + "\n" for row in rows)


@pytest.fixture
def base() -> str:
    near = "".join(f"c{k},homes,{5 + k / 20},52.0{k},100,1,1,1\n" for k in range(8))
    return "customer,segment,lon,lat,buyers,orders_per_buyer,area_km2,drop_kg\n" + near + "s,shops,5.1,52,100,1,0,1\n"


def test_a_sound_study_has_no_problems(folder):
    assert said(folder) == []


def test_zero_zero_is_not_a_place(write_study, base):
    found = said(write_study(customers=customers(base, "x,homes,0,0,100,1,1,1")))
    assert found[0].startswith("customers.csv row 11, lon, lat: is 0, 0; expected a place.")


def test_swapped_coordinates_are_found_where_the_other_way_round_fits(write_study, base):
    found = said(write_study(customers=customers(base, "x,homes,52.1,5.2,100,1,1,1")))
    assert len(found) == 1
    assert found[0].startswith(
        "customers.csv row 11, lon, lat: is 52.1, 5.2; expected longitude first. Are lon and lat"
    )


def test_an_unknown_segment_is_answered_with_the_nearest_one(write_study, base):
    found = said(write_study(customers=customers(base, "x,home,5.1,52,100,1,1,1")))
    assert found == [
        "customers.csv row 11, segment: is 'home'; expected a segment of segments.csv. Did you mean 'homes'?"
    ]


def test_an_unknown_vehicle_is_an_error(write_study):
    found = said(write_study(segments="segment,vehicle_type\nhomes,vam\nshops,van\n"))
    assert found == [
        "segments.csv row 2, vehicle_type: is 'vam'; expected a vehicle_type of the default vehicles. "
        "Did you mean 'van'?"
    ]


def test_an_order_larger_than_its_vehicle_is_an_error(write_study, base):
    found = said(write_study(customers=customers(base, "x,homes,5.1,52,100,1,1,1200")))
    rule = (
        "customers.csv row 11, drop_kg: is 1200; expected at most 1000 kg, what one van carries. One order has to fit."
    )
    assert rule in found


def test_grams_are_suspected_where_a_drop_is_denser_than_metal(write_study, base):
    found = said(write_study(customers=customers(base, "x,homes,5.1,52,100,1,1,900")))
    assert found[0].startswith("warning: customers.csv row 11, drop_m3:")
    assert found[0].endswith("Is drop_kg in grams or drop_m3 in litres?")


def test_a_customer_beyond_every_promise_is_a_warning(write_study, base):
    found = said(write_study(customers=customers(base, "x,shops,6.6,53.2,100,1,0,1")))
    assert found == [
        "warning: customers.csv row 11, lon, lat: is 4.66 h from the nearest site; "
        "expected a site within the promise of 2 h. Without one the segment is infeasible."
    ]


def test_a_site_far_from_everyone_is_a_warning(write_study, base):
    sites = "site,lon,lat,fixed_year\na,5.1,52,9000\nb,20,52,9000\n"
    found = said(write_study(customers=base, sites=sites))
    assert [line for line in found if "km from the nearest customer" in line]


def test_a_window_that_ends_before_it_starts_is_an_error(write_study):
    text = "customer,segment,lon,lat,buyers,earliest_h,latest_h\na,homes,5,52,9,14,12\n"
    assert "customers.csv row 2, latest_h: is 12; expected not before earliest_h. Hours of the day, as 17.5." in said(
        write_study(customers=text)
    )


def test_a_segment_without_customers_is_left_out_with_a_warning(write_study, base):
    found = said(write_study(customers=base, segments="segment\nhomes\nshops\nfirms\n"))
    assert found == [
        "warning: segments.csv row 4, segment: is 'firms'; expected at least one customer. It is left out of the study."
    ]


def test_reading_a_faulty_study_lists_every_error_on_a_line_of_its_own(write_study, base):
    folder = write_study(customers=customers(base, "x,home,5.1,52,-1,1,1,1", "y,homes,0,0,9,1,1,1"), sites="site\n")
    with pytest.raises(StudyError) as raised:
        Study.read(folder)
    assert isinstance(raised.value, InputError)
    assert len(str(raised.value).splitlines()) == len(raised.value.problems) == 3


def test_a_missing_table_is_named(folder):
    (folder / "sites.csv").unlink()
    assert said(folder)[0].startswith("sites.csv: expected a file of this name")
