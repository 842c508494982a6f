"""Adding up how searches ended."""

from collections.abc import Mapping

from sqlmodel import Session

from directory.database import insert_into
from directory.models import TABLES
from directory.unmet_need import Kind

counts = TABLES["search_count"]


def add_counts(session: Session, searches: Mapping[Kind, int]) -> None:
    """Add searches to what was counted before; in one order, so that no two writers deadlock."""
    rows = [{**kind._asdict(), "searches": searches[kind]} for kind in sorted(searches)]
    if not rows:
        return
    new = insert_into(session, counts)
    added = new.on_conflict_do_update(
        index_elements=[*counts.primary_key.columns],
        set_={"searches": counts.c.searches + new.excluded.searches},
    )
    session.connection().execute(added, rows)
