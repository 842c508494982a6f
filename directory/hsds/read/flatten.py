"""From nested JSON objects to the rows of tables, each with its parents' ids filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec

from directory.hsds.dialects import columns_of, table_of
from directory.hsds.profile import PREFIX
from directory.hsds.read.json_records import Object, text_of_number
from directory.hsds.read.kinds import standard_name
from directory.hsds.read.rows import Limits, Note, say_nothing_was_read, says_nothing
from directory.hsds.read.spool import NESTED, OWN, STUB, Found, Spool
from directory.hsds.standard import HSDS_TABLES, Nested

#: What the endpoints nest beyond the schemas of the single objects, and Ohana in its locations.
_ALSO_NESTED: Final = {
    ("organization", "services"): Nested("services", "service", many=True, needed=False),
    ("location", "services"): Nested("services", "service", many=True, needed=False),
    ("service", "locations"): Nested("locations", "location", many=True, needed=False),
    ("service_at_location", "service"): Nested("service", "service", many=False, needed=False),
}
#: Ohana's JSON has ``services_attributes`` where others have ``services``.
_OHANA_ENDING: Final = "_attributes"
#: Others refer to these by their id: one without gets one that its content makes.
_NAMED: Final = frozenset(
    {"organization", "program", "service", "location", "taxonomy", "taxonomy_term", "unit"}
)
_encoder: Final = msgspec.json.Encoder()


class Origin(NamedTuple):
    """Where a record stands: its file, and the how many-th it is there."""

    file: str
    number: int


@dataclass(slots=True)
class _Parts:
    """An object taken apart: its own cells, and what is nested in it."""

    cells: dict[str, str] = field(default_factory=dict)
    one: list[tuple[Nested, Object]] = field(default_factory=list)
    many: list[tuple[Nested, Mapping[str, str], Object]] = field(default_factory=list)


class Flattener:
    """Takes records apart into a spool."""

    def __init__(self, spool: Spool, limits: Limits, note: Note) -> None:
        self._spool = spool
        self._limits = limits
        self._note = note

    def take(self, table: str, record: Object, origin: Origin) -> None:
        """Keep a record and everything nested in it."""
        self._take(table, record, origin, {}, OWN)

    def _take(
        self, table: str, record: Object, origin: Origin, owned: Mapping[str, str], rank: int
    ) -> str:
        """Keep an object; return the id by which others can refer to it.

        ``owned`` are the cells that its place in the nesting gives it.
        """
        parts = self._parts(table, record, origin)
        for nested, inner in parts.one:
            self._take_one(table, parts, nested, inner, origin)
        cells = {**parts.cells, **owned}
        if rank == NESTED and set(parts.cells) <= {"id"} and not parts.many:
            rank = STUB
        cells["id"] = cells.get("id", "").strip()
        if not cells["id"] and (table in _NAMED or parts.many):
            self._name(table, cells, origin)
        identifier = self._put(table, cells, origin, frozenset(owned), rank)
        for nested, implied, inner in parts.many:
            self._take_many(table, identifier, (nested, implied, inner), origin)
        return identifier

    def _parts(self, table: str, record: Object, origin: Origin) -> _Parts:
        parts = _Parts()
        for key, value in record.items():
            if value is None:
                continue
            if key == PREFIX and isinstance(value, dict):
                parts.cells |= {f"{PREFIX}_{name}": text_of(each) for name, each in value.items()}
                continue
            inner = _objects(value)
            found = _nested(table, key) if inner else None
            if found is None:
                parts.cells[key] = text_of(value)
                continue
            nested, implied = found
            if nested.many:
                parts.many += [(nested, implied, each) for each in inner]
            else:
                parts.one.append((nested, inner[0]))
            if isinstance(value, list) and len(inner) < len(value):
                self._note(origin.file, "has values that are no records: not read")
        return parts

    def _take_one(
        self, table: str, parts: _Parts, nested: Nested, inner: Object, origin: Origin
    ) -> None:
        """Keep what an object refers to and has inside it, and fill in the reference."""
        column = _reference(table, nested.table)
        owned: dict[str, str] = {}
        organization = parts.cells.get("organization_id")
        if nested.table == "program" and organization and not inner.get("organization_id"):
            owned["organization_id"] = organization
        rank = STUB if set(inner) <= {"id"} else NESTED
        identifier = self._take(nested.table, inner, origin, owned, rank)
        if identifier:
            parts.cells[column] = identifier

    def _take_many(
        self,
        table: str,
        identifier: str,
        each: tuple[Nested, Mapping[str, str], Object],
        origin: Origin,
    ) -> None:
        nested, implied, inner = each
        if (table, nested.table) == ("service", "location"):
            place = self._take(nested.table, inner, origin, implied, NESTED)
            pair = {"service_id": identifier, "location_id": place}
            self._put("service_at_location", pair, origin, frozenset(pair), NESTED)
            return
        owned = {**implied, **_owner(table, identifier, nested.table)}
        self._take(nested.table, inner, origin, owned, NESTED)

    def _name(self, table: str, cells: dict[str, str], origin: Origin) -> None:
        """Give an object without an id one that its content makes, since others need it."""
        pair = ("service_id", "location_id")
        known = {name: cells.get(name, "") for name in pair}
        content = known if table == "service_at_location" and all(known.values()) else cells
        digest = sha256(_encoder.encode(dict(sorted(content.items())))).hexdigest()
        cells["id"] = f"made-{digest[:24]}"
        self._note(origin.file, f"{table} records without an id: known by what they say")

    def _put(
        self, table: str, cells: dict[str, str], origin: Origin, owned: frozenset[str], rank: int
    ) -> str:
        table = "term" if table == "taxonomy_term" else table
        names = _columns(table, tuple(cells))
        present = dict(zip(names, cells.values(), strict=True))
        for name, cell in present.items():
            if not self._limits.as_it_stands and says_nothing(name, cell):
                present[name] = ""
                say_nothing_was_read(self._note, origin.file)
        problem = self._problem(present)
        if problem:
            present = {name: present.get(name, "") for name in ("id",) if present.get(name)}
        return self._spool.put(Found(table, *origin, present, rank, owned, problem))

    def _problem(self, cells: Mapping[str, str]) -> str | None:
        if not any(cell.strip() for cell in cells.values()):
            return "the record is empty"
        return self._limits.problem_of(cells.items())


def text_of(value: Any) -> str:
    """Return a JSON value as the text that a CSV cell would have."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return text_of_number(value)
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return ", ".join(text_of(each) for each in value)
    return _encoder.encode(value).decode()


def _objects(value: Any) -> list[Object]:
    """Return the objects that a property has, as one or in a list."""
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


@lru_cache(maxsize=4096)
def _nested(table: str, key: str) -> tuple[Nested, Mapping[str, str]] | None:
    """Return what a property has inside it, in the standard or before it, and what that implies."""
    if (table, key) in _ALSO_NESTED:
        return _ALSO_NESTED[table, key], {}
    for nested in HSDS_TABLES[table].nested if table in HSDS_TABLES else ():
        if nested.name == key:
            return nested, {}
    known = table_of(key.removesuffix(_OHANA_ENDING), [])
    if known is None:
        return None
    return Nested(key, standard_name(known.table), many=True, needed=False), known.implied


def _reference(table: str, referred: str) -> str:
    """Return the column of a table that holds another's id."""
    for each in HSDS_TABLES[table].fields:
        if each.refers_to == referred:
            return each.name
    return f"{referred}_id"


def _owner(table: str, identifier: str, nested: str) -> dict[str, str]:
    """Return the cells by which a nested record says to what it belongs."""
    if nested == "attribute":
        return {"link_entity": table, "link_id": identifier}
    if nested == "metadata":
        return {"resource_type": table, "resource_id": identifier}
    return {f"{table}_id": identifier}


@lru_cache(maxsize=4096)
def _columns(table: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(columns_of(table, list(names)))
