"""One small invented directory, and all the forms in which a publisher might give it to us."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]

#: Tables of HSDS 3, by their names there.
TABLES: dict[str, Rows] = {
    "organization": [
        {"id": "o1", "name": "Acorn House", "description": "Meals", "website": "http://a.example"},
        {"id": "o2", "name": "Birch Clinic", "description": "Health"},
    ],
    "program": [{"id": "g1", "organization_id": "o1", "name": "Suppers", "description": "Warm"}],
    "location": [
        {
            "id": "l1",
            "location_type": "physical",
            "name": "Hall",
            "latitude": 44.01,
            "longitude": -93.02,
        },
        {"id": "l2", "location_type": "physical", "name": "Annex"},
    ],
    "service": [
        {
            "id": "s1",
            "organization_id": "o1",
            "program_id": "g1",
            "name": "Soup",
            "status": "active",
            "fees_description": "Free",
            "eligibility_description": "Everybody",
        },
        {"id": "s2", "organization_id": "o2", "name": "Check-up", "status": "active"},
    ],
    "service_at_location": [
        {"id": "p1", "service_id": "s1", "location_id": "l1"},
        {"id": "p2", "service_id": "s1", "location_id": "l2"},
        {"id": "p3", "service_id": "s2", "location_id": "l1"},
    ],
    "address": [
        {
            "id": "a1",
            "location_id": "l1",
            "address_1": "1 Elm Street",
            "city": "Lake Wobble",
            "state_province": "MN",
            "postal_code": "00701",
            "country": "US",
            "address_type": "physical",
        }
    ],
    "contact": [{"id": "c1", "organization_id": "o2", "name": "Ann Example", "title": "Nurse"}],
    "phone": [
        {"id": "n1", "organization_id": "o1", "number": "555 555-0101", "type": "voice"},
        {"id": "n2", "contact_id": "c1", "number": "555 555-0102", "extension": 7},
    ],
    "schedule": [
        {
            "id": "h1",
            "service_id": "s1",
            "freq": "WEEKLY",
            "byday": "MO",
            "opens_at": "09:00",
            "closes_at": "17:00",
        }
    ],
    "language": [{"id": "e1", "service_id": "s2", "name": "Spanish"}],
    "accessibility": [{"id": "x1", "location_id": "l1", "description": "Ramp"}],
    "service_area": [{"id": "r1", "service_id": "s2", "name": "Wobble County"}],
    "required_document": [{"id": "d1", "service_id": "s2", "document": "A letter"}],
    "taxonomy": [{"id": "t1", "name": "Needs", "description": "Everyday needs"}],
    "taxonomy_term": [
        {"id": "k1", "code": "food", "name": "Food", "description": "", "taxonomy_id": "t1"},
        {
            "id": "k2",
            "code": "soup",
            "name": "Soup",
            "description": "",
            "taxonomy_id": "t1",
            "parent_id": "k1",
        },
    ],
    "attribute": [
        {"id": "b1", "link_entity": "service", "link_id": "s1", "taxonomy_term_id": "k2"},
    ],
}

FILES = {
    "organization": "organizations",
    "program": "programs",
    "location": "locations",
    "service": "services",
    "service_at_location": "service_at_location",
    "address": "addresses",
    "contact": "contacts",
    "phone": "phones",
    "schedule": "schedules",
    "language": "languages",
    "accessibility": "accessibility",
    "service_area": "service_areas",
    "required_document": "required_documents",
    "taxonomy": "taxonomies",
    "taxonomy_term": "taxonomy_terms",
    "attribute": "attributes",
}


def csv_text(rows: Rows, delimiter: str = ",") -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write_tables(folder: Path, tables: Mapping[str, Rows], delimiter: str = ",") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(csv_text(rows, delimiter), encoding="utf-8", newline="")
    return folder


def _renamed(rows: Rows, **names: str) -> Rows:
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def _without(rows: Rows, *names: str) -> Rows:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def tables_3() -> dict[str, Rows]:
    return {FILES[table]: rows for table, rows in TABLES.items()}


def tables_2() -> dict[str, Rows]:
    """HSDS 2: eligibility apart, physical addresses, service_attribute, fees, url."""
    services = _renamed(TABLES["service"], fees_description="fees")
    return tables_3() | {
        "organizations": _renamed(TABLES["organization"], website="url"),
        "services": _without(services, "eligibility_description"),
        "eligibility": [{"id": "y1", "service_id": "s1", "eligibility": "Everybody"}],
        "locations": _without(TABLES["location"], "location_type"),
        "physical_addresses": _without(TABLES["address"], "address_type"),
        "addresses": [{"id": ""}],
        "accessibility": [{"id": ""}],
        "accessibility_for_disabilities": _renamed(
            TABLES["accessibility"], description="accessibility"
        ),
        "languages": _renamed(TABLES["language"], name="language"),
        "service_areas": _renamed(TABLES["service_area"], name="service_area"),
        "attributes": [{"id": ""}],
        "service_attribute": [{"id": "b1", "service_id": "s1", "taxonomy_term_id": "k2"}],
    }


def tables_1() -> dict[str, Rows]:
    """HSDS 1: weekdays, and service_taxonomy."""
    weekly = _without(TABLES["schedule"], "freq", "byday")
    tables = tables_2() | {
        "regular_schedules": [{**row, "weekday": "Monday"} for row in weekly],
        "services_taxonomy": [{"id": "b1", "service_id": "s1", "taxonomy_id": "k2"}],
    }
    for name in ("schedules", "service_attribute", "addresses", "accessibility", "attributes"):
        del tables[name]
    return tables


def _of(table: str, column: str, value: str) -> Rows:
    rows = [row for row in TABLES[table] if row.get(column) == value]
    return [{name: each for name, each in row.items() if name != column} for row in rows]


def _one(table: str, identifier: str) -> dict[str, Any]:
    (row,) = [row for row in TABLES[table] if row["id"] == identifier]
    return dict(row)


def organization_object(identifier: str) -> dict[str, Any]:
    contacts = [
        {**contact, "phones": _of("phone", "contact_id", contact["id"])}
        for contact in _of("contact", "organization_id", identifier)
    ]
    return {
        **_one("organization", identifier),
        "phones": _of("phone", "organization_id", identifier),
        "contacts": contacts,
        "programs": _of("program", "organization_id", identifier),
    }


def location_object(identifier: str) -> dict[str, Any]:
    return {
        **_one("location", identifier),
        "addresses": _of("address", "location_id", identifier),
        "accessibility": _of("accessibility", "location_id", identifier),
    }


def term_object(identifier: str) -> dict[str, Any]:
    term = _one("taxonomy_term", identifier)
    return {**term, "taxonomy_detail": _one("taxonomy", term.pop("taxonomy_id"))}


def service_object(identifier: str) -> dict[str, Any]:
    """A service as HSDS 3 nests it, with nothing left to refer to."""
    service = _one("service", identifier)
    service["organization"] = organization_object(service.pop("organization_id"))
    if "program_id" in service:
        program = _one("program", service.pop("program_id"))
        program.pop("organization_id")  # the standard's JSON does not ask for it
        service["program"] = program
    pairs = _of("service_at_location", "service_id", identifier)
    service["service_at_locations"] = [
        {"id": pair["id"], "location": location_object(pair["location_id"])} for pair in pairs
    ]
    service["attributes"] = [
        {"id": each["id"], "taxonomy_term": term_object(each["taxonomy_term_id"])}
        for each in TABLES["attribute"]
        if each["link_id"] == identifier
    ]
    for name, table in {
        "schedules": "schedule",
        "languages": "language",
        "service_areas": "service_area",
        "required_documents": "required_document",
    }.items():
        service[name] = _of(table, "service_id", identifier)
    return service


def services() -> list[dict[str, Any]]:
    return [service_object("s1"), service_object("s2")]


def rest() -> list[dict[str, Any]]:
    """What no service has in it: the term above the one that is said."""
    return [term_object("k1")]


def page(contents: Iterable[dict[str, Any]], number: int = 1, pages: int = 1) -> dict[str, Any]:
    listed = list(contents)
    return {
        "total_items": len(listed) * pages,
        "total_pages": pages,
        "page_number": number,
        "size": len(listed),
        "first_page": number == 1,
        "last_page": number == pages,
        "empty": not listed,
        "contents": listed,
    }


def _json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def _lines(values: Iterable[Any]) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


def _csv_3(place: Path) -> Path:
    return write_tables(place / "csv3", tables_3())


def _csv_2(place: Path) -> Path:
    tables = tables_2()
    for name in ("addresses", "accessibility", "attributes"):
        del tables[name]
    return write_tables(place / "csv2", tables)


def _csv_1(place: Path) -> Path:
    return write_tables(place / "csv1", tables_1())


def _semicolons(place: Path) -> Path:
    return write_tables(place / "semicolons", tables_3(), ";")


def _utf_16(place: Path) -> Path:
    folder = write_tables(place / "wide", tables_3(), "\t")
    for file in folder.iterdir():
        file.write_text(file.read_text(encoding="utf-8"), encoding="utf-16")
    return folder


def zipped(folder: Path, target: Path, within: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{within}{file.relative_to(folder).as_posix()}")
    return target


def _zip(place: Path) -> Path:
    return zipped(_csv_3(place), place / "directory.zip")


def _zip_of_a_folder(place: Path) -> Path:
    return zipped(_csv_2(place), place / "directory.zip", "county-2030/")


def _zip_of_json(place: Path) -> Path:
    return zipped(_files(place), place / "directory.zip")


def _package(place: Path) -> Path:
    """Files under names that say nothing, which the descriptor explains."""
    resources = []
    for at, (table, rows) in enumerate(TABLES.items()):
        write_tables(place / "package" / "data", {f"part{at}": rows})
        resources.append({"name": table, "path": f"data/part{at}.csv"})
    descriptor = place / "package" / "datapackage.json"
    _json(descriptor, {"name": "invented", "resources": resources})
    return descriptor


def _package_folder(place: Path) -> Path:
    return _package(place).parent


def _package_zip(place: Path) -> Path:
    return zipped(_package_folder(place), place / "package.zip")


def _array(place: Path) -> Path:
    _json(place / "directory.json", [*services(), *rest()])
    return place / "directory.json"


def _object(place: Path) -> Path:
    """One object with everything in it: the tables under their names."""
    tables = {"services": services(), "taxonomy_terms": rest()}
    _json(place / "directory.json", tables)
    return place / "directory.json"


def _tabular(place: Path) -> Path:
    _json(place / "tabular.json", {f"{FILES[name]}.csv": rows for name, rows in TABLES.items()})
    return place / "tabular.json"


def _pages(place: Path) -> Path:
    _json(place / "pages" / "services-1.json", page([service_object("s1")], 1, 2))
    _json(place / "pages" / "services-2.json", page([service_object("s2")], 2, 2))
    _json(place / "pages" / "taxonomy_terms.json", page(rest()))
    return place / "pages"


def _files(place: Path) -> Path:
    """One object a file, each kind in its own folder."""
    for each in services():
        _json(place / "files" / "services" / f"{each['id']}.json", each)
    for each in rest():
        _json(place / "files" / "taxonomy_terms" / f"{each['id']}.json", each)
    return place / "files"


def _ndjson(place: Path) -> Path:
    (place / "directory.ndjson").write_text(_lines([*services(), *rest()]), encoding="utf-8")
    return place / "directory.ndjson"


def _lines_called_json(place: Path) -> Path:
    text = "\ufeff" + _lines([*services(), *rest()])
    (place / "directory.json").write_text(text, encoding="utf-8")
    return place / "directory.json"


def _commas(place: Path) -> Path:
    text = "".join(f"{json.dumps(value)},\r\n" for value in [*services(), *rest()])
    (place / "directory.json").write_text(text, encoding="utf-16")
    return place / "directory.json"


#: Every form, by its name: writes the directory into a place and returns what to import.
FORMS: dict[str, Callable[[Path], Path]] = {
    "3.x CSV": _csv_3,
    "2.x CSV": _csv_2,
    "1.x CSV": _csv_1,
    "semicolons": _semicolons,
    "UTF-16 tabs": _utf_16,
    "zip": _zip,
    "zip of a folder": _zip_of_a_folder,
    "zip of JSON": _zip_of_json,
    "datapackage.json": _package,
    "folder with datapackage.json": _package_folder,
    "zip with datapackage.json": _package_zip,
    "JSON array": _array,
    "JSON object of tables": _object,
    "tabular JSON": _tabular,
    "JSON pages": _pages,
    "one object a file": _files,
    "NDJSON": _ndjson,
    "NDJSON called .json": _lines_called_json,
    "JSON with commas and no brackets": _commas,
}
