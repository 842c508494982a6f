"""Prices that begin or end to count."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.records.ownership import lock_services
from directory.index import BATCH, refresh_services
from directory.offers import entries


def refresh_prices(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Make anew the search rows in which a price has begun or ended to count.

    Returns how many services there were. Until it runs, a search goes by the price before.
    """
    changed = sa.select(entries.c.service_id).where(entries.c.prices_until <= now).distinct()
    found = set(session.connection().execute(changed.limit(limit)).scalars())
    lock_services(session, found)
    refresh_services(session, found, now=now)
    return len(found)
