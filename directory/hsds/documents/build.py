"""From gathered rows to documents: pure, and driven by the facts of the standard."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from directory.database import Row
from directory.hsds.documents.form import Form
from directory.hsds.documents.gathered import Gathered, owner_column
from directory.hsds.documents.values import amount, as_json, instant
from directory.hsds.profile import EXTENSIONS, PREFIX
from directory.hsds.standard import HSDS_TABLES, Field, Kind, Needed, Nested, columns_of

#: One JSON object. Documents of a batch share the objects inside them: change none.
Document = dict[str, Any]

#: What the standard's objects have inside them only in its compiled schemas.
WAYS_BACK: Final = {
    "organization": (Nested("services", "service", many=True, needed=False),),
    "service_at_location": (Nested("service", "service", many=False, needed=False),),
}

#: What is told in a list, beside a record's own fields.
IN_LISTS: Final = {
    "service": ("organization", "program"),
    "service_at_location": ("location", "service"),
}

#: What is told of a service in its shortest form; the schemas want its name and status.
MINIMAL: Final = ("id", "name", "status", "last_modified")

#: The column that names the one record inside another, where it is not called after it.
_ONE: Final = {"taxonomy_detail": "taxonomy_id"}


def nested_in(table: str) -> tuple[Nested, ...]:
    """Return what an object has inside it."""
    return HSDS_TABLES[table].nested + WAYS_BACK.get(table, ())


class Builder:
    """Makes documents of what was gathered."""

    def __init__(self, gathered: Gathered, form: Form) -> None:
        self._gathered = gathered
        self._form = form
        self._made: dict[tuple[str, UUID, tuple[str, ...]], Document | None] = {}

    def document(self, table: str, row: Row) -> Document | None:
        """Return a record in the builder's form; None where a required value is missing."""
        if self._form is Form.MINIMAL:
            fields = self._fields(table, row)
            return {name: fields[name] for name in MINIMAL if name in fields}
        if self._form is Form.LISTED:
            return self._listed(table, row)
        return self._full(table, row, ())

    def _listed(self, table: str, row: Row) -> Document:
        found = self._fields(table, row)
        for nested in nested_in(table):
            if nested.name in IN_LISTS.get(table, ()):
                one = self._one(nested, row)
                if one is not None:
                    found[nested.name] = self._listed(nested.table, one)
        if ours := self._ours(table, row):
            found[PREFIX] = ours
        return found

    def _full(self, table: str, row: Row, above: tuple[str, ...]) -> Document | None:
        """Return a record with all that belongs to it, but nothing of a kind that it is part of."""
        key = (table, row["id"], above)
        if key not in self._made:
            self._made[key] = self._make_full(table, row, above)
        return self._made[key]

    def _make_full(self, table: str, row: Row, above: tuple[str, ...]) -> Document | None:
        found = self._fields(table, row)
        for nested in nested_in(table):
            inside = self._inside(table, nested, row, (*above, table))
            if inside:
                found[nested.name] = inside
        if ours := self._ours(table, row):
            found[PREFIX] = ours
        return found if all(name in found for name in _required(table)) else None

    def _inside(self, table: str, nested: Nested, row: Row, above: tuple[str, ...]) -> Any:
        if nested.table in above:
            return None
        if not nested.many:
            one = self._one(nested, row)
            return self._full(nested.table, one, above) if one is not None else None
        rows = self._gathered.owned(nested.table, owner_column(table, nested.table), row["id"])
        if nested.name == "services" and self._form is not Form.WITH_SERVICES:
            return [self._named(each) for each in rows]
        made = (self._full(nested.table, each, above) for each in rows)
        return [each for each in made if each is not None]

    def _one(self, nested: Nested, row: Row) -> Row | None:
        column = _ONE.get(nested.name, f"{nested.name}_id")
        return self._gathered.rows[nested.table].get(row[column])

    def _named(self, row: Row) -> Document:
        return {name: as_json(Kind.TEXT, row[name]) for name in ("id", "name", "status")}

    def _fields(self, table: str, row: Row) -> Document:
        """Return the fields of the standard, those that are required even if they are empty."""
        found = {}
        for field, column in columns_of(table):
            value = _value(field, column, row[column])
            if value or (value is not None and _is_said(field, value)):
                found[field.name] = value
        return found

    def _ours(self, table: str, row: Row) -> Document:
        """Return the fields of our profile."""
        fields = EXTENSIONS.get(table, ())
        found = {field.name: as_json(field.kind, row[field.name]) for field in fields}
        if table == "phone" and as_json(Kind.NUMBER, row["extension"]) is None:
            found["extension"] = row["extension"]
        if verified := self._gathered.verified.get(row["id"]):
            found["verified"] = [dict(_verified(each)) for each in verified]
        return {name: value for name, value in found.items() if value not in (None, "", False)}


def _value(field: Field, column: str, value: Any) -> Any:
    if value is not None and column == "amount_cents":
        return amount(value)
    return as_json(field.kind, value)


def _is_said(field: Field, value: Any) -> bool:
    """Say whether an empty value is worth saying: a number that is 0, or what is required."""
    return value != "" or field.needed is Needed.EVERYWHERE


def _required(table: str) -> Iterator[str]:
    for field in HSDS_TABLES[table].fields:
        if field.needed is Needed.EVERYWHERE:
            yield field.name
    for nested in HSDS_TABLES[table].nested:
        if nested.needed:
            yield nested.name


def _verified(row: Row) -> Iterator[tuple[str, str]]:
    yield "field", str(row["field"])
    yield "method", str(row["method"])
    yield "verified_at", instant(row["verified_at"])
    if row["said_by"]:
        yield "said_by", row["said_by"]
