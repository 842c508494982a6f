"""Counties are understood as people write them, and never guessed."""

import re

import pytest

from directory.eligibility_facts import FACTS
from geo.counties import find_county
from geo.zip_index import zip_index


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("Ingham County, MI", "MI:Ingham County"),
        ("  ingham ,  mi ", "MI:Ingham County"),
        ("Ingham, Michigan", "MI:Ingham County"),
        ("Ingham", "MI:Ingham County"),
        ("INGHAM COUNTY", "MI:Ingham County"),
        ("Ingham Co., MI", "MI:Ingham County"),
        ("ingham co mi", "MI:Ingham County"),
        ("Ingham Co.", "MI:Ingham County"),
        ("Clinton County Michigan", "MI:Clinton County"),
        ("Clinton County in Michigan", "MI:Clinton County"),
        ("Denver, CO", "CO:Denver County"),
        ("Lewis West Virginia", "WV:Lewis County"),
        ("Orleans Parish, LA", "LA:Orleans Parish"),
        ("Clinton, MI", "MI:Clinton County"),
        ("Baltimore City, MD", "MD:Baltimore City"),
        ("Clinton County", None),  # nine states have one
        ("Baltimore, MD", None),  # a city and a county
        ("Ingham, OH", None),
        ("Ingham OH", None),
        ("in Michigan", None),
        ("Ingham, Narnia", None),
        ("Narnia County, MI", None),
        ("", None),
        (", MI", None),
    ],
)
def test_a_county_is_found_by_its_name_where_only_one_is_meant(
    text: str, county: str | None
) -> None:
    assert find_county(text) == county


def test_every_county_is_found_by_its_own_name_and_is_what_a_rule_may_say() -> None:
    for state, county in zip_index().counties():
        assert find_county(f"{county}, {state}") == f"{state}:{county}"
        assert re.fullmatch(FACTS["county"].pattern, f"{state}:{county}")
