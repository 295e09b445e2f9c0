"""Names to coordinates and back: exact, loud where it cannot be, and never a guess."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from geodata import GeodataError, find_places, geocode, great_circle_pairs_m, places_frame, reverse_geocode
from geodata.places.names import name_key

UTRECHT, ZURICH = (5.12, 52.09), (8.54, 47.37)


def complaint(*args, **options) -> str:
    with pytest.raises(GeodataError) as error:
        geocode(*args, **options)
    return str(error.value)


def test_a_city_of_one_country_is_found_where_it_lies() -> None:
    found = geocode(["Utrecht"], country="NL")
    columns = "lon lat geonameid name country admin1 population chosen_among"
    assert found.columns.tolist() == columns.split()
    utrecht = found.iloc[0]
    assert (utrecht["lon"], utrecht["lat"]) == pytest.approx(UTRECHT, abs=0.02)
    assert utrecht[["name", "country", "admin1", "chosen_among"]].tolist() == ["Utrecht", "NL", "09", 1]
    assert utrecht["population"] > 300_000


def test_there_is_one_row_per_name_in_the_given_order() -> None:
    found = geocode(["Delft", "Utrecht", "Delft"], country="NL")
    assert found["name"].tolist() == ["Delft", "Utrecht", "Delft"]
    assert found.index.tolist() == [0, 1, 2]


def test_a_series_keeps_its_labels() -> None:
    customers = pd.DataFrame({"city": ["Utrecht", "Delft"]}, index=["anna", "bram"])
    joined = customers.join(geocode(customers["city"], country="NL"))
    assert joined.loc["bram", "lat"] == pytest.approx(52.01, abs=0.02)


def test_no_names_are_no_rows() -> None:
    found = geocode([])
    assert len(found) == 0
    assert "chosen_among" in found


@pytest.mark.parametrize(
    ("written", "country", "name"),
    [
        ("zurich", "CH", "Zürich"),
        ("ZÜRICH", "CH", "Zürich"),
        ("Zu\u0308rich", "CH", "Zürich"),  # the accent as a letter of its own
        ("s hertogenbosch", "NL", "'s-Hertogenbosch"),
        ("’s-Hertogenbosch", "NL", "'s-Hertogenbosch"),
        ("  St Louis ", "US", "St. Louis"),
        ("Kings Lynn", "GB", "King's Lynn"),
        ("Lodz", "PL", "Łódź"),
        ("Hamrun", "MT", None),
        ("Ħamrun", "MT", "Ħamrun"),
        ("amrun", "MT", "Ħamrun"),  # its ascii_name in the table
    ],
)
def test_case_accents_and_punctuation_do_not_matter_and_letters_do(
    written: str, country: str, name: str | None
) -> None:
    if name is None:
        assert f"name is {written!r}" in complaint([written], country=country)
    else:
        assert geocode([written], country=country)["name"].tolist() == [name]


@pytest.mark.parametrize(
    ("one", "other"),
    [("New Castle", "Newcastle"), ("Fair Lawn", "Fairlawn"), ("Köln", "Koeln"), ("Москва", "")],
)
def test_different_names_keep_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_every_place_of_the_table_is_found_by_either_of_its_names() -> None:
    places = places_frame("MT")
    for column in ("name", "ascii_name"):
        found = geocode(places[column], country="MT", admin1=places["admin1"], ambiguous="largest")
        assert found["name"].tolist() == places["name"].tolist()


def test_country_and_region_may_differ_by_row() -> None:
    found = geocode(
        ["Utrecht", "Utrecht", "Springfield", "Springfield"],
        country=pd.Series(["NL", "ZA", "US", "US"], index=[7, 8, 9, 10]),
        admin1=[None, math.nan, "MO", "IL"],
    )
    assert found["country"].tolist() == ["NL", "ZA", "US", "US"]
    assert found["admin1"].tolist() == ["09", "02", "MO", "IL"]


def test_an_ambiguous_name_lists_its_places_with_their_states() -> None:
    message = complaint(["Springfield"], country="US")
    springfields = places_frame("US").query("name == 'Springfield'")
    assert len(springfields) == 11
    assert "row 0: name is 'Springfield' (country 'US'); expected the name of one place, but 11 have it" in message
    for place in springfields.itertuples():
        assert f"(US, {place.admin1}; {place.population:,} inhabitants; lon {place.lon}, lat {place.lat})" in message
    assert "ambiguous='largest'" in message


def test_a_long_list_of_candidates_is_cut_and_says_so() -> None:
    total = len(find_places("San Jose"))
    assert total > 12
    message = complaint(["San Jose"])
    assert message.count("inhabitants;") == 12
    assert f"and {total - 12} more" in message


def test_a_misspelt_name_is_refused_with_the_nearest_and_never_replaced() -> None:
    message = complaint(["Amstredam"], country="NL", ambiguous="largest")
    assert "name is 'Amstredam' (country 'NL'); expected a place in the table. Did you mean 'Amsterdam'?" in message


def test_suggestions_come_from_the_country_asked_for() -> None:
    assert "'Amsterdam'" not in complaint(["Amstredam"], country="CH")


def test_a_name_of_another_country_says_which() -> None:
    message = complaint(["Utrecht"], country="BE")
    assert "The name is known elsewhere: Utrecht (NL, 09;" in message


@pytest.mark.parametrize("postcode", ["1012", 1012, "1012 AB", "1012AB", "SW1A 1AA", "Dam 1, Amsterdam"])
def test_a_postcode_is_called_one(postcode: object) -> None:
    message = complaint([postcode], country="NL")
    assert f"name is '{postcode}'" in message
    assert "Postcodes and addresses are not in the table" in message


def test_a_name_with_digits_that_is_in_the_table_is_found() -> None:
    assert len(geocode(["Zürich (Kreis 11)"], country="CH")) == 1


def test_all_bad_rows_stand_in_one_message() -> None:
    message = complaint(
        ["Utrecht", "Springfield", "Amstredam", "1012 AB", None, "Amstredam", "Berlin", "Delft", "Houston", ""],
        country=["NL", "US", "NL", "NL", "NL", "NL", "Germany", "NL", "US", "NL"],
        admin1=[*[None] * 8, "XX", None],
    )
    head, *lines = message.split("\n")
    assert head == "8 of 10 names have no coordinates (rows are counted from 0):"
    starts = [
        "row 1: name is 'Springfield'",
        "rows 2, 5: name is 'Amstredam'",
        "row 3: name is '1012 AB'",
        "row 4: name is missing",
        "row 6: country is 'Germany'; expected an ISO 3166-1 alpha-2 code. Did you mean 'DE'",
        "row 8: admin1 is 'XX' (country 'US'); expected one of",
        "row 9: name is ''",
    ]
    assert len(lines) == len(starts)
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(start)


def test_rows_are_positions_whatever_the_labels() -> None:
    assert "row 1: name is 'Amstredam'" in complaint(pd.Series(["Delft", "Amstredam"], index=[40, 41]), country="NL")


def test_a_wrong_country_for_all_is_one_line() -> None:
    message = complaint(["Berlin"] * 30, country="Germany")
    assert message.count("country is 'Germany'") == 1
    assert "18, 19 and 10 more: country" in message


def test_the_largest_is_taken_only_when_asked_and_reported() -> None:
    found = geocode(["Springfield", "St. Louis"], country="US", ambiguous="largest")
    assert found["admin1"].tolist() == ["MO", "MO"]
    assert found["population"].iloc[0] == find_places("Springfield", "US")["population"].max()
    assert found["chosen_among"].tolist() == [11, 1]


def test_the_largest_across_countries_is_the_largest_of_all() -> None:
    # In the order of the table Australia's Springfield comes first.
    assert geocode(["Springfield"], ambiguous="largest")["country"].tolist() == ["US"]


def test_a_region_without_a_country_is_refused() -> None:
    # There is one Eindhoven in the world, and its region is 06; the code alone still means nothing.
    assert len(geocode(["Eindhoven"])) == 1
    assert "admin1 is '06' with country None; expected exactly one country" in complaint(["Eindhoven"], admin1="06")


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(GeodataError, match="country has 1 rows; expected 2"):
        geocode(["Utrecht", "Delft"], country=["NL"])


def test_one_name_alone_is_not_a_list_of_letters() -> None:
    with pytest.raises(GeodataError, match=r"Write \['Utrecht'\]"):
        geocode("Utrecht", country="NL")


def test_an_unknown_way_out_is_refused() -> None:
    with pytest.raises(GeodataError, match="ambiguous is 'first'"):
        geocode(["Utrecht"], ambiguous="first")  # type: ignore[arg-type]


def test_namibia_is_a_country_here_too() -> None:
    assert geocode(["Windhoek"], country=["NA"])["country"].tolist() == ["NA"]


def test_find_places_lists_a_name_largest_first() -> None:
    found = find_places("utrecht")
    assert found["country"].tolist() == ["NL", "ZA"]
    assert found.columns.tolist() == places_frame("NL").columns.tolist()


def test_find_places_refuses_what_is_nowhere() -> None:
    with pytest.raises(GeodataError, match="Did you mean 'Amsterdam'"):
        find_places("Amstredam", ["NL", "BE"])


def test_points_get_the_label_of_the_nearest_place_with_its_distance() -> None:
    labels = reverse_geocode([UTRECHT, ZURICH], min_population=100_000)
    assert labels["name"].tolist() == ["Utrecht", "Zürich"]
    assert labels["country"].tolist() == ["NL", "CH"]
    places = find_places("Utrecht", "NL").iloc[:1]
    expected = great_circle_pairs_m([UTRECHT], places[["lon", "lat"]].to_numpy())
    assert labels["distance_m"].iloc[0] == pytest.approx(expected[0])


def test_the_label_is_the_nearest_of_all_places() -> None:
    points = np.random.default_rng(1).uniform((4.0, 51.5), (6.5, 53.0), (50, 2))
    places = places_frame("NL")
    labels = reverse_geocode(points, country="NL", max_distance_m=math.inf)
    for point, label in zip(points, labels.itertuples(), strict=True):
        distance_m = great_circle_pairs_m(np.tile(point, (len(places), 1)), places[["lon", "lat"]].to_numpy())
        assert label.distance_m == pytest.approx(distance_m.min())
        assert label.geonameid == places["geonameid"].iloc[distance_m.argmin()]


def test_beyond_the_distance_there_is_no_label_but_a_distance() -> None:
    ocean = (-30.0, 40.0)
    labels = reverse_geocode([UTRECHT, ocean])
    assert labels[["name", "country", "admin1", "geonameid", "population"]].isna().all(axis=1).tolist() == [False, True]
    assert labels["distance_m"].iloc[1] > 50_000
    assert reverse_geocode([ocean], max_distance_m=math.inf)["name"].notna().all()


def test_the_distance_itself_is_within() -> None:
    distance_m = reverse_geocode([UTRECHT])["distance_m"].iloc[0]
    assert reverse_geocode([UTRECHT], max_distance_m=distance_m)["name"].tolist() == ["Utrecht"]
    assert reverse_geocode([UTRECHT], max_distance_m=distance_m * 0.999)["name"].isna().all()


def test_a_frame_of_points_keeps_its_labels() -> None:
    points = pd.DataFrame([UTRECHT, ZURICH], columns=["lon", "lat"], index=["depot", "shop"])
    labels = reverse_geocode(points, country="CH", max_distance_m=10_000)
    assert labels["country"].isna().to_dict() == {"depot": True, "shop": False}


def test_no_points_are_no_labels() -> None:
    assert len(reverse_geocode([])) == 0


@pytest.mark.parametrize("distance_m", [-1.0, math.nan])
def test_a_distance_that_is_none_is_refused(distance_m: float) -> None:
    with pytest.raises(GeodataError, match=r"max_distance_m is .*; expected >= 0"):
        reverse_geocode([UTRECHT], max_distance_m=distance_m)


def test_points_off_the_globe_are_refused() -> None:
    with pytest.raises(GeodataError, match="swapped"):
        reverse_geocode([(52.09, 105.12)])


def test_labels_need_a_place_to_choose() -> None:
    with pytest.raises(GeodataError, match="min_population is 100000000"):
        reverse_geocode([UTRECHT], min_population=100_000_000)
