"""Which services an import touched: their search rows are made anew, and they get a date."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.batches import batches
from directory.models import TABLES
from directory.term_closure import find_tagged_services

#: The tables whose records are found from what refers to them, and the column that does.
_OWNERS: Final[Mapping[str, str]] = {
    f"{table}_id": table
    for table in ("organization", "location", "service_at_location", "contact", "phone", "unit")
}
#: What describes nothing else: such a record is touched itself, not what it belongs to.
_MAIN: Final = frozenset(
    {"organization", "location", "service", "contact", "phone", "taxonomy", "taxonomy_term", "unit"}
)
#: What belongs to records of several tables, and which of those lead to services.
_DETAILS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("service", "service_at_location", "location", "organization", "contact"),
    "contact": ("service", "service_at_location", "location", "organization"),
}
#: Whose services without a place go by another clock, perhaps: that of the agency's places.
_CLOCK_OF: Final = "agency of places"


class Touched:
    """The records that an import added, changed or removed, by what they belong to."""

    def __init__(self) -> None:
        self._ids: dict[str, set[UUID]] = {}

    def see(self, table: str, identifier: UUID, values: Mapping[str, Any]) -> None:
        """Note a record; ``values`` has at least the columns that say what it belongs to."""
        if table in _MAIN:
            self._add(table, identifier)
        if table == "location" and values["organization_id"] is not None:
            self._add(_CLOCK_OF, values["organization_id"])
        if table == "attribute":
            self._add(values["link_entity"], values["link_id"])
        elif table == "service_at_location":
            self._add("service", values["service_id"])
        elif table not in {"service", "location", "program", "metadata"}:
            for name in ("service_id", *_OWNERS):
                if values.get(name) is not None:
                    self._add(_OWNERS.get(name, "service"), values[name])

    def __bool__(self) -> bool:
        return bool(self._ids)

    def services(self, session: Session) -> set[UUID]:
        """Return the services that look different, or may: in the database as it is now."""
        for table in ("phone", "contact"):
            for row in _rows(session, table, "id", self._of(table)):
                for owner in _DETAILS[table]:
                    if row[f"{owner}_id"] is not None:
                        self._add(owner, row[f"{owner}_id"])
        found = set(self._of("service"))
        for table, column, by in (
            ("service_at_location", "id", "service_at_location"),
            ("service_at_location", "location_id", "location"),
            ("service_capacity", "unit_id", "unit"),
        ):
            found |= {row["service_id"] for row in _rows(session, table, column, self._of(by))}
        agencies = _rows(session, "service", "organization_id", self._of("organization"))
        found |= {row["id"] for row in agencies}
        found |= _without_places(session, self._of(_CLOCK_OF))
        terms = _rows(session, "taxonomy_term", "taxonomy_id", self._of("taxonomy"))
        found |= _with_terms(session, self._of("taxonomy_term") | {row["id"] for row in terms})
        return found

    def _add(self, table: str, identifier: UUID) -> None:
        self._ids.setdefault(table, set()).add(identifier)

    def _of(self, table: str) -> set[UUID]:
        return self._ids.get(table, set())


def _rows(
    session: Session, name: str, column: str, identifiers: Iterable[UUID]
) -> Iterator[Mapping[str, Any]]:
    """Yield the references of the records whose column has one of some identifiers."""
    table = TABLES[name]
    columns = [each for each in table.columns if each.name.endswith("id")]
    for batch in batches(identifiers):
        yield from find_rows(session, sa.select(*columns).where(table.c[column].in_(batch)))


def _without_places(session: Session, agencies: set[UUID]) -> set[UUID]:
    """Return the services of some agencies that have no place."""
    services, pairs = TABLES["service"], TABLES["service_at_location"]
    found: set[UUID] = set()
    for batch in batches(agencies):
        nowhere = sa.select(services.c.id).where(
            services.c.organization_id.in_(batch),
            ~sa.exists().where(pairs.c.service_id == services.c.id),
        )
        found |= {row["id"] for row in find_rows(session, nowhere)}
    return found


def _with_terms(session: Session, terms: set[UUID]) -> set[UUID]:
    """Return the services of which some terms are said, or any that imply them."""
    tagged = (find_tagged_services(session, batch) for batch in batches(terms))
    return set().union(*tagged)
