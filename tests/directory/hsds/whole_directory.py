"""A directory with one record in each table and something in every field, from the facts."""

from uuid import NAMESPACE_URL, UUID, uuid5

from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import HSDS_TABLES, Field, Kind

#: What a field of each kind says.
_SAID = {
    Kind.EMAIL: "desk@acorn.example",
    Kind.URI: "https://acorn.example/page",
    Kind.NUMBER: "3",
    Kind.DATE: "2030-01-02",
    Kind.INSTANT: "2030-01-02T03:04:05+00:00",
    Kind.CLOCK: "09:30:00",
    Kind.FLAG: "true",
    Kind.OBJECT: '{"fact": "veteran", "is": true}',
}
#: Where not every text or number will do.
_PARTICULAR = {
    ("organization", "year_incorporated"): "1970",
    ("organization", "logo"): "https://acorn.example/logo.png",
    ("service", "maximum_age"): "90",
    ("address", "country"): "US",
    ("address", "postal_code"): "00701",
    ("address", "state_province"): "MI",
    ("phone", "number"): "(517) 555-0123",
    ("phone", "type"): "voice",
    ("schedule", "valid_to"): "2031-01-02",
    ("schedule", "until"): "2031-01-02",
    ("schedule", "byday"): "1MO,TU",
    ("schedule", "byweekno"): "41,42",
    ("schedule", "bymonthday"): "2,-1",
    ("schedule", "byyearday"): "200",
    ("schedule", "closes_at"): "17:00:00",
    ("language", "name"): "Urdu",
    ("language", "code"): "ur",
    ("service_area", "uri"): "https://acorn.example/area",
    ("cost_option", "valid_to"): "2031-01-02",
    ("cost_option", "currency"): "USD",
    ("service_capacity", "maximum"): "10",
    ("service_capacity", "expires_at"): "2030-02-02T03:04:05+00:00",
    ("attribute", "link_entity"): "service",
    ("metadata", "resource_type"): "organization",
    ("location", "timezone"): "America/Chicago",
}
#: A parent that is its own child would be cut; these get a record more for it.
_PARENTS = {("organization", "parent_organization_id"), ("taxonomy_term", "parent_id")}


def id_of(table: str) -> UUID:
    """The identifier of the record of a table."""
    return uuid5(NAMESPACE_URL, table)


def said_in(table: str, field: Field) -> str:
    """What the record of a table says in a field."""
    if field.name == "id":
        return str(id_of(table))
    if (table, field.name) in _PARENTS:
        return str(id_of(f"parent of {table}"))
    if field.refers_to or field.kind is Kind.UUID:
        named = {"link_id": "service", "resource_id": "organization"}
        return str(id_of(field.refers_to or named[field.name]))
    if (table, field.name) in _PARTICULAR:
        return _PARTICULAR[table, field.name]
    if field.choices:
        return field.choices[0]
    return _SAID.get(field.kind, f"The {field.name} of it")


def whole_directory(*, ours: bool) -> dict[str, str]:
    """CSV texts by file stem; with ``ours`` the columns of our profile too."""
    return {
        facts.file.removesuffix(".csv"): _table(table, ours=ours)
        for table, facts in HSDS_TABLES.items()
    }


def _table(table: str, *, ours: bool) -> str:
    fields = list(HSDS_TABLES[table].fields)
    extra = list(EXTENSIONS.get(table, ())) if ours else []
    names = [field.name for field in fields] + [f"openings_{field.name}" for field in extra]
    cells = [said_in(table, field) for field in [*fields, *extra]]
    rows = [names, cells]
    if any((table, field.name) in _PARENTS for field in fields):
        rows.append([_of_parent(table, field) for field in fields] + cells[len(fields) :])
    return "\n".join(",".join(map(_quoted, row)) for row in rows)


def _of_parent(table: str, field: Field) -> str:
    if field.name == "id":
        return str(id_of(f"parent of {table}"))
    if (table, field.name) in _PARENTS:
        return ""
    return f"{said_in(table, field)} above" if field.name == "code" else said_in(table, field)


def _quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'
