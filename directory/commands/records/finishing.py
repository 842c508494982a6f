"""Ending a change: versions rise, hidden places stay hidden, searches see it."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.history import Change, record
from directory.commands.records.hiding import keep_hidden
from directory.commands.records.ownership import lock_services
from directory.database import find_row
from directory.index import refresh_services
from directory.models import TABLES
from directory.offers import at_locations, services


def finish_change(session: Session, change: Change) -> None:
    """End a change. Whoever writes with ``directory.commands.history`` calls this at the end."""
    for table, record_id in sorted(change.touched, key=str):
        if table == "location":
            keep_hidden(session, change, record_id)
    affected = change.services | _services_of(session, change)
    lock_services(session, affected)
    for table, record_id in change.touched:
        _raise_version(session, change, table, record_id)
    modified = sa.update(services).where(services.c.id.in_(affected))
    session.connection().execute(modified.values(last_modified=change.now))
    refresh_services(session, affected, now=change.now)


def _raise_version(session: Session, change: Change, table: str, record_id: UUID) -> None:
    """Raise the version of a root, but for one that this change has made."""
    rows = TABLES[table]
    row = find_row(session, sa.select(rows).where(rows.c.id == record_id))
    if row is None or (table, record_id) in change.made:
        return
    risen = {**row, "version": row["version"] + 1}
    raised = sa.update(rows).where(rows.c.id == record_id).values(version=risen["version"])
    session.connection().execute(raised)
    record(session, change, table, row, risen)


def _services_of(session: Session, change: Change) -> set[UUID]:
    """Return the services whose search rows say something of what was touched."""
    by_table: dict[str, set[UUID]] = {}
    for table, record_id in change.touched:
        by_table.setdefault(table, set()).add(record_id)
    places = by_table.get("location", set())
    here = sa.select(at_locations.c.service_id).where(
        at_locations.c.location_id.in_(places)
        | at_locations.c.id.in_(by_table.get("service_at_location", set()))
    )
    agencies = by_table.get("organization", set()) | change.agencies
    found = session.connection().execute(
        sa.select(services.c.id).where(
            services.c.id.in_(by_table.get("service", set()))
            | services.c.id.in_(here)
            | services.c.organization_id.in_(agencies)
        )
    )
    return set(found.scalars())
