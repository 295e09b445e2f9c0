from __future__ import annotations

import pytest

from netdesign.errors import InputError
from netdesign.stop import Stop
from netdesign.study import Study, StudyError, lint
from netdesign.study.options import design_offer
from netdesign.study.value import make_offer


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
        "customers.csv row 11, drop_kg: is 1200; expected at most 1000 kg, what one van carries. "
        "One order has to fit: choose a larger vehicle_type."
    )
    assert rule in found


def test_grams_are_suspected_where_a_drop_is_denser_than_metal(write_study, base):
    found = said(write_study(customers=customers(base, "x,homes,5.1,52,100,1,1,900")))
    assert found[0].startswith("warning: customers.csv row 11, drop_m3:")
    assert found[0].endswith("Is drop_kg in grams or drop_m3 in litres? Divide by 1000.")


def test_a_customer_beyond_every_promise_is_a_warning(write_study, base):
    found = said(write_study(customers=customers(base, "x,shops,6.6,53.2,100,1,0,1")))
    assert found == [
        "warning: customers.csv row 11, lon, lat: is 4.66 h from the nearest site; "
        "expected a site within the promise of 2 h. "
        "Add a site nearer by, raise max_hours or leave the row out: else the segment cannot be served."
    ]


def test_a_site_far_from_everyone_is_a_warning(write_study, base):
    sites = "site,lon,lat,fixed_year\na,5.1,52,9000\nb,20,52,9000\n"
    found = said(write_study(customers=base, sites=sites))
    assert [line for line in found if "km from the nearest customer" in line]


def test_a_window_that_ends_before_it_starts_is_an_error(write_study):
    text = "customer,segment,lon,lat,buyers,earliest_h,latest_h\na,homes,5,52,9,14,12\n"
    assert (
        "customers.csv row 2, latest_h: is 12; expected not before earliest_h. "
        "Hours of the day, as 17.5: are the two swapped? A window cannot go past midnight."
    ) in said(write_study(customers=text))


def test_a_segment_without_customers_is_left_out_with_a_warning(write_study, base):
    found = said(write_study(customers=base, segments="segment\nhomes\nshops\nfirms\n"))
    assert found == [
        "warning: segments.csv row 4, segment: is 'firms'; expected at least one customer. "
        "It is left out of the study: give it customers, or delete the row."
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


def test_a_window_outside_the_shift_is_an_error(write_study):
    text = "customer,segment,lon,lat,buyers,earliest_h,latest_h\na,homes,5.1,52.1,9,17,22\nb,shops,5.2,52.1,9,9,12\n"
    assert said(write_study(customers=text)) == [
        "customers.csv row 2, earliest_h: is 17 to 22 h; expected an hour within the shift of van. "
        "Nobody drives then: move the window or the shift."
    ]


def test_whole_degrees_are_suspected_of_rounding(write_study):
    text = "customer,segment,lon,lat,buyers\na,homes,5,52,9\nb,shops,6,52,9\nc,homes,5,51,9\n"
    assert said(write_study(customers=text, segments="segment\nhomes\nshops\n")) == [
        "warning: customers.csv, lon, lat: is whole degrees; expected decimals in some of them. "
        "A whole degree is 111 km; were they rounded?"
    ]


def test_names_that_differ_in_capitals_alone_are_suspected(write_study):
    sites = "site,lon,lat,fixed_year\nEde,5.6,52.1,9000\nede,5.7,52.1,9000\n"
    assert said(write_study(sites=sites)) == [
        "warning: sites.csv row 3, site: is 'ede'; expected a name of its own. "
        "Row 2 has it with other capitals: write both alike if they are one."
    ]


def test_two_sites_at_one_place_are_suspected(write_study):
    sites = "site,lon,lat,fixed_year\na,5.6,52.1,9000\nb,5.7,52.1,9000\nc,5.6,52.1,9000\n"
    assert said(write_study(sites=sites)) == [
        "warning: sites.csv row 4, lon, lat: is where row 2 is; expected a place of its own. "
        "Two rows at one place: delete one if they are the same site."
    ]


def test_two_customers_at_one_address_are_suspected_and_two_of_a_neighbourhood_are_not(write_study):
    rows = "a,shops,5.1,52.1,9,0\nb,shops,5.1,52.1,9,0\nc,homes,5.1,52.1,9,2\nd,homes,5.1,52.1,9,2\n"
    found = said(write_study(customers="customer,segment,lon,lat,buyers,area_km2\n" + rows))
    assert found == [
        "warning: customers.csv row 3, lon, lat: is where row 2 is; expected an address of its own. "
        "One stop would serve both: add their buyers up."
    ]


def test_a_customer_that_outweighs_its_segment_is_suspected(write_study, base):
    found = said(write_study(customers=customers(base, "x,homes,5.3,52.1,200000,1,1,1")))
    assert found == [
        "warning: customers.csv row 11, buyers: is 200000; expected at most 1000 times its segment's median orders. "
        "Is this in another unit, or a total?"
    ]


def test_a_study_whose_sites_are_all_closed_is_an_error(write_study):
    sites = "site,lon,lat,fixed_year,status\na,5.6,52.1,9000,closed\n"
    assert said(write_study(sites=sites)) == [
        "sites.csv, status: is 'closed'; expected at least one site that is open or a candidate. "
        "Call those that may be opened candidate."
    ]


ECONOMIC = 'name = "Tiny"\n[tables]\nvariants = "variants.csv"\ntechnologies = "technologies.csv"\n'
VARIANTS = "variant,segment,price\nred,homes,9\n"
TECHNOLOGIES = "technology,changeover_h\nmoulding,1\n"


def test_a_technology_nobody_knows_is_an_error(write_study):
    sites = "site,lon,lat,fixed_year,technologies\na,5.6,52.1,9000,moulding; milling\n"
    tables = {"segments": "segment,price_weight,holding_cost\nhomes,1,1\nshops,1,1\n", "sites": sites}
    found = said(write_study(study=ECONOMIC, variants=VARIANTS, technologies=TECHNOLOGIES, **tables))
    assert found == [
        "sites.csv row 2, technologies: is 'milling'; expected a technology of technologies.csv. "
        "Did you mean 'moulding'?"
    ]


def test_a_technology_no_site_may_have_is_left_out_with_a_warning(write_study):
    sites = "site,lon,lat,fixed_year,technologies\na,5.6,52.1,9000,milling\n"
    tables = {"segments": "segment,price_weight,holding_cost\nhomes,1,1\nshops,1,1\n", "sites": sites}
    two = TECHNOLOGIES + "milling,0\n"
    assert said(write_study(study=ECONOMIC, variants=VARIANTS, technologies=two, **tables)) == [
        "warning: technologies.csv row 2, technology: is 'moulding'; expected a site that may have it. "
        "It is left out of the study: name it at a site, or delete the row."
    ]


def test_lots_that_cost_nothing_to_keep_and_prices_nobody_minds_are_warnings(write_study):
    found = said(write_study(study=ECONOMIC, variants=VARIANTS, technologies=TECHNOLOGIES, segments="segment\nhomes\n"))
    warnings = [line for line in found if line.startswith("warning: segments.csv row 2")]
    assert [line.split(":")[1].split(", ")[1] for line in warnings] == ["holding_cost", "price_weight"]


def test_a_price_that_nobody_pays_is_suspected_and_no_traceback(write_study):
    files = {"variants": "variant,segment,price\nred,homes,90000\n", "study": ECONOMIC}
    files |= {"segments": "segment,price_weight\nhomes,0.05\nshops,0.05\n", "technologies": TECHNOLOGIES}
    study = Study.read(write_study(**files))
    assert (
        "warning: segments.csv row 2, price_weight: is 0.05; expected a weight at which somebody pays 90000, the "
        "lowest price. It takes 4500 off the utility. Is the weight for another unit of money?"
    ) in map(str, study.warnings)
    homes = study.cases()[0]
    option = design_offer(homes.offering(make_offer(homes, homes.tiers[0], 1)), Stop())
    assert not option.served.any()


def test_a_carrier_nobody_knows_is_an_error(write_study):
    study = 'name = "Tiny"\ntables.service_tiers = "service_tiers.csv"\n'
    found = said(write_study(study=study, service_tiers="tier,segment,mode\nfast,homes,parcel\n"))
    assert found == [
        "service_tiers.csv row 2, mode: is 'parcel'; expected a mode of the table of modes. "
        "Put the name right, or add a row for it there."
    ]


def test_a_buyer_who_chose_twice_is_an_error_and_few_choices_are_a_warning(write_study):
    study = 'name = "Tiny"\ntables.choices = "choices.csv"\n'
    rows = "homes,one,red,1,9\nhomes,one,blue,1,8\n"
    found = said(write_study(study=study, choices="segment,choice,offer,chosen,price\n" + rows))
    assert found == [
        "choices.csv row 3, chosen: is 1 as in row 2; expected one chosen offer in a situation at most. "
        "Give each situation a name of its own.",
        "warning: choices.csv row 2, choice: is 1 situations of homes; expected at least 30. "
        "Its weights of the table of segments are used until there are more.",
    ]


def test_a_customer_that_one_vehicle_of_a_fleet_can_serve_is_served(write_study, base):
    vehicles = "vehicle_type,kg,m3,stops\nbike,110,1,40\nvan,1000,10,120\n"
    segments = "segment,vehicle_type\nhomes,bike; van\nshops,van; tram\n"
    folder = write_study(customers=customers(base, "x,homes,5.3,52.1,20,500,1,1"), segments=segments, vehicles=vehicles)
    (folder / "study.toml").write_text('name = "Fleet"\n[tables]\nvehicles = "vehicles.csv"\n')
    found = said(folder)
    assert [line for line in found if "drop_kg" in line] == []
    assert [line for line in found if "tram" in line]
