"""Importing a source again keeps what people put right in the meantime."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from directory.database import Database, Row, find_row
from directory.hsds.report import ImportReport
from directory.index import find_stale_services
from directory.models import TABLES
from directory.models.accounts import Role
from directory.models.history import Suggestion
from tests.conftest import NOON
from tests.directory.hsds.conftest import Import
from tests.directory.records.conftest import ADDRESS, Editor
from tests.factories import make_organization, make_viewer

SOURCE = {
    "organizations": "id,name,description\n1,Acorn Aid,",
    "locations": "id,organization_id,name,latitude,longitude\n7,1,Acorn House,44.1,-93.1",
    "services": """
        id,organization_id,name,minimum_age,maximum_age
        5,1,Soup,18,60
        6,1,Bread,,
    """,
    "service_at_location": "id,service_id,location_id\n8,5,7",
    "addresses": """
        id,location_id,address_1,city,state_province,postal_code,country
        4,7,42 Hazelnut Way,Lake Wobble,MN,00701,US
    """,
    "phones": """
        id,service_id,service_at_location_id,number
        9,5,,650 555-0125
        10,6,,650 555-0126
        11,,8,650 555-0127
    """,
}
KEPT = "kept as people here changed it; the source says otherwise"

Edit = Callable[[Callable[[Editor], Any]], None]
Find = Callable[[str, str], Row | None]
Stored = Callable[[str, str], Row]


def written(report: ImportReport) -> int:
    return sum(counts.written + counts.gone for counts in report.counts.values())


def reasons(report: ImportReport) -> set[tuple[str, str, str, str]]:
    return {(mend.table, mend.field, mend.reason, mend.value) for mend in report.mends}


@pytest.fixture
def edit(database: Database) -> Edit:
    """Let an administrator edit in a transaction of their own."""

    def edited(by: Callable[[Editor], Any]) -> None:
        with database.transaction() as session:
            agency = make_organization(session, "The Network")
            by(Editor(session, make_viewer(session, agency, Role.ADMINISTRATOR)))

    return edited


@pytest.fixture
def find(database: Database) -> Find:
    """Find a record by what the source calls it."""

    def found(table: str, source_id: str) -> Row | None:
        rows = TABLES[table]
        with database.reading() as session:
            return find_row(session, sa.select(rows).where(rows.c.source_id == source_id))

    return found


@pytest.fixture
def stored(find: Find) -> Stored:
    """The same, of a record that is there."""

    def found(table: str, source_id: str) -> Row:
        row = find(table, source_id)
        assert row is not None
        return row

    return found


@pytest.fixture(autouse=True)
def searches_are_true(database: Database, import_tables: Import) -> Any:
    import_tables(**SOURCE)
    yield
    with database.reading() as session:
        assert find_stale_services(session, now=NOON) == set()


def test_a_changed_field_stays_and_the_report_says_so(
    import_tables: Import, edit: Edit, stored: Stored
) -> None:
    edit(lambda editor: editor.change("service", stored("service", "5")["id"], name="Hot soup"))

    again = import_tables(**SOURCE)

    assert stored("service", "5")["name"] == "Hot soup"
    assert ("service", "name", KEPT, "Soup") in reasons(again)
    assert written(again) == 0


def test_what_nobody_touched_still_follows_the_source(
    import_tables: Import, edit: Edit, stored: Stored
) -> None:
    edit(lambda editor: editor.change("service", stored("service", "5")["id"], name="Hot soup"))
    services = SOURCE["services"].replace("5,1,Soup,18", "5,1,Stew,21").replace("Bread", "Rolls")

    import_tables(accept_large_change=True, **{**SOURCE, "services": services})

    soup = stored("service", "5")
    assert (soup["name"], soup["minimum_age"]) == ("Hot soup", 21)
    assert stored("service", "6")["name"] == "Rolls"


def test_an_undone_change_follows_the_source_again(
    import_tables: Import, edit: Edit, stored: Stored
) -> None:
    service = stored("service", "5")["id"]
    edit(lambda editor: editor.later().undo(editor.change("service", service, name="Hot soup")))
    services = SOURCE["services"].replace("Soup", "Stew")

    again = import_tables(accept_large_change=True, **{**SOURCE, "services": services})

    assert stored("service", "5")["name"] == "Stew"
    assert KEPT not in {mend.reason for mend in again.mends}


def test_where_both_do_not_go_together_all_of_theirs_stays(
    import_tables: Import, edit: Edit, stored: Stored
) -> None:
    edit(lambda editor: editor.change("service", stored("service", "5")["id"], minimum_age=50))
    services = SOURCE["services"].replace("Soup,18,60", "Soup,18,40")

    again = import_tables(accept_large_change=True, **{**SOURCE, "services": services})

    service = stored("service", "5")
    assert (service["minimum_age"], service["maximum_age"]) == (50, 60)
    assert ("service", "maximum_age", KEPT, "40.0") in reasons(again)


def test_what_people_removed_stays_away_with_all_that_belongs_to_it(
    import_tables: Import, edit: Edit, find: Find, stored: Stored
) -> None:
    edit(lambda editor: editor.remove("service", stored("service", "5")["id"]))
    phones = SOURCE["phones"] + "    12,5,,650 555-0128\n"

    again = import_tables(accept_large_change=True, **{**SOURCE, "phones": phones})

    assert find("service", "5") is None
    assert find("service_at_location", "8") is None
    assert [find("phone", each) for each in ("9", "11", "12")] == [None] * 3
    assert find("phone", "10") is not None
    assert ("service", "", "left out: people here removed it", "") in reasons(again)
    assert written(again) == 0


def test_a_removed_detail_stays_away(
    import_tables: Import, edit: Edit, find: Find, stored: Stored
) -> None:
    edit(lambda editor: editor.change("service", stored("service", "6")["id"], phones=[]))
    import_tables(**SOURCE)
    assert find("phone", "10") is None


def test_of_a_place_that_people_closed_the_report_says_nothing(
    import_tables: Import, edit: Edit, stored: Stored
) -> None:
    place = stored("location", "7")["id"]
    edit(lambda editor: editor.change("location", place, name="Ours", address_visibility="hidden"))

    again = import_tables(**SOURCE)
    import_tables(**SOURCE)

    assert stored("location", "7")["name"] == "Ours"
    assert stored("location", "7")["latitude"] is None
    assert ("location", "name", KEPT, "") in reasons(again)
    told = str(again.to_dict())
    assert "44.1" not in told
    assert "Acorn House" not in told


def test_what_was_said_of_an_open_place_goes_when_an_import_closes_it(
    import_tables: Import, edit: Edit, stored: Stored
) -> None:
    place = stored("location", "7")["id"]
    edit(lambda editor: editor.change("location", place, description="Behind 42 Hazelnut Way"))
    locations = SOURCE["locations"].replace("Acorn House", "Domestic violence safe house")

    again = import_tables(accept_large_change=True, **{**SOURCE, "locations": locations})

    assert again.held_back
    hidden = stored("location", "7")
    assert hidden["address_visibility"] == "hidden"
    assert hidden["latitude"] is None
    assert "Hazelnut" not in str(hidden)


def test_what_was_said_here_of_a_place_loses_its_street_when_an_import_closes_it(
    database: Database, import_tables: Import, stored: Stored
) -> None:
    offer = stored("service_at_location", "8")
    with database.transaction() as session:
        session.add(
            Suggestion(
                service_id=offer["service_id"],
                service_at_location_id=offer["id"],
                field_name="hours",
                words="The door at 42 Hazelnut way was locked",
                created_at=NOON,
            )
        )
    locations = SOURCE["locations"].replace("Acorn House", "Domestic violence safe house")

    import_tables(accept_large_change=True, **{**SOURCE, "locations": locations})

    with database.reading() as session:
        words = session.connection().execute(sa.select(TABLES["suggestion"].c.words)).scalar_one()
    assert words == "The door at (address withheld) was locked"


def test_a_place_that_people_opened_has_the_address_that_they_gave(
    database: Database, import_tables: Import, edit: Edit, stored: Stored
) -> None:
    place = stored("location", "7")["id"]
    edit(lambda editor: editor.change("location", place, address_visibility="hidden"))
    import_tables(**SOURCE)
    given = {**ADDRESS, "address_1": "1 Lantern Way"}
    opened: dict[str, Any] = {"address_visibility": "public", "addresses": [given]}
    edit(lambda editor: editor.change("location", place, **opened))

    again = import_tables(**SOURCE)

    assert written(again) == 0
    with database.reading() as session:
        streets = session.connection().execute(sa.select(TABLES["address"].c.address_1)).scalars()
        assert list(streets) == ["1 Lantern Way"]


def test_a_rule_that_people_wrote_stays_also_where_the_source_has_another(
    import_tables: Import, edit: Edit, stored: Stored
) -> None:
    head, *rows = SOURCE["services"].strip().splitlines()
    said = '"{""fact"":""veteran"",""is"":true}"'
    services = "\n".join([f"{head},openings_eligibility_rule", f"{rows[0]},{said}", f"{rows[1]},"])
    import_tables(accept_large_change=True, **{**SOURCE, "services": services})
    theirs = {"5": {"fact": "pregnant", "is": True}, "6": {"fact": "zip", "is": "48933"}}

    def write(editor: Editor) -> None:
        for source_id, rule in theirs.items():
            editor.change("service", stored("service", source_id)["id"], eligibility_rule=rule)

    edit(write)

    again = import_tables(**{**SOURCE, "services": services})

    assert {each: stored("service", each)["eligibility_rule"] for each in theirs} == theirs
    instead = '{"fact": "veteran", "is": true}'
    assert ("service", "eligibility_rule", KEPT, instead) in reasons(again)
    assert written(again) == 0
