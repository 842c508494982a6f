"""Reading the rows that documents are made of: a batch of records and all that belongs to them.

About forty queries for a batch of any size, none for each record. What belongs to what follows
from the facts of the standard. What may not be known of places is left out here already
(``directory.hsds.documents.hiding``).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.batches import batches
from directory.hsds.documents.form import Form
from directory.hsds.documents.gathered import Gathered, owner_column
from directory.hsds.documents.hiding import Hiding
from directory.hsds.documents.newest import history_of, newest_capacities, newest_verifications
from directory.hsds.known import Known
from directory.hsds.standard import HSDS_TABLES
from directory.models import TABLES

#: What documents are of, or what they are part of, owners before what they own.
_ROOTS: Final = (
    *("organization", "program", "service", "location", "service_at_location"),
    *("taxonomy_term", "address"),
)

#: What belongs to other records by a column with their id, owners before what they own.
_CHILDREN: Final = (
    "program",
    "url",
    "funding",
    "organization_identifier",
    "required_document",
    "cost_option",
    "service_area",
    "accessibility",
    "address",
    "contact",
    "schedule",
    "phone",
    "language",
)


def gather(
    session: Session,
    table: str,
    ids: Collection[UUID],
    form: Form,
    now: datetime | None,
    source: str | None,
) -> Gathered:
    """Read records and what their documents need, as far as everybody may know it.

    Reports of openings that are over at ``now`` are left out.
    """
    session.flush()  # the rows below are read with Core, which does not flush by itself
    reader = _Reader(session, Known(now=now, source=source, few=True), table, form)
    reader.read_roots(ids)
    if form.nested:
        reader.read_what_belongs(now)
    reader.found.index()
    return reader.found


class _Reader:
    """Reads rows into ``found``."""

    def __init__(self, session: Session, known: Known, table: str, form: Form) -> None:
        self.found = Gathered()
        self._session = session
        self._known = known
        self._hiding = Hiding(session, known, self.found)
        self._table = table
        self._form = form

    def read_roots(self, ids: Collection[UUID]) -> None:
        """Read the records themselves, those that they name, and their places."""
        found, table, form = self.found, self._table, self._form
        self._read(table, "id", ids)
        if table == "service_at_location":
            self._read("service", "id", found.ids(table, "service_id"))
        if table == "organization" and form.nested:
            self._read("service", "organization_id", found.ids(table))
        self._read("organization", "id", found.ids("service", "organization_id"))
        self._read("program", "id", found.ids("service", "program_id"))
        if table != "service_at_location" and form.nested:
            self._read("service_at_location", "service_id", self._told_in_full("service"))
        self._read_places()
        for root in _ROOTS:
            self._hiding.apply(root)

    def _read_places(self) -> None:
        """Read the places that services are at, and those of organizations."""
        self._read("location", "id", self.found.ids("service_at_location", "location_id"))
        if self._form.nested:
            self._read("location", "organization_id", self.found.ids("organization"))

    def read_what_belongs(self, now: datetime | None) -> None:
        """Read all that belongs to the records."""
        for child in _CHILDREN:
            for owner in _owners_of(child):
                self._read(child, owner_column(owner, child), self._told_in_full(owner))
            self._hiding.apply(child)
        self._read_newest(now)
        self._read_attributes()
        self._read_all("metadata", history_of, self._told_of())

    def _told_in_full(self, table: str) -> set[UUID]:
        """Return the records with which is told what belongs to them."""
        if table == "service" and (self._table, self._form) == ("organization", Form.FULL):
            return set()
        return set(self.found.rows[table])

    def _read_newest(self, now: datetime | None) -> None:
        services = self._told_in_full("service")
        self._read_all("service_capacity", lambda ids: newest_capacities(ids, now), services)
        self._hiding.apply("service_capacity")
        self._read("unit", "id", self.found.ids("service_capacity", "unit_id"))
        for chunk in batches(sorted(services)):
            for row in find_rows(self._session, newest_verifications(chunk)):
                self.found.verified[row["service_at_location_id"] or row["service_id"]].append(row)

    def _read_attributes(self) -> None:
        self._read("attribute", "link_id", self._told_of())
        self._read("taxonomy_term", "id", self.found.ids("attribute", "taxonomy_term_id"))
        self._read("taxonomy", "id", self.found.ids("taxonomy_term", "taxonomy_id"))
        self._hiding.apply("taxonomy_term")
        self._hiding.apply("attribute")

    def _told_of(self) -> set[UUID]:
        """Return all records whose attributes and history are told."""
        told = (self._told_in_full(name) for name in list(self.found.rows))
        return set().union(*told) - self.found.quiet

    def _read(self, table: str, column: str, ids: Collection[UUID]) -> None:
        """Read the rows that have one of these ids in a column, but no merged ones."""
        source = TABLES[table]
        selected = sa.select(source)
        if "merged_into_id" in source.columns:
            selected = selected.where(source.c.merged_into_id.is_(None))
        selected = selected.where(*self._known.of_source(table, source))
        self._read_all(table, lambda chunk: selected.where(source.c[column].in_(chunk)), ids)

    def _read_all(self, table: str, select: Any, ids: Collection[UUID]) -> None:
        for chunk in batches(sorted(ids)):
            self.found.add(table, find_rows(self._session, select(chunk)))


def _owners_of(child: str) -> list[str]:
    """Return the tables whose records have many of these inside them."""
    return [
        table.name
        for table in HSDS_TABLES.values()
        if any(nested.table == child and nested.many for nested in table.nested)
    ]
