"""Undoing one change after the other."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from directory.commands.records.errors import ChangedSinceError, StillReferredToError
from directory.commands.undo import OneField
from directory.database import find_rows
from directory.errors import InvalidError, NotFoundError
from directory.models import TABLES
from directory.queries.history import fields_changed_by_people, find_history, get_change
from tests.directory.records.conftest import ADDRESS, Editor

HOURS = [{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "17:00"}]

#: Kept by the machine, and risen by every change.
COUNTED = {"version", "last_modified"}
#: History and what is made of the rest, and the needs, which are made when first asked for.
NOT_THE_DIRECTORY = {
    *("metadata", "search_entry", "search_area", "search_shape", "search_word", "search_rule"),
    "search_change",
}
NEEDS = {"taxonomy", "taxonomy_term", "taxonomy_term_synonym", "taxonomy_term_mapping"}


def contents(editor: Editor) -> dict[str, list[dict[str, Any]]]:
    """Every record of the directory, but for how often and when it was changed."""
    return {
        name: sorted(
            (
                {column: value for column, value in row.items() if column not in COUNTED}
                for row in find_rows(editor.session, sa.select(table))
            ),
            key=lambda row: str(row.get("id")),
        )
        for name, table in TABLES.items()
        if name not in NOT_THE_DIRECTORY | NEEDS
    }


FULL_SERVICE: dict[str, Any] = {
    "name": "Food boxes",
    "alternate_name": "The boxes",
    "description": "Groceries.",
    "url": "https://pantry.example/boxes",
    "email": "boxes@pantry.example",
    "status": "temporarily closed",
    "fees_description": "Free",
    "minimum_age": 18,
    "maximum_age": 60.5,
    "eligibility_rule": {"all": [{"fact": "veteran", "is": True}, {"fact": "zip", "is": "48933"}]},
    "alert": "Closed for repairs",
    "sensitivity": "MINOR",
    "needs": ["food-pantry", "baby-supplies"],
    "phones": [{"number": "211", "languages": [{"code": "es"}]}],
    "contacts": [{"name": "Front desk", "phones": [{"number": "988"}]}],
    "languages": [{"code": "es", "note": "mornings"}],
    "schedules": [*HOURS, {"valid_from": "2030-07-04", "valid_to": "2030-07-04"}],
    "required_documents": [{"document": "Photo ID"}],
    "cost_options": [{"option": "Adults", "amount_cents": 500, "currency": "usd"}],
    "service_areas": [{"name": "Ingham", "extent": "MI:Ingham_County"}],
    "additional_urls": [{"url": "https://pantry.example"}],
    "funding": [{"source_of_funds": "Donations"}],
}
FULL_PLACE: dict[str, Any] = {
    "name": "The Barn",
    "transportation": "Bus 1",
    "timezone": "America/Chicago",
    "addresses": [{**ADDRESS, "postal_code": "48910", "attention": "Pantry"}],
    "phones": [{"number": "211"}],
    "languages": [{"code": "fr"}],
    "accessibility": [{"description": "Ramp"}],
    "schedules": HOURS,
}
FULL_AGENCY: dict[str, Any] = {
    "name": "Lantern Fish",
    "website": "https://fish.example",
    "year_incorporated": 1990,
    "phones": [{"number": "211"}],
    "programs": [{"name": "Winter"}],
    "additional_websites": [{"url": "https://fish.example/more", "label": "More"}],
    "funding": [{"source_of_funds": "County"}],
    "organization_identifiers": [{"identifier_type": "EIN", "identifier": "00-0000000"}],
}
FULL_OFFER: dict[str, Any] = {
    "description": "Side door",
    "phones": [{"number": "211"}],
    "contacts": [{"title": "Porter"}],
    "schedules": HOURS,
    "service_areas": [{"extent": "48933"}],
}


@pytest.fixture
def records(
    editor: Editor, service: UUID, place: UUID, offer: UUID
) -> dict[str, tuple[UUID, dict[str, Any]]]:
    return {
        "service": (service, FULL_SERVICE),
        "location": (place, FULL_PLACE),
        "service_at_location": (offer, FULL_OFFER),
        "organization": (editor.organization, FULL_AGENCY),
    }


TABLE_NAMES = ["service", "location", "service_at_location", "organization"]


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_every_field_of_every_kind_has_a_history_and_can_be_undone_and_redone(
    editor: Editor, records: dict[str, tuple[UUID, dict[str, Any]]], table: str
) -> None:
    record_id, values = records[table]
    before = contents(editor)

    change = editor.later(1).change(table, record_id, **values)
    after = contents(editor)
    newest = find_history(editor.session, record_id)[0]
    assert {line["field_name"] for line in newest.told if line["resource_id"] == record_id} >= {
        name for name, value in values.items() if not isinstance(value, list)
    }

    undone = editor.later(2).undo(change)
    assert contents(editor) == before
    editor.later(3).undo(undone)
    assert contents(editor) == after
    assert [each.action for each in find_history(editor.session, record_id)][:2] == ["undo"] * 2


@pytest.mark.parametrize("table", ["service", "service_at_location"])
def test_what_was_removed_comes_back_under_a_version_nobody_has_seen(
    editor: Editor, records: dict[str, tuple[UUID, dict[str, Any]]], table: str
) -> None:
    record_id, values = records[table]
    editor.change(table, record_id, **values)
    before, seen = contents(editor), editor.row(table, record_id)["version"]

    removed = editor.later().remove(table, record_id)
    editor.later(2).undo(removed)

    assert contents(editor) == before
    assert editor.row(table, record_id)["version"] > seen


def test_what_was_made_is_removed_if_nothing_refers_to_it(
    editor: Editor, service: UUID, place: UUID
) -> None:
    later = editor.later()
    made = later.create("service", name="Mistake", needs=["food"], phones=[{"number": "211"}])
    creation = later.last_change()
    offer = editor.later(2).create("service_at_location", service_id=made, location_id=place)
    assert service

    with pytest.raises(StillReferredToError), editor.session.begin_nested():
        later.undo(creation)
    editor.later(3).remove("service_at_location", offer)
    editor.later(4).undo(creation)

    assert [row["id"] for row in editor.rows("service")] == [service]
    assert editor.rows("phone") == []


def test_what_somebody_changed_since_stays_and_they_are_named(
    editor: Editor, administrator: Editor, service: UUID
) -> None:
    first = editor.later(1).change("service", service, name="One", alert="Careful")
    administrator.later(2).change("service", service, name="Two")

    with (
        pytest.raises(ChangedSinceError, match=r"again by Test Person on 2030-06-03.*name"),
        editor.session.begin_nested(),
    ):
        editor.later(3).undo(first)
    editor.later(3).undo(first, OneField(service, "alert"))

    row = editor.row("service", service)
    assert (row["name"], row["alert"]) == ("Two", None)


def test_what_was_made_and_then_changed_is_not_taken_away(editor: Editor) -> None:
    made = editor.create("service", name="New")
    creation = editor.last_change()
    editor.later(1).change("service", made, name="Newer")

    with pytest.raises(ChangedSinceError):
        editor.later(2).undo(creation)


def test_a_field_of_a_record_that_was_made_does_not_stand_alone(
    editor: Editor, service: UUID
) -> None:
    with pytest.raises(InvalidError):
        editor.undo(editor.last_change(), OneField(service, "name"))
    with pytest.raises(InvalidError):
        editor.undo(editor.last_change(), OneField(uuid4(), "name"))


def test_what_would_not_go_together_is_not_put_back(editor: Editor, service: UUID) -> None:
    raised = editor.later(1).change("service", service, minimum_age=60)
    editor.later(2).undo(raised)
    editor.later(3).change("service", service, maximum_age=18)

    with pytest.raises(InvalidError, match="maximum_age"):
        editor.later(4).undo(find_history(editor.session, service)[1].key)


def test_an_offer_that_was_made_again_does_not_come_back_twice(
    editor: Editor, service: UUID, place: UUID, offer: UUID
) -> None:
    removed = editor.later(1).remove("service_at_location", offer)
    editor.later(2).create("service_at_location", service_id=service, location_id=place)

    with pytest.raises(ChangedSinceError):
        editor.later(3).undo(removed)


def test_what_hung_on_something_that_is_gone_does_not_come_back(
    editor: Editor, service: UUID
) -> None:
    editor.later(1).change("service", service, phones=[{"number": "211"}])
    dropped = editor.later(2).change("service", service, phones=[])
    editor.later(3).remove("service", service)

    with pytest.raises(ChangedSinceError, match="service"):
        editor.later(4).undo(dropped)


def test_a_strangers_change_is_not_there(
    editor: Editor, stranger: Editor, administrator: Editor, service: UUID
) -> None:
    change = editor.later(1).change("service", service, name="Ours")

    for change_id in (change.id, uuid4()):
        with pytest.raises(NotFoundError):
            stranger.undo(change_id)
    administrator.later(2).undo(change)
    assert get_change(editor.session, change.id).lines


def test_the_importer_is_told_what_people_changed_and_not_what_was_put_back(
    editor: Editor, service: UUID
) -> None:
    editor.later(1).change("service", service, phones=[{"number": "211"}])
    (phone,) = editor.rows("phone")
    changed = editor.later(2).change("service", service, name="Other", alert="Careful")
    editor.later(3).undo(changed, OneField(service, "alert"))
    editor.later(4).change("service", service, phones=[])

    found = fields_changed_by_people(editor.session, [service, phone["id"]])

    # The service was made by a person too, so all of it is theirs.
    assert found[service]["name"] == ("Test Person", editor.later(2).now)
    assert "alert" not in found[service]
    assert phone["id"] not in found  # came and went
