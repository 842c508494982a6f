from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from geo.points import Point, kilometres_between
from seed.county import MAXIMUM_SCALE
from seed.names import dice
from seed.places import HOME_ZIPS, SPREAD_KM, region, scatter


def test_home_is_three_counties_of_michigan() -> None:
    assert region(0).areas == ["MI:Clinton_County", "MI:Eaton_County", "MI:Ingham_County"]


def test_no_two_regions_share_a_town() -> None:
    towns = [
        town.zip_code
        for town in chain.from_iterable(region(n).towns.values() for n in range(MAXIMUM_SCALE))
    ]
    assert len(towns) == len(set(towns)) == MAXIMUM_SCALE * len(HOME_ZIPS)


def test_the_names_of_copies_say_where_they_are() -> None:
    assert region(0).suffix == ""
    assert region(7).suffix.startswith(" of ")


@given(st.sampled_from(HOME_ZIPS), st.integers())
def test_a_branch_is_near_the_middle_of_its_zip_area(zip_code: str, number: int) -> None:
    town = region(0).towns[zip_code]
    point = Point(*scatter(town, dice(number)))
    middle = Point(town.latitude, town.longitude)
    assert kilometres_between(middle, point) <= SPREAD_KM * 1.01
