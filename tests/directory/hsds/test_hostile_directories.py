"""Whatever is given, the importer refuses it with a reason and never falls over."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from directory.database import Database
from directory.errors import DomainError
from directory.hsds.load import import_directory, read_directory
from directory.hsds.read import open_source
from directory.models import TABLES
from tests.directory.hsds.conftest import NOW, find_zip
from tests.directory.hsds.hostile import CORPUS, outcome
from tests.directory.hsds.invented import FORMS

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


@pytest.mark.parametrize("name", CORPUS)
def test_what_is_made_to_harm_is_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    path = CORPUS[name].make(place)
    before = sorted(tmp_path.rglob("*"))
    code, said = outcome(path)
    assert code == CORPUS[name].code, said
    assert CORPUS[name].said in said
    assert len(said) < 1_000
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_is_written_of_what_is_refused(database: Database, tmp_path: Path) -> None:
    for number, hostile in enumerate(CORPUS.values()):
        if hostile.code is None:
            continue
        place = tmp_path / str(number)
        place.mkdir()
        path = hostile.make(place)
        with pytest.raises(DomainError), database.transaction() as session:
            import_directory(session, path, source="hostile", now=NOW, find_zip=find_zip)
    with database.reading() as session:
        for name in ("organization", "service", "location", "phone", "taxonomy_term"):
            count = sa.select(sa.func.count()).select_from(TABLES[name])
            assert session.connection().execute(count).scalar_one() == 0


def read_everything(path: Path) -> None:
    """Read all rows of a directory; only refusals may come out."""
    try:
        with open_source(path) as folder:
            for table in ("service", "organization", "location", "phone", "term", "attribute"):
                for row in folder.rows(table):
                    assert all(isinstance(cell, str) for cell in row.cells.values())
    except DomainError:
        pass


NAMES = ("services.csv", "organizations.json", "x.ndjson", "x.zip", "datapackage.json")
FUZZED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=150,
)


@given(content=st.binary(max_size=300), name=st.sampled_from(NAMES))
@example(content=b"PK\x05\x06" + bytes(18), name="x.zip")
@example(content=b"\xff\xfe", name="services.csv")
@example(content=b"{}{}", name="x.ndjson")
@FUZZED
def test_any_bytes_as_any_file(tmp_path: Path, content: bytes, name: str) -> None:
    for other in tmp_path.iterdir():
        other.unlink()
    (tmp_path / name).write_bytes(content)
    read_everything(tmp_path / name)
    (tmp_path / "services.csv").touch()
    read_everything(tmp_path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("id", "name", "contents", "services", "locations", "organization"),
                    *("location", "phones", "attributes", "taxonomy_term", "openings", "x"),
                    *("service_at_locations", "services_attributes", "services.csv", "metadata"),
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(value=json_values, name=st.sampled_from(("x.json", "services.json", "terms.ndjson")))
@FUZZED
def test_any_json_as_any_directory(tmp_path: Path, value: object, name: str) -> None:
    (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
    read_everything(tmp_path / name)


@given(form=st.sampled_from(sorted(FORMS)), data=st.data())
@FUZZED
def test_any_damage_to_any_form(tmp_path: Path, form: str, data: st.DataObject) -> None:
    with TemporaryDirectory(dir=tmp_path) as place:
        path = FORMS[form](Path(place))
        files = sorted(file for file in Path(place).rglob("*") if file.is_file())
        file = data.draw(st.sampled_from(files))
        content = bytearray(file.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, max(0, len(content) - 1)))
            with_this = data.draw(st.binary(max_size=3))
            content[at : at + data.draw(st.integers(0, 3))] = with_this
        file.write_bytes(content)
        read_everything(path)
