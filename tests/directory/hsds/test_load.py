from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, select

from directory.database import Database, find_rows
from directory.hsds.errors import BadSourceNameError
from directory.hsds.load import import_directory
from directory.hsds.report import Gone
from directory.models.openings import OpeningStatus, ServiceCapacity, Unit
from directory.models.services import Service, ServiceStatus
from tests.directory.hsds.conftest import NOW, Import, WriteFolder, find_zip

TABLES = {
    "organizations": "id,name\n1,Acorn Aid\n2,Beech Aid",
    "locations": "id,organization_id,name,latitude,longitude\n7,1,Acorn House,44.1,-93.1",
    "services": "id,organization_id,name\n5,1,Soup\n6,2,Bread",
    "service_at_location": "id,service_id,location_id\n,5,7\n,6,7",
    "phones": "id,service_id,number\n,5,650 555-0125",
    "regular_schedules": "id,location_id,weekday,opens_at,closes_at\n,7,Monday,9:00,17:00",
    "taxonomy": "taxonomy_id,name,parent_id\n1-1,Soup,1\n1,Food,",
}


def stored(database: Database, name: str) -> list[Any]:
    with database.reading() as session:
        return list(find_rows(session, sa.select(SQLModel.metadata.tables[name])))


def changed(**tables: str) -> dict[str, str]:
    return {**TABLES, **tables}


def test_the_same_data_again_changes_nothing(database: Database, import_tables: Import) -> None:
    first = import_tables(**TABLES)
    second = import_tables(**TABLES)
    assert sum(counts.added for counts in first.counts.values()) == 12
    assert all(counts.written == 0 for counts in second.counts.values())
    assert second.services_refreshed == 0
    assert {row["version"] for row in stored(database, "service")} == {1}


def test_imported_services_are_found(database: Database, import_tables: Import) -> None:
    report = import_tables(**TABLES)
    assert report.services_refreshed == 2
    assert {row["service_name"] for row in stored(database, "search_entry")} == {"Soup", "Bread"}


def test_a_change_raises_the_version_of_that_record_alone(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    report = import_tables(**changed(organizations="id,name\n1,Acorn Aid\n2,Beech and Elm Aid"))
    counts = report.of("organization")
    assert (counts.added, counts.changed, counts.unchanged) == (0, 1, 1)
    versions = {row["name"]: row["version"] for row in stored(database, "organization")}
    assert versions == {"Acorn Aid": 1, "Beech and Elm Aid": 2}


def test_a_service_that_is_gone_becomes_defunct_and_comes_back(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    report = import_tables(**changed(services="id,organization_id,name\n5,1,Soup"))
    assert Gone("service", 1, "marked defunct") in report.gone
    status = {row["name"]: row["status"] for row in stored(database, "service")}
    assert status == {"Soup": ServiceStatus.ACTIVE, "Bread": ServiceStatus.DEFUNCT}
    assert [row["service_name"] for row in stored(database, "search_entry")] == ["Soup"]
    again = import_tables(**changed(services="id,organization_id,name\n5,1,Soup"))
    assert again.of("service").gone == 0
    import_tables(**TABLES)
    assert {row["status"] for row in stored(database, "service")} == {ServiceStatus.ACTIVE}


def test_old_hours_and_phones_do_not_stay_beside_the_new(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    report = import_tables(
        **changed(
            phones="id,service_id,number\n,5,650 555-0126",
            regular_schedules="id,location_id,weekday,opens_at,closes_at\n,7,Monday,9:00,18:00",
        )
    )
    assert [row["number"] for row in stored(database, "phone")] == ["(650) 555-0126"]
    assert [row["closes_at"].hour for row in stored(database, "schedule")] == [18]
    assert Gone("phone", 1, "removed") in report.gone


def report_opening(database: Database) -> None:
    """Have a provider say something of Soup at Acorn House."""
    pair = next(
        row
        for row in stored(database, "service_at_location")
        if row["service_id"]
        == next(r["id"] for r in stored(database, "service") if r["name"] == "Soup")
    )
    with database.transaction() as session:
        unit = Unit(name="bowls")
        session.add(unit)
        session.flush()
        session.add(
            ServiceCapacity(
                service_id=pair["service_id"],
                service_at_location_id=pair["id"],
                unit_id=unit.id,
                status=OpeningStatus.OPEN,
                updated=NOW,
                expires_at=NOW + timedelta(hours=1),
                said_by="the cook",
            )
        )


def test_a_service_at_a_location_stays_while_something_is_about_it(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    report_opening(database)
    report = import_tables(**changed(service_at_location="id,service_id,location_id"))
    assert len(stored(database, "service_at_location")) == 1
    assert Gone("service_at_location", 1, "removed") in report.gone
    assert Gone("service_at_location", 1, "left: something refers to them") in report.gone


def test_new_words_about_a_service_at_a_location_keep_its_identity(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    before = {row["id"] for row in stored(database, "service_at_location")}
    with_words = "id,service_id,location_id,description\na1,5,7,At the back\na2,6,7,"
    report = import_tables(**changed(service_at_location=with_words))
    assert {row["id"] for row in stored(database, "service_at_location")} == before
    assert report.of("service_at_location").changed == 1


def test_two_sources_share_a_taxonomy_and_nothing_else(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    more = "taxonomy_id,name,parent_id\n1,Food,\n1-2,Bread,1"
    report = import_tables(source="other", **changed(taxonomy=more))
    assert report.of("taxonomy_term").added == 1
    assert len(stored(database, "taxonomy")) == 1
    assert len(stored(database, "organization")) == 4
    again = import_tables(source="other", **changed(taxonomy=more))
    assert all(counts.written == 0 for counts in again.counts.values())


def test_a_stand_in_never_replaces_a_name_that_we_know(
    database: Database, import_tables: Import
) -> None:
    import_tables(**TABLES)
    report = import_tables(**changed(organizations="id,name\n1,Acorn Aid"))
    assert report.of("organization").stand_ins == 1
    assert {row["name"] for row in stored(database, "organization")} == {"Acorn Aid", "Beech Aid"}


def test_a_stand_in_gets_its_name_when_the_source_has_it(
    database: Database, import_tables: Import
) -> None:
    import_tables(**changed(organizations="id,name\n1,Acorn Aid"))
    import_tables(**TABLES)
    assert {row["name"] for row in stored(database, "organization")} == {"Acorn Aid", "Beech Aid"}


def test_nothing_is_left_of_an_import_that_fails_half_way(
    database: Database, write_folder: WriteFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise RuntimeError

    monkeypatch.setattr("directory.hsds.load.refresh_services", fail)
    folder = write_folder(**TABLES)
    with pytest.raises(RuntimeError), database.transaction() as session:
        import_directory(session, folder, source="invented", now=NOW, find_zip=find_zip)
    assert stored(database, "organization") == []
    assert stored(database, "service") == []


def test_records_of_others_are_left_alone(database: Database, import_tables: Import) -> None:
    import_tables(**TABLES)
    with database.transaction() as session:
        organization = stored(database, "organization")[0]["id"]
        session.add(Service(id=uuid4(), organization_id=organization, name="Our own"))
    import_tables(**changed(services="id,organization_id,name\n5,1,Soup"))
    with database.reading() as session:
        own = session.exec(select(Service).where(Service.name == "Our own")).one()
        assert own.status is ServiceStatus.ACTIVE


@pytest.mark.parametrize("source", ["", "  ", "x" * 81])
def test_a_source_needs_a_name(database: Database, tmp_path: Path, source: str) -> None:
    with database.transaction() as session, pytest.raises(BadSourceNameError):
        import_directory(session, tmp_path, source=source, now=NOW, find_zip=find_zip)


def test_a_value_that_a_database_could_not_hold_is_refused_and_the_rest_kept(
    database: Database, import_tables: Import
) -> None:
    report = import_tables(
        **changed(
            organizations="id,name\n1,Acorn Aid\n2,Beech\x00 Aid\n"
            f"{'9' * 201},Cedar Aid\n3,{'x' * 301}"
        )
    )
    assert report.of("organization").refused == 2
    assert {row["name"] for row in stored(database, "organization")} == {"Acorn Aid", "Beech Aid"}


def test_a_later_year_moves_the_yearly_holidays_on(
    database: Database, write_folder: WriteFolder
) -> None:
    holidays = (
        'id,location_id,start_date,end_date,closed\n1,7,"January 01, 0001","January 01, 0001",true'
    )
    folder = write_folder(**TABLES, holiday_schedules=holidays)
    years: list[set[int]] = []
    for now in (NOW, datetime(2031, 2, 1, tzinfo=UTC)):
        with database.transaction() as session:
            import_directory(session, folder, source="invented", now=now, find_zip=find_zip)
        found = [row["valid_from"] for row in stored(database, "schedule") if row["valid_from"]]
        years.append({day.year for day in found})
    assert years == [{2031, 2032}, {2032, 2033}]
