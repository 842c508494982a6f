"""No client is in two places at once (invariant I11).

Within one agency that books: what a client does elsewhere is not its business. A trigger of the
database refuses the same, whatever wrote the row.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import lock_name
from directory.quick import QuickStatement
from scheduling.errors import ClientBusyError
from scheduling.queries.appointments import appointments, client_has

# Built once: that costs more than running them.
_OVERLAPPING = QuickStatement(
    client_has(*map(sa.bindparam, ("organization_id", "client_handle", "starts_at", "ends_at")))
    .where(appointments.c.id != sa.bindparam("but"))
    .limit(1)
)


def refuse_busy_client(
    session: Session,
    organization_id: UUID | None,
    client_handle: str | None,
    *,
    starts_at: datetime,
    ends_at: datetime,
    but: UUID,
) -> None:
    """Refuse a time at which the agency's client has another appointment than ``but``.

    One may begin at the moment another ends. Who books the same client at the same moment waits
    here until this transaction ends; slots are locked before. The public has no handle.
    """
    if organization_id is None or client_handle is None:
        return
    lock_name(session, "client", organization_id, client_handle)
    found = _OVERLAPPING.row(
        session,
        {
            "organization_id": organization_id,
            "client_handle": client_handle,
            "but": but,
            "starts_at": starts_at,
            "ends_at": ends_at,
        },
    )
    if found is not None:
        raise ClientBusyError
