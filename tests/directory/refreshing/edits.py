"""What publishers and administrators do with records."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from directory.commands.history import API, Change
from directory.commands.places import decide_place
from directory.commands.records import finishing
from directory.commands.records.editing import change_record, create_record, remove_record
from directory.commands.undo import OneField, undo_change
from directory.database import find_row
from directory.kinds.services import NewServiceAtLocationDraft
from directory.models import TABLES
from directory.models.imports import PlaceReview
from directory.models.locations import AddressVisibility
from tests.conftest import NOON
from tests.directory.records.conftest import ADDRESS, DRAFTS
from tests.directory.refreshing.world import Case, World
from tests.geo.shapes import box, geojson

WEEKDAYS = {"freq": "WEEKLY", "byday": "MO,TU", "opens_at": "09:00", "closes_at": "17:00"}
DRAWN = {"extent": geojson(box(-84.61, 42.42, -84.14, 42.78)), "extent_type": "geojson"}
SOUP, LINE, OF_THE_AGENCY = ("Soup",), ("Help line",), ("Soup", "Help line")


def change(world: World, table: str, record_id: UUID, **values: Any) -> Change:
    return change_record(
        world.session,
        table,
        record_id,
        msgspec.convert(values, DRAFTS[table]),
        expected=version(world, table, record_id),
        viewer=world.publisher,
        now=NOON,
        origin=API,
    )


def create(world: World, table: str, **values: Any) -> UUID:
    kind = NewServiceAtLocationDraft if table == "service_at_location" else DRAFTS[table]
    draft = msgspec.convert(values, kind)
    return create_record(world.session, table, draft, viewer=world.publisher, now=NOON, origin=API)


def remove(world: World, table: str, record_id: UUID) -> Change:
    return remove_record(
        world.session,
        table,
        record_id,
        expected=version(world, table, record_id),
        viewer=world.publisher,
        now=NOON,
        origin=API,
    )


def version(world: World, table: str, record_id: UUID) -> int:
    rows = TABLES[table]
    row = find_row(world.session, sa.select(rows).where(rows.c.id == record_id))
    assert row is not None
    return int(row["version"])


def edit(name: str, table: str, values: dict[str, Any], stale: Collection[str]) -> Case:
    """The agency, Soup, the Hall, or Soup there gets other values."""

    def happening(world: World) -> Iterator[None]:
        record_ids = {
            "organization": world.agency,
            "service": world.soup,
            "location": world.hall,
            "service_at_location": world.soup_in_the_hall,
        }
        yield
        change(world, table, record_ids[table], **values)

    happening.__name__ = name
    return Case(change_record, finishing, happening, stale)


#: What gets other values, which, and whose rows say so.
_EDITS = (
    ("agency renamed", "organization", {"name": "Moonfish Pantry"}, OF_THE_AGENCY),
    ("agency's number", "organization", {"phones": [{"number": "211"}]}, OF_THE_AGENCY),
    ("service renamed", "service", {"name": "Stew"}, ["Stew"]),
    ("service described", "service", {"description": "Lentils, mostly."}, SOUP),
    ("service closed for now", "service", {"status": "temporarily closed"}, SOUP),
    ("service over", "service", {"status": "defunct"}, SOUP),
    ("service free", "service", {"fees_description": "Free"}, SOUP),
    ("service's price", "service", {"cost_options": [{"amount_cents": 200}]}, SOUP),
    ("service's papers", "service", {"required_documents": [{"document": "Lease"}]}, SOUP),
    ("service's ages", "service", {"minimum_age": 60}, SOUP),
    ("service's rule", "service", {"eligibility_rule": {"fact": "veteran", "is": True}}, SOUP),
    ("service's languages", "service", {"languages": [{"code": "es"}]}, SOUP),
    ("service's areas", "service", {"service_areas": [{"extent": "48933"}]}, SOUP),
    ("service's polygon", "service", {"service_areas": [DRAWN]}, SOUP),
    ("service's needs", "service", {"needs": ["housing"]}, SOUP),
    ("service's number", "service", {"phones": [{"number": "988"}]}, SOUP),
    ("service's hours at a place", "service_at_location", {"schedules": [WEEKDAYS]}, SOUP),
    ("place moved", "location", {"latitude": 42.0, "longitude": -84.0}, SOUP),
    ("place's address", "location", {"addresses": [{**ADDRESS, "address_1": "9 Elm"}]}, SOUP),
    ("place's ramp", "location", {"accessibility": [{"description": "Step-free"}]}, SOUP),
    ("place's languages", "location", {"languages": [{"code": "ar"}]}, SOUP),
    ("place's clock", "location", {"timezone": "America/Adak"}, OF_THE_AGENCY),
    ("place hidden", "location", {"address_visibility": "hidden"}, SOUP),
)


def hours_of_a_place_count(world: World) -> Iterator[None]:
    change(world, "service_at_location", world.soup_in_the_hall, schedules=[])
    yield
    change(world, "location", world.hall, schedules=[WEEKDAYS])


def a_service_is_made(world: World) -> Iterator[None]:
    yield
    create(world, "service", name="Tea")


def a_service_comes_to_a_place(world: World) -> Iterator[None]:
    yield
    create(world, "service_at_location", service_id=world.line, location_id=world.annex)


def a_place_with_another_clock_is_made(world: World) -> Iterator[None]:
    yield
    create(world, "location", name="Cannery", timezone="America/Adak")


def a_service_leaves_its_place(world: World) -> Iterator[None]:
    yield
    remove(world, "service_at_location", world.soup_in_the_hall)


def a_service_is_removed_and_takes_its_words_along(world: World) -> Iterator[None]:
    yield
    remove(world, "service", world.soup)


def the_making_of_a_service_is_undone(world: World) -> Iterator[None]:
    create(world, "service", name="Nightjars")
    made = sa.select(TABLES["metadata"].c.change_id).where(
        TABLES["metadata"].c.replacement_value == "Nightjars"
    )
    change_id = world.session.connection().execute(made).scalar_one()
    yield
    undo_change(world.session, change_id, viewer=world.publisher, now=NOON, origin=API)


def a_place_with_another_clock_goes(world: World) -> Iterator[None]:
    yield
    remove(world, "location", world.annex)


def a_change_is_undone(world: World) -> Iterator[None]:
    changed = change(world, "service", world.soup, name="Stew", description="Hot.")
    yield
    undo_change(world.session, changed.id, viewer=world.publisher, now=NOON, origin=API)


def a_field_is_undone(world: World) -> Iterator[None]:
    changed = change(world, "organization", world.agency, name="Moonfish", email="a@b.example")
    yield
    undo_change(
        world.session,
        changed.id,
        viewer=world.publisher,
        now=NOON,
        origin=API,
        only=OneField(world.agency, "name"),
    )


def what_was_removed_comes_back(world: World) -> Iterator[None]:
    removed = remove(world, "service_at_location", world.soup_in_the_hall)
    yield
    undo_change(world.session, removed.id, viewer=world.publisher, now=NOON, origin=API)


def a_place_is_opened(world: World) -> Iterator[None]:
    change(world, "location", world.hall, address_visibility="hidden")
    world.session.add(PlaceReview(location_id=world.hall, reason="shelter", asked_at=NOON))
    world.session.flush()
    yield
    decide_place(
        world.session,
        world.hall,
        AddressVisibility.PUBLIC,
        authorized=True,
        viewer=world.administrator,
        now=NOON,
    )


CASES = (
    *(edit(*each) for each in _EDITS),
    Case(change_record, finishing, hours_of_a_place_count, SOUP),
    Case(create_record, finishing, a_service_is_made, ["Tea"]),
    Case(create_record, finishing, a_service_comes_to_a_place, LINE),
    Case(create_record, finishing, a_place_with_another_clock_is_made, LINE),
    Case(remove_record, finishing, a_service_leaves_its_place, SOUP),
    Case(remove_record, None, a_service_is_removed_and_takes_its_words_along),
    Case(undo_change, None, the_making_of_a_service_is_undone),
    Case(remove_record, finishing, a_place_with_another_clock_goes, LINE),
    Case(undo_change, finishing, a_change_is_undone, SOUP),
    Case(undo_change, finishing, a_field_is_undone, OF_THE_AGENCY),
    Case(undo_change, finishing, what_was_removed_comes_back, SOUP),
    Case(decide_place, finishing, a_place_is_opened, SOUP),
)
