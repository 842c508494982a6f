"""Areas are read as people write them, and never guessed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.areas import short_names
from geo.states import STATE_NAMES
from geo.written_areas import Unread, UnreadAreaError, read_areas, written_areas
from geo.zip_index import zip_index


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Wayne County, MI", "MI:Wayne_County"),
        ("  wayne,  michigan ", "MI:Wayne_County"),
        ("Wayne Co. MI", "MI:Wayne_County"),
        ("Wayne County in Michigan", "MI:Wayne_County"),
        ("St. Clair County, MI", "MI:St._Clair_County"),
        ("Orleans Parish, LA; Jefferson Parish, LA", "LA:Orleans_Parish LA:Jefferson_Parish"),
        ("48201", "48201"),
        ("48201, 48202 48203", "48201 48202 48203"),
        ("48201,48202,48201", "48201 48202"),
        ("48201-1234", "48201"),
        ("ZIP codes 48201 and 48202", "48201 48202"),
        ("Códigos postales 48201 y 48202", "48201 48202"),
        ("Michigan", "MI"),
        ("mi", "MI"),
        ("MI, OH and Indiana", "MI OH IN"),
        ("the whole of Michigan", "MI"),
        ("State of Washington", "WA"),
        ("todo Michigan", "MI"),
        ("New York", "NY"),
        ("Wayne County, MI; 48201; Ohio", "MI:Wayne_County 48201 OH"),
        (" ; ", ""),
    ],
)
def test_an_area_is_read_as_people_write_it(line: str, names: str) -> None:
    assert " ".join(read_areas(line)) == names


@pytest.mark.parametrize(
    ("line", "why", "text"),
    [
        ("48201, 4820", Unread.NO_ZIP, "4820"),
        ("99999", Unread.NO_ZIP, "99999"),
        ("48201-48210", Unread.NO_ZIP, "48201-48210"),
        ("²", Unread.NO_ZIP, "²"),
        ("Wayne County", Unread.UNKNOWN, "Wayne County"),  # sixteen states have one
        ("Wane County, MI", Unread.UNKNOWN, "Wane County, MI"),
        ("Detroit, MI", Unread.UNKNOWN, "Detroit, MI"),
        ("Ohio; Greater Lansing", Unread.UNKNOWN, "Greater Lansing"),
        ("Wayne, Oakland and Macomb", Unread.UNKNOWN, "Wayne, Oakland and Macomb"),
        ("MI:Wayne_County", Unread.UNKNOWN, "MI:Wayne_County"),
        ("everywhere", Unread.UNKNOWN, "everywhere"),
        (",", Unread.UNKNOWN, ","),
        ("Washington, DC", Unread.AMBIGUOUS, "Washington, DC"),
        ("New York, NY", Unread.AMBIGUOUS, "New York, NY"),
        ("Washington, OR", Unread.AMBIGUOUS, "Washington, OR"),
    ],
)
def test_what_is_no_area_is_refused_and_named(line: str, why: Unread, text: str) -> None:
    with pytest.raises(UnreadAreaError) as refused:
        read_areas(line)

    assert (refused.value.why, refused.value.text) == (why, text)


#: But for the one that is a whole state as well.
COUNTIES = sorted(
    f"{state}:{county}".replace(" ", "_")
    for state, county in zip_index().counties()
    if state != "DC"
)
areas = st.sampled_from([*sorted(STATE_NAMES), "48201", "00501", "99950", *COUNTIES[::100]])


@given(st.lists(areas, min_size=1, max_size=4, unique=True).map(tuple))
def test_what_is_written_is_read_as_the_same(names: tuple[str, ...]) -> None:
    assert read_areas(written_areas(names)) == names


def test_every_county_and_state_is_read_as_it_is_written() -> None:
    every = [*COUNTIES, *STATE_NAMES]

    assert [name for name in every if read_areas(written_areas((name,))) != (name,)] == []


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(line: str) -> None:
    with suppress(UnreadAreaError):
        assert short_names(" ".join(read_areas(line))) is not None
