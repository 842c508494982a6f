"""Where a place is that is hidden is nowhere any more: not in records, not in history."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from directory.commands.openings import OpeningReport, report_openings
from directory.commands.records.errors import NotKeptError
from directory.commands.suggestions import suggest
from directory.database import find_rows
from directory.errors import InvalidError
from directory.models import TABLES
from directory.models.locations import AddressVisibility
from directory.models.services import ServiceAtLocation
from directory.queries.history import fields_changed_by_people, find_history, is_withheld
from tests.directory.records.conftest import ADDRESS, Editor
from tests.factories import make_window

NOT_PUBLIC = [AddressVisibility.HIDDEN, AddressVisibility.AREA_ONLY]
STREET = "77 Canary Lane"
CANARIES = ("anary", "CANARY", "42.7123", "-84.5123", "Sparrow")


def everything(editor: Editor) -> str:
    """Every value of every row of every table."""
    return "\n".join(
        f"{name} {tuple(row.values())}"
        for name, table in TABLES.items()
        for row in find_rows(editor.session, sa.select(table))
    )


@pytest.fixture
def told(editor: Editor, place: UUID, service: UUID, offer: UUID) -> UUID:
    """A place that a great deal has been written about; where it was before, too."""
    editor.change(
        "location",
        place,
        latitude=42.7123,
        longitude=-84.5123,
        transportation="Bus to Canary Corner",
        addresses=[{**ADDRESS, "address_1": "9 Sparrow Street"}, {**ADDRESS, "address_1": STREET}],
        contacts=[{"name": "Canary Keeper", "phones": [{"number": "211"}]}],
        accessibility=[{"description": "Ramp at the Canary gate"}],
    )
    editor.change("location", place, addresses=[{**ADDRESS, "address_1": STREET}], contacts=[])
    editor.change("location", place, accessibility=[], name="House of Canary")
    editor.later(1).change("location", place, name="The House")
    editor.change("service_at_location", offer, description="Ring at the canary door")
    editor.change("service_at_location", offer, description=None)
    editor.change("service", service, description=f"Come to {STREET.upper()}, side door.")
    editor.change("service", service, alert="Moved to 77 canary LN.", fees_description=STREET)
    editor.change("organization", editor.organization, description=f"We are at {STREET}.")
    say_more(editor, offer)
    return place


def say_more(editor: Editor, offer: UUID) -> None:
    """Say where it is in what is no record of the directory; a note is as long as it may be."""
    note = f"{'Ring. ' * 40}"[: 200 - len(STREET)] + STREET
    report = OpeningReport(available=3, note=note)
    report_openings(editor.session, offer, report, viewer=editor.viewer, now=editor.now)
    suggest(editor.session, offer, about="address", words=f"They are at {STREET}", now=editor.now)
    at = editor.session.get_one(ServiceAtLocation, offer)
    make_window(editor.session, at, title=f"Tea, {STREET}", instructions=f"Ring at {STREET}")


@pytest.mark.parametrize("visibility", NOT_PUBLIC)
def test_hiding_a_place_takes_it_out_of_everything(
    editor: Editor, told: UUID, service: UUID, visibility: str
) -> None:
    assert all(canary in everything(editor) for canary in CANARIES)

    editor.later(2).change("location", told, address_visibility=visibility)

    assert not [canary for canary in CANARIES if canary in everything(editor)]
    row = editor.row("location", told)
    assert (row["latitude"], row["longitude"], row["approximate"]) == (None, None, False)
    assert editor.rows("address") == []
    assert editor.row("service", service)["description"] == (
        "Come to (address withheld), side door."
    )
    assert editor.row("service", service)["alert"] == "Moved to (address withheld)."
    (report,) = editor.rows("service_capacity")
    assert report["description"].endswith("Ring. (address withh")
    assert [row["words"] for row in editor.rows("suggestion")] == ["They are at (address withheld)"]
    (window,) = editor.rows("availability_window")
    assert window["instructions"] == "Ring at (address withheld)"
    newest = find_history(editor.session, told)[0]
    assert "address_visibility" in {line["field_name"] for line in newest.told}


@pytest.mark.parametrize("visibility", NOT_PUBLIC)
@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"latitude": 42.7, "longitude": -84.5}, "latitude"),
        ({"addresses": [{**ADDRESS, "address_1": STREET}]}, "addresses.0.address_1"),
        ({"addresses": [{**ADDRESS, "address_1": "", "address_2": STREET}]},
         "addresses.0.address_1"),
    ],
)  # fmt: skip
def test_a_hidden_place_takes_no_point_and_no_street(
    editor: Editor, place: UUID, visibility: str, values: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        editor.change("location", place, address_visibility=visibility, **values)
    assert [error.path for error in refused.value.errors] == [path]
    editor.change("location", place, address_visibility=visibility)

    with pytest.raises(InvalidError) as refused:
        editor.change("location", place, **values)
    assert [error.path for error in refused.value.errors] == [path]


def test_a_post_box_gives_nothing_away(editor: Editor, place: UUID) -> None:
    box = {**ADDRESS, "address_1": "P.O. Box 12", "address_type": "postal"}
    editor.change("location", place, address_visibility="hidden", addresses=[box])

    assert [row["address_1"] for row in editor.rows("address")] == ["P.O. Box 12"]
    assert editor.row("location", place)["latitude"] is None


def test_history_of_a_hidden_place_says_that_it_was_changed_but_not_what(
    editor: Editor, place: UUID, offer: UUID
) -> None:
    editor.change("location", place, address_visibility="hidden")

    change = editor.later(1).change("location", place, name="Canary", timezone="America/Chicago",
                                    contacts=[{"name": "Canary"}])  # fmt: skip
    editor.later(2).change("service_at_location", offer, description="Canary door")
    editor.later(3).change("service_at_location", offer, description="Other door")

    assert editor.rows("metadata", replacement_value="Canary") == []
    assert editor.rows("metadata", previous_value="Canary door") == []
    lines = find_history(editor.session, place)
    told = {
        line["field_name"]: is_withheld(line)
        for each in lines
        if each.key == change.id
        for line in each.told
        if line["resource_id"] == place
    }
    assert told == {"name": True, "timezone": False}
    assert set(fields_changed_by_people(editor.session, [place])[place]) >= {"name", "timezone"}
    with pytest.raises(NotKeptError):
        editor.later(4).undo(change)


def test_hiding_is_not_undone_and_neither_is_what_was_before(editor: Editor, told: UUID) -> None:
    earlier = find_history(editor.session, told)[0].key
    hidden = editor.later(2).change("location", told, address_visibility="hidden")

    for change_id in (hidden.id, earlier):
        with pytest.raises(NotKeptError), editor.session.begin_nested():
            editor.later(3).undo(change_id)


def test_opening_a_place_again_needs_its_address_and_undoing_that_hides_it(
    editor: Editor, place: UUID
) -> None:
    editor.change("location", place, address_visibility="hidden")
    with pytest.raises(InvalidError) as refused:
        editor.change("location", place, address_visibility="public")
    assert [error.path for error in refused.value.errors] == ["addresses"]

    opened = editor.later(1).change(
        "location", place, address_visibility="public", addresses=[{**ADDRESS, "address_1": STREET}]
    )
    row = editor.row("location", place)
    assert (row["address_visibility"], row["approximate"]) == (AddressVisibility.PUBLIC, True)

    with (
        pytest.raises(NotKeptError),
        editor.session.begin_nested(),
    ):  # the point it had before is not kept
        editor.later(2).undo(opened)
    editor.later(2).change("location", place, address_visibility="hidden")
    assert "anary" not in everything(editor)


def test_a_place_is_hidden_from_other_agencies_that_offer_there(
    editor: Editor, stranger: Editor, place: UUID
) -> None:
    editor.change("location", place, address_visibility="hidden")
    theirs = stranger.create("service", name="Visits")

    with pytest.raises(Exception, match="no such location"):
        stranger.create("service_at_location", service_id=theirs, location_id=place)
