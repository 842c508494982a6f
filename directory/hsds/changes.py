"""What an import changed, field by field, for the history of each record (HSDS ``metadata``).

Where a place is that is not public goes in here never, and goes out of here when the place is
closed.
"""

import enum
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.hsds.batches import BATCH, batches
from directory.hsds.guard import HeldBack, without_streets
from directory.hsds.records import Record, Translation
from directory.models import TABLES
from directory.models.history import ActionType
from directory.models.services import ServiceStatus

#: The way in which these changes came (``Metadata.origin``).
ORIGIN: Final = "import"
#: The field that says whether the source has a record: its name, or "" where it has it no more.
_SOURCE: Final = "source"
#: What tells of a place that is not public nothing that may not be known.
_HARMLESS: Final = ("address_visibility", _SOURCE, "id", "version")
#: What has no history of its own: reports and changes are added, attributes come and go whole.
_WITHOUT: Final = frozenset({"metadata", "service_capacity", "meta_table_description", "attribute"})
_LONGEST_AUTHOR: Final = 200

_metadata: Final = TABLES["metadata"]


def find_absent(session: Session, identifiers: Sequence[UUID]) -> set[UUID]:
    """Return the records that their source has no more, by what we noted when it was so.

    ``identifiers`` are no more than go into one statement.
    """
    found = find_rows(
        session,
        sa.select(_metadata.c.resource_id, _metadata.c.replacement_value).where(
            _metadata.c.resource_id.in_(identifiers),
            _metadata.c.field_name == _SOURCE,
            _metadata.c.origin == ORIGIN,
        ),
    )
    times_gone: Counter[UUID] = Counter()
    for row in found:
        times_gone[row["resource_id"]] += -1 if row["replacement_value"] else 1
    return {identifier for identifier, times in times_gone.items() if times > 0}


@dataclass(slots=True)
class Changes:
    """Changes of one run, written a batch at a time."""

    session: Session
    translation: Translation
    held: HeldBack
    now: datetime
    change_id: UUID = field(default_factory=uuid4)
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def changed(self, record: Record, before: Mapping[str, Any]) -> None:
        """Note each field of a record that says something else now."""
        if record.table in _WITHOUT:
            return
        only = None
        if self.held.hides(record.id, record.values) or self.held.hides(record.id, before):
            only = {"address_visibility"}
        streets = self.held.streets_about(record.id, record.values)
        for name, value in record.values.items():
            is_dated_by_us = name == "last_modified" and value is None
            if before[name] != value and not is_dated_by_us and (only is None or name in only):
                said = {"previous": _in_words(before[name]), "now": _in_words(value)}
                said = without_streets(said, streets) if streets else said
                self._add(record, ActionType.UPDATE, name, said["previous"], said["now"])

    def gone(self, table: str, identifier: UUID, organization_id: UUID | None) -> None:
        """Note that the source has a record no more, which stays."""
        row = self._row(table, identifier, organization_id)
        self._keep(row, ActionType.DELETE, _SOURCE, self.translation.source, "")

    def retired(self, identifier: UUID, status: enum.Enum, organization_id: UUID | None) -> None:
        """Note that a service became defunct, because the source has it no more."""
        row = self._row("service", identifier, organization_id)
        said = _in_words(status), ServiceStatus.DEFUNCT.value
        self._keep(row, ActionType.UPDATE, "status", *said)

    def back(self, table: str, identifier: UUID) -> None:
        """Note that the source has a record again."""
        row = self._row(table, identifier, None)
        self._keep(row, ActionType.UPDATE, _SOURCE, "", self.translation.source)

    def write(self) -> None:
        """Write what waits."""
        for batch in batches(self.waiting):
            self.session.connection().execute(sa.insert(_metadata), batch)
        self.waiting.clear()

    def _add(self, record: Record, action: ActionType, name: str, previous: str, now: str) -> None:
        organization = _organization_of(self.translation, record)
        self._keep(self._row(record.table, record.id, organization), action, name, previous, now)

    def _row(self, table: str, identifier: UUID, organization_id: UUID | None) -> dict[str, Any]:
        return {
            "id": uuid4(),
            "version": 1,
            "resource_id": identifier,
            "resource_type": table,
            "last_action_at": self.now,
            "updated_by": self.translation.source[:_LONGEST_AUTHOR],
            "change_id": self.change_id,
            "origin": ORIGIN,
            "organization_id": organization_id,
        }

    def _keep(
        self, row: dict[str, Any], action: ActionType, name: str, previous: str, now: str
    ) -> None:
        said = {"field_name": name, "previous_value": previous, "replacement_value": now}
        self.waiting.append({**row, "last_action_type": action.value, **said})
        if len(self.waiting) >= BATCH:
            self.write()


def _organization_of(translation: Translation, record: Record) -> UUID | None:
    """Return whose record it is, as far as it says so itself, or its service or place does."""
    if record.table == "organization":
        return record.id
    found: UUID | None = record.values.get("organization_id")
    for owner in ("service", "location"):
        owner_id = record.values.get(f"{owner}_id")
        if found is None and owner_id is not None:
            of_owner = translation.get(owner, owner_id)
            found = of_owner.values["organization_id"] if of_owner else None
    return found


def _in_words(value: Any) -> str:
    """Return a value as a text; nothing is an empty one."""
    if value is None:
        return ""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool | dict):
        return msgspec.json.encode(value).decode()
    return str(value)


def forget_places(session: Session, held: HeldBack) -> None:
    """Take out of the history where the places are that are not public.

    Of the places and of their addresses the lines stay, since it must be known what people
    changed and removed, but their words go; other records lose the streets.
    """
    hidden = [UUID(bytes=each) for each in {*held.places, *held.addresses}]
    for batch in batches(hidden):
        session.connection().execute(
            sa.update(_metadata)
            .where(_metadata.c.resource_id.in_(batch), _metadata.c.field_name.not_in(_HARMLESS))
            .values(previous_value="", replacement_value="")
        )
    for batch in batches(UUID(bytes=each) for each in held.streets):
        _withhold(session, list(_with_streets(session, held, batch)))


def _with_streets(
    session: Session, held: HeldBack, identifiers: Sequence[UUID]
) -> Iterator[dict[str, Any]]:
    """Yield the changes of records that name a street, with the texts that they get instead."""
    columns = ("id", "resource_id", "previous_value", "replacement_value")
    found = find_rows(
        session,
        sa.select(*(_metadata.c[name] for name in columns)).where(
            _metadata.c.resource_id.in_(identifiers)
        ),
    )
    for row in found:
        texts = {name: row[name] for name in columns[2:]}
        cleaned = without_streets(texts, held.streets[row["resource_id"].bytes])
        if cleaned != texts:
            yield {"its_id": row["id"], **{f"new_{name}": text for name, text in cleaned.items()}}


def _withhold(session: Session, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = ("previous_value", "replacement_value")
        session.connection().execute(
            sa.update(_metadata)
            .where(_metadata.c.id == sa.bindparam("its_id"))
            .values({name: sa.bindparam(f"new_{name}") for name in names}),
            rows,
        )
