"""Services that no everyday need is said of, and the needs that their words suggest."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.models.services import LISTED
from directory.need_suggestions import Suggestion, suggest_needs
from directory.needs import NEEDS_BY_CODE
from directory.offers import entries, services

_BATCH = 1_000


class ServiceSuggestion(NamedTuple):
    """A suggestion for a service."""

    service_id: UUID
    service_name: str
    suggestion: Suggestion


def find_need_suggestions(
    session: Session, *, source: str | None = None, at_least: int = 0, need: str | None = None
) -> Iterator[ServiceSuggestion]:
    """Yield suggestions for the listed services without a need, by their names.

    ``source`` is the directory they came from, None for all; ``at_least`` how sure in percent.
    """
    after: tuple[str, UUID] | None = None
    while rows := find_rows(session, _services(source, after)):
        needless = {row["id"] for row in rows} - _with_needs(session, [row["id"] for row in rows])
        for row in rows:
            if row["id"] in needless:
                for each in suggest_needs(row["name"], row["description"]):
                    if each.sure >= at_least and need in (None, each.need):
                        yield ServiceSuggestion(row["id"], row["name"], each)
        after = rows[-1]["name"], rows[-1]["id"]


def _services(
    source: str | None, after: tuple[str, UUID] | None
) -> sa.Select[tuple[UUID, str, str]]:
    order = services.c.name, services.c.id
    selected = sa.select(services.c.id, services.c.name, services.c.description).where(
        services.c.status.in_(LISTED)
    )
    if source is not None:
        selected = selected.where(services.c.source == source)
    if after is not None:
        seen = sa.literal(after[0]), sa.literal(after[1], services.c.id.type)
        selected = selected.where(sa.tuple_(*order) > sa.tuple_(*seen))
    return selected.order_by(*order).limit(_BATCH)


def _with_needs(session: Session, ids: list[UUID]) -> set[UUID]:
    """Return those that a search by some everyday need finds."""
    found = find_rows(
        session,
        sa.select(entries.c.service_id, entries.c.needs).where(entries.c.service_id.in_(ids)),
    )
    return {
        row["service_id"]
        for row in found
        if not NEEDS_BY_CODE.keys().isdisjoint(row["needs"].split())
    }
