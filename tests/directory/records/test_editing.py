"""Publishers make, change and remove their own records."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from directory.commands.records.errors import (
    AlreadyOfferedError,
    StaleError,
    StillReferredToError,
)
from directory.errors import ForbiddenError, InvalidError, NotFoundError
from directory.models.accounts import Role
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.queries.history import find_history
from directory.search import search
from directory.search_query import SearchQuery
from geo.gazetteer import resolve_place
from tests.directory.records.conftest import ADDRESS, Editor
from tests.factories import make_offer, make_viewer, make_window


def found_names(editor: Editor, **query: Any) -> list[str]:
    hits = search(editor.session, SearchQuery(**query), now=editor.now).hits
    return [hit.entry["service_name"] for hit in hits]


def test_a_new_service_in_a_new_place_is_found_near_its_zip_code(
    editor: Editor, offer: UUID
) -> None:
    assert offer

    assert found_names(editor, origin=resolve_place("48933"), needs=["food"]) == ["Food parcels"]


def test_a_change_is_found_at_once_and_written_down(editor: Editor, service: UUID) -> None:
    later = editor.later()
    later.change("service", service, name="Food boxes", minimum_age=18, alert=" ")

    assert found_names(later, words="boxes") == ["Food boxes"]
    newest = find_history(editor.session, service)[0]
    assert [(line["field_name"], line["previous_value"], line["replacement_value"])
            for line in newest.told] == [
        ("minimum_age", "", "18.0"),
        ("name", "Food parcels", "Food boxes"),
    ]  # fmt: skip
    assert (newest.by, newest.at, newest.origin, newest.action) == (
        "Test Person", later.now, "api", "update",
    )  # fmt: skip
    row = later.row("service", service)
    assert (row["version"], row["last_modified"]) == (2, later.now)


def test_what_changes_nothing_leaves_no_trace(editor: Editor, service: UUID) -> None:
    before = (editor.row("service", service), editor.rows("metadata"))

    editor.later().change("service", service, name="Food parcels", needs=["food"], phones=[])

    assert (editor.row("service", service), editor.rows("metadata")) == before


def test_a_list_is_replaced_whole_and_keeps_what_is_named_or_the_same(
    editor: Editor, service: UUID
) -> None:
    editor.change(
        "service",
        service,
        phones=[{"number": "517 555 0101"}, {"number": "517-555-0102"}, {"number": "211"}],
    )
    by_number = {row["number"]: row for row in editor.rows("phone", service_id=service)}
    kept = by_number["(517) 555-0101"]

    editor.later().change(
        "service",
        service,
        phones=[
            {"id": str(kept["id"]), "number": "(517) 555-0199", "type": "voice"},
            {"number": "211"},
        ],
    )

    after = {row["number"]: row["id"] for row in editor.rows("phone", service_id=service)}
    assert after == {"(517) 555-0199": kept["id"], "211": by_number["211"]["id"]}
    actions = {
        (line["resource_id"], line["last_action_type"])
        for line in find_history(editor.session, service)[0].told
    }
    assert actions == {(kept["id"], "update"), (by_number["(517) 555-0102"]["id"], "delete")}


def test_what_hangs_on_what_hangs_is_written_and_removed_too(editor: Editor, service: UUID) -> None:
    desk = {
        "name": "Front desk",
        "phones": [{"number": "517-555-0103", "languages": [{"code": "ES"}]}],
    }
    editor.change("service", service, contacts=[desk])
    assert [row["code"] for row in editor.rows("language")] == ["es"]

    editor.change("service", service, contacts=[])

    assert (editor.rows("contact"), editor.rows("phone"), editor.rows("language")) == ([], [], [])


def test_another_services_phone_cannot_be_taken_over(editor: Editor, service: UUID) -> None:
    other = editor.create("service", name="Other", phones=[{"number": "211"}])
    (phone,) = editor.rows("phone", service_id=other)

    with pytest.raises(InvalidError) as refused:
        editor.change("service", service, phones=[{"id": str(phone["id"]), "number": "988"}])

    assert [error.path for error in refused.value.errors] == ["phones.0.id"]


def test_every_bad_field_is_named(editor: Editor, service: UUID) -> None:
    bad: dict[str, Any] = {
        "name": " ",
        "email": "nobody",
        "url": "javascript:alert(1)",
        "status": "asleep",
        "minimum_age": 200,
        "needs": ["money"],
        "program_id": str(uuid4()),
        "phones": [{"number": "12"}, {"number": "517-555-0101", "extension": "x"}],
        "schedules": [
            {"freq": "WEEKLY", "byday": "XX", "opens_at": "9", "closes_at": "17:00"},
            {"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00"},
            {"freq": "DAILY", "bymonthday": "40"},
        ],
        "cost_options": [{"amount_cents": -1, "currency": "dollars"}, {}],
        "required_documents": [{}],
        "languages": [{"code": "español"}],
        "service_areas": [{"extent": "Ingham County"}],
    }

    with pytest.raises(InvalidError) as refused:
        editor.change("service", service, **bad)

    assert {error.path for error in refused.value.errors} == {
        "name", "email", "url", "status", "minimum_age", "needs", "program_id",
        "phones.0.number", "phones.1.extension", "schedules.0.byday", "schedules.0.opens_at",
        "schedules.1.closes_at", "schedules.2.freq", "schedules.2.bymonthday",
        "cost_options.0.amount_cents", "cost_options.0.currency", "cost_options.1.amount_cents",
        "required_documents.0.document", "languages.0.code", "service_areas.0.extent",
    }  # fmt: skip
    assert editor.row("service", service)["version"] == 1


def test_ages_out_of_order_are_refused_against_what_is_there(editor: Editor, service: UUID) -> None:
    editor.change("service", service, minimum_age=60)

    with pytest.raises(InvalidError, match="maximum_age"):
        editor.change("service", service, maximum_age=18)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "https://a b.example"),
        ("url", "https://user@agency.example"),
        ("url", "https://agency.example:port"),
        ("url", "https://agency"),
        ("url", "//agency.example"),
        ("email", "a@b"),
        ("email", "a@b..example"),
        ("email", f"{'a' * 250}@b.example"),
        ("name", "n" * 301),
        ("description", "d" * 5001),
        ("minimum_age", float("nan")),
    ],
)
def test_a_bad_value_is_refused(editor: Editor, service: UUID, field: str, value: Any) -> None:
    with pytest.raises(InvalidError, match=field):
        editor.change("service", service, **{field: value})


def test_the_version_that_was_seen_has_to_be_the_present_one(editor: Editor, service: UUID) -> None:
    editor.change("service", service, name="First")

    with pytest.raises(StaleError) as refused:
        editor.change("service", service, expected=1, name="Second")

    assert refused.value.version == 2


def test_what_is_another_agencys_is_not_there(
    editor: Editor, stranger: Editor, service: UUID, place: UUID, offer: UUID
) -> None:
    organization = editor.organization
    for table, record_id in (
        ("service", service), ("location", place), ("service_at_location", offer),
        ("organization", organization), ("service", uuid4()),
    ):  # fmt: skip
        with pytest.raises(NotFoundError):
            stranger.change(table, record_id, expected=1)
    with pytest.raises(NotFoundError):
        stranger.create("service", name="Not ours", organization_id=organization)
    with pytest.raises(NotFoundError):
        stranger.create("service_at_location", service_id=service, location_id=place)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR])
def test_other_staff_do_not_edit(editor: Editor, service: UUID, role: Role) -> None:
    organization = editor.organization
    other = Editor(editor.session, type(editor.viewer)(organization, role))

    with pytest.raises(NotFoundError):
        other.change("service", service, expected=1)


def test_an_administrator_edits_everything(administrator: Editor, service: UUID) -> None:
    administrator.change("service", service, name="By the network")
    added = administrator.create("organization", name="New Agency")
    administrator.create("service", name="Theirs", organization_id=added)

    assert administrator.row("organization", added)["name"] == "New Agency"


def test_a_publisher_adds_no_agency(editor: Editor) -> None:
    with pytest.raises(ForbiddenError):
        editor.create("organization", name="Another")


def test_a_service_is_listed_in_a_place_once(
    editor: Editor, service: UUID, place: UUID, offer: UUID
) -> None:
    assert offer
    with pytest.raises(AlreadyOfferedError):
        editor.create("service_at_location", service_id=service, location_id=place)


def test_a_place_without_an_organization_is_that_of_the_only_one_there(
    session: Session, stranger: Editor
) -> None:
    offer = make_offer(session)
    service = session.get_one(Service, offer.service_id)
    host = session.get_one(Organization, service.organization_id)
    theirs = Editor(session, make_viewer(session, host, Role.PUBLISHER))
    theirs.change("location", offer.location_id, name="Ours")
    shared = Service(organization_id=stranger.organization, name="Also here")
    session.add(shared)
    session.flush()
    session.add(ServiceAtLocation(service_id=shared.id, location_id=offer.location_id))
    session.flush()

    with pytest.raises(NotFoundError):
        theirs.change("location", offer.location_id, expected=2, name="Only ours")


def test_a_removed_service_is_gone_with_all_that_hung_on_it(
    editor: Editor, service: UUID, offer: UUID
) -> None:
    editor.change("service", service, phones=[{"number": "211"}])
    editor.change(
        "service_at_location",
        offer,
        schedules=[{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "17:00"}],
    )

    editor.remove("service", service)

    for table in ("service", "service_at_location", "phone", "schedule", "attribute"):
        assert editor.rows(table) == []
    assert editor.rows("search_entry") == []


def test_what_bookings_refer_to_is_not_removed_but_becomes_defunct(
    session: Session, editor: Editor, service: UUID, offer: UUID
) -> None:
    make_window(session, session.get_one(ServiceAtLocation, offer))

    with pytest.raises(StillReferredToError) as refused, session.begin_nested():
        editor.remove("service", service)

    assert refused.value.referring == {"windows": 1, "times to book": 12}
    editor.change("service", service, status="defunct")
    assert found_names(editor) == []


def test_a_place_where_services_are_is_not_removed(
    editor: Editor, place: UUID, offer: UUID
) -> None:
    with (
        pytest.raises(StillReferredToError, match="services at places"),
        editor.session.begin_nested(),
    ):
        editor.remove("location", place)
    editor.remove("service_at_location", offer)
    editor.remove("location", place)

    assert editor.rows("location") == []


def test_an_agency_with_accounts_is_not_removed(administrator: Editor, editor: Editor) -> None:
    organization = editor.organization
    with pytest.raises(StillReferredToError, match="account"), editor.session.begin_nested():
        administrator.remove("organization", organization)
    with pytest.raises(ForbiddenError):
        editor.remove("organization", organization)

    added = administrator.create("organization", name="Empty", phones=[{"number": "211"}])
    administrator.remove("organization", added)
    assert editor.rows("phone") == []


def test_a_program_that_services_are_in_is_not_dropped(editor: Editor, service: UUID) -> None:
    organization = editor.organization
    editor.change("organization", organization, programs=[{"name": "Winter"}])
    (program,) = editor.rows("program")
    editor.change("service", service, program_id=str(program["id"]))

    with pytest.raises(StillReferredToError):
        editor.change("organization", organization, programs=[])


def test_a_moved_address_moves_the_point_and_a_given_point_stays(
    editor: Editor, place: UUID
) -> None:
    middle = resolve_place("48933").point
    row = editor.row("location", place)
    assert (row["latitude"], row["approximate"]) == (middle.latitude, True)

    editor.change("location", place, latitude=42.7, longitude=-84.5)
    editor.change("location", place, addresses=[{**ADDRESS, "address_2": "Room 3"}])
    assert editor.row("location", place)["approximate"] is False

    editor.change("location", place, addresses=[{**ADDRESS, "postal_code": "48910"}])
    row = editor.row("location", place)
    assert (row["latitude"], row["approximate"]) == (resolve_place("48910").point.latitude, True)


@pytest.mark.parametrize(
    "address",
    [
        {**ADDRESS, "postal_code": "4893"},
        {**ADDRESS, "state_province": "Michigam"},
        {"address_1": "1 Lantern Way"},
    ],
)
def test_an_address_has_to_be_one(editor: Editor, address: dict[str, str]) -> None:
    with pytest.raises(InvalidError, match=r"addresses\.0"):
        editor.create("location", addresses=[address])


def test_half_a_point_is_refused(editor: Editor, place: UUID) -> None:
    with pytest.raises(InvalidError, match="longitude"):
        editor.change("location", place, longitude=None)


def test_an_agencys_new_name_is_in_the_rows_of_its_services(
    editor: Editor, service: UUID, offer: UUID
) -> None:
    assert service
    assert offer
    editor.change("organization", editor.organization, name="Moonbeam Pantry")

    assert [row["organization_name"] for row in editor.rows("search_entry")] == ["Moonbeam Pantry"]


def test_a_place_without_a_name_or_an_address_is_refused(editor: Editor) -> None:
    with pytest.raises(InvalidError, match=r"name: Give the place a name, or an address\."):
        editor.create("location")
    assert editor.create("location", addresses=[ADDRESS])
    assert editor.create("location", name="The Hall")
