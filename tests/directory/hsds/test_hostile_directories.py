"""Whatever stands in the cells, the importer refuses it row by row and never falls over."""

import csv
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.database import Database
from directory.hsds.load import import_directory, read_directory
from tests.directory.hsds.conftest import NOW, find_zip

COLUMNS = {
    "organizations": "id name description email url year_incorporated parent_organization_id",
    "programs": "id organization_id name",
    "locations": "id organization_id name description latitude longitude coordinates virtual"
    " location_type languages accessibility url",
    "services": "id organization_id location_id program_id name status url email fees eligibility"
    " minimum_age maximum_age assured_date last_modified languages service_areas keywords"
    " required_documents taxonomy_ids",
    "service_at_location": "id service_id location_id description",
    "addresses": "id location_id address_1 city state_province postal_code country address_type",
    "phones": "id location_id number extension type language",
    "contacts": "id location_id name email",
    "regular_schedules": "id location_id weekday opens_at closes_at",
    "schedules": "id service_id freq byday bymonthday interval count until dtstart valid_from"
    " valid_to opens_at closes_at",
    "holiday_schedules": "id location_id start_date end_date closed opens_at closes_at",
    "languages": "id location_id name code",
    "service_areas": "id service_id name extent extent_type",
    "cost_options": "id service_id amount currency valid_from valid_to",
    "taxonomy_terms": "id code name parent_id vocabulary",
    "attributes": "id link_id link_entity taxonomy_term_id value",
    "eligibilities": "id service_id eligibility",
}
NASTY = (
    *("", " ", "NA", "1", "0", "-1", "99999999999999999999", "1e308", "nan", "inf", "true"),
    *("0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "12/31/99", "February 30, 2030"),
    *("24:00", "9-5", "WEEKLY", "1MO", "31", "SU,SU", "\u0661", "\u00b2", "\ufeff", "&#0;&#xD800;"),
    *("a,b", '"', "'", "=1+1", "\u202e", "\U0001f4a9", "e\u0301" * 50, "x" * 400, "../../etc"),
    *("service", "physical", "javascript:alert(1)", "%s{}%(x)s", "'; DROP TABLE service; --"),
)


def write(folder: Path, table: str, rows: list[list[str]]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS[table].split(), *rows])


def write_nasty(folder: Path) -> None:
    """Give every column of every table every nasty value, in rows that are right otherwise."""
    for table, names in COLUMNS.items():
        columns = names.split()
        good = ["1" if name == "id" or name.endswith("_id") else "" for name in columns]
        good = [
            "Acorn" if name == "name" else cell for name, cell in zip(columns, good, strict=True)
        ]
        rows = [good] + [
            [f"{at}-{n}", *good[1:at], value, *good[at + 1 :]] if at else [value, *good[1:]]
            for at in range(len(columns))
            for n, value in enumerate(NASTY)
        ]
        write(folder, table, rows)


def test_both_databases_hold_whatever_was_not_refused(database: Database, tmp_path: Path) -> None:
    write_nasty(tmp_path)
    changes = []
    for _ in range(2):
        with database.transaction() as session:
            report = import_directory(session, tmp_path, source="nasty", now=NOW, find_zip=find_zip)
        changes.append(sum(counts.written for counts in report.counts.values()))
    assert changes[0] > 1_000
    assert changes[1] == 0


cells = st.sampled_from(NASTY) | st.text(max_size=12)


@given(data=st.data(), table=st.sampled_from(sorted(COLUMNS)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_row_of_any_content_is_accounted_for(
    tmp_path: Path, data: st.DataObject, table: str
) -> None:
    for other in tmp_path.glob("*.csv"):
        other.unlink()
    write(tmp_path, "services", [])
    width = len(COLUMNS[table].split())
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=4))
    write(tmp_path, table, rows)
    done = read_directory(tmp_path, source="any", now=NOW, find_zip=find_zip)
    for counts in done.report.counts.values():
        assert 0 <= counts.refused + counts.passed_over <= counts.read
