"""What may not be known is in no file of an export, byte for byte."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Database
from directory.hsds.export import ExportFormat
from directory.hsds.standard import HSDS_TABLES
from directory.models import TABLES
from directory.models.accounts import Role
from directory.models.contacts import Contact, Language, Phone
from directory.models.history import Metadata
from directory.models.locations import Accessibility, Address, AddressVisibility, Location
from directory.models.openings import OpeningStatus, ServiceCapacity, Unit
from directory.models.organizations import Organization, Program
from directory.models.schedules import Schedule
from directory.models.services import Service, ServiceArea, ServiceAtLocation
from directory.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm
from tests.directory.hsds.conftest import NOW
from tests.directory.hsds.export.conftest import Export, contents, read
from tests.factories import make_account, make_organization

#: Every secret has this in it.
CANARY = "canary"
#: The tables of what is at a place.
AT_A_PLACE = (
    "location",
    "address",
    "phone",
    "contact",
    "schedule",
    "language",
    "accessibility",
    "service_at_location",
    "service_area",
)
#: Their files, and those of what is said and was changed.
TOLD = ("attributes", "metadata", *(HSDS_TABLES[name].file[:-4] for name in AT_A_PLACE))


def make_shelter(session: Session, visibility: AddressVisibility) -> dict[str, UUID]:
    """A service at a place that is not public; all that may not be told of it is a canary."""
    agency = make_organization(session, "Open House")
    shelter = Service(organization_id=agency.id, name="Shelter", description="A safe night.")
    words: dict[str, Any] = {
        name: f"canary-{name}"
        for name in ("name", "alternate_name", "description", "transportation", "url")
    }
    place = Location(
        organization_id=agency.id,
        address_visibility=visibility,
        timezone="America/Canary-name",
        original={"latitude": "canary-original"},
        **words,
        external_identifier="canary-external",
        external_identifier_type="canary-external-type",
    )
    session.add_all([shelter, place])
    session.flush()
    offer = ServiceAtLocation(
        service_id=shelter.id, location_id=place.id, description="canary-round-the-back"
    )
    session.add(offer)
    session.flush()
    for owner in ({"location_id": place.id}, {"location_id": place.id, "service_id": shelter.id}):
        add_details(session, owner)
    session.add(Address(location_id=place.id, address_1="1 canary-street", city="canary-city"))
    session.add(
        Address(location_id=place.id, organization_id=agency.id, address_1="2 canary-street")
    )
    session.add(Accessibility(location_id=place.id, description="canary-ramp"))
    session.add(Contact(service_at_location_id=offer.id, name="canary-night-porter"))
    add_what_is_told(session, offer, shelter)
    session.flush()
    return {"agency": agency.id, "service": shelter.id, "place": place.id, "offer": offer.id}


def add_details(session: Session, owner: dict[str, Any]) -> None:
    """What hangs on the place itself, and what hangs on that."""
    contact = Contact(**owner, name="canary-contact", email="canary@shelter.example")
    phone = Phone(**owner, number="517-555-0199 canary")
    session.add_all([contact, phone])
    session.flush()
    session.add_all(
        [
            Phone(contact_id=contact.id, number="517-555-0198 canary"),
            Language(phone_id=phone.id, name="canary-tongue"),
            Language(**owner, name="canary-language"),
            Schedule(**owner, description="canary-hours", freq="WEEKLY", byday="MO"),
        ]
    )


def add_what_is_told(session: Session, offer: ServiceAtLocation, shelter: Service) -> None:
    """What belongs to the service there is told, without the words and the time zone."""
    number = Phone(
        service_at_location_id=offer.id, number="517-555-0111", description="canary-at-the-door"
    )
    session.add_all(
        [
            number,
            Phone(service_id=shelter.id, number="517-555-0112"),
            Schedule(
                service_at_location_id=offer.id,
                byday="TU",
                timezone=-4.25,
                description="canary-gate",
                notes="canary-bell",
                schedule_link="https://canary.example/",
            ),
            ServiceArea(
                service_at_location_id=offer.id, extent="MI", description="canary-neighbourhood"
            ),
        ]
    )
    session.flush()
    session.add(Language(phone_id=number.id, name="Twi", note="canary-note"))


def say_of_everything(session: Session) -> None:
    """Everything at the place has an attribute and a history with a canary in it."""
    taxonomy = Taxonomy(name="Words")
    session.add(taxonomy)
    session.flush()
    term = TaxonomyTerm(taxonomy_id=taxonomy.id, code="X", name="Term")
    session.add(term)
    session.flush()
    phones = TABLES["phone"]
    of_the_service = sa.select(phones.c.id).where(phones.c.number == "517-555-0112")
    for name in AT_A_PLACE:
        table = TABLES[name]
        at_place = sa.select(table.c.id).where(table.c.id.not_in(of_the_service))
        for row in session.connection().execute(at_place).scalars().all():
            session.add(
                Attribute(link_entity=name, link_id=row, taxonomy_term_id=term.id, value=CANARY)
            )
            session.add(changed(name, row))
    session.flush()


def changed(table: str, record: UUID, **values: Any) -> Metadata:
    return Metadata(
        resource_type=table,
        resource_id=record,
        last_action_at=NOW,
        last_action_type="update",
        field_name="name",
        **{"previous_value": "canary-before", "replacement_value": "canary-after", **values},
    )


@pytest.mark.parametrize("visibility", [AddressVisibility.HIDDEN, AddressVisibility.AREA_ONLY])
@pytest.mark.parametrize("format_", ExportFormat)
@pytest.mark.parametrize("name", ["folder", "file.zip"])
def test_a_place_that_is_not_public_is_in_no_file(
    database: Database,
    export: Export,
    visibility: AddressVisibility,
    format_: ExportFormat,
    name: str,
) -> None:
    with database.transaction() as session:
        make_shelter(session, visibility)
        say_of_everything(session)
    path, report = export(name, format_=format_)

    everything = b"".join(contents(path).values()) if path.is_dir() else unzipped(path)
    assert b"Shelter" in everything
    assert CANARY.encode() not in everything.lower()
    assert b"4.25" not in everything
    assert report.hidden_places == 1


def unzipped(path: Path) -> bytes:
    with ZipFile(path) as file:
        return b"".join(file.read(name) for name in file.namelist())


def test_of_a_hidden_place_there_is_that_it_exists(database: Database, export: Export) -> None:
    with database.transaction() as session:
        ids = make_shelter(session, AddressVisibility.HIDDEN)
    path, _ = export()

    (place,) = read(path, "locations.csv")
    assert {name: cell for name, cell in place.items() if cell} == {
        "id": str(ids["place"]),
        "location_type": "physical",
        "openings_address_visibility": "hidden",
    }
    numbers = {row["number"] for row in read(path, "phones.csv")}
    assert numbers == {"517-555-0111", "517-555-0112"}
    assert [row["byday"] for row in read(path, "schedules.csv")] == ["TU"]
    assert [row["extent"] for row in read(path, "service_areas.csv")] == ["MI"]
    assert [row["name"] for row in read(path, "languages.csv")] == ["Twi"]
    assert not (path / "contacts.csv").exists()
    assert not (path / "addresses.csv").exists()


def test_a_public_place_is_told_whole(database: Database, export: Export) -> None:
    with database.transaction() as session:
        ids = make_shelter(session, AddressVisibility.PUBLIC)
        say_of_everything(session)
        session.get_one(Location, ids["place"]).timezone = "America/Detroit"
    path, _ = export()

    files = contents(path)
    for name in TOLD:
        assert CANARY.encode() in files[f"{name}.csv"].lower(), name
    assert b"canary-original" not in b"".join(files.values())


def test_merged_records_and_what_is_still_theirs_are_left_out(
    database: Database, export: Export
) -> None:
    with database.transaction() as session:
        kept = make_organization(session, "Kept")
        merged = Organization(name="canary-agency", merged_into_id=kept.id)
        session.add(merged)
        session.flush()
        merged_id = merged.id
        session.add_all(
            [
                Program(organization_id=merged.id, name="canary-program"),
                Service(organization_id=merged.id, name="canary-service"),
                Location(name="Hall", organization_id=merged.id),
                Organization(name="Child", parent_organization_id=merged.id),
            ]
        )
    path, report = export()

    everything = b"".join(contents(path).values())
    assert CANARY.encode() not in everything
    assert str(merged_id).encode() not in everything
    assert [row["organization_id"] for row in read(path, "locations.csv")] == [""]
    assert report.merged == 1
    assert "1 records were merged" in " ".join(report.left_out())


def test_a_person_who_made_a_change_is_not_named(database: Database, export: Export) -> None:
    with database.transaction() as session:
        agency = make_organization(session, "Open House")
        account = make_account(session, agency, Role.PUBLISHER, email="canary@staff.example")
        service = Service(organization_id=agency.id, name="Soup")
        session.add(service)
        session.flush()
        session.add_all(
            [
                changed(
                    "service",
                    service.id,
                    previous_value="",
                    replacement_value="Soup",
                    updated_by="canary person",
                    account_id=account.id,
                    organization_id=agency.id,
                ),
                changed(
                    "service",
                    service.id,
                    previous_value="Sop",
                    replacement_value="Soup",
                    updated_by="Their registry",
                ),
                changed("service", account.id, replacement_value="canary-of-nothing"),
                changed("account", account.id, replacement_value="canary-of-an-account"),
            ]
        )
    path, _ = export()

    rows = read(path, "metadata.csv")
    assert sorted((row["previous_value"], row["updated_by"]) for row in rows) == [
        ("(none)", "Open House"),
        ("Sop", "Their registry"),
    ]
    assert CANARY.encode() not in b"".join(contents(path).values())


def test_what_belongs_to_nothing_is_left_out(database: Database, export: Export) -> None:
    with database.transaction() as session:
        session.add_all([Phone(number="517-555-0199 canary"), Address(address_1="3 canary road")])
    path, report = export()

    assert list(contents(path)) == ["datapackage.json"]
    assert report.rows.total() == 0


def test_only_the_report_of_openings_that_holds_is_told(database: Database, export: Export) -> None:
    def said(minutes: int, available: int | None, lasts: int = 60, **more: Any) -> ServiceCapacity:
        at = NOW - timedelta(minutes=minutes)
        return ServiceCapacity(
            unit_id=more.pop("unit", beds).id,
            service_id=service.id,
            status=OpeningStatus.OPEN,
            available=available,
            updated=at,
            expires_at=at + timedelta(minutes=lasts),
            said_by="Night desk",
            **more,
        )

    with database.transaction() as session:
        agency = make_organization(session)
        service = Service(organization_id=agency.id, name="Shelter")
        beds, mats, cots = Unit(name="beds"), Unit(name="mats"), Unit(name="cots")
        session.add_all([service, beds, mats, cots])
        session.flush()
        session.add_all([said(20, 7), said(10, 3)])
        session.add_all([said(5, 2, population="women"), said(6, 9, population="women")])
        session.add_all([said(30, 4, unit=mats), said(4, None, unit=mats)])
        session.add_all([said(90, 5, unit=cots)])
    path, report = export()

    rows = read(path, "service_capacity.csv")
    assert sorted((row["available"], row["openings_population"]) for row in rows) == [
        ("2", "women"),
        ("3", ""),
    ]
    assert report.reports_over == 5


def test_of_one_source_is_told_what_it_says_and_needs(database: Database, export: Export) -> None:
    with database.transaction() as session:
        theirs = Organization(name="Theirs", source="theirs")
        needed = Organization(name="Needed, of another source", source="other")
        canary = Organization(name="canary", source="other")
        session.add_all([theirs, needed, canary])
        session.flush()
        service = Service(organization_id=needed.id, name="Theirs", source="theirs")
        other = Service(organization_id=needed.id, name="canary", source="other")
        hall = Location(name="Hall", source="other", organization_id=canary.id)
        session.add_all([service, other, hall, Location(name="canary", source="other")])
        session.add(Location(name="canary", source="other", organization_id=needed.id))
        session.flush()
        session.add_all(
            [
                ServiceAtLocation(service_id=service.id, location_id=hall.id),
                ServiceAtLocation(service_id=other.id, location_id=hall.id, description="canary"),
                Phone(service_id=service.id, number="517-555-0101"),
                Phone(service_id=other.id, number="517-555-0102 canary"),
            ]
        )
    path, _ = export(source="theirs")

    assert {row["name"] for row in read(path, "organizations.csv")} == {
        "Theirs",
        "Needed, of another source",
    }
    assert [(row["name"], row["organization_id"]) for row in read(path, "locations.csv")] == [
        ("Hall", "")
    ]
    assert [row["number"] for row in read(path, "phones.csv")] == ["517-555-0101"]
    for format_ in ExportFormat:
        path, _ = export(source="theirs", format_=format_)
        assert CANARY.encode() not in b"".join(contents(path).values()), format_


def test_no_table_but_those_of_the_standard_is_a_file(database: Database, export: Export) -> None:
    with database.transaction() as session:
        make_shelter(session, AddressVisibility.PUBLIC)
    path, _ = export()

    known = {table.file for table in HSDS_TABLES.values()} | {"datapackage.json"}
    assert set(contents(path)) <= known
