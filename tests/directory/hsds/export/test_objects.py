"""The directory as JSON: valid by the standard's own schemas, and with nothing lost."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from directory.database import Database
from directory.hsds.export import ExportFormat
from directory.models.history import MetaTableDescription
from directory.models.locations import Address, AddressVisibility, Location
from directory.models.openings import Unit
from directory.models.organizations import Organization, Program
from directory.models.taxonomies import Taxonomy, TaxonomyTerm
from seed.county import seed_county
from tests.directory.hsds.conftest import NOW
from tests.directory.hsds.documents.listings import add_listings
from tests.directory.hsds.export.conftest import Export

#: What objects of a file are valid by.
SCHEMAS = {
    "services": "compiled/service.json",
    "organizations": "compiled/organization.json",
    "locations": "location.json",
    "addresses": "address.json",
    "taxonomies": "taxonomy.json",
    "taxonomy_terms": "taxonomy_term.json",
    "units": "unit.json",
    "meta_table_descriptions": "meta_table_description.json",
}


def validator(name: str) -> Draft202012Validator:
    folder = os.environ.get("HSDS_SCHEMAS")
    if not folder:
        pytest.skip("HSDS_SCHEMAS does not say where the official schemas are")
    registry: Registry[Any] = Registry()
    for path in Path(folder).glob("**/*.json"):
        resource = Resource.from_contents(json.loads(path.read_text()), DRAFT202012)
        registry = registry.with_resource(
            f"https://schemas.example/{path.relative_to(folder)}", resource
        )
    return Draft202012Validator(
        {"$ref": f"https://schemas.example/{name}"},
        registry=registry,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def files(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The objects of each file of an export."""
    found = {}
    for file in path.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".ndjson":
            text = f"[{','.join(text.removesuffix(chr(10)).split(chr(10)))}]"
        found[file.stem] = json.loads(text)
    return found


def inside(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object that has an id, however deep."""
    if isinstance(value, dict):
        if "id" in value:
            yield value
        for each in value.values():
            yield from inside(each)
    if isinstance(value, list):
        for each in value:
            yield from inside(each)


def add_what_nests_nowhere(database: Database) -> dict[str, str]:
    """Records that belong to no service, by the file in which they should be."""
    with database.transaction() as session:
        agency = Organization(name="Does nothing yet")
        session.add(agency)
        session.flush()
        taxonomy = Taxonomy(name="Unused words")
        session.add(taxonomy)
        session.flush()
        alone: dict[str, Any] = {
            "organizations": agency,
            "locations": Location(name="Empty hall"),
            "addresses": Address(organization_id=agency.id, address_1="PO Box 1"),
            "taxonomies": taxonomy,
            "taxonomy_terms": TaxonomyTerm(taxonomy_id=taxonomy.id, code="U", name="Unused"),
            "units": Unit(name="cots"),
            "meta_table_descriptions": MetaTableDescription(name="services"),
        }
        inside_others = [
            Location(name="Office", organization_id=agency.id),
            Program(organization_id=agency.id, name="Winter"),
        ]
        hidden = Location(
            organization_id=agency.id, address_visibility=AddressVisibility.HIDDEN, name="Canary"
        )
        session.add_all([*alone.values(), *inside_others, hidden])
        session.flush()
        ids = {name: str(row.id) for name, row in alone.items()}
        ids["organizations/locations"], ids["organizations/programs"] = (
            str(row.id) for row in inside_others
        )
        ids["locations/hidden"] = str(hidden.id)
        return ids


@pytest.mark.parametrize("format_", [ExportFormat.JSON, ExportFormat.NDJSON])
def test_nothing_is_lost(database: Database, export: Export, format_: ExportFormat) -> None:
    with database.transaction() as session:
        add_listings(session)
    ids = add_what_nests_nowhere(database)
    path, report = export(format_=format_)

    found = files(path)
    for place, id_ in ids.items():
        assert id_ in {each["id"] for each in inside(found[place.partition("/")[0]])}, place
    assert "Canary" not in json.dumps(found)
    assert len(found["organizations"]) == 1  # the other is inside its services
    assert report.rows["service"] == 1
    assert report.files == len(found)


def test_every_object_is_valid_by_the_official_schemas(database: Database, export: Export) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
        add_listings(session)
    add_what_nests_nowhere(database)
    path, report = export(format_=ExportFormat.JSON)

    found = files(path)
    assert found.keys() == SCHEMAS.keys()
    assert len(found["services"]) == report.rows["service"] == 301
    for name, objects in found.items():
        valid = validator(SCHEMAS[name])
        for each in objects:
            assert [error.message for error in valid.iter_errors(each)] == []


def test_lines_say_what_the_lists_say(database: Database, export: Export) -> None:
    with database.transaction() as session:
        add_listings(session)
    add_what_nests_nowhere(database)
    lists, _ = export(format_=ExportFormat.JSON)
    lines, _ = export(format_=ExportFormat.NDJSON)

    assert files(lists) == files(lines)


def test_all_batches_are_written(
    database: Database, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        seed_county(session, now=NOW)
    whole, _ = export(format_=ExportFormat.NDJSON)
    monkeypatch.setattr("directory.hsds.export.objects.BATCH", 7)
    in_small_batches, _ = export(format_=ExportFormat.NDJSON)

    found = files(in_small_batches)
    assert found == files(whole)
    assert len({each["id"] for each in found["services"]}) == 300
